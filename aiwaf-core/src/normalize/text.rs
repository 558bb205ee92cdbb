//! Text folded for keyword matching: decoded, in lower case, with one space in place of each word
//! separator.

use super::Buffer;
use super::decode::{ROUNDS, percent_decode};

/// Folded text, and whether it was still encoded after the last round.
#[derive(Clone, Debug)]
pub struct NormalText {
    bytes: Buffer,
    spent: bool,
}

impl NormalText {
    /// The folded bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the text was still encoded after the last round.
    pub const fn is_spent(&self) -> bool {
        self.spent
    }
}

/// Decodes in bounded rounds, folds ASCII letters to lower case, and writes one space for each run
/// of white space, `+` and `/* comments */`.
///
/// ```
/// use aiwaf_core::normalize::fold_text;
/// assert_eq!(fold_text(b"UNION/**/%2509SELECT").as_bytes(), b"union select");
/// ```
pub fn fold_text(raw: &[u8]) -> NormalText {
    let mut current = Buffer::from_slice(raw);
    let mut next = Buffer::new();
    let mut spent = true;
    for _ in 0..=ROUNDS {
        if !percent_decode(&current, false, &mut next) {
            spent = false;
            break;
        }
        std::mem::swap(&mut current, &mut next);
    }
    NormalText {
        bytes: fold_spaces(&current),
        spent,
    }
}

fn fold_spaces(decoded: &[u8]) -> Buffer {
    // An unclosed comment must not make every later `/*` search the same bytes again.
    let last_close = decoded
        .windows(2)
        .rposition(|pair| pair == b"*/")
        .unwrap_or(0);
    let mut out = Buffer::new();
    let mut at = 0;
    while let Some(&byte) = decoded.get(at) {
        let rest = decoded.get(at..).unwrap_or_default();
        if byte.is_ascii_whitespace() || matches!(byte, b'+' | 0 | 0x0b) {
            push_space(&mut out);
            at += 1;
        } else if rest.starts_with(b"/*") {
            push_space(&mut out);
            at += 2;
            if at <= last_close {
                at += closing(decoded.get(at..).unwrap_or_default());
            }
        } else {
            out.push(byte.to_ascii_lowercase());
            at += 1;
        }
    }
    out
}

fn push_space(out: &mut Buffer) {
    if out.last() != Some(&b' ') {
        out.push(b' ');
    }
}

/// How many bytes the rest of a comment takes, including its end. An unclosed comment hides only
/// its opening.
fn closing(inside: &[u8]) -> usize {
    inside
        .windows(2)
        .position(|pair| pair == b"*/")
        .map_or(0, |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_separates_words_is_one_space() {
        for raw in [
            "union select",
            "UNION+SELECT",
            "union%20%20select",
            "union/**/select",
            "union/*x*/ %0a+select",
            "union%252bselect",
        ] {
            assert_eq!(
                fold_text(raw.as_bytes()).as_bytes(),
                b"union select",
                "{raw}"
            );
        }
        assert_eq!(fold_text(b"a/*b").as_bytes(), b"a b");
    }

    #[test]
    fn many_unclosed_comments_cost_linear_time() {
        // Each `/*` searches for its end only once. An unclosed one must not make the next one
        // search the same bytes.
        let raw = b"/*a".repeat(100_000);
        assert!(fold_text(&raw).as_bytes() == b" a".repeat(100_000));
    }
}
