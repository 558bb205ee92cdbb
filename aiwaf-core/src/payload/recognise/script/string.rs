//! Strings of a script that the value ends and opens again: `'-alert()-'`, `';location=name//`.

use super::super::{Report, cut};
use super::CALL;
use crate::payload::squeeze::is_word;

/// The longest value that is read, and the longest word before the quote.
const MAX_VALUE: usize = 256;
const MAX_WORD: usize = 16;

/// Judges a value as it stands.
pub(super) fn judge(view: &[u8], report: &mut Report<'_>) {
    if view.len() > MAX_VALUE {
        return;
    }
    let word = view.iter().take_while(|byte| is_word(**byte)).count();
    let Some((quote, rest)) = view.get(word..).and_then(<[u8]>::split_first) else {
        return;
    };
    if word > MAX_WORD || !matches!(quote, b'\'' | b'"') {
        return;
    }
    let closing = rest
        .iter()
        .take_while(|byte| matches!(byte, b')' | b']' | b'}'))
        .count();
    let Some((joint, code)) = rest.get(closing..).and_then(<[u8]>::split_first) else {
        return;
    };
    if !b"-+*/,;|&^?\n".contains(joint) {
        return;
    }
    if let Some(code) = code_before_end(code, *quote)
        && runs(code)
        && !is_prose(code)
    {
        report(&CALL, cut(view, 0, 48));
    }
}

/// The code between the string that ends and the rest of the script, which a comment hides or a
/// second string takes in.
fn code_before_end(code: &[u8], quote: u8) -> Option<&[u8]> {
    let code = code.trim_ascii();
    match code {
        [
            code @ ..,
            b'-' | b'+' | b'*' | b'/' | b',' | b';' | b'|' | b'&' | b'^',
            last,
        ] if *last == quote => Some(code),
        [code @ .., b'/', b'/'] => Some(code),
        _ => None,
    }
}

/// Whether code calls something or changes where the page is: `f()`, `` f`x` ``, `new F`,
/// `location=x`, `onload=f`.
fn runs(code: &[u8]) -> bool {
    let calls = |pair: &[u8; 2]| matches!(pair, [before, b'(' | b'`'] if is_word(*before) || matches!(before, b')' | b']' | b'$'));
    let assigns = || {
        memchr::memchr_iter(b'=', code).any(|at| {
            let name = code.get(..at).unwrap_or_default().trim_ascii_end();
            let len = name.iter().rev().take_while(|byte| is_word(**byte)).count();
            let name = name.get(name.len() - len..).unwrap_or_default();
            let is_one = |known: &&[u8]| name.eq_ignore_ascii_case(known);
            [
                b"location".as_slice(),
                b"href",
                b"src",
                b"innerhtml",
                b"cookie",
            ]
            .iter()
            .any(is_one)
                || name.get(..2).is_some_and(|on| on == b"on") && len > 5
        })
    };
    code.array_windows().any(calls) || code.starts_with(b"new ") || assigns()
}

/// Whether two words stand beside each other that no script has.
fn is_prose(code: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] = [
        b"new",
        b"void",
        b"typeof",
        b"return",
        b"await",
        b"delete",
        b"class",
        b"extends",
        b"get",
        b"in",
        b"of",
        b"instanceof",
    ];
    let is_own = |word: &[u8]| WORDS.contains(&word);
    memchr::memchr_iter(b' ', code).any(|at| {
        let (before, after) = code.split_at_checked(at).unwrap_or_default();
        let after = after.get(1..).unwrap_or_default();
        let head = before
            .iter()
            .rev()
            .take_while(|byte| is_word(**byte))
            .count();
        let tail = after.iter().take_while(|byte| is_word(**byte)).count();
        let first = before.get(before.len() - head..).unwrap_or_default();
        let second = after.get(..tail).unwrap_or_default();
        head > 0 && tail > 0 && !is_own(first) && !is_own(second)
    })
}
