//! Finding a byte that is near.
//!
//! Names and values are short: the next delimiter is mostly within a few bytes, and a call into a vector search costs more
//! than the search. So the first 32 bytes are searched a word at a time, and only what is left goes to `memchr`.

/// How far the search by words goes, in words of 16 bytes.
const NEAR: usize = 2;

/// The index of the first `mark`.
#[inline]
pub(crate) fn find(mark: u8, bytes: &[u8]) -> Option<usize> {
    find2(mark, mark, bytes)
}

/// The index of the first byte that is `one` or `other`.
#[inline]
pub(super) fn find2(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<16>();
    let (one_everywhere, other_everywhere) = (everywhere(one), everywhere(other));
    for (index, &word) in words.iter().take(NEAR).enumerate() {
        let word = u128::from_le_bytes(word);
        let hits = zeros(word ^ one_everywhere) | zeros(word ^ other_everywhere);
        if hits != 0 {
            return Some(index * 16 + hits.trailing_zeros() as usize / 8);
        }
    }
    let searched = 16 * NEAR.min(words.len());
    let found = if words.len() > NEAR {
        memchr::memchr2(one, other, bytes.get(searched..)?)
    } else {
        tail.iter().position(|&byte| byte == one || byte == other)
    };
    found.map(|at| searched + at)
}

/// Calls `each` with every byte that is `one` or `other` and its index, until it answers false. Returns whether it never did.
///
/// Where such a byte is never far, this is several times as quick as a search that begins anew at each of them.
#[inline]
pub(crate) fn all_of(
    one: u8,
    other: u8,
    bytes: &[u8],
    mut each: impl FnMut(usize, u8) -> bool,
) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    let (ones, others) = (u64::from_ne_bytes([one; 8]), u64::from_ne_bytes([other; 8]));
    // The high bit of each byte that is not zero.
    let rest = |word: u64| ((word & LOW) + LOW) | word;
    let (words, tail) = bytes.as_chunks::<8>();
    let mut start = 0;
    for &word in words {
        let word = u64::from_le_bytes(word);
        let mut hits = !(rest(word ^ ones) & rest(word ^ others) | LOW);
        while hits != 0 {
            let at = hits.trailing_zeros() / 8;
            if !each(start + at as usize, (word >> (8 * at)) as u8) {
                return false;
            }
            hits &= hits - 1;
        }
        start += 8;
    }
    let is_mark = |byte: u8| byte == one || byte == other;
    (start..)
        .zip(tail)
        .filter(|(_, byte)| is_mark(**byte))
        .all(|(at, byte)| each(at, *byte))
}

const fn everywhere(byte: u8) -> u128 {
    u128::from_ne_bytes([byte; 16])
}

/// Sets the high bit of each byte that is zero; those above the lowest one may be set in error,
/// for the borrow runs upwards.
const fn zeros(word: u128) -> u128 {
    word.wrapping_sub(everywhere(1)) & !word & everywhere(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_loop_finds(bytes in proptest::collection::vec(proptest::sample::select(vec![b'a', b'&', b'=', 0, 1, 0x80, 0xff, b'\'', b'%']), 0..80), one: u8) {
            for (one, other) in [(b'&', b'='), (0, 1), (one, 0x80), (b'a', b'a')] {
                prop_assert_eq!(find2(one, other, &bytes), bytes.iter().position(|&byte| byte == one || byte == other));
            }
            prop_assert_eq!(find(b'&', &bytes), bytes.iter().position(|&byte| byte == b'&'));
        }

        #[test]
        fn finds_all_that_a_loop_finds(bytes in proptest::collection::vec(proptest::sample::select(vec![b'a', b'&', b'=', 0, 1, 0x7f, 0x80, 0xff, b'<', b'\'', b'%']), 0..80), one: u8) {
            for (one, other) in [(b'&', b'='), (0, 1), (one, 0x80), (b'a', b'a')] {
                let mut found = Vec::new();
                let went_on = all_of(one, other, &bytes, |at, byte| {
                    assert_eq!(bytes[at], byte);
                    found.push(at);
                    found.len() < 9
                });
                let marks = (0..bytes.len()).filter(|&at| bytes[at] == one || bytes[at] == other);
                prop_assert_eq!(found.len() < 9, went_on);
                prop_assert_eq!(found, marks.take(9).collect::<Vec<_>>());
            }
        }
    }
}
