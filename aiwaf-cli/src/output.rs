//! Shows the results of commands: as text by default, as JSON for programs.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::SystemTime;

use anstyle::{AnsiColor, Style};
use ipnet::IpNet;
use serde_json::Value;

/// The result of a command, as reported by the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The command did what it was asked to: 0.
    Done,
    /// The request is refused, or the value to be removed is not there: 1.
    Refused,
    /// The settings that were checked are invalid, and the report says why: 2.
    Failed,
}

/// The result of a command, ready to be shown.
pub(crate) trait Report {
    /// Writes the text for people.
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()>;

    /// The JSON for programs.
    fn json(&self) -> Value;

    /// The exit status.
    fn outcome(&self) -> Outcome {
        Outcome::Done
    }
}

/// Shows a report on standard output.
pub(crate) fn show(report: &dyn Report, json: bool) -> io::Result<()> {
    if json {
        return show_json(&report.json());
    }
    with_screen(|screen| report.human(screen))
}

/// Writes one JSON document to standard output.
pub(crate) fn show_json(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    out.flush()
}

/// Prints a warning on standard error. If that fails, there is nowhere else to report it.
pub(crate) fn warn(message: &str, json: bool) {
    let mut err = anstream::stderr().lock();
    let message = shown(message);
    let _ = if json {
        writeln!(err, "{}", serde_json::json!({ "warning": message }))
    } else {
        writeln!(err, "{} {message}", styled(WARN.bold(), "warning:"))
    };
}

/// Lets `write` use a screen on standard output.
pub(crate) fn with_screen(write: impl FnOnce(&mut Screen<'_>) -> io::Result<()>) -> io::Result<()> {
    let terminal = io::stdout().is_terminal();
    let mut out = anstream::stdout().lock();
    write(&mut Screen::new(&mut out, terminal))?;
    out.flush()
}

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();

/// Text for people. Styles are stripped by the writer below if it is not a terminal or `NO_COLOR`
/// is set.
pub(crate) struct Screen<'a> {
    out: &'a mut dyn Write,
    symbols: bool,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, symbols: bool) -> Self {
        Self { out, symbols }
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Writes one line in a style, after a symbol if symbols are shown.
    pub(crate) fn marked(
        &mut self,
        symbol: &str,
        style: Style,
        text: impl Display,
    ) -> io::Result<()> {
        if self.symbols {
            write!(self.out, "{symbol} ")?;
        }
        writeln!(self.out, "{style}{text}{style:#}")
    }

    /// Writes one item of a list.
    pub(crate) fn item(&mut self, text: impl Display) -> io::Result<()> {
        let bullet = if self.symbols { "•" } else { "-" };
        writeln!(self.out, "  {bullet} {text}")
    }
}

/// Text in a style, for use inside a line.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Makes everything that could move a terminal's cursor visible, for text that came from elsewhere.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let plain = !c.is_control() && !is_bidi_control(c);
            let escaped = (!plain).then(|| c.escape_unicode());
            plain
                .then_some(c)
                .into_iter()
                .chain(escaped.into_iter().flatten())
        })
        .collect()
}

/// Like [`shown`], but keeps line breaks, for messages of several lines.
pub(crate) fn shown_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(shown).collect();
    lines.join("\n")
}

/// An error and its causes, without repetitions: libraries that log on one line include the cause
/// in the message already.
pub(crate) fn told(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |told, cause| match told.contains(&cause) {
            true => told,
            false if told.is_empty() => cause,
            false => format!("{told}: {cause}"),
        })
}

/// Whether the character changes the text direction of a line.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A network as people write it: a single address has no prefix length.
pub(crate) fn network(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// A time in UTC, RFC 3339, to the second.
pub(crate) fn stamp(time: SystemTime) -> String {
    let whole = jiff::Timestamp::try_from(time)
        .and_then(|stamp| jiff::Timestamp::from_second(stamp.as_second()));
    whole.map_or_else(|_| "unknown".to_owned(), |stamp| stamp.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_moves_a_cursor_is_made_visible() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(shown("\u{202e}evil"), "\\u{202e}evil");
        assert_eq!(shown("größer, 山 'ok'"), "größer, 山 'ok'");
    }

    #[test]
    fn stamps_and_networks_read_as_people_write_them() {
        let time = UNIX_EPOCH + Duration::from_millis(1_757_860_200_400);
        assert_eq!(stamp(time), "2025-09-14T14:30:00Z");
        assert_eq!(network("10.0.0.1/32".parse().unwrap()), "10.0.0.1");
        assert_eq!(network("2001:db8::/48".parse().unwrap()), "2001:db8::/48");
    }

    #[test]
    fn symbols_are_for_terminals() {
        let mut plain = Vec::new();
        Screen::new(&mut plain, false)
            .marked("✓", GOOD, "done")
            .unwrap();
        assert!(!String::from_utf8(plain).unwrap().contains('✓'));
        let mut terminal = Vec::new();
        Screen::new(&mut terminal, true).item("one").unwrap();
        assert_eq!(String::from_utf8(terminal).unwrap(), "  • one\n");
    }

    #[test]
    fn a_cause_is_told_once() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = anyhow::Error::from(cause).context("x.toml: no such file");
        assert_eq!(told(&error), "x.toml: no such file");
        assert_eq!(told(&anyhow!("inner").context("outer")), "outer: inner");
        assert_eq!(told(&anyhow!("alone")), "alone");
    }
}
