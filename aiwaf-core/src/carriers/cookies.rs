//! The `Cookie` header: pairs joined by `;`.
//!
//! Cookies have no escapes of their own, so names and values are borrowed. Some parsers (Python's
//! `http.cookies`, older Tomcat) support quoted values in which `;` is data and a backslash
//! escapes. Such a value is passed on in both readings.
//!
//! A line with a name that no application would choose may not be a list of cookies at all, but a
//! single text for a program that reads the whole header (a shell's environment, a log). It is also
//! passed on as a whole.

use super::find::find;
use super::{Carrier, Feed, Field, Halt, Scratch, Sink, steps};
use memchr::memchr;

/// Splits the value of one `Cookie` line. A piece without `=` is a value without a name.
///
/// # Errors
///
/// [`Halt::Spent`] beyond [`Limits::fields`](super::Limits::fields), [`Halt::Stopped`] if the sink
/// has seen enough.
pub fn split<S: Sink + ?Sized>(
    line: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    let (mut at, mut quoted_to, mut odd) = (0, 0, false);
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let end = find(b';', rest).unwrap_or(rest.len());
        let piece = rest.get(..end).unwrap_or(rest);
        steps::add(2 * end + 1);
        let (name, value) = pair(piece);
        let value_at = at + end - value.len();
        odd |= !is_plain(if name.is_empty() { bare(value) } else { name });
        feed.hand(Field {
            carrier: Carrier::CookieName,
            name,
            value: name,
        })?;
        feed.hand(Field {
            carrier: Carrier::CookieValue,
            name,
            value: bare(value),
        })?;
        if reads_two_ways(value) && value_at >= quoted_to {
            let quoted = line.get(value_at + 1..).unwrap_or_default();
            quoted_to = value_at + 1 + unquote(quoted, &mut scratch.value);
            feed.hand(Field {
                carrier: Carrier::CookieValue,
                name,
                value: &scratch.value,
            })?;
        }
        at += end + 1;
    }
    if odd {
        feed.hand(Field {
            carrier: Carrier::Header,
            name: b"cookie",
            value: line,
        })?;
    }
    Ok(())
}

/// Whether a line has only one reading: its names are ordinary, and no value is quoted.
#[must_use]
pub fn are_ordinary(line: &[u8]) -> bool {
    memchr(b'"', line).is_none()
        && line.split(|&byte| byte == b';').all(|piece| {
            let (name, value) = pair(piece);
            is_plain(if name.is_empty() { bare(value) } else { name })
        })
}

/// Whether a name, or a value without a name, has only the characters of ordinary names. Brackets
/// are used by PHP.
pub(crate) fn is_plain(name: &[u8]) -> bool {
    // Has no early exit, so that sixteen bytes are processed at once.
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            | (byte == b'-')
            | (byte == b'_')
            | (byte == b'.')
            | (byte == b'[')
            | (byte == b']')
    };
    name.iter().fold(true, |all, &byte| all & plain(byte))
}

/// Name and value of a piece. The value extends to the end of the piece.
fn pair(piece: &[u8]) -> (&[u8], &[u8]) {
    match find(b'=', piece).and_then(|at| piece.split_at_checked(at)) {
        Some((name, value)) => (
            name.trim_ascii(),
            value.get(1..).unwrap_or_default().trim_ascii_start(),
        ),
        None => (b"", piece.trim_ascii_start()),
    }
}

/// A value without trailing white space and surrounding quotes.
fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii_end();
    match value {
        [b'"', inner @ .., b'"'] => inner,
        _ => value,
    }
}

/// Whether a value opens a quote that contains an escape or does not close before the `;`.
fn reads_two_ways(value: &[u8]) -> bool {
    value.first() == Some(&b'"')
        && (bare(value).first() == Some(&b'"') || memchr(b'\\', value).is_some())
}

/// Writes the quoted string that begins here, up to its closing quote, and returns how many bytes
/// it took.
fn unquote(quoted: &[u8], out: &mut Vec<u8>) -> usize {
    out.clear();
    let mut rest = quoted;
    loop {
        rest = match rest {
            [] | [b'"', ..] => break,
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                tail @ ..,
            ] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                tail
            }
            [b'\\', byte, tail @ ..] | [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
    let taken = quoted.len() - rest.len();
    steps::add(taken);
    taken
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use proptest::prelude::*;

    fn got(line: &[u8]) -> Got {
        collect(|scratch, feed| split(line, scratch, feed))
    }

    #[test]
    fn hands_on_names_and_values() {
        assert_eq!(
            got(b"a=1; b = \"two\" ;;flag; c=x=y").fields,
            [
                seen(Carrier::CookieName, "a", "a"),
                seen(Carrier::CookieValue, "a", "1"),
                seen(Carrier::CookieName, "b", "b"),
                seen(Carrier::CookieValue, "b", "two"),
                seen(Carrier::CookieValue, "", "flag"),
                seen(Carrier::CookieName, "c", "c"),
                seen(Carrier::CookieValue, "c", "x=y"),
            ]
        );
    }

    #[test]
    fn a_semicolon_within_quotes_is_read_both_ways() {
        let got = got(br#"a="1;alert(\"x\")"; b=2"#);
        assert!(got.holds(r#"1;alert("x")"#));
        assert!(got.fields.contains(&seen(Carrier::CookieValue, "b", "2")));
        assert!(self::got(br#"a="\074script\076""#).holds("<script>"));
    }

    #[test]
    fn a_line_that_is_no_list_of_cookies_is_handed_on_whole() {
        for line in [
            "() { foo;}; echo 1",
            "a=1; drop table x",
            "a=b; ${x;y}=1",
            "<script>;x",
        ] {
            let whole = seen(Carrier::Header, "cookie", line);
            assert!(got(line.as_bytes()).fields.contains(&whole), "{line}");
        }
        for line in ["a=1; b[0]=%27; flag; __Host-x.y=z w", ""] {
            let fields = got(line.as_bytes()).fields;
            assert!(fields.iter().all(|field| field.carrier != Carrier::Header));
        }
    }

    #[test]
    fn a_marker_is_seen_in_every_position_or_the_budget_is_spent() {
        for decoys in [0, 1, 500, 2047, 2048] {
            for at in [0, decoys / 2, decoys] {
                let mut pairs = vec!["p=1".to_owned(); decoys];
                pairs.insert(at, format!("p={MARKER}"));
                let got = got(pairs.join("; ").as_bytes());
                assert!(got.has_marker() || got.is_spent());
                assert_eq!(got.is_spent(), decoys + 1 > 2048);
            }
        }
    }

    proptest! {
        #[test]
        fn is_linear_and_never_panics(line in soup(b"a;=\" \\07\xff", 400)) {
            assert_linear(line.len(), || drop(got(&line)));
        }

        #[test]
        fn every_byte_of_a_value_is_seen(values in proptest::collection::vec("[a-z\"\\\\ ]{1,8}", 1..6)) {
            let line: Vec<_> = values.iter().enumerate().map(|(n, value)| format!("c{n}={value}")).collect();
            let got = got(line.join(";").as_bytes());
            for value in values {
                prop_assert!(got.holds(bare(value.trim().as_bytes())));
            }
        }
    }
}
