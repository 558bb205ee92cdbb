//! Distinguishes the arguments of a command from the words that follow it in a sentence.

use super::super::find;
use super::names::{Command, command};
use crate::payload::squeeze::is_word;

/// `zsh 5.8`: a shell or a language with its version, in a list of programs.
pub(super) fn is_version(name: &[u8], argument: &[u8]) -> bool {
    let is_program = matches!(
        name,
        b"bash"
            | b"zsh"
            | b"sh"
            | b"ksh"
            | b"tcsh"
            | b"python"
            | b"python3"
            | b"ruby"
            | b"perl"
            | b"php"
            | b"node"
            | b"java"
            | b"gcc"
    );
    let len = argument
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let (version, rest) = argument.split_at_checked(len).unwrap_or_default();
    let mut parts = version.split(|byte| *byte == b'.');
    let is_number = parts.clone().count() < 4 && parts.all(|part| !part.is_empty());
    let is_over = matches!(rest.trim_ascii_start(), [] | [b'|' | b',', b' ', ..]);
    is_program && len > 0 && is_number && is_over
}

/// Whether `rest` looks like an argument, or is the end of the command.
pub(super) fn has_argument(rest: &[u8]) -> bool {
    let body = rest.trim_ascii_start();
    // `"; touch test #`: the shell ignores what follows.
    if body.trim_ascii_end().ends_with(b" #") {
        return true;
    }
    let spaced = body.len() < rest.len();
    match body {
        [] => true,
        [b'-', next, ..] => {
            spaced && (next.is_ascii_alphanumeric() || *next == b'-') && !body.starts_with(b"-- ")
        }
        [b'/', b' ', b'-' | b'>', ..] => spaced,
        [b'/', next, ..] => spaced && *next != b' ',
        [b'$' | b'%' | b'~' | b'*', ..] => spaced,
        [
            b';' | b'|' | b'&' | b'`' | b'>' | b'<' | b'#' | b'\n' | b'}',
            ..,
        ] => !spaced || body.len() <= 2 || body.first() != Some(&b'|'),
        [b'.', b'.' | b'/', ..] => spaced,
        [b'0'..=b'9', ..] => spaced,
        [b'a'..=b'z', b':', b'\\' | b'/', ..] => spaced,
        [b',', next, ..] => next.is_ascii_alphanumeric() || *next == b'/',
        _ => {
            find(body.get(..64).unwrap_or(body), b"://").is_some()
                || spaced && {
                    let len = body.iter().take_while(|b| is_word(**b)).count();
                    matches!(body.get(len), Some(b'.' | b'/' | b'\\'))
                        && body.get(len + 1).is_some_and(|b| is_word(*b))
                }
        }
    }
}

/// Whether `rest` is an argument that is specific to this command: `exec id`, `dd if=/x`,
/// `ip addr`.
pub(super) fn takes(name: &[u8], rest: &[u8]) -> bool {
    let body = rest.trim_ascii();
    match name {
        b"exec" | b"env" => {
            let word = first_word(body);
            word.len() > 1 && command(word) != Command::None && rest.first() == Some(&b' ')
        }
        b"sudo" | b"doas" | b"nohup" => {
            let word = first_word(body);
            let after = body.get(word.len()..).unwrap_or_default();
            command(word) != Command::None && (has_argument(after) || takes(word, after))
        }
        // Words of other texts too, so the command must be no word.
        _ if runs_another(name) || matches!(name, b"eval" | b"time" | b"busybox") => {
            let word = first_word(body);
            let after = body.get(word.len()..).unwrap_or_default();
            let is_clear = word == b"id" || command(word) == Command::Certain;
            rest.first() == Some(&b' ') && is_clear && has_argument(after)
        }
        b"alias" => assigns(body),
        b"cd" => matches!(body, [b'/' | b'~' | b'.', ..]),
        b"dd" => body.starts_with(b"if=") || body.starts_with(b"of="),
        b"find" => body.starts_with(b". -") || body.starts_with(b"/ -"),
        b"ip" => matches!(
            body,
            b"a" | b"addr" | b"address" | b"r" | b"route" | b"link" | b"n" | b"neigh"
        ),
        _ => false,
    }
}

/// Commands that run the command after them, and are words of other texts too.
pub(super) fn runs_another(name: &[u8]) -> bool {
    matches!(
        name,
        b"command" | b"nice" | b"setsid" | b"ionice" | b"xargs" | b"runuser" | b"watch"
    )
}

/// `x=y`: an argument of `alias`.
pub(super) fn assigns(body: &[u8]) -> bool {
    let named = |byte: &&u8| is_word(**byte) || matches!(byte, b'-' | b'.' | b':');
    let name = body.iter().take_while(named).count();
    name > 0 && matches!(body.get(name..), Some([b'=', next, ..]) if *next != b' ' && *next != b'=')
}

pub(super) fn first_word(text: &[u8]) -> &[u8] {
    let mut words = text.trim_ascii_start().split(|byte| !is_word(*byte));
    words.next().unwrap_or_default()
}
