//! Signed tokens (JWT, RFC 7519): `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`.
//!
//! The first of three parts is a document in base64 that says how the signature is to be checked. A
//! server reads it before it checks anything, and opens the file, the table or the URL that it
//! names as the key. So its text is a view of the value. The claims in the second part are read only
//! once the signature holds.
//!
//! Nearly every request to an API has a token, and nearly every header of a token is two or three
//! plain words. Those have no view: see [`header`].

use super::base64::{MIN_LEN, is_text, sextet};

/// The longest name of a scheme before a token: `Bearer eyJ`.
const LONGEST_SCHEME: usize = 10;

/// The header of a signed token, still in base64, if `value` is a token and its header has more than
/// plain words: a path, a quote, a white space within a word, or the word `none`.
pub(crate) fn header(value: &[u8]) -> Option<&[u8]> {
    let token = without_scheme(value);
    // `{"` or a brace and white space.
    if !matches!(token, [b'e', b'y' | b'w', ..]) {
        return None;
    }
    let end = memchr::memchr(b'.', token)?;
    let header = token.get(..end)?;
    (header.len() >= MIN_LEN && is_unusual(header)).then_some(header)
}

/// `value` without a word and a space at its start.
fn without_scheme(value: &[u8]) -> &[u8] {
    let head = value.get(..LONGEST_SCHEME).unwrap_or(value);
    match memchr::memchr(b' ', head) {
        Some(space) => value.get(space + 1..).unwrap_or_default(),
        None => value,
    }
}

/// Whether a text in base64 has a byte that the header of an ordinary token has not.
fn is_unusual(header: &[u8]) -> bool {
    let mut bits = 0u32;
    let mut count = 0u32;
    // The last four bytes of the text in lower case.
    let mut last = [0; 4];
    let mut is_unusual = false;
    for &byte in header {
        let Some(six) = sextet(byte) else {
            return false;
        };
        bits = bits << 6 | six;
        count += 6;
        if count < 8 {
            continue;
        }
        count -= 8;
        let decoded = (bits >> count & 0xff) as u8;
        if !is_text(decoded) {
            return false;
        }
        let [_, two, three, before] = last;
        is_unusual |= !is_usual(before, decoded);
        last = [two, three, before, decoded.to_ascii_lowercase()];
        is_unusual |= last == *b"none";
    }
    is_unusual
}

/// Whether `byte` is usual behind `before`: part of a word, or of a document's structure.
const fn is_usual(before: u8, byte: u8) -> bool {
    match byte {
        b'.' => before != b'.',
        b' ' | b'\r' | b'\n' => matches!(before, b':' | b',' | b'{' | b'"' | b' ' | b'\r' | b'\n'),
        _ => {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'-' | b'_' | b'"' | b':' | b',' | b'{' | b'}' | b'[' | b']'
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Normalizer;
    use super::*;
    use ::base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

    fn token(header: &str) -> String {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let (header, claims) = (encode(header), encode(r#"{"sub":"O'Brien; or 1=1"}"#));
        format!("{header}.{claims}.c2lnbmF0dXJl")
    }

    #[test]
    fn headers_of_plain_words_have_no_view() {
        for plain in [
            r#"{"alg":"HS256","typ":"JWT"}"#,
            "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
            r#"{ "alg": "RS256", "kid": "nOo3ZDrODXEK1jKWhXslHR_KXEg", "x5t": "a-b_c" }"#,
            r#"{"alg":"ES256","kid":"arn:aws:kms:eu-west-1:123:key","crit":["b64"],"b64":false}"#,
        ] {
            let token = token(plain);
            assert_eq!(header(token.as_bytes()), None, "{plain}");
        }
        for other in [
            "",
            "ey",
            "eyJhbGciOiJIUzI1NiJ9",
            "ey.ey.ey",
            "eyelids are. not tokens",
        ] {
            assert_eq!(header(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_header_that_says_more_is_a_view() {
        for text in [
            r#"{"alg":"HS256","kid":"../../dev/null"}"#,
            r#"{"alg":"HS256","kid":"x' union select 'key"}"#,
            r#"{"alg":"HS256","kid":"1 or 1"}"#,
            r#"{"alg":"HS256","kid":"..x"}"#,
            r#"{"alg":"nOnE"}"#,
            "{\n\"alg\":\"HS256\",\"jku\":\"http://x.test/k\"}",
            r#"{"alg":"HS256","kid":"\u002e"}"#,
        ] {
            let token = token(text);
            for value in [
                token.clone(),
                format!("Bearer {token}"),
                token.replace('.', "%2e"),
            ] {
                let mut normalizer = Normalizer::new();
                let views = normalizer.views(value.as_bytes());
                assert_eq!(views.wrapped, Some(text.as_bytes()), "{text} in {value}");
            }
        }
    }
}
