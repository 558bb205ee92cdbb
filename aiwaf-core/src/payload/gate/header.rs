//! What a header holds without a pair of bytes that tells of it.

use crate::payload::squeeze::is_word;

/// Names that Chromium makes up for a browser, so that nobody relies on the list: those with an equals sign in them.
const MADE_UP: [&[u8]; 2] = [b"\"Not;A=Brand\"", b"\"Not=A?Brand\""];

/// Whether a header that begins with a quote is what such headers are: `"Chromium";v="145", "Not)A;Brand";v="99"`, or a tag.
pub(super) fn is_list_of_strings(value: &[u8]) -> bool {
    let made_up = MADE_UP
        .iter()
        .find(|name| memchr::memmem::find(value, name).is_some());
    let mut signs_inside = usize::from(made_up.is_some());
    let mut inside = false;
    let plain = value.iter().all(|byte| match byte {
        b'"' => {
            inside = !inside;
            true
        }
        b' ' | b',' | b';' | b'.' | b'-' | b'_' => true,
        b'=' if inside => {
            signs_inside = signs_inside.wrapping_sub(1);
            signs_inside == 0
        }
        b'=' => true,
        b'(' | b')' | b':' | b'/' | b'?' | b'+' => inside,
        _ => byte.is_ascii_alphanumeric(),
    });
    // Between two strings there is no word but the name of a parameter.
    let mut outside = value.split(|byte| *byte == b'"').skip(2).step_by(2);
    plain
        && !inside
        && outside.all(|between| {
            between
                .split(|byte| matches!(byte, b' ' | b',' | b';'))
                .all(|word| word.is_empty() || word.last() == Some(&b'='))
        })
}

/// Whether a `;` or `&` of a header parts more than the elements of a list (`text/html;q=0.9`, `"x";v="99"`, `a; b`) or of a
/// query: a shell would read what stands behind it as the next command.
pub(super) fn may_part_commands(value: &[u8]) -> bool {
    memchr::memchr2_iter(b';', b'&', value).any(|at| match value.get(at..).unwrap_or_default() {
        [] | [_] | [b';', b' ', ..] => false,
        // Of a name that Chromium makes up.
        [b';', after @ ..] if after.starts_with(b"Brand\"") => false,
        // No command is one letter long, but for `w`.
        [b';', letter, b'=', ..] => !letter.is_ascii_alphabetic() || letter | 0x20 == b'w',
        [b';', ..] => true,
        [_, after @ ..] => {
            let name = |&&byte: &&u8| is_word(byte) || matches!(byte, b'-' | b'.' | b'[' | b']');
            after.get(after.iter().take_while(name).count()) != Some(&b'=')
        }
    })
}

/// Whether a word that begins as the name of an event handler does is given a value: `onload=`. A query names its parameters
/// likewise, but behind a `?` or `&`.
pub(super) fn may_handle_event(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|at| {
        let head = value.get(..at).unwrap_or_default().trim_ascii_end();
        let word = head.iter().rev().take_while(|byte| is_word(**byte)).count();
        let (before, word) = head.split_at(head.len() - word);
        let is_named = word
            .get(..2)
            .is_some_and(|on| on.eq_ignore_ascii_case(b"on"));
        is_named && !matches!(before.last(), Some(b'?' | b'&'))
    })
}

/// Whether a `#` may begin a comment that cuts off a query: `/1 and name is not null#`.
pub(super) fn may_cut_off(value: &[u8]) -> bool {
    let before = memchr::memchr(b'#', value).and_then(|at| value.get(..at));
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    before.is_some_and(|before| before.iter().any(ends))
}
