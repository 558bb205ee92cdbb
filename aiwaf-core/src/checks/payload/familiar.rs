//! Remembers header lines that were recently found clean.
//!
//! Browsers repeat themselves: the same agents, types, languages and cookies come with every
//! request. Comparing a line with a remembered one costs a thirtieth of checking every pair of its
//! bytes, and even less compared with judging it. A line is remembered, byte for byte, only if the
//! gate found it clean, or if it was judged and nothing was found, not even a hint. The gate and
//! the judgement are the same in every firewall of a process, so a remembered line would be found
//! clean again.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use crate::headers::Header;
use crate::payload::Known;

/// Memory for most headers: how many lines a thread remembers, and the maximum length of name and
/// value together.
const SHORT: (usize, usize) = (512, 256);
/// Memory for longer lines, mostly cookies.
const LONG: (usize, usize) = (128, 1536);
/// How many lines a set holds, so that a few lines that map to the same set do not evict each
/// other.
const WAYS: usize = 4;

thread_local! {
    static FAMILIAR: RefCell<Familiar> = RefCell::new(Familiar::new());
}

/// Calls `with` with this thread's memory.
pub(super) fn with<T>(with: impl FnOnce(&mut Familiar) -> T) -> T {
    FAMILIAR.with(|familiar| match familiar.try_borrow_mut() {
        Ok(mut familiar) => with(&mut familiar),
        // A nested call, made while this thread inspects another request, gets an empty memory.
        Err(_) => with(&mut Familiar::default()),
    })
}

/// The lines that a thread remembers.
#[derive(Debug, Default)]
pub(super) struct Familiar {
    key: u64,
    /// Values of well-known headers. The gate treats them alike, whatever the header.
    brief: Known,
    short: Lines,
    long: Lines,
}

impl Familiar {
    fn new() -> Self {
        Self {
            // A random key, so that nobody outside can predict which lines evict each other.
            key: RandomState::new().hash_one(0),
            brief: Known::default(),
            short: Lines::new(SHORT),
            long: Lines::new(LONG),
        }
    }

    /// Whether a value of a well-known header is clean under any name, such as `?1`, `navigate` or
    /// `*/*`. Answered from memory or else by `look`. `None` if the name or the length matters.
    #[inline]
    pub(super) fn is_clean_anywhere(
        &mut self,
        kind: Option<Header>,
        value: &[u8],
        look: impl FnOnce() -> bool,
    ) -> Option<bool> {
        // Those two headers are parsed differently.
        let is_plain = !matches!(kind?, Header::Cookie | Header::Authorization);
        (is_plain && Known::takes(value)).then(|| self.brief.is_clean(value, look))
    }

    /// Whether a header line is clean, from memory or else by `look`.
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

/// The most recent lines, in sets of slots.
#[derive(Debug, Default)]
struct Lines {
    sets: Vec<Set>,
    /// The lines' bytes, `room` for each slot.
    bytes: Vec<u8>,
    room: usize,
}

/// Slots for the prints that map to the same set.
#[derive(Clone, Copy, Debug, Default)]
struct Set {
    slots: [Slot; WAYS],
    oldest: usize,
}

/// One line, which begins with a name of length `name`.
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
        // The upper bits, which the multiplication mixes best. They are scaled to the number of
        // sets, because a division is expensive.
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

/// A hash of a line. It only selects candidates; the bytes decide whether the line is the same.
#[inline]
fn print(key: u64, name: &[u8], value: &[u8]) -> u64 {
    let (pairs, tail) = value.as_chunks::<32>();
    let (mut one, mut other) = (key ^ value.len() as u64, !key);
    for pair in pairs {
        let [a, b, c, d] = words(pair);
        one = mix(one ^ a, SEEDS[0] ^ b);
        other = mix(other ^ c, SEEDS[1] ^ d);
    }
    // The remainder is read together with bytes before it.
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

/// Odd numbers with as many one bits as zero bits.
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

/// The first and the last eight bytes. A shorter value is combined into one number.
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

/// Multiplies and combines both halves of the product.
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

    /// The print only selects a slot: a different line with the same print is told apart.
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
