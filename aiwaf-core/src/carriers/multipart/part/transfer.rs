//! How the content of a part is encoded.

use crate::carriers::{Unsupported, base64, percent};

/// `Content-Transfer-Encoding`. RFC 7578 has deprecated it, but some backends still decode it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    Plain,
    Base64,
    QuotedPrintable,
}

impl Transfer {
    /// The encoding with this name.
    pub(super) fn named(name: &[u8]) -> Result<Self, Unsupported> {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        match name {
            _ if is("binary") || is("8bit") || is("7bit") => Ok(Self::Plain),
            _ if is("base64") => Ok(Self::Base64),
            _ if is("quoted-printable") => Ok(Self::QuotedPrintable),
            _ => Err(Unsupported::TransferEncoding),
        }
    }

    /// Decodes into `out`. Returns false if there is nothing to decode.
    pub(super) fn undo(self, content: &[u8], out: &mut Vec<u8>) -> bool {
        match self {
            Self::Plain => false,
            Self::Base64 => base64::decode(content, out),
            Self::QuotedPrintable => {
                quoted_printable(content, out);
                true
            }
        }
    }
}

/// Decodes RFC 2045 section 6.7: `=XX` is a byte, and `=` at the end of a line joins it with the
/// next line.
fn quoted_printable(content: &[u8], out: &mut Vec<u8>) {
    let mut rest = content;
    loop {
        rest = match rest {
            [] => return,
            [b'=', b'\r', b'\n', tail @ ..] | [b'=', b'\n', tail @ ..] => tail,
            [b'=', high, low, tail @ ..]
                if let (Some(high), Some(low)) = (percent::hex(*high), percent::hex(*low)) =>
            {
                out.push(high << 4 | low);
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}
