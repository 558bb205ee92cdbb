//! Which pairs of bytes raise a signal.

use super::class::*;
use super::*;

/// The signal of a value that begins with `byte`. A double quote may close the string that contains
/// the value; in headers it opens one.
pub(super) fn value_edge_signal(byte: u8) -> u8 {
    match byte {
        b'"' => ANY,
        _ => edge_signal(byte),
    }
}

/// The signal of a value or header that begins with `byte`.
pub(super) fn edge_signal(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' | b'-' => NUMBER_START,
        b')' => NUMBER_START | ANY,
        b'/' | b'\\' | b'(' | b';' | b'&' | b'|' => ANY,
        // A value that begins with a space continues somebody else's text: ` order by 3`.
        b' ' | b'\n' | b'\'' => ANY,
        _ => 0,
    }
}

/// The signals of a pair of bytes in a value. Letters are lower case; a class of several bytes is
/// represented by the lowest of them.
pub(super) fn value_signal(a: u8, b: u8) -> u8 {
    if any_signal(a, b) || value_only_signal(a, b) {
        return ANY;
    }
    let mut bits = number_signal(a, b);
    if a == b'/' && (b.is_ascii_digit() || b == b'-') {
        bits |= NUMBER_START;
    }
    if a == b'\n' && b != b'\n' {
        bits |= BREAK;
    }
    bits
}

/// The signals that make up [`NUMBER`].
pub(super) fn number_signal(a: u8, b: u8) -> u8 {
    let space = |byte| matches!(byte, b'\n' | b' ');
    let mut bits = 0;
    // A condition needs no space after a number: `0and name is not null`.
    if a.is_ascii_digit() && (space(b) || matches!(b, b'a' | b'o' | b'x')) {
        bits |= NUMBER_SPACE;
    }
    if space(a)
        && matches!(
            b,
            b'a' | b'b'
                | b'd'
                | b'g'
                | b'h'
                | b'i'
                | b'l'
                | b'n'
                | b'o'
                | b'p'
                | b'r'
                | b'u'
                | b'w'
                | b'x'
        )
    {
        bits |= SPACE_WORD;
    }
    bits
}

/// The signals of a pair of bytes in a header.
pub(super) fn header_signal(a: u8, b: u8) -> u8 {
    let quiet = matches!((a, b), (b'*', b'/') | (b'/', b'*') | (b'(', b'"'));
    if any_signal(a, b) && !quiet || header_only_signal(a, b) {
        ANY
    } else if a == b'\n' {
        BREAK
    } else {
        number_signal(a, b)
    }
}

/// Pairs that are rare in any text.
pub(super) fn any_signal(a: u8, b: u8) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match (a, b) {
        // Encodings, and characters that only hide something.
        (b'%', _) if b.is_ascii_hexdigit() || matches!(b, b'u' | b'%' | b'{') => true,
        (b'\\', _) | (_, b'\\') => true,
        (b'&', b'#' | b'&') => true,
        (a, b) if class(a) == CONTROL || class(b) == CONTROL => true,
        (a, b) if class(a) == OVERLONG || class(b) == OVERLONG => true,
        (a, b) => match (class(a), class(b)) {
            (HIGH_E0 | HIGH_F0, HIGH_80) | (HIGH_F0, HIGH_9D) => true,
            (HIGH_BC, HIGH_LETTER) | (HIGH_CA, HIGH_BC) => true,
            (HIGH_EF, other) => other != HIGH_BC,
            (HIGH_80, HIGH_ZERO_WIDTH) | (HIGH_E2, HIGH_88) => true,
            _ => match (a, b) {
                // Tags and templates.
                (b'<', _) | (b'$', b'{' | b'(' | b'_' | b'@' | b'*' | b'\'') => true,
                (b'{', b'{' | b'%' | b'$' | b'#') | (b'#' | b'@' | b'*' | b'~', b'{') => true,
                (b'[', b'[')
                | (b']', b'[' | b'(' | b'.')
                | (b')', b'(' | b'[')
                | (b'@', b'(' | b'@') => true,
                // Quotes that close a string and continue with an operator.
                (
                    b'\'' | b'"',
                    b'|' | b'+' | b'-' | b'*' | b'#' | b'<' | b'>' | b'^' | b'%' | b'&' | b')'
                    | b'(' | b'/',
                ) => true,
                (b'|' | b'+' | b'-' | b'*' | b'>' | b'&' | b'(' | b'%', b'\'' | b'"') => true,
                (b'\'', b' ' | b'\n' | b'=' | b';' | b',' | b'\'' | b':') => true,
                // Comments, stacked commands, pipes.
                (b'-', b'-') | (b'/', b'*') | (b'*', b'/') => true,
                (b'|' | b'`', _) | (_, b'|' | b'`') => true,
                (b')', b';') | (b';', b'}') => true,
                // Function calls and tests.
                (a, b'(') if word(a) => true,
                (a, b'=') if a.is_ascii_digit() => true,
                // An escape in the Windows shell.
                (b'^', b) if b.is_ascii_alphabetic() => true,
                // `alert?.(1)`
                (b'.', b'(') => true,
                // Paths.
                (b'.', b'.') | (b'@', b'/') => true,
                _ => false,
            },
        },
    }
}

/// Pairs that are common in headers.
pub(super) fn value_only_signal(a: u8, b: u8) -> bool {
    match (a, b) {
        (b'=' | b'>' | b'{' | b'}', _) | (_, b'=' | b'>' | b'{' | b'}') => true,
        // Command separators: the next command may stand in brackets, or in a directory of any
        // name.
        (b'&' | b';', _) => true,
        (b'"', b' ' | b'\n' | b';' | b',' | b'"' | b':' | b'\'') => true,
        (b'\'', b'"') => true,
        (b'\'' | b'"', b) if b.is_ascii_digit() => true,
        (a, b'\'' | b'"') if a.is_ascii_digit() || matches!(a, b')' | b',' | b';' | b'/') => true,
        (a, b'#') if a.is_ascii_digit() || matches!(a, b')' | b';') => true,
        (b'(', b'*' | b'|' | b'&' | b'!' | b'(' | b'$' | b')') | (b')', b'(' | b')' | b'*') => true,
        (b'*', b')' | b'(') | (b'[', b'$' | b'!' | b'(' | b'\'' | b'"') => true,
        (b' ' | b'\n', b'-' | b'/' | b'~' | b'*') | (b'*', b' ' | b'\n') => true,
        (b'.', b'/') | (b':', b'/' | b'$') | (b'/', b'/' | b'.' | b' ' | b'\n') => true,
        (b't' | b'a' | b'l' | b'p', b':') => true,
        (b'$', b) => b.is_ascii_alphabetic(),
        (b'?', b'%' | b'?') => true,
        (b' ' | b'\n', b'@') | (b'c' | b's', b'%') => true,
        (b')', b) if b.is_ascii_alphabetic() => true,
        // Characters that a shell skips before a command: `!/bin/cut`.
        (b'(' | b')' | b'!', b'/') => true,
        _ => false,
    }
}

/// Pairs that raise a signal in headers but not in values.
pub(super) const fn header_only_signal(a: u8, b: u8) -> bool {
    matches!(
        (a, b),
        (b'(', b')')
            | (b'\'' | b'"', b'!')
            | (b'!', b'\'' | b'"')
            | (b'=', b' ')
            | (b' ', b'=')
            | (b'"', b' ' | b'=' | b':')
            | (b'0'..=b'9', b'#' | b'>')
            | (b';', b'{')
            | (b'&', b' ')
            | (b'=', b'\'')
            | (b'*', b'!')
            | (b'>', b'(')
            | (b' ', b'@')
    )
}
