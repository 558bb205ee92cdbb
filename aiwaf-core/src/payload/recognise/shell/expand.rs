//! Commands that are only there once a shell has expanded patterns and variables.

use super::super::{Report, cut};
use super::COMMAND;
use crate::payload::squeeze::is_word;

/// Files and commands that a shell is made to find by their pattern.
const GLOBBED: [&[u8]; 22] = [
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
];

/// How many words of a value are tried as patterns.
const MAX_GLOBS: usize = 16;

/// Words with `?` and `*` that stand for a file of the system.
pub(super) fn globs(text: &[u8], report: &mut Report<'_>) {
    if memchr::memchr2(b'?', b'*', text).is_none() {
        return;
    }
    let words = text.split(|b| matches!(b, b' ' | b'\n' | b';' | b'|' | b'&' | b'`' | b'(' | b')'));
    let patterns = words
        .filter(|word| {
            word.len() <= 32
                && word.first() == Some(&b'/')
                && word.iter().any(|b| matches!(b, b'?' | b'*'))
                && word.iter().filter(|b| is_word(**b)).count() >= 2
        })
        .take(MAX_GLOBS);
    for pattern in patterns {
        if GLOBBED.iter().any(|file| matches_file(pattern, file)) {
            report(&COMMAND, pattern);
            return;
        }
    }
}

/// Whether the pattern of a shell matches the path: `*` and `?` stop at a slash.
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
    // Where to go on if what follows the last star does not fit: one byte of the name more for the star.
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

/// `a=c;b=at;$a$b /x`: what was put together is run.
pub(super) fn assembled(text: &[u8], report: &mut Report<'_>) {
    for at in memchr::memchr_iter(b'$', text).take(MAX_GLOBS) {
        let head = text.get(..at).unwrap_or_default();
        let mark = head.trim_ascii_end().last();
        if !matches!(mark, Some(b';' | b'&' | b'|')) {
            continue;
        }
        let tail = text.get(at + 1..).unwrap_or_default();
        let len = tail.iter().take(16).take_while(|b| is_word(**b)).count();
        let name = tail.get(..len).unwrap_or_default();
        let assigned = |from: &[u8]| {
            from.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(b"=") && !rest.starts_with(b"=="))
        };
        if len > 0
            && head
                .split(|b| matches!(b, b';' | b'&' | b'|' | b' '))
                .any(assigned)
        {
            report(&COMMAND, cut(text, at, 64));
            return;
        }
    }
}
