//! Distinguishes a command after a command separator from the rest of a sentence.

use super::super::html::closes_shown_tag;
use super::super::{Report, cut, find};
use super::expand::names_program;
use super::names::{Command, certain_or_known, command};
use super::{COMMAND, QUOTED, word};
use crate::payload::rules::Rule;
use crate::payload::squeeze::is_word;

/// How much of a line is read after a separator, and before it.
const MAX_COMMAND: usize = 256;
const MAX_BEFORE: usize = 64;

/// Judges what follows the separator at `at`, which is `skip` bytes long.
pub(super) fn separator(text: &[u8], at: usize, skip: usize, report: &mut Report<'_>) {
    let rule = Separated::read(text, at, skip).and_then(|found| found.judge());
    if let Some(rule) = rule {
        report(rule, cut(text, at, 64));
    }
}

/// A command separator, and the word after it, which may be a command.
struct Separated<'a> {
    text: &'a [u8],
    at: usize,
    skip: usize,
    /// The first byte of the separator.
    mark: u8,
    name: &'a [u8],
    kind: Command,
    /// Whether the directory of programs stands before the name.
    rooted: bool,
    /// Whether a blank stands between the separator and the name.
    spaced: bool,
    /// What follows the name. A command at the start of a line ends with the line.
    rest: &'a [u8],
}

impl<'a> Separated<'a> {
    fn read(text: &'a [u8], at: usize, skip: usize) -> Option<Self> {
        // A command and what surrounds it. The cost of each separator must be bounded, because
        // there may be many.
        let tail = cut(text, at + skip, MAX_COMMAND);
        let (name, rest, rooted) = word(tail);
        let mark = text.get(at).copied().unwrap_or(0);
        let kind = match name {
            // Everywhere else it is a tag of tables.
            b"tr" if mark == b'$' && rest.first() == Some(&b' ') => Command::Plausible,
            name if runs_another(name) => Command::Plausible,
            _ => command(name),
        };
        if kind == Command::None && !rooted {
            return None;
        }
        let rest = match mark {
            b'\n' => rest.split(|byte| *byte == b'\n').next().unwrap_or_default(),
            _ => rest,
        };
        Some(Self {
            text,
            at,
            skip,
            mark,
            name,
            kind,
            rooted,
            spaced: tail.first() == Some(&b' '),
            rest,
        })
    }

    fn judge(&self) -> Option<&'static Rule> {
        // `data:image/png;base64,...`
        let is_data = self.name == b"base64" && self.rest.first() == Some(&b',');
        if is_data || self.mark == b'\n' && is_next_line(self.rest) {
            return None;
        }
        let is_asked = self.kind != Command::None
            && self.rest.first() == Some(&b' ')
            && self.may_follow_address()
            && is_address(self.text.get(..self.at));
        let is_program = self.rooted && (self.kind != Command::None || self.is_pattern());
        if is_asked || is_program {
            return Some(&COMMAND);
        }
        match self.mark {
            _ if self.kind == Command::None => None,
            b'$' | b'`' | b'<' | b'>' => self.substituted(),
            _ => self.is_next_command().then_some(&COMMAND),
        }
    }

    /// Whether the shell finds the name by a pattern: `/bin/ca?`, `/bin/w*oami`.
    fn is_pattern(&self) -> bool {
        self.name.contains(&b'?') || !matches!(self.mark, b'`' | b'\n') && names_program(self.name)
    }

    /// Whether the command is one that an address is followed by, and not the next word of a list
    /// or a version: `8.8.8.8&&net user`, but not `10.0.0.5 | host mail`.
    fn may_follow_address(&self) -> bool {
        match self.mark {
            b'\n' => self.name == b"echo",
            b'|' if self.spaced => false,
            _ => !self.spaced || matches!(self.name, b"net" | b"dir" | b"cat" | b"echo"),
        }
    }

    /// A command whose output is substituted: `$(id)`, `` `id` ``, `<(id)`.
    fn substituted(&self) -> Option<&'static Rule> {
        let rest = self.rest;
        let end = if self.mark == b'`' { b'`' } else { b')' };
        let is_closed = rest.iter().take(MAX_COMMAND).any(|byte| *byte == end);
        let prints = matches!(self.name, b"echo" | b"printf" | b"expr" | b"tr")
            && rest.first() == Some(&b' ');
        let is_run = self.kind == Command::Certain
            || has_argument(rest)
            || prints
            || rest.first() == Some(&b')');
        if !is_closed || !is_run {
            return None;
        }
        // Text that shows commands puts them between back-quotes after a space.
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        let is_shown = self.mark == b'`' && matches!(before, Some(b' ' | b'\n' | b'['));
        match is_shown {
            false => Some(&COMMAND),
            true => (rest.first() == Some(&b' ')).then_some(&QUOTED),
        }
    }

    /// Whether the word is the next command and not a word of a sentence, a list or a table:
    /// `x; id`, `ls||id`, `\ncat /x`.
    fn is_next_command(&self) -> bool {
        let (name, rest) = (self.name, self.rest);
        let arguments = rest.trim_ascii();
        // `idle`, `id=`: another word, a name. `ls:`, `rm@`: a shell knows no such command.
        let goes_on =
            |byte: &u8| is_word(*byte) || matches!(byte, b':' | b'@' | b'!' | b']' | b'~');
        if rest.first().is_some_and(goes_on) || arguments.first() == Some(&b'=') {
            return false;
        }
        let from = self.at.saturating_sub(MAX_BEFORE);
        let head = self.text.get(from..self.at).unwrap_or_default();
        let head = head.trim_ascii_end();
        let is_bare = matches!(arguments, [] | [b';' | b'|' | b'&', ..]);
        if head.is_empty() && !is_bare && (certain_or_known(name) || has_argument(rest)) {
            return true;
        }
        if self.spaced && is_version(name, arguments)
            || is_layout(self.text, self.at, self.kind, rest)
        {
            return false;
        }
        let is_glued =
            head.last().is_some_and(u8::is_ascii_alphabetic) && !self.spaced && self.mark != b'\n';
        // `ls||id`, `date|echo x`: after a command, with nothing else.
        let may_follow = is_bare && is_glued && self.skip == 2
            || self.mark == b'|' && self.skip == 1 && name == b"echo";
        may_follow && command(head) != Command::None
            || self.is_between_commands(arguments)
            || match is_bare {
                true => self.is_bare_command(head, is_glued),
                false => self.takes_arguments(head),
            }
    }

    /// `& id & echo`: between two separators, followed by another command.
    fn is_between_commands(&self, arguments: &[u8]) -> bool {
        let [b'&', after @ ..] = arguments else {
            return false;
        };
        let next = first_word(after);
        self.name == b"id"
            && self.mark == b'&'
            && (next == b"echo" || command(next) == Command::Certain)
    }

    /// Whether a name without arguments is a command: it stands alone or among separators.
    /// `id|name` and `pwd;env` are lists of names.
    fn is_bare_command(&self, head: &[u8], is_glued: bool) -> bool {
        let is_certain = self.kind == Command::Certain;
        // A bar joins the items of a list.
        if self.may_stand_alone()
            && self.rest.trim_ascii().is_empty()
            && (is_address(Some(head)) || self.mark != b'|' && names_target(head))
        {
            return true;
        }
        let is_last = matches!(
            self.rest.trim_ascii(),
            [b';' | b'|' | b'&' | b'`'] | [b';' | b'|' | b'&', b';' | b'|' | b'&']
        );
        if is_glued && !is_last && !(is_certain && self.name.len() > 4) {
            // `/tmp;id`: after a path of a system, nothing but the end of the command.
            let ends = self.rest.trim_ascii().is_empty() && matches!(self.name, b"id" | b"ls");
            return ends && self.at == head.len() && is_system_path(head);
        }
        let follows_words = head
            .iter()
            .filter(|byte| byte.is_ascii_alphabetic())
            .count()
            > 2;
        let is_prose =
            matches!(self.mark, b'\n' | b'&') || self.spaced && follows_words && self.name != b"id";
        !is_prose || is_certain || is_last || head.len() < 3
    }

    /// Whether the command directly follows the separator and does something without arguments.
    fn may_stand_alone(&self) -> bool {
        !self.spaced
            && matches!(
                self.name,
                b"id" | b"ls" | b"ps" | b"env" | b"reboot" | b"export" | b"sh" | b"bash" | b"dir"
            )
    }

    /// Whether the rest is a typical argument of the command.
    fn takes_arguments(&self, head: &[u8]) -> bool {
        let (name, rest) = (self.name, self.rest);
        if self.kind == Command::Certain {
            return has_argument(rest)
                || self.mark != b'\n' && takes(name, rest)
                || rest.first() != Some(&b' ')
                // The shell command in the client of a database.
                || matches!(name, b".shell" | b".system")
                || name.contains(&b'-') && !head.contains(&b' ');
        }
        if runs_another(name) {
            return takes(name, rest);
        }
        // `time & date 2 pm`
        let is_counted = self.spaced
            && self.mark == b'&'
            && rest
                .trim_ascii_start()
                .first()
                .is_some_and(u8::is_ascii_digit)
            && head.contains(&b' ');
        takes(name, rest) || has_argument(rest) && !is_counted
    }
}

/// `/tmp`, `/var/www`: a path that begins with a directory of a system.
fn is_system_path(head: &[u8]) -> bool {
    let Some(path) = head.strip_prefix(b"/") else {
        return false;
    };
    let is_sign =
        |byte: &u8| matches!(byte, b'/' | b'.' | b'-' | b'_') || byte.is_ascii_alphanumeric();
    let first = path.split(|byte| *byte == b'/').next();
    path.iter().all(is_sign)
        && matches!(
            first,
            Some(b"tmp" | b"etc" | b"var" | b"home" | b"root" | b"usr" | b"opt" | b"proc" | b"dev")
        )
}

/// `a.txt`, `example.com`: what ends before the separator is one file or host, which a program is
/// started with.
fn names_target(head: &[u8]) -> bool {
    const ENDS: [&[u8]; 22] = [
        b"txt", b"png", b"jpg", b"gif", b"pdf", b"csv", b"log", b"html", b"zip", b"gz", b"tar",
        b"mp4", b"mp3", b"doc", b"docx", b"xml", b"json", b"com", b"net", b"org", b"io", b"test",
    ];
    let is_sign = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'@')
    };
    let end = head.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    head.iter().all(is_sign) && end.len() < head.len() && ENDS.contains(&end)
}

/// Whether everything before the separator is an address, which is the input of a form for `ping`.
fn is_address(head: Option<&[u8]>) -> bool {
    // A longer text is none, and there may be a separator at each of its bytes.
    let head = head.filter(|head| head.len() <= MAX_BEFORE);
    let head = head.and_then(|head| std::str::from_utf8(head.trim_ascii()).ok());
    head.is_some_and(|head| head.parse::<std::net::Ipv4Addr>().is_ok())
}

/// `ps: one more thing`, `passwd, and then`: the first word of the next line of a text. The Windows
/// shell takes a comma for a blank, so words must follow it; and no sign may follow with which the
/// line could do something else.
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

/// `zsh 5.8`: a shell or a language with its version, in a list of programs.
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

/// Whether the separator belongs to the layout of a text: an indented line of a trace, a cell of a
/// table, the end of an HTML entity.
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
            // A row of a table, with or without blanks around its cells.
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

/// Whether `rest` looks like an argument, or is the end of the command.
fn has_argument(rest: &[u8]) -> bool {
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
fn takes(name: &[u8], rest: &[u8]) -> bool {
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
fn runs_another(name: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_short_and_alone() {
        assert!(is_address(Some(b"8.8.8.8")));
        assert!(is_address(Some(b" 127.0.0.1 ")));
        let far = [b" ".repeat(MAX_BEFORE).as_slice(), b"8.8.8.8"].concat();
        for head in [far.as_slice(), b"8.8.8", b"a 8.8.8.8", b"\xff8.8.8.8", b""] {
            assert!(!is_address(Some(head)), "{head:?}");
        }
        assert!(!is_address(None));
    }
}
