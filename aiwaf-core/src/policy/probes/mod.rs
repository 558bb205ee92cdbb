//! Built-in probes: what scanners ask for and hardly any Rust service has.
//!
//! A probe matches on path boundaries of the normalised path, so `/seashells` and `/blog/php-tips` never do.

mod list;

use std::ops::Range;

use aho_corasick::AhoCorasick;

pub use list::PROBES;

use super::keywords::{KeywordError, Keywords, compile};

/// Where a probe's text must end to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Anywhere: the text is the beginning of a segment.
    Anywhere,
    /// Before something that is neither letter nor digit, or at the end.
    Word,
    /// At the end of a segment.
    Segment,
}

/// One text that scanners ask for. A text that begins with a slash begins at a segment; any other must
/// end the name it stands in (`.php`, `.bak`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The text, in lower case.
    pub text: &'static str,
    /// Where it must end.
    pub end: End,
}

/// The compiled probes.
#[derive(Clone, Debug)]
pub struct Probes {
    automaton: Option<AhoCorasick>,
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
    /// Compiles the built-in probes but for the exempted texts. A segment with an allowed word matches none.
    ///
    /// # Errors
    /// If the automaton would be too large.
    pub fn new(exempt: &[String], allowed_in_paths: &[String]) -> Result<Self, KeywordError> {
        let probes: Vec<Probe> = PROBES
            .iter()
            .copied()
            .filter(|probe| {
                !exempt
                    .iter()
                    .any(|text| text.eq_ignore_ascii_case(probe.text.trim_start_matches('/')))
            })
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
            probes,
            allowed: Keywords::new(allowed_in_paths.iter().map(String::as_str))?,
        })
    }

    /// Every probe in a normalised path, in the order in which they end.
    pub fn find<'p>(&'p self, path: &'p [u8]) -> impl Iterator<Item = ProbeHit> + 'p {
        self.automaton
            .iter()
            .flat_map(move |automaton| automaton.find_overlapping_iter(path))
            .filter_map(move |hit| {
                let probe = self.probes.get(hit.pattern().as_usize())?;
                ends_well(path, hit.end(), probe.end).then(|| ProbeHit {
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

fn ends_well(path: &[u8], end: usize, rule: End) -> bool {
    match (rule, path.get(end)) {
        (End::Anywhere, _) | (_, None | Some(b'/')) => true,
        (End::Word, Some(next)) => !next.is_ascii_alphanumeric(),
        (End::Segment, Some(_)) => false,
    }
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
        let allowed = Probes::new(&[], &["shell".to_owned()]).unwrap();
        assert!(allowed.find(b"/shell").next().is_none());
        assert!(allowed.find(b"/.env").next().is_some());
    }

    #[test]
    fn every_probe_is_lower_case_and_unique() {
        let mut texts: Vec<_> = PROBES.iter().map(|probe| probe.text).collect();
        texts.sort_unstable();
        for pair in texts.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for text in texts {
            assert_eq!(text, text.to_ascii_lowercase());
            assert!(text.starts_with(['/', '.', '~']), "{text}");
        }
    }

    #[test]
    fn every_probe_matches_itself() {
        let probes = Probes::new(&[], &[]).unwrap();
        for probe in PROBES {
            let path = if probe.text.starts_with('/') {
                probe.text.to_owned()
            } else {
                format!("/name{}", probe.text)
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
