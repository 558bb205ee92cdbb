//! Splits a whole body: decompresses and transcodes it, and passes it to the parser for its type.
//!
//! The content type is chosen by the client. So each body is read as its content type says and also
//! as what it looks like, if a backend might ignore content types. If a reading is not strict, the
//! raw bytes are also passed on as text.

use super::charset::Charset;
use super::content_type::{ContentType, Kind};
use super::inflate::{Coding, inflate};
use super::multipart::Multipart;
use super::query::FORM;
use super::text::{self, Shape};
use super::{Carrier, Feed, Field, Halt, Malformed, Scratch, Sink, Unsupported, json, query, xml};
use std::mem;

/// A body and the headers that say how to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body<'a> {
    /// The value of `Content-Type`.
    pub content_type: Option<&'a [u8]>,
    /// The value of `Content-Encoding`.
    pub content_encoding: Option<&'a [u8]>,
    /// The bytes as they arrived.
    pub bytes: &'a [u8],
}

/// Splits a body. An empty body has no fields.
///
/// An uncompressed multipart body can also be split while it streams in, with [`Multipart`]; here
/// it is split as a whole. Only the caller knows whether `application/grpc` is possible for this
/// request; here it is read like any other data.
///
/// # Errors
///
/// [`Halt::Spent`] for each bound of [`Limits`](super::Limits), [`Halt::Malformed`] if backends
/// would read different data, [`Halt::Unsupported`] for unknown codings and character sets,
/// [`Halt::Stopped`] if the sink has seen enough.
pub fn split<S: Sink + ?Sized>(
    body: Body<'_>,
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    let content_type = ContentType::parse(body.content_type.unwrap_or_default());
    if body.bytes.is_empty() {
        return Ok(());
    }
    if content_type.ambiguous {
        return Err(Malformed::ContentType.into());
    }
    match Coding::parse(body.content_encoding.unwrap_or_default())? {
        Coding::Identity => plain(&content_type, body.bytes, scratch, feed),
        // Readable text labelled as compressed is meant for a backend that does not decompress.
        _ if text::is_text(body.bytes) => Err(Malformed::Compressed.into()),
        coding => {
            let mut inflated = mem::take(&mut scratch.inflated);
            // Data that was inflated before a fault is still split: an attack found there says more
            // than the fault.
            let end = inflate(coding, body.bytes, feed.limits(), &mut inflated);
            let split = plain(&content_type, &inflated, scratch, feed);
            scratch.inflated = inflated;
            end.and(split)
        }
    }
}

/// Splits a body that has no content coding.
fn plain<S: Sink + ?Sized>(
    content_type: &ContentType<'_>,
    bytes: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    if content_type.kind == Kind::Multipart {
        let mut multipart = Multipart::new(content_type)?;
        multipart.push(bytes, scratch, feed)?;
        return multipart.finish(scratch, feed);
    }
    let label = content_type.charset.map(Charset::named).transpose()?;
    // Percent escapes in a wide character set would have to be decoded twice. No browser sends such
    // a form; only evasions do.
    if content_type.kind == Kind::Form && label.is_some_and(|label| label != Charset::Ascii) {
        return Err(Unsupported::Charset.into());
    }
    let kind = match content_type.kind {
        Kind::Binary | Kind::Grpc if text::is_readable(bytes) => Kind::Text,
        Kind::Grpc => Kind::Binary,
        kind => kind,
    };
    split_as(kind, label, bytes, scratch, feed)
}

/// Splits bytes of this kind, in the character set detected from the bytes or else in the declared
/// one.
pub(super) fn split_as<S: Sink + ?Sized>(
    kind: Kind,
    label: Option<Charset>,
    bytes: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    let shown = match kind {
        Kind::Json | Kind::Xml | Kind::Text => Charset::detect(bytes)?,
        _ => None,
    };
    let charset = shown.or(label).unwrap_or(Charset::Ascii);
    if charset == Charset::Ascii {
        return read(kind, bytes, scratch, feed);
    }
    let mut transcoded = mem::take(&mut scratch.transcoded);
    charset.transcode(bytes, &mut transcoded);
    // A backend that assumes another character set reads the raw bytes.
    let split =
        read(kind, &transcoded, scratch, feed).and_then(|()| read(kind, bytes, scratch, feed));
    scratch.transcoded = transcoded;
    split
}

/// Splits a text of this kind, and also as anything else that it may be taken for.
fn read<S: Sink + ?Sized>(
    kind: Kind,
    bytes: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    let looks = text::looks_like(bytes);
    let shape = match kind {
        Kind::Json => json::split(bytes, scratch, feed)?,
        Kind::Xml => xml::split(bytes, scratch, feed)?,
        // `curl -d '{…}'` labels JSON as a form, and backends accept it.
        Kind::Form => {
            query::split(bytes, FORM, scratch, feed)?;
            if matches!(looks, Some(Kind::Json | Kind::Xml)) {
                Shape::Loose
            } else {
                Shape::Strict
            }
        }
        Kind::Binary => {
            return feed.hand(Field {
                carrier: Carrier::FileContent,
                name: b"",
                value: bytes.get(..feed.limits().file_head).unwrap_or(bytes),
            });
        }
        _ => Shape::Loose,
    };
    match (shape, looks) {
        (Shape::Strict, _) => Ok(()),
        (Shape::Loose, looks) if looks == Some(kind) => text::hand(bytes, feed),
        (Shape::Loose, _) => text::split(bytes, scratch, feed),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "inflate")]
    use super::super::Limits;
    use super::super::testing::*;
    use super::*;
    use proptest::prelude::*;

    fn got(content_type: &str, bytes: &[u8]) -> Got {
        coded(content_type, "", bytes)
    }

    fn coded(content_type: &str, coding: &str, bytes: &[u8]) -> Got {
        collect(|scratch, feed| {
            let body = Body {
                content_type: Some(content_type.as_bytes()),
                content_encoding: Some(coding.as_bytes()),
                bytes,
            };
            split(body, scratch, feed)
        })
    }

    const LABELS: &[&str] = &[
        "",
        "text/plain",
        "application/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "image/png",
        "application/x-protobuf",
        "nonsense",
        "text/html; charset=iso-8859-1",
    ];

    #[test]
    fn each_type_has_its_parser() {
        assert_eq!(
            got("application/json", br#"{"a":"\u0062"}"#).values(Carrier::JsonValue),
            ["b"]
        );
        assert_eq!(got("text/xml", b"<a>b</a>").values(Carrier::XmlText), ["b"]);
        assert_eq!(
            got("application/x-www-form-urlencoded", b"a=%62").values(Carrier::FormValue),
            ["b"]
        );
        assert_eq!(got("text/plain", b"b").values(Carrier::Text), ["b"]);
        let multipart = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n";
        assert_eq!(
            got("multipart/form-data; boundary=x", multipart).values(Carrier::PartValue),
            ["b"]
        );
    }

    #[test]
    fn a_document_in_pdf_is_a_file_although_it_begins_with_text() {
        let pdf = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj";
        let form = "%PDF-1.4=x&id=1";
        for label in ["application/pdf", "application/octet-stream"] {
            assert_eq!(
                got(label, pdf.as_bytes()).values(Carrier::FileContent),
                [pdf]
            );
            assert_eq!(got(label, form.as_bytes()).values(Carrier::Text), [form]);
        }
        assert_eq!(
            got("text/plain", pdf.as_bytes()).values(Carrier::Text),
            [pdf]
        );
    }

    #[test]
    fn a_strict_body_is_handed_on_once() {
        for (label, body) in [
            ("application/json", "{\"a\":1}"),
            ("text/xml", "<a/>"),
            ("application/x-www-form-urlencoded", "a=b"),
        ] {
            assert_eq!(
                got(label, body.as_bytes()).values(Carrier::Text),
                [""; 0],
                "{label}"
            );
        }
    }

    #[test]
    fn a_false_label_hides_nothing() {
        for label in LABELS {
            assert_eq!(
                got(label, br#"{"a":"\u0061ttack1marker"}"#).values(Carrier::JsonValue),
                ["attack1marker"],
                "{label}"
            );
            assert!(
                got(label, b"<a>&#97;ttack1marker</a>").has_marker(),
                "{label}"
            );
            assert!(
                got(label, b"x=1&y=%61ttack1marker").has_marker()
                    || label.contains("json")
                    || label.contains("xml"),
                "{label}"
            );
            assert!(
                got(label, b"some attack1marker, <'{[ or other").has_marker(),
                "{label}"
            );
        }
    }

    #[test]
    fn other_character_sets_are_read_in_both_ways() {
        for text in [
            "{\"a\":\"attack1marker\"}",
            "<?xml version='1.0' encoding='utf-16'?><a>attack1marker</a>",
            "attack1marker",
        ] {
            for label in [
                "application/json",
                "text/xml",
                "text/plain",
                "",
                "application/json; charset=utf-16le",
            ] {
                let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                assert!(got(label, &utf16).has_marker(), "{label} {text}");
                assert!(got(label, text.as_bytes()).has_marker(), "{label} {text}");
            }
        }
        assert_eq!(
            got("application/json; charset=ibm037", b"{}").end,
            Err(Unsupported::Charset.into())
        );
        assert_eq!(
            got("application/json; charset=utf-8; charset=utf-7", b"{}").end,
            Err(Malformed::ContentType.into())
        );
    }

    #[test]
    fn binary_files_are_looked_at_from_the_front() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0".to_vec();
        png.resize(100_000, 0xaa);
        assert_eq!(
            got("image/png", &png).fields,
            [seen(Carrier::FileContent, "", &png[..4096])]
        );
        assert_eq!(got("", &png).fields[0].value.len(), 100_000);
    }

    #[test]
    fn codings_are_known_or_refused() {
        assert_eq!(
            coded("text/plain", "zstd", b"x").end,
            Err(Unsupported::Coding.into())
        );
        assert_eq!(
            coded("application/json", "gzip", b"{\"a\":1}").end,
            Err(Malformed::Compressed.into())
        );
        assert_eq!(
            coded("text/plain", "identity", b"x").values(Carrier::Text),
            ["x"]
        );
    }

    #[cfg(feature = "inflate")]
    #[test]
    fn a_compressed_body_is_split_even_up_to_a_fault() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(br#"{"a":"attack1marker"}"#).unwrap();
        let gzip = gzip.finish().unwrap();
        let whole = coded("application/json", "gzip", &gzip);
        assert_eq!((whole.has_marker(), whole.end), (true, Ok(())));
        let cut = coded("application/json", "gzip", &gzip[..gzip.len() - 4]);
        assert_eq!(
            (cut.has_marker(), cut.end),
            (true, Err(Malformed::Compressed.into()))
        );
        let limits = Limits {
            inflated: 20,
            ..Limits::default()
        };
        let spent = collect_within(limits, |scratch, feed| {
            let body = Body {
                content_type: None,
                content_encoding: Some(b"gzip"),
                bytes: &gzip,
            };
            split(body, scratch, feed)
        });
        assert!(spent.is_spent());
    }

    proptest! {
        #[test]
        fn is_linear_and_never_panics(bytes in soup(b"{<a=\"'>&%[:\0\xff\xfe ,]}\r\n-x", 300), label in proptest::sample::select(LABELS)) {
            assert_linear(bytes.len() * 4, || drop(got(label, &bytes)));
        }
    }
}
