//! The spelling in which literals are searched.
//!
//! Lower case, each run of white space a single space, and no white space at the ends.

/// Which bytes a value holds, one bit per class, to skip recognisers that need other bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes(u32);

impl Bytes {
    pub(super) const QUOTE: Self = Self(1);
    pub(super) const ANGLE: Self = Self(1 << 1);
    pub(super) const PAREN: Self = Self(1 << 2);
    pub(super) const EQUALS: Self = Self(1 << 3);
    pub(super) const SLASH: Self = Self(1 << 4);
    pub(super) const DOT: Self = Self(1 << 5);
    pub(super) const DOLLAR: Self = Self(1 << 6);
    pub(super) const BRACE: Self = Self(1 << 7);
    pub(super) const PIPE: Self = Self(1 << 8);
    pub(super) const SEMICOLON: Self = Self(1 << 9);
    pub(super) const BACKTICK: Self = Self(1 << 10);
    pub(super) const AMPERSAND: Self = Self(1 << 11);
    pub(super) const LINE: Self = Self(1 << 12);
    pub(super) const COLON: Self = Self(1 << 13);
    pub(super) const HASH: Self = Self(1 << 14);
    pub(super) const DASH: Self = Self(1 << 15);
    pub(super) const STAR: Self = Self(1 << 16);
    pub(super) const BACKSLASH: Self = Self(1 << 17);
    pub(super) const SPACE: Self = Self(1 << 18);
    pub(super) const BRACKET: Self = Self(1 << 19);
    pub(super) const DIGIT: Self = Self(1 << 20);
    pub(super) const AT: Self = Self(1 << 21);
    pub(super) const PERCENT: Self = Self(1 << 22);
    pub(super) const PLUS: Self = Self(1 << 23);
    pub(super) const ZERO: Self = Self(1 << 24);
    pub(super) const HIGH: Self = Self(1 << 25);

    /// Whether any class of `other` occurs.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn of(byte: u8) -> Self {
        match byte {
            b'\'' | b'"' => Self::QUOTE,
            b'<' | b'>' => Self::ANGLE,
            b'(' | b')' => Self::PAREN,
            b'=' => Self::EQUALS,
            b'/' => Self::SLASH,
            b'.' => Self::DOT,
            b'$' => Self::DOLLAR,
            b'{' | b'}' => Self::BRACE,
            b'|' => Self::PIPE,
            b';' => Self::SEMICOLON,
            b'`' => Self::BACKTICK,
            b'&' => Self::AMPERSAND,
            b'\r' | b'\n' => Self::LINE.or(Self::SPACE),
            b' ' | b'\t' | 0x0b | 0x0c => Self::SPACE,
            b':' => Self::COLON,
            b'#' => Self::HASH,
            b'-' => Self::DASH,
            b'*' => Self::STAR,
            b'\\' => Self::BACKSLASH,
            b'[' | b']' => Self::BRACKET,
            b'0'..=b'9' => Self::DIGIT,
            b'@' => Self::AT,
            b'%' => Self::PERCENT,
            b'+' => Self::PLUS,
            0 => Self::ZERO,
            0x80.. => Self::HIGH,
            _ => Self(0),
        }
    }
}

/// The initial capacity of a buffer, in bytes.
const ROOM: usize = 512;

/// The class of every byte.
static CLASSES: [Bytes; 256] = {
    let mut table = [Bytes(0); 256];
    let mut byte = 0u8;
    loop {
        // The index is a byte, so it is in bounds; const code has no `get_mut`.
        #[allow(clippy::indexing_slicing)]
        {
            table[byte as usize] = Bytes::of(byte);
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// Whether `byte` is part of a word: letters, digits, the underscore, and everything beyond ASCII.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether `text` has more than punctuation.
pub(super) fn holds_words(text: &[u8]) -> bool {
    text.iter().any(|byte| is_word(*byte))
}

/// Squeezes `src` into `out` (cleared first) and returns which bytes occur.
#[allow(clippy::indexing_slicing)] // the table has 256 entries, the index is a byte
pub(super) fn squeeze(src: &[u8], out: &mut Vec<u8>) -> Bytes {
    out.clear();
    // Reserves room for nearly every value at once: the buffers are reused and then seldom grow.
    out.reserve(src.len().max(ROOM));
    let class = |seen: Bytes, byte: &u8| seen.or(CLASSES[usize::from(*byte)]);
    let seen = src.iter().fold(Bytes(0), class);
    // White space is exactly the bytes of this class.
    let is_space = |byte: &u8| CLASSES[usize::from(*byte)].any(Bytes::SPACE);
    if !seen.any(Bytes::SPACE) {
        out.extend_from_slice(src);
    } else {
        for word in src.split(is_space).filter(|word| !word.is_empty()) {
            if !out.is_empty() {
                out.push(b' ');
            }
            out.extend_from_slice(word);
        }
    }
    out.make_ascii_lowercase();
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeezed(text: &str) -> String {
        let mut out = Vec::new();
        squeeze(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn runs_of_white_space_are_one_space() {
        assert_eq!(
            squeezed("  Union \r\n ALL\tselect 1 "),
            "union all select 1"
        );
        assert_eq!(squeezed("<B>"), "<b>");
    }

    #[test]
    fn classes_are_reported() {
        let mut out = Vec::new();
        let seen = squeeze(b"a='1'", &mut out);
        assert!(seen.any(Bytes::QUOTE) && seen.any(Bytes::EQUALS) && seen.any(Bytes::DIGIT));
        assert!(!seen.any(Bytes::ANGLE.or(Bytes::PAREN)));
    }
}
