//! Built-in probes: paths that scanners ask for and hardly any Rust service has.
//!
//! A probe matches at boundaries of the normalised path, so it never matches `/seashells` or
//! `/blog/php-tips`.

mod list;

use std::borrow::Cow;
use std::ops::Range;

use super::keywords::{KeywordError, Keywords};
use crate::carriers::find;

/// Where a probe's text must begin in a path to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the beginning of the path.
    Root,
    /// At the beginning of a segment.
    Segment,
    /// Within a segment, after at least one character.
    Within,
}

/// Where a probe's text must end in a path to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Anywhere: the segment may continue after the text.
    Anywhere,
    /// Before a character that is neither a letter nor a digit, or at the end.
    Word,
    /// Before a dot, or at the end of a segment.
    Name,
    /// At the end of a segment.
    Segment,
    /// Before the extension of an archive or a dump, which must end the segment.
    Archive,
}

/// Extensions of archives and dumps, with the dot.
const ARCHIVES: [&[u8]; 16] = [
    b".zip",
    b".tar",
    b".tar.gz",
    b".tgz",
    b".gz",
    b".rar",
    b".7z",
    b".bz2",
    b".tar.bz2",
    b".tbz2",
    b".xz",
    b".tar.xz",
    b".lz",
    b".zst",
    b".sql",
    b".jar",
];

/// One text that scanners ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The text, in lower case.
    pub text: &'static str,
    /// Where the text must begin.
    pub start: Start,
    /// Where the text must end.
    pub end: End,
}

/// Texts with the same start and end rules.
struct Group {
    start: Start,
    end: End,
    texts: &'static [&'static str],
}

/// Every built-in probe.
pub fn built_in_probes() -> impl Iterator<Item = Probe> {
    list::GROUPS.into_iter().flatten().flat_map(|group| {
        group.texts.iter().map(|text| Probe {
            text,
            start: group.start,
            end: group.end,
        })
    })
}

/// The compiled probes.
#[derive(Clone, Debug)]
pub struct Probes {
    /// The probes, sorted by the places of their heads.
    entries: Vec<Entry>,
    /// For each group of sixteen places, the index of its first entry in `entries`. The last
    /// element is the end of the last group.
    starts: Vec<u16>,
    /// One bit for each place that some head has. Few ordinary paths have a segment with such a
    /// place, and only those need a search.
    places: Box<[u64; PLACES / 64]>,
    /// Probes that are too short to have a place.
    short: Vec<Entry>,
    allowed: Keywords,
}

/// A probe and the head of its text.
#[derive(Clone, Copy, Debug)]
struct Entry {
    head: u64,
    /// Selects the bytes of `head` that the text has.
    mask: u64,
    probe: Probe,
}

/// How many first bytes of a text determine its place.
const PLACED: usize = 4;

/// How many places there are.
const PLACES: usize = 1 << 14;

/// How many places are in one group. A group contains about one probe.
const SHARE: usize = 16;

/// The first eight bytes of a text, with the lower-case bit set in each byte, and zeros for missing
/// bytes.
#[inline]
fn head(text: &[u8]) -> u64 {
    let bytes = match text.first_chunk::<8>() {
        Some(bytes) => *bytes,
        None => {
            let mut bytes = [0; 8];
            bytes
                .iter_mut()
                .zip(text)
                .for_each(|(slot, byte)| *slot = *byte);
            bytes
        }
    };
    u64::from_le_bytes(bytes) | u64::from_le_bytes([0x20; 8])
}

/// The place of a head.
const fn place(head: u64) -> usize {
    ((head as u32).wrapping_mul(0x9e37_79b1) >> 18) as usize
}

impl Entry {
    fn new(probe: Probe) -> Self {
        let bits = 8 * probe.text.len().min(8);
        let mask = u64::MAX.checked_shr(64 - bits as u32).unwrap_or_default();
        Self {
            head: head(probe.text.as_bytes()) & mask,
            mask,
            probe,
        }
    }

    /// Whether `text`, whose head is `head`, begins with the probe's text, ignoring case.
    #[inline]
    fn begins(&self, head: u64, text: &[u8]) -> bool {
        let probe = self.probe.text.as_bytes();
        head & self.mask == self.head
            && text
                .get(..probe.len())
                .is_some_and(|text| text.eq_ignore_ascii_case(probe))
    }
}

/// A probe found in a path, and the bytes of the segments that it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeHit {
    /// The probe's text.
    pub text: &'static str,
    /// The touched segments of the path, without the slash before them.
    pub segments: Range<usize>,
}

impl Probes {
    /// Compiles the built-in probes, except those that begin with an exempted text. No probe
    /// matches a segment with an allowed word.
    ///
    /// # Errors
    /// If there are too many allowed words.
    pub fn new(exempt: &[String], allowed_in_paths: &[String]) -> Result<Self, KeywordError> {
        let (mut entries, short): (Vec<Entry>, Vec<Entry>) = built_in_probes()
            .filter(|probe| !exempt.iter().any(|text| is_exempted(probe.text, text)))
            .map(Entry::new)
            .partition(|entry| entry.probe.text.len() >= PLACED);
        entries.sort_by_key(|entry| place(entry.head));
        let mut places = Box::new([0; PLACES / 64]);
        for at in entries.iter().map(|entry| place(entry.head)) {
            if let Some(word) = places.get_mut(at / 64) {
                *word |= 1 << (at % 64);
            }
        }
        let starts = (0..=PLACES / SHARE).map(|share| {
            let start = entries.partition_point(|entry| place(entry.head) < share * SHARE);
            u16::try_from(start).unwrap_or(u16::MAX)
        });
        Ok(Self {
            starts: starts.collect(),
            entries,
            places,
            short,
            allowed: Keywords::new(allowed_in_paths.iter().map(String::as_str))?,
        })
    }

    /// The path without the segments that contain an allowed word. Keywords do not match those
    /// segments either.
    pub fn without_allowed<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        if self.allowed.is_empty() {
            return Cow::Borrowed(path);
        }
        let is_allowed = |segment: &[u8]| self.allowed.find_in(segment).is_some();
        let segments = path.split(|byte| *byte == b'/');
        let kept: Vec<&[u8]> = segments
            .map(|segment| match is_allowed(segment) {
                true => b"".as_slice(),
                false => segment,
            })
            .collect();
        Cow::Owned(kept.join(&b'/'))
    }

    /// The first probe in a normalised path for which `counts` returns true, in the order in which
    /// the hits begin.
    pub fn find(&self, path: &[u8], mut counts: impl FnMut(&ProbeHit) -> bool) -> Option<ProbeHit> {
        for (start, _) in find::all_of([b'/', b'.', b'~'], path) {
            let rest = path.get(start..).unwrap_or_default();
            let head = head(rest);
            for entries in [self.placed(head), &self.short] {
                let found = entries
                    .iter()
                    .filter(|entry| entry.begins(head, rest))
                    .filter_map(|entry| self.hit(&entry.probe, path, start))
                    .find(&mut counts);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// The probe whose text stands at `start`, if it may begin and end there and no touched segment
    /// contains an allowed word.
    fn hit(&self, probe: &Probe, path: &[u8], start: usize) -> Option<ProbeHit> {
        let end = start + probe.text.len();
        let fits = begins_well(path, start, probe.start) && ends_well(path, end, probe.end);
        let segments = fits.then(|| touched(path, start..end))?;
        let is_allowed = !self.allowed.is_empty()
            && path
                .get(segments.clone())
                .is_some_and(|segments| self.allowed.find(segments).is_some());
        (!is_allowed).then_some(ProbeHit {
            text: probe.text,
            segments,
        })
    }

    /// The entries in the same group as this head, or none if no entry has its place.
    fn placed(&self, head: u64) -> &[Entry] {
        let at = place(head);
        let word = self.places.get(at / 64).copied().unwrap_or_default();
        if word >> (at % 64) & 1 == 0 {
            return &[];
        }
        match self.starts.get(at / SHARE..) {
            Some(&[start, end, ..]) => self
                .entries
                .get(usize::from(start)..usize::from(end))
                .unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Whether an exempted text is the probe's text or the beginning of it: `wp-` also exempts
/// `/wp-admin`.
fn is_exempted(probe: &str, exempt: &str) -> bool {
    let bare = |text: &'_ str| text.trim_start_matches('/').to_ascii_lowercase();
    !bare(exempt).is_empty() && bare(probe).starts_with(&bare(exempt))
}

fn begins_well(path: &[u8], start: usize, rule: Start) -> bool {
    match rule {
        Start::Root => start == 0,
        // The probe's text includes the slash.
        Start::Segment => true,
        Start::Within => start
            .checked_sub(1)
            .and_then(|before| path.get(before))
            .is_some_and(|before| *before != b'/'),
    }
}

fn ends_well(path: &[u8], end: usize, rule: End) -> bool {
    match (rule, path.get(end)) {
        (End::Archive, _) => is_archive(path.get(end..).unwrap_or_default()),
        (End::Anywhere, _) | (_, None | Some(b'/')) => true,
        (End::Word, Some(next)) => !next.is_ascii_alphanumeric(),
        (End::Name, Some(next)) => *next == b'.',
        (End::Segment, Some(_)) => false,
    }
}

/// Whether the text after a name is exactly an archive's extension.
fn is_archive(rest: &[u8]) -> bool {
    let rest = rest.strip_suffix(b"/").unwrap_or(rest);
    ARCHIVES
        .iter()
        .any(|known| rest.eq_ignore_ascii_case(known))
}

/// The segments that contain a hit.
fn touched(path: &[u8], hit: Range<usize>) -> Range<usize> {
    let is_slash = |byte: &u8| *byte == b'/';
    let from = if path.get(hit.start) == Some(&b'/') {
        hit.start + 1
    } else {
        path.get(..hit.start)
            .and_then(|before| before.iter().rposition(is_slash))
            .map_or(0, |at| at + 1)
    };
    // A text that ends with a slash covers only the segment before that slash.
    let last = hit.end.saturating_sub(usize::from(
        path.get(hit.end.wrapping_sub(1)) == Some(&b'/'),
    ));
    let to = path
        .get(last..)
        .and_then(|after| after.iter().position(is_slash))
        .map_or(path.len(), |at| last + at);
    from.min(to)..to
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hit(path: &str) -> Option<&'static str> {
        let probes = Probes::new(&[], &[]).unwrap();
        probes.find(path.as_bytes(), |_| true).map(|hit| hit.text)
    }

    fn all(probes: &Probes, path: &[u8]) -> Vec<ProbeHit> {
        let mut hits = Vec::new();
        probes.find(path, |hit| {
            hits.push(hit.clone());
            false
        });
        hits
    }

    #[test]
    fn scanners_paths_match() {
        for path in [
            "/.env",
            "/.ENV",
            "/.env.local",
            "/app/.env",
            "/wp-login.php",
            "/x/wp-admin/",
            "/.git/config",
            "/xmlrpc.php",
            "/index.php",
            "/index.php/x",
            "/backup.bak",
            "/shell",
            "/shell.jsp",
            "/filemanager/",
            "/actuator/env",
            "/.env/x.png",
            "/a.php5",
        ] {
            assert!(hit(path).is_some(), "{path}");
        }
    }

    #[test]
    fn ordinary_paths_do_not() {
        for path in [
            "/",
            "/seashells",
            "/blog/php-tips",
            "/environment",
            "/envoy",
            "/x.css",
            "/wp",
            "/shelley",
            "/nutshell",
            "/digital",
            "/.well-known/acme",
            "/a.phpx",
            "/git/config",
            "/actuators",
            "/backups",
        ] {
            assert_eq!(hit(path), None, "{path}");
        }
    }

    #[test]
    fn the_touched_segments_are_told() {
        let probes = Probes::new(&[], &[]).unwrap();
        let path = b"/a/wp-login.php/b";
        let hits = all(&probes, path);
        let segments: Vec<_> = hits.into_iter().map(|hit| &path[hit.segments]).collect();
        assert!(
            segments.iter().all(|segment| *segment == b"wp-login.php"),
            "{segments:?}"
        );
    }

    #[test]
    fn exempted_and_allowed_words_do_not_match() {
        let exempt = Probes::new(&[".php".to_owned()], &[]).unwrap();
        assert!(all(&exempt, b"/index.php").is_empty());
        let family = Probes::new(&["WP-".to_owned()], &[]).unwrap();
        assert!(all(&family, b"/wp-admin/").is_empty());
        assert!(!all(&family, b"/wp-login.php").is_empty());
        let allowed = Probes::new(&[], &["shell".to_owned()]).unwrap();
        assert!(all(&allowed, b"/shell").is_empty());
        assert!(!all(&allowed, b"/.env").is_empty());
    }

    #[test]
    fn every_probe_is_lower_case_and_unique() {
        let mut texts: Vec<_> = built_in_probes()
            .map(|probe| (probe.text, probe.end == End::Archive))
            .collect();
        texts.sort_unstable();
        for pair in texts.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for (text, _) in texts {
            assert_eq!(text, text.to_ascii_lowercase());
            assert!(text.starts_with(['/', '.', '~']), "{text}");
        }
    }

    proptest! {
        /// Compared with a search that tries every probe at every byte.
        #[test]
        fn no_probe_is_passed_over(
            parts in prop::collection::vec((0..built_in_probes().count(), "[/.~a-z]{0,3}", any::<bool>()), 1..4)
        ) {
            let path: String = parts
                .into_iter()
                .map(|(number, between, upper)| {
                    let text = built_in_probes().nth(number).map_or("", |probe| probe.text);
                    let text = if upper { text.to_uppercase() } else { text.to_owned() };
                    between + &text
                })
                .collect();
            let path = path.as_bytes();
            let mut wanted = Vec::new();
            for start in 0..path.len() {
                for probe in built_in_probes() {
                    let end = start + probe.text.len();
                    let stands = path.get(start..end).is_some_and(|text| {
                        text.to_ascii_lowercase() == probe.text.as_bytes()
                    });
                    if stands && begins_well(path, start, probe.start) && ends_well(path, end, probe.end) {
                        wanted.push((probe.text, touched(path, start..end)));
                    }
                }
            }
            let probes = Probes::new(&[], &[]).unwrap();
            let mut found: Vec<_> = all(&probes, path).into_iter().map(|hit| (hit.text, hit.segments)).collect();
            let order = |hit: &(&'static str, Range<usize>)| (hit.1.start, hit.1.end, hit.0);
            wanted.sort_by_key(order);
            found.sort_by_key(order);
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn ordinary_segments_need_no_search() {
        let probes = Probes::new(&[], &[]).unwrap();
        assert!(probes.placed(head(b"/catalogue/shirts")).is_empty());
        assert!(!probes.placed(head(b"/WP-login.php")).is_empty());
    }

    #[test]
    fn every_probe_matches_itself() {
        let probes = Probes::new(&[], &[]).unwrap();
        for probe in built_in_probes() {
            let path = match (probe.start, probe.end) {
                (_, End::Archive) => format!("{}.zip", probe.text),
                (Start::Within, _) => format!("/name{}", probe.text),
                _ => probe.text.to_owned(),
            };
            assert!(
                all(&probes, path.as_bytes())
                    .iter()
                    .any(|hit| hit.text == probe.text),
                "{path}"
            );
        }
    }
}
