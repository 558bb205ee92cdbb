//! The operator's keywords, compiled into one automaton over folded text.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::normalize::fold_text;

/// An automaton could not be built because there are too many keywords or they are too long.
#[derive(Debug, thiserror::Error)]
#[error("{count} keywords cannot be compiled: {source}")]
pub struct KeywordError {
    count: usize,
    source: Box<aho_corasick::BuildError>,
}

impl KeywordError {
    pub(super) fn new(count: usize, source: aho_corasick::BuildError) -> Self {
        Self {
            count,
            source: Box::new(source),
        }
    }
}

/// Keywords, matched without regard to case. A space matches any word separator.
///
/// If a keyword begins or ends with a word character, that end must be at a word boundary.
#[derive(Clone, Debug, Default)]
pub struct Keywords {
    automaton: Option<AhoCorasick>,
    keywords: Vec<String>,
    /// The keyword that each pattern of the automaton stands for.
    owners: Vec<usize>,
}

impl Keywords {
    /// Compiles a list. Keywords that consist only of white space are skipped.
    ///
    /// # Errors
    /// If the automaton would be too large.
    pub fn new<'k>(keywords: impl IntoIterator<Item = &'k str>) -> Result<Self, KeywordError> {
        let keywords: Vec<String> = keywords
            .into_iter()
            .map(|keyword| keyword.trim().to_owned())
            .filter(|keyword| !keyword.is_empty())
            .collect();
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        for (owner, keyword) in keywords.iter().enumerate() {
            // Folded text is lower case in ASCII only. The upper-case form of other letters is a
            // separate pattern.
            let lower = fold_text(keyword.to_lowercase().as_bytes())
                .as_bytes()
                .to_vec();
            let upper = fold_text(keyword.to_uppercase().as_bytes())
                .as_bytes()
                .to_vec();
            if upper != lower {
                patterns.push(upper);
                owners.push(owner);
            }
            patterns.push(lower);
            owners.push(owner);
        }
        let automaton = if patterns.is_empty() {
            None
        } else {
            Some(
                compile(&patterns, false)
                    .map_err(|source| KeywordError::new(patterns.len(), source))?,
            )
        };
        Ok(Self {
            automaton,
            keywords,
            owners,
        })
    }

    /// Whether there is no keyword.
    pub fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// Folds a text and returns its first keyword.
    pub fn find_in(&self, text: &[u8]) -> Option<&str> {
        self.find_within(text, Cut::default())
    }

    /// Folds a part of a text and returns its first keyword. A hit that touches a cut does not
    /// count, because its word may continue beyond the cut.
    pub fn find_within(&self, text: &[u8], cut: Cut) -> Option<&str> {
        let folded = fold_text(text);
        self.find_cut(folded.as_bytes(), cut)
            .map(|(keyword, _)| keyword)
    }

    /// The first keyword in folded text ([`fold_text`]), and its position.
    pub fn find(&self, folded: &[u8]) -> Option<(&str, std::ops::Range<usize>)> {
        self.find_cut(folded, Cut::default())
    }

    fn find_cut(&self, folded: &[u8], cut: Cut) -> Option<(&str, std::ops::Range<usize>)> {
        self.automaton
            .as_ref()?
            .find_overlapping_iter(folded)
            .filter(|hit| !(cut.start && hit.start() == 0 || cut.end && hit.end() == folded.len()))
            .find(|hit| at_word_boundaries(folded, hit.range()))
            .and_then(|hit| {
                let owner = *self.owners.get(hit.pattern().as_usize())?;
                Some((self.keywords.get(owner)?.as_str(), hit.range()))
            })
    }
}

/// Which ends of a text are cut from a longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Other text comes before the start.
    pub start: bool,
    /// Other text follows the end.
    pub end: bool,
}

/// Builds an automaton that reports every occurrence of every pattern.
pub(super) fn compile(
    patterns: &[Vec<u8>],
    ignore_case: bool,
) -> Result<AhoCorasick, aho_corasick::BuildError> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(ignore_case)
        // A DFA takes kilobytes per pattern and no longer fits in the cache with a thousand of
        // them. The NFA takes a tenth of that and is then just as fast (measured over ten thousand
        // paths).
        .kind(Some(if patterns.len() <= 100 {
            AhoCorasickKind::DFA
        } else {
            AhoCorasickKind::ContiguousNFA
        }))
        .build(patterns)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn at_word_boundaries(text: &[u8], hit: std::ops::Range<usize>) -> bool {
    let word_at = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(|byte| is_word(*byte))
    };
    let splits_before = word_at(Some(hit.start)) && word_at(hit.start.checked_sub(1));
    let splits_after = word_at(hit.end.checked_sub(1)) && word_at(Some(hit.end));
    !splits_before && !splits_after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keyword: &str, text: &str) -> bool {
        let keywords = Keywords::new([keyword]).unwrap();
        keywords
            .find(fold_text(text.as_bytes()).as_bytes())
            .is_some()
    }

    #[test]
    fn keywords_with_spaces_and_punctuation_match() {
        for (keyword, text) in [
            ("union select", "/x?q=1%20UNION/**/SELECT%201"),
            ("UNION  SELECT", "union+select"),
            ("<script>", "q=%3CScript%3E"),
            ("eval(", "a=eval(1)"),
            ("wp-admin", "/wp-admin/x"),
            (".env", "/.env"),
            ("straße", "q=STRASSE%20STRAßE"),
            ("école", "q=%C3%89COLE"),
        ] {
            assert!(found(keyword, text), "{keyword} in {text}");
        }
    }

    #[test]
    fn words_match_at_word_boundaries() {
        for (keyword, text) in [
            ("script", "/subscription"),
            ("script", "/scripts"),
            ("drop", "q=droplet"),
            ("eval(", "medieval(x)"),
            ("select", "q=sélect"),
        ] {
            assert!(!found(keyword, text), "{keyword} in {text}");
        }
        assert!(found("script", "/a-script.x"));
        // The first occurrence is inside a word, a later one is not.
        assert!(found("script", "subscription script"));
    }

    #[test]
    fn blank_keywords_match_nothing() {
        assert!(Keywords::new(["", "  "]).unwrap().is_empty());
    }
}
