//! The well-known header fields of a request, found in one pass over its lines.

use crate::request::HeaderPairs;

macro_rules! known_headers {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A header field that the engine knows by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        #[non_exhaustive]
        pub enum Header { $($variant),+ }

        impl Header {
            /// The number of known headers.
            pub const COUNT: usize = [$(Self::$variant),+].len();

            /// The field's name in lower case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// All known headers.
            const ALL: [Self; Self::COUNT] = [$(Self::$variant),+];
        }
    };
}

known_headers! {
    Via = "via",
    Host = "host",
    Accept = "accept",
    Cookie = "cookie",
    Origin = "origin",
    Expect = "expect",
    Referer = "referer",
    Upgrade = "upgrade",
    Forwarded = "forwarded",
    XRealIp = "x-real-ip",
    UserAgent = "user-agent",
    Connection = "connection",
    ContentType = "content-type",
    Authorization = "authorization",
    CacheControl = "cache-control",
    ContentLength = "content-length",
    SecFetchSite = "sec-fetch-site",
    SecFetchMode = "sec-fetch-mode",
    SecFetchDest = "sec-fetch-dest",
    SecFetchUser = "sec-fetch-user",
    XForwardedFor = "x-forwarded-for",
    AcceptLanguage = "accept-language",
    AcceptEncoding = "accept-encoding",
    CfConnectingIp = "cf-connecting-ip",
    XRequestedWith = "x-requested-with",
    ContentEncoding = "content-encoding",
    TransferEncoding = "transfer-encoding",
    AccessControlRequestMethod = "access-control-request-method",
}

/// The size of [`BY_PLACE`].
const PLACES: usize = 64;

/// For each [`place`], the number of the header with that name, plus one.
// The loop ends where the tables do.
#[allow(clippy::indexing_slicing)]
const BY_PLACE: [u8; PLACES] = {
    let mut table = [0; PLACES];
    let mut at = 0;
    while at < Header::COUNT {
        let at_name = place(Header::ALL[at].name().as_bytes());
        assert!(
            table[at_name] == 0,
            "two headers in one place: mix the bytes another way"
        );
        at += 1;
        table[at_name] = at as u8;
    }
    table
};

/// A place for a name, ignoring case, that no two known names share. It is computed from the name's
/// length and three of its bytes.
#[inline]
const fn place(name: &[u8]) -> usize {
    let (Some(first), [.., third, _, last]) = (name.first(), name) else {
        return 0;
    };
    let (first, third, last) = (*first | 0x20, *third | 0x20, *last | 0x20);
    let mixed = 3 * (name.len() + first as usize + last as usize) + 11 * third as usize;
    mixed % PLACES
}

impl Header {
    /// The header with this name, ignoring case.
    #[inline]
    pub fn from_name(name: &str) -> Option<Self> {
        let number = usize::from(*BY_PLACE.get(place(name.as_bytes()))?);
        let header = *Self::ALL.get(number.checked_sub(1)?)?;
        let known = header.name().as_bytes();
        (known.len() == name.len() && is_lower_case_of(known, name.as_bytes())).then_some(header)
    }
}

/// Whether `lower` is `name` in lower case. Both have the same length, and `lower` consists of
/// letters, digits and dashes.
#[inline]
fn is_lower_case_of(lower: &[u8], name: &[u8]) -> bool {
    // The words overlap if the length is not a multiple of eight.
    if let (Some(known), Some(given)) = (lower.last_chunk::<8>(), name.last_chunk::<8>()) {
        let words = lower.as_chunks::<8>().0.iter().zip(name.as_chunks::<8>().0);
        return differs(*known, *given) == 0
            && words.fold(0, |all, (known, given)| all | differs(*known, *given)) == 0;
    }
    match (halves(lower), halves(name)) {
        (Some(known), Some(given)) => differs(known, given) == 0,
        _ => lower.eq_ignore_ascii_case(name),
    }
}

/// The first four and the last four bytes. They overlap in a name of fewer than eight bytes.
#[inline]
fn halves(name: &[u8]) -> Option<[u8; 8]> {
    let (first, last) = (name.first_chunk::<4>()?, name.last_chunk::<4>()?);
    let (first, last) = (u32::from_ne_bytes(*first), u32::from_ne_bytes(*last));
    Some((u64::from(first) << 32 | u64::from(last)).to_ne_bytes())
}

/// The bits in which eight bytes differ from those of a lower-case name. In a letter, the case bit
/// is ignored.
#[inline]
const fn differs(lower: [u8; 8], given: [u8; 8]) -> u64 {
    const LETTER: u64 = u64::from_ne_bytes([0x40; 8]);
    let (lower, given) = (u64::from_ne_bytes(lower), u64::from_ne_bytes(given));
    (lower ^ given) & !((lower & LETTER) >> 1)
}

/// The first value of each well-known header, and which headers occur more than once.
#[derive(Clone, Copy, Debug)]
pub struct HeaderIndex<'a> {
    lines: &'a HeaderPairs<'a>,
    first: [Option<&'a [u8]>; Header::COUNT],
    repeated: u32,
    has_odd_name: bool,
    /// The header number of each of the first lines, plus one.
    kinds: [u8; KINDS],
}

/// For how many lines the header number is remembered.
const KINDS: usize = 32;

/// The bytes allowed in names (RFC 9110, section 5.6.2).
// The loop ends where the table does.
#[allow(clippy::indexing_slicing)]
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric()
            || matches!(byte as u8, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        byte += 1;
    }
    table
};

/// Whether this is a valid header name.
pub(crate) fn is_token(name: &[u8]) -> bool {
    let good = |byte: &u8| TOKEN.get(usize::from(*byte)).copied().unwrap_or_default();
    !name.is_empty() && (is_plain(name) || name.iter().all(good))
}

/// Whether a name consists only of letters, digits, `-` and `_`, as nearly all do. No attack
/// language can be written with these alone.
pub(crate) fn is_plain(name: &[u8]) -> bool {
    // Has no early exit, so that the compiler can process many bytes at once.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_');
    name.iter().fold(true, |all, byte| all & plain(*byte))
}

impl<'a> HeaderIndex<'a> {
    /// Builds the index in one pass over the lines.
    pub fn new(lines: &'a HeaderPairs<'a>) -> Self {
        let mut index = Self {
            lines,
            first: [None; Header::COUNT],
            repeated: 0,
            has_odd_name: false,
            kinds: [0; KINDS],
        };
        for (at, (name, value)) in lines.iter().enumerate() {
            let Some(header) = Header::from_name(name) else {
                index.has_odd_name |= !is_token(name.as_bytes());
                continue;
            };
            if let Some(kind) = index.kinds.get_mut(at) {
                *kind = header as u8 + 1;
            }
            if let Some(slot) = index.first.get_mut(header as usize) {
                match slot {
                    None => *slot = Some(value),
                    Some(_) => index.repeated |= 1 << header as u32,
                }
            }
        }
        index
    }

    /// The header's first value, as bytes.
    pub fn get(&self, header: Header) -> Option<&'a [u8]> {
        self.first.get(header as usize).copied().flatten()
    }

    /// The header's first value, if it is valid UTF-8.
    pub fn text(&self, header: Header) -> Option<&'a str> {
        self.get(header)
            .and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Whether the header is present and not blank.
    pub fn has(&self, header: Header) -> bool {
        self.get(header)
            .is_some_and(|value| !value.trim_ascii().is_empty())
    }

    /// Whether the header occurs on more than one line.
    pub const fn is_repeated(&self, header: Header) -> bool {
        self.repeated & 1 << header as u32 != 0
    }

    /// Whether some line's name is invalid: empty, or with bytes that are not allowed in names.
    pub const fn has_odd_name(&self) -> bool {
        self.has_odd_name
    }

    /// Every value of the header, in the order received.
    pub fn all(&self, header: Header) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a> {
        self.lines
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(header.name()))
            .map(|(_, value)| *value)
    }

    /// The well-known header on the line with this index, if it is one.
    pub(crate) fn kind(&self, at: usize) -> Option<Header> {
        match self.kinds.get(at) {
            Some(kind) => Header::ALL.get(usize::from(*kind).checked_sub(1)?).copied(),
            None => self
                .lines
                .get(at)
                .and_then(|(name, _)| Header::from_name(name)),
        }
    }

    /// All lines.
    pub const fn lines(&self) -> &'a HeaderPairs<'a> {
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_repeats_are_seen() {
        let lines: [(&str, &[u8]); 4] = [
            ("HOST", b"a"),
            ("X-Forwarded-For", b"1.1.1.1"),
            ("x-forwarded-for", b"2.2.2.2"),
            ("x-other", b"z"),
        ];
        let index = HeaderIndex::new(&lines);
        assert_eq!(index.text(Header::Host), Some("a"));
        assert!(index.is_repeated(Header::XForwardedFor));
        assert!(!index.is_repeated(Header::Host));
        let hops: Vec<_> = index.all(Header::XForwardedFor).collect();
        assert_eq!(hops, [b"1.1.1.1".as_slice(), b"2.2.2.2"]);
    }

    #[test]
    fn the_index_has_room_for_every_repeat_bit() {
        const { assert!(Header::COUNT <= 32) }
        for name in [
            "Access-Control-Request-Method",
            "HOST",
            "x-requested-with",
            "X-Forwarded-For",
        ] {
            let header = Header::from_name(name).unwrap();
            assert!(header.name().eq_ignore_ascii_case(name));
        }
        assert_eq!(Header::from_name(&"X".repeat(100)), None);
        for header in Header::ALL {
            let name = header.name();
            assert_eq!(Header::from_name(name), Some(header));
            assert_eq!(Header::from_name(&name.to_uppercase()), Some(header));
            // A name with one different bit is a different name, unless the bit is a letter's case.
            for at in 0..name.len() {
                for bit in (0..7).map(|bit| 1 << bit) {
                    let mut other = name.as_bytes().to_vec();
                    other[at] ^= bit;
                    let same = other.eq_ignore_ascii_case(name.as_bytes());
                    let found = Header::from_name(str::from_utf8(&other).unwrap());
                    assert_eq!(found == Some(header), same, "{other:?}");
                }
            }
        }
    }
}
