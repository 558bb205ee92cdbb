//! Text, and bodies of unknown type.
//!
//! The text is passed on as a whole: if it were cut into windows, an attack padded beyond their
//! overlap would be in none of them. The text is then also split as what it looks like, because
//! backends often parse what they expect, whatever the content type says.

use super::content_type::Kind;
use super::query::FORM;
use super::{Carrier, Feed, Field, Halt, Scratch, Sink, json, query, steps, xml};

/// Whether strict parsers of its kind accept a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The syntax is valid, and all of its data has been passed on.
    Strict,
    /// The document has faults, and a parser that ignores them may see data elsewhere. It must also
    /// be passed on as text.
    Loose,
}

/// Passes on a text, and also splits it as what it looks like.
///
/// # Errors
///
/// The errors of the splitter for what the text looks like.
pub fn split<S: Sink + ?Sized>(
    text: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    hand(text, feed)?;
    match looks_like(text) {
        Some(Kind::Json) => json::split(text, scratch, feed).map(drop),
        Some(Kind::Xml) => xml::split(text, scratch, feed).map(drop),
        Some(Kind::Form) => query::split(text, FORM, scratch, feed),
        _ => Ok(()),
    }
}

/// Passes on a text as it is.
pub(super) fn hand<S: Sink + ?Sized>(text: &[u8], feed: &mut Feed<'_, S>) -> Result<(), Halt> {
    feed.hand(Field {
        carrier: Carrier::Text,
        name: b"",
        value: text,
    })
}

/// What a body looks like, judged by its first bytes: JSON, XML or a form.
#[must_use]
pub fn looks_like(body: &[u8]) -> Option<Kind> {
    let body = body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(body)
        .trim_ascii_start();
    let second = body.get(1..).unwrap_or_default().trim_ascii_start().first();
    match (body.first()?, second) {
        (
            b'{' | b'[',
            Some(
                b'"'
                | b'\''
                | b'{'
                | b'['
                | b'}'
                | b']'
                | b'-'
                | b'0'..=b'9'
                | b'A'..=b'Z'
                | b'a'..=b'z'
                | b'/',
            ),
        ) => Some(Kind::Json),
        (b'<', Some(b'!' | b'?' | b'A'..=b'Z' | b'a'..=b'z' | b'_')) => Some(Kind::Xml),
        _ => looks_like_form(body).then_some(Kind::Form),
    }
}

/// Whether the body begins with a form field's name and `=`.
fn looks_like_form(body: &[u8]) -> bool {
    let name = body
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.[]%+*$".contains(byte))
        .count();
    name > 0 && body.get(name) == Some(&b'=')
}

/// Whether a backend may read a body as text, whatever its content type says: it is text, or it
/// looks like a document or a form. A PDF is none of these.
pub(crate) fn is_readable(body: &[u8]) -> bool {
    !is_pdf(body) && (is_text(body) || looks_like(body).is_some())
}

/// Whether a file is a document in PDF: a line with the version, then a comment or an object. Its
/// beginning may be text alone, while its compressed streams come late.
pub(crate) fn is_pdf(file: &[u8]) -> bool {
    let head = file.get(..512).unwrap_or(file);
    let version = head.strip_prefix(b"%PDF-").unwrap_or_default();
    let [
        b'0'..=b'9',
        b'.',
        b'0'..=b'9',
        b' ' | b'\r' | b'\n',
        rest @ ..,
    ] = version
    else {
        return false;
    };
    matches!(rest.trim_ascii_start().first(), Some(b'%' | b'0'..=b'9'))
        && memchr::memmem::find(rest, b" obj").is_some()
}

/// Whether the first bytes are text: UTF-8 without control characters other than white space.
pub(crate) fn is_text(body: &[u8]) -> bool {
    let head = body.get(..512).unwrap_or(body);
    steps::add(head.len());
    let control = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1f | 0x7f);
    // A character cut off at the end is not a fault.
    let utf8 = std::str::from_utf8(head).map_or_else(|fault| fault.error_len().is_none(), |_| true);
    utf8 && !head.iter().any(control)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use proptest::prelude::*;

    fn got(text: &[u8]) -> Got {
        collect(|scratch, feed| split(text, scratch, feed))
    }

    #[test]
    fn a_document_in_pdf_is_no_text() {
        for (body, expected) in [
            (
                b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj".as_slice(),
                true,
            ),
            (b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\r\n12 0 obj", true),
            (b"%PDF-1=x&id=1", false),
            (b"%PDF-1.4\n<svg onload=x> obj", false),
            (b"%PDF-1.4\n--- !!python/object obj", false),
            (b"%PDF-1.4\n1 1", false),
            (b"%PDF-", false),
        ] {
            assert_eq!(is_pdf(body), expected, "{}", body.escape_ascii());
            if is_text(body) {
                assert_eq!(is_readable(body), !expected);
            }
        }
    }

    #[test]
    fn a_body_is_split_as_what_it_looks_like() {
        assert_eq!(got(b"plain").values(Carrier::Text), ["plain"]);
        assert_eq!(
            got(b" {\"a\": \"\\u003cb\"}").values(Carrier::JsonValue),
            ["<b"]
        );
        assert_eq!(
            got(b"\xef\xbb\xbf<a>&lt;b</a>").values(Carrier::XmlText),
            ["<b"]
        );
        assert_eq!(
            got(b"a%5B%5D=%3cb&c=d").values(Carrier::FormValue),
            ["<b", "d"]
        );
        for prose in ["a < b = c", "(a=b)", "[", "", "= x", "one two=three"] {
            assert_eq!(looks_like(prose.as_bytes()), None, "{prose}");
        }
    }

    proptest! {
        #[test]
        fn every_byte_is_handed_on(text in soup(b"{<a=\"'>&%[:\0\xff ", 200)) {
            let got = got(&text);
            prop_assert!(text.is_empty() || got.fields[0].value == text);
        }
    }
}
