//! Four bytes in a row that tell of a literal, and where the literal stands.

use super::Anchor;

/// Number of bits of the table of grams.
const GRAM_BITS: usize = 1 << 16;

/// How many hashes of grams share a start: about one gram has them.
const SHARE: usize = 128;

/// Four bytes of a literal that has no pair which is a signal of its own, or two if it has no four in a row.
pub(super) struct Gram {
    pub(super) bytes: u32,
    /// The literal, in lower case.
    run: Vec<u8>,
    /// Where in it the bytes end.
    end: usize,
    begins_word: bool,
    ends_word: bool,
}

impl Gram {
    /// The `bytes` of a literal, two or four of them, that end at `end` in it.
    pub(super) fn new<const LEN: usize>(anchor: Anchor<'_>, bytes: [u8; LEN], end: usize) -> Self {
        let bytes = bytes.iter().rev();
        Self {
            bytes: bytes.fold(0, |all, byte| all << 8 | u32::from(fold(*byte))),
            run: anchor.text.iter().map(|byte| fold(*byte)).collect(),
            end,
            begins_word: anchor.begins_word,
            ends_word: anchor.ends_word,
        }
    }

    /// Whether it has two bytes only.
    pub(super) const fn is_short(&self) -> bool {
        self.bytes <= u16::MAX as u32
    }

    /// Whether the literal stands in `value` around the byte at `at`, which the gram ends with, letter case aside.
    fn is_whole(&self, value: &[u8], at: usize) -> bool {
        let (before, after) = (value.get(..=at), value.get(at + 1..));
        let (ahead, behind) = (self.run.get(..self.end), self.run.get(self.end..));
        let reads = |run: Option<&[u8]>, text: Option<&[u8]>| {
            let (run, text) = (run.unwrap_or_default(), text.unwrap_or_default());
            runs_on(run.iter().copied(), text.iter().copied())
        };
        reads(behind, after)
            && {
                let ahead = ahead.unwrap_or_default().iter().rev();
                let before = before.unwrap_or_default().iter().rev();
                runs_on(ahead.copied(), before.copied())
            }
            && self.is_word(value, at)
    }

    /// Whether the literal stands between the edges of words that it needs. What may become a blank is one, and where
    /// the literal has blanks itself its edges are not looked for.
    fn is_word(&self, value: &[u8], at: usize) -> bool {
        let Some(start) = (at + 1).checked_sub(self.end) else {
            return true;
        };
        let goes_on = |at: usize| {
            let byte = value.get(at);
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        self.run.contains(&b' ')
            || !(self.begins_word && start > 0 && goes_on(start - 1)
                || self.ends_word && goes_on(start + self.run.len()))
    }
}

/// How much may stand for a space before the text is taken for the literal unread: it is looked at from many places.
const MAX_SPACE: usize = 32;

/// Whether a byte, or what it is part of, may become a blank once it is decoded.
const fn may_be_space(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'_'
}

/// Whether `text` begins as `run` says, in which a space is whatever may be one once it is decoded.
fn runs_on(run: impl Iterator<Item = u8>, text: impl Iterator<Item = u8>) -> bool {
    let mut text = text.peekable();
    let mut is_space = false;
    let mut is_endless = false;
    run.into_iter().all(|known| {
        if is_endless {
            return true;
        }
        let has_space = std::mem::replace(&mut is_space, known == b' ');
        if is_space {
            return text.next().is_some_and(may_be_space);
        }
        if has_space {
            let blank = |byte: &u8| fold(*byte) != known && may_be_space(*byte);
            let mut blanks = 0;
            while text.next_if(blank).is_some() {
                blanks += 1;
                if blanks == MAX_SPACE {
                    is_endless = true;
                    return true;
                }
            }
        }
        text.next().is_some_and(|byte| fold(byte) == known)
    })
}

/// The grams of all literals.
pub(super) struct Grams {
    /// In the order of their hashes.
    sorted: Vec<Gram>,
    /// Where in `sorted` those of each [`SHARE`] hashes begin, and where the last ones end.
    starts: Vec<u16>,
    /// A bit for the hash of each that is four bytes long.
    filter: Box<[u64; GRAM_BITS / 64]>,
}

impl Grams {
    /// The tables of these.
    pub(super) fn new(mut grams: Vec<Gram>) -> Self {
        grams.sort_unstable_by(|a, b| {
            (gram_hash(a.bytes), a.bytes, &a.run).cmp(&(gram_hash(b.bytes), b.bytes, &b.run))
        });
        grams.dedup_by(|a, b| {
            let is_same = a.bytes == b.bytes && a.run == b.run && a.end == b.end;
            if is_same {
                b.begins_word &= a.begins_word;
                b.ends_word &= a.ends_word;
            }
            is_same
        });
        let mut filter = Box::new([0; GRAM_BITS / 64]);
        for gram in grams.iter().filter(|gram| !gram.is_short()) {
            let hash = gram_hash(gram.bytes);
            if let Some(word) = filter.get_mut(hash / 64) {
                *word |= 1 << (hash % 64);
            }
        }
        let starts = (0..=GRAM_BITS / SHARE).map(|share| {
            let start = grams.partition_point(|gram| gram_hash(gram.bytes) < share * SHARE);
            u16::try_from(start).unwrap_or(u16::MAX)
        });
        Self {
            starts: starts.collect(),
            sorted: grams,
            filter,
        }
    }

    /// Whether the literal of a gram of four bytes occurs in `value`.
    #[inline]
    pub(super) fn occur_in(&self, value: &[u8]) -> bool {
        value.array_windows::<4>().zip(3..).any(|(four, at)| {
            let bytes = u32::from_le_bytes(*four) | FOLD;
            self.may_hold(bytes) && self.is_whole(bytes, value, at)
        })
    }

    #[inline]
    #[allow(clippy::indexing_slicing)] // a table of 2^16 bits indexed by 16 bits
    fn may_hold(&self, bytes: u32) -> bool {
        let hash = gram_hash(bytes);
        self.filter[hash / 64] >> (hash % 64) & 1 != 0
    }

    /// Whether a gram of these bytes ends at `at`, in what its literal has around it.
    #[cold]
    pub(super) fn is_whole(&self, bytes: u32, value: &[u8], at: usize) -> bool {
        let near = match self.starts.get(gram_hash(bytes) / SHARE..) {
            Some(&[start, end, ..]) => self.sorted.get(usize::from(start)..usize::from(end)),
            _ => None,
        };
        let mut near = near.unwrap_or_default().iter();
        near.any(|gram| gram.bytes == bytes && gram.is_whole(value, at))
    }
}

/// Sets the bit by which lower case differs from upper case.
const fn fold(byte: u8) -> u8 {
    byte | 0x20
}

/// [`fold`] for four bytes.
const FOLD: u32 = 0x2020_2020;

/// [`fold`] for two bytes: what a gram of two is.
pub(super) fn pair_bytes(pair: [u8; 2]) -> u32 {
    u32::from(u16::from_le_bytes(pair.map(fold)))
}

#[inline]
const fn gram_hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LITERALS: [&str; 4] = ["phpinfo", "passwd", "sleep", "info_schema"];

    fn grams() -> Grams {
        let of = |literal: &'static str, at: usize| {
            let gram: &[u8; 4] = literal.as_bytes()[at..].first_chunk().unwrap();
            Gram::new(Anchor::from(literal.as_bytes()), *gram, at + 4)
        };
        let [one, two, three, four] = LITERALS;
        Grams::new(vec![of(one, 3), of(two, 0), of(three, 1), of(four, 0)])
    }

    /// At the start, at the end, and wherever between.
    #[test]
    fn a_literal_is_found_at_each_place() {
        let grams = grams();
        for literal in LITERALS {
            for (before, after) in
                (0..50).flat_map(|before| (0..25).map(move |after| (before, after)))
            {
                let [head, tail] = [before, after].map(|len| "x".repeat(len));
                let text = [&head, literal, &tail].concat();
                assert!(grams.occur_in(text.as_bytes()), "{text}");
            }
        }
    }

    proptest! {
        /// Whatever the letter case, and beside pieces of literals, which are none.
        #[test]
        fn finds_what_a_search_finds(            pieces in proptest::collection::vec(
                prop_oneof![
                    "[A-Za-z0-9_.-]{0,9}",
                    "php|info|Pass|wd|slee|_schema|p",
                    proptest::sample::select(LITERALS.to_vec()).prop_map(str::to_owned),
                    proptest::sample::select(LITERALS.to_vec()).prop_map(str::to_uppercase),
                ],
                0..12,
            ),
            whole in 0..4_usize,
        ) {
            // One text in four may have literals as they stand.
            let text: String = match whole {
                0 => pieces.concat(),
                _ => pieces.iter().filter(|piece| piece.len() < 5).cloned().collect(),
            };
            let lower = text.to_ascii_lowercase();
            let is_there = LITERALS.iter().any(|literal| lower.contains(literal));
            prop_assert_eq!(grams().occur_in(text.as_bytes()), is_there, "{}", text);
        }
    }
}
