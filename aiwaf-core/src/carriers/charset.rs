//! Character sets: which ones leave ASCII unchanged, and the conversion of the others to UTF-8.

use super::{Unsupported, steps};

/// How bytes encode characters, as far as attacks are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Charset {
    /// Each ASCII byte is that ASCII character: UTF-8, the Latin and Windows sets, the East Asian
    /// multi-byte sets.
    Ascii,
    /// UTF-16, big-endian or little-endian.
    Utf16 {
        /// Whether it is big-endian.
        big: bool,
    },
    /// UTF-32, big-endian or little-endian.
    Utf32 {
        /// Whether it is big-endian.
        big: bool,
    },
}

/// Prefixes of the names of sets in which an ASCII byte is that ASCII character.
const ASCII: &[&str] = &[
    "utf-8",
    "utf8",
    "us-ascii",
    "ascii",
    "iso-8859-",
    "iso8859-",
    "iso_8859-",
    "latin",
    "l1",
    "windows-125",
    "windows-874",
    "windows-31j",
    "cp125",
    "cp932",
    "cp936",
    "ms932",
    "gbk",
    "gb2312",
    "gb18030",
    "big5",
    "euc-",
    "shift_jis",
    "shift-jis",
    "sjis",
    "koi8-",
    "macintosh",
    "tis-620",
    "ansi",
    "binary",
];

impl Charset {
    /// The character set with this name.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Charset`] for a set in which attacks can be written without their ASCII bytes
    /// (UTF-7, EBCDIC, ISO-2022), and for an unknown set.
    pub fn named(label: &[u8]) -> Result<Self, Unsupported> {
        let label = label.trim_ascii().trim_ascii_end();
        let label = label
            .strip_prefix(b"'")
            .and_then(|label| label.strip_suffix(b"'"))
            .unwrap_or(label);
        let begins = |prefix: &str| {
            let head = label.get(..prefix.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let is = |name: &str| label.eq_ignore_ascii_case(name.as_bytes());
        if label.is_empty() || ASCII.iter().any(|prefix| begins(prefix)) {
            Ok(Self::Ascii)
        } else if is("utf-16le") {
            Ok(Self::Utf16 { big: false })
        } else if is("utf-16") || is("utf-16be") || is("utf16") || is("iso-10646-ucs-2") {
            Ok(Self::Utf16 { big: true })
        } else if is("utf-32le") {
            Ok(Self::Utf32 { big: false })
        } else if is("utf-32") || is("utf-32be") || is("utf32") {
            Ok(Self::Utf32 { big: true })
        } else {
            Err(Unsupported::Charset)
        }
    }

    /// The set indicated by a byte order mark, or by the zeros around a document's first character
    /// (RFC 4627 section 3, XML 1.0 appendix F).
    ///
    /// # Errors
    ///
    /// [`Unsupported::Charset`] if the document starts like XML in EBCDIC, or with the byte order
    /// mark of UTF-7.
    pub fn detect(bytes: &[u8]) -> Result<Option<Self>, Unsupported> {
        Ok(Some(match bytes {
            [0xff, 0xfe, 0, 0, ..] => Self::Utf32 { big: false },
            [0, 0, 0xfe, 0xff, ..] => Self::Utf32 { big: true },
            [0xff, 0xfe, ..] => Self::Utf16 { big: false },
            [0xfe, 0xff, ..] => Self::Utf16 { big: true },
            [0x4c, 0x6f, 0xa7, 0x94, ..] | [b'+', b'/', b'v', b'8' | b'9' | b'+' | b'/', ..] => {
                return Err(Unsupported::Charset);
            }
            [0, 0, 0, 1..=255, ..] => Self::Utf32 { big: true },
            [1..=255, 0, 0, 0, ..] => Self::Utf32 { big: false },
            [0, 1..=255, ..] => Self::Utf16 { big: true },
            [1..=255, 0, ..] => Self::Utf16 { big: false },
            _ => return Ok(None),
        }))
    }

    /// Writes `bytes` to `out` in UTF-8. Invalid characters become U+FFFD, as in other decoders.
    pub fn transcode(self, bytes: &[u8], out: &mut Vec<u8>) {
        out.clear();
        steps::add(bytes.len());
        let mut push = |character: char| {
            // A byte order mark is not part of the text.
            if character != '\u{feff}' || !out.is_empty() {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        };
        match self {
            Self::Ascii => out.extend_from_slice(bytes),
            Self::Utf16 { big } => {
                let units = bytes.as_chunks::<2>().0.iter();
                let units = units.map(|&pair| {
                    if big {
                        u16::from_be_bytes(pair)
                    } else {
                        u16::from_le_bytes(pair)
                    }
                });
                char::decode_utf16(units)
                    .for_each(|unit| push(unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
            }
            Self::Utf32 { big } => {
                let units = bytes.as_chunks::<4>().0.iter();
                let units = units.map(|&four| {
                    if big {
                        u32::from_be_bytes(four)
                    } else {
                        u32::from_le_bytes(four)
                    }
                });
                units.for_each(|unit| {
                    push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcoded(charset: Charset, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        charset.transcode(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn utf_16_and_32_become_utf_8() {
        let text = "\u{feff}<a>\u{1f600}é</a>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let wide: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_be_bytes())
            .collect();
        for bytes in [little, big, wide] {
            let charset = Charset::detect(&bytes).unwrap().unwrap();
            assert_eq!(transcoded(charset, &bytes), "<a>\u{1f600}é</a>");
        }
    }

    #[test]
    fn a_document_shows_its_set_without_a_mark() {
        assert_eq!(
            Charset::detect(b"{\0\"\0"),
            Ok(Some(Charset::Utf16 { big: false }))
        );
        assert_eq!(
            Charset::detect(b"\0<\0?"),
            Ok(Some(Charset::Utf16 { big: true }))
        );
        assert_eq!(Charset::detect(b"{\"a"), Ok(None));
        assert_eq!(Charset::detect(b""), Ok(None));
        assert_eq!(
            Charset::detect(b"\x4c\x6f\xa7\x94"),
            Err(Unsupported::Charset)
        );
    }

    #[test]
    fn sets_that_hide_ascii_are_refused() {
        for label in [
            "utf-7",
            "UTF7",
            "ibm037",
            "cp037",
            "IBM500",
            "iso-2022-jp",
            "hz-gb-2312",
            "x-user-defined",
            "nonsense",
            "utf-16-foo",
        ] {
            assert_eq!(
                Charset::named(label.as_bytes()),
                Err(Unsupported::Charset),
                "{label}"
            );
        }
        for label in [
            "",
            "UTF-8",
            "iso-8859-15",
            "windows-1252",
            "Shift_JIS",
            "gb18030",
            "'utf-8'",
        ] {
            assert_eq!(
                Charset::named(label.as_bytes()),
                Ok(Charset::Ascii),
                "{label}"
            );
        }
    }

    #[test]
    fn halves_and_lone_surrogates_do_not_panic() {
        assert_eq!(
            transcoded(Charset::Utf16 { big: true }, b"\xd8\x00\x00a\x00"),
            "\u{fffd}a"
        );
        assert_eq!(
            transcoded(Charset::Utf32 { big: true }, b"\xff\xff\xff\xff\0"),
            "\u{fffd}"
        );
    }
}
