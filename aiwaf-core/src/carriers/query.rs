//! Names and values joined by `&`: the target's query and urlencoded bodies.
//!
//! Only `&` separates pairs. A backend that also splits at `;` reads parts of a value that is
//! passed on as a whole, so nothing is hidden from the sink. `+` is a space, and `%` escapes are
//! decoded once. A malformed escape stays as it is, because some backends keep it and some drop it.

use super::find::{find, find2};
use super::percent::{self, Plus};
use super::{Carrier, Feed, Field, Halt, Scratch, Sink, steps};

/// The carriers of the two sides of a pair, and of a piece that is no pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    name: Carrier,
    value: Carrier,
    flag: Carrier,
}

/// Pairs of the target's query.
pub const QUERY: Pair = Pair {
    name: Carrier::QueryName,
    value: Carrier::QueryValue,
    flag: Carrier::QueryFlag,
};

/// Pairs of an urlencoded body.
pub const FORM: Pair = Pair {
    name: Carrier::FormName,
    value: Carrier::FormValue,
    flag: Carrier::FormFlag,
};

/// Splits a query (without its `?`) or an urlencoded body.
///
/// A piece without `=` is passed on as a flag, because backends take it for a name or for a value.
///
/// # Errors
///
/// [`Halt::Spent`] beyond [`Limits::fields`](super::Limits::fields), [`Halt::Stopped`] if the sink
/// has seen enough.
pub fn split<S: Sink + ?Sized>(
    raw: &[u8],
    pair: Pair,
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    steps::add(raw.len());
    // Most queries have nothing to decode. One check of the whole query saves two per pair.
    let clean = memchr::memchr2(b'%', b'+', raw).is_none();
    let mut rest = Some(raw);
    while let Some(bytes) = rest {
        let (name, mark, after) = cut(bytes, find2(b'=', b'&', bytes));
        let (value, tail) = match after {
            Some(after) if mark == b'=' => {
                let (value, _, tail) = cut(after, find(b'&', after));
                (Some(value), tail)
            }
            _ => (None, after),
        };
        rest = tail;
        steps::add(bytes.len() - tail.map_or(0, <[u8]>::len));
        let (name, value) = if clean {
            (name, value)
        } else {
            let value = value.map(|value| percent::decode(value, Plus::Space, &mut scratch.value));
            (percent::decode(name, Plus::Space, &mut scratch.name), value)
        };
        feed.hand(Field {
            carrier: if value.is_some() {
                pair.name
            } else {
                pair.flag
            },
            name,
            value: name,
        })?;
        if let Some(value) = value {
            feed.hand(Field {
                carrier: pair.value,
                name,
                value,
            })?;
        }
    }
    Ok(())
}

/// The part before an index, the byte at it, and the part after it. Without an index, everything is
/// in the first part.
#[inline]
fn cut(bytes: &[u8], at: Option<usize>) -> (&[u8], u8, Option<&[u8]>) {
    match at.and_then(|at| bytes.split_at_checked(at)) {
        Some((before, [mark, after @ ..])) => (before, *mark, Some(after)),
        _ => (bytes, 0, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use proptest::prelude::*;

    fn fields(raw: &[u8]) -> Vec<Seen> {
        collect(|scratch, feed| split(raw, QUERY, scratch, feed)).fields
    }

    #[test]
    fn hands_on_names_and_values_decoded_once() {
        assert_eq!(
            fields(b"a=1&b%5B%5D=x+y%2527"),
            [
                seen(Carrier::QueryName, "a", "a"),
                seen(Carrier::QueryValue, "a", "1"),
                seen(Carrier::QueryName, "b[]", "b[]"),
                seen(Carrier::QueryValue, "b[]", "x y%27"),
            ]
        );
    }

    #[test]
    fn a_name_without_a_value_is_a_flag() {
        assert_eq!(
            fields(b"&&cat+/etc/passwd&"),
            [seen(
                Carrier::QueryFlag,
                "cat /etc/passwd",
                "cat /etc/passwd"
            )]
        );
    }

    #[test]
    fn only_the_first_equals_sign_and_only_ampersands_split() {
        assert_eq!(
            fields(b"a=b=c;d=e")[1],
            seen(Carrier::QueryValue, "a", "b=c;d=e")
        );
        assert_eq!(fields(b"=v"), [seen(Carrier::QueryValue, "", "v")]);
        assert_eq!(fields(b"n="), [seen(Carrier::QueryName, "n", "n")]);
    }

    #[test]
    fn a_marker_is_seen_in_every_position_or_the_budget_is_spent() {
        for decoys in [0, 1, 2, 500, 2046, 2047, 2048, 5000] {
            let pairs = vec!["p=1".to_owned(); decoys];
            for at in [0, decoys / 2, decoys] {
                let mut pairs = pairs.clone();
                pairs.insert(at, format!("p={MARKER}"));
                let raw = pairs.join("&");
                let got = collect(|scratch, feed| split(raw.as_bytes(), QUERY, scratch, feed));
                assert!(
                    got.has_marker() || got.is_spent(),
                    "{decoys} decoys, at {at}"
                );
                assert_eq!(got.is_spent(), decoys + 1 > 2048, "{decoys} decoys");
            }
        }
    }

    proptest! {
        #[test]
        fn is_linear_and_never_panics(raw in soup(b"&=%+;ab2f\0\xff", 400)) {
            assert_linear(raw.len(), || drop(fields(&raw)));
        }

        #[test]
        fn sees_every_pair_that_form_urlencoded_sees(raw in "[a-c=&+%0-4 \u{e9};]{0,80}") {
            let ours = fields(raw.as_bytes());
            for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
                for (theirs, carrier) in [(&name, Carrier::QueryName), (&value, Carrier::QueryValue)] {
                    let is_alike = |other| other == carrier || other == Carrier::QueryFlag;
                    prop_assert!(
                        theirs.is_empty() || ours.iter().any(|field| is_alike(field.carrier) && String::from_utf8_lossy(&field.value) == **theirs),
                        "{theirs:?} of {raw:?} in {ours:?}"
                    );
                }
            }
        }
    }
}
