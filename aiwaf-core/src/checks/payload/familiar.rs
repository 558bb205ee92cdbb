//! Header lines that were clean a short while ago.
//!
//! Browsers repeat themselves: the same agents, types, languages and cookies come with every request. Comparing such a
//! line with the one that was let go of costs a thirtieth of looking at every pair of its bytes, and less still beside
//! judging it. Only what the gate let go of is remembered, and what was judged and held nothing, not even a hint; byte
//! for byte. Both are the same in every firewall of a process: so a familiar line is one that would be let go of again.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use crate::headers::Header;
use crate::payload::Known;

/// Lines of most headers: how many a thread remembers, and how long they are, name and value together.
const SHORT: (usize, usize) = (512, 256);
/// Cookies, for the most part.
const LONG: (usize, usize) = (128, 1536);
/// How many lines a print has room for: so a few that meet do not drive each other out.
const WAYS: usize = 4;

thread_local! {
    static FAMILIAR: RefCell<Familiar> = RefCell::new(Familiar::new());
}

/// Calls `with` with what this thread remembers.
pub(super) fn with<T>(with: impl FnOnce(&mut Familiar) -> T) -> T {
    FAMILIAR.with(|familiar| match familiar.try_borrow_mut() {
        Ok(mut familiar) => with(&mut familiar),
        // Whoever comes while another request is looked at has nothing to remember.
        Err(_) => with(&mut Familiar::default()),
    })
}

/// What a thread remembers.
#[derive(Debug, Default)]
pub(super) struct Familiar {
    key: u64,
    /// Values of well-known headers: the gate looks at them alike.
    brief: Known,
    short: Lines,
    long: Lines,
}

impl Familiar {
    fn new() -> Self {
        Self {
            // Nobody outside can tell which lines take each other's place.
            key: RandomState::new().hash_one(0),
            brief: Known::default(),
            short: Lines::new(SHORT),
            long: Lines::new(LONG),
        }
    }

    /// Whether the line of a well-known header is clean whatever its name: `?1`, `navigate`, `*/*`. By memory or else by `look`;
    /// `None` where its name or its length has a say.
    #[inline]
    pub(super) fn is_clean_anywhere(
        &mut self,
        kind: Option<Header>,
        value: &[u8],
        look: impl FnOnce() -> bool,
    ) -> Option<bool> {
        // Those two are read in a way of their own.
        let is_plain = !matches!(kind?, Header::Cookie | Header::Authorization);
        (is_plain && Known::takes(value)).then(|| self.brief.is_clean(value, look))
    }

    /// Whether a header line is clean, by memory or else by `look`.
    #[inline]
    pub(super) fn is_clean(
        &mut self,
        name: &str,
        value: &[u8],
        look: impl FnOnce() -> bool,
    ) -> bool {
        let name = name.as_bytes();
        let length = name.len() + value.len();
        if length > LONG.1 {
            return look();
        }
        let print = print(self.key, name, value);
        let lines = if length <= SHORT.1 {
            &mut self.short
        } else {
            &mut self.long
        };
        if lines.hold(print, name, value) {
            return true;
        }
        let clean = look();
        if clean {
            lines.keep(print, name, value);
        }
        clean
    }
}

/// The newest lines of each set of slots.
#[derive(Debug, Default)]
struct Lines {
    sets: Vec<Set>,
    /// Room of equal size for each slot.
    bytes: Vec<u8>,
    room: usize,
}

/// Slots that share their prints' place.
#[derive(Clone, Copy, Debug, Default)]
struct Set {
    slots: [Slot; WAYS],
    oldest: usize,
}

/// A line that begins with a name of that length.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    print: u64,
    name: usize,
    length: usize,
}

impl Lines {
    fn new((count, room): (usize, usize)) -> Self {
        Self {
            sets: vec![Set::default(); count / WAYS],
            bytes: vec![0; count * room],
            room,
        }
    }

    fn at(&self, print: u64) -> usize {
        // The upper bits: those that a multiplication mixes best. Their share of the sets, for a division is dear.
        (((print >> 32) * self.sets.len() as u64) >> 32) as usize
    }

    #[inline]
    fn hold(&self, print: u64, name: &[u8], value: &[u8]) -> bool {
        let at = self.at(print);
        let Some(set) = self.sets.get(at) else {
            return false;
        };
        set.slots.iter().enumerate().any(|(way, slot)| {
            slot.print == print
                && slot.name == name.len()
                && slot.length == name.len() + value.len()
                && {
                    let start = (at * WAYS + way) * self.room;
                    let line = self.bytes.get(start..).unwrap_or_default();
                    line.get(..slot.name) == Some(name)
                        && line.get(slot.name..slot.length) == Some(value)
                }
        })
    }

    fn keep(&mut self, print: u64, name: &[u8], value: &[u8]) {
        let at = self.at(print);
        let Some(set) = self.sets.get_mut(at) else {
            return;
        };
        let way = set.oldest;
        set.oldest = (way + 1) % WAYS;
        let length = name.len() + value.len();
        let start = (at * WAYS + way) * self.room;
        let place = self.bytes.get_mut(start..start + length);
        if let Some((slot, place)) = set.slots.get_mut(way).zip(place) {
            let (names, values) = place.split_at_mut(name.len());
            names.copy_from_slice(name);
            values.copy_from_slice(value);
            *slot = Slot {
                print,
                name: name.len(),
                length,
            };
        }
    }
}

/// A number for a line; which line it is, the bytes tell.
#[inline]
fn print(key: u64, name: &[u8], value: &[u8]) -> u64 {
    let (pairs, tail) = value.as_chunks::<32>();
    let (mut one, mut other) = (key ^ value.len() as u64, !key);
    for pair in pairs {
        let [a, b, c, d] = words(pair);
        one = mix(one ^ a, SEEDS[0] ^ b);
        other = mix(other ^ c, SEEDS[1] ^ d);
    }
    // What is left is read together with bytes before it.
    if let Some(half) = tail.first_chunk::<16>() {
        let [a, b] = words(half);
        one = mix(one ^ a, SEEDS[0] ^ b);
    }
    let [a, b] = match value.last_chunk::<16>() {
        Some(end) => words(end),
        None => ends(value),
    };
    other = mix(other ^ a, SEEDS[1] ^ b);
    let [_, name_end] = ends(name);
    mix(one ^ name_end, SEEDS[2] ^ other)
}

/// Odd numbers with as many bits set as not.
const SEEDS: [u64; 3] = [
    0x9e37_79b9_7f4a_7c15,
    0xd6e8_feb8_6659_fd93,
    0xa076_1d64_78bd_642f,
];

#[inline]
fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u64; WORDS] {
    let (chunks, _) = bytes.as_chunks::<8>();
    let mut words = [0; WORDS];
    for (word, chunk) in words.iter_mut().zip(chunks) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// The first eight bytes and the last; of fewer than eight, what there is.
#[inline]
fn ends(bytes: &[u8]) -> [u64; 2] {
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => [u64::from_le_bytes(*first), u64::from_le_bytes(*last)],
        _ => {
            let add = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
            let all = bytes.iter().fold(bytes.len() as u64, add);
            [all, all]
        }
    }
}

/// Both halves of the product.
#[inline]
const fn mix(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_line_is_looked_at_once_and_a_dirty_one_always() {
        let mut familiar = Familiar::new();
        for length in [1, 7, 8, 15, 16, 31, 100, SHORT.1 - 10, SHORT.1, LONG.1 - 10] {
            let value = vec![b'a'; length];
            let mut looks = 0;
            for _ in 0..3 {
                assert!(familiar.is_clean("user-agent", &value, || {
                    looks += 1;
                    true
                }));
                assert!(!familiar.is_clean("x-agent", &value, || {
                    looks += 1;
                    false
                }));
            }
            assert_eq!(looks, 4, "{length}");
        }
    }

    #[test]
    fn one_byte_makes_another_line() {
        let mut familiar = Familiar::new();
        for length in [1, 5, 8, 13, 16, 26, 32, 47, 64, 100, 1000] {
            let value: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
            assert!(familiar.is_clean("x-line", &value, || true));
            for at in 0..value.len() {
                let mut other = value.clone();
                other[at] = b'<';
                assert!(!familiar.is_clean("x-line", &other, || false), "{at}");
            }
            let longer = [b"e".as_slice(), &value].concat();
            assert!(!familiar.is_clean("x-lin", &longer, || false));
            assert!(!familiar.is_clean("y-line", &value, || false));
            assert!(familiar.is_clean("x-line", &value, || false));
        }
    }

    /// The print only picks a slot: with the same print another line is still another one.
    #[test]
    fn lines_of_one_print_are_told_apart() {
        let mut lines = Lines::new(SHORT);
        lines.keep(7, b"x-line", b"abcdefghijklmnop");
        assert!(lines.hold(7, b"x-line", b"abcdefghijklmnop"));
        for (name, value) in [
            ("x-line", "abcdefghijklmnoq"),
            ("x-lind", "abcdefghijklmnop"),
            ("x-lin", "eabcdefghijklmnop"),
            ("x-linea", "bcdefghijklmnop"),
            ("x-line", "abcdefghijklmno"),
            ("x-line", "abcdefghijklmnopq"),
        ] {
            assert!(!lines.hold(7, name.as_bytes(), value.as_bytes()), "{name}");
        }
    }

    #[test]
    fn lines_that_meet_do_not_drive_each_other_out_and_the_oldest_gives_way() {
        let mut lines = Lines::new(LONG);
        let value = |number: usize| format!("value {number:010}");
        for number in 0..=WAYS {
            lines.keep(7, b"x", value(number).as_bytes());
        }
        for number in 0..=WAYS {
            let held = lines.hold(7, b"x", value(number).as_bytes());
            assert_eq!(held, number > 0, "{number}");
        }
    }

    #[test]
    fn what_is_too_long_is_looked_at() {
        let mut familiar = Familiar::new();
        for length in [LONG.1, 10_000] {
            let value = vec![b'a'; length];
            assert!(familiar.is_clean("x-long", &value, || true));
            assert!(!familiar.is_clean("x-long", &value, || false));
        }
    }
}
