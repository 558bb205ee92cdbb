//! Findings and their total score.

use std::ops::Range;

use super::category::{Category, Severity};
use super::field::{Carrier, Field};
use super::rules::Rule;

/// The longest name or excerpt that a finding keeps, in characters.
const MAX_TEXT: usize = 96;

/// How many findings one request can have. More would say nothing new.
const MAX_FINDINGS: usize = 32;

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable id of the rule.
    pub rule: &'static str,
    /// The kind of attack.
    pub category: Category,
    /// How strong the evidence is.
    pub severity: Severity,
    /// Where in the request it was found.
    pub carrier: Carrier,
    /// The name of the value, escaped and truncated.
    pub name: String,
    /// The range of the matching bytes in the value as the carrier received it. The whole value if
    /// the match exists only after decoding.
    pub span: Range<usize>,
    /// What matched, after decoding, escaped and truncated.
    pub excerpt: String,
    /// The points that the finding adds to the score.
    pub score: u32,
}

/// The evidence in one request. Each rule counts once per request.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    total: u32,
    /// The categories whose findings are currently ignored, one bit each.
    spared: u32,
}

impl Findings {
    /// No evidence.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            list: Vec::new(),
            total: 0,
            spared: 0,
        }
    }

    /// The sum of the scores.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings in the order in which they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.list.iter()
    }

    /// The finding with the highest score; the first one if several are equal.
    #[must_use]
    pub fn strongest(&self) -> Option<&Finding> {
        self.list.iter().rev().max_by_key(|finding| finding.score)
    }

    /// Ignores findings of the categories for which `is_spared` holds from now on, so that they do
    /// not end the judging early.
    pub(crate) fn spare(&mut self, is_spared: impl Fn(Category) -> bool) {
        self.spared = Category::ALL
            .into_iter()
            .filter(|category| is_spared(*category))
            .fold(0, |spared, category| spared | 1 << category as u32);
    }

    /// Removes all findings but keeps the allocated memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.total = 0;
        self.spared = 0;
    }

    /// Adds an opinion of the model, unless the model said as much about another value of the
    /// request: opinions do not add up.
    pub(super) fn add_opinion(&mut self, rule: &'static Rule, field: Field<'_>, text: &[u8]) {
        let score = rule.severity.points();
        let known = self.list.iter().position(|known| is_opinion(known.rule));
        match known.and_then(|at| Some((at, self.list.get(at)?.score))) {
            Some((_, weight)) if weight >= score => return,
            Some((at, weight)) => {
                self.list.remove(at);
                self.total = self.total.saturating_sub(weight);
            }
            None => {}
        }
        self.add(rule, score, field, text);
    }

    /// Adds a finding of `rule`, unless the request already has one. Returns the points added.
    pub(super) fn add(
        &mut self,
        rule: &'static Rule,
        score: u32,
        field: Field<'_>,
        text: &[u8],
    ) -> u32 {
        if self.spared & 1 << rule.category as u32 != 0 {
            return 0;
        }
        if self.list.len() >= MAX_FINDINGS || self.list.iter().any(|known| known.rule == rule.id) {
            return 0;
        }
        self.list.push(Finding {
            rule: rule.id,
            category: rule.category,
            severity: rule.severity,
            carrier: field.carrier,
            name: excerpt(field.name),
            span: locate(field.value, text),
            excerpt: excerpt(text),
            score,
        });
        self.total = self.total.saturating_add(score);
        score
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Whether the rule with this id belongs to the model.
fn is_opinion(id: &str) -> bool {
    id.starts_with("learned-")
}

/// Where `text` occurs in the original `value`, ignoring case; the whole value if the text was
/// decoded.
fn locate(value: &[u8], text: &[u8]) -> Range<usize> {
    /// A search that only serves the event must not cost more than the judging.
    const MAX_SEARCH: usize = 4096;
    let head = value.get(..MAX_SEARCH).unwrap_or(value);
    if text.is_empty() {
        return 0..value.len();
    }
    let needle = text.get(..32).unwrap_or(text);
    head.windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle))
        .map_or(0..value.len(), |start| {
            start..start.saturating_add(text.len()).min(value.len())
        })
}

/// `text`, truncated, with everything escaped except printable ASCII.
fn excerpt(text: &[u8]) -> String {
    let mut out = String::new();
    for &byte in text {
        if out.len() >= MAX_TEXT {
            out.push_str("...");
            break;
        }
        out.extend(std::ascii::escape_default(byte).map(char::from));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_cannot_break_a_log_line() {
        assert_eq!(excerpt(b"a\r\n\"b\"\x00"), "a\\r\\n\\\"b\\\"\\x00");
        assert!(excerpt(&[b'x'; 1000]).len() <= MAX_TEXT + 3);
    }

    #[test]
    fn spans_point_into_the_value() {
        assert_eq!(locate(b"id=1 UNION", b"union"), 5..10);
        assert_eq!(locate(b"%75nion", b"union"), 0..7);
        assert_eq!(locate(b"abc", b""), 0..3);
    }
}
