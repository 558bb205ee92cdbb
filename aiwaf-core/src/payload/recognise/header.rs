//! Line breaks that begin a new header or a new response.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::gate::MAX_LINE_VALUE;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static SPLIT: Rule = Rule::recognised(
    "crlf-header",
    Category::Crlf,
    Severity::Critical,
    &[
        "x\r\nSet-Cookie: a=b",
        "%0d%0aContent-Length:%200",
        "a\nLocation: http://x.test/",
        "%E5%98%8D%E5%98%8ASet-Cookie:x",
        "\\r\\nSet-Cookie:x=1",
        "x\0Set-Cookie:a=b",
        "\u{10d}\u{10a}Set-Cookie:a=b",
        "x\r\nAccess-Control-Allow-Origin: *",
        "x\r\nX-Injected: 1",
        "x\r\nEvil-Header: 1",
        "x\nLink: <http://x.test/a.css>; rel=stylesheet",
        "x 0 30 1\r\n1\r\nset y 0 10 2\r\n12\r\n",
        "\\r\\n\\tSet-Cookie:a=b",
        "x%\n0aSet-Cookie:a=b",
        "\r\nLocation:www.x.test",
    ],
    &[
        "Dear all,\nthe location: room 5",
        "Type: text\nColour: red",
        "a\nb",
        "notes:\nx-ray: none",
        "to do\nlink: see below",
        "a list of\r\nThings-To-Do: none",
        "Booking\r\nCheck-In: Friday\r\nCheck-Out: Sunday",
        "Milk\r\nEggs\r\nAdd-Ons: cheese",
        "add\nset a 1 2",
        "Lunch\nLocation:St.Pauli",
        "printf(\"HTTP/1.1 200 OK\\r\\n\\tContent-Type: text/html\");",
    ],
)
.only(
    Carriers::ALL
        .without(Carrier::FileContent)
        .without(Carrier::Text)
        // An application logs its own requests as JSON.
        .without(Carrier::JsonValue)
        .without(Carrier::PartValue)
        .without(Carrier::XmlText),
);

static MAIL_HEADER: Rule = Rule::recognised(
    "crlf-mail-header",
    Category::Crlf,
    Severity::Critical,
    &[
        "a@x.test\nbcc: b@x.test",
        "x\r\nBcc:b@x.test",
        "a subject\nMIME-Version: 1.0",
        "a@x.test\nCc: b@x.test",
        "a@x.test\r\nSubject: hello",
    ],
    &[
        "bcc: me@example.com",
        "please send it to a@example.com, bcc: b@example.com",
        "Write to\nTo: me",
        "From: a@example.com\nTo: b@example.com",
    ],
)
.only(Carriers::VALUES.without(Carrier::Text));

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&SPLIT, &MAIL_HEADER];

/// Headers that every multipart message has.
const DESCRIBING: [&[u8]; 2] = [b"content-type:", b"mime-version:"];

/// Headers that change a message: its recipient, its type.
const MAIL_HEADERS: [&[u8]; 2] = [b"bcc:", b"mime-version:"];

/// Headers of a message, which count directly behind an address: in a form, that is its recipient
/// or its sender.
const ADDRESSING: [&[u8]; 6] = [
    b"cc:",
    b"to:",
    b"from:",
    b"reply-to:",
    b"sender:",
    b"subject:",
];

/// Headers that an attacker gains from adding to a response or a request.
const HEADERS: [&[u8]; 14] = [
    b"set-cookie:",
    b"set-cookie2:",
    b"content-length:",
    b"content-type:",
    b"location: http",
    b"location:http",
    b"location: /",
    b"location:/",
    b"http/1.",
    b"http/2",
    b"x-forwarded-for:",
    b"x-xss-protection:",
    b"transfer-encoding:",
    b"refresh:",
];

/// More headers that an attacker gains from adding, but that people who paste a response write as
/// well. They count in places without text.
const RESPONSE: [&[u8]; 22] = [
    b"access-control-",
    b"strict-transport-security:",
    b"content-security-policy",
    b"content-disposition:",
    b"content-encoding:",
    b"content-language:",
    b"clear-site-data:",
    b"cache-control:",
    b"x-frame-options:",
    b"x-content-type-options:",
    b"x-forwarded-host:",
    b"www-authenticate:",
    b"set-cookie ",
    b"trailer:",
    b"vary:",
    b"pragma:",
    b"link:<",
    b"link: <",
    b"etag:",
    b"p3p:",
    b"keep-alive:",
    b"proxy-",
];

/// Characters that become line breaks if they are truncated to one byte. Any other line break is a
/// signal.
pub(super) static ANCHORS: &[&[u8]] = &[
    "\u{560a}".as_bytes(),
    "\u{560d}".as_bytes(),
    "\u{10a}".as_bytes(),
    "\u{10d}x-".as_bytes(),
    "\u{10d} x-".as_bytes(),
    b"bcc:",
    b"mime-version:",
];

/// Commands of mail servers that stand alone on a line, in their usual spelling.
const MAIL: [&[u8]; 8] = [
    b"QUIT",
    b"RSET",
    b"DATA",
    b"NOOP",
    b"VRFY",
    b"EXPN",
    b"LOGOUT",
    b"CAPABILITY",
];

/// The beginnings of a request.
const METHODS: [&[u8]; 8] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"TRACE ",
    b"CONNECT ",
];

/// How much white space may stand before a header.
const MAX_BLANKS: usize = 8;

/// Whether `line` begins with a custom header: `x-a: 1`, `X-Injected:`.
fn is_own(line: &[u8]) -> bool {
    let Some(name) = line
        .get(2..)
        .filter(|_| line.get(..2).is_some_and(|x| x.eq_ignore_ascii_case(b"x-")))
    else {
        return false;
    };
    let len = name
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
        .count();
    len >= 4 && name.get(len) == Some(&b':')
}

/// Whether everything after a line break is a header of any name, and no white space stands before
/// the line break: `x\r\nEvil-Header: 1`. Text of several lines may have such lines too.
fn is_titled(before: &[u8], line: &[u8]) -> bool {
    const LONGEST: usize = 40;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
    let len = line.iter().take(LONGEST).take_while(is_part).count();
    let name = line.get(..len).unwrap_or_default();
    let is_word = |word: &[u8]| matches!(word, [first, rest @ ..] if first.is_ascii_uppercase() && !rest.is_empty() && rest.iter().all(u8::is_ascii_lowercase));
    line.get(len) == Some(&b':')
        && name.contains(&b'-')
        && name.split(|byte| *byte == b'-').all(is_word)
        && !before.iter().any(u8::is_ascii_whitespace)
        && memchr::memchr2(b'\r', b'\n', line.trim_ascii_end()).is_none()
}

/// Judges the line breaks in `input`.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if !input
        .bytes
        .any(Bytes::LINE.or(Bytes::BACKSLASH).or(Bytes::COLON))
    {
        return;
    }
    mail(input, report);
    unprintable(input, report);
    let breaks = Bytes::LINE.or(Bytes::BACKSLASH);
    if !input.bytes.any(breaks.or(Bytes::ZERO).or(Bytes::HIGH)) {
        return;
    }
    // Computed once, however many lines describe parts.
    let mut message = None;
    for (at, &byte) in input.view.iter().enumerate() {
        let Some(line) = Line::behind(input, at, byte) else {
            continue;
        };
        let mut is_described = || {
            !line.in_target
                && begins(line.text, &DESCRIBING)
                && *message.get_or_insert_with(|| is_message(input.view))
        };
        let splits = line.is_other_message() || line.is_header(input) && !is_described();
        let rule = if splits && SPLIT.carriers.contains(input.field.carrier) {
            &SPLIT
        } else if begins(line.text, &MAIL_HEADERS) && !is_described()
            || input.view.len() <= MAX_LINE_VALUE
                && begins(line.text, &ADDRESSING)
                && is_mail_address(input.view.get(..line.at))
        {
            &MAIL_HEADER
        } else {
            continue;
        };
        report(rule, cut(input.view, line.start, 32));
        return;
    }
}

/// Whether a text is nothing but the address of a mailbox.
fn is_mail_address(text: Option<&[u8]>) -> bool {
    const LONGEST: usize = 254;
    let text = text.unwrap_or_default();
    let parts = text.split(|byte| *byte == b'@');
    let is_sign = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-@".contains(byte);
    text.len() <= LONGEST
        && parts.clone().count() == 2
        && parts.clone().all(|part| !part.is_empty())
        && text.iter().all(is_sign)
}

/// A line break and what follows it.
struct Line<'a> {
    /// Where the line break begins, and where it ends.
    at: usize,
    start: usize,
    /// The first byte of the line break.
    mark: u8,
    /// The line and what follows it, without leading blanks and without bytes that hide its name.
    text: &'a [u8],
    /// Whether the line is in the target, a cookie or a header: places without rich text.
    in_target: bool,
}

impl<'a> Line<'a> {
    /// Reads the line after the byte at `at`, if that byte begins a line break.
    fn behind(input: &Input<'a>, at: usize, mark: u8) -> Option<Self> {
        let view = input.view;
        let start = at + break_len(input.field.carrier, view, at, mark)?;
        let line = view.get(start..).unwrap_or_default();
        let blanks = line
            .iter()
            .take(MAX_BLANKS + 1)
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        // Indented text is laid out for people.
        (blanks <= MAX_BLANKS).then(|| Self {
            at,
            start,
            mark,
            text: unhidden(line.get(blanks..).unwrap_or_default()),
            in_target: Carriers::TARGET.contains(input.field.carrier),
        })
    }

    /// Whether a complete request stands after the first bytes of a value, or a command of a cache.
    fn is_other_message(&self) -> bool {
        let is_request = || {
            let head = self.text.get(..256).unwrap_or(self.text);
            METHODS.iter().any(|method| self.text.starts_with(method))
                && super::find(head, b" HTTP/").is_some()
        };
        self.at < 16 && is_request() || self.mark == b'\r' && stores(self.text)
    }

    fn is_header(&self, input: &Input<'_>) -> bool {
        let is_titled = || {
            let before = input.view.get(..self.at).unwrap_or_default();
            self.mark == b'\r'
                && input.field.carrier != Carrier::CookieValue
                && input.view.len() <= MAX_LINE_VALUE
                && is_titled(before, self.text)
        };
        begins(self.text, &HEADERS)
            || self.in_target
                && (begins(self.text, &RESPONSE)
                    || is_own(self.text)
                    || self.at < 3 && is_elsewhere(self.text)
                    || is_titled())
    }
}

/// The length of the line break that begins with the byte `mark` at `at`, if there is one.
fn break_len(carrier: Carrier, view: &[u8], at: usize, mark: u8) -> Option<usize> {
    let rest = view.get(at + 1..).unwrap_or_default();
    // In headers these may be letters: a header that is already separate is not split again.
    let in_header = matches!(carrier, Carrier::Header | Carrier::PartHeader);
    match (mark, rest) {
        (b'\r' | b'\n' | 0, _) => Some(1),
        (b'\\', [b'r' | b'n', ..]) => Some(2),
        // U+560A and U+560D: truncated to one byte they are LF and CR.
        (0xe5, [0x98, 0x8a | 0x8d, ..]) => Some(3),
        // U+010A and U+010D, likewise.
        (0xc4, [0x8a | 0x8d, ..]) if !in_header => Some(2),
        _ => None,
    }
}

/// A cookie without bytes that hide its name from a filter: a tab that is still escaped
/// (`\r\n\tSet-Cookie:`), or the digits of a line break that appeared when another one was removed
/// (`%%0a0aSet-Cookie:`).
fn unhidden(line: &[u8]) -> &[u8] {
    let [a, b, rest @ ..] = line else {
        return line;
    };
    let is_hidden = matches!(
        (a, b.to_ascii_lowercase()),
        (b'\\', b't') | (b'0', b'a' | b'd')
    );
    match is_hidden && begins(rest, &[b"set-cookie"]) {
        true => rest,
        false => line,
    }
}

/// `Location:www.x.test`: a host, where a list would have the name of a place. A list also has a
/// line before this one.
fn is_elsewhere(line: &[u8]) -> bool {
    const NAME: &[u8] = b"location:";
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let rest = line.get(NAME.len()..).unwrap_or_default();
    let len = rest.iter().take_while(is_part).count();
    let host = rest.get(..len).unwrap_or_default();
    begins(line, &[NAME])
        && host
            .array_windows::<3>()
            .any(|[a, dot, b]| *dot == b'.' && is_word(*a) && is_word(*b))
}

/// Whether a line begins with one of the names, ignoring case.
fn begins(line: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|name| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}

/// Whether the whole value is a mail message, as passed on by services that receive mail: it begins
/// like one and has a date and an id.
fn is_message(view: &[u8]) -> bool {
    const HEAD: usize = 8192;
    const FIRST: [&[u8]; 14] = [
        b"arc-",
        b"authentication-results:",
        b"dkim-signature:",
        b"reply-to:",
        b"subject:",
        b"x-",
        b"received:",
        b"from:",
        b"return-path:",
        b"delivered-to:",
        b"date:",
        b"message-id:",
        b"mime-version:",
        b"to:",
    ];
    let head = view.get(..HEAD).unwrap_or(view);
    let mut lines = head.split(|byte| *byte == b'\n');
    let has = |name: &[u8]| lines.clone().any(|line| begins(line, &[name]));
    has(b"message-id:") && has(b"date:") && lines.next().is_some_and(|line| begins(line, &FIRST))
}

/// A line break where no application puts one: in the name of a parameter or in the path; or a
/// header at the start of the value.
fn unprintable(input: &Input<'_>, report: &mut Report<'_>) {
    let view = input.view;
    let inside = view.trim_ascii();
    // JSON that is labelled as a form becomes the name of a field, with line breaks in it.
    let is_broken = view.len() <= MAX_LINE_VALUE
        && match input.field.carrier {
            Carrier::QueryName | Carrier::QueryFlag => inside.contains(&b'\r'),
            Carrier::Path => inside.iter().any(|byte| matches!(byte, b'\r' | b'\n')),
            _ => false,
        };
    let name = inside
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    let may_name = |name: &[u8]| match input.field.carrier {
        // No application puts a line break there.
        Carrier::CookieValue => !name.is_empty(),
        _ => name.contains(&b'-'),
    };
    let is_header = view.starts_with(b"\r\n")
        && inside.get(..name).is_some_and(may_name)
        && inside.get(name) == Some(&b':');
    if is_broken || is_header {
        report(&SPLIT, cut(inside, 0, 32));
    }
}

/// The longest command of a cache, whose keys have at most 250 bytes.
const MAX_LINE: usize = 300;

/// A cache command after a line break, with its numbers: `set key 0 10 10`.
fn stores(line: &[u8]) -> bool {
    let line = line.get(..MAX_LINE).unwrap_or(line);
    let end = super::find(line, b"\r\n").unwrap_or_default();
    let mut words = line
        .get(..end)
        .unwrap_or_default()
        .split(|byte| *byte == b' ');
    let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    matches!(words.next(), Some(b"set" | b"add" | b"replace" | b"append"))
        && words.next().is_some_and(|key| !key.is_empty())
        && words
            .by_ref()
            .take(3)
            .filter(|word| is_number(word))
            .count()
            == 3
        && words.next().is_none()
}

/// A value that is only a command of a mail server on a separate line.
fn mail(input: &Input<'_>, report: &mut Report<'_>) {
    let view = input.view.strip_prefix(b"/").unwrap_or(input.view);
    if matches!(view, [b'\r' | b'\n', ..]) && MAIL.contains(&view.trim_ascii()) {
        report(&SPLIT, view.trim_ascii());
    }
}
