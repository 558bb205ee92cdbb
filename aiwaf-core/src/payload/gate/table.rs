//! The table in which a value is looked up, one pair of bytes at a time.

use std::collections::{HashMap, HashSet};

use super::class::{EDGE, LINE, PAIRS, SPACE, class, index, representatives};
use super::grams::{Gram, Grams, gram_bytes, is_in_gram, pair_bytes};
use super::{ANY, Anchor, MAYBE, SELECT_PAIRS};

/// Text without any attack, used to choose the rarest pair of a literal.
pub(in crate::payload) const ORDINARY: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/126.0.0.0 Safari/537.36 text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8 \
https://www.example.com/en-us/products/list.html?category=books&page=2&sort=price_desc application/json \
gzip, deflate, br en-GB,en;q=0.9,de;q=0.8 2024-05-17T12:34:56.789Z user@example.com image.png style.css main.js \
The quick brown fox jumps over the lazy dog and then it was gone, which is not what the reader of this story \
would have expected from a lazy dog. In the end there is a person, a place and a thing that we all know about. \
api.github.com/repos/owner/name/commits user_id created_at session_token 550e8400-e29b-41d4-a716-446655440000 \
same-origin navigate document keep-alive no-cache max-age=0 Upgrade-Insecure-Requests \
utm_source=newsletter&utm_medium=email&resource=course&search=force script javascript proxy XMLHttpRequest prefetch \
_ga=GA1.1.1712345678.1710000000; _ga_1X2Y3Z4W5V=GS1.1.1712345678.12.1.1712345999.60.0.0; _gid=GA1.2.345678901.1712300000; \
session=9f1c4e7ab2d05836a1b2c3d4e5f60718; theme=dark; consent=1; _fbp=fb.1.1712345678901.1234567890; lang=en; cart_id=10472 \
It was late in the evening when they came home from the market. She told her brother about the small shop behind the \
station, where an old man still sells bread, cheese and wine as his father did before him; nobody else knew of it. \
Please ring twice, the bell is quiet, or leave the parcel with our neighbours on the left. Thank you very much! \
We are looking for someone who can start next week, has some experience with children, and likes to work outside. \
The results of the survey show that most people prefer to travel by train, although prices have risen since last year. \
first_name last_name address street city country postcode phone email message title subject comment description price \
amount currency total quantity colour size status type value name label content text image url link author date time \
summer winter shirt linen order customer delivery standard express payment invoice number items results page limit offset \
created updated deleted active enabled true false null undefined default settings options language locale timezone width \
height background button click event action source target medium campaign term index list search filter sort desc asc \
/content/cdn/css/components/common/client/media/main/modules/mobile/blog/build/base/docs/data/lib/fonts/favicon.ico \
format info platform information false tools skills controls database feedback environment request frequency document.cookie \
AAAAAAAAAAECAwQFBgcICQoLDA0ODw sub-category pre-cache 00000000-0000-4e7e-9e1e-1e4f5a6b7c8d cmp_status cmd recommend \
2022-11-22T22:20:02 cloud.example.org load.js upload.html field.name fold form font follow \
https://a.example https://b.example https://c.example http://d.example https://e.example one-to-one free-range store-front";

/// Number of pairs of bytes.
const BYTE_PAIRS: usize = 1 << 16;

/// How many pairs are looked up before the collected signals are checked.
const BLOCK: usize = 16;

/// The first two bytes of full-width punctuation, digits and capitals, which are common in Chinese
/// and Japanese text.
const FULL_WIDTH: [u8; 2] = [0xef, 0xbc];

/// What remains of [`MAYBE`] after the search for grams: there are full-width characters.
pub(super) const WIDE: u8 = MAYBE;

/// The signals of each pair of bytes. The index is two bytes read at once, and no lookup depends on
/// another.
pub(super) struct BytePairs(Box<[u8; BYTE_PAIRS]>);

impl BytePairs {
    /// A table of `signal` for each pair.
    pub(super) fn new(signal: impl Fn(u8, u8) -> u8) -> Self {
        let mut table = Box::new([0; BYTE_PAIRS]);
        for (at, slot) in (0..=u16::MAX).zip(table.iter_mut()) {
            let [first, second] = at.to_le_bytes();
            *slot = signal(first, second);
        }
        Self(table)
    }

    /// The signals of a pair.
    #[inline]
    pub(super) fn of(&self, first: u8, second: u8) -> u8 {
        self.at([first, second])
    }

    /// [`of`](Self::of) for two bytes as they stand in memory: one load.
    #[inline]
    #[allow(clippy::indexing_slicing)] // the table has as many entries as there are pairs
    fn at(&self, pair: [u8; 2]) -> u8 {
        self.0[usize::from(u16::from_le_bytes(pair))]
    }

    /// The signals of all pairs of `value`. Stops at the first block that raises [`ANY`].
    #[inline]
    fn scan(&self, value: &[u8]) -> u8 {
        let mut seen = 0;
        let mut rest = value;
        while let Some(block) = rest.first_chunk::<{ BLOCK + 1 }>() {
            seen |= self.all(block);
            if seen & ANY != 0 {
                return seen;
            }
            rest = rest.get(BLOCK..).unwrap_or_default();
        }
        // The remainder is read together with the end of the block before it.
        match value.last_chunk::<{ BLOCK + 1 }>() {
            Some(block) => seen | self.all(block),
            None => value
                .array_windows::<2>()
                .fold(seen, |seen, pair| seen | self.at(*pair)),
        }
    }

    /// The signals of the pairs of a block.
    #[inline]
    fn all(&self, block: &[u8; BLOCK + 1]) -> u8 {
        let pairs = block.array_windows::<2>();
        pairs.fold(0, |seen, pair| seen | self.at(*pair))
    }
}

/// A table of signals, and the grams to search for when certain pairs occur.
pub(super) struct Table {
    pub(super) pairs: BytePairs,
    grams: Grams,
}

impl Table {
    /// The signals of all pairs of `value`; [`ANY`] alone as soon as a pair raises it or a gram is
    /// found.
    #[inline]
    pub(super) fn scan(&self, value: &[u8]) -> u8 {
        self.scan_by(&self.pairs, value)
    }

    /// [`scan`](Self::scan) with other pairs and the same grams.
    pub(super) fn scan_by(&self, pairs: &BytePairs, value: &[u8]) -> u8 {
        let seen = pairs.scan(value);
        if seen & ANY != 0 || self.grams.occur_in(value) {
            return ANY;
        }
        match seen & MAYBE {
            0 => seen,
            _ => self.settle(pairs, value, seen),
        }
    }

    /// Searches for the grams of two bytes if a pair has requested it.
    #[cold]
    fn settle(&self, pairs: &BytePairs, value: &[u8], seen: u8) -> u8 {
        let asks = |pair: &[u8; 2]| pairs.at(*pair) & MAYBE != 0;
        let mut wide = 0;
        for (pair, at) in value.array_windows::<2>().zip(1..) {
            if !asks(pair) {
                continue;
            }
            if self.grams.is_whole(pair_bytes(*pair), value, at) {
                return ANY;
            }
            if *pair == FULL_WIDTH {
                wide = WIDE;
            }
        }
        seen & !MAYBE | wide
    }
}

/// A table under construction, by classes of bytes.
pub(super) struct Draft {
    pairs: Box<[u8; PAIRS]>,
    grams: Vec<Gram>,
    /// The grams of two bytes.
    short: HashSet<u32>,
    /// How often every two and every four bytes occur in [`ORDINARY`] text.
    counts: HashMap<u32, u32>,
}

impl Draft {
    /// Collects the pairs that `signal` names, the pairs of `select`, and one pair or gram for each
    /// literal.
    pub(super) fn new<'a>(
        signal: fn(u8, u8) -> u8,
        edge: fn(u8) -> u8,
        literals: impl Iterator<Item = Anchor<'a>>,
    ) -> Self {
        let mut draft = Self {
            pairs: Box::new([0; PAIRS]),
            grams: Vec::new(),
            short: HashSet::new(),
            counts: counts(),
        };
        let bytes = representatives();
        for (first, a) in bytes.iter().enumerate() {
            for (second, b) in bytes.iter().enumerate() {
                let bits = match (*a, *b) {
                    (Some(a), Some(b)) => signal(a, b),
                    (None, Some(b)) if first == usize::from(EDGE) => edge(b),
                    _ => 0,
                };
                draft.set(first as u8, second as u8, bits);
            }
        }
        for ([a, b], bit) in SELECT_PAIRS {
            draft.set(class(a), class(b), bit);
        }
        for literal in literals {
            draft.cover(literal);
        }
        draft
    }

    /// The signals of a pair of bytes.
    pub(super) fn signal(&self, first: u8, second: u8) -> u8 {
        let pair = [first, second];
        let asks = self.short.contains(&pair_bytes(pair)) || pair == FULL_WIDTH;
        let maybe = if asks { MAYBE } else { 0 };
        self.pair(class(first), class(second)) | maybe
    }

    /// The table for bytes. Bytes for which `is_signal` holds are a signal at any position.
    pub(super) fn table(self, is_signal: impl Fn(u8) -> bool) -> Table {
        Table {
            pairs: BytePairs::new(|a, b| match is_signal(a) || is_signal(b) {
                true => ANY,
                false => self.signal(a, b),
            }),
            grams: Grams::new(self.grams),
        }
    }

    /// Makes sure that `literal` raises a signal: by a pair that is one, or else by four
    /// consecutive bytes or by two, around which the literal is compared wherever they occur.
    fn cover(&mut self, anchor: Anchor<'_>) {
        let literal = anchor.text;
        let pairs = || {
            literal
                .iter()
                .zip(literal.iter().skip(1))
                .map(|(&a, &b)| (class(a), class(b)))
        };
        // White space in the value may be of another class than the space of the literal.
        let solid = |byte: &u8| !matches!(class(*byte), SPACE | LINE);
        let raises = |a, b| self.pair(a, b) & ANY != 0;
        let sure = |a, b| match (a, b) {
            (SPACE, b) => raises(SPACE, b) && raises(LINE, b),
            (a, SPACE) => raises(a, SPACE) && raises(a, LINE),
            (a, b) => raises(a, b),
        };
        if pairs().any(|(a, b)| sure(a, b)) {
            return;
        }
        let count = |bytes| self.counts.get(&bytes).copied().unwrap_or_default();
        let pair_count = |pair: &[u8; 2]| count(pair_bytes(pair.map(any_digit)));
        let grams = literal.array_windows::<4>().enumerate();
        // A gram inside an ordinary word is compared wherever that word occurs.
        let rarest = grams
            .filter(|(_, gram)| gram.iter().all(|byte| is_in_gram(*byte) && solid(byte)))
            .min_by_key(|(_, gram)| {
                let pairs = gram.array_windows().map(pair_count);
                (count(gram_bytes(**gram)), pairs.min())
            });
        let gram = match rarest {
            Some((at, gram)) => Some(Gram::new(anchor, *gram, at + gram.len())),
            None => {
                let pairs = literal.array_windows::<2>().enumerate();
                let solid = pairs.filter(|(_, pair)| pair.iter().all(solid));
                let rarest = solid.min_by_key(|(_, pair)| pair_count(pair));
                rarest.map(|(at, pair)| Gram::new(anchor, *pair, at + pair.len()))
            }
        };
        match gram {
            Some(gram) => {
                if gram.is_short() {
                    self.short.insert(gram.bytes);
                }
                self.grams.push(gram);
            }
            // A single byte between blanks: only its pairs can identify it.
            None => {
                if let Some([a, b]) = literal
                    .array_windows::<2>()
                    .min_by_key(|pair| pair_count(pair))
                {
                    self.set(class(*a), class(*b), ANY);
                }
            }
        }
    }

    /// The signals of a pair of classes.
    pub(super) fn pair(&self, first: u8, second: u8) -> u8 {
        self.pairs
            .get(index(first, second))
            .copied()
            .unwrap_or_default()
    }

    fn set(&mut self, first: u8, second: u8, bits: u8) {
        if let Some(slot) = self.pairs.get_mut(index(first, second)) {
            *slot |= bits;
        }
    }
}

/// How often every two and every four bytes occur in [`ORDINARY`] text, as grams are stored. All
/// digits count as one.
fn counts() -> HashMap<u32, u32> {
    let text: Vec<u8> = ORDINARY.bytes().map(any_digit).collect();
    let pairs = text.array_windows().map(|pair| pair_bytes(*pair));
    let grams = text.array_windows().map(|gram| gram_bytes(*gram));
    let mut counts = HashMap::new();
    for bytes in pairs.chain(grams) {
        *counts.entry(bytes).or_default() += 1;
    }
    counts
}

/// A digit for all digits.
const fn any_digit(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte }
}
