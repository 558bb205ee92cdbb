//! The signatures as two sets of literals: the first half of each rule, and what the rule requires
//! in addition.

use std::collections::HashMap;

use super::category::Category;
use super::field::Carrier;
use super::file::{self, Content};
use super::gate::Anchor;
use super::literals::Literals;
use super::mention::{PROSE, Sentence};
use super::recognise::{declares_namespace, imports_as_usual, names_a_place};
use super::rules::{self, Rule};
use super::squeeze::{Bytes, is_word, squeeze};

/// Where a literal counts.
#[derive(Clone, Copy, Debug)]
struct Marks {
    word_start: bool,
    word_end: bool,
    value_start: bool,
    value_end: bool,
}

impl Marks {
    /// Parses `^`, `~`, the text of a literal, `~` and `^`. The text is returned squeezed.
    fn parse(pattern: &str) -> (Self, Vec<u8>) {
        let (value_start, pattern) = strip(pattern, str::strip_prefix, "^");
        let (value_end, pattern) = strip(pattern, str::strip_suffix, "^");
        let (word_start, pattern) = strip(pattern, str::strip_prefix, "~");
        let (word_end, pattern) = strip(pattern, str::strip_suffix, "~");
        let mut text = Vec::new();
        squeeze(pattern.as_bytes(), &mut text);
        let marks = Self {
            word_start,
            word_end,
            value_start,
            value_end,
        };
        (marks, text)
    }

    const fn begins_word(self) -> bool {
        self.word_start || self.value_start
    }

    const fn ends_word(self) -> bool {
        self.word_end || self.value_end
    }

    /// Whether the marks hold where the literal was found.
    fn hold(self, squeezed: &[u8], start: usize, end: usize) -> bool {
        let word_at = |index: usize| squeezed.get(index).copied().is_some_and(is_word);
        (!self.value_start || start == 0)
            && (!self.value_end || end == squeezed.len())
            && (!self.word_start || start == 0 || !word_at(start - 1))
            && (!self.word_end || !word_at(end))
    }
}

/// Whether a document begins with a word of JSON Schema. Those that a database knows too change
/// nothing in a query.
fn begins_schema(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 5] = [b"schema\"", b"id\"", b"ref\"", b"defs\"", b"anchor\""];
    let word = text.strip_prefix(b"{ \"$");
    word.is_some_and(|word| WORDS.iter().any(|known| word.starts_with(known)))
}

/// Whether a program writes a line to its own log, as most examples in Java do.
fn is_logged(before: &[u8], text: &[u8]) -> bool {
    let object = before.strip_suffix(b"system.");
    text.starts_with(b"out.println(")
        && object.is_some_and(|before| !before.last().copied().is_some_and(is_word))
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
    marks: Marks,
}

/// The literals of one half of all rules. A text is stored once, however many rules use it.
struct Half {
    literals: Literals,
    uses: Vec<Vec<Use>>,
}

impl Half {
    fn new(rules: &[&'static Rule], literals: fn(&Rule) -> &'static [&'static str]) -> Self {
        let mut places = HashMap::<Vec<u8>, usize>::new();
        let (mut texts, mut uses) = (Vec::new(), Vec::<Vec<Use>>::new());
        for (rule, pattern) in rules
            .iter()
            .enumerate()
            .flat_map(|(rule, of)| literals(of).iter().map(move |pattern| (rule, pattern)))
        {
            let (marks, text) = Marks::parse(pattern);
            let place = *places.entry(text).or_insert_with_key(|text| {
                texts.push(text.clone());
                uses.push(Vec::new());
                uses.len() - 1
            });
            if let Some(uses) = uses.get_mut(place) {
                uses.push(Use { rule, marks });
            }
        }
        Self {
            literals: Literals::new(texts),
            uses,
        }
    }

    /// Calls `take` with the rule of each literal that occurs in the squeezed value and counts
    /// there, and where the literal begins and ends.
    fn each(&self, squeezed: &[u8], mut take: impl FnMut(usize, usize, usize)) {
        self.literals.each(squeezed, |literal, start, end| {
            let uses = self.uses.get(literal);
            for Use { rule, marks } in uses.into_iter().flatten() {
                if marks.hold(squeezed, start, end) {
                    take(*rule, start, end);
                }
            }
        });
    }
}

/// What one value has of a rule: a place of its first half, and whether the second half occurs.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    any: Option<(u32, u32)>,
    with: bool,
}

/// The matches of the signatures in one value; reused.
#[derive(Debug, Default)]
pub(super) struct Hits {
    seen: Vec<Seen>,
    /// The rules whose first half occurs.
    begun: Vec<usize>,
}

pub(super) struct Signatures {
    any: Half,
    with: Half,
    rules: Vec<&'static Rule>,
}

impl Signatures {
    pub(super) fn new() -> Self {
        let rules: Vec<_> = rules::signatures().collect();
        Self {
            any: Half::new(&rules, |rule| rule.any),
            with: Half::new(&rules, |rule| rule.with),
            rules,
        }
    }

    /// The literals that can be the first half of a rule for one of `carriers`.
    pub(super) fn anchors(&self, carriers: &[Carrier]) -> impl Iterator<Item = Anchor<'_>> {
        let is_for = move |use_: &&Use| {
            self.rules
                .get(use_.rule)
                .is_some_and(|rule| carriers.iter().any(|&c| rule.carriers.contains(c)))
        };
        let literals = self.any.literals.texts().iter().zip(&self.any.uses);
        literals.filter_map(move |(text, uses)| {
            let mut uses = uses.iter().filter(is_for).peekable();
            uses.peek()?;
            let is_word = text.iter().copied().all(is_word);
            Some(Anchor {
                text,
                begins_word: is_word && uses.clone().all(|use_| use_.marks.begins_word()),
                ends_word: is_word && uses.all(|use_| use_.marks.ends_word()),
            })
        })
    }

    /// Calls `report` for each rule that holds for the squeezed value, with the place of its first
    /// half. In a file of a known format, short literals count only if a script goes on behind them.
    pub(super) fn judge(
        &self,
        squeezed: &[u8],
        bytes: Bytes,
        (carrier, content): (Carrier, Content),
        hits: &mut Hits,
        mut report: impl FnMut(&'static Rule, &[u8]),
    ) {
        let Hits { seen, begun } = hits;
        seen.resize(self.rules.len(), Seen::default());
        let mut sentence = None;
        let mut is_mentioned = |rule: usize, start: usize, end: usize| {
            let category = self.rules.get(rule).map(|rule| rule.category);
            let (before, from) = squeezed.split_at_checked(start).unwrap_or_default();
            match category {
                Some(Category::Xxe) => return declares_namespace(from),
                Some(Category::Xss) => {
                    return imports_as_usual(from) || names_a_place(before, from);
                }
                Some(Category::Nosqli) => return begins_schema(from),
                Some(Category::Exploit) => {
                    return file::is_printout(from) || is_logged(before, from);
                }
                _ => {}
            }
            let may_be_named = |of: &Category| {
                matches!(of, Category::Lfi | Category::Code) && PROSE.contains_fully(carrier)
            };
            category.filter(may_be_named).is_some_and(|category| {
                sentence
                    .get_or_insert_with(|| Sentence::read(squeezed, bytes.any(Bytes::LINE)))
                    .mentions(category, squeezed, start, end)
            })
        };
        self.any.each(squeezed, |rule, start, end| {
            if let Some(seen) = seen.get_mut(rule)
                && seen.any.is_none()
                && !(content == Content::File && file::is_by_chance(squeezed, start, end - start))
                && !is_mentioned(rule, start, end)
            {
                seen.any = Some((start as u32, end as u32));
                begun.push(rule);
            }
        });
        let wants_more = |rule: &usize| {
            let rule = self.rules.get(*rule);
            rule.is_some_and(|rule| !rule.with.is_empty())
        };
        if begun.iter().any(wants_more) {
            self.with.each(squeezed, |rule, start, end| {
                if let Some(seen) = seen.get_mut(rule)
                    && seen.any.is_some()
                    && !seen.with
                {
                    seen.with = !is_mentioned(rule, start, end);
                }
            });
        }
        for index in begun.drain(..) {
            let (Some(seen), Some(&rule)) = (seen.get_mut(index), self.rules.get(index)) else {
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
