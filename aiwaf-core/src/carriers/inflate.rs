//! `Content-Encoding`: inflates a body within limits before it is split.
//!
//! With the feature `inflate`, gzip, deflate (with and without its zlib wrapper) and br are
//! supported. Without it, and for any other coding, the result is [`Unsupported::Coding`]. A body
//! that does not match its coding is [`Malformed::Compressed`](super::Malformed::Compressed),
//! because a backend that ignores the header would read it as it is.

use super::{Halt, Limits, Unsupported};

/// The coding that `Content-Encoding` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Coding {
    /// Nothing is compressed.
    Identity,
    /// `gzip`, `x-gzip`.
    Gzip,
    /// `deflate`.
    Deflate,
    /// `br`.
    Brotli,
}

impl Coding {
    /// Parses the header's value (all lines joined with commas).
    ///
    /// # Errors
    ///
    /// [`Unsupported::Coding`] for an unknown coding, and for more than one: no client of a web
    /// service compresses twice.
    pub fn parse(value: &[u8]) -> Result<Self, Unsupported> {
        let mut coding = Self::Identity;
        for name in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
            let next = match name {
                b"" => continue,
                _ if is("identity") => continue,
                _ if is("gzip") || is("x-gzip") => Self::Gzip,
                _ if is("deflate") => Self::Deflate,
                _ if is("br") => Self::Brotli,
                _ => return Err(Unsupported::Coding),
            };
            if coding != Self::Identity {
                return Err(Unsupported::Coding);
            }
            coding = next;
        }
        Ok(coding)
    }
}

/// Inflates `body` into `out`. After a fault, `out` contains what was inflated before it.
///
/// # Errors
///
/// [`Spent::Inflated`](super::Spent::Inflated) beyond [`Limits::inflated`] or
/// [`Limits::inflate_ratio`], [`Malformed::Compressed`](super::Malformed::Compressed) if the body
/// is truncated, corrupt, or followed by other data, [`Unsupported::Coding`] without the feature
/// `inflate`.
pub fn inflate(
    coding: Coding,
    body: &[u8],
    limits: &Limits,
    out: &mut Vec<u8>,
) -> Result<(), Halt> {
    out.clear();
    let ratio = body
        .len()
        .saturating_mul(limits.inflate_ratio)
        .saturating_add(64 << 10);
    let bound = limits.inflated.min(ratio);
    match coding {
        Coding::Identity => {
            out.extend_from_slice(body);
            Ok(())
        }
        _ => decoders::inflate(coding, body, bound, out),
    }
}

#[cfg(feature = "inflate")]
mod decoders {
    use super::super::{Malformed, Spent};
    use super::{Coding, Halt};
    use std::io::{BufRead, Read};

    pub(super) fn inflate(
        coding: Coding,
        body: &[u8],
        bound: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Halt> {
        match coding {
            Coding::Gzip => drain(flate2::bufread::MultiGzDecoder::new(body), bound, out),
            Coding::Deflate if is_zlib(body) => {
                let mut decoder = flate2::bufread::ZlibDecoder::new(body);
                drain(&mut decoder, bound, out)?;
                at_end(decoder.into_inner())
            }
            Coding::Deflate => {
                let mut decoder = flate2::bufread::DeflateDecoder::new(body);
                drain(&mut decoder, bound, out)?;
                at_end(decoder.into_inner())
            }
            _ => drain(
                brotli_decompressor::Decompressor::new(body, 4096),
                bound,
                out,
            ),
        }
    }

    /// Reads a decoder to its end, but not beyond the limit.
    fn drain(decoder: impl Read, bound: usize, out: &mut Vec<u8>) -> Result<(), Halt> {
        let read = decoder.take(bound as u64 + 1).read_to_end(out);
        if out.len() > bound {
            return Err(Spent::Inflated(bound).into());
        }
        read.map(drop).map_err(|_| Malformed::Compressed.into())
    }

    /// Rejects data after the end of the stream. Backends would ignore it or read it as something
    /// else.
    fn at_end(mut rest: impl BufRead) -> Result<(), Halt> {
        match rest.fill_buf() {
            Ok([]) => Ok(()),
            _ => Err(Malformed::Compressed.into()),
        }
    }

    /// Whether the first two bytes are a zlib header (RFC 1950). Clients send `deflate` with and
    /// without one.
    fn is_zlib(body: &[u8]) -> bool {
        match body {
            &[method, flags, ..] => {
                method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0
            }
            _ => false,
        }
    }
}

#[cfg(not(feature = "inflate"))]
mod decoders {
    use super::{Coding, Halt, Unsupported};

    pub(super) fn inflate(_: Coding, _: &[u8], _: usize, _: &mut Vec<u8>) -> Result<(), Halt> {
        Err(Unsupported::Coding.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_one_coding_and_refuses_the_rest() {
        assert_eq!(Coding::parse(b""), Ok(Coding::Identity));
        assert_eq!(Coding::parse(b"identity, GZIP"), Ok(Coding::Gzip));
        assert_eq!(Coding::parse(b"br"), Ok(Coding::Brotli));
        for value in ["zstd", "gzip, gzip", "compress", "br;q=1", "gzip\0"] {
            assert_eq!(
                Coding::parse(value.as_bytes()),
                Err(Unsupported::Coding),
                "{value}"
            );
        }
    }

    #[cfg(feature = "inflate")]
    mod with_decoders {
        use super::super::super::{Malformed, Spent};
        use super::super::*;
        use flate2::Compression;
        use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
        use proptest::prelude::*;
        use std::io::Write;

        fn gzip(text: &[u8]) -> Vec<u8> {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }

        fn inflated(coding: Coding, body: &[u8]) -> (Result<(), Halt>, Vec<u8>) {
            let mut out = Vec::new();
            (inflate(coding, body, &Limits::default(), &mut out), out)
        }

        #[test]
        fn undoes_each_coding() {
            let text = b"the quick brown fox ".repeat(50);
            let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
            zlib.write_all(&text).unwrap();
            let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
            raw.write_all(&text).unwrap();
            assert_eq!(inflated(Coding::Gzip, &gzip(&text)), (Ok(()), text.clone()));
            assert_eq!(
                inflated(Coding::Deflate, &zlib.finish().unwrap()),
                (Ok(()), text.clone())
            );
            assert_eq!(
                inflated(Coding::Deflate, &raw.finish().unwrap()),
                (Ok(()), text)
            );
            // The output of `printf hello | brotli`. No dependency has a brotli encoder.
            assert_eq!(
                inflated(Coding::Brotli, b"\x0b\x02\x80hello\x03"),
                (Ok(()), b"hello".to_vec())
            );
        }

        #[test]
        fn members_of_a_gzip_file_are_all_read() {
            let two = [gzip(b"one "), gzip(b"two")].concat();
            assert_eq!(inflated(Coding::Gzip, &two), (Ok(()), b"one two".to_vec()));
        }

        #[test]
        fn bounds_hold_to_the_byte() {
            let limits = Limits {
                inflated: 1000,
                ..Limits::default()
            };
            for size in [999, 1000, 1001, 10_000] {
                let end = inflate(
                    Coding::Gzip,
                    &gzip(&vec![b'a'; size]),
                    &limits,
                    &mut Vec::new(),
                );
                assert_eq!(end.is_ok(), size <= 1000);
                assert!(end.is_ok() || end == Err(Spent::Inflated(1000).into()));
            }
            let bomb = gzip(&vec![0; 1 << 20]);
            assert!(
                matches!(inflated(Coding::Gzip, &bomb).0, Err(Halt::Spent(Spent::Inflated(bound))) if bound < 1 << 18)
            );
        }

        #[test]
        fn a_body_that_is_not_what_it_says_is_malformed() {
            let whole = gzip(b"some text that is cut");
            let wrong = Err(Malformed::Compressed.into());
            assert_eq!(inflated(Coding::Gzip, b"{\"a\":1}").0, wrong);
            assert_eq!(inflated(Coding::Gzip, &whole[..whole.len() - 9]).0, wrong);
            assert_eq!(
                inflated(Coding::Gzip, &[&whole[..], b"tail"].concat()).0,
                wrong
            );
            assert_eq!(inflated(Coding::Deflate, b"\x03\0tail").0, wrong);
            assert_eq!(inflated(Coding::Gzip, b"").0, wrong);
        }

        proptest! {
            #[test]
            fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
                for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli] {
                    let _ = inflated(coding, &body);
                }
            }
        }
    }
}
