//! The line as a shell reads it: without quotes, escapes and expansions to nothing.

use super::super::find;
use crate::payload::squeeze::is_word;

/// The line as the shell reads it: lower case, without quotes and backslashes in words.
pub(super) fn unquote(view: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let plus = !has_space(view);
    let mut rest = view;
    loop {
        // Bytes that stand for themselves are copied at once.
        let plain = rest.iter().take_while(|byte| is_plain(**byte)).count();
        let (text, signs) = rest.split_at_checked(plain).unwrap_or((rest, b""));
        out.extend(text.iter().map(u8::to_ascii_lowercase));
        let Some((&byte, tail)) = signs.split_first() else {
            return;
        };
        rest = match byte {
            b'\\' => escape(tail, out),
            b'$' => expansion(tail, out),
            b'`' => back_quote(tail, out),
            b'\'' | b'"' | b'^' => tail,
            b'\t' | b'\r' | 0x0b | 0x0c => blank(tail, out),
            b'+' if plus => blank(tail, out),
            _ => {
                out.push(byte.to_ascii_lowercase());
                tail
            }
        };
    }
}

/// Writes a blank, and returns what follows.
fn blank<'a>(tail: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    out.push(b' ');
    tail
}

/// Reads what follows a backslash, and returns the rest.
fn escape<'a>(tail: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let in_word = out.last().is_some_and(|byte| is_word(*byte));
    match tail {
        [b'n' | b'r', after @ ..]
            if out.is_empty()
                || !(in_word && after.first().is_some_and(u8::is_ascii_alphabetic)) =>
        {
            out.push(b'\n');
            return after;
        }
        // `.\file`, `c:\`: Windows paths.
        [next, ..] if next.is_ascii_alphanumeric() && out.last() == Some(&b'.') => out.push(b'\\'),
        _ if out.last() == Some(&b':') => out.push(b'\\'),
        _ => {}
    }
    tail
}

/// Reads what follows a back-quote. Two back-quotes expand to nothing only inside a word; three
/// begin a block of code.
fn back_quote<'a>(tail: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    match tail {
        [b'`', after @ ..]
            if after
                .first()
                .is_some_and(|next| is_word(*next) || *next == b' ')
                && out.last().is_some_and(|byte| is_word(*byte)) =>
        {
            after
        }
        _ => {
            out.push(b'`');
            tail
        }
    }
}

/// Reads what follows a dollar sign, and returns the rest.
fn expansion<'a>(tail: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let in_word = out.last().is_some_and(|byte| is_word(*byte));
    match tail {
        [b'@' | b'*' | b'!', after @ ..] => after,
        // Special variables that are empty in the middle of a word.
        [b'?' | b'_' | b'$' | b'-' | b'#', after @ ..]
            if in_word && after.first().is_some_and(|b| is_word(*b) || *b == b'/') =>
        {
            after
        }
        // `$'id'` at the start is a string in ANSI-C quotes. Elsewhere the dollar sign is an
        // argument.
        [b'\'', ..] if out.is_empty() => tail,
        // Expands to nothing: `who$()ami`.
        [b'(', b')', after @ ..] => after,
        [b'{', after @ ..] => braced(after, tail, out),
        [a, b, c, after @ ..] if [*a, *b, *c].eq_ignore_ascii_case(b"ifs") => {
            out.push(b' ');
            match after {
                [b'$', b'9' | b'1', after @ ..] => after,
                _ => after,
            }
        }
        // A variable that is not set expands to nothing: `pas$u/swd`.
        [b'a'..=b'z' | b'A'..=b'Z', ..] => {
            let name = variable(tail);
            let after = tail.get(name.len()..).unwrap_or_default();
            let is_amount = out.last().is_some_and(u8::is_ascii_digit);
            if !is_amount && is_unset(name, out, after) {
                return after;
            }
            out.push(b'$');
            tail
        }
        _ => {
            out.push(b'$');
            tail
        }
    }
}

/// Reads what follows `${`. `tail` begins with the brace.
fn braced<'a>(after: &'a [u8], tail: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    // The first character of a path: `${HOME:0:1}etc`.
    let first_sign = find(after.get(..24).unwrap_or(after), b":0:1}")
        .is_some_and(|at| at > 0 && after.iter().take(at).all(|byte| is_word(*byte)));
    if first_sign {
        out.push(b'/');
        let end = find(after, b"}").map_or(after.len(), |at| at + 1);
        return after.get(end..).unwrap_or_default();
    }
    match after {
        [b'a'..=b'z' | b'A'..=b'Z', b'}', after @ ..]
            if after.first().is_some_and(|byte| is_word(*byte))
                && out.last().is_some_and(|b| is_word(*b) || *b == b'/') =>
        {
            after
        }
        [a, b, c, b'}', after @ ..] if [*a, *b, *c].eq_ignore_ascii_case(b"ifs") => {
            out.push(b' ');
            after
        }
        _ => {
            out.push(b'$');
            tail
        }
    }
}

/// The longest name of a variable that is taken as unset inside a word, and the longest name
/// overall.
const MAX_UNSET: usize = 8;
const MAX_VARIABLE: usize = 32;

/// The name of the variable that `text` begins with.
fn variable(text: &[u8]) -> &[u8] {
    let len = text.iter().take(MAX_VARIABLE).take_while(|b| is_word(**b));
    text.get(..len.count()).unwrap_or_default()
}

/// Whether a variable is presumably unset: one letter, repeated or not; a name after a word or a
/// pattern, to which it adds nothing; or one before a pattern that starts at the root
/// (`$abc/???/c?t`).
fn is_unset(name: &[u8], before: &[u8], after: &[u8]) -> bool {
    if after.starts_with(b"/??") {
        return true;
    }
    let is_short = name.len() <= MAX_UNSET;
    let is_letter = name.array_windows().all(|[a, b]| a == b);
    match before.last() {
        Some(b'?') => true,
        Some(byte) if is_word(*byte) => is_short,
        _ => is_short && is_letter,
    }
}

/// Whether a shell reads a byte the same way in every position, except for its case.
fn is_plain(byte: u8) -> bool {
    PLAIN.get(usize::from(byte)).copied().unwrap_or_default()
}

// The loop ends at the end of the table.
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

/// Whether spaces are written as such. Only the start is searched: a plus sign that stands for a
/// space comes early.
pub(super) fn has_space(view: &[u8]) -> bool {
    view.iter().take(64).any(|&b| b == b' ')
}
