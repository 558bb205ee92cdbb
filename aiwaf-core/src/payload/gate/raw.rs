//! Lines that are not split yet: a query, a form, cookies.
//!
//! Most of them are clean as they stand. So one table covers the pairs of bytes of the whole line.
//! In it, the characters that join names and values count as the edges of values, and bytes that
//! need decoding raise a signal. Only a line that raises a signal is checked part by part.

use std::ops::Range;

use smallvec::SmallVec;

use super::class::{EDGE, class};
use super::table::WIDE;
use super::{
    ANY, BREAK, BytePairs, Draft, Gate, MIN_BASE64, Signals, begins_statement, may_wrap_text,
};
use crate::carriers::cookies;
use crate::carriers::find;
use crate::normalize::value::hex;
use crate::payload::recognise::MANY_LETTERS;

/// The gate does not decode longer parts with escapes.
const MAX_DECODED: usize = 1024;

/// A part with its escapes decoded.
pub(super) type Text = SmallVec<[u8; MAX_DECODED]>;

/// A byte that most lines do not have: a plus sign in a query; in cookies, any byte that no
/// ordinary name has. The bit is free, because a line break has no signal of its own in a line.
const UNUSUAL: u8 = BREAK;

/// The pairs of one kind of line.
pub(super) struct Raw {
    pairs: BytePairs,
}

/// The meaning of a byte in a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Stands for this byte.
    Is(u8),
    /// Joins or ends parts.
    Join,
    /// Has to be decoded, or can be read in another way.
    Odd,
}

impl Raw {
    /// A query: `&` and `=` join, a plus sign is a space.
    pub(super) fn query(values: &Draft) -> Self {
        let mut line = Self::new(values, |byte| match byte {
            b'&' | b'=' => Piece::Join,
            b'+' => Piece::Is(b' '),
            b'%' | b'\r' | b'\n' => Piece::Odd,
            byte => Piece::Is(byte),
        });
        let unusual = |byte| {
            if matches!(byte, b'+' | b' ' | b'\t') {
                UNUSUAL
            } else {
                0
            }
        };
        line.pairs = BytePairs::new(|a, b| line.pairs.of(a, b) | unusual(b));
        line
    }

    /// Cookies: `;` with a space and `=` join.
    pub(super) fn cookies(values: &Draft) -> Self {
        let mut line = Self::new(values, |byte| match byte {
            b';' | b'=' => Piece::Join,
            // White space is trimmed from the ends of parts. It is rare, except for the space after
            // a `;`.
            b'%' | b'"' | b'\t'..=b'\r' | b' ' => Piece::Odd,
            byte => Piece::Is(byte),
        });
        let unusual = |byte| match byte {
            b';' | b'=' | b' ' => 0,
            byte if cookies::is_plain(&[byte]) => 0,
            _ => UNUSUAL,
        };
        line.pairs = BytePairs::new(|a, b| match (a, b) {
            (b';', b' ') => 0,
            (b' ', b) => line.pairs.of(b';', b) | unusual(b),
            (a, b) => line.pairs.of(a, b) | unusual(b),
        });
        line
    }

    fn new(values: &Draft, piece: impl Fn(u8) -> Piece) -> Self {
        let pairs = BytePairs::new(|a, b| match (piece(a), piece(b)) {
            (Piece::Odd, _) | (_, Piece::Odd) => ANY,
            (Piece::Is(a), Piece::Is(b)) => values.signal(a, b),
            (Piece::Join, Piece::Is(b)) => values.pair(EDGE, class(b)),
            (_, Piece::Join) => 0,
        });
        Self { pairs }
    }
}

impl Gate {
    /// The rest of a raw query string or form body, whose pairs are still encoded and joined by
    /// `&`, from the first pair whose name or value may fire; `None` if there is no such pair.
    pub(in crate::payload) fn dirty_from<'a>(&self, raw: &'a [u8]) -> Option<&'a [u8]> {
        let seen = self.scan_raw(&self.queries, b'&', raw);
        if seen & WIDE == 0 && !Signals(seen & !UNUSUAL).raised(raw) {
            let quiet = are_quiet(raw, b'&', seen & UNUSUAL != 0, |part, _, may_begin| {
                !(may_wrap_text(part) || may_begin && begins_statement(part))
            });
            if quiet {
                return None;
            }
        }
        let mut start = 0;
        for pair in raw.split(|&b| b == b'&') {
            // Only the first equals sign ends a name. The others belong to the value and may be
            // what is wrong with it.
            let (name, value) = halves(pair, find::find(b'=', pair));
            if !(self.clean_part(name, b' ') && self.clean_part(value, b' ')) {
                return raw.get(start..);
            }
            start += pair.len() + 1;
        }
        None
    }

    /// Whether nothing can fire on any name or value of a `Cookie` line, or on the line itself
    /// where it is judged as a whole.
    pub(in crate::payload) fn clean_cookies(&self, line: &[u8]) -> bool {
        let seen = self.scan_raw(&self.cookies, b';', line);
        if seen & WIDE == 0 && !Signals(seen & !UNUSUAL).raised(line) {
            return are_quiet(line, b';', seen & UNUSUAL != 0, |part, name, is_unusual| {
                let part = part.strip_prefix(b" ").unwrap_or(part);
                let is_named = || !name.trim_ascii().is_empty();
                !may_wrap_text(part)
                    && (!is_unusual
                        || !begins_statement(part) && (is_named() || cookies::is_plain(part)))
            });
        }
        cookies::are_ordinary(line)
            && line.split(|&b| b == b';').all(|pair| {
                let (name, value) = halves(pair, find::find(b'=', pair));
                !has_two_pluses(pair)
                    && self.clean_part(name.trim_ascii(), b'+')
                    && self.clean_part(value.trim_ascii(), b'+')
            })
    }

    /// The signals that the pairs of a line raise.
    #[inline]
    fn scan_raw(&self, raw: &Raw, join: u8, line: &[u8]) -> u8 {
        let first = line.first().map_or(0, |&byte| raw.pairs.of(join, byte));
        first | self.values.scan_by(&raw.pairs, line)
    }

    /// Whether nothing can fire on a name or value that is still encoded. `plus` is the meaning of
    /// a plus sign.
    fn clean_part(&self, part: &[u8], plus: u8) -> bool {
        let encoded = match plus {
            b'+' => memchr::memchr(b'%', part),
            _ => memchr::memchr2(b'%', b'+', part),
        };
        if encoded.is_none() {
            return self.clean_value(part);
        }
        let mut text = Text::new();
        part.len() <= MAX_DECODED && decode(part, plus, &mut text) && self.clean_value(&text)
    }
}

/// A value with its escapes decoded, if it has any and there is only one way to decode them.
pub(super) fn decoded(value: &[u8]) -> Option<Text> {
    if value.len() > MAX_DECODED || memchr::memchr(b'%', value).is_none() || has_two_pluses(value) {
        return None;
    }
    let mut text = Text::new();
    decode(value, b'+', &mut text).then_some(text)
}

/// A value with its full-width characters replaced by what they stand for; `None` if no character
/// is replaced.
pub(super) fn narrowed(value: &[u8]) -> Option<Text> {
    if value.len() > MAX_DECODED {
        return None;
    }
    let mut text = Text::new();
    let mut rest = value;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match rest {
            [0xef, 0xbc, low @ 0x81..=0xbf, tail @ ..] => {
                text.push(low - 0x81 + b'!');
                tail
            }
            _ => {
                text.push(byte);
                tail
            }
        };
    }
    (text.len() < value.len()).then_some(text)
}

/// Decodes the escapes of `part`. False if an escape is malformed, or if so many consecutive
/// letters are escaped that somebody is hiding them.
pub(super) fn decode(part: &[u8], plus: u8, text: &mut Text) -> bool {
    let mut rest = part;
    let mut letters = 0;
    while let Some((plain, sign)) =
        find::find2(b'%', b'+', rest).and_then(|at| rest.split_at_checked(at))
    {
        if !plain.is_empty() {
            text.extend_from_slice(plain);
            letters = 0;
        }
        rest = match sign {
            [b'%', high, low, after @ ..]
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) =>
            {
                let byte = high << 4 | low;
                text.push(byte);
                letters = if byte.is_ascii_alphabetic() {
                    letters + 1
                } else {
                    0
                };
                if letters == MANY_LETTERS {
                    return false;
                }
                after
            }
            [b'+', after @ ..] => {
                text.push(plus);
                letters = 0;
                after
            }
            _ => return false,
        };
    }
    text.extend_from_slice(rest);
    true
}

/// Whether the parts of a line whose pairs of bytes raise no signal are clean. `is_clean` checks
/// one part, given the name before it if the part is a value with a name. It is called for long
/// parts, and for all parts if the line has an unusual byte. No value contains an equals sign,
/// which would be a signal.
#[inline]
fn are_quiet(
    line: &[u8],
    join: u8,
    is_unusual: bool,
    is_clean: impl Fn(&[u8], &[u8], bool) -> bool,
) -> bool {
    let shortest = if is_unusual { 0 } else { MIN_BASE64 };
    let is_short = |part: &Range<usize>| part.len() < shortest;
    let is_quiet = |part: Range<usize>, name: Range<usize>| {
        let bytes = |range: Range<usize>| line.get(range).unwrap_or_default();
        is_clean(bytes(part), bytes(name), is_unusual)
    };
    let mut start = 0;
    // The name of the value that is being read.
    let mut name = None;
    for (at, sign) in find::all_of([join, b'='], line) {
        let part = start..at;
        let quiet = if sign == b'=' {
            let is_name = name.replace(part.clone()).is_none();
            is_name && (is_short(&part) || is_quiet(part, 0..0))
        } else {
            let name = name.take().unwrap_or(0..0);
            is_short(&part) || is_quiet(part, name)
        };
        if !quiet {
            return false;
        }
        start = at + 1;
    }
    let last = start..line.len();
    is_short(&last) || is_quiet(last, name.unwrap_or(0..0))
}

/// Whether a plus sign in a cookie may become a space: decoding the escapes would decode the plus
/// sign too.
fn has_two_pluses(pair: &[u8]) -> bool {
    memchr::memchr(b'%', pair).is_some()
        && (memchr::memchr(b'+', pair).is_some()
            || pair
                .windows(3)
                .any(|escape| escape.eq_ignore_ascii_case(b"%2b")))
}

/// What is before and after the byte at `at`; everything is before if `at` is `None`.
#[inline]
fn halves(bytes: &[u8], at: Option<usize>) -> (&[u8], &[u8]) {
    match at.and_then(|at| bytes.split_at_checked(at)) {
        Some((before, after)) => (before, after.get(1..).unwrap_or_default()),
        None => (bytes, b""),
    }
}
