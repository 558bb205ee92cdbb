//! The values of a part's parameters, in the spellings of RFC 2231, RFC 5987 and RFC 7578.

use memchr::memchr;

use crate::carriers::charset::Charset;
use crate::carriers::parameters::Parameter;
use crate::carriers::percent::{self, Plus};
use crate::carriers::{Unsupported, steps};

/// Which backslashes in a quoted string are escapes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Those before a quote or a backslash.
    OfQuotes,
    /// All of them.
    All,
}

/// The value of a parameter, borrowed if it has no escapes.
pub(super) fn unquote<'a>(
    parameter: &Parameter<'a>,
    escapes: Escapes,
    out: &'a mut Vec<u8>,
) -> &'a [u8] {
    steps::add(parameter.value.len());
    if !parameter.quoted || memchr(b'\\', parameter.value).is_none() {
        return parameter.value;
    }
    out.clear();
    let mut rest = parameter.value;
    loop {
        rest = match rest {
            [] => return out,
            [b'\\', byte, tail @ ..] if escapes == Escapes::All || matches!(byte, b'"' | b'\\') => {
                out.push(*byte);
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}

/// The forms of `filename*` in RFC 5987 and RFC 2231.
pub(super) enum Extended {
    /// `filename*`.
    Whole,
    /// `filename*0`, `filename*1*`.
    Piece { index: u32, encoded: bool },
}

pub(super) fn extended(name: &[u8]) -> Option<Extended> {
    let (stem, rest) = name.split_at_checked("filename*".len())?;
    if !stem.eq_ignore_ascii_case(b"filename*") {
        return None;
    }
    if rest.is_empty() {
        return Some(Extended::Whole);
    }
    let digits = rest.strip_suffix(b"*");
    let index = std::str::from_utf8(digits.unwrap_or(rest))
        .ok()?
        .parse()
        .ok()?;
    Some(Extended::Piece {
        index,
        encoded: digits.is_some(),
    })
}

/// The decoded text of a `charset'language'percent-encoded` value.
pub(super) fn extended_value<'a>(
    value: &'a [u8],
    out: &'a mut Vec<u8>,
) -> Result<&'a [u8], Unsupported> {
    let mut pieces = value.splitn(3, |&byte| byte == b'\'');
    let text = match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(charset), Some(_), Some(text)) => {
            if Charset::named(charset)? != Charset::Ascii {
                return Err(Unsupported::Charset);
            }
            text
        }
        _ => value,
    };
    Ok(percent::decode(text, Plus::Literal, out))
}
