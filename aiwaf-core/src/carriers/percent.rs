//! Percent-decoding that keeps malformed escapes.

use super::find::find;
use super::steps;

/// The meaning of `+`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    /// A space, as in forms.
    Space,
    /// A literal `+`.
    Literal,
}

/// Decodes one round. The result is borrowed if there is nothing to decode, and otherwise written
/// to `out`. A `%` that is not followed by two hex digits stays.
pub(super) fn decode<'a>(raw: &'a [u8], plus: Plus, out: &'a mut Vec<u8>) -> &'a [u8] {
    steps::add(raw.len());
    let first = match plus {
        Plus::Space => memchr::memchr2(b'%', b'+', raw),
        Plus::Literal => memchr::memchr(b'%', raw),
    };
    let Some((clean, mut rest)) = first.and_then(|at| raw.split_at_checked(at)) else {
        return raw;
    };
    out.clear();
    out.reserve(raw.len());
    out.extend_from_slice(clean);
    // Text between two escapes is copied in one step, many bytes at a time.
    let space = |byte: &u8| match (byte, plus) {
        (b'+', Plus::Space) => b' ',
        _ => *byte,
    };
    while let Some((text, escape)) = find(b'%', rest).and_then(|at| rest.split_at_checked(at)) {
        out.extend(text.iter().map(space));
        rest = match escape {
            [_, high, low, tail @ ..] if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                out.push(high << 4 | low);
                tail
            }
            _ => {
                out.push(b'%');
                escape.get(1..).unwrap_or_default()
            }
        };
    }
    out.extend(rest.iter().map(space));
    out
}

/// The value of a hex digit.
pub(super) const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &[u8], plus: Plus) -> Vec<u8> {
        decode(raw, plus, &mut Vec::new()).to_vec()
    }

    #[test]
    fn undoes_one_round_and_keeps_what_is_malformed() {
        assert_eq!(decoded(b"a%27+%2527%", Plus::Space), b"a' %27%");
        assert_eq!(decoded(b"%zz%4%", Plus::Space), b"%zz%4%");
        assert_eq!(decoded(b"%%41+", Plus::Literal), b"%A+");
        assert_eq!(decoded(b"", Plus::Space), b"");
    }
}
