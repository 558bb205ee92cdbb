//! Header lines.
//!
//! Every line is handed on, except where its value *as a whole* has a form in which nothing can be
//! said. The exceptions are by value, never by name alone:
//!
//! * `Sec-Fetch-*`, `Sec-GPC`, `DNT`, `Upgrade-Insecure-Requests`, `Save-Data`, `Connection`,
//!   `Content-Length`, `TE`, `Priority`, `Sec-CH-UA-Mobile`, `Accept-Encoding`, `Accept-Language`:
//!   words of letters, digits, `-`, `*` and `?`, joined by commas, each with a weight or a version
//!   at most. No quote, bracket, slash, dot, percent sign or space within a word: no language has a
//!   payload in that.
//! * `Accept` and `Content-Type`: the same with one slash in each entry, between two words.
//!
//! A value of one of these that is anything else is handed on as it is. `Cookie` lines go to
//! [`cookies`]. The credentials of `Authorization: Basic` are handed on decoded; others as they
//! stand. Names are handed on when they hold more than letters, digits, `-` and `_`, which HTTP
//! allows and almost nobody sends.

use super::{Carrier, Feed, Field, Halt, Scratch, Sink, base64, cookies, steps};

/// Splits header lines.
///
/// # Errors
///
/// [`Halt::Spent`] past [`Limits::fields`](super::Limits::fields), [`Halt::Stopped`] when the sink
/// has enough.
pub fn split<'h, S: Sink + ?Sized>(
    lines: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    lines
        .into_iter()
        .try_for_each(|(name, value)| line(name, value, scratch, feed))
}

/// One line, as [`split`] does it.
fn line<S: Sink + ?Sized>(
    name: &str,
    value: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    steps::add(name.len() + value.len());
    let field = |value| Field {
        carrier: Carrier::Header,
        name: name.as_bytes(),
        value,
    };
    if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    {
        feed.hand(field(name.as_bytes()))?;
    }
    match form(name) {
        Form::Cookies => cookies::split(value, scratch, feed),
        Form::Words if is_list(value, is_word) => Ok(()),
        Form::Types if is_list(value, is_media_type) => Ok(()),
        Form::Credentials if let Some(decoded) = basic(value, &mut scratch.value) => {
            feed.hand(field(decoded))
        }
        _ => feed.hand(field(value)),
    }
}

/// What a header's value should look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Cookies,
    Credentials,
    Words,
    Types,
    Free,
}

/// The form by name. The length is compared first, so that most names cost one comparison.
fn form(name: &str) -> Form {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    match name.len() {
        6 if is("cookie") => Form::Cookies,
        13 if is("authorization") => Form::Credentials,
        19 if is("proxy-authorization") => Form::Credentials,
        6 if is("accept") => Form::Types,
        12 if is("content-type") => Form::Types,
        2 if is("te") => Form::Words,
        3 if is("dnt") => Form::Words,
        7 if is("sec-gpc") => Form::Words,
        8 if is("priority") => Form::Words,
        9 if is("save-data") => Form::Words,
        10 if is("connection") => Form::Words,
        14 if is("content-length")
            || is("sec-fetch-site")
            || is("sec-fetch-mode")
            || is("sec-fetch-dest")
            || is("sec-fetch-user") =>
        {
            Form::Words
        }
        15 if is("accept-encoding") || is("accept-language") => Form::Words,
        16 if is("sec-ch-ua-mobile") => Form::Words,
        25 if is("upgrade-insecure-requests") => Form::Words,
        _ => Form::Free,
    }
}

/// Whether a value is a comma-separated list of `item`s, each with at most parameters of one letter
/// (`q=0.9`, `v=b3`) or a character set.
pub(super) fn is_list(value: &[u8], item: fn(&[u8]) -> bool) -> bool {
    value.split(|&byte| byte == b',').all(|entry| {
        let mut parts = entry.split(|&byte| byte == b';');
        parts.next().is_some_and(|first| item(first.trim_ascii()))
            && parts.all(|part| is_parameter(part.trim_ascii()))
    })
}

/// `q=0.9`, `v=b3`, `charset=utf-8`: a weight, a version or a character set.
fn is_parameter(part: &[u8]) -> bool {
    match part {
        [b'q' | b'Q' | b'v' | b'u', b'=', value @ ..] => {
            value.len() <= 5
                && value
                    .iter()
                    .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'.')
        }
        [name @ .., b'u' | b'U', b't' | b'T', b'f' | b'F', b'-', b'8'] => {
            name.eq_ignore_ascii_case(b"charset=")
        }
        _ => false,
    }
}

/// A word without any punctuation that a language knows: `gzip`, `en-US`, `?1`, `u=1`.
pub(super) fn is_word(word: &[u8]) -> bool {
    let word = word.strip_prefix(b"u=").unwrap_or(word);
    word.len() <= 32
        && word
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*' | b'?'))
}

/// Two words around a slash: `text/html`, `application/vnd.api+json`, `*/*`.
pub(super) fn is_media_type(entry: &[u8]) -> bool {
    let mut words = entry.split(|&byte| byte == b'/');
    let (Some(first), Some(second), None) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    is_word(first)
        && second.len() <= 80
        && second
            .split(|&byte| byte == b'.' || byte == b'+')
            .all(|part| !part.is_empty() && is_word(part))
}

/// The `user:password` of Basic credentials.
fn basic<'a>(value: &[u8], out: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let (scheme, token) = value.split_at_checked(6)?;
    let known = scheme.eq_ignore_ascii_case(b"basic ") && base64::decode(token.trim_ascii(), out);
    known.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use proptest::prelude::*;

    fn got(lines: &[(&str, &str)]) -> Got {
        collect(|scratch, feed| {
            split(
                lines.iter().map(|&(name, value)| (name, value.as_bytes())),
                scratch,
                feed,
            )
        })
    }

    #[test]
    fn a_browser_s_structured_headers_cost_nothing() {
        let got = got(&[
            (
                "accept",
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            ),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
            ("accept-language", "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7"),
            ("content-type", "application/json; charset=UTF-8"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-user", "?1"),
            ("sec-ch-ua-mobile", "?0"),
            ("priority", "u=0, i"),
            ("connection", "keep-alive"),
            ("upgrade-insecure-requests", "1"),
            ("content-length", "120"),
        ]);
        assert_eq!(got.fields, []);
    }

    #[test]
    fn an_attack_is_seen_in_every_header() {
        for name in [
            "accept",
            "accept-encoding",
            "accept-language",
            "content-type",
            "sec-fetch-site",
            "sec-fetch-mode",
            "sec-fetch-dest",
            "sec-fetch-user",
            "sec-ch-ua-mobile",
            "priority",
            "connection",
            "upgrade-insecure-requests",
            "content-length",
            "te",
            "dnt",
            "save-data",
            "host",
            "user-agent",
            "referer",
            "authorization",
            "x-forwarded-for",
            "if-none-match",
            "Range",
            "x-api-version",
            "origin",
            "cookie",
            "proxy-authorization",
            "sec-gpc",
        ] {
            for attack in [
                "' or 1=1--",
                "<svg/onload=x>",
                "../../etc/passwd",
                "${jndi:x}",
                "() { :;}; id",
                "a b",
                "x/../y",
                "%2e",
                "basic %",
            ] {
                for value in [
                    attack.to_owned(),
                    format!("text/html,{attack}"),
                    format!("en;q={attack}"),
                    format!("*/{attack}"),
                ] {
                    if name != "cookie" {
                        assert!(
                            got(&[("accept", "*/*"), (name, &value)]).holds(attack),
                            "{name}: {value}"
                        );
                    }
                }
                assert!(
                    got(&[("cookie", "a=b"), ("cookie", &format!("c=\"{attack}\""))])
                        .holds(attack.split(';').next().unwrap())
                );
            }
        }
    }

    #[test]
    fn basic_credentials_are_decoded_and_odd_names_are_seen() {
        assert!(got(&[("authorization", "Basic YWRtaW46J29y")]).holds("admin:'or"));
        assert!(got(&[("Authorization", "Bearer a.b.c")]).holds("Bearer a.b.c"));
        assert!(got(&[("x-${jndi}", "1")]).holds("x-${jndi}"));
    }

    proptest! {
        #[test]
        fn is_linear_and_never_panics(value in soup(b"a,;=/q.0*'\xff", 200)) {
            for name in ["accept", "te", "cookie", "authorization", "x"] {
                let work = || drop(collect(|scratch, feed| split([(name, &value[..])], scratch, feed)));
                assert_linear(value.len() + name.len(), work);
            }
        }
    }
}
