//! Commands that appear only when a shell expands patterns and variables.

use std::collections::HashSet;

use super::super::{Report, cut};
use super::COMMAND;
use super::names::{Command, command};
use crate::payload::squeeze::is_word;

/// Files and commands that attackers make a shell find by a pattern.
const GLOBBED: [&[u8]; 23] = [
    b"/etc/passwd",
    b"/etc/shadow",
    b"/etc/group",
    b"/etc/hosts",
    b"/etc/issue",
    b"/bin/cat",
    b"/bin/ls",
    b"/bin/sh",
    b"/bin/nc",
    b"/bin/id",
    b"/bin/bash",
    b"/bin/echo",
    b"/bin/ping",
    b"/bin/sleep",
    b"/bin/uname",
    b"/usr/bin/id",
    b"/usr/bin/cat",
    b"/usr/bin/nc",
    b"/usr/bin/curl",
    b"/usr/bin/wget",
    b"/usr/bin/python",
    b"/usr/bin/whoami",
    b"/usr/bin/uname",
];

/// More programs that attackers run.
const PROGRAMS: [&[u8]; 8] = [
    b"whoami",
    b"ifconfig",
    b"netstat",
    b"hostname",
    b"nslookup",
    b"perl",
    b"php",
    b"dd",
];

/// The longest name of a variable that is tracked.
const MAX_NAME: usize = 16;

/// Words with `?`, `*` and `[x]` that match a file of the system.
pub(super) fn globs(text: &[u8], report: &mut Report<'_>) {
    if memchr::memchr3(b'?', b'*', b'[', text).is_none() {
        return;
    }
    let words = text.split(|b| matches!(b, b' ' | b'\n' | b';' | b'|' | b'&' | b'`' | b'(' | b')'));
    let patterns = words.filter(|word| {
        word.len() <= 32
            && word.first() == Some(&b'/')
            && word.iter().any(|b| matches!(b, b'?' | b'*' | b'['))
            && word.iter().filter(|b| is_word(**b)).count() >= 2
            // Only a slash matches a slash, and each of the files has two.
            && word.iter().filter(|b| **b == b'/').count() >= 2
    });
    for pattern in patterns {
        if GLOBBED.iter().any(|file| matches_file(pattern, file)) {
            report(&COMMAND, pattern);
            return;
        }
    }
}

/// Whether the name of a program is a pattern that one of these matches: `w*oami`, `[i]d`. A name
/// after which anything may follow (`python3*`) is one in a list of files.
pub(super) fn names_program(pattern: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'*' | b'[');
    let globbed = GLOBBED
        .iter()
        .filter_map(|path| path.rsplit(|byte| *byte == b'/').next());
    let mut programs = globbed.chain(PROGRAMS);
    pattern.iter().any(is_sign)
        && pattern.iter().any(u8::is_ascii_lowercase)
        && pattern.last().is_some_and(|byte| is_word(*byte))
        && programs.any(|program| matches_name(pattern, program))
}

/// Whether a shell pattern matches the path: `*` and `?` stop at a slash.
fn matches_file(pattern: &[u8], file: &[u8]) -> bool {
    let mut files = file.split(|&b| b == b'/');
    let mut patterns = pattern.split(|&b| b == b'/');
    loop {
        match (patterns.next(), files.next()) {
            (None, None) => return true,
            (Some(pattern), Some(name)) if matches_name(pattern, name) => {}
            _ => return false,
        }
    }
}

fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Where to continue if what follows the last star does not match: the star then takes one more
    // byte.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = name.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(&sign) if sign == byte || sign == b'?' => {
                at += 1;
                read += 1;
            }
            // One byte out of several. The set is ignored, because the rest has to match anyway.
            Some(b'[') => match pattern.iter().skip(at).position(|byte| *byte == b']') {
                Some(length) => {
                    at += length + 1;
                    read += 1;
                }
                None => return false,
            },
            _ => match star {
                Some((after, from)) => {
                    at = after;
                    read = from + 1;
                    star = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|b| *b == b'*'))
}

/// `a=c;b=at;$a$b /x`: variables are assembled into a command.
pub(super) fn assembled(text: &[u8], report: &mut Report<'_>) {
    if memchr::memchr(b'$', text).is_none() {
        return;
    }
    let mut assigned = HashSet::new();
    let commands = text.split(|b| matches!(b, b';' | b'&' | b'|'));
    for command in commands {
        let command = command.trim_ascii_start();
        if let Some(used) = command.strip_prefix(b"$")
            && assigned.contains(name(used))
        {
            report(&COMMAND, cut(command, 0, 64));
            return;
        }
        for word in command.split(|b| *b == b' ') {
            let name = name(word);
            let value = word
                .get(name.len()..)
                .and_then(|rest| rest.strip_prefix(b"="));
            if !name.is_empty() && value.is_some_and(|value| !value.starts_with(b"=")) {
                assigned.insert(name);
            }
        }
    }
}

/// A function that calls itself twice: `:(){ :|:& };:`.
pub(super) fn bombs(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"()").any(|at| {
        let head = text.get(..at).unwrap_or_default().trim_ascii_end();
        let len = head
            .iter()
            .rev()
            .take(MAX_NAME)
            .take_while(|b| is_called(**b))
            .count();
        let name = head.get(head.len() - len..).unwrap_or_default();
        let body = text.get(at + 2..).unwrap_or_default().trim_ascii_start();
        let Some(body) = body.strip_prefix(b"{").map(<[u8]>::trim_ascii_start) else {
            return false;
        };
        let calls = |text: &[u8]| -> Option<usize> {
            let after = text.strip_prefix(name)?;
            let after = after
                .strip_prefix(b"()")
                .unwrap_or(after)
                .trim_ascii_start();
            matches!(after.first(), Some(b'|' | b'&')).then(|| text.len() - after.len() + 1)
        };
        !name.is_empty()
            && calls(body)
                .and_then(|end| body.get(end..))
                .is_some_and(|rest| rest.trim_ascii_start().starts_with(name))
    })
}

/// Whether a byte can be part of a short function name.
const fn is_called(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b':' | b'.')
}

/// Whether the whole text is `<(cmd)` or `>(cmd)`: the output or input of a command as a file.
pub(super) fn is_piped_command(text: &[u8]) -> bool {
    let Some(inside) = text
        .strip_prefix(b"<(")
        .or_else(|| text.strip_prefix(b">("))
        .and_then(|inside| inside.strip_suffix(b")"))
    else {
        return false;
    };
    let word = inside.split(|b| *b == b' ').next().unwrap_or_default();
    let is_known = command(word) != Command::None;
    is_known || inside.len() > 1 && inside.iter().all(u8::is_ascii_lowercase)
}

/// The longest word with braces that is expanded, and the most words that it may expand to.
const MAX_BRACED: usize = 64;
const MAX_ALTERNATIVES: usize = 8;

/// `{id,}`, `c{a,un}t`, `{l,-lh}s`: braces expand to a command and its arguments.
pub(super) fn expands_to_command(word: &[u8]) -> bool {
    let inner =
        |byte: &u8| is_word(*byte) || matches!(byte, b'{' | b'}' | b',' | b'-' | b'/' | b'.');
    if word.len() > MAX_BRACED || !word.iter().all(inner) {
        return false;
    }
    let Some((open, close)) = memchr::memchr(b'{', word).zip(memchr::memchr(b'}', word)) else {
        return false;
    };
    let (Some(before), Some(inside), Some(after)) = (
        word.get(..open),
        word.get(open + 1..close),
        word.get(close + 1..),
    ) else {
        return false;
    };
    let kinds = |alternative: &[u8]| {
        let written: smallvec::SmallVec<[u8; MAX_BRACED]> = before
            .iter()
            .chain(alternative)
            .chain(after)
            .copied()
            .collect();
        command(&written)
    };
    let alternatives = || inside.split(|b| *b == b',').take(MAX_ALTERNATIVES);
    // An alternative that is not a separate word: nothing, an option, a path.
    let argued = alternatives().any(|alternative| matches!(alternative, [] | [b'-' | b'/', ..]));
    let is_whole = before.is_empty() && after.is_empty();
    alternatives().count() > 1
        && alternatives().any(|alternative| match kinds(alternative) {
            Command::None => false,
            Command::Certain => argued || !is_whole,
            Command::Plausible => argued || !is_whole && !alternative.is_empty(),
        })
}

/// The name that `text` begins with.
fn name(text: &[u8]) -> &[u8] {
    let len = text.iter().take(MAX_NAME).take_while(|b| is_word(**b));
    text.get(..len.count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(read: fn(&[u8], &mut Report<'_>), text: &str) -> bool {
        let mut found = false;
        read(text.as_bytes(), &mut |_, _| found = true);
        found
    }

    /// Any number of decoys may come first: a limit on what is read would be a place to hide
    /// behind.
    #[test]
    fn no_decoy_hides_a_pattern_or_an_assembled_command() {
        let globs_before = "/a?b /c*d ".repeat(200);
        assert!(finds(globs, &format!("{globs_before}/e?c/pa*wd")));
        assert!(!finds(globs, &globs_before));
        let uses_before = ";$x;$y z".repeat(200);
        assert!(finds(
            assembled,
            &format!("{uses_before};a=c;b=at; $a$b /x")
        ));
        assert!(finds(assembled, "x a=id|$a"));
        for text in [
            uses_before.as_str(),
            "a=1;$b",
            "a==1;$a",
            "=1;$ ",
            "$a;a=1",
            "a=1 $a",
        ] {
            assert!(!finds(assembled, text), "{text}");
        }
    }
}
