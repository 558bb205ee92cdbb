//! Short values that were clean a short while ago.
//!
//! Names repeat themselves, and so do the values of a list: `id`, `page`, `title`, `EUR`. Comparing such a value with the one
//! that was let go of costs a tenth of looking at its pairs. The gate says the same of the same bytes in every carrier of
//! [`CARRIERS`], and in every detector of a process; only what it let go of is remembered, byte for byte.

use super::field::Carrier;
use super::rules::Carriers;

/// Where the gate looks values up in one and the same way.
pub(super) const CARRIERS: Carriers = Carriers::VALUES
    .without(Carrier::FileName)
    .without(Carrier::XmlDtd);

/// The longest value that is remembered: with its length it fills sixteen bytes.
const LONGEST: usize = 15;

/// How many are: 4 KiB.
const SLOTS: usize = 256;

/// The values, each in the slot of its hash: a new one takes the place of an old one.
#[derive(Debug)]
pub(super) struct Known {
    slots: Box<[u128; SLOTS]>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            // No value is zero: its length is in it.
            slots: Box::new([0; SLOTS]),
        }
    }
}

impl Known {
    /// Whether a value is clean, by memory or else by `look`.
    #[inline]
    pub(super) fn is_clean(
        &mut self,
        carrier: Carrier,
        value: &[u8],
        look: impl FnOnce() -> bool,
    ) -> bool {
        let short = short(value).filter(|_| CARRIERS.contains(carrier));
        let Some((short, slot)) =
            short.and_then(|short| Some((short, self.slots.get_mut(place(short))?)))
        else {
            return look();
        };
        if *slot == short {
            return true;
        }
        let clean = look();
        if clean {
            *slot = short;
        }
        clean
    }
}

/// A value of up to [`LONGEST`] bytes and its length as one number: no other value has the same.
#[inline]
fn short(value: &[u8]) -> Option<u128> {
    let len = value.len();
    if len > LONGEST {
        return None;
    }
    let text = match (value.first_chunk::<8>(), value.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            // Of the last eight bytes those that are not among the first.
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

/// The slot of a value.
#[inline]
const fn place(short: u128) -> usize {
    let mixed = (short as u64 ^ (short >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 56) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_clean_value_is_looked_at_once_and_a_dirty_one_always() {
        let mut known = Known::default();
        let mut looks = 0;
        let mut is_clean = |carrier, value: &str, clean| {
            known.is_clean(carrier, value.as_bytes(), || {
                looks += 1;
                clean
            })
        };
        assert!(is_clean(Carrier::JsonKey, "title", true));
        assert!(is_clean(Carrier::QueryName, "title", false));
        assert!(!is_clean(Carrier::JsonKey, "titles", false));
        assert!(!is_clean(Carrier::JsonKey, "titles", false));
        assert!(is_clean(Carrier::JsonKey, "a long name of sorts", true));
        assert!(!is_clean(Carrier::JsonKey, "a long name of sorts", false));
        assert_eq!(looks, 5);
    }

    /// The gate has another table for headers and paths, and lets go of no name of a file.
    #[test]
    fn what_is_clean_elsewhere_is_not_known() {
        let mut known = Known::default();
        assert!(known.is_clean(Carrier::QueryValue, b"a/b", || true));
        for carrier in [
            Carrier::Header,
            Carrier::PartHeader,
            Carrier::Path,
            Carrier::FileName,
            Carrier::FileContent,
            Carrier::XmlDtd,
        ] {
            assert!(!known.is_clean(carrier, b"a/b", || false), "{carrier:?}");
        }
    }

    proptest! {
        #[test]
        fn two_values_are_two_numbers(one in prop::collection::vec(0_u8..3, 1..=LONGEST), other in prop::collection::vec(0_u8..3, 1..=LONGEST)) {
            prop_assert_eq!(short(&one) == short(&other), one == other);
            prop_assert!(short(&one) != Some(0));
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
