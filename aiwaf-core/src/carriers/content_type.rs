//! The media type of a body or a part.

use super::parameters;

/// How a body of some media type is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/…`.
    Multipart,
    /// JSON by its own name or by `+json`, JSON lines, and the policy reports that browsers send as
    /// JSON.
    Json,
    /// XML by its own name or by `+xml`.
    Xml,
    /// gRPC: frames, not a document. Only the request's head is inspected.
    Grpc,
    /// Pictures, sound, archives and other files.
    Binary,
    /// Text, an unknown type, or no type.
    Text,
}

/// A media type, parsed as lenient backends do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentType<'a> {
    /// How the body is read.
    pub kind: Kind,
    /// `charset`, without its quotes.
    pub charset: Option<&'a [u8]>,
    /// `boundary`, without its quotes, if all parsers read it the same way.
    pub boundary: Option<&'a [u8]>,
    /// Whether a parameter that determines how the body is read occurs twice or has an ambiguous
    /// end.
    pub ambiguous: bool,
}

impl<'a> ContentType<'a> {
    /// Parses a `Content-Type` value. Nothing is refused here: a type that cannot be parsed is
    /// [`Kind::Text`], which hides nothing.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Self {
        let (essence, parameters) = parameters::parse(value);
        let mut parsed = Self {
            kind: kind(essence),
            charset: None,
            boundary: None,
            // A list of types comes from several header lines joined into one.
            ambiguous: memchr::memchr(b',', essence).is_some(),
        };
        let mut boundaries = 0;
        for parameter in parameters {
            if parameter.is("charset") {
                parsed.ambiguous |= parameter.ambiguous
                    || parsed.charset.is_some_and(|first| first != parameter.value);
                parsed.charset = Some(parameter.value);
            } else if parameter
                .name
                .get(..8)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"boundary"))
            {
                boundaries += 1;
                let sound = parameter.is("boundary")
                    && !parameter.ambiguous
                    && boundaries == 1
                    && is_boundary(parameter.value, parameter.quoted);
                parsed.boundary = sound.then_some(parameter.value);
            }
        }
        parsed
    }
}

/// Whether all parsers agree on the boundary: it has the characters and length of RFC 2046 and no
/// separator outside quotes.
fn is_boundary(value: &[u8], quoted: bool) -> bool {
    (1..=70).contains(&value.len())
        && value.last() != Some(&b' ')
        && value.iter().all(|&byte| match byte {
            b' ' | b',' | b'(' | b')' | b'?' => quoted,
            b'\'' | b'+' | b'_' | b'-' | b'.' | b'/' | b':' | b'=' => true,
            _ => byte.is_ascii_alphanumeric(),
        })
}

/// The kind of an essence (`type/subtype`).
fn kind(essence: &[u8]) -> Kind {
    let is = |name: &str| essence.eq_ignore_ascii_case(name.as_bytes());
    let begins = |prefix: &str| {
        let head = essence.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let has = |word: &str| {
        essence
            .windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    match essence.first().map(u8::to_ascii_lowercase) {
        Some(b'a') if is("application/x-www-form-urlencoded") => Kind::Form,
        Some(b'm') if begins("multipart/") => Kind::Multipart,
        Some(b'a') if begins("application/grpc") && !begins("application/grpc-web") => Kind::Grpc,
        _ if has("json") || is("application/csp-report") => Kind::Json,
        _ if has("xml") && !has("officedocument") => Kind::Xml,
        Some(b'i') if begins("image/") => Kind::Binary,
        Some(b'a') if begins("audio/") => Kind::Binary,
        Some(b'v') if begins("video/") => Kind::Binary,
        Some(b'f') if begins("font/") => Kind::Binary,
        Some(b'm') if begins("model/") => Kind::Binary,
        Some(b'a') if has("officedocument") || has("opendocument") => Kind::Binary,
        Some(b'a') if BINARY.iter().any(|name| is(name)) => Kind::Binary,
        _ => Kind::Text,
    }
}

/// Types of files that are not text. Checking the beginning of such a file is worth more than
/// searching all of it.
const BINARY: &[&str] = &[
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "application/x-zip-compressed",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
    "application/x-7z-compressed",
    "application/x-bzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/zstd",
    "application/wasm",
    "application/vnd.rar",
    "application/x-rar",
    "application/x-rar-compressed",
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/epub+zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.ms-outlook",
    "application/vnd.ms-fontobject",
    "application/font-woff",
    "application/x-font-ttf",
    "application/postscript",
    "application/x-bittorrent",
    "application/dicom",
    "application/vnd.sqlite3",
    "application/x-sqlite3",
    "application/x-msdownload",
    "application/x-iso9660-image",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_kinds_whatever_the_spelling() {
        for (value, expected) in [
            (
                "application/x-www-form-urlencoded; charset=UTF-8",
                Kind::Form,
            ),
            ("Application/JSON", Kind::Json),
            ("application/vnd.api+json;v=1", Kind::Json),
            ("application/x-ndjson", Kind::Json),
            ("application/csp-report", Kind::Json),
            ("text/json", Kind::Json),
            ("application/json, text/plain", Kind::Json),
            (" text/xml", Kind::Xml),
            ("application/soap+xml", Kind::Xml),
            ("image/svg+xml", Kind::Xml),
            ("image/png", Kind::Binary),
            ("application/grpc+proto", Kind::Grpc),
            ("multipart/form-data; boundary=x", Kind::Multipart),
            ("", Kind::Text),
            ("nonsense", Kind::Text),
            ("application/x-protobuf", Kind::Text),
            ("application/vnd.oasis.opendocument.text", Kind::Binary),
            ("model/gltf-binary", Kind::Binary),
            ("model/gltf+json", Kind::Json),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                Kind::Binary,
            ),
        ] {
            assert_eq!(
                ContentType::parse(value.as_bytes()).kind,
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn a_boundary_is_taken_only_if_every_parser_takes_the_same() {
        let boundary = |parameters: &str| {
            let value = format!("multipart/form-data{parameters}");
            ContentType::parse(value.as_bytes())
                .boundary
                .map(<[u8]>::to_vec)
        };
        for sound in [
            "; boundary=a",
            "; BOUNDARY=\"a\"",
            ";x=y;  boundary = a ;",
            "; boundary=a; charset=utf-8",
        ] {
            assert_eq!(boundary(sound).as_deref(), Some(&b"a"[..]), "{sound}");
        }
        assert_eq!(
            boundary("; boundary=----=_Part_1.2").as_deref(),
            Some(&b"----=_Part_1.2"[..])
        );
        let long = format!("; boundary={}", "a".repeat(71));
        for odd in [
            "",
            "; boundary=",
            "; boundary=a; boundary=b",
            "; boundary=a; boundary=a",
            "; boundary=\"a",
            "; boundary*=utf-8''a",
            "; boundary*0=a",
            "; boundary=a; boundary*=b",
            "; boundary=a,b",
            "; boundary=\"a\\b\"",
            "; boundary=a b",
            "; boundary=\"a \"",
            "; boundary=\"a\"b",
            &long,
        ] {
            assert_eq!(boundary(odd), None, "{odd}");
        }
    }

    #[test]
    fn reports_what_stands_there_twice() {
        let ambiguous = |value: &str| ContentType::parse(value.as_bytes()).ambiguous;
        assert!(ambiguous("application/json; charset=utf-8; charset=utf-7"));
        assert!(ambiguous("application/json, application/xml"));
        assert!(!ambiguous("application/json; charset=\"utf-8\""));
        assert!(!ambiguous("text/html; charset=utf-8; charset=utf-8"));
    }
}
