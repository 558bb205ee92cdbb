//! A cache of short values that were recently clean.
//!
//! Names repeat, and so do the values of a list: `id`, `page`, `title`, `EUR`. Comparing such a
//! value with a cached one costs a tenth of looking up its pairs. The gate returns the same result
//! for the same bytes in every detector of a process. Only values that it passed are cached, byte
//! for byte.

/// The longest value that is cached. With its length it fills sixteen bytes.
const LONGEST: usize = 15;

/// Number of cached values, a power of two: 4 KiB.
const SLOTS: usize = 256;

/// The values, each in the slot of its hash. A new value replaces an old one.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Empty before the first value. An entry is never zero, because it includes the length of the
    /// value; only the empty value is zero, and it holds nothing.
    slots: Vec<u128>,
}

impl Known {
    /// Whether a value is short enough to be cached.
    pub(crate) const fn takes(value: &[u8]) -> bool {
        value.len() <= LONGEST
    }

    /// Whether a value is clean, according to the cache or else to `look`, which must always return
    /// the same result for the same bytes.
    #[inline]
    pub(crate) fn is_clean(&mut self, value: &[u8], look: impl FnOnce() -> bool) -> bool {
        let Some(short) = short(value) else {
            return look();
        };
        let at = place(short);
        if self.slots.get(at) == Some(&short) {
            return true;
        }
        let clean = look();
        if clean {
            if self.slots.is_empty() {
                self.slots.resize(SLOTS, 0);
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = short;
            }
        }
        clean
    }
}

/// A value of up to [`LONGEST`] bytes and its length as one number, unique to this value.
#[inline]
fn short(value: &[u8]) -> Option<u128> {
    let len = value.len();
    if !Known::takes(value) {
        return None;
    }
    let text = match (value.first_chunk::<8>(), value.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            // Of the last eight bytes, those that are not among the first eight.
            let rest = u128::from(u64::from_le_bytes(*last)) >> (8 * (16 - len));
            u128::from(u64::from_le_bytes(*first)) | rest << 64
        }
        _ => match (value.first_chunk::<4>(), value.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                let rest = u64::from(u32::from_le_bytes(*last)) >> (8 * (8 - len));
                u128::from(u64::from(u32::from_le_bytes(*first)) | rest << 32)
            }
            _ => value
                .iter()
                .fold(0, |all, byte| all << 8 | u128::from(*byte)),
        },
    };
    Some(text | (len as u128) << 120)
}

/// The slot of a value. An attacker who aims at a slot can evict a value, which costs one lookup by
/// the gate.
#[inline]
const fn place(short: u128) -> usize {
    let mixed = (short as u64 ^ (short >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_clean_value_is_looked_at_once_and_a_dirty_one_always() {
        let mut known = Known::default();
        let mut looks = 0;
        let mut is_clean = |value: &str, clean| {
            known.is_clean(value.as_bytes(), || {
                looks += 1;
                clean
            })
        };
        assert!(is_clean("title", true));
        assert!(is_clean("title", false));
        assert!(!is_clean("titles", false));
        assert!(!is_clean("titles", false));
        assert!(is_clean("a long name of sorts", true));
        assert!(!is_clean("a long name of sorts", false));
        assert_eq!(looks, 5);
    }

    proptest! {
        #[test]
        fn two_values_are_two_numbers(one in prop::collection::vec(0_u8..3, 0..=LONGEST), other in prop::collection::vec(0_u8..3, 0..=LONGEST)) {
            prop_assert_eq!(short(&one) == short(&other), one == other);
            prop_assert_eq!(short(&one) == Some(0), one.is_empty());
        }

        #[test]
        fn every_byte_counts(value in prop::collection::vec(any::<u8>(), 1..=LONGEST), at: prop::sample::Index, byte: u8) {
            let mut other = value.clone();
            let at = at.index(value.len());
            other[at] = byte;
            prop_assert_eq!(short(&value) == short(&other), value == other);
        }
    }
}
