//! The signatures compiled into one automaton.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::category::Category;
use super::field::Carrier;
use super::mention::{PROSE, Sentence};
use super::rules::{self, Rule};
use super::squeeze::{Bytes, is_word, squeeze};

/// A literal without its marks.
pub(super) struct Literal {
    pub(super) text: Vec<u8>,
    word_start: bool,
    word_end: bool,
    value_start: bool,
    value_end: bool,
}

impl Literal {
    /// Reads `^`, `~`, the text of a literal of a rule, `~` and `^`.
    pub(super) fn parse(pattern: &str) -> Self {
        let (value_start, pattern) = strip(pattern, str::strip_prefix, "^");
        let (value_end, pattern) = strip(pattern, str::strip_suffix, "^");
        let (word_start, pattern) = strip(pattern, str::strip_prefix, "~");
        let (word_end, pattern) = strip(pattern, str::strip_suffix, "~");
        let mut text = Vec::new();
        squeeze(pattern.as_bytes(), &mut text);
        Self {
            text,
            word_start,
            word_end,
            value_start,
            value_end,
        }
    }

    /// Whether the marks hold where the literal was found.
    fn holds(&self, squeezed: &[u8], start: usize, end: usize) -> bool {
        let word_at = |index: usize| squeezed.get(index).copied().is_some_and(is_word);
        (!self.value_start || start == 0)
            && (!self.value_end || end == squeezed.len())
            && (!self.word_start || start == 0 || !word_at(start - 1))
            && (!self.word_end || !word_at(end))
    }
}

fn strip<'a>(
    text: &'a str,
    by: fn(&'a str, &'static str) -> Option<&'a str>,
    mark: &'static str,
) -> (bool, &'a str) {
    by(text, mark).map_or((false, text), |rest| (true, rest))
}

/// One use of a literal by a rule.
struct Use {
    rule: usize,
    second: bool,
}

/// The first place of each half of a rule in one value.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    any: Option<(u32, u32)>,
    with: bool,
}

/// What the signatures of one value add up to; reused.
#[derive(Debug, Default)]
pub(super) struct Hits {
    seen: Vec<Seen>,
    touched: Vec<usize>,
}

/// All signatures.
pub(super) struct Signatures {
    automaton: Option<AhoCorasick>,
    literals: Vec<Literal>,
    uses: Vec<Use>,
    rules: Vec<&'static Rule>,
}

impl Signatures {
    pub(super) fn new() -> Self {
        let rules: Vec<_> = rules::signatures().collect();
        let mut literals = Vec::new();
        let mut uses = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for (second, patterns) in [(false, rule.any), (true, rule.with)] {
                for pattern in patterns {
                    literals.push(Literal::parse(pattern));
                    uses.push(Use {
                        rule: index,
                        second,
                    });
                }
            }
        }
        // The patterns are compiled in and few: building fails only beyond 2^31 states.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals.iter().map(|literal| &literal.text))
            .ok();
        debug_assert!(automaton.is_some());
        Self {
            automaton,
            literals,
            uses,
            rules,
        }
    }

    /// The literals that the first half of a rule for `carrier` may begin with.
    pub(super) fn anchors(&self, carriers: &[Carrier]) -> impl Iterator<Item = &[u8]> {
        self.literals
            .iter()
            .zip(&self.uses)
            .filter(move |(_, use_)| {
                !use_.second
                    && self
                        .rules
                        .get(use_.rule)
                        .is_some_and(|rule| carriers.iter().any(|&c| rule.carriers.contains(c)))
            })
            .map(|(literal, _)| literal.text.as_slice())
    }

    /// Whether a rule is about files.
    fn is_of_files(&self, rule: usize) -> bool {
        self.rules
            .get(rule)
            .is_some_and(|rule| rule.category == Category::Lfi)
    }

    /// Calls `report` for each rule that holds for the squeezed value, with the place of its first half.
    pub(super) fn judge(
        &self,
        squeezed: &[u8],
        bytes: Bytes,
        carrier: Carrier,
        hits: &mut Hits,
        mut report: impl FnMut(&'static Rule, &[u8]),
    ) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        hits.seen.resize(self.rules.len(), Seen::default());
        let mut sentence = None;
        for found in automaton.find_overlapping_iter(squeezed) {
            let index = found.pattern().as_usize();
            let (Some(literal), Some(use_)) = (self.literals.get(index), self.uses.get(index))
            else {
                continue;
            };
            if !literal.holds(squeezed, found.start(), found.end()) {
                continue;
            }
            if PROSE.contains(carrier)
                && self.is_of_files(use_.rule)
                && sentence
                    .get_or_insert_with(|| Sentence::read(squeezed, bytes.any(Bytes::LINE)))
                    .mentions(squeezed, found.start(), found.end())
            {
                continue;
            }
            if let Some(seen) = hits.seen.get_mut(use_.rule) {
                if seen.any.is_none() && !seen.with {
                    hits.touched.push(use_.rule);
                }
                if use_.second {
                    seen.with = true;
                } else if seen.any.is_none() {
                    seen.any = Some((found.start() as u32, found.end() as u32));
                }
            }
        }
        for index in hits.touched.drain(..) {
            let (Some(seen), Some(&rule)) = (hits.seen.get_mut(index), self.rules.get(index))
            else {
                continue;
            };
            let seen = std::mem::take(seen);
            if let Some((start, end)) = seen.any
                && (seen.with || rule.with.is_empty())
                && rule.carriers.contains(carrier)
            {
                let text = squeezed
                    .get(start as usize..end as usize)
                    .unwrap_or_default();
                report(rule, text);
            }
        }
    }
}
