//! Distinguishes a command after a command separator from the rest of a sentence.

use super::super::{Report, cut};
use super::arguments::{
    first_word, has_argument, has_clear_argument, has_sure_argument, is_version, runs_another,
    takes,
};
use super::around::{
    MAX_BEFORE, begins_list, closes_code, defines_substitution, ends_in_role, is_address,
    is_layout, is_next_line, is_system_path, names_target, shows_a_licence, shows_a_name,
};
use super::expand::names_program;
use super::names::{Command, certain_or_known, command, is_of_windows, needs_arguments};
use super::{COMMAND, QUOTED, word};
use crate::payload::rules::Rule;
use crate::payload::squeeze::is_word;

/// How much of a line is read after a separator.
const MAX_COMMAND: usize = 256;

/// Judges what follows the separator at `at`, which is `skip` bytes long.
pub(super) fn separator(
    (view, text): (&[u8], &[u8]),
    at: usize,
    skip: usize,
    report: &mut Report<'_>,
) {
    let found = Separated::read(text, at, skip);
    let rule = found.and_then(|found| found.judge(view));
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
    /// Where the name ends.
    end: usize,
    /// Whether a blank stands between the separator and the name.
    spaced: bool,
    /// What follows the name on its line.
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
        let end = at + skip + tail.len() - rest.len();
        // A command ends with the line, unless it is in brackets or quotes.
        let rest = match mark {
            b';' | b'|' | b'&' | b'\n' => rest.split(|byte| *byte == b'\n').next(),
            _ => Some(rest),
        };
        let rest = rest.unwrap_or_default();
        // `;(id)`
        let rest = match tail.first() == Some(&b'(') && rest == b")" {
            true => b"",
            false => rest,
        };
        Some(Self {
            text,
            at,
            skip,
            mark,
            name,
            kind,
            rooted,
            end,
            spaced: tail.first() == Some(&b' '),
            rest,
        })
    }

    fn judge(&self, view: &[u8]) -> Option<&'static Rule> {
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
            _ => self.is_next_command(view).then_some(&COMMAND),
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
            || takes(self.name, rest)
            || prints
            || rest.first() == Some(&b')');
        if !is_closed || !is_run {
            return None;
        }
        // Text that shows commands puts them between back-quotes after a space.
        let before = self.text.get(..self.at).unwrap_or_default();
        let is_shown = self.mark == b'`'
            && match before {
                [] | [b'('] | [.., b' ' | b'\n', b'('] => {
                    let names_field = self.name == b"id" || !self.may_stand_alone();
                    self.kind != Command::Certain && names_field && begins_list(rest)
                }
                [.., b'*', b'*'] | [.., b' ' | b'\n' | b'['] => true,
                _ => ends_in_role(before) || closes_code(before),
            };
        match is_shown {
            false => Some(&COMMAND),
            true => (rest.first() == Some(&b' ')).then_some(&QUOTED),
        }
    }

    /// Whether the word is the next command and not a word of a sentence, a list or a table:
    /// `x; id`, `ls||id`, `\ncat /x`.
    fn is_next_command(&self, view: &[u8]) -> bool {
        let (name, rest) = (self.name, self.rest);
        let arguments = rest.trim_ascii();
        if name == b"set" && shows_a_name(rest) || name == b"type" && shows_a_licence(rest) {
            return false;
        }
        let inside = self.text.get(self.at + self.skip..).unwrap_or_default();
        let before = self.text.get(..self.at).unwrap_or_default();
        let is_harmless = self.kind != Command::Certain && !self.may_stand_alone();
        if self.mark == b'|' && is_harmless && defines_substitution(before, inside) {
            return false;
        }
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
        let argues = |rest: &[u8]| match self.mark {
            b'\n' => has_sure_argument(name, rest),
            _ => has_argument(rest),
        };
        if head.is_empty() && !is_bare && (certain_or_known(name) || argues(rest)) {
            return true;
        }
        if (self.spaced || self.mark == b'\n') && is_version(name, arguments)
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
                true => self.is_bare_command(view, head, is_glued),
                false => self.takes_arguments(view, head),
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
    fn is_bare_command(&self, view: &[u8], head: &[u8], is_glued: bool) -> bool {
        let is_certain = self.kind == Command::Certain;
        let ends = self.rest.trim_ascii().is_empty();
        if self.is_item(view) {
            return false;
        }
        // A bar joins the items of a list.
        let is_input = is_address(Some(head)) && (!self.spaced || self.mark != b'\n')
            || !self.spaced && self.mark != b'|' && names_target(head);
        if ends && self.may_stand_alone() && is_input {
            return true;
        }
        let is_last = matches!(
            self.rest.trim_ascii(),
            [b';' | b'|' | b'&' | b'`'] | [b';' | b'|' | b'&', b';' | b'|' | b'&']
        );
        if is_glued && !is_last && !(is_certain && self.name.len() > 4) {
            // `/tmp;id`: after a path of a system, nothing but the end of the command.
            return ends
                && matches!(self.name, b"id" | b"ls")
                && self.at == head.len()
                && is_system_path(head);
        }
        let letters = head.iter().filter(|byte| byte.is_ascii_alphabetic());
        let follows_words = letters.count() > 2;
        let is_prose =
            matches!(self.mark, b'\n' | b'&') || self.spaced && follows_words && self.name != b"id";
        !is_prose || is_certain || is_last || head.len() < 3
    }

    /// Whether the name, without arguments, is rather one in a list: `guitars & strings`,
    /// `Xbox & PS`.
    fn is_item(&self, view: &[u8]) -> bool {
        needs_arguments(self.name) || !is_of_windows(self.name) && self.has_capitals(view)
    }

    /// Whether the name is written with capital letters, which Unix does not take for the command:
    /// `Passport | ID`, `Xbox & PS`. If the shell removes signs from the value, the name is looked
    /// for only where everything before it or everything behind it stayed as it was.
    fn has_capitals(&self, view: &[u8]) -> bool {
        const MOST: usize = 256;
        let is_upper = |end: usize| {
            let start = end.saturating_sub(self.name.len());
            let name = view.get(start..end).unwrap_or_default();
            name.eq_ignore_ascii_case(self.name) && name.iter().any(u8::is_ascii_uppercase)
        };
        let same = |a: Option<&[u8]>, b: Option<&[u8]>| match (a, b) {
            (Some(a), Some(b)) => a.len() <= MOST && a.eq_ignore_ascii_case(b),
            _ => false,
        };
        let (end, text) = (self.end, self.text);
        let Some(moved) = view.len().checked_sub(text.len()) else {
            return false;
        };
        match moved {
            0 => is_upper(end),
            _ if same(view.get(..end), text.get(..end)) => is_upper(end),
            _ => same(view.get(end + moved..), text.get(end..)) && is_upper(end + moved),
        }
    }

    /// Whether the command does something without arguments.
    fn may_stand_alone(&self) -> bool {
        matches!(
            self.name,
            b"id" | b"ls" | b"ps" | b"env" | b"reboot" | b"export" | b"sh" | b"bash" | b"dir"
        )
    }

    /// Whether the rest is a typical argument of the command.
    fn takes_arguments(&self, view: &[u8], head: &[u8]) -> bool {
        let (name, rest) = (self.name, self.rest);
        // The end of a placeholder, as wikis have them: `{{lang|php}}`.
        if rest.starts_with(b"}}") {
            return false;
        }
        let ends_part = matches!(
            rest,
            [b',' | b'.' | b'?' | b'!' | b')'] | [b',' | b'.' | b'?' | b'!' | b')', b' ', ..]
        );
        if ends_part && self.is_item(view) {
            return false;
        }
        if self.kind == Command::Certain {
            return has_clear_argument(name, rest)
                || self.mark != b'\n' && takes(name, rest)
                || rest.first() != Some(&b' ')
                // The shell command in the client of a database.
                || matches!(name, b".shell" | b".system")
                || name.contains(&b'-') && !head.contains(&b' ');
        }
        if runs_another(name) {
            return takes(name, rest);
        }
        let is_text = self.spaced || self.mark == b'\n' || head.contains(&b' ');
        let argues = if is_text {
            has_sure_argument
        } else {
            has_clear_argument
        };
        takes(name, rest) || argues(name, rest)
    }
}
