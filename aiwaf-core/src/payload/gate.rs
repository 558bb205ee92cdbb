//! The prefilter: one look at each pair of bytes.
//!
//! Nearly every value of nearly every request is a word, a number, a name or a sentence. The gate
//! reads each byte once, folds it to one of 96 classes and looks each pair of classes up in a table
//! of signals. A value without a signal is clean: no signature and no recogniser can fire on it,
//! which a test checks by judging with and without the gate.
//!
//! The table is computed from the signatures: each literal either has a pair that is a signal of
//! its own, or its rarest pair makes the gate look at the four bytes that end there.

mod signals;

use self::signals::{edge_signal, header_signal, value_edge_signal, value_signal};
use super::field::Carrier;
use super::recognise::stacks_statement;
use crate::normalize::value::{base64_may_hold_text, has_named_entity, hex};

/// Number of classes, rounded up to a power of two so that a pair indexes by shift.
const STRIDE: usize = 128;

const SPACE: u8 = 0;
const LINE: u8 = 1;
const CONTROL: u8 = 2;
const DIGIT: u8 = 3;
const HIGH: u8 = 4;
/// Where a value begins or ends.
const EDGE: u8 = 5;
const OVERLONG: u8 = 6;
const HIGH_80: u8 = 7;
const HIGH_BC: u8 = 8;
const HIGH_EF: u8 = 9;
const HIGH_E0: u8 = 10;
const HIGH_F0: u8 = 11;
const HIGH_9D: u8 = 12;
const HIGH_LETTER: u8 = 13;
const HIGH_ZERO_WIDTH: u8 = 14;
const HIGH_CA: u8 = 15;
const HIGH_88: u8 = 16;
const ZERO: u8 = 17;
const HIGH_E2: u8 = 18;
/// ASCII punctuation and letters keep distinct classes from here on: 32 and 26.
const GRAPHIC: u8 = 24;

/// The class of a byte.
const fn class(byte: u8) -> u8 {
    match byte {
        b' ' => SPACE,
        b'\t' | 0x0b | 0x0c => SPACE,
        b'\r' | b'\n' => LINE,
        0..=0x1f | 0x7f => CONTROL,
        b'0' => ZERO,
        b'1'..=b'9' => DIGIT,
        b'!'..=b'/' => GRAPHIC + (byte - b'!'),
        b':'..=b'@' => GRAPHIC + 15 + (byte - b':'),
        b'['..=b'`' => GRAPHIC + 22 + (byte - b'['),
        b'{'..=b'~' => GRAPHIC + 28 + (byte - b'{'),
        b'a'..=b'z' => GRAPHIC + 32 + (byte - b'a'),
        b'A'..=b'Z' => GRAPHIC + 32 + (byte - b'A'),
        0xc0 | 0xc1 | 0xee | 0xf8..=0xff => OVERLONG,
        0x80 | 0x81 => HIGH_80,
        0xbc => HIGH_BC,
        0xef => HIGH_EF,
        0xe2 => HIGH_E2,
        0xe0 => HIGH_E0,
        0xf0 => HIGH_F0,
        0x9d => HIGH_9D,
        0xca => HIGH_CA,
        0x88 => HIGH_88,
        0x82 | 0x84 | 0x87 | 0x8f | 0x9c | 0x9e | 0xa1..=0xba => HIGH_LETTER,
        0x8b..=0x8d => HIGH_ZERO_WIDTH,
        0x80..=0xff => HIGH,
    }
}

/// A signal that is enough by itself.
const ANY: u16 = 1;
/// A line break: a separator for shells, where the value is short.
const BREAK: u16 = 1 << 1;
/// Pairs of `select`: where all of them occur, the word is looked for.
const SELECT: u16 = 0b111 << 2;
const SELECT_PAIRS: [&[u8; 2]; 3] = [b"el", b"ec", b"ct"];
/// A value that begins with a digit, has a space after a digit, and a letter that a word of SQL
/// begins with after a space: `1 or 1`, `12 group by 1`.
const NUMBER: u16 = 0b111 << 8;
const NUMBER_START: u16 = 1 << 8;
const NUMBER_SPACE: u16 = 1 << 9;
const SPACE_WORD: u16 = 1 << 10;
/// The last two bytes of a gram of a literal.
const MAYBE: u16 = 1 << 11;

/// The longest value in which a line break separates commands.
pub(super) const MAX_LINE_VALUE: usize = 256;
/// The shortest run that may be base64.
const MIN_BASE64: usize = 16;

/// Text without any attack, to choose the rarest pair of a literal.
const ORDINARY: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/126.0.0.0 Safari/537.36 text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8 \
https://www.example.com/en-us/products/list.html?category=books&page=2&sort=price_desc application/json \
gzip, deflate, br en-GB,en;q=0.9,de;q=0.8 2024-05-17T12:34:56.789Z user@example.com image.png style.css main.js \
The quick brown fox jumps over the lazy dog and then it was gone, which is not what the reader of this story \
would have expected from a lazy dog. In the end there is a person, a place and a thing that we all know about. \
api.github.com/repos/owner/name/commits user_id created_at session_token 550e8400-e29b-41d4-a716-446655440000 \
same-origin navigate document keep-alive no-cache max-age=0 Upgrade-Insecure-Requests \
utm_source=newsletter&utm_medium=email&resource=course&search=force script javascript proxy XMLHttpRequest prefetch";

/// Number of pairs of classes.
const PAIRS: usize = STRIDE * STRIDE;

/// Number of bits of the table of grams.
const GRAM_BITS: usize = 1 << 16;

/// One table of signals.
struct Table {
    pairs: Box<[u16; PAIRS]>,
    /// The grams of all literals that have no rare pair, sorted...
    grams: Vec<u32>,
    /// ...and a bit for the hash of each.
    filter: Box<[u64; GRAM_BITS / 64]>,
}

/// The gate: a table for values, one for headers.
pub(super) struct Gate {
    values: Table,
    headers: Table,
    classes: [u8; 256],
}

impl Gate {
    /// Compiles the tables so that every literal of `values` and `headers` raises a signal.
    pub(super) fn new<'a>(
        values: impl Iterator<Item = &'a [u8]>,
        headers: impl Iterator<Item = &'a [u8]>,
    ) -> Self {
        let mut classes = [0; 256];
        for (byte, slot) in (0..=u8::MAX).zip(classes.iter_mut()) {
            *slot = class(byte);
        }
        Self {
            values: Table::new(value_signal, value_edge_signal, values),
            headers: Table::new(header_signal, edge_signal, headers),
            classes,
        }
    }

    /// Whether nothing can fire on `value`.
    pub(super) fn clean(&self, carrier: Carrier, value: &[u8]) -> bool {
        match carrier {
            Carrier::Header | Carrier::PartHeader => {
                !Signals(self.scan(&self.headers, EDGE, value)).raised(value)
                    && !may_be_base64(value)
                    && !begins_statement(value)
                    && !stacks_statement(value)
                    && (value.first() != Some(&b'"') || is_list_of_strings(value))
                    // The `&` of a query in a Referer is no signal: what stands behind it is.
                    && !has_named_entity(value)
            }
            Carrier::XmlDtd | Carrier::FileContent | Carrier::FileName => false,
            Carrier::Path => self.clean_path(value),
            _ => {
                !Signals(self.scan(&self.values, EDGE, value)).raised(value)
                    && !may_be_base64(value)
                    && !begins_statement(value)
            }
        }
    }

    /// Every path begins with a slash, which in a value would be a signal.
    fn clean_path(&self, path: &[u8]) -> bool {
        let last = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let first = path
            .split(|&b| b == b'/')
            .find(|segment| !segment.is_empty());
        let begins = path.split(|&b| b == b'/').any(begins_statement);
        let path = path.strip_prefix(b"/").unwrap_or(path);
        !begins
            && !may_be_base64(last)
            && first.is_none_or(|segment| !matches!(segment.first(), Some(b'(' | b'|' | b'&')))
            && !Signals(self.scan(&self.values, class(b'/'), path)).raised(path)
    }

    /// Whether nothing can fire on any name or value of a raw query string or form body, in which
    /// pairs are still joined by `&` and encoded.
    pub(super) fn clean_raw(&self, raw: &[u8]) -> bool {
        raw.split(|&b| b == b'&').all(|pair| {
            // Only the first equals sign ends a name: the others are the value's, and may be what is wrong with it.
            let (name, value) = cut(pair, b'=');
            self.clean_part(name, b' ') && self.clean_part(value, b' ')
        })
    }

    /// Whether nothing can fire on any name or value of a `Cookie` line.
    pub(super) fn clean_cookies(&self, line: &[u8]) -> bool {
        line.split(|&b| b == b';').all(|pair| {
            let (name, value) = cut(pair, b'=');
            !has_two_pluses(pair)
                && self.clean_part(name.trim_ascii(), b'+')
                && self.clean_part(value.trim_ascii(), b'+')
        })
    }

    /// Whether nothing can fire on a name or value that is still encoded. `plus` is what a plus sign stands for.
    fn clean_part(&self, part: &[u8], plus: u8) -> bool {
        if begins_statement(part) {
            return false;
        }
        let mut seen = 0;
        let mut previous = EDGE;
        let mut gram = 0u32;
        let mut in_base64_only = true;
        let mut bytes = part.iter();
        while let Some(&byte) = bytes.next() {
            let byte = match byte {
                b'+' => plus,
                b'%' => {
                    let (Some(high), Some(low)) = (
                        bytes.next().copied().and_then(hex),
                        bytes.next().copied().and_then(hex),
                    ) else {
                        return false;
                    };
                    high << 4 | low
                }
                byte => byte,
            };
            in_base64_only &= in_base64(byte) || matches!(byte, b' ' | b'=' | b'\r' | b'\n');
            gram = gram >> 8 | u32::from(byte) << 24;
            let class = self.class(byte);
            let pair = self.values.pair(previous, class);
            seen |= pair;
            if pair & MAYBE != 0 && self.values.has_gram(gram) {
                return false;
            }
            previous = class;
        }
        seen |= self.values.pair(previous, EDGE);
        seen & BREAK == 0
            && seen & SELECT != SELECT
            && !Signals(seen).raised(part)
            && !(in_base64_only
                && part.len() >= MIN_BASE64
                && (part.contains(&b'%') || may_be_base64(part)))
    }

    #[inline]
    fn scan(&self, table: &Table, start: u8, value: &[u8]) -> u16 {
        let mut seen = 0;
        let mut previous = start;
        for (at, &byte) in value.iter().enumerate() {
            let class = self.class(byte);
            let pair = table.pair(previous, class);
            seen |= pair;
            if pair & MAYBE != 0 && table.has_gram(gram_at(value, at)) {
                return ANY;
            }
            previous = class;
        }
        seen | table.pair(previous, EDGE)
    }

    #[inline]
    #[allow(clippy::indexing_slicing)] // 256 entries indexed by a byte
    fn class(&self, byte: u8) -> u8 {
        self.classes[usize::from(byte)]
    }
}

/// The four bytes of `value` that end at `at`.
#[inline]
fn gram_at(value: &[u8], at: usize) -> u32 {
    at.checked_sub(3)
        .and_then(|start| value.get(start..)?.first_chunk::<4>())
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Whether a plus sign in a cookie may become a space: where escapes are undone, the sign is too.
fn has_two_pluses(pair: &[u8]) -> bool {
    memchr::memchr(b'%', pair).is_some()
        && (memchr::memchr(b'+', pair).is_some()
            || pair
                .windows(3)
                .any(|escape| escape.eq_ignore_ascii_case(b"%2b")))
}

/// What is before the first `mark`, and what is after it.
fn cut(bytes: &[u8], mark: u8) -> (&[u8], &[u8]) {
    let at = memchr::memchr(mark, bytes).unwrap_or(bytes.len());
    let (before, after) = bytes.split_at_checked(at).unwrap_or((bytes, b""));
    (before, after.get(1..).unwrap_or_default())
}

/// Whether a header that begins with a quote is what such headers are: `"Chromium";v="145", "Not)A;Brand";v="99"`, or a tag.
fn is_list_of_strings(value: &[u8]) -> bool {
    let mut inside = false;
    let plain = value.iter().all(|byte| match byte {
        b'"' => {
            inside = !inside;
            true
        }
        b' ' | b',' | b';' | b'.' | b'-' | b'_' => true,
        b'=' => !inside,
        b'(' | b')' | b':' | b'/' | b'?' | b'+' => inside,
        _ => byte.is_ascii_alphanumeric(),
    });
    // Between two strings there is no word but the name of a parameter.
    let mut outside = value.split(|byte| *byte == b'"').skip(2).step_by(2);
    plain
        && !inside
        && outside.all(|between| {
            between
                .split(|byte| matches!(byte, b' ' | b',' | b';'))
                .all(|word| word.is_empty() || word.last() == Some(&b'='))
        })
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

/// Verbs that begin a statement of SQL and are no signal by themselves.
pub(super) const VERBS: [&[u8]; 14] = [
    b"insert",
    b"delete",
    b"drop",
    b"truncate",
    b"alter",
    b"create",
    b"exec",
    b"execute",
    b"shutdown",
    b"rename",
    b"grant",
    b"revoke",
    b"attach",
    b"select",
];

/// Clauses of SQL that a value may begin with: `order by 3`.
const CLAUSES: [&[u8]; 2] = [b"order", b"group"];

/// Whether `value`, decoded or not, begins with one of [`VERBS`] or [`CLAUSES`].
fn begins_statement(value: &[u8]) -> bool {
    if !matches!(
        value.first().map(u8::to_ascii_lowercase),
        Some(b'i' | b'd' | b't' | b'a' | b'c' | b'e' | b's' | b'r' | b'g' | b'o')
    ) {
        return false;
    }
    let len = value
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let word = value.get(..len).unwrap_or_default();
    value
        .get(len)
        .is_some_and(|next| matches!(next, b' ' | b'+' | b'%' | b'\t' | b'\r' | b'\n'))
        && VERBS
            .iter()
            .chain(&CLAUSES)
            .any(|known| word.eq_ignore_ascii_case(known))
}

const fn in_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The signals of one value.
#[derive(Clone, Copy)]
struct Signals(u16);

impl Signals {
    fn raised(self, value: &[u8]) -> bool {
        self.0 & ANY != 0
            || self.0 & BREAK != 0 && value.len() <= MAX_LINE_VALUE
            || self.0 & SELECT == SELECT && has_select(value)
            || self.0 & NUMBER == NUMBER
    }
}

impl Table {
    fn new<'a>(
        signal: fn(u8, u8) -> u16,
        signal_of_first: fn(u8) -> u16,
        literals: impl Iterator<Item = &'a [u8]>,
    ) -> Self {
        let mut table = Self {
            pairs: Box::new([0; PAIRS]),
            grams: Vec::new(),
            filter: Box::new([0; GRAM_BITS / 64]),
        };
        let bytes = representatives();
        for (first, a) in bytes.iter().enumerate() {
            for (second, b) in bytes.iter().enumerate() {
                let bits = match (*a, *b) {
                    (Some(a), Some(b)) => signal(a, b),
                    (None, Some(b)) if first == usize::from(EDGE) => signal_of_first(b),
                    _ => 0,
                };
                table.set(first as u8, second as u8, bits);
            }
        }
        for (pair, bit) in SELECT_PAIRS.iter().zip(2..) {
            let [a, b] = **pair;
            table.set(class(a), class(b), 1 << bit);
        }
        let mut counts = vec![0u32; PAIRS];
        for (&a, &b) in ORDINARY
            .as_bytes()
            .iter()
            .zip(ORDINARY.as_bytes().iter().skip(1))
        {
            if let Some(count) = counts.get_mut(index(class(a), class(b))) {
                *count += 1;
            }
        }
        for literal in literals {
            table.cover(literal, &counts);
        }
        table.grams.sort_unstable();
        table.grams.dedup();
        table
    }

    /// Makes sure that `literal` raises a signal: by a pair that is one, or else by four bytes in a
    /// row, which are looked at where the last two of them occur.
    fn cover(&mut self, literal: &[u8], counts: &[u32]) {
        let pairs = || {
            literal
                .iter()
                .zip(literal.iter().skip(1))
                .map(|(&a, &b)| (class(a), class(b)))
        };
        // White space in the value may be of another class than the literal's space.
        let solid = |byte: &u8| !matches!(class(*byte), SPACE | LINE);
        let raises = |a, b| self.pair(a, b) & ANY != 0;
        let sure = |a, b| match (a, b) {
            (SPACE, b) => raises(SPACE, b) && raises(LINE, b),
            (a, SPACE) => raises(a, SPACE) && raises(a, LINE),
            (a, b) => raises(a, b),
        };
        if pairs().any(|(a, b)| sure(a, b)) {
            return;
        }
        let rarest = literal
            .windows(4)
            .filter(|window| window.iter().all(solid))
            .filter_map(|window| <[u8; 4]>::try_from(window).ok())
            .min_by_key(|gram| {
                let [_, _, a, b] = *gram;
                let letters = gram.iter().all(u8::is_ascii_alphabetic);
                (letters, counts.get(index(class(a), class(b))).copied())
            });
        match rarest {
            Some(gram) => {
                self.set(class(gram[2]), class(gram[3]), MAYBE);
                let gram = u32::from_le_bytes(gram) | FOLD;
                self.grams.push(gram);
                if let Some(word) = self.filter.get_mut(gram_hash(gram) / 64) {
                    *word |= 1 << (gram_hash(gram) % 64);
                }
            }
            None => {
                if let Some((a, b)) = pairs().min_by_key(|&(a, b)| counts.get(index(a, b)).copied())
                {
                    self.set(a, b, ANY);
                }
            }
        }
    }

    #[cold]
    fn is_gram(&self, gram: u32) -> bool {
        self.grams.binary_search(&gram).is_ok()
    }

    /// Whether `gram` is one of a literal's, letter case aside.
    #[inline]
    #[allow(clippy::indexing_slicing)] // a table of 2^16 bits indexed by 16 bits
    fn has_gram(&self, gram: u32) -> bool {
        let gram = gram | FOLD;
        let hash = gram_hash(gram);
        self.filter[hash / 64] >> (hash % 64) & 1 != 0 && self.is_gram(gram)
    }

    fn set(&mut self, first: u8, second: u8, bits: u16) {
        if let Some(slot) = self.pairs.get_mut(index(first, second)) {
            *slot |= bits;
        }
    }

    #[inline]
    #[allow(clippy::indexing_slicing)] // `index` is below `PAIRS`
    fn pair(&self, first: u8, second: u8) -> u16 {
        self.pairs[index(first, second)]
    }
}

/// Sets the bit by which lower case differs from upper case, in four bytes.
const FOLD: u32 = 0x2020_2020;

#[inline]
const fn gram_hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// A byte of each class, the most usual one; none for the edge of a value and for classes that no
/// byte has.
fn representatives() -> [Option<u8>; STRIDE] {
    let mut bytes = [None; STRIDE];
    let usual = [b' ', b'\n', b'1'];
    for byte in (0..=u8::MAX).rev().chain(usual) {
        if let Some(slot) = bytes.get_mut(usize::from(class(byte))) {
            *slot = Some(byte.to_ascii_lowercase());
        }
    }
    bytes
}

#[inline]
const fn index(first: u8, second: u8) -> usize {
    ((first as usize) << 7 | second as usize) & (PAIRS - 1)
}
