//! Files that editors, backups and developers leave behind.

use super::super::{End, Group, Start};

#[rustfmt::skip] // One text per line would hide the groups.
pub(super) const GROUPS: &[Group] = &[
    Group {
        start: Start::Within,
        end: End::Name,
        texts: &[
            ".bak", ".bak1", ".bak2", ".sqlite", ".sqlite3", ".sqlitedb",
        ],
    },
    Group {
        start: Start::Within,
        end: End::Segment,
        texts: &[
            ".dll", ".bck", ".bkp", ".old", ".orig", ".swp", ".swo", ".swn", "~", ".sql", ".sql.gz", ".sql.zip",
            ".sql.bz2", ".sql.tar.gz", ".sql.7z", ".sql.rar", ".mdb", ".accdb", ".dump", ".dmp", ".rdb", ".frm", ".ibd",
            ".mdf", ".bacpac", ".pgdump", ".log.1", ".cfg.bak", ".php_bak", ".phps", ".php-old", ".php_old",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Archive,
        texts: &[
            "/backup", "/backups", "/bak", "/back", "/site", "/website", "/web", "/www", "/wwwroot", "/www-data",
            "/htdocs", "/html", "/public", "/public_html", "/httpdocs", "/webroot", "/home", "/root", "/db",
            "/database", "/dumps", "/mysql", "/mysqldump", "/db_backup", "/dbdump", "/dbbackup", "/backup_db",
            "/sitebackup", "/site-backup", "/full-backup", "/full_backup", "/fullbackup", "/wp", "/wordpress",
            "/joomla", "/drupal", "/magento", "/laravel", "/src", "/source", "/sourcecode", "/code", "/app",
            "/application", "/admin", "/old", "/test", "/temp", "/tmp", "/archive", "/files", "/uploads", "/ftp",
            "/localhost", "/dist", "/build", "/deploy", "/project", "/shop", "/store", "/blog", "/forum", "/crm",
            "/erp", "/users", "/1", "/123", "/prod", "/production", "/staging", "/dev", "/config", "/conf", "/logs",
            "/log", "/git", "/env", "/secrets", "/keys", "/backup/backup", "/backup/db", "/backup/site",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Segment,
        texts: &[
            "/backup.log", "/access.log", "/error.log", "/error_log", "/access_log", "/debug.log", "/npm-debug.log",
            "/yarn-error.log", "/laravel.log", "/storage/logs/laravel.log", "/storage/logs", "/logs/access.log",
            "/logs/error.log", "/logs/debug.log", "/log/production.log", "/log/development.log", "/app.log",
            "/application.log", "/server.log", "/install.log", "/php_errors.log", "/php_error.log", "/errors.log",
            "/var/log", "/var/log/nginx/access.log", "/wp-content/debug.log", "/thumbs.db", "/desktop.ini", "/test.txt",
            "/dump.rdb", "/db.json", "/database.json", "/data.mdb", "/phpinfo", "/info.txt", "/install.txt",
            "/changelog.txt", "/upgrade.txt",
        ],
    },
];
