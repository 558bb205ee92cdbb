//! Many literals looked for at once.
//!
//! An automaton of all literals is megabytes large and walks through it byte by byte: a short value, the usual case, finds
//! none of it in the processor's caches and waits for memory at each step. So a literal is looked for only where two or four of
//! its bytes stand, and two filters of 8 KiB tell where that may be. What the automaton would find is found, which a test
//! holds against it.

use super::gate::ORDINARY;

/// Number of bits of a filter: a hash has sixteen.
const BITS: usize = 1 << 16;

/// How many hashes share a start.
const SHARE: usize = 64;

/// A set of literals.
pub(super) struct Literals {
    texts: Vec<Vec<u8>>,
    fours: Anchors<4>,
    /// Those of literals that are shorter than four bytes.
    pairs: Anchors<2>,
    /// Literals of one byte.
    bytes: Vec<(u8, usize)>,
}

impl Literals {
    /// Chooses the bytes by which each of `texts` is found: four in a row that ordinary text and other literals have least.
    pub(super) fn new(texts: Vec<Vec<u8>>) -> Self {
        let counts = pair_counts();
        let count = |pair: &[u8; 2]| {
            let at = usize::from(u16::from_le_bytes(*pair));
            counts.get(at).copied().unwrap_or_default()
        };
        let (mut fours, mut pairs) = (Vec::<Anchor>::new(), Vec::new());
        let mut bytes = Vec::new();
        for (literal, text) in texts.iter().enumerate() {
            let windows = text.array_windows::<4>().enumerate();
            let rarest = windows.min_by_key(|(_, four)| {
                let key = u32::from_le_bytes(**four);
                let taken = fours.iter().filter(|anchor| anchor.key == key).count();
                // Four bytes stand in a text no more often than each two of them.
                let seen = four.array_windows::<2>().map(count).min();
                (seen.unwrap_or_default(), taken)
            });
            if let Some((offset, four)) = rarest {
                fours.push(Anchor::new(u32::from_le_bytes(*four), literal, offset));
                continue;
            }
            let windows = text.array_windows::<2>().enumerate();
            if let Some((offset, pair)) = windows.min_by_key(|(_, pair)| count(pair)) {
                let key = u32::from(u16::from_le_bytes(*pair));
                pairs.push(Anchor::new(key, literal, offset));
            } else if let [byte] = text.as_slice() {
                bytes.push((*byte, literal));
            }
        }
        Self {
            texts,
            fours: Anchors::new(fours),
            pairs: Anchors::new(pairs),
            bytes,
        }
    }

    /// The literals.
    pub(super) fn texts(&self) -> &[Vec<u8>] {
        &self.texts
    }

    /// Calls `take` with the number of each literal that stands in `text`, each time that it does, and where it begins and
    /// ends.
    pub(super) fn each(&self, text: &[u8], mut take: impl FnMut(usize, usize, usize)) {
        for (at, four) in text.array_windows::<4>().enumerate() {
            let four = u32::from_le_bytes(*four);
            if self.fours.may_hold(four) | self.pairs.may_hold(four) {
                self.fours.look(four, text, at, &self.texts, &mut take);
                self.pairs.look(four, text, at, &self.texts, &mut take);
            }
        }
        // No four bytes begin with the last pairs.
        let last = text.len().saturating_sub(3);
        let end = text.get(last..).unwrap_or_default();
        for (pair, at) in end.array_windows::<2>().zip(last..) {
            let pair = u32::from(u16::from_le_bytes(*pair));
            if self.pairs.may_hold(pair) {
                self.pairs.look(pair, text, at, &self.texts, &mut take);
            }
        }
        for (byte, literal) in &self.bytes {
            for at in memchr::memchr_iter(*byte, text) {
                take(*literal, at, at + 1);
            }
        }
    }
}

/// Where a literal has the bytes that it is found by.
#[derive(Clone, Copy)]
struct Anchor {
    key: u32,
    literal: u16,
    offset: u16,
}

impl Anchor {
    /// Literals are compiled in, and few and short.
    fn new(key: u32, literal: usize, offset: usize) -> Self {
        let number = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        debug_assert!(literal < usize::from(u16::MAX) && offset < usize::from(u16::MAX));
        Self {
            key,
            literal: number(literal),
            offset: number(offset),
        }
    }
}

/// Anchors of so many bytes: four, or two.
struct Anchors<const BYTES: usize> {
    /// A bit for the hash of each.
    filter: Box<[u64; BITS / 64]>,
    /// Where in `sorted` those of each [`SHARE`] hashes begin, and where the last ones end.
    starts: Vec<u16>,
    /// In the order of their hashes.
    sorted: Vec<Anchor>,
}

impl<const BYTES: usize> Anchors<BYTES> {
    fn new(mut anchors: Vec<Anchor>) -> Self {
        anchors.sort_by_key(|anchor| Self::hash(anchor.key));
        let mut filter = Box::new([0; BITS / 64]);
        for anchor in &anchors {
            let hash = Self::hash(anchor.key);
            if let Some(word) = filter.get_mut(hash / 64) {
                *word |= 1 << (hash % 64);
            }
        }
        let starts = (0..=BITS / SHARE).map(|share| {
            let start = anchors.partition_point(|anchor| Self::hash(anchor.key) < share * SHARE);
            u16::try_from(start).unwrap_or(u16::MAX)
        });
        Self {
            filter,
            starts: starts.collect(),
            sorted: anchors,
        }
    }

    /// The bytes that count, of four.
    #[inline]
    const fn key(bytes: u32) -> u32 {
        match BYTES {
            2 => bytes & u16::MAX as u32,
            _ => bytes,
        }
    }

    /// Sixteen bits: two bytes are their own hash.
    #[inline]
    const fn hash(key: u32) -> usize {
        match BYTES {
            2 => key as usize % BITS,
            _ => (key.wrapping_mul(0x9e37_79b1) >> 16) as usize,
        }
    }

    #[inline]
    #[allow(clippy::indexing_slicing)] // a table of 2^16 bits indexed by 16 bits
    fn may_hold(&self, bytes: u32) -> bool {
        let hash = Self::hash(bytes);
        self.filter[hash / 64] >> (hash % 64) & 1 != 0
    }

    /// Calls `take` for each literal with these bytes that stands around them, which begin at `at`.
    #[inline(never)]
    fn look(
        &self,
        bytes: u32,
        text: &[u8],
        at: usize,
        literals: &[Vec<u8>],
        take: &mut impl FnMut(usize, usize, usize),
    ) {
        let key = Self::key(bytes);
        let near = match self.starts.get(Self::hash(key) / SHARE..) {
            Some(&[start, end, ..]) => self.sorted.get(usize::from(start)..usize::from(end)),
            _ => None,
        };
        for anchor in near.unwrap_or_default() {
            let place = at.checked_sub(usize::from(anchor.offset));
            let literal = literals.get(usize::from(anchor.literal));
            if anchor.key == key
                && let Some((start, literal)) = place.zip(literal)
                && text
                    .get(start..)
                    .is_some_and(|rest| rest.starts_with(literal))
            {
                take(usize::from(anchor.literal), start, start + literal.len());
            }
        }
    }
}

/// How often each pair of bytes occurs in [`ORDINARY`] text, letter case aside.
fn pair_counts() -> Vec<u32> {
    let mut counts = vec![0; BITS];
    for pair in ORDINARY
        .to_ascii_lowercase()
        .as_bytes()
        .array_windows::<2>()
    {
        if let Some(count) = counts.get_mut(usize::from(u16::from_le_bytes(*pair))) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    fn found(literals: &Literals, text: &[u8]) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        literals.each(text, |literal, start, end| {
            found.push((literal, start, end));
        });
        found.sort_unstable();
        found
    }

    proptest! {
        /// Another library's automaton finds the same, wherever literals overlap, repeat, or end with the text.
        #[test]
        fn finds_what_an_automaton_finds(
            texts in prop::collection::btree_set("[ab.]{1,9}", 1..20),
            text in "[ab.]{0,40}",
        ) {
            let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(&texts)
                .unwrap();
            let mut theirs: Vec<_> = automaton
                .find_overlapping_iter(text.as_bytes())
                .map(|found| (found.pattern().as_usize(), found.start(), found.end()))
                .collect();
            theirs.sort_unstable();
            prop_assert_eq!(found(&Literals::new(texts), text.as_bytes()), theirs);
        }
    }

    #[test]
    fn a_literal_is_found_by_what_ordinary_text_has_least() {
        let literals = Literals::new(vec![b"the ~!#content".to_vec()]);
        let [anchor] = literals.fours.sorted.as_slice() else {
            panic!("one literal has one anchor");
        };
        let four = anchor.key.to_le_bytes();
        assert!(four.iter().any(|byte| b"~!#".contains(byte)), "{four:?}");
        assert_eq!(found(&literals, b"xthe ~!#contents"), [(0, 1, 15)]);
    }
}
