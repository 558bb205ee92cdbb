//! Base64 decoding that accepts both alphabets, missing padding and line breaks.

/// Decodes into `out`. Returns false if some of the text is not base64.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in text {
        let Some(six) = six(byte) else {
            if byte == b'=' || byte.is_ascii_whitespace() {
                continue;
            }
            return false;
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    true
}

const fn six(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_with_and_without_padding() {
        let mut out = Vec::new();
        for text in [&b"YWRtaW46J29y"[..], b"YWRt\r\naW46J29y=="] {
            assert!(decode(text, &mut out));
            assert_eq!(out, b"admin:'or");
        }
        assert!(!decode(b"not base64!", &mut out));
    }
}
