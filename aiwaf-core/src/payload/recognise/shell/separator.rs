//! What follows a sign that parts commands: a command, or the rest of a sentence?

use super::super::html::closes_shown_tag;
use super::super::{Report, cut, find};
use super::names::{Command, certain_or_known, command};
use super::{COMMAND, QUOTED, word};
use crate::payload::squeeze::is_word;

/// How much of a line is looked at after a separator, and before it.
const MAX_COMMAND: usize = 256;
const MAX_BEFORE: usize = 64;

/// A command after a separator.
pub(super) fn separator(text: &[u8], at: usize, skip: usize, report: &mut Report<'_>) {
    // A command and its neighbourhood: each separator must cost the same, however many there are.
    let tail = cut(text, at + skip, MAX_COMMAND);
    let (name, rest, rooted) = word(tail);
    let kind = match name {
        // A tag of tables everywhere else.
        b"tr" if text.get(at) == Some(&b'$') && rest.first() == Some(&b' ') => Command::Plausible,
        _ => command(name),
    };
    if kind == Command::None && !rooted {
        return;
    }
    // `data:image/png;base64,...`
    if rest.first() == Some(&b',') && name == b"base64" {
        return;
    }
    let mark = text.get(at).copied().unwrap_or(0);
    // A command ends with its line.
    let rest = match mark {
        b'\n' => rest.split(|byte| *byte == b'\n').next().unwrap_or_default(),
        _ => rest,
    };
    if mark == b'\n' && is_next_line(rest) {
        return;
    }
    let evidence = cut(text, at, 64);
    if mark == b'\n' && name == b"echo" && rest.first() == Some(&b' ') && is_address(text.get(..at))
    {
        report(&COMMAND, evidence);
        return;
    }
    if rooted && (kind != Command::None || name.contains(&b'?')) {
        report(&COMMAND, evidence);
        return;
    }
    let substitution = matches!(mark, b'$' | b'`' | b'<' | b'>');
    match kind {
        Command::None => {}
        _ if substitution => {
            let closed = rest
                .iter()
                .take(256)
                .any(|&b| b == if mark == b'`' { b'`' } else { b')' });
            let prints = matches!(name, b"echo" | b"printf" | b"expr" | b"tr")
                && rest.first() == Some(&b' ');
            if !closed
                || !(has_argument(rest)
                    || kind == Command::Certain
                    || prints
                    || rest.first() == Some(&b')'))
            {
                return;
            }
            // Text that shows commands puts them between back-quotes, after a space.
            let shown = mark == b'`'
                && at
                    .checked_sub(1)
                    .and_then(|i| text.get(i))
                    .is_some_and(|b| matches!(b, b' ' | b'\n' | b'['));
            if !shown {
                report(&COMMAND, evidence);
            } else if rest.first() == Some(&b' ') {
                report(&QUOTED, evidence);
            }
        }
        Command::Certain | Command::Plausible => {
            if rest.first().is_some_and(|b| is_word(*b)) {
                return;
            }
            let from = at.saturating_sub(MAX_BEFORE);
            let head = text.get(from..at).unwrap_or_default().trim_ascii_end();
            // A list of names: `id|name`, `pwd;env`.
            let trimmed = rest.trim_ascii();
            if trimmed.first() == Some(&b'=') {
                return;
            }
            let bare = trimmed.is_empty() || matches!(trimmed.first(), Some(b';' | b'|' | b'&'));
            if head.is_empty() && !bare && (certain_or_known(name) || has_argument(rest)) {
                report(&COMMAND, evidence);
                return;
            }
            let spaced = tail.first() == Some(&b' ');
            if spaced && is_version(name, trimmed) {
                return;
            }
            if is_layout(text, at, kind, rest) {
                return;
            }
            let glued =
                head.last().is_some_and(|b| b.is_ascii_alphabetic()) && !spaced && mark != b'\n';
            if bare && glued && skip == 2 && ends_with_command(head) {
                report(&COMMAND, evidence);
                return;
            }
            if mark == b'|' && skip == 1 && name == b"echo" && command(head) != Command::None {
                report(&COMMAND, evidence);
                return;
            }
            // `& id & echo`: between two separators, and a command again.
            if name == b"id"
                && mark == b'&'
                && let [b'&', after @ ..] = trimmed
                && let next = first_word(after)
                && (next == b"echo" || command(next) == Command::Certain)
            {
                report(&COMMAND, evidence);
                return;
            }
            let certain = kind == Command::Certain;
            let separators_follow = matches!(
                rest.trim_ascii(),
                [b';' | b'|' | b'&' | b'`'] | [b';' | b'|' | b'&', b';' | b'|' | b'&']
            );
            if bare && glued && !separators_follow && !(certain && name.len() > 4) {
                return;
            }
            let words = head.iter().filter(|b| b.is_ascii_alphabetic()).count() > 2;
            let prose = mark == b'\n' || mark == b'&' || spaced && words && name != b"id";
            let found = if bare {
                !(prose && !certain && !separators_follow) || head.len() < 3
            } else if certain {
                has_argument(rest)
                    || rest.first() != Some(&b' ')
                    // A shell within the client of a database.
                    || matches!(name, b".shell" | b".system")
                    || name.contains(&b'-') && !head.contains(&b' ')
            } else {
                takes(name, rest)
                    || has_argument(rest)
                        && !(spaced
                            && mark == b'&'
                            && rest
                                .trim_ascii_start()
                                .first()
                                .is_some_and(u8::is_ascii_digit)
                            && head.contains(&b' '))
            };
            if found {
                report(&COMMAND, evidence);
            }
        }
    }
}

/// Whether all that stands before the line is an address: what a form for `ping` asks for.
fn is_address(head: Option<&[u8]>) -> bool {
    let head = head.and_then(|head| std::str::from_utf8(head.trim_ascii()).ok());
    head.is_some_and(|head| head.parse::<std::net::Ipv4Addr>().is_ok())
}

/// `ps: one more thing`, `passwd, and then`: what follows the first word of the next line of a text. A shell of Windows takes a
/// comma for a blank, so that words must stand behind it; and there is no sign with which a line does something else.
fn is_next_line(rest: &[u8]) -> bool {
    let is_sign = |byte: &u8| b"<>`$|;&".contains(byte);
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || *byte >= 0x80;
    let goes_on = match rest {
        [b':', b' ', ..] => true,
        [b':', next, ..] => is_letter(next),
        [b',', b' ', text @ ..] => {
            let len = text.iter().take_while(|byte| is_letter(byte)).count();
            len > 0 && matches!(text.get(len..), Some([] | [b' ', ..]))
        }
        _ => false,
    };
    goes_on && !rest.iter().any(is_sign)
}

fn first_word(text: &[u8]) -> &[u8] {
    let mut words = text.trim_ascii_start().split(|byte| !is_word(*byte));
    words.next().unwrap_or_default()
}

/// Whether a text is a command too, and nothing else: `ls||id`.
fn ends_with_command(head: &[u8]) -> bool {
    command(head) != Command::None
}

/// `zsh 5.8`: a shell or a language in a list of programs, with its version.
fn is_version(name: &[u8], argument: &[u8]) -> bool {
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

/// Whether the separator is part of how a text is laid out: an indented line of a trace, a cell of a table, the end of an
/// entity of HTML.
fn is_layout(text: &[u8], at: usize, kind: Command, rest: &[u8]) -> bool {
    let spaced = text.get(at + 1) == Some(&b' ');
    match text.get(at) {
        Some(b'\n') => spaced && kind != Command::Certain,
        Some(b'&') => {
            spaced && matches!(rest, [b'<', next, ..] if next.is_ascii_alphabetic())
                || closes_shown_tag(rest)
        }
        Some(b'|') => {
            let cells = text.iter().filter(|byte| **byte == b'|').take(4).count();
            // A row of a table, with blanks around its cells or without.
            spaced && cells > 3 && rest.trim_ascii_start().starts_with(b"| ")
                || at == 0
                    && cells > 2
                    && kind != Command::Certain
                    && matches!(rest, [b'|', next, ..] if is_word(*next))
        }
        Some(b';') => {
            let before = text.get(at.saturating_sub(8)..at).unwrap_or_default();
            let name = before
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
                .count();
            name > 1 && before.len() > name && before.get(before.len() - name - 1) == Some(&b'&')
        }
        _ => false,
    }
}

/// Whether `rest` is what an argument looks like, or the end of the command.
fn has_argument(rest: &[u8]) -> bool {
    let body = rest.trim_ascii_start();
    // `"; touch test #`: what follows is none of the shell's business.
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

/// Whether `rest` is an argument that only this command has: `exec id`, `dd if=/x`, `ip addr`.
fn takes(name: &[u8], rest: &[u8]) -> bool {
    let body = rest.trim_ascii();
    match name {
        b"exec" | b"env" => {
            let word = body.split(|b| !is_word(*b)).next().unwrap_or_default();
            word.len() > 1 && command(word) != Command::None && rest.first() == Some(&b' ')
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

/// `x=y`: what is behind `alias`.
pub(super) fn assigns(body: &[u8]) -> bool {
    let named = |byte: &&u8| is_word(**byte) || matches!(byte, b'-' | b'.' | b':');
    let name = body.iter().take_while(named).count();
    name > 0 && matches!(body.get(name..), Some([b'=', next, ..]) if *next != b' ' && *next != b'=')
}
