//! Content managers, shops, database front ends and other products that scanners look for by name.

use super::super::{End, Group, Start};

#[rustfmt::skip] // One text per line would hide the groups.
pub(super) const GROUPS: &[Group] = &[
    Group {
        start: Start::Root,
        end: End::Anywhere,
        texts: &[
            "/wp-", "/cpsess", "/components/com_", "/phpmyadmin", "/php-my", "/php_my", "/phpmy",
        ],
    },
    Group {
        start: Start::Segment,
        end: End::Word,
        texts: &[
            "/wp-admin", "/wp-login", "/wp-content", "/wp-includes", "/wp-json", "/wp-config", "/wp-cron",
            "/wp-trackback", "/wp-signup", "/wp-mail", "/wp-links-opml", "/wp-load", "/wp-settings", "/wp-activate",
            "/wp-comments-post", "/wp-blog-header", "/wlwmanifest.xml",
        ],
    },
    Group {
        start: Start::Segment,
        end: End::Name,
        texts: &[
            "/xmlrpc", "/eval-stdin", "/tinyfilemanager",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Name,
        texts: &[
            "/adminer", "/cfide", "/servlet/~ic", "/reportserver", "/tarantella", "/api/jsonws/invoke", "/cacti/graph", "/cacti/remote_agent", "/guacamole/api", "/pma", "/pma2", "/myadmin",
            "/mysqladmin", "/mysql-admin", "/mysqlmanager", "/mysql/admin", "/mysql/dbadmin", "/sqladmin",
            "/sqlmanager", "/websql", "/dbadmin", "/db/dbadmin", "/db/webadmin", "/db/phpmyadmin", "/admin/phpmyadmin",
            "/admin/pma", "/admin/mysql", "/admin/sqladmin", "/tools/phpmyadmin", "/_phpmyadmin", "/xampp",
            "/xampp/phpmyadmin", "/wordpress", "/wp1", "/wp2", "/joomla", "/drupal", "/magento", "/magento_version",
            "/typo3", "/typo3conf", "/typo3temp", "/concrete5", "/umbraco", "/sitecore", "/sitefinity", "/kentico",
            "/dotnetnuke", "/desktopmodules", "/bitrix", "/bitrix/admin", "/modx", "/prestashop", "/opencart",
            "/oscommerce", "/zencart", "/vbulletin", "/phpbb", "/phpbb3", "/smf", "/mybb", "/moodle/admin",
            "/mediawiki/api", "/dokuwiki", "/tikiwiki", "/twiki", "/sugarcrm", "/vtigercrm", "/suitecrm", "/dolibarr",
            "/glpi", "/ofbiz", "/webtools/control", "/otrs", "/mantisbt", "/bugzilla", "/sites/default/files",
            "/sites/default/settings", "/sites/all/modules", "/core/changelog.txt", "/administrator/index",
            "/administrator/components", "/administrator/manifests", "/downloader/index", "/app/etc", "/var/export",
            "/skin/adminhtml", "/vendor/phpunit", "/phpunit", "/lib/phpunit", "/vendor/autoload", "/vendor/composer",
            "/vendor/laravel", "/laravel-filemanager", "/laravel/.env", "/elfinder", "/kcfinder", "/ckfinder",
            "/ckeditor/filemanager", "/fckeditor", "/fckeditor/editor", "/tinymce/filemanager", "/jquery-file-upload",
            "/uploadify", "/plupload", "/nette.micro", "/public/_ignition", "/thinkphp", "/public/index", "/jeecg-boot",
            "/seeyon", "/seeyon/thirdparty", "/weaver", "/ueditor/net", "/ueditor/controller", "/jira/secure",
            "/secure/contactadministrators", "/rest/api/latest/serverinfo", "/plugins/servlet", "/servlet/bsh",
            "/servlet/snoop", "/servlets-examples", "/servlet/taskproc", "/examples/servlets", "/examples/jsp",
            "/aspnet_client", "/mifs", "/adfs/ls", "/businessobjects", "/irj/portal", "/sap/bc", "/sap/public",
            "/webdynpro", "/nqsservlet", "/xmlpserver", "/oa_html", "/em/console", "/psp/ps", "/pls/apex",
            "/hue/accounts/login", "/zeppelin/api", "/airflow/login", "/superset/welcome", "/whmcs", "/webmin",
            "/virtualmin", "/whm", "/ispconfig", "/vesta", "/froxlor", "/ajenti",
        ],
    },
];
