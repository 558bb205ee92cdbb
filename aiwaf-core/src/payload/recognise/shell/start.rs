//! Values that are a command line from their first word.

use super::super::{Report, cut};
use super::arguments::assigns;
use super::names::{Command, command};
use super::{START, word};
use crate::payload::squeeze::is_word;

/// A value that is a command line from its start.
pub(super) fn start(text: &[u8], quoted: bool, report: &mut Report<'_>) {
    let (name, rest, rooted) = word(text);
    let kind = command(name);
    // `/bin/ca?`: the shell finds the name.
    let globbed = rooted && name.contains(&b'?');
    // A message from the shell itself: `/bin/sh: man: not found`.
    if kind == Command::None && !globbed || rest.starts_with(b": ") {
        return;
    }
    let arguments = rest.trim_ascii_start();
    let is_parted = arguments.len() < rest.len();
    let found = match rooted || is_parted {
        true => {
            rooted && !(rest.is_empty() && is_file(text, name, kind))
                || takes(name, arguments)
                || name == b"expr" && is_first(name, text) && is_sum(before_close(arguments))
        }
        // `{ls,-la}`: the braces stand for the spaces.
        false => {
            text.starts_with(b"{")
                && matches!(rest, [b',', b'-' | b'/', ..])
                && rest.contains(&b'}')
                || quoted && kind == Command::Certain && name.len() > 4 && rest.is_empty()
        }
    };
    if found {
        report(&START, cut(text, 0, 64));
    }
}

/// `/tmp/test`: rather the name of a file than a command.
fn is_file(text: &[u8], name: &[u8], kind: Command) -> bool {
    let is_pattern = |byte: &u8| matches!(byte, b'?' | b'*' | b'[');
    text.starts_with(b"/tmp/")
        && kind == Command::Plausible
        && name != b"sh"
        && !text.iter().any(is_pattern)
}

/// Whether a text begins with a command, perhaps in parentheses.
fn is_first(name: &[u8], text: &[u8]) -> bool {
    text.strip_prefix(b"(").unwrap_or(text).starts_with(name)
}

/// What stands before the parenthesis that closes a group of commands.
fn before_close(arguments: &[u8]) -> &[u8] {
    let end = memchr::memchr(b')', arguments).unwrap_or(arguments.len());
    arguments.get(..end).unwrap_or_default()
}

/// Words of sentences after which a dash does not begin an option.
const WORDS_BEFORE_DASHES: [&[u8]; 14] = [
    b"time", b"date", b"more", b"less", b"find", b"test", b"at", b"host", b"file", b"type",
    b"start", b"last", b"top", b"reg",
];

/// Words of sentences after which a slash does not begin a path.
const WORDS_BEFORE_SLASHES: [&[u8]; 12] = [
    b"find", b"time", b"date", b"host", b"at", b"last", b"start", b"read", b"free", b"which",
    b"top", b"file",
];

/// Whether `arguments` are typical of the command `name`.
fn takes(name: &[u8], arguments: &[u8]) -> bool {
    let is_option = matches!(arguments, [b'-', next, ..] if next.is_ascii_alphabetic());
    if is_option && !WORDS_BEFORE_DASHES.contains(&name) {
        return true;
    }
    let is_path = is_path(arguments);
    if is_path
        && (!WORDS_BEFORE_SLASHES.contains(&name) || name == b"find" && has_option(arguments))
    {
        return true;
    }
    match name {
        b"cmd" | b"cmd.exe" | b"type" | b"dir" | b"ipconfig" | b"net" => {
            matches!(arguments, [b'/' | b'%', next, ..] if next.is_ascii_alphabetic())
        }
        b"alias" => assigns(arguments),
        b"cd" => matches!(arguments, [b'/' | b'~', b';' | b'&' | b'|', ..]),
        b"wget" | b"curl" | b"lynx" | b"fetch" | b"mshta" | b"mshta.exe" => {
            arguments.starts_with(b"http://") || arguments.starts_with(b"https://")
        }
        b"rundll32" | b"rundll32.exe" => arguments.starts_with(b"javascript:"),
        b"ping" | b"sleep" => {
            let is_part =
                |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b' ' | b'&' | b'|');
            arguments.first().is_some_and(u8::is_ascii_digit) && arguments.iter().all(is_part)
        }
        _ => false,
    }
}

/// `/x`, `../`, `~/`, `c:\`; but `/u/name` and `/r/name` are users and sections of a forum.
fn is_path(arguments: &[u8]) -> bool {
    match arguments {
        [b'/', b'u' | b'r', b'/', ..] => false,
        [b'/', next, ..] => is_word(*next),
        [b'.', b'.', b'/', ..] | [b'~', b'/', ..] => true,
        [b'a'..=b'z', b':', b'\\' | b'/', ..] => true,
        _ => false,
    }
}

/// `1 + 2`, and nothing else: an argument of `expr`.
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

/// Whether there is an option among the arguments.
fn has_option(arguments: &[u8]) -> bool {
    arguments
        .array_windows::<3>()
        .any(|window| matches!(window, [b' ', b'-', letter] if letter.is_ascii_alphabetic()))
}
