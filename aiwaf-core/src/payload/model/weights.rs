//! The table that training writes and the model reads.
//!
//! A file is a header and two arrays, with all numbers little-endian: the eight bytes `AIWAFPM1`;
//! for each [`Family`] a bias and three thresholds as `i32`; the vocabulary, one bit per slot; the
//! weights, one `i8` per slot and family.

use super::tokens::word_hash;

/// Slots of the table of weights.
pub const SLOTS: usize = 1 << 15;
/// Number of kinds of attacks that the model distinguishes.
pub const FAMILIES: usize = 4;
/// Steps of a weight per unit of log-odds.
pub const SCALE: f32 = 32.0;

const MAGIC: &[u8; 8] = b"AIWAFPM1";
/// Bits of the vocabulary. With some 2,000 words, one in thirty other words is taken for known by
/// mistake.
const WORD_BITS: usize = 1 << 16;

/// How sure the model is, measured by scores that clean requests almost never reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The score that every window starts with.
    pub bias: i32,
    /// The scores from which a finding is medium, high, critical.
    pub thresholds: [i32; 3],
}

/// The words that keep their spelling.
#[derive(Clone, Debug)]
pub struct Vocabulary(Vec<u64>);

impl Default for Vocabulary {
    fn default() -> Self {
        Self(vec![0; WORD_BITS / 64])
    }
}

impl Vocabulary {
    /// Adds a word in lower case.
    pub fn add(&mut self, word: &[u8]) {
        let (at, bit) = Self::place(word_hash(word));
        if let Some(block) = self.0.get_mut(at) {
            *block |= bit;
        }
    }

    pub(super) fn knows(&self, hash: u32) -> bool {
        let (at, bit) = Self::place(hash);
        self.0.get(at).is_some_and(|block| block & bit != 0)
    }

    const fn place(hash: u32) -> (usize, u64) {
        let at = (hash ^ hash >> 16) as usize & (WORD_BITS - 1);
        (at / 64, 1 << (at % 64))
    }
}

/// A trained model.
#[derive(Clone, Debug)]
pub struct Weights {
    /// One per family, in the order of [`super::Family`].
    pub heads: [Head; FAMILIES],
    /// The words that keep their spelling.
    pub vocabulary: Vocabulary,
    /// The weights of all families, slot by slot; [`SLOTS`] long.
    pub table: Vec<[i8; FAMILIES]>,
}

impl Weights {
    /// Reads a file; `None` if it is not such a file.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut heads = [Head::default(); FAMILIES];
        for head in &mut heads {
            head.bias = number(&mut rest)?;
            for threshold in &mut head.thresholds {
                *threshold = number(&mut rest)?;
            }
        }
        let (words, table) = rest.split_at_checked(WORD_BITS / 8)?;
        let vocabulary = words
            .as_chunks::<8>()
            .0
            .iter()
            .map(|block| u64::from_le_bytes(*block))
            .collect();
        let (table, spare) = table.as_chunks::<FAMILIES>();
        (table.len() == SLOTS && spare.is_empty()).then(|| Self {
            heads,
            vocabulary: Vocabulary(vocabulary),
            table: table.iter().map(|slot| slot.map(u8::cast_signed)).collect(),
        })
    }

    /// The content of the file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for head in &self.heads {
            for value in std::iter::once(head.bias).chain(head.thresholds) {
                out.extend(value.to_le_bytes());
            }
        }
        out.extend(
            self.vocabulary
                .0
                .iter()
                .flat_map(|block| block.to_le_bytes()),
        );
        out.extend(
            self.table
                .iter()
                .flatten()
                .map(|weight| weight.cast_unsigned()),
        );
        out
    }
}

fn number(rest: &mut &[u8]) -> Option<i32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(i32::from_le_bytes(*bytes))
}

/// The slot of a gram's hash.
pub(super) const fn slot(hash: u32) -> usize {
    (hash >> 17) as usize & (SLOTS - 1)
}
