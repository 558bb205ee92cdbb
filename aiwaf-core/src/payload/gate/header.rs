//! Signals in headers that no single pair of bytes shows.

use crate::payload::squeeze::is_word;

/// Names with an equals sign that Chromium invents for a browser, so that nobody relies on the
/// list.
const MADE_UP: [&[u8]; 2] = [b"\"Not;A=Brand\"", b"\"Not=A?Brand\""];

/// Whether a header that begins with a quote is an ordinary list,
/// `"Chromium";v="145", "Not)A;Brand";v="99"`, or an entity tag.
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
    // Between two strings, the only words are names of parameters.
    let mut outside = value.split(|byte| *byte == b'"').skip(2).step_by(2);
    plain
        && !inside
        && outside.all(|between| {
            between
                .split(|byte| matches!(byte, b' ' | b',' | b';'))
                .all(|word| word.is_empty() || word.last() == Some(&b'='))
        })
}

/// Whether a `;` or `&` of a header separates more than the elements of a list (`text/html;q=0.9`,
/// `"x";v="99"`, `a; b`) or of a query. A shell would read what follows as the next command.
pub(super) fn may_part_commands(value: &[u8]) -> bool {
    memchr::memchr2_iter(b';', b'&', value).any(|at| match value.get(at..).unwrap_or_default() {
        [] | [_] | [b';', b' ', ..] => false,
        // Part of a name that Chromium invents.
        [b';', after @ ..] if after.starts_with(b"Brand\"") => false,
        // No command except `w` is one letter long.
        [b';', letter, b'=', ..] => !letter.is_ascii_alphabetic() || letter | 0x20 == b'w',
        [b';', ..] => true,
        [_, after @ ..] => {
            let name = |&&byte: &&u8| is_word(byte) || matches!(byte, b'-' | b'.' | b'[' | b']');
            after.get(after.iter().take_while(name).count()) != Some(&b'=')
        }
    })
}

/// Whether a word that begins like the name of an event handler is given a value: `onload=`. A
/// query names its parameters in the same way, but after a `?` or `&`.
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

/// Whether a comment may stand for a blank, as in `1/**/or/**/id=1`. In a list of media types, which
/// begins with a name, its sign stands behind names: `text/*,*/*`.
pub(super) fn may_hold_comment(value: &[u8]) -> bool {
    let begins_number = value.first().is_some_and(u8::is_ascii_digit);
    memchr::memchr_iter(b'*', value).any(|at| {
        let before = at.checked_sub(2).and_then(|start| value.get(start..at));
        let may_end = |byte: u8| begins_number || !byte.is_ascii_alphabetic() && byte != b'*';
        matches!(before, Some([before, b'/']) if may_end(*before))
    })
}
