//! The rules for paths.

use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};

pub(super) static TRAVERSAL: Rule = Rule::recognised(
    "lfi-traversal",
    Category::Lfi,
    Severity::Critical,
    &[
        "../../x",
        "..\\..\\x",
        "%2e%2e/%2e%2e/",
        "....//....//x",
        "://.../://.../://.../x",
        "/uploads/....//test.txt",
        "..;/..;/x",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/",
    ],
    &["wait... what/why", "1../2", "and so on.../or not"],
);
pub(super) static CLIMB: Rule = Rule::recognised(
    "lfi-parent",
    Category::Lfi,
    Severity::Medium,
    &["x/../y", "see ../y and so on"],
    &[
        "a..b",
        "...",
        "see x/a/../y and so on",
        "https://.../a.html",
    ],
);
pub(super) static SYSTEM: Rule = Rule::recognised(
    "lfi-system-path",
    Category::Lfi,
    Severity::Critical,
    &[
        "/etc/hosts",
        "/proc/self/environ",
        "/var/log/apache2/access.log",
        "c:\\windows\\win.ini",
        "C:/boot.ini",
        "//etc/shadow",
        "/home/jane/.bashrc",
        "/home/jane/id_rsa",
        "/home/jane/backup.sql.gz",
        "/dev/null",
        "/sys/class/net/eth0/address",
        "/logs/access.log.1",
        "/private/etc/passwd",
        "/windows/system32",
        "/opt/tomcat6/conf/server.xml",
    ],
    &[
        "/home/settings",
        "/home/.well-known/x",
        "/dev/nullify",
        "/sys/class-list",
        "/logs/today",
        "/private/messages",
        "/apache/spark",
        "/etcetera",
        "/process/1",
        "/var",
        "c: drive",
        "/usr",
        "/products/etc/hosts",
        "C:/1000041/1000049/",
        "C:\\fakepath\\photo.jpg",
        "C:\\Users\\jane\\Documents\\report.docx",
    ],
)
.only(
    Carriers::VALUES
        .without(Carrier::JsonValue)
        .without(Carrier::XmlText)
        .without(Carrier::Text),
);
pub(super) static NESTED: Rule = Rule::recognised(
    "lfi-system-path-nested",
    Category::Lfi,
    Severity::High,
    &["/etc/hosts", "see: /var/log/syslog"],
    &[
        "/fetch/hosts",
        "/blog/proc",
        "etc/",
        "open <code>/etc/hosts</code> in an editor",
    ],
)
.only(Carriers::NO_HEADERS);
pub(super) static JOINED: Rule = Rule::recognised(
    "lfi-joined-path",
    Category::Lfi,
    Severity::Critical,
    &["%c0%aeetc%c1%pcpasswd", "etc%5cpasswd"],
    &[
        "etcpasswd",
        "etc/etcpasswd",
        "sketch-issue",
        "etc. the passwd",
    ],
);
pub(super) static SELF: Rule = Rule::recognised(
    "lfi-dot-segments",
    Category::Lfi,
    Severity::High,
    &["/./././x", "x/./././y"],
    &["./x", "a/./b"],
)
.only(Carriers::NO_HEADERS);
pub(super) static SERVED_DIR: Rule = Rule::recognised(
    "lfi-system-directory",
    Category::Lfi,
    Severity::Critical,
    &[
        "/view/etc/resolv.conf",
        "/image/usr/local/etc/php.ini",
        "/files/var/log/messages",
        "/download/proc/version",
    ],
    &["/etc", "/fetch/x", "/blog/var/x", "/a/etcetera/b"],
)
.only(Carriers::PATH);
pub(super) static ALIAS: Rule = Rule::recognised(
    "lfi-alias",
    Category::Lfi,
    Severity::Critical,
    &["/static../.git/config", "/backup/log../messages"],
    &[
        "/a/../b",
        "/wiki/Wait.../x",
        "/static..",
        "/static../",
        "/files/Acme%20Inc../contract.pdf",
    ],
)
.only(Carriers::PATH);
pub(super) static NUL: Rule = Rule::recognised(
    "lfi-nul",
    Category::Lfi,
    Severity::High,
    &["x/%00", "a.php%00"],
    &["100%", "x%20y"],
)
.only(
    Carriers::NO_HEADERS
        .without(Carrier::FileContent)
        .without(Carrier::Text),
);
pub(super) static CUT_OFF: Rule = Rule::recognised(
    "lfi-nul-extension",
    Category::Lfi,
    Severity::Critical,
    &["x%00.jpg", "a.php%00.png", "http://x.test/n?%00.nsp"],
    &["100%", "x%20y", "a%00", "x.%00.a"],
)
.only(
    Carriers::NO_HEADERS
        .without(Carrier::FileContent)
        .without(Carrier::Text),
);

/// The rules of this recogniser.
pub(in crate::payload::recognise) static RULES: &[&Rule] = &[
    &TRAVERSAL,
    &CLIMB,
    &SYSTEM,
    &NESTED,
    &SELF,
    &NUL,
    &CUT_OFF,
    &JOINED,
    &SERVED_DIR,
    &ALIAS,
];
