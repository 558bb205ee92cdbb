//! Letters, and steps to the parent directory, that were escaped more often than necessary.

use super::{Report, cut};
use crate::normalize::value::hex;
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};

static LETTERS: Rule = Rule::recognised(
    "evasion-encoded-letters",
    Category::Evasion,
    Severity::Critical,
    &[
        "%53%45%4C%45%43%54",
        "x%u0053%u0045%u004c%u0045%u0063%u0074",
    ],
    &["%E5%98%8A", "a%2Fb%2Fc", "100%25", "%5F%2D%2E", "%41%42"],
)
.only(
    Carriers::PATH
        .with(Carrier::QueryName)
        .with(Carrier::QueryValue),
);

static CLIMB: Rule = Rule::recognised(
    "evasion-encoded-climb",
    Category::Evasion,
    Severity::Critical,
    &[
        "/js/..%2findex.htm",
        "/css/%252e%252e%252fconsole.portal",
        "/a/%2e%2e/b",
        "/a%5c..%5cb",
        "/a/%25252e%25252e/b",
        "/a/.%u002e/b",
    ],
    &[
        "/a/../b",
        "/a..%2fb",
        "/a%2fb",
        "/%2e/b",
        "/...%2f",
        "/a/..b%2f",
        "/wiki/%2e%2e",
        "/img/https%3A%2F%2Fexample.com%2Fa%2F..%2Fb.png",
    ],
)
.only(Carriers::PATH);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&LETTERS, &CLIMB];

/// The number of consecutive escaped letters that only an attempt to hide them explains.
pub(in crate::payload) const MANY_LETTERS: usize = 6;

/// Judges the original text, once and not view by view. Browsers escape no letters, and a link
/// inside a link has only its punctuation escaped.
pub(in crate::payload) fn judge(carrier: Carrier, text: &[u8], report: &mut Report<'_>) {
    if carrier == Carrier::Path && hides_a_climb(text) {
        report(&CLIMB, cut(text, 0, 64));
    }
    if !LETTERS.carriers.contains(carrier) {
        return;
    }
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'%', rest) {
        let start = rest.get(at..).unwrap_or_default();
        let mut after = start;
        let mut letters = 0;
        while let Some(next) = letter(after) {
            letters += 1;
            after = next;
        }
        if letters >= MANY_LETTERS {
            report(&LETTERS, cut(start, 0, 32));
            return;
        }
        let read = start.len() - after.len();
        rest = start.get(read.max(1)..).unwrap_or_default();
    }
}

/// Whether a path has a segment `..` before its last one, of which a dot or a slash beside it is
/// escaped. Browsers resolve such a segment and escape neither. A URL within a path is escaped as a
/// whole, so nothing is said of what follows one.
fn hides_a_climb(path: &[u8]) -> bool {
    if memchr::memchr(b'%', path).is_none() {
        return false;
    }
    let mut rest = path;
    // The last two bytes, of which `:/` begins a URL.
    let mut last = (0, 0);
    // The dots of this segment, and whether one of them or the slash before it was escaped. A
    // segment with anything else has `None`.
    let mut segment = Some((0, false));
    while let Some((byte, is_escaped, after)) = sign(rest) {
        segment = match (byte, segment) {
            (b'/', _) if last == (b':', b'/') => return false,
            (b'/' | b'\\', Some((2, hidden))) if hidden || is_escaped => return true,
            (b'/' | b'\\', _) => Some((0, is_escaped)),
            (b'.', Some((dots, hidden))) => Some((dots + 1, hidden || is_escaped)),
            _ => None,
        };
        last = (last.1, byte);
        rest = after;
    }
    false
}

/// The first byte of a path, whether it was escaped (in any number of layers), and what follows it.
fn sign(text: &[u8]) -> Option<(u8, bool, &[u8])> {
    let mut digits = text.strip_prefix(b"%").unwrap_or_default();
    // `%25` is the sign with which the escape of the next layer begins.
    while let [b'2', b'5', rest @ ..] = digits
        && rest.len() > 1
    {
        digits = rest;
    }
    let escaped = match digits {
        [b'u', b'0', b'0', high, low, rest @ ..] | [high, low, rest @ ..] => hex(*high)
            .zip(hex(*low))
            .map(|(high, low)| (high << 4 | low, true, rest)),
        _ => None,
    };
    escaped.or_else(|| text.split_first().map(|(byte, rest)| (*byte, false, rest)))
}

/// What follows an escaped letter: `%53`, `%2553`, `%u0053`.
fn letter(text: &[u8]) -> Option<&[u8]> {
    let (high, low, rest) = match text {
        [b'%', b'u' | b'U', b'0', b'0', high, low, rest @ ..]
        | [b'%', b'2', b'5', high, low, rest @ ..]
        | [b'%', high, low, rest @ ..] => (high, low, rest),
        _ => return None,
    };
    let byte = hex(*high)? << 4 | hex(*low)?;
    byte.is_ascii_alphabetic().then_some(rest)
}
