//! Links: `https://shop.example/list?page=2&next=https%3A%2F%2Fshop.example%2F#top`.
//!
//! The punctuation of a link raises signals in any other value, but it is harmless in a link. What
//! matters is where the link leads and what its parts hold. So the gate splits a link as a server
//! would and checks each part.

use smallvec::SmallVec;

use super::raw::{Text, decode};
use super::{Gate, may_part_commands};
use crate::carriers::cookies::is_plain;
use crate::carriers::find::split_once;
use crate::payload::field::Carrier;
use crate::payload::recognise::is_public_name;
use crate::payload::squeeze::holds_words;

/// How many links may be nested. Each is read once for every link around it.
const MAX_LAYERS: usize = 3;

/// A link split into its parts, none of them decoded.
struct Link<'a> {
    host: &'a [u8],
    path: &'a [u8],
    query: Option<&'a [u8]>,
    fragment: Option<&'a [u8]>,
}

impl<'a> Link<'a> {
    /// Whether the last byte before the fragment cannot begin an escape that continues with `#`:
    /// `&#x0`.
    fn ends_plainly(&self) -> bool {
        let last = self.query.unwrap_or(self.path).last();
        last.is_none_or(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'=' | b'-' | b'_')
        })
    }

    /// Splits a value that is a link.
    fn read(value: &'a [u8]) -> Option<Self> {
        let scheme = value.first_chunk::<4>()?;
        let rest = value.get(4..)?;
        let rest = rest.strip_prefix(b"s").unwrap_or(rest);
        let rest = rest.strip_prefix(b"://")?;
        if !scheme.eq_ignore_ascii_case(b"http") {
            return None;
        }
        let (rest, fragment) = split_once(b'#', rest);
        let (place, query) = split_once(b'?', rest);
        let slash = memchr::memchr(b'/', place).unwrap_or(place.len());
        let (host, path) = place.split_at_checked(slash)?;
        Some(Self {
            host,
            path,
            query,
            fragment,
        })
    }
}

impl Gate {
    /// Whether a value is a link to a public host whose parts are clean. Signatures are left to the
    /// caller, because one may span two parts.
    pub(in crate::payload) fn clean_link(&self, carrier: Carrier, value: &[u8]) -> bool {
        let is_value = !matches!(
            carrier,
            Carrier::Path
                | Carrier::PartHeader
                | Carrier::XmlDtd
                | Carrier::FileContent
                | Carrier::FileName
                | Carrier::Text
        );
        is_value && self.clean_link_within(carrier, value, 0)
    }

    fn clean_link_within(&self, carrier: Carrier, value: &[u8], layer: usize) -> bool {
        if layer == MAX_LAYERS {
            return false;
        }
        let Some(link) = Link::read(value) else {
            return false;
        };
        let is_clean = |part: &[u8]| part.is_empty() || self.clean_piece(carrier, part, layer);
        let query = link.query.unwrap_or_default();
        let fragment = link.fragment.unwrap_or_default();
        // If there are words before the `#`, it may begin a comment.
        let has_words = has_space(link.path) || has_space(query);
        let is_cut = link.fragment.is_some() && (has_words || !link.ends_plainly());
        is_public_host(link.host)
            && link.query.is_none_or(|query| !query.is_empty())
            && !may_part_commands(query)
            && !may_part_commands(fragment)
            && !is_cut
            // Some readers take what follows the `@` for the host.
            && query.first() != Some(&b'@')
            && fragment.first() != Some(&b'@')
            && self.clean_place(carrier, link.path)
            && is_clean(fragment)
            && query.split(|&byte| byte == b'&').all(|pair| {
                let (name, value) = split_once(b'=', pair);
                names_a_parameter(name) && is_clean(name) && is_clean(value.unwrap_or_default())
            })
    }

    /// Whether the path of a link is clean.
    fn clean_place(&self, carrier: Carrier, path: &[u8]) -> bool {
        let mut text = Text::new();
        matches!(path, b"" | b"/")
            || decode(path, b'+', &mut text)
                && stands_for_itself(&text)
                && self.clean_path(&text)
                && (carrier != Carrier::Header
                    || self.clean_header(text.get(1..).unwrap_or_default()))
    }

    /// Whether a name or value is clean once its escapes are decoded, or is a clean link.
    fn clean_piece(&self, carrier: Carrier, part: &[u8], layer: usize) -> bool {
        let mut text = Text::new();
        if !decode(part, b' ', &mut text) {
            return false;
        }
        for _ in 0..MAX_LAYERS {
            let is_clean = stands_for_itself(&text)
                && self.clean_value(&text)
                && (carrier != Carrier::Header || self.clean_header(&text));
            if is_clean || self.clean_link_within(carrier, &text, layer + 1) {
                return true;
            }
            // The part was escaped once more when it was put into the link.
            let mut inner = Text::new();
            if memchr::memchr(b'%', &text).is_none() || !decode(&text, b'+', &mut inner) {
                return false;
            }
            text = inner;
        }
        false
    }
}

/// Whether a part has white space, literal or escaped.
fn has_space(part: &[u8]) -> bool {
    memchr::memchr3(b' ', b'+', b'%', part).is_some()
}

/// Whether a part looks like the name of a parameter and is not a word that joins conditions.
fn names_a_parameter(name: &[u8]) -> bool {
    let joins = [b"and".as_slice(), b"or", b"xor"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word));
    let begins = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    name.first().is_none_or(begins) && !joins && is_plain(name)
}

/// Whether a part means the same with and without other parts beside it. Lone punctuation and a
/// control character mean nothing alone, a quote may combine with the character that follows, and a
/// question mark at the end of a link turns what a program appends into a comment.
fn stands_for_itself(part: &[u8]) -> bool {
    let is_odd = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'\'' | b'"');
    holds_words(part) && part.last() != Some(&b'?') && !part.iter().any(is_odd)
}

/// Whether a host is a name in the public network, with or without a port.
fn is_public_host(host: &[u8]) -> bool {
    let (name, port) = split_once(b':', host);
    let mut lower = SmallVec::<[u8; 64]>::from_slice(name);
    lower.make_ascii_lowercase();
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let top = lower
        .rsplit(|&byte| byte == b'.')
        .next()
        .unwrap_or_default();
    port.unwrap_or_default().iter().all(u8::is_ascii_digit)
        && lower.iter().all(is_letter)
        && top.len() > 1
        && top.len() < lower.len()
        && top.iter().all(u8::is_ascii_alphabetic)
        && is_public_name(&lower)
}
