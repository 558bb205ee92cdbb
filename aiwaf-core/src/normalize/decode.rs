//! Percent-decoding that keeps malformed sequences and folds overlong UTF-8.

use super::Buffer;
use crate::carriers::find::{find, find2};

/// How many times a value is decoded before it is treated as hiding something.
///
/// Two layers occur in honest traffic (a URL in a parameter of a redirect), three with chains of
/// proxies.
pub const ROUNDS: usize = 3;

/// Decodes `%hh` and `%uhhhh` once. Sequences that are not hexadecimal stay as they are.
///
/// Overlong UTF-8 forms of ASCII (`%c0%ae` for a dot) become the character that they stand for,
/// because lenient decoders read them so. `plus_is_space` is for form encoding. Returns whether
/// anything changed.
pub fn percent_decode(raw: &[u8], plus_is_space: bool, out: &mut Buffer) -> bool {
    out.clear();
    let mut changed = false;
    let mut rest = raw;
    // Text between two escapes is copied in one step, many bytes at a time.
    while let Some((text, [mark, tail @ ..])) = next_mark(rest, plus_is_space) {
        out.extend_from_slice(text);
        rest = tail;
        match *mark {
            b'%' => match decode_escape(tail) {
                Some((code, used)) => {
                    changed = true;
                    push_code(code, out);
                    rest = tail.get(used..).unwrap_or_default();
                }
                None => out.push(b'%'),
            },
            _ => {
                changed = true;
                out.push(b' ');
            }
        }
    }
    out.extend_from_slice(rest);
    fold_overlong(out) || changed
}

/// The text before the next byte that needs decoding, and the rest from that byte on.
fn next_mark(text: &[u8], plus_is_space: bool) -> Option<(&[u8], &[u8])> {
    let at = match plus_is_space {
        true => find2(b'%', b'+', text),
        false => find(b'%', text),
    };
    text.split_at_checked(at?)
}

/// A decoded escape: a raw byte, or a code unit of `%uhhhh`.
enum Code {
    Byte(u8),
    Unit(u16),
}

fn decode_escape(after_percent: &[u8]) -> Option<(Code, usize)> {
    match *after_percent {
        [b'u' | b'U', a, b, c, d, ..] => {
            let unit = u16::from(hex(a)?) << 12
                | u16::from(hex(b)?) << 8
                | u16::from(hex(c)?) << 4
                | u16::from(hex(d)?);
            Some((Code::Unit(unit), 5))
        }
        [a, b, ..] => Some((Code::Byte(hex(a)? << 4 | hex(b)?), 2)),
        _ => None,
    }
}

fn push_code(code: Code, out: &mut Buffer) {
    match code {
        Code::Byte(byte) => out.push(byte),
        Code::Unit(unit) => {
            let unit = u32::from(unit);
            // A best-fit conversion turns full-width forms into ASCII.
            let folded = match unit {
                0xff01..=0xff5e => unit - 0xfee0,
                _ => unit,
            };
            let letter = char::from_u32(folded).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// The value of a hexadecimal digit.
const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Replaces two-, three- and four-byte encodings of ASCII with the ASCII byte. Returns whether
/// there was one.
fn fold_overlong(bytes: &mut Buffer) -> bool {
    if bytes.is_ascii() {
        return false;
    }
    let Some(first) = bytes
        .iter()
        .position(|byte| matches!(byte, 0xc0 | 0xc1 | 0xe0 | 0xf0))
    else {
        return false;
    };
    let mut folded = Buffer::from_slice(bytes.get(..first).unwrap_or_default());
    let mut rest = bytes.get(first..).unwrap_or_default();
    let mut changed = false;
    while let Some((&byte, tail)) = rest.split_first() {
        let (ascii, used) = match *rest {
            [lead @ (0xc0 | 0xc1), next @ 0x80..=0xbf, ..] => ((lead & 1) << 6 | next & 0x3f, 2),
            [0xe0, middle @ (0x80 | 0x81), next @ 0x80..=0xbf, ..] => {
                ((middle & 1) << 6 | next & 0x3f, 3)
            }
            [0xf0, 0x80, middle @ (0x80 | 0x81), next @ 0x80..=0xbf, ..] => {
                ((middle & 1) << 6 | next & 0x3f, 4)
            }
            _ => {
                folded.push(byte);
                rest = tail;
                continue;
            }
        };
        changed = true;
        folded.push(ascii);
        rest = rest.get(used..).unwrap_or_default();
    }
    *bytes = folded;
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &str) -> Vec<u8> {
        let mut out = Buffer::new();
        percent_decode(raw.as_bytes(), false, &mut out);
        out.to_vec()
    }

    #[test]
    fn malformed_sequences_stay() {
        for raw in ["%", "%z", "%zz", "%1", "100%", "%u12", "%uzzzz", "%%"] {
            assert_eq!(decoded(raw), raw.as_bytes(), "{raw}");
        }
        assert_eq!(decoded("%%41"), b"%A");
    }

    #[test]
    fn hidden_spellings_of_ascii_are_read() {
        for raw in [
            "%2e",
            "%2E",
            "%u002e",
            "%uff0e",
            "%c0%ae",
            "%e0%80%ae",
            "%f0%80%80%ae",
        ] {
            assert_eq!(decoded(raw), b".", "{raw}");
        }
        assert_eq!(decoded("%c0%af"), b"/");
        assert_eq!(decoded("caf%c3%a9"), "café".as_bytes());
    }

    #[test]
    fn plus_is_a_space_in_forms_only() {
        let mut out = Buffer::new();
        assert!(percent_decode(b"a+b", true, &mut out));
        assert_eq!(out.as_slice(), b"a b");
        assert!(!percent_decode(b"a+b", false, &mut out));
    }
}
