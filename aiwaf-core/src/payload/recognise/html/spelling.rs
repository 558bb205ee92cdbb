//! Spellings of a tag that only filters read, or that do nothing.

use super::super::{cut, find};
use crate::payload::squeeze::is_word;

/// The longest text that may follow a tag that is only mentioned.
const MAX_TALK: usize = 256;

/// Whether a tag is written with blanks in it, which filters read and nobody writes: `f o r m`,
/// ` x: script`. `has_colon` is false if there is no colon.
pub(super) fn is_spaced_tag(text: &[u8], has_colon: bool) -> bool {
    let near = text.get(..12).unwrap_or(text);
    let colon = || near.array_windows().position(|pair| pair == b": ");
    if let Some(colon) = has_colon.then(colon).flatten() {
        let (prefix, name) = text.split_at_checked(colon).unwrap_or_default();
        let is_prefix = prefix.trim_ascii_start().iter().copied().all(is_word);
        return is_prefix && name.starts_with(b": script");
    }
    // Most tags have no blank after their first letter with a letter after it.
    if !matches!(text, [_, b' ' | b'>' | b'/', next, ..] if next.is_ascii_alphabetic()) {
        return false;
    }
    let mut letters = [0_u8; 6];
    let mut spaced = text
        .iter()
        .step_by(2)
        .zip(text.iter().skip(1).step_by(2).chain(b" "));
    for slot in &mut letters {
        match spaced.next() {
            Some((letter, b' ' | b'>' | b'/')) if letter.is_ascii_alphabetic() => *slot = *letter,
            Some((letter, _)) if letter.is_ascii_alphabetic() => {
                *slot = *letter;
                break;
            }
            _ => break,
        }
    }
    matches!(
        &letters,
        b"form\0\0"
            | b"script"
            | b"iframe"
            | b"object"
            | b"embed\0"
            | b"style\0"
            | b"applet"
            | b"dialog"
            | b"svg\0\0\0"
    )
}

/// `how to use the <script> tag`: the tag is followed by a word that says what it is, and by
/// nothing that a script could do: no call, no assignment, no string, no address.
pub(super) fn is_talked_about(text: &[u8], at: usize, tag: &[u8]) -> bool {
    let inner = tag.strip_prefix(b"script>");
    let Some(inner) = inner.filter(|_| text.get(at..at + 2) == Some(b"<s")) else {
        return false;
    };
    let inner = cut(inner, 0, MAX_TALK + 1);
    let is_prose =
        |byte: &u8| is_word(*byte) || matches!(byte, b' ' | b',' | b'.' | b'?' | b'!' | b'-');
    const NOUNS: [&[u8]; 3] = [b" tag", b" element", b" block"];
    let before = text.get(..at).unwrap_or_default();
    inner.len() <= MAX_TALK
        && NOUNS.iter().any(|noun| inner.starts_with(noun))
        && inner.iter().all(is_prose)
        && memchr::memchr2(b'<', b'>', before).is_none()
}

/// `<!--[if gte mso 9]><xml>`, and its end: what a word processor leaves for itself in text that is
/// copied from it. It stands in a comment, which only such programs read.
pub(super) fn is_of_office(text: &[u8], at: usize, name: &[u8]) -> bool {
    const OPENS: [&[u8]; 2] = [b"<!--[if gte mso ", b"<!-- [if gte mso "];
    const LONGEST: usize = 24;
    let head = text.get(..at).unwrap_or_default();
    let near = cut(head, head.len().saturating_sub(LONGEST), LONGEST).trim_ascii_end();
    let version = |near: &[u8]| {
        OPENS.iter().any(|opens| {
            let at = find(near, opens);
            let rest = at.and_then(|at| near.get(at + opens.len()..)).unwrap_or_default();
            matches!(rest, [digits @ .., b']', b'>'] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
        })
    };
    let closes = text
        .get(at..)
        .is_some_and(|tag| tag.starts_with(b"</xml><![endif]-->"));
    name == b"xml" && (version(near) || closes)
}
