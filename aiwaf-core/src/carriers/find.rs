//! Finding a byte that is likely to be near.
//!
//! Names and values are short. The next delimiter is mostly within a few bytes, and calling a
//! vector search costs more than the search itself. So the first 32 bytes are searched one word at
//! a time, and only the rest goes to `memchr`.

/// How many words of 8 bytes are searched word by word.
const NEAR: usize = 4;

/// The index of the first `mark`.
#[inline]
pub(crate) fn find(mark: u8, bytes: &[u8]) -> Option<usize> {
    find2(mark, mark, bytes)
}

/// The index of the first byte that is `one` or `other`.
#[inline]
pub(crate) fn find2(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<8>();
    let (one_everywhere, other_everywhere) = (everywhere(one), everywhere(other));
    for (index, &word) in words.iter().take(NEAR).enumerate() {
        let word = u64::from_le_bytes(word);
        let hits = zeros(word ^ one_everywhere) | zeros(word ^ other_everywhere);
        if hits != 0 {
            return Some(index * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    let searched = 8 * NEAR.min(words.len());
    let found = if words.len() > NEAR {
        memchr::memchr2(one, other, bytes.get(searched..)?)
    } else {
        tail.iter().position(|&byte| byte == one || byte == other)
    };
    found.map(|at| searched + at)
}

/// The part before the first `mark`, and the part after it if there is one.
#[inline]
pub(crate) fn split_once(mark: u8, bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    match find(mark, bytes).and_then(|at| bytes.split_at_checked(at)) {
        Some((before, after)) => (before, after.get(1..)),
        None => (bytes, None),
    }
}

/// Every byte that is one of `marks`, with its index. No mark may be zero.
///
/// If such bytes are close together, this is several times as fast as a search that starts anew at
/// each of them.
#[inline]
pub(crate) fn all_of<const MARKS: usize>(marks: [u8; MARKS], bytes: &[u8]) -> AllOf<'_, MARKS> {
    let (words, tail) = bytes.as_chunks::<8>();
    // The remainder is read as the upper end of a word whose lower end has already been read, or
    // else byte by byte.
    let last = match bytes.last_chunk::<8>() {
        Some(end) if !tail.is_empty() => u64::from_le_bytes(*end) >> (64 - 8 * tail.len()),
        _ => tail
            .iter()
            .rev()
            .fold(0, |all, byte| all << 8 | u64::from(*byte)),
    };
    AllOf {
        marks: marks.map(|mark| u64::from_ne_bytes([mark; 8])),
        words: words.iter(),
        last: Some(last),
        word: 0,
        start: 0,
        next: 0,
        hits: 0,
    }
}

/// The iterator of [`all_of`].
pub(crate) struct AllOf<'a, const MARKS: usize> {
    marks: [u64; MARKS],
    words: std::slice::Iter<'a, [u8; 8]>,
    last: Option<u64>,
    word: u64,
    /// Where `word` begins, and where the next word begins.
    start: usize,
    next: usize,
    /// The high bit of each byte of `word` that is a hit and has not been returned yet.
    hits: u64,
}

impl<const MARKS: usize> Iterator for AllOf<'_, MARKS> {
    type Item = (usize, u8);

    #[inline]
    fn next(&mut self) -> Option<(usize, u8)> {
        const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
        // Sets the high bit of each byte that is not zero.
        let rest = |word: u64| ((word & LOW) + LOW) | word;
        while self.hits == 0 {
            self.word = match self.words.next() {
                Some(word) => u64::from_le_bytes(*word),
                None => self.last.take()?,
            };
            let others = |all, mark: &u64| all & rest(self.word ^ mark);
            self.hits = !(self.marks.iter().fold(u64::MAX, others) | LOW);
            self.start = self.next;
            self.next += 8;
        }
        let at = self.hits.trailing_zeros() / 8;
        self.hits &= self.hits - 1;
        Some((self.start + at as usize, (self.word >> (8 * at)) as u8))
    }
}

const fn everywhere(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Sets the high bit of each byte that is zero. Bytes above the lowest zero may be set in error,
/// because the borrow propagates upwards.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(everywhere(1)) & !word & everywhere(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn splits_at_the_first_mark_alone() {
        for (text, before, after) in [
            ("a=b=c", "a", Some("b=c")),
            ("a=", "a", Some("")),
            ("=", "", Some("")),
            ("a", "a", None),
            ("", "", None),
        ] {
            let parts = (before.as_bytes(), after.map(str::as_bytes));
            assert_eq!(split_once(b'=', text.as_bytes()), parts, "{text}");
        }
    }

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
            for (one, other) in [(b'&', b'='), (0x7f, 1), (one.max(1), 0x80), (b'a', b'a')] {
                let marks = (0..bytes.len()).filter(|&at| bytes[at] == one || bytes[at] == other);
                let marks: Vec<_> = marks.map(|at| (at, bytes[at])).collect();
                prop_assert_eq!(all_of([one, other], &bytes).collect::<Vec<_>>(), marks);
            }
            let marks = (0..bytes.len()).filter(|&at| matches!(bytes[at], b'a' | b'=' | 0x80));
            let marks: Vec<_> = marks.map(|at| (at, bytes[at])).collect();
            prop_assert_eq!(all_of([b'a', b'=', 0x80], &bytes).collect::<Vec<_>>(), marks);
        }
    }
}
