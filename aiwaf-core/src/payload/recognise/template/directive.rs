//! Directives: `{% include x %}`.

use super::expression::OBJECTS;
use super::{DIRECTIVE, Report, cut, find};
use crate::payload::squeeze::is_word;

/// Whether a directive tests or loops over plain names, as mail templates do: `if user`,
/// `for item in order.items`. It has no comparison, because a comparison can be used to guess
/// values.
pub(super) fn is_plain_block(inner: &[u8]) -> bool {
    let inner = inner.trim_ascii();
    let mut words = inner.split(|b| *b == b' ');
    let plain = |b: &u8| b.is_ascii_lowercase() || matches!(b, b' ' | b'_' | b'.');
    matches!(words.next(), Some(b"if" | b"for"))
        && inner.iter().all(plain)
        && find(inner, b"__").is_none()
        && words.all(|name| {
            let root = name.split(|b| *b == b'.').next().unwrap_or_default();
            !OBJECTS.contains(&root)
        })
}

pub(super) fn directive(text: &[u8], at: usize, inner: &[u8], report: &mut Report<'_>) {
    let inner = match inner {
        [b'-' | b'+', inner @ ..] => inner.trim_ascii(),
        inner => inner.trim_ascii(),
    };
    let word: &[u8] = inner.split(|b| !is_word(*b)).next().unwrap_or_default();
    if matches!(
        word,
        b"import"
            | b"include"
            | b"set"
            | b"for"
            | b"if"
            | b"debug"
            | b"load"
            | b"extends"
            | b"block"
            | b"macro"
            | b"call"
            | b"with"
            | b"from"
            | b"filter"
            | b"raw"
            | b"print"
            | b"do"
            | b"while"
            | b"autoescape"
            | b"verbatim"
            | b"module"
            | b"apply"
            | b"assign"
            | b"capture"
            | b"eval"
            | b"embed"
            | b"use"
            | b"render"
            | b"include_relative"
    ) {
        report(&DIRECTIVE, cut(text, at, 64));
    }
}
