//! URLs that run script.

use smallvec::SmallVec;

use super::super::{Report, cut};
use super::SCHEME;
use crate::payload::squeeze::is_word;

/// Schemes that run what follows them. The first two are also recognised with breaks inside.
const SCHEMES: [&[u8]; 5] = [
    b"javascript",
    b"vbscript",
    b"livescript",
    b"jscript",
    b"mocha",
];

/// Whether a text ends with a scheme that has tabs or line breaks inside, whose only purpose is to
/// evade a filter.
pub(super) fn is_split_scheme(head: &[u8]) -> bool {
    let is_break = |byte: &&u8| matches!(byte, b'\t' | b'\r' | b'\n');
    let mut word = SmallVec::<[u8; 24]>::new();
    let mut breaks = 0_usize;
    for byte in head.iter().rev().take(24) {
        if is_break(&byte) {
            breaks += 1;
        } else if byte.is_ascii_alphabetic() {
            word.push(byte.to_ascii_lowercase());
        } else {
            break;
        }
    }
    word.reverse();
    let is_last = head.last().is_some_and(|byte| byte.is_ascii_alphabetic());
    breaks > 0
        && is_last
        && SCHEMES
            .iter()
            .take(2)
            .any(|scheme| word.as_slice() == *scheme)
}

/// A scheme that ends with the colon at `at`. Browsers drop white space and control characters
/// inside it.
pub(super) fn scheme(text: &[u8], at: usize, report: &mut Report<'_>) {
    let mut buffer = [0u8; 10];
    let mut len = 0;
    let mut start = at;
    for (index, &byte) in text
        .get(..at)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .rev()
        .take(40)
    {
        if byte <= b' ' || byte == b'\\' {
            continue;
        }
        if !byte.is_ascii_alphabetic() || len == buffer.len() {
            break;
        }
        let last = buffer.len() - 1;
        if let Some(slot) = buffer.get_mut(last - len) {
            *slot = byte;
        }
        len += 1;
        start = index;
    }
    let word = buffer.get(buffer.len() - len..).unwrap_or_default();
    let rest = text.get(at + 1..).unwrap_or_default();
    let found = SCHEMES.iter().any(|scheme| word.ends_with(scheme)) && runs(rest)
        || word.ends_with(b"data") && data_runs(rest) && !is_picture_of_a_style(text, start, rest);
    if found {
        report(&SCHEME, cut(text, start, 64));
    }
}

/// Whether what follows `javascript:` is code and not the subtitle of a book.
fn runs(rest: &[u8]) -> bool {
    // A plus sign is a blank that was not decoded.
    let is_spaced = matches!(rest.first(), Some(b' ' | b'+'));
    let body = rest.get(usize::from(is_spaced)..).unwrap_or_default();
    if body.is_empty() || body.starts_with(b"void(0)") || body.starts_with(b"void 0") {
        return false;
    }
    let body = body.get(..160).unwrap_or(body);
    if matches!(body.first(), Some(b';' | b'"' | b'\'' | b'>' | b' ')) {
        return rest.len() > 2
            && body
                .windows(2)
                .any(|pair| matches!(pair, [a, b'('] if is_word(*a)));
    }
    let called = body
        .windows(2)
        .any(|pair| matches!(pair, [a, b'(' | b'`'] if is_word(*a)));
    let operated = body
        .iter()
        .any(|b| matches!(b, b'=' | b'%' | b'/' | b'[' | b'{' | b'\\' | b'+' | b'`'));
    called || !is_spaced && (operated || body.contains(&b'.'))
}

/// `url("data:image/svg+xml,...")`: in a style sheet this is an image, and images run no script.
fn is_picture_of_a_style(text: &[u8], start: usize, rest: &[u8]) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let before = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .unwrap_or(before);
    rest.starts_with(b"image/svg+xml")
        && before.ends_with(b"url(")
        && super::super::find(rest, b"script").is_none()
}

fn data_runs(rest: &[u8]) -> bool {
    let rest = rest.get(..120).unwrap_or(rest);
    [
        b"text/html".as_slice(),
        b"text/javascript",
        b"application/javascript",
        b"image/svg+xml",
        b"text/xml",
        b"application/xml",
        b"application/x-javascript",
        b"application/x-ecmascript",
        b"application/ecmascript",
        b"application/xhtml",
    ]
    .iter()
    .any(|kind| rest.starts_with(kind))
        || rest.starts_with(b",")
        || rest.starts_with(b";base64,")
        || rest.starts_with(b"text/plain;base64,")
        || rest.starts_with(b"//text/")
}
