//! Line breaks that begin a new header or a new response.

mod message;
mod names;

use self::message::{begins_message, is_mail_command, is_message};
use self::names::{
    ADDRESSING, DESCRIBING, HEADERS, MAIL_HEADERS, RESPONSE, begins, is_elsewhere, is_own,
    is_titled, unhidden,
};
use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::gate::MAX_LINE_VALUE;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::Bytes;

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

static IN_LINK: Rule = Rule::recognised(
    "crlf-link",
    Category::Crlf,
    Severity::Critical,
    &[
        "http://x.test/a%0d%0aContent-Type: text/xml",
        " https://x.test\r\nX-Inject:b",
    ],
    &[
        "http://x.test/a\r\nNote: see above",
        "https://x.test/a\r\nX-ray table, used",
        "https://x.test/a\r\nLocation: https://x.test/b",
        "https://x.test/a\nContent-Type: text",
        "http://x.test/a b\r\nContent-Type: c",
        "GET http://x.test/\r\nHost: x.test",
    ],
)
.only(
    Carriers::NONE
        .with(Carrier::JsonValue)
        .with(Carrier::XmlText)
        .with(Carrier::XmlAttribute),
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&SPLIT, &MAIL_HEADER, &IN_LINK];

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

/// How much white space may stand before a header.
const MAX_BLANKS: usize = 8;

/// Judges the line breaks in `input`.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if !input
        .bytes
        .any(Bytes::LINE.or(Bytes::BACKSLASH).or(Bytes::COLON))
    {
        return;
    }
    let first = input.view.strip_prefix(b"/").unwrap_or(input.view);
    if is_mail_command(first) {
        report(&SPLIT, first.trim_ascii());
    }
    unprintable(input, report);
    let breaks = Bytes::LINE.or(Bytes::BACKSLASH);
    if !input.bytes.any(breaks.or(Bytes::ZERO).or(Bytes::HIGH)) {
        return;
    }
    if splits_link(input) {
        report(&IN_LINK, cut(input.view, 0, 64));
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
        let splits = begins_message(line.at, line.mark, line.text)
            || line.is_header(input) && !is_described();
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

/// Whether a value is a link whose request a line break continues: `http://x/%0d%0aContent-Type: a`.
fn splits_link(input: &Input<'_>) -> bool {
    const REQUEST: [&[u8]; 5] = [
        b"content-type:",
        b"content-length:",
        b"transfer-encoding:",
        b"host:",
        b"set-cookie:",
    ];
    let text = input.view.trim_ascii_start();
    let is_link = input.squeezed.starts_with(b"http://") || input.squeezed.starts_with(b"https://");
    let mut parts = text.splitn(2, |byte| matches!(byte, b' ' | b'\r'));
    let line = parts.nth(1).and_then(|rest| rest.strip_prefix(b"\n"));
    is_link && line.is_some_and(|line| begins(line, &REQUEST) || is_own(line))
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
