//! Command lines for a Unix shell or for Windows.

mod arguments;
mod around;
mod expand;
mod names;
mod pieced;
mod rules;
mod separator;
mod start;
mod unquote;

use self::expand::{assembled, bombs, expands_to_command, globs, is_piped_command};
use self::names::{Command, command};
use self::pieced::is_pieced_command;
pub(super) use self::rules::RULES;
use self::rules::{COMMAND, QUOTED, START};
use self::separator::separator;
use self::start::start;
use self::unquote::{has_space, unquote};
use super::{Input, Report, cut, find};
use crate::payload::field::Carrier;
use crate::payload::gate::MAX_LINE_VALUE;
use crate::payload::squeeze::{Bytes, is_word};

/// Whether a lower-case word is a command and unlikely to be a word of a sentence.
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

/// Bytes that separate commands, or substitute the output of one.
const SEPARATING: Bytes = Bytes::PIPE
    .or(Bytes::SEMICOLON)
    .or(Bytes::BACKTICK)
    .or(Bytes::AMPERSAND)
    .or(Bytes::DOLLAR)
    .or(Bytes::BACKSLASH);
/// Every argument that distinguishes a command from a word has one of these bytes.
const ARGUING: Bytes = Bytes::SLASH
    .or(Bytes::DASH)
    .or(Bytes::BACKSLASH)
    .or(Bytes::QUOTE)
    .or(Bytes::DOLLAR)
    .or(Bytes::BACKTICK);

/// Judges `input` as a command line.
pub(super) fn judge(input: &Input<'_>, plain: &mut Vec<u8>, report: &mut Report<'_>) {
    let breaks = input.bytes.any(Bytes::LINE) && input.view.len() <= MAX_LINE_VALUE;
    let separated = input.bytes.any(SEPARATING);
    let wraps = input.bytes.any(Bytes::BRACE.or(Bytes::ANGLE));
    let argued = input.bytes.any(ARGUING)
        || input.bytes.any(Bytes::EQUALS) && input.squeezed.starts_with(b"alias ")
        || input.squeezed.starts_with(b"expr ")
        || input.squeezed.starts_with(b"(expr ");
    let header = matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader);
    if !separated && (header || !(breaks || argued || wraps)) {
        return;
    }
    unquote(input.view, plain);
    let text = plain.as_slice();
    whole(input, text, header, report);
    // A plus sign in a decoded value is not a blank: `cat+/x` alone is the name of something.
    let is_plain = has_space(input.view) || !input.view.contains(&b'+');
    if argued && (is_plain || text.first() == Some(&b'/')) && !is_capitalised(input.view) {
        start(text, is_quoted(input), report);
    }
    if breaks || separated {
        separators((input.view, text), breaks, header, report);
    }
    if input.bytes.any(Bytes::LINE) && input.bytes.any(Bytes::BACKSLASH) {
        continued(input.view, plain, breaks, header, report);
    }
}

/// `;sl\` and `eep 5` on the next line: a shell joins two lines if a backslash ends the first.
/// Other programs do not, so the lines are judged both ways.
fn continued(
    view: &[u8],
    plain: &mut Vec<u8>,
    breaks: bool,
    header: bool,
    report: &mut Report<'_>,
) {
    const JOINT: &[u8] = b"\\\n";
    let mut rest = view;
    let mut joined = Vec::new();
    while let Some(at) = find(rest, JOINT) {
        joined.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + JOINT.len()..).unwrap_or_default();
    }
    if rest.len() < view.len() {
        joined.extend_from_slice(rest);
        unquote(&joined, plain);
        separators((&joined, plain), breaks, header, report);
    }
}

/// Attacks that are visible only in the whole line: pipes at both ends, braces, patterns, commands
/// assembled from pieces.
fn whole(input: &Input<'_>, text: &[u8], header: bool, report: &mut Report<'_>) {
    let braced = input.bytes.any(Bytes::BRACE);
    if braced && bombs(text) || is_piped_command(text) || is_between_pipes(text) {
        report(&COMMAND, cut(text, 0, 64));
    }
    if header {
        return;
    }
    let is_path = input.field.carrier == Carrier::Path;
    if braced {
        let last = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let line = if is_path { last } else { text };
        if expands_to_command(line) {
            report(&COMMAND, cut(line, 0, 64));
        }
    }
    if is_path {
        return;
    }
    globs(text, report);
    if input.bytes.any(Bytes::DOLLAR) && input.bytes.any(Bytes::EQUALS) {
        assembled(input.squeezed, report);
    }
    if is_pieced_command(input.view) {
        report(&START, cut(text, 0, 64));
    }
}

/// Whether the value begins with a quote, or contains something that a shell expands to nothing.
fn is_quoted(input: &Input<'_>) -> bool {
    let has = |sign, pair: &[u8]| input.bytes.any(sign) && find(input.view, pair).is_some();
    matches!(input.view, [b'\'' | b'"', ..] | [b'$', b'\'', ..])
        || is_backslashed(input.view)
        || has(Bytes::DOLLAR, b"$()")
        || has(Bytes::BACKTICK, b"``")
}

/// Judges what follows each command separator, in a value and in the line as a shell reads it.
fn separators((view, text): (&[u8], &[u8]), breaks: bool, header: bool, report: &mut Report<'_>) {
    // Two in a row are no separator, unless the value begins with one and only quotes stood between
    // them. A row of a table has them between empty cells.
    let doubled = |text: &[u8]| memchr::memmem::find_iter(text, b";;").count();
    let mut is_split_by_quotes = None;
    let mut may_part = || {
        *is_split_by_quotes
            .get_or_insert_with(|| view.starts_with(b";") && doubled(text) > doubled(view))
    };
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
        // Headers are lists with semicolons, and clients name the language that they are written
        // in.
        if byte == b';' && header && at > 0 && (next == b' ' || names_language(text, at + 1)) {
            continue;
        }
        let previous = at.checked_sub(1).and_then(|i| text.get(i)).copied();
        if skip == 1 && previous == Some(byte) && !(byte == b';' && may_part()) {
            continue;
        }
        separator((view, text), at, skip, report);
    }
}

/// `\w\h\o\a\m\i`: a backslash before every letter, which a shell removes.
fn is_backslashed(view: &[u8]) -> bool {
    let (pairs, rest) = view.as_chunks::<2>();
    rest.is_empty()
        && pairs
            .iter()
            .all(|[sign, letter]| *sign == b'\\' && letter.is_ascii_alphabetic())
}

/// `|pfs -a /x|`: a command of any name between two pipes, with an option and a path.
fn is_between_pipes(text: &[u8]) -> bool {
    let inside = text
        .strip_prefix(b"|")
        .and_then(|text| text.strip_suffix(b"|"));
    let inside = inside.filter(|text| text.len() <= MAX_LINE_VALUE && !text.contains(&b'|'));
    let mut words = inside
        .unwrap_or_default()
        .trim_ascii()
        .split(|byte| *byte == b' ');
    let name = words.next().unwrap_or_default();
    let option = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    name.len() > 1
        && name.iter().all(u8::is_ascii_lowercase)
        && matches!(option, [b'-', letter] if letter.is_ascii_alphabetic())
        && matches!(path, [b'/', letter, ..] if letter.is_ascii_alphabetic())
}

/// Whether the last word of a header, at `at`, is a language: `sendgrid/6.11.0;python`.
fn names_language(text: &[u8], at: usize) -> bool {
    let languages: [&[u8]; 8] = [
        b"python", b"ruby", b"php", b"perl", b"java", b"node", b"nodejs", b"csharp",
    ];
    languages.contains(&text.get(at..).unwrap_or_default())
}

/// Whether a text begins with a capital letter like a sentence (`Ls -la shows it`), and not with a
/// Windows command, where case does not matter.
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

/// Whether a byte may separate two commands, or begin one inside another.
fn may_separate(byte: u8) -> bool {
    SEPARATORS
        .get(usize::from(byte))
        .copied()
        .unwrap_or_default()
}

// The loop ends at the end of the table.
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

/// The word at the start of `text` without its directory, and what follows it.
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
    if token.is_empty() {
        return (token, rest, false);
    }
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
