//! Files that attackers ask for because they are everywhere.

use super::{Carriers, Category, Rule, Severity};
use crate::payload::field::Carrier;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "lfi-system-file",
        category: Category::Lfi,
        severity: Severity::Critical,
        carriers: Carriers::ALL,
        any: &[
            "etc/passwd", "etc\\passwd", "etc/shadow", "etc\\shadow", "etc/master.passwd", "etc/security/passwd", "etc/sudoers",
            "proc/self/environ", "proc/self/cmdline", "proc/self/fd/", "proc/version", "proc/net/tcp",
            "boot.ini", "~win.ini", "~system.ini", "..2f..2f", "..5c..5c", "..%5c", "..%2f", "0x2e0x2e", "windows/win.ini", "windows\\win.ini", "windows/system32", "windows\\system32", "winnt/system32", "winnt\\system32",
            "etc/issue~", "system32/config/sam", "system32\\config\\sam", "repair/sam", "repair\\sam", "\\repair\\system",
        ],
        with: &[],
        hits: &["../../etc/passwd", "/etc/shadow", "C:\\boot.ini", "..\\..\\windows\\win.ini", "file:///etc/issue"],
        misses: &["passwd", "the etc directory", "sketch/password", "boot.initial", "etc/issues"],
    },
    Rule {
        id: "lfi-application-file",
        category: Category::Lfi,
        severity: Severity::Critical,
        carriers: Carriers::ALL,
        any: &[
            "web-inf/", "web-inf\\", "meta-inf/", "/.git/config", "/.git/head", "/.svn/entries", "/.ssh/id_", ".ssh/authorized_keys", "/.aws/credentials",
            "wp-config.php", "/.htpasswd", "/.bash_history", "/.docker/config.json", "/.kube/config", "/.npmrc", "/.netrc",
        ],
        with: &[],
        hits: &["../WEB-INF/web.xml", "/.git/config", "/home/x/.ssh/id_rsa", "../wp-config.php.bak"],
        misses: &["/docs/git/config", "winf/", "/ssh/idea", "/wp-content/config.php"],
    },
    Rule {
        id: "lfi-configuration-file",
        category: Category::Lfi,
        severity: Severity::Critical,
        carriers: Carriers::NO_HEADERS.without(Carrier::FileName).without(Carrier::FileContent),
        any: &[
            "/php.ini", "\\php.ini", "/httpd.conf", "\\httpd.conf", "/my.cnf", "\\my.ini", "/access_log", "/error_log", "/access.log", "\\access.log",
            "/error.log", "\\error.log", "/apache2.conf", "/nginx.conf", "/proftpd.conf", "/pure-ftpd", "/sshd_config", "/lighttpd.conf", "/vsftpd.conf", "/tomcat-users.xml",
            "/php5.ini", "/php4.ini", "/httpd-vhosts.conf", "/lfm.php", "/vhosts.conf", "/logs/pure-ftpd.log", "/cron.log", "/auth.log", "/xferlog",
            "/mysql.err", "\\mysql.err", "/mysqld.log", "\\mysql.log", "/mysql-bin.log", "\\mysql-bin.log", "/config/sam", "/global.asa", "filezilla server.xml", "/ultravnc.ini",
        ],
        with: &[],
        hits: &["/usr/local/php4/httpd.conf", "/usr/local/apache/logs/error.log", "C:\\apache\\logs\\access.log"],
        misses: &["php.ini tuning", "/blog/my-cnf", "/error-log", "httpd.conf explained"],
    },
];
