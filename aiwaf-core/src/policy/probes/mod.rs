//! Built-in probes: what scanners ask for and hardly any Rust service has.
//!
//! A probe matches on path boundaries of the normalised path, so `/seashells` and `/blog/php-tips` never do.

mod list;

use std::ops::Range;

use super::keywords::{KeywordError, Keywords};

/// Where a probe's text must begin to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the beginning of the path.
    Root,
    /// At the beginning of a segment.
    Segment,
    /// Within a segment, behind at least one character.
    Within,
}

/// Where a probe's text must end to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Anywhere: the text is the beginning of a segment.
    Anywhere,
    /// Before something that is neither letter nor digit, or at the end.
    Word,
    /// Before a dot, or at the end of a segment.
    Name,
    /// At the end of a segment.
    Segment,
    /// Before the extension of an archive or a dump, which ends the segment.
    Archive,
}

/// What archives and dumps are called, with the dot.
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
    /// Where it must begin.
    pub start: Start,
    /// Where it must end.
    pub end: End,
}

/// Texts that begin and end alike.
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
    /// In the order of the places of their beginnings.
    probes: Vec<Probe>,
    /// Where in `probes` those of each sixteen places begin, and where the last ones end.
    starts: Vec<u16>,
    /// A bit for the place of each beginning. Few ordinary paths have a segment with one, and no other needs a search.
    beginnings: Box<[u64; PLACES / 64]>,
    /// Those that are too short to have one.
    short: Vec<Probe>,
    allowed: Keywords,
}

/// The sign that a probe's text begins with and the three bytes behind it, in lower case.
type Beginning = [u8; 4];

/// How many places there are for beginnings.
const PLACES: usize = 1 << 14;

/// How many of them share a start: about one probe has them.
const SHARE: usize = 16;

/// The place of a beginning.
const fn place(beginning: Beginning) -> usize {
    (u32::from_le_bytes(beginning).wrapping_mul(0x9e37_79b1) >> 18) as usize
}

fn beginning(text: &[u8]) -> Option<Beginning> {
    let first = text.first_chunk::<4>()?;
    Some(first.map(|byte| byte.to_ascii_lowercase()))
}

/// A probe found in a path: which one, and the bytes of the segments it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeHit {
    /// The probe's text.
    pub text: &'static str,
    /// The touched segments in the path, without the slash before them.
    pub segments: Range<usize>,
}

impl Probes {
    /// Compiles the built-in probes but for those that begin with an exempted text. A segment with an allowed word matches none.
    ///
    /// # Errors
    /// If the allowed words would be too many.
    pub fn new(exempt: &[String], allowed_in_paths: &[String]) -> Result<Self, KeywordError> {
        let (mut probes, short): (Vec<Probe>, Vec<Probe>) = built_in_probes()
            .filter(|probe| !exempt.iter().any(|text| is_exempted(probe.text, text)))
            .partition(|probe| beginning(probe.text.as_bytes()).is_some());
        let place_of = |probe: &Probe| beginning(probe.text.as_bytes()).map_or(0, place);
        probes.sort_by_key(place_of);
        let mut beginnings = Box::new([0; PLACES / 64]);
        for at in probes.iter().map(place_of) {
            if let Some(word) = beginnings.get_mut(at / 64) {
                *word |= 1 << (at % 64);
            }
        }
        let starts = (0..=PLACES / SHARE).map(|share| {
            let start = probes.partition_point(|probe| place_of(probe) < share * SHARE);
            u16::try_from(start).unwrap_or(u16::MAX)
        });
        Ok(Self {
            starts: starts.collect(),
            probes,
            short,
            beginnings,
            allowed: Keywords::new(allowed_in_paths.iter().map(String::as_str))?,
        })
    }

    /// Every probe in a normalised path, in the order in which they begin.
    pub fn find<'p>(&'p self, path: &'p [u8]) -> impl Iterator<Item = ProbeHit> + 'p {
        memchr::memchr3_iter(b'/', b'.', b'~', path)
            .flat_map(move |start| {
                let rest = path.get(start..).unwrap_or_default();
                let probes = self.that_may_begin(rest).iter().chain(&self.short);
                probes
                    .filter(|probe| begins_with(rest, probe.text))
                    .map(move |probe| (probe, start..start + probe.text.len()))
            })
            .filter(|(probe, hit)| {
                begins_well(path, hit.start, probe.start) && ends_well(path, hit.end, probe.end)
            })
            .map(|(probe, hit)| ProbeHit {
                text: probe.text,
                segments: touched(path, hit),
            })
            .filter(move |hit| {
                self.allowed.is_empty()
                    || path
                        .get(hit.segments.clone())
                        .is_none_or(|segments| self.allowed.find(segments).is_none())
            })
    }

    /// The probes that may have the beginning of `text`: all that do, and a few others.
    fn that_may_begin(&self, text: &[u8]) -> &[Probe] {
        let Some(at) = beginning(text).map(place) else {
            return &[];
        };
        let word = self.beginnings.get(at / 64).copied().unwrap_or_default();
        if word >> (at % 64) & 1 == 0 {
            return &[];
        }
        match self.starts.get(at / SHARE..) {
            Some(&[start, end, ..]) => self
                .probes
                .get(usize::from(start)..usize::from(end))
                .unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Whether `text` begins with a probe's text, letter case aside.
fn begins_with(text: &[u8], probe: &str) -> bool {
    text.get(..probe.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(probe.as_bytes()))
}

/// Whether an exempted text is the probe's or the beginning of it: `wp-` exempts `/wp-admin` too.
fn is_exempted(probe: &str, exempt: &str) -> bool {
    let bare = |text: &'_ str| text.trim_start_matches('/').to_ascii_lowercase();
    !bare(exempt).is_empty() && bare(probe).starts_with(&bare(exempt))
}

fn begins_well(path: &[u8], start: usize, rule: Start) -> bool {
    match rule {
        Start::Root => start == 0,
        // Its text brings the slash.
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

/// Whether what follows a name is an archive's extension and nothing else.
fn is_archive(rest: &[u8]) -> bool {
    let rest = rest.strip_suffix(b"/").unwrap_or(rest);
    ARCHIVES
        .iter()
        .any(|known| rest.eq_ignore_ascii_case(known))
}

/// The segments that a hit lies in.
fn touched(path: &[u8], hit: Range<usize>) -> Range<usize> {
    let is_slash = |byte: &u8| *byte == b'/';
    let from = if path.get(hit.start) == Some(&b'/') {
        hit.start + 1
    } else {
        path.get(..hit.start)
            .and_then(|before| before.iter().rposition(is_slash))
            .map_or(0, |at| at + 1)
    };
    // A text that ends with a slash is over before it.
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
        Probes::new(&[], &[])
            .unwrap()
            .find(path.as_bytes())
            .next()
            .map(|hit| hit.text)
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
        let segments: Vec<_> = probes.find(path).map(|hit| &path[hit.segments]).collect();
        assert!(
            segments.iter().all(|segment| *segment == b"wp-login.php"),
            "{segments:?}"
        );
    }

    #[test]
    fn exempted_and_allowed_words_do_not_match() {
        let exempt = Probes::new(&[".php".to_owned()], &[]).unwrap();
        assert!(exempt.find(b"/index.php").next().is_none());
        let family = Probes::new(&["WP-".to_owned()], &[]).unwrap();
        assert!(family.find(b"/wp-admin/").next().is_none());
        assert!(family.find(b"/wp-login.php").next().is_some());
        let allowed = Probes::new(&[], &["shell".to_owned()]).unwrap();
        assert!(allowed.find(b"/shell").next().is_none());
        assert!(allowed.find(b"/.env").next().is_some());
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
        /// Against a search that tries every probe at every byte.
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
            let mut found: Vec<_> = probes.find(path).map(|hit| (hit.text, hit.segments)).collect();
            let order = |hit: &(&'static str, Range<usize>)| (hit.1.start, hit.1.end, hit.0);
            wanted.sort_by_key(order);
            found.sort_by_key(order);
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn ordinary_segments_need_no_search() {
        let probes = Probes::new(&[], &[]).unwrap();
        assert!(probes.that_may_begin(b"/catalogue/shirts").is_empty());
        assert!(!probes.that_may_begin(b"/WP-login.php").is_empty());
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
                probes
                    .find(path.as_bytes())
                    .any(|hit| hit.text == probe.text),
                "{path}"
            );
        }
    }
}
