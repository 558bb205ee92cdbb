//! Parts of a whole page that do nothing: its head, its style sheet, and what only old programs
//! read. Mail templates and saved pages consist of them.

use super::super::find;
use super::plain::calls_style;
use crate::payload::squeeze::is_word;

/// What follows a document type that declares nothing: `!doctype html public "..." "...">`.
pub(super) fn doctype(text: &[u8]) -> Option<&[u8]> {
    const LONGEST: usize = 256;
    let inner = text.strip_prefix(b"!doctype ")?;
    let end = memchr::memchr(b'>', inner).filter(|end| *end <= LONGEST)?;
    let (inner, after) = inner.split_at_checked(end)?;
    let is_plain = |byte: &u8| {
        is_word(*byte) || matches!(byte, b' ' | b'"' | b'\'' | b'/' | b':' | b'.' | b'-' | b'+')
    };
    inner.iter().all(is_plain).then(|| after.get(1..))?
}

/// What follows a condition that only one program reads, or its end: `!--[if mso]>`,
/// `!--[if !mso]><!-->`, `![endif]-->`. For all others it is a comment or nothing. What it contains
/// is read like the rest.
pub(super) fn condition(text: &[u8]) -> Option<&[u8]> {
    const ENDS: [&[u8]; 3] = [b"![endif]-->", b"!--<![endif]-->", b"![endif]>"];
    const LONGEST: usize = 64;
    if let Some(after) = ENDS.iter().find_map(|end| text.strip_prefix(*end)) {
        return Some(after);
    }
    let inner = text.strip_prefix(b"!--[if ")?;
    let end = memchr::memchr(b']', inner).filter(|end| *end <= LONGEST)?;
    let (inner, after) = inner.split_at_checked(end)?;
    let is_plain = |byte: &u8| {
        is_word(*byte) || matches!(byte, b' ' | b'!' | b'|' | b'&' | b'(' | b')' | b'.')
    };
    let after = after.strip_prefix(b"]>")?;
    // What follows is for all other programs.
    let after = after.strip_prefix(b"<!-->").unwrap_or(after);
    inner.iter().all(is_plain).then_some(after)
}

/// Character sets that hide nothing.
const CHARSETS: [&[u8]; 4] = [b"utf-8", b"windows-1252", b"iso-8859-1", b"us-ascii"];

/// What a page may tell the browser as if it were a header.
const HEADERS: [&[u8]; 3] = [b"content-type", b"x-ua-compatible", b"content-language"];

/// Whether the attributes of a `meta` tag describe a page, and make the browser neither go elsewhere
/// nor read the page in another character set.
pub(super) fn describes(attributes: &[u8]) -> bool {
    each_after(attributes, b"http-equiv=", &HEADERS)
        && each_after(attributes, b"charset=", &CHARSETS)
        && find(attributes, b"http-equiv =").is_none()
        && find(attributes, b"charset =").is_none()
}

/// Whether one of `known` follows each `sign` in a text, perhaps in quotes.
fn each_after(text: &[u8], sign: &[u8], known: &[&[u8]]) -> bool {
    memchr::memmem::find_iter(text, sign).all(|at| {
        let value = text.get(at + sign.len()..).unwrap_or_default();
        let value = match value {
            [b'"' | b'\'', value @ ..] => value,
            _ => value,
        };
        let len = value
            .iter()
            .take_while(|b| is_word(**b) || **b == b'-')
            .count();
        value.get(..len).is_some_and(|value| known.contains(&value))
    })
}

/// Whether the attributes of a `link` tag name a font that many pages load.
pub(super) fn names_a_font(attributes: &[u8]) -> bool {
    const HOSTS: [&[u8]; 2] = [
        b"\"https://fonts.googleapis.com",
        b"\"https://fonts.gstatic.com",
    ];
    let mut links = memchr::memmem::find_iter(attributes, b"href=");
    let link = links.next().and_then(|at| attributes.get(at + 5..));
    links.next().is_none()
        && link.is_some_and(|link| {
            HOSTS.iter().any(|host| {
                let after = link.strip_prefix(*host).and_then(<[u8]>::first);
                matches!(after, Some(b'/' | b'"'))
            })
        })
}

/// What follows a style sheet that loads nothing and runs nothing. `rest` begins behind the name of
/// its tag.
pub(super) fn style(rest: &[u8]) -> Option<&[u8]> {
    const END: &[u8] = b"</style>";
    let rest = rest.strip_prefix(b" type=\"text/css\"").unwrap_or(rest);
    let sheet = rest.strip_prefix(b">")?;
    let (sheet, after) = sheet.split_at_checked(find(sheet, END)?)?;
    // Old pages hide it from browsers that do not know style sheets.
    let inner = sheet.trim_ascii();
    let inner = inner.strip_prefix(b"<!--").unwrap_or(inner);
    let inner = inner.strip_suffix(b"-->").unwrap_or(inner);
    let runs = |word: &[u8]| find(inner, word).is_some();
    let is_plain = |byte: &u8| !matches!(byte, b'<' | b'\\');
    // A sheet that loads something tells its host what it applies to.
    (inner.iter().all(is_plain)
        && calls_style(inner)
        && !runs(b"url(")
        && !runs(b"@import")
        && !runs(b"script:"))
    .then(|| after.get(END.len()..))?
}
