//! The path as the most lenient server behind the firewall would read it.

use super::decode::{ROUNDS, percent_decode};
use super::{Buffer, Target, TargetForm};

/// What was found while a path was normalised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathTraits(u8);

impl PathTraits {
    /// Something was percent-encoded.
    pub const ENCODED: Self = Self(1);
    /// An encoding hid a slash, a backslash or a dot segment.
    pub const HIDDEN_SEPARATOR: Self = Self(2);
    /// Dot segments climbed above the root.
    pub const CLIMBED: Self = Self(4);
    /// The path had a NUL byte.
    pub const NUL: Self = Self(8);
    /// The path was still encoded after the last round.
    pub const SPENT: Self = Self(16);
    /// The path had dot segments.
    pub const DOT_SEGMENTS: Self = Self(32);
    /// A router that uses the path as sent may see other segments than the normalised path has:
    /// something hid a separator, or there were dot segments, parameters, backslashes, empty
    /// segments or NULs. No honest link has any of these.
    pub const AMBIGUOUS: Self = Self(64);

    /// Whether all flags of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The traits that each make a path ambiguous.
    const HIDES: Self = Self(
        Self::HIDDEN_SEPARATOR.0
            | Self::CLIMBED.0
            | Self::NUL.0
            | Self::SPENT.0
            | Self::DOT_SEGMENTS.0,
    );

    const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// A decoded path, with `\` as `/`, dot segments resolved, and empty segments and `;parameters`
/// removed.
///
/// It begins with a slash. Letters keep their case; comparisons must fold it.
#[derive(Clone, Debug)]
pub struct NormalPath<'a> {
    bytes: PathBytes<'a>,
    traits: PathTraits,
}

// Boxing the buffer would need the allocation that it is meant to avoid.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
enum PathBytes<'a> {
    Borrowed(&'a [u8]),
    Owned(Buffer),
}

impl NormalPath<'_> {
    /// The normalised path.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.bytes {
            PathBytes::Borrowed(bytes) => bytes,
            PathBytes::Owned(bytes) => bytes,
        }
    }

    /// What was found while the path was normalised.
    pub const fn traits(&self) -> PathTraits {
        self.traits
    }

    /// The segments between slashes, none of them empty.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &[u8]> + Clone {
        self.as_bytes()
            .split(|byte| *byte == b'/')
            .filter(|segment| !segment.is_empty())
    }

    /// Whether the raw path was already normal and is borrowed.
    pub const fn is_borrowed(&self) -> bool {
        matches!(self.bytes, PathBytes::Borrowed(_))
    }
}

/// Normalises the path of a split request-target. Borrows the path if there is nothing to do.
///
/// ```
/// use aiwaf_core::normalize::{normalize_path, split_target};
/// let path = normalize_path(&split_target(b"/static/..%2f%2eenv;v=1?x"));
/// assert_eq!(path.as_bytes(), b"/.env");
/// ```
pub fn normalize_path<'a>(target: &Target<'a>) -> NormalPath<'a> {
    let raw = match target.form {
        TargetForm::Asterisk => b"/".as_slice(),
        _ if target.path.is_empty() => b"/",
        _ => target.path,
    };
    if is_normal(raw) {
        return NormalPath {
            bytes: PathBytes::Borrowed(raw),
            traits: PathTraits::default(),
        };
    }
    let (bytes, traits) = read(raw);
    NormalPath {
        bytes: PathBytes::Owned(bytes),
        traits,
    }
}

/// Decodes and resolves a path.
fn read(raw: &[u8]) -> (Buffer, PathTraits) {
    let mut traits = PathTraits::default();
    let decoded = decode_rounds(raw, &mut traits);
    let has_other_segments = decoded.iter().any(|byte| matches!(byte, b'\\' | b';'))
        || decoded.windows(2).any(|pair| pair == b"//")
        || decoded.first() != Some(&b'/');
    let bytes = resolve(&decoded, &mut traits);
    if has_other_segments || traits.has_any(PathTraits::HIDES) {
        traits.add(PathTraits::AMBIGUOUS);
    }
    (bytes, traits)
}

/// Whether resolving would change nothing. Takes one pass and does not decode.
///
/// There is no early exit, so that many bytes are processed at once. `/.well-known` takes the slow
/// path; it is rare, and the test oracle keeps both paths equal.
fn is_normal(raw: &[u8]) -> bool {
    let odd = |byte: u8| matches!(byte, b'%' | b'\\' | b';' | 0 | 0xc0 | 0xc1 | 0xe0 | 0xf0);
    let is_odd = raw.iter().fold(false, |all, byte| all | odd(*byte));
    let pairs = raw.iter().zip(raw.iter().skip(1));
    let dotted = pairs.fold(false, |all, (slash, byte)| {
        all | (*slash == b'/') & ((*byte == b'/') | (*byte == b'.'))
    });
    raw.first() == Some(&b'/') && !is_odd && !dotted
}

fn decode_rounds(raw: &[u8], traits: &mut PathTraits) -> Buffer {
    let mut current = Buffer::from_slice(raw);
    let mut next = Buffer::new();
    for _ in 0..ROUNDS {
        let separators = count_separators(&current);
        let is_decoded = percent_decode(&current, false, &mut next);
        // Removing NULs may create a new escape.
        let had_nuls = drop_nuls(&mut next);
        if had_nuls {
            traits.add(PathTraits::NUL);
        }
        if is_decoded {
            traits.add(PathTraits::ENCODED);
        }
        if !is_decoded && !had_nuls {
            return current;
        }
        if count_separators(&next) > separators {
            traits.add(PathTraits::HIDDEN_SEPARATOR);
        }
        std::mem::swap(&mut current, &mut next);
    }
    if percent_decode(&current, false, &mut next) {
        traits.add(PathTraits::SPENT);
    }
    current
}

fn drop_nuls(bytes: &mut Buffer) -> bool {
    let before = bytes.len();
    bytes.retain(|byte| *byte != 0);
    bytes.len() < before
}

/// Counts slashes, backslashes and dots, which an honest client has no reason to encode.
fn count_separators(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .filter(|byte| matches!(byte, b'/' | b'\\' | b'.'))
        .count()
}

/// Resolves separators, parameters and dot segments of a decoded path.
fn resolve(decoded: &[u8], traits: &mut PathTraits) -> Buffer {
    let mut out = Buffer::new();
    for segment in decoded.split(|byte| matches!(byte, b'/' | b'\\')) {
        let segment = segment
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default();
        match segment {
            b"" => {}
            b"." => traits.add(PathTraits::DOT_SEGMENTS),
            b".." => {
                traits.add(PathTraits::DOT_SEGMENTS);
                match out.iter().rposition(|byte| *byte == b'/') {
                    Some(parent) => out.truncate(parent),
                    None => traits.add(PathTraits::CLIMBED),
                }
            }
            kept => {
                out.push(b'/');
                out.extend_from_slice(kept);
            }
        }
    }
    let is_directory = decoded
        .last()
        .is_some_and(|byte| matches!(byte, b'/' | b'\\'));
    if out.is_empty() || is_directory {
        out.push(b'/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::split_target;
    use super::*;
    use proptest::prelude::*;

    fn normal(raw: &str) -> String {
        let path = normalize_path(&split_target(raw.as_bytes()));
        String::from_utf8_lossy(path.as_bytes()).into_owned()
    }

    #[test]
    fn one_path_has_one_normal_form() {
        for (raw, expected) in [
            ("/", "/"),
            ("", "/"),
            ("*", "/"),
            ("http://h", "/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("//a///b", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("/static/../.env", "/.env"),
            ("/static/..%2f.env", "/.env"),
            ("/static/..%252f.env", "/.env"),
            ("/static/..%25252f.env", "/.env"),
            ("/%2e%65nv", "/.env"),
            ("/a/..\\.git/config", "/.git/config"),
            ("/x.css/..;/y", "/y"),
            ("/x.css;/y", "/x.css/y"),
            ("/a;b=c/d", "/a/d"),
            ("/%c0%ae%c0%ae/x", "/x"),
            ("/a%00.png", "/a.png"),
            ("/..%00/x", "/x"),
            ("/100%", "/100%"),
            ("/caf%C3%A9", "/café"),
            ("/a%3Fb", "/a?b"),
            ("/.well-known/x", "/.well-known/x"),
            ("/../../x", "/x"),
            ("relative/x", "/relative/x"),
            ("/a/..", "/"),
        ] {
            assert_eq!(normal(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_nul_within_an_escape_hides_nothing() {
        assert_eq!(normal("/static/%2%00e%2%00e/.env"), "/.env");
        assert_eq!(normal("/x/%c0%00%ae%c0%00%ae/y"), "/y");
        assert_eq!(normal("/static/%2\0e./y"), "/y");
    }

    #[test]
    fn what_was_hidden_is_told() {
        let traits = |raw: &str| normalize_path(&split_target(raw.as_bytes())).traits();
        assert!(traits("/..%2f..%2fx").has(PathTraits::HIDDEN_SEPARATOR));
        assert!(traits("/../x").has(PathTraits::CLIMBED));
        assert!(traits("/a%00").has(PathTraits::NUL));
        assert!(traits("/%2525252541").has(PathTraits::SPENT));
        assert!(!traits("/%252541").has(PathTraits::SPENT));
        assert!(!traits("/a%20b").has(PathTraits::HIDDEN_SEPARATOR));
        for odd in [
            "/a/..%2fb",
            "/a%2fb",
            "/a/../b",
            "/a/./b",
            "/a//b",
            "//a",
            "/a;v=1/b",
            "/a\\b",
            "/a%5cb",
            "/a%00",
            "/%2525252541",
            "/..",
            "a/b",
        ] {
            assert!(traits(odd).has(PathTraits::AMBIGUOUS), "{odd}");
        }
        for plain in [
            "/",
            "",
            "/a/b/",
            "/a%20b",
            "/caf%C3%A9",
            "/.well-known/x",
            "/a.b",
            "/100%",
        ] {
            assert!(!traits(plain).has(PathTraits::AMBIGUOUS), "{plain}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_the_slow_one(raw in prop::collection::vec(
            prop::sample::select(b"/.%;\\ae2fF5c0\x00\xc0\xaf\xe9?".to_vec()), 0..40)) {
            let raw = [b"/".as_slice(), &raw].concat();
            let target = split_target(&raw);
            let (slow, traits) = read(target.path);
            let path = normalize_path(&target);
            prop_assert_eq!(path.as_bytes(), slow.as_slice());
            prop_assert_eq!(path.traits(), traits);
        }

        #[test]
        fn no_dot_segment_survives_a_budget_that_was_not_spent(raw: Vec<u8>) {
            let path = normalize_path(&split_target(&raw));
            prop_assert_eq!(path.as_bytes().first(), Some(&b'/'));
            prop_assert!(path.segments().all(|segment| segment != b".." && segment != b"."));
        }
    }
}
