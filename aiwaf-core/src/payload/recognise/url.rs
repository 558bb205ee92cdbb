//! URLs that the server would be made to open.

mod host;

use self::host::{Host, STOP, host, is_metadata};
pub(in crate::payload) use self::host::{LISTENERS, is_public_name};
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
        "http://169.254.169.254.evil.example/",
        "http:127.0.0.1",
        "http://kubernetes.default.svc/api",
        "http://x.bxss.me/",
    ],
    &[
        "http://example.com/127.0.0.1",
        "https://local.example.com/",
        "http://internal-news.example.org/",
        "//cdn.example.com/x.js",
        "http://user@example.com/",
        "https://10.example.com/",
        "https://consul.io/",
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

/// Schemes of which a colon is enough, without slashes.
pub(super) static ANCHORS: &[&[u8]] = &[b"jar:", b"netdoc:", b"expect:", b"http:", b"https:"];

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&SCHEME, &INTERNAL, &ADDRESS, &INCLUDE, &ODD];

/// Schemes that a server's libraries open and a visitor's browser does not.
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
    // The target of a redirect in a URL is a URL too: look at up to four of them.
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

/// Where a redirect takes its target from: of paths, those with what browsers drop.
fn names_a_place(input: &Input<'_>) -> bool {
    match input.field.carrier {
        Carrier::QueryValue | Carrier::FormValue => true,
        Carrier::Path => input.view.iter().any(u8::is_ascii_control),
        _ => false,
    }
}

/// Whether a URL is written as only browsers read it: as one of another site, where whoever compares sees one of this.
fn is_odd(text: &[u8]) -> bool {
    let is_host = |host: &[u8]| {
        let len = host
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
            .count();
        let name = host.get(..len).unwrap_or_default();
        let top = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        top.len() > 1 && top.len() + 1 < name.len() && top.iter().all(u8::is_ascii_alphabetic)
    };
    // A blank between the slashes is none of a path, and browsers drop it: `/\t/x.test`.
    let is_mark = |byte: &&u8| matches!(byte, b'/' | b'\\' | b' ');
    let authority = text
        .strip_prefix(b"http")
        .map(|rest| rest.strip_prefix(b"s").unwrap_or(rest))
        .map_or(text, |rest| rest.strip_prefix(b":").unwrap_or_default());
    let marks = authority.iter().take_while(is_mark).count();
    let (marks, rest) = authority.split_at_checked(marks).unwrap_or_default();
    let is_parted = matches!(marks, [b'/' | b'\\', .., b'/' | b'\\']) && marks.contains(&b' ');
    let has_scheme = authority.len() < text.len();
    // `https:\/\/x.test` is copied out of JSON, and `http:\\x.test` is a slip.
    let is_mixed = marks.contains(&b'\\') && marks != b"\\/\\/" && marks != b"\\\\";
    if is_host(rest) && (is_parted || has_scheme && is_mixed) {
        return true;
    }
    // `https://x.test\@y.test`: the first for some readers, the second for others.
    let user = rest
        .iter()
        .take_while(|byte| !matches!(byte, b'/' | b'?' | b'#'));
    if has_scheme
        && rest
            .get(..user.count())
            .is_some_and(|user| super::find(user, b"\\@").is_some())
    {
        return true;
    }
    let slashes = text
        .iter()
        .take_while(|byte| matches!(byte, b'/' | b'\\'))
        .count();
    let (marks, rest) = text.split_at_checked(slashes).unwrap_or((text, b""));
    if slashes > 1 {
        // The name of a share begins with backslashes alone.
        let is_strange = marks.contains(&b'/') && (slashes > 2 || marks.contains(&b'\\'));
        let cut = super::find(rest, STOP)
            .is_some_and(|at| at > 0 && !rest.iter().take(at).any(|byte| *byte == b'/'));
        let named = rest.strip_prefix(b"@").unwrap_or(rest);
        return is_strange && (is_host(named) || is_address(rest)) || marks == b"//" && cut;
    }
    let Some(rest) = text
        .strip_prefix(b"http")
        .map(|rest| rest.strip_prefix(b"s").unwrap_or(rest))
    else {
        return text.strip_prefix(b"/").is_some_and(is_host) && text.ends_with(b"//..");
    };
    let has_user = has_odd_user(rest, |host| is_host(host) || is_address(host));
    if has_user {
        return true;
    }
    match rest {
        // A link whose slashes were made one is a slip, unless it swallows what follows.
        [b':', b'/', host @ ..] if is_host(host) && text.ends_with(b".txt?") => true,
        [b':', b'/', b'/', b'/', host @ ..] => is_host(host),
        [b':', b'/', b'/', b':' | b'#' | b'@' | b'\\', ..] => true,
        [b':', next, ..] if next.is_ascii_alphanumeric() => rest.get(1..).is_some_and(is_host),
        _ => false,
    }
}

/// `http://a#@b.test/`: the host is what follows the sign for one reader, and what is before it for another.
fn has_odd_user(rest: &[u8], is_host: impl Fn(&[u8]) -> bool) -> bool {
    const SIGNS: [&[u8]; 2] = [b"#@", b"&@"];
    let authority = rest
        .strip_prefix(b"://")
        .and_then(|rest| rest.split(|byte| matches!(byte, b'/' | b'?')).next());
    authority.is_some_and(|authority| {
        SIGNS.iter().any(|sign| {
            let at = super::find(authority, sign);
            let host = at.and_then(|at| authority.get(at + sign.len()..));
            host.is_some_and(&is_host)
        })
    })
}

/// Whether a text begins with four numbers between dots, and nothing but a port or a path follows.
fn is_address(text: &[u8]) -> bool {
    let host = text
        .split(|byte| matches!(byte, b'/' | b':' | b'?' | b'#'))
        .next();
    let parts = host.unwrap_or_default().split(|byte| *byte == b'.');
    let is_number =
        |part: &[u8]| matches!(part.len(), 1..=3) && part.iter().all(u8::is_ascii_digit);
    parts.clone().count() == 4 && parts.into_iter().all(is_number)
}

/// A URL in its parts.
struct Url<'a> {
    scheme: &'a [u8],
    /// What stands before the host and its `@`: some readers take that for the host.
    user: &'a [u8],
    host: &'a [u8],
    tail: &'a [u8],
    whole: &'a [u8],
}

fn next_candidate(text: &[u8]) -> Option<&[u8]> {
    let at = text
        .iter()
        .skip(1)
        .take(4096)
        .position(|b| matches!(b, b'=' | b'@' | b' ' | b'(' | b'"'))?
        + 2;
    text.get(at..)
}

fn read(text: &[u8], first: bool) -> Option<Url<'_>> {
    let (scheme, after) = if first && text.starts_with(b"//") {
        (text.get(..0)?, text.get(2..)?)
    } else {
        let len = text
            .iter()
            .take(20)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-' | b'_'))
            .count();
        let scheme = text.get(..len)?;
        let rest = text.get(len..)?.strip_prefix(b":")?;
        match rest
            .strip_prefix(b"//")
            .or_else(|| rest.strip_prefix(b"\\\\"))
        {
            // `http:///host`
            Some(after) if scheme.starts_with(b"http") => {
                let slashes = after.iter().take_while(|b| **b == b'/').count();
                (scheme, after.get(slashes..)?)
            }
            Some(after) => (scheme, after),
            // `rmi:/host/x`, `file:/etc`
            None if is_server_scheme(scheme) && rest.starts_with(b"/") => (scheme, rest),
            None if matches!(scheme, b"jar" | b"netdoc" | b"expect" | b"http" | b"https")
                && rest.len() > 2 =>
            {
                (scheme, rest)
            }
            None => return None,
        }
    };
    let end = after
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#' | b'\\' | b' ' | b'"' | b'\''))
        .unwrap_or(after.len());
    let authority = after.get(..end)?;
    let host = authority.rsplit(|&b| b == b'@').next().unwrap_or_default();
    let user = authority
        .get(..authority.len().saturating_sub(host.len() + 1))
        .unwrap_or_default();
    let host = if host.starts_with(b"[") {
        let close = host
            .iter()
            .position(|&b| b == b']')
            .map_or(host.len(), |i| i + 1);
        host.get(..close)?
    } else {
        host.split(|&b| matches!(b, b':' | b'!'))
            .next()
            .unwrap_or_default()
    };
    Some(Url {
        scheme,
        user: user
            .split(|&b| matches!(b, b':' | b'@'))
            .next()
            .unwrap_or_default(),
        host,
        tail: after.get(end..)?,
        whole: text,
    })
}

fn judge_url(input: &Input<'_>, url: &Url<'_>, report: &mut Report<'_>) {
    let text = cut(url.whole, 0, 64);
    if is_server_scheme(url.scheme) || url.scheme.starts_with(b"ssh2.") {
        report(&SCHEME, text);
        return;
    }
    if !matches!(
        url.scheme,
        b"" | b"http" | b"https" | b"ftp" | b"ftps" | b"ws" | b"wss"
    ) || url.host.is_empty()
    {
        return;
    }
    if names_the_page(input.field.name) && !is_metadata(url.host) {
        return;
    }
    // A name alone is a user; an address, or the name of one, is not.
    let spoofed = (url.user.contains(&b'.') || url.user == b"localhost")
        && matches!(host(url.user), Host::Internal);
    match host(url.host) {
        _ if spoofed => report(&INTERNAL, text),
        Host::Internal => report(&INTERNAL, text),
        Host::Address if !url.scheme.is_empty() => report(&ADDRESS, text),
        Host::Address | Host::Name => {}
    }
    if is_include(url.tail) && !url.scheme.is_empty() {
        report(&INCLUDE, text);
    }
}

/// Fields in which browsers and applications say where the visitor is or shall return to: a
/// developer's own machine is no attack there.
fn names_the_page(name: &[u8]) -> bool {
    let mut lower = [0u8; 32];
    let len = name.len().min(lower.len());
    for (slot, byte) in lower.iter_mut().zip(name) {
        *slot = byte.to_ascii_lowercase();
    }
    let name = lower.get(..len).unwrap_or_default();
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

/// The tail of a URL that a script would include: a script or text whose query swallows what the
/// script appends.
fn is_include(tail: &[u8]) -> bool {
    let tail = tail.strip_suffix(&[0]).unwrap_or(tail);
    let open = tail.strip_suffix(b"?");
    let Some(path) = open else {
        return false;
    };
    let path = path.strip_suffix(b"?").unwrap_or(path);
    // `https://x.test?`: all of a host, and what the program appends is its query.
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
