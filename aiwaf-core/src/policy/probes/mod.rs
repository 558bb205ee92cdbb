//! Built-in probes: what scanners ask for and hardly any Rust service has.
//!
//! A probe matches on path boundaries of the normalised path, so `/seashells` and `/blog/php-tips` never do.

mod list;

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::keywords::{KeywordError, Keywords, compile};

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

/// What probes begin with: a sign and three bytes. Few ordinary paths have a segment that does, and the others need no search.
#[derive(Clone, Debug)]
struct Beginnings {
    bits: Box<[u64; BEGINNINGS / 64]>,
    /// The texts that are shorter.
    short: Vec<&'static str>,
}

/// How many beginnings are told apart.
const BEGINNINGS: usize = 1 << 14;

impl Beginnings {
    fn new(probes: &[Probe]) -> Self {
        let mut bits = Box::new([0; BEGINNINGS / 64]);
        let mut short = Vec::new();
        for probe in probes {
            match *probe.text.as_bytes() {
                [sign, one, two, three, ..] => {
                    let at = Self::place([sign, one, two, three]);
                    if let Some(word) = bits.get_mut(at / 64) {
                        *word |= 1 << (at % 64);
                    }
                }
                _ => short.push(probe.text),
            }
        }
        Self { bits, short }
    }

    /// The place of a beginning, letter case aside.
    const fn place(beginning: [u8; 4]) -> usize {
        let folded = u32::from_le_bytes(beginning) | 0x2020_2020;
        (folded.wrapping_mul(0x9e37_79b1) >> 18) as usize
    }

    /// Whether a probe may be in `path`.
    fn may_be_in(&self, path: &[u8]) -> bool {
        memchr::memchr3_iter(b'/', b'.', b'~', path).any(|at| {
            let rest = path.get(at..).unwrap_or_default();
            let is_known = |beginning: &[u8; 4]| {
                let at = Self::place(*beginning);
                self.bits
                    .get(at / 64)
                    .is_some_and(|word| word >> (at % 64) & 1 != 0)
            };
            rest.first_chunk().is_some_and(is_known)
                || self.short.iter().any(|text| {
                    rest.get(..text.len())
                        .is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()))
                })
        })
    }
}

/// The compiled probes.
#[derive(Clone, Debug)]
pub struct Probes {
    automaton: Option<AhoCorasick>,
    beginnings: Beginnings,
    probes: Vec<Probe>,
    allowed: Keywords,
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
    /// If the automaton would be too large.
    pub fn new(exempt: &[String], allowed_in_paths: &[String]) -> Result<Self, KeywordError> {
        let probes: Vec<Probe> = built_in_probes()
            .filter(|probe| !exempt.iter().any(|text| is_exempted(probe.text, text)))
            .collect();
        let patterns: Vec<Vec<u8>> = probes
            .iter()
            .map(|probe| probe.text.as_bytes().to_vec())
            .collect();
        let automaton = if patterns.is_empty() {
            None
        } else {
            Some(
                compile(&patterns, true)
                    .map_err(|source| KeywordError::new(patterns.len(), source))?,
            )
        };
        Ok(Self {
            automaton,
            beginnings: Beginnings::new(&probes),
            probes,
            allowed: Keywords::new(allowed_in_paths.iter().map(String::as_str))?,
        })
    }

    /// Every probe in a normalised path, in the order in which they end.
    pub fn find<'p>(&'p self, path: &'p [u8]) -> impl Iterator<Item = ProbeHit> + 'p {
        let searched = self.beginnings.may_be_in(path);
        self.automaton
            .iter()
            .filter(move |_| searched)
            .flat_map(move |automaton| automaton.find_overlapping_iter(path))
            .filter_map(move |hit| {
                let probe = self.probes.get(hit.pattern().as_usize())?;
                let fits = begins_well(path, hit.start(), probe.start)
                    && ends_well(path, hit.end(), probe.end);
                fits.then(|| ProbeHit {
                    text: probe.text,
                    segments: touched(path, hit.range()),
                })
            })
            .filter(move |hit| {
                self.allowed.is_empty()
                    || path
                        .get(hit.segments.clone())
                        .is_none_or(|segments| self.allowed.find(segments).is_none())
            })
    }
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

    /// Whatever the automaton would find begins as the beginnings say.
    #[test]
    fn no_beginning_is_passed_over() {
        let probes = Probes::new(&[], &[]).unwrap();
        let automaton = probes.automaton.as_ref().unwrap();
        for probe in built_in_probes() {
            for path in ["", "/a", "/x.y/b~"].map(|before| format!("{before}{}", probe.text)) {
                for path in [path.clone(), path.to_uppercase()] {
                    assert!(
                        automaton.is_match(&path) && probes.beginnings.may_be_in(path.as_bytes()),
                        "{path}"
                    );
                }
            }
        }
        assert!(!probes.beginnings.may_be_in(b"/catalogue/shirts"));
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
