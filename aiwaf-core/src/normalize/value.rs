//! The normalised views of one value.
//!
//! An attacker can write the same attack in a hundred spellings: percent-encoded twice, with `%u`
//! escapes, in overlong UTF-8, in HTML entities, in JavaScript escapes, in full-width letters, with
//! NULs in the middle. [`Normalizer::views`] decodes them in a bounded number of rounds. It yields
//! at most four views, each only if it differs from the one before:
//!
//! 1. *decoded*: percent-decoded repeatedly until nothing changes;
//! 2. *folded*: the decoded view with entities, escapes, overlong UTF-8 and compatibility forms
//!    replaced by the character that they stand for, and NULs and zero-width characters removed;
//!    percent-encoding that appears below those is decoded and folded once more;
//! 3. *unwrapped*: the decoded content of a value in base64, if that content is text, or the
//!    header of a signed token;
//! 4. *refolded*: the unwrapped view, folded in the same way.
//!
//! A value in which nothing is encoded is its own only view and is borrowed.

mod base64;
mod fold;
mod percent;
mod token;

pub(crate) use self::base64::{MIN_LEN as MIN_BASE64, may_hold_text as base64_may_hold_text};
pub(crate) use self::fold::has_named_entity;
pub(crate) use self::token::header as token_header;

/// Rounds of percent-decoding after which a value is treated as hiding something.
///
/// Four layers are already rare with honest proxies and redirects; scanners stop at three.
pub const MAX_ROUNDS: usize = 6;

/// Buffers that are reused from one value to the next.
#[derive(Debug, Default)]
pub struct Normalizer {
    decoded: Vec<u8>,
    spare: Vec<u8>,
    folded: Vec<u8>,
    wrapped: Vec<u8>,
    unwrapped: Vec<u8>,
    refolded: Vec<u8>,
}

/// The views of one value. A view that would add nothing is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Views<'a> {
    /// The value after repeated percent-decoding, or the value itself if there was nothing to
    /// decode.
    pub decoded: &'a [u8],
    /// The folded view, if it differs from `decoded`.
    pub folded: Option<&'a [u8]>,
    /// The text inside base64, if the value is base64 or a signed token, not decoded any further.
    pub wrapped: Option<&'a [u8]>,
    /// `wrapped` after repeated percent-decoding.
    pub unwrapped: Option<&'a [u8]>,
    /// The unwrapped view after folding, if it differs from `unwrapped`.
    pub refolded: Option<&'a [u8]>,
    /// Rounds of percent-decoding that changed something.
    pub rounds: usize,
    /// Whether the value was still encoded after [`MAX_ROUNDS`], also within an escape of another
    /// kind or in base64.
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
            wrapped,
            unwrapped,
            refolded,
        } = self;
        let (view, undone) = decoded_into(value, decoded, spare);
        let mut spent = undone.spent;
        let has_fold = fold::fold(view, folded);
        if has_fold {
            spent |= undo_below(folded, spare);
        }
        // In a path, the last segment may be base64 by itself.
        let last = match view.first() {
            Some(b'/') => view.rsplit(|&b| b == b'/').next().unwrap_or_default(),
            _ => view,
        };
        let mut views = Views {
            decoded: view,
            folded: has_fold.then_some(folded.as_slice()),
            wrapped: None,
            unwrapped: None,
            refolded: None,
            rounds: undone.rounds,
            spent,
        };
        let is_wrapped = match token_header(last) {
            Some(header) => token::decode(header, wrapped),
            None => base64::decode_text(last, wrapped),
        };
        if is_wrapped {
            // The text may have been percent-encoded before it was wrapped.
            let (text, undone) = decoded_into(wrapped, unwrapped, spare);
            views.spent |= undone.spent;
            if fold::fold(text, refolded) {
                views.spent |= undo_below(refolded, spare);
                views.refolded = Some(refolded);
            }
            views.wrapped = Some(wrapped);
            views.unwrapped = Some(text);
        }
        views
    }
}

/// How many layers of percent-encoding were decoded, and whether there were more than allowed.
#[derive(Default)]
struct Undone {
    rounds: usize,
    spent: bool,
}

/// `text` without its layers of percent-encoding. The result is in `decoded` if there were any.
fn decoded_into<'a>(
    text: &'a [u8],
    decoded: &'a mut Vec<u8>,
    spare: &mut Vec<u8>,
) -> (&'a [u8], Undone) {
    if !percent::decode(text, decoded) {
        return (text, Undone::default());
    }
    let more = decode_all(decoded, spare, MAX_ROUNDS - 1);
    let undone = Undone {
        rounds: 1 + more.rounds,
        ..more
    };
    (decoded, undone)
}

/// Decodes every layer of percent-encoding, up to `most` layers plus the one that is too many.
fn decode_all(text: &mut Vec<u8>, spare: &mut Vec<u8>, most: usize) -> Undone {
    let mut undone = Undone::default();
    while !undone.spent && percent::decode(text, spare) {
        std::mem::swap(text, spare);
        undone.rounds += 1;
        undone.spent = undone.rounds > most;
    }
    undone
}

/// Decodes percent-encoding that was below the folded escapes (`\u0025\u0033\u0043`), and folds the
/// result. Returns whether there were too many layers.
fn undo_below(folded: &mut Vec<u8>, spare: &mut Vec<u8>) -> bool {
    let undone = decode_all(folded, spare, MAX_ROUNDS);
    if undone.rounds > 0 && fold::fold(folded, spare) {
        std::mem::swap(folded, spare);
    }
    undone.spent
}

/// Decodes one layer of percent-encoding of `text` into `out`, and returns whether there was one.
pub(crate) fn undo_once(text: &[u8], out: &mut Vec<u8>) -> bool {
    percent::decode(text, out)
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

/// Appends `code` as UTF-8, or nothing if it is not a valid character.
pub(crate) fn push_char(out: &mut Vec<u8>, code: u32) {
    if let Some(c) = char::from_u32(code) {
        let mut buffer = [0; 4];
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
}

#[cfg(test)]
mod tests;
