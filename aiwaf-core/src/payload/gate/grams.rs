//! Grams: four consecutive bytes that identify a literal, and their position in the literal.

use super::Anchor;

/// Number of bits of the filter for grams.
const GRAM_BITS: usize = 1 << 16;

/// How many places are looked up at once.
const BLOCK: usize = 16;

/// A block with the rest of the grams that begin in it.
const WITH_ENDS: usize = BLOCK + 3;

/// Most shorter values are words, and looking for the grams in them before they are looked up costs
/// more than it saves.
const LONG: usize = 128;

/// How many hashes share a start. About one gram falls into this range.
const SHARE: usize = 128;

/// Four bytes of a literal that has no pair that is a signal by itself, or two bytes if the literal
/// has no four suitable ones in a row.
pub(super) struct Gram {
    pub(super) bytes: u32,
    /// The literal, in lower case.
    run: Vec<u8>,
    /// Where the bytes end in the literal.
    end: usize,
    /// The byte of the literal right behind the gram, unless that is a space or the literal ends.
    next: Option<u8>,
    begins_word: bool,
    ends_word: bool,
}

impl Gram {
    /// The `bytes` of a literal, two or four, that end at `end` in the literal.
    pub(super) fn new<const LEN: usize>(anchor: Anchor<'_>, bytes: [u8; LEN], end: usize) -> Self {
        let bytes = bytes.iter().rev();
        let next = anchor.text.get(end).filter(|byte| **byte != b' ');
        Self {
            bytes: bytes.fold(0, |all, byte| all << 8 | u32::from(fold(*byte))),
            next: next.map(|byte| fold(*byte)),
            run: anchor.text.iter().map(|byte| fold(*byte)).collect(),
            end,
            begins_word: anchor.begins_word,
            ends_word: anchor.ends_word,
        }
    }

    /// Whether the gram has only two bytes.
    pub(super) const fn is_short(&self) -> bool {
        self.bytes <= u16::MAX as u32
    }

    /// Whether the literal stands in `value` around the byte at `at`, where the gram ends, ignoring
    /// case.
    fn is_whole(&self, value: &[u8], at: usize) -> bool {
        let (before, after) = (value.get(..=at), value.get(at + 1..));
        // Most other words differ in the next byte.
        if self.next.is_some() && value.get(at + 1).map(|byte| fold(*byte)) != self.next {
            return false;
        }
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

    /// Whether the literal has the word edges that it needs. A byte that may become a blank is an
    /// edge. The edges of a literal that itself contains blanks are not checked.
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

/// The longest run that may stand for a space. A longer run counts as a match without further
/// reading, because many positions may read the same run.
const MAX_SPACE: usize = 32;

/// Whether a byte, or the escape that it is part of, may become a blank once it is decoded.
const fn may_be_space(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'_'
}

/// Whether `text` begins with `run`, where a space matches whatever may be one once it is decoded.
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
    /// The grams, sorted by hash.
    sorted: Vec<Gram>,
    /// Where the grams of each range of [`SHARE`] hashes begin in `sorted`, and where the last ones
    /// end.
    starts: Vec<u16>,
    /// One bit for the hash of each gram of four bytes.
    filter: Box<[u64; GRAM_BITS / 64]>,
}

impl Grams {
    /// Builds the tables for `grams`.
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
    ///
    /// Numbers and identifiers hardly ever have four bytes of grams in a row, so a block without
    /// them is done after a dozen vector instructions.
    #[inline]
    pub(super) fn occur_in(&self, value: &[u8]) -> bool {
        if value.len() < LONG {
            return self.occur_from(value, 0, value);
        }
        let mut start = 0;
        let mut rest = value;
        while let Some(block) = rest.first_chunk::<WITH_ENDS>() {
            if has_grams(block) && self.occur_from(value, start, block) {
                return true;
            }
            start += BLOCK;
            rest = rest.get(BLOCK..).unwrap_or_default();
        }
        self.occur_from(value, start, rest)
    }

    /// Whether such a gram begins in `part`, which begins at `start` of `value`.
    #[inline]
    fn occur_from(&self, value: &[u8], start: usize, part: &[u8]) -> bool {
        part.array_windows::<4>()
            .zip(start + 3..)
            .any(|(four, at)| {
                let bytes = gram_bytes(*four);
                self.may_hold(bytes) && self.is_whole(bytes, value, at)
            })
    }

    #[inline]
    #[allow(clippy::indexing_slicing)] // the table has 2^16 bits, the index has 16
    fn may_hold(&self, bytes: u32) -> bool {
        let hash = gram_hash(bytes);
        self.filter[hash / 64] >> (hash % 64) & 1 != 0
    }

    /// Whether a gram of these bytes ends at `at`, with the rest of its literal around it.
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

/// Four bytes as they are stored, in lower case.
#[inline]
pub(super) const fn gram_bytes(gram: [u8; 4]) -> u32 {
    u32::from_le_bytes(gram) | FOLD
}

/// Whether a gram of four bytes may have `byte`: the slash and all bytes above the digits. Numbers,
/// blanks, points and dashes may not be in one.
pub(super) const fn is_in_gram(byte: u8) -> bool {
    byte == b'/' || byte > b'9'
}

/// Whether four bytes of grams in a row begin in the block. Written so that the compiler makes
/// vectors of it: no branches, and four slices of the same length.
#[inline]
fn has_grams(block: &[u8; WITH_ENDS]) -> bool {
    // Above 9 for the bytes of grams.
    let rank = |byte: &u8| if *byte == b'/' { u8::MAX } else { *byte };
    let from = |at: usize| block.get(at..at + BLOCK).unwrap_or_default();
    let [first, second, third, fourth] = [0, 1, 2, 3].map(from);
    let mut none = true;
    for (((a, b), c), d) in first.iter().zip(second).zip(third).zip(fourth) {
        none &= rank(a).min(rank(b)).min(rank(c).min(rank(d))) <= b'9';
    }
    !none
}

/// [`fold`] for two bytes, as a gram of two bytes is stored.
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

    const LITERALS: [&str; 5] = ["phpinfo", "passwd", "sleep", "info_schema", "a/bin.x"];

    fn grams() -> Grams {
        let of = |literal: &'static str, at: usize| {
            let gram: &[u8; 4] = literal.as_bytes()[at..].first_chunk().unwrap();
            Gram::new(Anchor::from(literal.as_bytes()), *gram, at + 4)
        };
        let [one, two, three, four, five] = LITERALS;
        Grams::new(vec![
            of(one, 3),
            of(two, 0),
            of(three, 1),
            of(four, 0),
            of(five, 1),
        ])
    }

    /// At every place of a block, between digits, which are passed over, and letters.
    #[test]
    fn a_literal_is_found_at_each_place_of_a_long_text() {
        let grams = grams();
        for (literal, filler) in LITERALS.iter().zip(["7", "x", "-", "0", "1"]) {
            for before in 0..2 * LONG {
                for after in [0, 1, 2, 3, 15, 16, 17, LONG] {
                    let [head, tail] = [before, after].map(|len| filler.repeat(len));
                    let text = [&head, *literal, &tail].concat();
                    assert!(grams.occur_in(text.as_bytes()), "{text}");
                    let other = text.replace(literal, "pass");
                    assert!(!grams.occur_in(other.as_bytes()), "{other}");
                }
            }
        }
    }

    /// At the start, at the end, and at every place between.
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
        /// In any letter case, and also beside pieces of literals, which do not count.
        #[test]
        fn finds_what_a_search_finds(            pieces in proptest::collection::vec(
                prop_oneof![
                    "[A-Za-z0-9_.-]{0,9}",
                    "php|info|Pass|wd|slee|_schema|p|/bin",
                    proptest::sample::select(LITERALS.to_vec()).prop_map(str::to_owned),
                    proptest::sample::select(LITERALS.to_vec()).prop_map(str::to_uppercase),
                ],
                0..12,
            ),
            whole in 0..4_usize,
        ) {
            // One text in four may contain whole literals.
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
