//! Header lines that no honest client sends: malformed, repeated, contradictory, or far too many.

use super::HeaderFault;
use crate::headers::{Header, HeaderIndex, is_token};
use crate::request::Version;
use crate::settings::HeaderSettings;

/// Single-valued headers. A request that repeats one may try to make two readers each take a
/// different value.
const SINGLE_VALUED: [Header; 7] = [
    Header::Host,
    Header::UserAgent,
    Header::ContentType,
    Header::ContentLength,
    Header::Authorization,
    Header::Origin,
    Header::SecFetchSite,
];

/// How many characters of a malformed name are reported.
const NAME_SHOWN: usize = 64;

pub(super) fn fault(
    headers: &HeaderIndex<'_>,
    version: Version,
    settings: &HeaderSettings,
) -> Option<HeaderFault> {
    malformed(headers)
        .or_else(|| too_large(headers, settings))
        .or_else(|| repeated(headers))
        .or_else(|| contradictory(headers, version))
}

/// The first line whose name or value contains a forbidden byte.
fn malformed(headers: &HeaderIndex<'_>) -> Option<HeaderFault> {
    let mut lines = headers.lines().iter();
    let (name, reason) = if headers.has_odd_name() {
        let (name, _) = lines.find(|(name, _)| !is_token(name.as_bytes()))?;
        (name, "a character in its name that is not allowed there")
    } else {
        let (name, _) = lines.find(|(_, value)| has_control(value))?;
        (name, "a control character or a folded line in its value")
    };
    Some(HeaderFault::Malformed {
        name: name.chars().take(NAME_SHOWN).collect(),
        reason,
    })
}

/// Whether the value has a control character other than the tab.
fn has_control(value: &[u8]) -> bool {
    is_doubtful(value)
        && value
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

/// Whether the value has any control character, the tab included. The remainder behind the last
/// full block is read together with bytes before it, so only the shortest values are scanned byte
/// by byte.
fn is_doubtful(value: &[u8]) -> bool {
    if let Some(end) = value.last_chunk::<32>() {
        let (blocks, _) = value.as_chunks::<32>();
        return any_control(blocks.as_flattened()) | any_control(end);
    }
    if let (Some(start), Some(end)) = (value.first_chunk::<16>(), value.last_chunk::<16>()) {
        return any_control(start) | any_control(end);
    }
    if let (Some(start), Some(end)) = (value.first_chunk::<8>(), value.last_chunk::<8>()) {
        return any_control(start) | any_control(end);
    }
    any_control(value)
}

/// Has no early exit, so that the compiler can process many bytes at once.
#[inline(always)]
fn any_control(bytes: &[u8]) -> bool {
    let one = |byte: u8| u8::from((byte < 0x20) | (byte == 0x7f));
    bytes.iter().fold(0, |all, byte| all | one(*byte)) != 0
}

fn too_large(headers: &HeaderIndex<'_>, settings: &HeaderSettings) -> Option<HeaderFault> {
    let lines = headers.lines();
    // Each line's size on the wire includes a colon, a space and the line end.
    let bytes = lines
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum::<usize>();
    let agent = headers.get(Header::UserAgent).map_or(0, <[u8]>::len);
    [
        ("header lines", lines.len(), settings.max_count),
        ("bytes in the header lines", bytes, settings.max_bytes),
        ("bytes in the user agent", agent, settings.max_user_agent),
    ]
    .into_iter()
    .find(|(_, size, limit)| size > limit)
    .map(|(what, size, limit)| HeaderFault::TooLarge { what, size, limit })
}

fn repeated(headers: &HeaderIndex<'_>) -> Option<HeaderFault> {
    let header = SINGLE_VALUED
        .into_iter()
        .find(|header| headers.is_repeated(*header))?;
    Some(HeaderFault::Repeated {
        name: header.name(),
    })
}

/// Whether two readers could see the body end at different places (RFC 9112, section 6.3).
fn contradictory(headers: &HeaderIndex<'_>, version: Version) -> Option<HeaderFault> {
    let length = headers.get(Header::ContentLength);
    let coding = headers.get(Header::TransferEncoding);
    let reason = match (length, coding) {
        (None, None) => return None,
        (Some(_), Some(_)) => "both Content-Length and Transfer-Encoding",
        (Some(length), None) if is_length(length) => return None,
        (Some(_), None) => "a Content-Length that is not a number",
        (None, Some(_)) if version >= Version::Http2 || version <= Version::Http10 => {
            "a Transfer-Encoding, which this version of HTTP does not allow"
        }
        (None, Some(_)) if is_chunked(headers) => return None,
        (None, Some(_)) => "a Transfer-Encoding that does not end with chunked",
    };
    Some(HeaderFault::Framing { reason })
}

fn is_length(value: &[u8]) -> bool {
    let digits = value.trim_ascii();
    // Nineteen digits always fit in 64 bits.
    (1..=19).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// Whether `chunked` is the last coding over all lines and occurs only once.
fn is_chunked(headers: &HeaderIndex<'_>) -> bool {
    let mut codings = headers
        .all(Header::TransferEncoding)
        .flat_map(|line| line.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .rev();
    let is = |coding: &[u8], name: &str| coding.eq_ignore_ascii_case(name.as_bytes());
    codings.next().is_some_and(|last| is(last, "chunked"))
        && codings.all(|coding| {
            ["gzip", "x-gzip", "deflate", "compress"]
                .iter()
                .any(|name| is(coding, name))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(lines: &[(&str, &[u8])], version: Version) -> Option<&'static str> {
        let settings = HeaderSettings::default();
        fault(&HeaderIndex::new(lines), version, &settings).map(|fault| fault.code())
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let h1 = Version::Http11;
        let framing = Some("framing");
        for (length, coding, version, expected) in [
            (Some("5"), None, h1, None),
            (Some(" 0 "), None, h1, None),
            (None, Some("chunked"), h1, None),
            (None, Some("gzip, Chunked"), h1, None),
            (Some("5"), Some("chunked"), h1, framing),
            (Some("+5"), None, h1, framing),
            (Some("-1"), None, h1, framing),
            (Some("0x5"), None, h1, framing),
            (Some("5,5"), None, h1, framing),
            (Some("5 6"), None, h1, framing),
            (Some(""), None, h1, framing),
            (Some("99999999999999999999"), None, h1, framing),
            (None, Some("identity"), h1, framing),
            (None, Some("chunked, gzip"), h1, framing),
            (None, Some("chunked, chunked"), h1, framing),
            (None, Some("xchunked"), h1, framing),
            (None, Some("chunked;q=1"), h1, framing),
            (None, Some(""), h1, framing),
            (None, Some("chunked"), Version::Http2, framing),
            (None, Some("chunked"), Version::Http10, framing),
        ] {
            let lines: Vec<(&str, &[u8])> = length
                .map(|value| ("Content-Length", value.as_bytes()))
                .into_iter()
                .chain(coding.map(|value| ("transfer-encoding", value.as_bytes())))
                .collect();
            assert_eq!(code(&lines, version), expected, "{length:?} {coding:?}");
        }
        let two_lines: [(&str, &[u8]); 2] = [
            ("transfer-encoding", b"chunked"),
            ("transfer-encoding", b"gzip"),
        ];
        assert_eq!(code(&two_lines, h1), framing);
    }

    #[test]
    fn single_valued_headers_come_once_and_lists_may_go_on() {
        for name in [
            "Host",
            "content-length",
            "Content-Type",
            "Authorization",
            "USER-AGENT",
            "origin",
        ] {
            let lines: [(&str, &[u8]); 2] = [(name, b"1"), (name, b"1")];
            assert_eq!(
                code(&lines, Version::Http11),
                Some("repeated_header"),
                "{name}"
            );
        }
        for name in [
            "Accept",
            "Cookie",
            "X-Forwarded-For",
            "Via",
            "Cache-Control",
        ] {
            let lines: [(&str, &[u8]); 2] = [(name, b"1"), (name, b"2")];
            assert_eq!(code(&lines, Version::Http2), None, "{name}");
        }
    }

    #[test]
    fn control_bytes_and_folds_are_seen_at_every_position() {
        for length in 1..70 {
            for at in 0..length {
                for bad in [0, 7, b'\r', b'\n', 0x1f, 0x7f] {
                    let mut value = vec![b'a'; length];
                    value[at] = bad;
                    assert!(has_control(&value), "{bad} at {at} of {length}");
                }
            }
            assert!(!has_control(&vec![b'\t'; length]) && !has_control(&vec![0xe9; length]));
        }
        for name in [
            "",
            "x y",
            "transfer-encoding ",
            "a:b",
            "a\u{e9}",
            "(x)",
            "x\n",
        ] {
            let lines: [(&str, &[u8]); 1] = [(name, b"1")];
            assert_eq!(
                code(&lines, Version::Http11),
                Some("malformed_header"),
                "{name:?}"
            );
        }
        for name in ["X-Custom_Header.v2", "x", "!#$%&'*+-.^_`|~9Z"] {
            let lines: [(&str, &[u8]); 1] = [(name, b"1")];
            assert_eq!(code(&lines, Version::Http11), None, "{name:?}");
        }
    }

    #[test]
    fn a_control_character_is_found_wherever_it_stands() {
        for length in 0..70 {
            let value = vec![b'a'; length];
            assert!(!has_control(&value));
            for at in 0..length {
                for (byte, is_control) in [
                    (0, true),
                    (0x1f, true),
                    (0x7f, true),
                    (b'\t', false),
                    (b' ', false),
                    (0xff, false),
                ] {
                    let mut value = value.clone();
                    value[at] = byte;
                    assert_eq!(
                        has_control(&value),
                        is_control,
                        "{byte} at {at} of {length}"
                    );
                }
            }
        }
    }

    #[test]
    fn exactly_the_limit_is_allowed() {
        let settings = HeaderSettings::default();
        let fault = |lines: &[(&str, &[u8])]| {
            let fault = fault(&HeaderIndex::new(lines), Version::Http11, &settings);
            fault.map(|fault| fault.to_string())
        };
        let lines = |count: usize| vec![("x", b"y".as_slice()); count];
        assert_eq!(fault(&lines(100)), None);
        assert!(fault(&lines(101)).unwrap().contains("101"));
        let long = vec![b'a'; 65_536];
        let cookie = |length: usize| [("cookie", &long[..length])];
        assert_eq!(fault(&cookie(65_536 - 10)), None);
        assert!(fault(&cookie(65_536 - 9)).is_some());
        let agent = |length: usize| [("user-agent", &long[..length])];
        assert_eq!(fault(&agent(1024)), None);
        assert!(fault(&agent(1025)).is_some());
    }
}
