//! The line as a shell reads it: without quotes, escapes and what stands for nothing.

use super::super::find;
use crate::payload::squeeze::is_word;

/// The line as the shell sees it: lower case, without quotes and backslashes in words.
pub(super) fn unquote(view: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let plus = !has_space(view);
    let mut rest = view;
    loop {
        // What stands for itself is copied at once.
        let plain = rest.iter().take_while(|byte| is_plain(**byte)).count();
        let (text, signs) = rest.split_at_checked(plain).unwrap_or((rest, b""));
        out.extend(text.iter().map(u8::to_ascii_lowercase));
        let Some((&byte, tail)) = signs.split_first() else {
            return;
        };
        rest = tail;
        match byte {
            b'\\' => match tail {
                [b'n' | b'r', after @ ..]
                    if out.is_empty()
                        || !after.first().is_some_and(|b| {
                            b.is_ascii_alphabetic() && out.last().is_some_and(|b| is_word(*b))
                        }) =>
                {
                    out.push(b'\n');
                    rest = after;
                }
                [b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', ..] if out.last() == Some(&b'.') => {
                    out.push(b'\\')
                }
                _ if out.last() == Some(&b':') => out.push(b'\\'),
                _ => {}
            },
            b'\'' | b'"' | b'^' => {}
            // Inside a word only: three of them begin a block of code.
            b'`' if matches!(tail, [b'`', next, ..] if is_word(*next) || *next == b' ')
                && out.last().is_some_and(|b| is_word(*b)) =>
            {
                rest = tail.get(1..).unwrap_or_default();
            }
            b'$' => match tail {
                [b'@' | b'*' | b'!', after @ ..] => rest = after,
                // What no shell has anything in, in the middle of a word.
                [b'?' | b'_' | b'$' | b'-' | b'#', after @ ..]
                    if after.first().is_some_and(|b| is_word(*b) || *b == b'/')
                        && out.last().is_some_and(|b| is_word(*b)) =>
                {
                    rest = after;
                }
                // `$'id'` at the start: a string of its own kind. Elsewhere the sign is an argument.
                [b'\'', ..] if out.is_empty() => {}
                // What stands for nothing: `who$()ami`.
                [b'(', b')', after @ ..] => rest = after,
                // The first sign of a path: `${HOME:0:1}etc`.
                [b'{', after @ ..]
                    if find(after.get(..24).unwrap_or(after), b":0:1}")
                        .is_some_and(|at| at > 0 && after.iter().take(at).all(|b| is_word(*b))) =>
                {
                    out.push(b'/');
                    let end = find(after, b"}").map_or(after.len(), |at| at + 1);
                    rest = after.get(end..).unwrap_or_default();
                }
                [b'{', b'a'..=b'z' | b'A'..=b'Z', b'}', after @ ..]
                    if after.first().is_some_and(|b| is_word(*b))
                        && out.last().is_some_and(|b| is_word(*b) || *b == b'/') =>
                {
                    rest = after;
                }
                [b'{', after @ ..]
                    if after
                        .get(..4)
                        .is_some_and(|w| w.eq_ignore_ascii_case(b"ifs}")) =>
                {
                    out.push(b' ');
                    rest = after.get(4..).unwrap_or_default();
                }
                after
                    if after
                        .get(..3)
                        .is_some_and(|w| w.eq_ignore_ascii_case(b"ifs")) =>
                {
                    out.push(b' ');
                    rest = after.get(3..).unwrap_or_default();
                    if let [b'$', b'9' | b'1', after @ ..] = rest {
                        rest = after;
                    }
                }
                // A variable that is not set: `pas$u/swd` is what is left.
                [b'a'..=b'z' | b'A'..=b'Z', ..]
                    if out.last().is_none_or(|b| !b.is_ascii_digit())
                        && is_unset(variable(tail), out) =>
                {
                    rest = tail.get(variable(tail).len()..).unwrap_or_default();
                }
                _ => out.push(b'$'),
            },
            b'\t' | b'\r' | 0x0b | 0x0c => out.push(b' '),
            b'+' if plus => out.push(b' '),
            _ => out.push(byte.to_ascii_lowercase()),
        }
    }
}

/// The longest name of a variable that is taken for one which is not set, where it stands in a word, and the longest at all.
const MAX_UNSET: usize = 8;
const MAX_VARIABLE: usize = 32;

/// The name of the variable that `text` begins with.
fn variable(text: &[u8]) -> &[u8] {
    let len = text.iter().take(MAX_VARIABLE).take_while(|b| is_word(**b));
    text.get(..len.count()).unwrap_or_default()
}

/// Whether a variable is made up: one letter, however often, or a name behind a word or a pattern that it lengthens by nothing.
fn is_unset(name: &[u8], before: &[u8]) -> bool {
    let is_short = name.len() <= MAX_UNSET;
    let is_letter = name.array_windows().all(|[a, b]| a == b);
    match before.last() {
        Some(b'?') => true,
        Some(byte) if is_word(*byte) => is_short,
        _ => is_short && is_letter,
    }
}

/// Whether a byte is the same to a shell wherever it stands, letter case aside.
fn is_plain(byte: u8) -> bool {
    PLAIN.get(usize::from(byte)).copied().unwrap_or_default()
}

// The loop ends where the table does.
#[allow(clippy::indexing_slicing)]
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = !matches!(
            byte as u8,
            b'\\' | b'\'' | b'"' | b'^' | b'`' | b'$' | b'\t' | b'\r' | 0x0b | 0x0c | b'+'
        );
        byte += 1;
    }
    table
};

/// Whether spaces are written as such. Looked for at the start only: a plus that stands for a space
/// comes early.
pub(super) fn has_space(view: &[u8]) -> bool {
    view.iter().take(64).any(|&b| b == b' ')
}
