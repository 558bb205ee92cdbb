//! Values that are a command line from their first word.

use super::super::{Report, cut};
use super::names::{Command, command};
use super::separator::assigns;
use super::{START, word};
use crate::payload::squeeze::is_word;

/// A value that is a command line from its start.
pub(super) fn start(text: &[u8], quoted: bool, report: &mut Report<'_>) {
    let (name, rest, rooted) = word(text);
    let kind = command(name);
    // `/bin/ca?`: the shell finds the name.
    let globbed = rooted && name.contains(&b'?');
    if kind == Command::None && !globbed {
        return;
    }
    let body = rest.trim_ascii_start();
    // What a shell says itself: `/bin/sh: man: not found`.
    if rest.starts_with(b": ") {
        return;
    }
    if !rooted && body.len() == rest.len() {
        // `{ls,-la}`: the braces stand for the spaces.
        if text.starts_with(b"{") && matches!(rest, [b',', b'-' | b'/', ..]) && rest.contains(&b'}')
        {
            report(&START, cut(text, 0, 64));
        }
        if quoted && kind == Command::Certain && name.len() > 4 && rest.is_empty() {
            report(&START, cut(text, 0, 64));
        }
        return;
    }
    let flag = matches!(body, [b'-', next, ..] if next.is_ascii_alphabetic());
    // People and places of a forum: `ping /u/name`.
    let is_place = matches!(body, [b'/', b'u' | b'r', b'/', ..]);
    let path = matches!(body, [b'/', next, ..] if is_word(*next)) && !is_place
        || matches!(body, [b'.', b'.', b'/', ..] | [b'~', b'/', ..])
        || matches!(body, [b'a'..=b'z', b':', b'\\' | b'/', ..]);
    let url = body.starts_with(b"http://") || body.starts_with(b"https://");
    let option = matches!(
        name,
        b"cmd" | b"cmd.exe" | b"type" | b"dir" | b"ipconfig" | b"net"
    ) && matches!(body, [b'/' | b'%', next, ..] if next.is_ascii_alphabetic());
    let found = rooted
        || option
        || name == b"alias" && assigns(body)
        || name == b"cd" && matches!(body, [b'/' | b'~', b';' | b'&' | b'|', ..])
        || name == b"find" && path && has_option(body)
        || url
            && matches!(
                name,
                b"wget" | b"curl" | b"lynx" | b"fetch" | b"mshta" | b"mshta.exe"
            )
        || matches!(name, b"rundll32" | b"rundll32.exe") && body.starts_with(b"javascript:")
        || flag
            && !matches!(
                name,
                b"time"
                    | b"date"
                    | b"more"
                    | b"less"
                    | b"find"
                    | b"test"
                    | b"at"
                    | b"host"
                    | b"file"
                    | b"type"
                    | b"start"
                    | b"last"
                    | b"top"
                    | b"reg"
            )
        || path
            && !matches!(
                name,
                b"find"
                    | b"time"
                    | b"date"
                    | b"host"
                    | b"at"
                    | b"last"
                    | b"start"
                    | b"read"
                    | b"free"
                    | b"which"
                    | b"top"
                    | b"file"
            )
        || matches!(name, b"ping" | b"sleep")
            && body.first().is_some_and(u8::is_ascii_digit)
            && body
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b' ' | b'&' | b'|'));
    if found || text.starts_with(b"expr") && name == b"expr" && is_sum(body) {
        report(&START, cut(text, 0, 64));
    }
}

/// `1 + 2`, and nothing else: what `expr` is asked for.
fn is_sum(body: &[u8]) -> bool {
    let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    let mut words = body
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words.next().is_some_and(is_number)
        && matches!(words.next(), Some(b"+" | b"*" | b"\\*" | b"%"))
        && words.next().is_some_and(is_number)
        && words.next().is_none()
}

/// Whether an option stands somewhere among the arguments.
fn has_option(arguments: &[u8]) -> bool {
    arguments
        .array_windows::<3>()
        .any(|window| matches!(window, [b' ', b'-', letter] if letter.is_ascii_alphabetic()))
}
