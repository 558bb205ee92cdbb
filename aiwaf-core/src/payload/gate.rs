//! The prefilter: one lookup per pair of bytes.
//!
//! Nearly every value of nearly every request is a word, a number, a name or a sentence. The gate
//! looks up each pair of bytes in a table of signals. A value without a signal is clean: no
//! signature and no recogniser can fire on it. A test checks this by judging with and without the
//! gate.
//!
//! The table is computed from the signatures. Each literal either has a pair that is a signal by
//! itself, or is compared wherever its rarest four bytes occur, which a filter detects. The table
//! is drafted by classes of bytes and then expanded to every pair of bytes, so that a lookup costs
//! two instructions per byte.

mod class;
mod grams;
mod header;
mod link;
mod raw;
mod signals;
mod statement;
mod table;

use self::class::{EDGE, class};
use self::header::{
    is_list_of_strings, may_cut_off, may_handle_event, may_hold_comment, may_part_commands,
};
use self::raw::Raw;
use self::signals::{edge_signal, header_signal, value_edge_signal, value_signal};
pub(super) use self::statement::VERBS;
#[cfg(test)]
pub(super) use self::statement::statement_words;
use self::statement::{IN_DIRECTORY, begins_statement};
pub(super) use self::table::ORDINARY;
use self::table::{BytePairs, Draft, Table, WIDE};
use super::field::Carrier;
use super::recognise::stacks_statement;
use crate::normalize::value::{MIN_BASE64, base64_may_hold_text, has_named_entity, token_header};

/// A signal that is sufficient by itself.
const ANY: u8 = 1;
/// A line break, which separates shell commands in a short value.
const BREAK: u8 = 1 << 1;
/// Two pairs of `select`. If both occur, the word is searched for.
const SELECT: u8 = 0b11 << 2;
const SELECT_PAIRS: [([u8; 2], u8); 2] = [(*b"el", 1 << 2), (*b"ec", 1 << 3)];
/// Three signals of values such as `1 or 1` and `12 group by 1`: the value begins with a digit, a
/// digit is followed by a space or the first letter of an operator, and a space is followed by the
/// first letter of an SQL word.
const NUMBER: u8 = 0b111 << 4;
const NUMBER_START: u8 = 1 << 4;
const NUMBER_SPACE: u8 = 1 << 5;
const SPACE_WORD: u8 = 1 << 6;
/// The pair ends the gram of a literal, or may begin a full-width character.
const MAYBE: u8 = 1 << 7;

/// The longest value in which a line break is taken to separate commands.
pub(super) const MAX_LINE_VALUE: usize = 256;

/// A literal that must raise a signal wherever it counts.
#[derive(Clone, Copy)]
pub(super) struct Anchor<'a> {
    pub(super) text: &'a [u8],
    /// The literal counts only if a word begins, or ends, with it.
    pub(super) begins_word: bool,
    pub(super) ends_word: bool,
}

impl<'a> From<&'a [u8]> for Anchor<'a> {
    /// A literal that counts everywhere.
    fn from(text: &'a [u8]) -> Self {
        Self {
            text,
            begins_word: false,
            ends_word: false,
        }
    }
}

/// The gate: one table for values, one for headers, and the pairs for lines that are not split yet.
pub(super) struct Gate {
    values: Table,
    headers: Table,
    /// The signals that the first byte raises, for a value and for a header.
    first: [[u8; 256]; 2],
    queries: Raw,
    cookies: Raw,
}

impl Gate {
    /// Compiles the tables so that every literal of `values` and `headers` raises a signal.
    pub(super) fn new<'a>(
        values: impl Iterator<Item = Anchor<'a>>,
        headers: impl Iterator<Item = Anchor<'a>>,
    ) -> Self {
        let commands = IN_DIRECTORY.into_iter().map(|text| Anchor {
            ends_word: true,
            ..Anchor::from(text)
        });
        let values = values.chain(commands);
        let values = Draft::new(value_signal, value_edge_signal, values);
        let headers = Draft::new(header_signal, edge_signal, headers);
        let first = |draft: &Draft| {
            let mut signals = [0; 256];
            for (byte, slot) in (0..=u8::MAX).zip(signals.iter_mut()) {
                *slot = draft.pair(EDGE, class(byte));
            }
            signals
        };
        Self {
            first: [first(&values), first(&headers)],
            queries: Raw::query(&values),
            cookies: Raw::cookies(&values),
            values: values.table(|_| false),
            // Browsers send no tabs, and URL readers remove them: `java\tscript:`.
            headers: headers.table(|byte| byte == b'\t'),
        }
    }

    /// Whether nothing can fire on `value`, neither as it stands nor with its escapes decoded.
    pub(super) fn clean(&self, carrier: Carrier, value: &[u8]) -> bool {
        // Nothing fires on a single byte, whatever signal it raises.
        value.len() < 2
            || self.clean_as(carrier, value)
            || raw::decoded(value).is_some_and(|text| self.clean_as(carrier, &text))
    }

    fn clean_as(&self, carrier: Carrier, value: &[u8]) -> bool {
        match carrier {
            Carrier::Header | Carrier::PartHeader => self.clean_header(value),
            Carrier::Path => self.clean_path(value),
            carrier => is_looked_up_as_value(carrier) && self.clean_value(value),
        }
    }

    fn clean_value(&self, value: &[u8]) -> bool {
        self.clean_as_it_stands(value) && !may_wrap_text(value)
    }

    /// Whether nothing can fire on a value unless it is base64, and then only on its content.
    fn clean_as_it_stands(&self, value: &[u8]) -> bool {
        let [first, _] = &self.first;
        let seen = self.values.scan(without_padding(value)) | at_edge(first, value);
        !Signals(seen).raised(value)
            && !begins_statement(value)
            && is_clean_narrowed(seen, value, |text| self.clean_value(text))
    }

    /// Whether a value has nothing to judge but its content in base64.
    pub(super) fn is_only_base64(&self, carrier: Carrier, value: &[u8]) -> bool {
        is_looked_up_as_value(carrier) && may_be_base64(value) && self.clean_as_it_stands(value)
    }

    fn clean_header(&self, value: &[u8]) -> bool {
        let [_, first] = &self.first;
        let seen = self.headers.scan(value) | at_edge(first, value);
        !Signals(seen).raised(value)
            && !may_wrap_text(value)
            && !begins_statement(value)
            && !stacks_statement(value)
            && (value.first() != Some(&b'"') || is_list_of_strings(value))
            // The `&` of a query in a Referer and the `;` of a list are no signals, but what
            // follows them may be.
            && !may_part_commands(value)
            && !may_handle_event(value)
            && !may_cut_off(value)
            && !may_hold_comment(value)
            && !has_named_entity(value)
            && is_clean_narrowed(seen, value, |text| self.clean_header(text))
    }

    /// Every path begins with a slash, which in a value would be a signal.
    fn clean_path(&self, path: &[u8]) -> bool {
        let slash = memchr::memrchr(b'/', path);
        let last = path.get(slash.map_or(0, |at| at + 1)..).unwrap_or_default();
        let first = path.iter().find(|&&byte| byte != b'/');
        // A statement needs a separator between its words.
        let may_begin = memchr::memchr3(b' ', b'+', b'%', path)
            .or_else(|| memchr::memchr3(b'\t', b'\r', b'\n', path))
            .is_some();
        let begins = may_begin && path.split(|&b| b == b'/').any(begins_statement);
        // A path without its leading slash is judged as if it had one.
        let start = path.first().map_or(0, |&byte| match byte {
            b'/' => 0,
            byte => self.values.pairs.of(b'/', byte),
        });
        let seen = self.values.scan(path) | start;
        !begins
            && !may_wrap_text(last)
            && !matches!(first, Some(b'(' | b'|' | b'&'))
            // The question mark was escaped, as it would otherwise begin a query. A shell reads it
            // as a pattern.
            && memchr::memchr(b'?', path).is_none()
            && !Signals(seen).raised(path)
            && is_clean_narrowed(seen, path, |text| self.clean_path(text))
    }
}

/// Whether the gate has no table or rules of its own for a carrier, and lets values of it go.
const fn is_looked_up_as_value(carrier: Carrier) -> bool {
    !matches!(
        carrier,
        Carrier::Header
            | Carrier::PartHeader
            | Carrier::Path
            | Carrier::XmlDtd
            | Carrier::FileContent
            | Carrier::FileName
    )
}

/// Whether a value with full-width characters is also clean once those are narrowed.
fn is_clean_narrowed(seen: u8, value: &[u8], is_clean: impl Fn(&[u8]) -> bool) -> bool {
    seen & WIDE == 0 || raw::narrowed(value).is_some_and(|text| is_clean(&text))
}

/// A base64 token without its padding.
///
/// An equals sign may also end the name of a parameter or an attribute. Before two of them, base64
/// has one of four letters, with which no name that counts ends. Before one, it has one of sixteen,
/// so the token must have a digit among its last letters, which no such name has.
fn without_padding(value: &[u8]) -> &[u8] {
    let token = match value {
        [token @ .., b'=', b'='] if matches!(token.last(), Some(b'A' | b'Q' | b'g' | b'w')) => {
            token
        }
        [token @ .., b'='] if ends_in_digit(token) => token,
        _ => return value,
    };
    let letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    if token.len() >= MIN_BASE64 && token.iter().all(letter) {
        token
    } else {
        value
    }
}

/// Whether a token ends with a digit, or is long and has one among its last four bytes.
fn ends_in_digit(token: &[u8]) -> bool {
    const LONG: usize = 24;
    match token.last_chunk::<4>() {
        Some(end) if token.len() >= LONG => end.iter().any(u8::is_ascii_digit),
        _ => token.last().is_some_and(u8::is_ascii_digit),
    }
}

/// The signals that the first byte of a value raises.
fn at_edge(first: &[u8; 256], value: &[u8]) -> u8 {
    let signal = value.first().and_then(|&byte| first.get(usize::from(byte)));
    signal.copied().unwrap_or_default()
}

/// Whether `value` may hold text in base64: all of it, or the header of a signed token.
fn may_wrap_text(value: &[u8]) -> bool {
    may_be_base64(value) || token_header(value).is_some()
}

/// Whether the whole of `value` may be base64 that holds text.
fn may_be_base64(value: &[u8]) -> bool {
    value.len() >= MIN_BASE64 && base64_may_hold_text(value)
}

/// Whether the word `select` occurs.
fn has_select(value: &[u8]) -> bool {
    value.windows(6).any(|window| {
        matches!(window.first(), Some(b's' | b'S')) && window.eq_ignore_ascii_case(b"select")
    })
}

/// The signals of one value.
#[derive(Clone, Copy)]
struct Signals(u8);

impl Signals {
    fn raised(self, value: &[u8]) -> bool {
        self.0 & ANY != 0
            || self.0 & BREAK != 0 && value.len() <= MAX_LINE_VALUE
            || self.0 & SELECT == SELECT && has_select(value)
            || self.0 & NUMBER == NUMBER
    }
}
