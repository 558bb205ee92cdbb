//! URLs that a server could be made to open.

mod host;
mod odd;
mod read;

use self::host::{Host, host, is_metadata};
pub(in crate::payload) use self::host::{LISTENERS, is_public_name};
use self::odd::{is_odd, names_a_place};
use self::read::{Url, next_candidate, read};
use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::Bytes;

static SCHEME: Rule = Rule::recognised(
    "ssrf-scheme",
    Category::Ssrf,
    Severity::Critical,
    &[
        "gopher://x:25/_MAIL",
        "file:///etc/x",
        "dict://127.0.0.1:11211/",
        "php://input",
        "phar://x.jpg",
        "jar:http://x!/y",
        "ldap://x.test/a",
    ],
    &[
        "https://example.com/",
        "mailto:a@example.com",
        "tel:+49123",
        "ftp://ftp.example.com/x",
        "profile://x",
    ],
)
.only(Carriers::VALUES);
static INTERNAL: Rule = Rule::recognised(
    "ssrf-internal-host",
    Category::Ssrf,
    Severity::Critical,
    &[
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:22",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://[::1]/",
        "http://metadata.google.internal/",
        "http://127.1/",
        "https://x@127.0.0.1/",
        "//localhost/admin",
        "http://spoofed.burpcollaborator.net/x",
        "http://127.0.0.1@evil.example/",
        "http://203.0.113.9@www.example.com/robots.txt",
        "http://169.254.169.254.evil.example/",
        "http:127.0.0.1",
        "http://kubernetes.default.svc/api",
        "http://x.bxss.me/",
        "http://\u{246f}\u{2468}\u{3002}\u{2461}\u{2464}\u{2463}/",
        "http://127\u{ff61}0\u{ff61}0\u{ff61}1:8001",
        "http://metadata.google/computeMetadata/v1/",
        "http://a.1time.127.0.0.1.forever.rebind.network/",
        "http://orders:8082/actuator/env",
        "http:/127.0.0.1",
        "http:/\\127.0.0.1",
        "http://redis:6379",
        "redis://127.0.0.1",
        "http://www.example.com:8080@x.test/",
        "http:\\\\localhost",
    ],
    &[
        "http://example.com/127.0.0.1",
        "https://local.example.com/",
        "http://internal-news.example.org/",
        "//cdn.example.com/x.js",
        "http://user@example.com/",
        "https://first.last:secret@example.com/",
        "https://contoso.com@dev.azure.com/contoso/p/_git/p",
        "https://10.example.com/",
        "https://consul.io/",
        "http://intranet/wiki",
        "https://redis.io/docs",
        "postgres://user:pw@localhost:5432/app",
        "http://intranet/manager/reports",
        "https://example.com/actuator/env",
        "https://example.com\u{3002}\u{2460}\u{7136}\u{540e}",
    ],
)
.only(Carriers::VALUES);
static ADDRESS: Rule = Rule::recognised(
    "rfi-address",
    Category::Rfi,
    Severity::Critical,
    &[
        "http://203.0.113.7/shell.txt?",
        "https://198.51.100.9/a",
        "ftp://203.0.113.7/x",
    ],
    &["https://example.com/203.0.113.7", "203.0.113.7"],
)
.only(
    Carriers::VALUES
        .without(Carrier::JsonValue)
        .without(Carrier::XmlText)
        .without(Carrier::XmlAttribute)
        .without(Carrier::Text),
);
static INCLUDE: Rule = Rule::recognised(
    "rfi-include",
    Category::Rfi,
    Severity::Critical,
    &["http://evil.test/shell.txt?", "http://evil.test/c99.php??"],
    &[
        "https://example.com/?",
        "https://example.com/readme.txt",
        "https://example.com/a.php?x=1",
    ],
)
.only(Carriers::VALUES);

static ODD: Rule = Rule::recognised(
    "ssrf-odd-url",
    Category::Ssrf,
    Severity::Critical,
    &[
        "////x.test",
        "\\/\\/x.test/",
        "/\\x.test",
        "https:x.test",
        "https:///x.test/",
        "https://:@\\@x.test",
        "//x\u{3002}test",
        "/\t/x.test",
        "https://\t/x.test",
        "https:/\\/\\x.test",
        "https://x.test\\@y.test",
        "///203.0.113.7",
        "///@x.test",
        "http://a.test:80#@b.test:22/",
        "https:/x.test/a.txt?",
        "/x.test//..",
    ],
    &[
        "//cdn.example.com/a.js",
        "https://example.com/a",
        "/a/b.html",
        "///",
        "http: the protocol",
        "\\\\server\\share",
        "\\\\\\\\server.example.com\\\\share",
        "/\\w.*/",
        "https:",
    ],
)
.only(
    Carriers::PATH
        .with(Carrier::QueryValue)
        .with(Carrier::FormValue),
);

/// Schemes that need only a colon, without slashes.
pub(super) static ANCHORS: &[&[u8]] = &[b"jar:", b"netdoc:", b"expect:", b"http:", b"https:"];

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&SCHEME, &INTERNAL, &ADDRESS, &INCLUDE, &ODD];

/// Schemes that libraries of a server open and the browser of a visitor does not.
fn is_server_scheme(scheme: &[u8]) -> bool {
    matches!(
        scheme,
        b"file"
            | b"gopher"
            | b"dict"
            | b"ldap"
            | b"ldaps"
            | b"tftp"
            | b"sftp"
            | b"jar"
            | b"netdoc"
            | b"php"
            | b"phar"
            | b"expect"
            | b"zip"
            | b"zlib"
            | b"compress.zlib"
            | b"compress.bzip2"
            | b"glob"
            | b"ssh2"
            | b"ogg"
            | b"rar"
            | b"smb"
            | b"mhtml"
            | b"local_file"
            | b"unix"
            | b"rmi"
            | b"iiop"
            | b"corba"
            | b"dns"
            | b"scp"
            | b"telnet"
            | b"imap"
            | b"smtp"
            | b"pop3"
    )
}

/// Judges `input` where it is a URL.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    if !input.bytes.any(Bytes::SLASH.or(Bytes::COLON)) {
        return;
    }
    let text = text
        .strip_prefix(b"\"")
        .or_else(|| text.strip_prefix(b"'"))
        .or_else(|| text.strip_prefix(b"url:"))
        .unwrap_or(text);
    if names_a_place(input) && is_odd(text) {
        report(&ODD, cut(text, 0, 64));
    }
    // The target of a redirect in a URL is a URL too. Checks up to four of them.
    let mut rest = text;
    let mut first = true;
    for _ in 0..4 {
        if let Some(url) = read(rest, first) {
            judge_url(input, &url, report);
        }
        first = false;
        let Some(next) = next_candidate(rest) else {
            return;
        };
        rest = next;
    }
}

fn judge_url(input: &Input<'_>, url: &Url<'_>, report: &mut Report<'_>) {
    let text = cut(url.whole, 0, 64);
    if is_server_scheme(url.scheme) || url.scheme.starts_with(b"ssh2.") {
        report(&SCHEME, text);
        return;
    }
    if !matches!(
        url.scheme,
        b"" | b"http"
            | b"https"
            | b"ftp"
            | b"ftps"
            | b"ws"
            | b"wss"
            | b"redis"
            | b"mysql"
            | b"mongodb"
            | b"amqp"
    ) || url.host.is_empty()
    {
        return;
    }
    if names_the_page(input.field.name) && !is_metadata(url.host) || is_own_machine(input) {
        return;
    }
    // A plain name is a user; an address or a host name is not.
    let spoofed = (url.user.contains(&b'.') || url.user == b"localhost")
        && (!matches!(host(url.user), Host::Name) || is_site(url));
    match host(url.host) {
        _ if spoofed => report(&INTERNAL, text),
        Host::Internal => report(&INTERNAL, text),
        Host::Name if manages(url) => report(&INTERNAL, text),
        Host::Address if !url.scheme.is_empty() => report(&ADDRESS, text),
        Host::Address | Host::Name => {}
    }
    if is_include(url.tail) && !url.scheme.is_empty() {
        report(&INCLUDE, text);
    }
}

/// Whether a name before the `@` is that of a site with its port:
/// `http://www.example.com:8080@x.test/`.
fn is_site(url: &Url<'_>) -> bool {
    const TOPS: [&[u8]; 4] = [b".com", b".net", b".org", b".io"];
    let authority = super::find(url.whole, b"://").and_then(|at| url.whole.get(at + 3..));
    let rest = authority.and_then(|authority| authority.strip_prefix(url.user));
    let port = rest.and_then(|rest| rest.strip_prefix(b":"));
    let digits = port.map_or(0, |port| {
        port.iter().take_while(|b| b.is_ascii_digit()).count()
    });
    let has_port = digits > 0 && port.and_then(|port| port.get(digits)) == Some(&b'@');
    let is_name =
        || url.user.starts_with(b"www.") || TOPS.iter().any(|top| url.user.ends_with(top));
    url.scheme.starts_with(b"http") && has_port && is_name()
}

/// Whether a URL opens the management of a service under a name that only its own network knows
/// (`http://orders:8082/actuator/env`), or a service that is never open to the public.
fn manages(url: &Url<'_>) -> bool {
    const PAGES: [&[u8]; 4] = [b"/actuator/", b"/jolokia/", b"/manager/html", b"/_cat/"];
    const SERVICES: [&[u8]; 16] = [
        b"redis",
        b"vault",
        b"consul",
        b"etcd",
        b"elasticsearch",
        b"memcached",
        b"rabbitmq",
        b"mongodb",
        b"mysql",
        b"postgres",
        b"mariadb",
        b"kubernetes",
        b"zookeeper",
        b"influxdb",
        b"couchdb",
        b"minio",
    ];
    let is_own = || PAGES.iter().any(|page| url.tail.starts_with(page));
    !url.scheme.is_empty()
        && !url.host.contains(&b'.')
        && (is_own() || SERVICES.contains(&url.host))
}

/// A cookie that holds the address of a developer's application: browsers send it to every port of
/// the machine.
fn is_own_machine(input: &Input<'_>) -> bool {
    let text = input.squeezed;
    let rest = text.strip_prefix(b"https").or(text.strip_prefix(b"http"));
    let rest = rest.and_then(|rest| rest.strip_prefix(b"://localhost"));
    let rest = rest.map(|rest| rest.strip_suffix(b"/").unwrap_or(rest));
    let port = rest.map(|rest| rest.strip_prefix(b":").unwrap_or(rest));
    input.field.carrier == Carrier::CookieValue
        && port.is_some_and(|port| port.len() < 6 && port.iter().all(u8::is_ascii_digit))
}

/// Fields in which browsers and applications give the page of the visitor or the page to return to.
/// A developer's own machine is not an attack there.
fn names_the_page(name: &[u8]) -> bool {
    let mut lower = [0u8; 32];
    let len = name.len().min(lower.len());
    for (slot, byte) in lower.iter_mut().zip(name) {
        *slot = byte.to_ascii_lowercase();
    }
    let name = lower.get(..len).unwrap_or_default();
    // A browser reports what a policy of that page kept out.
    if name == b"csp-report.source-file" {
        return true;
    }
    [
        b"redirect_uri".as_slice(),
        b"origin",
        b"refer",
        b"location",
        b"page_url",
        b"document-uri",
        b"blocked-uri",
    ]
    .iter()
    .any(|known| super::find(name, known).is_some())
}

/// Whether a field gives the page of the visitor, and the text is the plain address of a page:
/// `redirect_uri=http://203.0.113.7:8090/app/callback`.
pub(in crate::payload) fn is_page(name: &[u8], text: &[u8]) -> bool {
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'/' | b'-' | b'_')
    };
    let address = text
        .strip_prefix(b"http://")
        .or_else(|| text.strip_prefix(b"https://"));
    address.is_some_and(|address| {
        address.iter().all(is_plain)
            && super::find(address, b"..").is_none()
            && super::find(address, b"//").is_none()
    }) && names_the_page(name)
}

/// The tail of a URL that a script would include: a script or text, with a query that absorbs what
/// the script appends.
fn is_include(tail: &[u8]) -> bool {
    let tail = tail.strip_suffix(&[0]).unwrap_or(tail);
    let open = tail.strip_suffix(b"?");
    let Some(path) = open else {
        return false;
    };
    let path = path.strip_suffix(b"?").unwrap_or(path);
    // `https://x.test?`: only a host. What the program appends becomes its query.
    if path.is_empty() {
        return true;
    }
    [
        b".txt".as_slice(),
        b".php",
        b".inc",
        b".gif",
        b".jpg",
        b".png",
        b".dat",
        b".log",
        b".asp",
        b".aspx",
        b".cgi",
        b".pl",
    ]
    .iter()
    .any(|extension| path.ends_with(extension))
}

#[cfg(test)]
mod tests {
    use crate::payload::field::{Carrier, Field};
    use crate::payload::{Detector, Findings, Paranoia, Scratch};

    /// The model takes an address with a directory for a file to include.
    #[test]
    fn a_page_to_return_to_may_be_at_an_address() {
        let points = |name: &str, value: &str| {
            let field = Field {
                carrier: Carrier::QueryValue,
                name: name.as_bytes(),
                value: value.as_bytes(),
            };
            let scratch = &mut Scratch::default();
            Detector::new().judge(field, Paranoia::One, scratch, &mut Findings::new())
        };
        let page = "http://211.63.89.90:8090/login_project/callback";
        assert_eq!(points("redirect_uri", page), 0);
        // A browser reports what a policy of a developer's own page kept out.
        let script = "http://localhost:3100/_next/static/chunks/39.js";
        assert_eq!(points("csp-report.source-file", script), 0);
        for (name, value) in [
            ("file", page),
            ("redirect_uri", "http://211.63.89.90:8090/../../etc/passwd"),
            ("redirect_uri", "file:///etc/passwd"),
        ] {
            assert!(points(name, value) >= Paranoia::One.threshold(), "{value}");
        }
    }

    /// Cookies of `localhost` are sent to every port of it, so the callback of one application
    /// reaches the firewall of another.
    #[test]
    fn a_cookie_may_name_the_machine_it_is_on() {
        let is_refused = |carrier, value: &str| {
            let field = Field {
                carrier,
                name: b"next-auth.callback-url",
                value: value.as_bytes(),
            };
            let scratch = &mut Scratch::default();
            let points = Detector::new().judge(field, Paranoia::One, scratch, &mut Findings::new());
            points >= Paranoia::One.threshold()
        };
        for origin in ["http://localhost:3000", "https://localhost/"] {
            assert!(!is_refused(Carrier::CookieValue, origin), "{origin}");
            assert!(is_refused(Carrier::FormValue, origin), "{origin}");
        }
        for url in [
            "http://localhost:9200/_search",
            "http://127.0.0.1:3000",
            "http://x@localhost/",
            "ws://localhost:2375/",
            "x http://localhost/",
            "//localhost:9200",
            "http:localhost:6379",
        ] {
            assert!(is_refused(Carrier::CookieValue, url), "{url}");
        }
    }
}
