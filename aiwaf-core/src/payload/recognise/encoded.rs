//! Letters that were escaped once more than necessary.

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

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&LETTERS];

/// The number of consecutive escaped letters that only an attempt to hide them explains.
pub(in crate::payload) const MANY_LETTERS: usize = 6;

/// Judges the original text, once and not view by view. Browsers escape no letters, and a link
/// inside a link has only its punctuation escaped.
pub(in crate::payload) fn judge(carrier: Carrier, text: &[u8], report: &mut Report<'_>) {
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
