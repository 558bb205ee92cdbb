//! Header lines.
//!
//! Every line is passed on, unless its value *as a whole* has a form that cannot carry an attack.
//! The exceptions depend on the value, never on the name alone:
//!
//! * `Sec-Fetch-*`, `Sec-GPC`, `DNT`, `Upgrade-Insecure-Requests`, `Save-Data`, `Connection`,
//!   `Content-Length`, `TE`, `Priority`, `Sec-CH-UA-Mobile`, `Accept-Encoding`, `Accept-Language`:
//!   words of letters, digits, `-`, `*` and `?`, joined by commas, each with at most a weight or a
//!   version. A word contains no quote, bracket, slash, percent sign or space, and a dot only
//!   between letters or digits: no attack language can be written with that.
//! * `Accept` and `Content-Type`: the same, with one slash in each entry, between two words.
//!
//! Any other value of these headers is passed on as it is. `Cookie` lines go to [`cookies`]. The
//! credentials of `Authorization: Basic` are passed on decoded, other credentials as they are. A
//! name is passed on if it contains more than letters, digits, `-` and `_`, which HTTP allows and
//! almost nobody sends.

use super::{Carrier, Feed, Field, Halt, Scratch, Sink, base64, cookies, steps};
use crate::headers::{Header, is_plain};

/// Splits header lines.
///
/// # Errors
///
/// [`Halt::Spent`] beyond [`Limits::fields`](super::Limits::fields), [`Halt::Stopped`] if the sink
/// has seen enough.
pub fn split<'h, S: Sink + ?Sized>(
    lines: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    lines
        .into_iter()
        .try_for_each(|(name, value)| line(name, value, scratch, feed))
}

/// Splits one line for [`split`].
fn line<S: Sink + ?Sized>(
    name: &str,
    value: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    steps::add(name.len() + value.len());
    let field = |value| Field {
        carrier: carrier(name),
        name: name.as_bytes(),
        value,
    };
    match form(name) {
        Form::Cookies => cookies::split(value, scratch, feed),
        Form::Words if is_list(value, Slash::None) => Ok(()),
        Form::Types if is_list(value, Slash::Between) => Ok(()),
        Form::Credentials if let Some(decoded) = basic(value, &mut scratch.value) => {
            feed.hand(field(decoded))
        }
        Form::Free if !is_plain(name.as_bytes()) => {
            feed.hand(field(name.as_bytes()))?;
            feed.hand(field(value))
        }
        _ => feed.hand(field(value)),
    }
}

/// The carrier that a header's value is judged as.
pub(crate) fn carrier(name: &str) -> Carrier {
    let begins = |prefix: &&str| {
        name.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let known = Header::from_name(name).is_some()
        || PREFIXES.iter().any(begins)
        || NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
    if known {
        Carrier::Header
    } else if names_file(name) {
        Carrier::FileName
    } else {
        Carrier::OwnHeader
    }
}

/// Whether the value is the file name of the body: `X-File-Name`, `X_Filename`.
fn names_file(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphabetic);
    letters
        .map(|byte| byte.to_ascii_lowercase())
        .eq(*b"xfilename")
}

/// Prefixes of header names whose values have a defined syntax.
const PREFIXES: [&str; 12] = [
    "sec-",
    "accept",
    "content-",
    "if-",
    "x-forwarded-",
    "cf-",
    "x-amz",
    "x-b3-",
    "x-datadog-",
    "access-control-",
    "proxy-",
    "x-goog-",
];

/// Header names whose values have a defined syntax.
const NAMES: [&str; 42] = [
    "host",
    "user-agent",
    "referer",
    "origin",
    "cookie",
    "authorization",
    "cache-control",
    "pragma",
    "connection",
    "upgrade",
    "upgrade-insecure-requests",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "via",
    "forwarded",
    "from",
    "date",
    "expect",
    "warning",
    "link",
    "prefer",
    "priority",
    "save-data",
    "dnt",
    "keep-alive",
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
    "x-requested-with",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "x-original-url",
    "x-rewrite-url",
    "x-request-id",
    "signature",
    "signature-input",
    "alt-used",
    "x-hub-signature-256",
];

/// The expected form of a header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Cookies,
    Credentials,
    Words,
    Types,
    Free,
}

/// The form for a header name. The length is compared first, so that most names cost one
/// comparison.
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

/// Whether entries of a list are single words or two words joined by a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    None,
    Between,
}

/// Whether a value is a list of words (`gzip`, `en-US;q=0.9`, `?1`) or of media types (`text/html`,
/// `*/*;q=0.8`). It may begin with `u=`, as in `Priority`, and end with the character set UTF-8.
pub(super) fn is_list(value: &[u8], slash: Slash) -> bool {
    let value = value.strip_prefix(b"u=").unwrap_or(value);
    let value = without_charset(value);
    // Checks which bytes are adjacent. The lookups do not depend on each other, which makes this
    // several times as fast as a state machine. For the same reason there is no early exit.
    let (fits, last) = value.iter().fold((true, EDGE), |(fits, before), &byte| {
        let (class, after) = PLACES.get(usize::from(byte)).copied().unwrap_or_default();
        (fits & (before & after != 0), class)
    });
    let joints = slash == Slash::Between || memchr::memchr2(b'/', b'+', value).is_none();
    fits && joints && last & (WORD | EDGE) != 0 && rare_bytes_fit(value)
}

/// Checks the rules that depend on more than the neighbouring byte. A key may only stand between
/// `;` and `=`. A star must not stand between slashes, where it would open and close a comment.
fn rare_bytes_fit(value: &[u8]) -> bool {
    memchr::memchr3_iter(b';', b'=', b'*', value).all(|at| {
        let near = |index: Option<usize>| index.and_then(|index| value.get(index)).copied();
        let (before, after) = (near(at.checked_sub(1)), near(at.checked_add(1)));
        let key = |byte| matches!(byte, Some(b'q' | b'Q' | b'v'));
        match near(Some(at)) {
            Some(b';') => key(after) && near(at.checked_add(2)) == Some(b'='),
            Some(b'=') => key(before) && near(at.checked_sub(2)) == Some(b';'),
            _ => before != Some(b'/') || after != Some(b'/'),
        }
    })
}

/// Classes of bytes in a list, one bit each.
const LETTER: u16 = 1;
const DASH: u16 = 1 << 1;
const STAR: u16 = 1 << 2;
const QUESTION: u16 = 1 << 3;
const COMMA: u16 = 1 << 4;
const SPACE: u16 = 1 << 5;
const DOT: u16 = 1 << 6;
const JOINT: u16 = 1 << 7;
const SEMICOLON: u16 = 1 << 8;
const EQUALS: u16 = 1 << 9;
/// The start of the value.
const EDGE: u16 = 1 << 10;
const WORD: u16 = LETTER | STAR;

/// The class of each byte, and the classes that it may follow. Other bytes have neither.
const PLACES: [(u16, u16); 256] = {
    let mut places = [(0, 0); 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::indexing_slicing)] // Evaluated at compile time, and below 256.
        {
            places[byte] = place(byte as u8);
        }
        byte += 1;
    }
    places
};

const fn place(byte: u8) -> (u16, u16) {
    match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => (LETTER, !STAR),
        b'-' => (DASH, LETTER),
        b'*' => (STAR, EDGE | COMMA | SPACE | JOINT),
        b'?' => (QUESTION, EDGE | COMMA | SPACE),
        b',' => (COMMA, WORD),
        b' ' => (SPACE, COMMA | EDGE),
        b'.' => (DOT, LETTER),
        b'/' | b'+' => (JOINT, WORD),
        b';' => (SEMICOLON, WORD),
        b'=' => (EQUALS, LETTER),
        _ => (0, 0),
    }
}

/// Strips `; charset=utf-8` from the end of a media type.
fn without_charset(value: &[u8]) -> &[u8] {
    const CHARSET: &[u8] = b"charset=utf-8";
    let cut = value.len().checked_sub(CHARSET.len());
    match cut.and_then(|at| value.split_at_checked(at)) {
        Some((head, tail)) if tail.eq_ignore_ascii_case(CHARSET) => {
            head.trim_ascii_end().strip_suffix(b";").unwrap_or(value)
        }
        _ => value,
    }
}

/// Whether a value is one word of letters, digits and dashes.
pub(super) fn is_word(value: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    value.iter().all(letter)
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
                "1/**/or/**/1",
                "1--",
                "; id",
                ";id",
                "a=b",
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

    /// The grammar of a list, written in a slow but obvious way.
    fn is_list_by_grammar(value: &str, slash: Slash) -> bool {
        let word = |word: &str| {
            let word = word.strip_prefix('?').unwrap_or(word);
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
            let dots = word.starts_with('.') || word.ends_with('.') || word.contains("..");
            word == "*"
                || !word.is_empty() && word.bytes().all(letters) && !word.contains("--") && !dots
        };
        let parameter = |part: &str| {
            let value = part.strip_prefix(['q', 'v', 'Q']);
            value
                .and_then(|value| value.strip_prefix('='))
                .is_some_and(word)
        };
        let entry = |entry: &str| {
            let mut parts = entry.split(';');
            let first = parts.next().unwrap();
            let words = match slash {
                Slash::None => word(first),
                Slash::Between => first.split(['/', '+']).all(word),
            };
            words && parts.all(parameter)
        };
        let value = value.strip_prefix("u=").unwrap_or(value);
        value.is_empty()
            || value
                .split(',')
                .all(|text| entry(text.strip_prefix(' ').unwrap_or(text)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn what_passes_as_a_list_is_one(value in "[a1q=;, .*/+?u-]{1,12}") {
            for slash in [Slash::None, Slash::Between] {
                let fits = is_list(value.as_bytes(), slash);
                prop_assert!(!fits || is_list_by_grammar(&value, slash), "{value:?}");
            }
        }
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
