//! Signed tokens (JWT, RFC 7519): `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`.
//!
//! The first of three parts is a document in base64 that says how the signature is to be checked. A
//! server reads it before it checks anything, and opens the file, the table or the URL that it
//! names as the key. So its text is a view of the value. The claims in the second part are not
//! read: most servers trust them only once the signature holds.
//!
//! Nearly every request to an API has a token, and nearly every header of a token is two or three
//! plain words. Those have no view: see [`header`].

use super::base64::{MAX_LEN, MIN_LEN, decode_by, is_text, sextet};

/// The longest name of a scheme before a token: `Bearer eyJ`, `access_token=eyJ`.
const LONGEST_SCHEME: usize = 24;

/// The names that say with what a signature is to be checked (RFC 7515, section 4.1).
const NAMES: [[u8; 5]; 5] = [
    *b"\"alg\"",
    *b"\"kid\"",
    *b"\"jku\"",
    *b"\"x5u\"",
    *b"\"jwk\"",
];

/// The header of a signed token, still in base64, if `value` is a token and its header has more than
/// plain words: a path, a quote, a white space within a word, or the word `none`.
#[inline]
pub(crate) fn header(value: &[u8]) -> Option<&[u8]> {
    // The first byte of a token or of a scheme. Most values have another one.
    let may_begin = |byte: &u8| {
        matches!(byte, b'e' | b'I' | b'C' | b'D')
            || matches!(byte | 0x20, b'b' | b't' | b'j' | b'd' | b'a')
    };
    value.first().filter(|byte| may_begin(byte))?;
    unusual_header(value)
}

fn unusual_header(value: &[u8]) -> Option<&[u8]> {
    let token = without_scheme(value)?;
    let end = memchr::memchr(b'.', token)?;
    let header = token.get(..end.min(MAX_LEN))?;
    (header.len() >= MIN_LEN && is_unusual(header)).then_some(header)
}

/// Whether base64 begins with a brace, or with white space and then a brace.
const fn begins(token: &[u8]) -> bool {
    matches!(
        token,
        [b'e', b'y' | b'w', ..]
            | [b'I', b'H' | b'C' | b'A', ..]
            | [b'C', b'n' | b'i' | b'g' | b'X' | b'S' | b'Q', ..]
            | [b'D', b'Q' | b'X', ..]
    )
}

/// `value` from its token, which may stand behind the name of a scheme.
fn without_scheme(value: &[u8]) -> Option<&[u8]> {
    if begins(value) {
        return Some(value);
    }
    // `Bearer`, `Token`, `JWT`, `DPoP`, `access_token=`, in any case.
    if !matches!(value.first()? | 0x20, b'b' | b't' | b'j' | b'd' | b'a') {
        return None;
    }
    let head = value.get(..LONGEST_SCHEME).unwrap_or(value);
    // In a raw query, a plus sign is a space.
    let parts = |byte: &u8| matches!(byte, b' ' | b'\t' | b'+' | b'=' | b':');
    let ends = head.iter().enumerate().filter(|(_, byte)| parts(byte));
    ends.filter_map(|(at, _)| value.get(at + 1..))
        .find(|rest| begins(rest))
}

/// Whether a text in base64 says how a signature is to be checked, and has a byte that the header of
/// an ordinary token has not.
fn is_unusual(header: &[u8]) -> bool {
    let mut bits = 0u32;
    let mut count = 0u32;
    // The last five bytes of the text in lower case.
    let mut last = [0; 5];
    let (mut is_unusual, mut is_token) = (false, false);
    for &byte in without_padding(header) {
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
        if !may_stand(decoded) {
            return false;
        }
        let [_, two, three, four, before] = last;
        is_unusual |= !is_usual(before, decoded);
        last = [two, three, four, before, decoded.to_ascii_lowercase()];
        is_unusual |= last.ends_with(b"none");
        // The name may be escaped.
        is_token |= NAMES.contains(&last) || decoded == b'\\';
    }
    is_unusual && is_token
}

/// Decodes the header of a token into `out`. Returns whether all of it is text.
pub(super) fn decode(header: &[u8], out: &mut Vec<u8>) -> bool {
    decode_by(without_padding(header), out, |byte, _| may_stand(byte))
}

/// The header without the signs that fill it up.
fn without_padding(header: &[u8]) -> &[u8] {
    match header {
        [rest @ .., b'=', b'='] | [rest @ .., b'='] => rest,
        _ => header,
    }
}

/// Whether a byte may stand in a document. In a token, text may be of any language.
const fn may_stand(byte: u8) -> bool {
    is_text(byte) || byte >= 0x80
}

/// Whether `byte` is usual behind `before`: part of a word, or of a document's structure.
const fn is_usual(before: u8, byte: u8) -> bool {
    match byte {
        b'.' => before != b'.',
        b' ' | b'\r' | b'\n' => {
            matches!(before, 0 | b':' | b',' | b'{' | b'"' | b' ' | b'\r' | b'\n')
        }
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
    use ::base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};

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
            // The session of a web framework, which is signed as a whole.
            r#"{"next":"http://127.0.0.1:5000/a?b=c","_flashes":"<a href='/'>"}"#,
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
            "Bearer x.y.z",
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
            r#"{"kid":"x' union select 'key' -- "}"#,
            r#"{"jku":"http://x.test/k"}"#,
            "{\n\"alg\":\"HS256\",\"jku\":\"http://x.test/k\"}",
            " {\"alg\":\"HS256\",\"kid\":\"a/b\"}",
            "\n{\"alg\":\"HS256\",\"kid\":\"a/b\"}",
            "\r\n{\"alg\":\"HS256\",\"kid\":\"a/b\"}",
            r#"{"alg":"HS256","x":"é","kid":"a/b"}"#,
            r#"{"\u0061lg":"HS256"}"#,
        ] {
            let token = token(text);
            let padded = format!("{}.e30.c2ln", BASE64_STANDARD.encode(text));
            for value in [
                token.clone(),
                format!("Bearer {token}"),
                format!("Bearer  {token}"),
                format!("access_token={token}"),
                token.replace('.', "%2e"),
                padded,
            ] {
                let mut normalizer = Normalizer::new();
                let views = normalizer.views(value.as_bytes());
                assert_eq!(views.wrapped, Some(text.as_bytes()), "{text} in {value}");
            }
        }
    }
}
