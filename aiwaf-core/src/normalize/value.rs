//! The normalised view of one value.
//!
//! An attacker writes the same attack in a hundred spellings: percent-encoded twice, with `%u`
//! escapes, in overlong UTF-8, in HTML entities, in JavaScript escapes, in full-width letters, with
//! NULs in the middle. [`Normalizer::views`] undoes them in a bounded number of rounds. It yields
//! at most four views, each only where it differs from the one before:
//!
//! 1. *decoded*: percent-decoding repeated until nothing changes;
//! 2. *folded*: the decoded view with entities, escapes, overlong UTF-8 and compatibility forms
//!    replaced by the character that they stand for, and NULs and zero-width characters removed;
//!    what was percent-encoded below those is decoded and folded once more;
//! 3. *unwrapped*: what a value in base64 holds, if that is text, decoded;
//! 4. *refolded*: the unwrapped view, folded.
//!
//! A value in which nothing is encoded is its own only view, and is borrowed.

mod base64;
mod fold;
mod percent;

pub(crate) use self::base64::{MIN_LEN as MIN_BASE64, may_hold_text as base64_may_hold_text};
pub(crate) use self::fold::has_named_entity;

/// Rounds of percent-decoding after which a value counts as hiding something.
///
/// Four layers of honest proxies and redirects are already rare; scanners stop at three.
pub const MAX_ROUNDS: usize = 6;

/// Buffers that are reused from one value to the next.
#[derive(Debug, Default)]
pub struct Normalizer {
    decoded: Vec<u8>,
    spare: Vec<u8>,
    folded: Vec<u8>,
    unwrapped: Vec<u8>,
    refolded: Vec<u8>,
}

/// The views of one value. Empty optional views are absent.
#[derive(Clone, Copy, Debug)]
pub struct Views<'a> {
    /// The value after repeated percent-decoding; the value itself where there was nothing to do.
    pub decoded: &'a [u8],
    /// The folded view, where it differs from `decoded`.
    pub folded: Option<&'a [u8]>,
    /// The text inside base64, where the value is that.
    pub unwrapped: Option<&'a [u8]>,
    /// The unwrapped view folded, where it differs from that.
    pub refolded: Option<&'a [u8]>,
    /// Rounds of percent-decoding that changed something.
    pub rounds: usize,
    /// Still encoded after [`MAX_ROUNDS`], be it within an escape of another kind or in base64.
    pub spent: bool,
}

impl Normalizer {
    /// A normaliser with empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The views of `value`. Time is linear in its length.
    pub fn views<'a>(&'a mut self, value: &'a [u8]) -> Views<'a> {
        let Self {
            decoded,
            spare,
            folded,
            unwrapped,
            refolded,
        } = self;
        let mut rounds = 0;
        let mut spent = false;
        if percent::decode(value, decoded) {
            let more = decode_all(decoded, spare, MAX_ROUNDS - 1);
            rounds = 1 + more.rounds;
            spent = more.spent;
        }
        let view: &[u8] = if rounds == 0 { value } else { decoded };
        let has_fold = fold::fold(view, folded);
        // Percent signs may have been escaped themselves: `\u0025\u0033\u0043`.
        if has_fold {
            let undone = decode_all(folded, spare, MAX_ROUNDS);
            spent |= undone.spent;
            if undone.rounds > 0 && fold::fold(folded, spare) {
                std::mem::swap(folded, spare);
            }
        }
        // In a path the last segment may be wrapped by itself.
        let wrapped = match view.first() {
            Some(b'/') => view.rsplit(|&b| b == b'/').next().unwrap_or_default(),
            _ => view,
        };
        let has_text = base64::decode_text(wrapped, unwrapped);
        // What was wrapped may have been encoded before.
        if has_text {
            spent |= decode_all(unwrapped, spare, MAX_ROUNDS).spent;
        }
        let has_refold = has_text && fold::fold(unwrapped, refolded);
        Views {
            decoded: view,
            folded: has_fold.then_some(folded.as_slice()),
            unwrapped: has_text.then_some(unwrapped.as_slice()),
            refolded: has_refold.then_some(refolded.as_slice()),
            rounds,
            spent,
        }
    }
}

/// How many layers of percent-encoding were undone, and whether there was one more than may be.
struct Undone {
    rounds: usize,
    spent: bool,
}

/// Undoes every layer of percent-encoding, up to `most` of them.
fn decode_all(text: &mut Vec<u8>, spare: &mut Vec<u8>, most: usize) -> Undone {
    let mut rounds = 0;
    while percent::decode(text, spare) {
        if rounds == most {
            return Undone {
                rounds,
                spent: true,
            };
        }
        std::mem::swap(text, spare);
        rounds += 1;
    }
    Undone {
        rounds,
        spent: false,
    }
}

/// The value of a hexadecimal digit.
pub(crate) const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Appends `code` as UTF-8, or nothing where it is no character.
pub(crate) fn push_char(out: &mut Vec<u8>, code: u32) {
    if let Some(c) = char::from_u32(code) {
        let mut buffer = [0; 4];
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
}

#[cfg(test)]
mod tests;
