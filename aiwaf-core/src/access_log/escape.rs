//! Escaping for the text formats, CSV cells and JSON strings.

/// Where a field is placed, which determines the characters that need escaping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Between quotes: spaces are allowed.
    Quoted,
    /// Between spaces.
    Bare,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Whether a byte is written as it is: printable ASCII except the quote and the backslash.
const fn is_plain(byte: u8, place: Place) -> bool {
    let first = match place {
        Place::Quoted => b' ',
        Place::Bare => b'!',
    };
    (byte >= first) & (byte <= b'~') & (byte != b'"') & (byte != b'\\')
}

fn push_hex(byte: u8, out: &mut Vec<u8>) {
    let digit = |nibble: u8| HEX.get(usize::from(nibble & 15)).copied().unwrap_or(b'0');
    out.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(byte)]);
}

/// Writes bytes, with every byte that could end a field or a line written as `\xNN`.
pub(super) fn text(bytes: &[u8], place: Place, out: &mut Vec<u8>) {
    // Nearly always nothing needs escaping. A check of all bytes without an early exit compiles to
    // vector instructions.
    let clean = bytes
        .iter()
        .fold(true, |clean, byte| clean & is_plain(*byte, place));
    if clean {
        out.extend_from_slice(bytes);
        return;
    }
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| !is_plain(*byte, place)) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = from.split_first() else {
            return;
        };
        push_hex(*byte, out);
        rest = after;
    }
    out.extend_from_slice(rest);
}

/// Writes a field that must not be empty. An empty one becomes a dash.
pub(super) fn text_or_dash(bytes: &[u8], place: Place, out: &mut Vec<u8>) {
    text(if bytes.is_empty() { b"-" } else { bytes }, place, out);
}

/// Writes a CSV cell. It is escaped like [`text`] and quoted if it contains a comma. A `'` is put
/// in front if a spreadsheet could take the cell for a formula, or if it already begins with a `'`,
/// so that the added `'` can be removed again.
pub(super) fn cell(bytes: &[u8], out: &mut Vec<u8>) {
    let quoted = memchr::memchr(b',', bytes).is_some();
    if quoted {
        out.push(b'"');
    }
    if matches!(bytes.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\'')) {
        out.push(b'\'');
    }
    text(bytes, Place::Quoted, out);
    if quoted {
        out.push(b'"');
    }
}

/// Writes the inside of a JSON string, in ASCII. Bytes that are not UTF-8 become the text `\xNN`.
/// To keep this unambiguous, a literal backslash becomes `\x5c`.
pub(super) fn json(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.extend_from_slice(br#"\""#),
                '\\' => out.extend_from_slice(br"\\x5c"),
                ' '..='~' => out.push(character as u8),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        let [high, low] = unit.to_be_bytes();
                        let digit = |nibble: u8| HEX.get(usize::from(nibble & 15)).copied();
                        out.extend_from_slice(br"\u");
                        out.extend(
                            [high >> 4, high, low >> 4, low]
                                .into_iter()
                                .filter_map(digit),
                        );
                    }
                }
            }
        }
        for byte in chunk.invalid() {
            out.push(b'\\');
            push_hex(*byte, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(bytes: &[u8], f: impl Fn(&[u8], &mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_ends_a_field_or_a_line() {
        let bytes = b"a\"b\\c\r\n\x00\x7f\xff \xc3\xa9";
        assert_eq!(
            escaped(bytes, |bytes, out| text(bytes, Place::Quoted, out)),
            r"a\x22b\x5cc\x0d\x0a\x00\x7f\xff \xc3\xa9"
        );
        assert_eq!(
            escaped(b"a b", |bytes, out| text(bytes, Place::Bare, out)),
            r"a\x20b"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (cell_of, expected) in [
            ("=1+1", "'=1+1"),
            ("-2", "'-2"),
            ("'=1", "''=1"),
            ("@SUM(A1,B1)", "\"'@SUM(A1,B1)\""),
            ("\t=1", r"\x09=1"),
            ("/a,b", "\"/a,b\""),
            ("", ""),
        ] {
            assert_eq!(escaped(cell_of.as_bytes(), cell), expected);
        }
    }

    #[test]
    fn json_strings_are_ascii_and_tell_bytes_from_text() {
        assert_eq!(
            escaped("é\u{1f600}\n\"\\".as_bytes(), json),
            r#"\u00e9\ud83d\ude00\u000a\"\\x5c"#
        );
        assert_eq!(escaped(b"\xff\\xff", json), r"\\xff\\x5cxff");
    }
}
