//! Searches for many literals at once.
//!
//! An automaton of all literals is megabytes large and goes through a text byte by byte. For a
//! short value, the usual case, none of the automaton is in the processor's caches, and each step
//! waits for memory. So a literal is compared only where three of its bytes occur, and a filter of
//! 8 KiB tells where that is possible. The few shorter literals are compared wherever their first
//! byte occurs. The search finds everything that the automaton would find; a test compares the two.

use super::gate::ORDINARY;

/// Number of bits of the filter: a hash has sixteen bits.
const BITS: usize = 1 << 16;

/// How many hashes share a start.
const SHARE: usize = 64;

/// A set of literals.
pub(super) struct Literals {
    texts: Vec<Vec<u8>>,
    /// A bit for the hash of each anchor.
    filter: Box<[u64; BITS / 64]>,
    /// Where the anchors of each range of [`SHARE`] hashes begin in `anchors`, and where the last
    /// ones end.
    starts: Vec<u16>,
    /// The anchors, sorted by hash.
    anchors: Vec<Anchor>,
    /// The few literals shorter than three bytes, by their first byte.
    brief: Vec<(u8, usize)>,
}

impl Literals {
    /// Chooses the three consecutive bytes by which each of `texts` is found: those that are rarest
    /// in ordinary text and in the other literals.
    pub(super) fn new(texts: Vec<Vec<u8>>) -> Self {
        let counts = pair_counts();
        let count = |pair: &[u8; 2]| {
            let at = usize::from(u16::from_le_bytes(*pair));
            counts.get(at).copied().unwrap_or_default()
        };
        let mut anchors = Vec::<Anchor>::new();
        let mut brief = Vec::new();
        for (literal, text) in texts.iter().enumerate() {
            let windows = text.array_windows::<3>().enumerate();
            let rarest = windows.min_by_key(|(_, three)| {
                let taken = anchors.iter().filter(|anchor| anchor.key == key_of(three));
                // Three bytes occur in a text no more often than any two of them.
                let seen = three.array_windows::<2>().map(count).min();
                (seen.unwrap_or_default(), taken.count())
            });
            match (rarest, text.first()) {
                (Some((offset, three)), _) => {
                    anchors.push(Anchor::new(key_of(three), literal, offset))
                }
                (None, Some(first)) => brief.push((*first, literal)),
                (None, None) => {}
            }
        }
        anchors.sort_by_key(|anchor| hash(anchor.key));
        let mut filter = Box::new([0; BITS / 64]);
        for anchor in &anchors {
            let hash = hash(anchor.key);
            if let Some(word) = filter.get_mut(hash / 64) {
                *word |= 1 << (hash % 64);
            }
        }
        let starts = (0..=BITS / SHARE).map(|share| {
            let start = anchors.partition_point(|anchor| hash(anchor.key) < share * SHARE);
            u16::try_from(start).unwrap_or(u16::MAX)
        });
        Self {
            starts: starts.collect(),
            texts,
            filter,
            anchors,
            brief,
        }
    }

    pub(super) fn texts(&self) -> &[Vec<u8>] {
        &self.texts
    }

    /// Calls `take` for each occurrence of a literal in `text`, with the number of the literal and
    /// where the occurrence begins and ends.
    pub(super) fn each(&self, text: &[u8], mut take: impl FnMut(usize, usize, usize)) {
        // Reading four bytes costs no more than reading three. The last three bytes of the text
        // begin no group of four, so they are handled separately.
        for (at, four) in text.array_windows::<4>().enumerate() {
            let key = u32::from_le_bytes(*four) & KEY;
            if self.may_hold(key) {
                self.look(key, text, at, &mut take);
            }
        }
        if let Some(last) = text.last_chunk::<3>()
            && self.may_hold(key_of(last))
        {
            self.look(key_of(last), text, text.len() - 3, &mut take);
        }
        for (first, literal) in &self.brief {
            for start in memchr::memchr_iter(*first, text) {
                self.stands(*literal, text, start, &mut take);
            }
        }
    }

    /// Calls `take` if the literal begins at `start`.
    #[inline]
    fn stands(
        &self,
        literal: usize,
        text: &[u8],
        start: usize,
        take: &mut impl FnMut(usize, usize, usize),
    ) {
        if let (Some(of), Some(rest)) = (self.texts.get(literal), text.get(start..))
            && rest.starts_with(of)
        {
            take(literal, start, start + of.len());
        }
    }

    #[inline]
    #[allow(clippy::indexing_slicing)] // the table has 2^16 bits, the index has 16
    fn may_hold(&self, key: u32) -> bool {
        let hash = hash(key);
        self.filter[hash / 64] >> (hash % 64) & 1 != 0
    }

    /// Calls `take` for each literal that stands around the bytes of `key`, which begin at `at`.
    #[inline(never)]
    fn look(&self, key: u32, text: &[u8], at: usize, take: &mut impl FnMut(usize, usize, usize)) {
        let near = match self.starts.get(hash(key) / SHARE..) {
            Some(&[start, end, ..]) => self.anchors.get(usize::from(start)..usize::from(end)),
            _ => None,
        };
        for anchor in near.unwrap_or_default() {
            if anchor.key == key
                && let Some(start) = at.checked_sub(usize::from(anchor.offset))
            {
                self.stands(usize::from(anchor.literal), text, start, take);
            }
        }
    }
}

/// The bits of a number that form a key.
const KEY: u32 = 0x00ff_ffff;

/// Three bytes as one number.
const fn key_of(three: &[u8; 3]) -> u32 {
    let [a, b, c] = *three;
    u32::from_le_bytes([a, b, c, 0])
}

/// A hash of sixteen bits for a key.
#[inline]
const fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// The bytes by which a literal is found, and their position in the literal.
#[derive(Clone, Copy)]
struct Anchor {
    key: u32,
    literal: u16,
    offset: u16,
}

impl Anchor {
    /// The casts lose nothing: literals are compiled in, few and short.
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

/// How often each pair of bytes occurs in [`ORDINARY`] text, ignoring case.
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
        /// The automaton of another library finds the same, also where literals overlap, repeat, or
        /// end with the text.
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
        let [anchor] = literals.anchors.as_slice() else {
            panic!("one literal has one anchor");
        };
        let [a, b, c, _] = anchor.key.to_le_bytes();
        assert!(
            [a, b, c].iter().any(|byte| b"~!#".contains(byte)),
            "{:?}",
            anchor.key
        );
        assert_eq!(found(&literals, b"xthe ~!#contents"), [(0, 1, 15)]);
    }
}
