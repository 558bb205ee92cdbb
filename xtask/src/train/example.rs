//! Requests as input for the model: the texts of their values.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;

use aiwaf_core::carriers::{self, Budget, Carrier, Feed, Field, Limits, body, headers, query};
use aiwaf_core::normalize::split_target;
use aiwaf_core::payload::model::Family;
use aiwaf_core::payload::{Detector, Scratch};
use anyhow::{Context, Result};

use crate::corpus::Row;
use crate::random::Random;

/// One request, or one everyday value.
pub(super) struct Example {
    pub(super) source: String,
    /// The family of an attack; `None` for clean ones.
    pub(super) family: Option<Family>,
    /// The texts that the model judges.
    pub(super) texts: Vec<Vec<u8>>,
    /// The number of the row that the example comes from.
    pub(super) row: Option<usize>,
}

impl Example {
    pub(super) const fn is_attack(&self) -> bool {
        self.family.is_some()
    }
}

/// All examples to learn from: attacks of the categories that the model distinguishes, and clean
/// requests.
pub(super) fn read(rows: &[Row]) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut known = HashSet::new();
    let detector = Detector::with_model(None);
    for (number, row) in rows.iter().enumerate() {
        let is_attack = row.expect.as_deref() == Some("block");
        let family = super::family(&row.category);
        if is_attack && family.is_none() {
            continue;
        }
        let mut texts = texts(&detector, row, is_attack);
        // Repeated clean texts teach nothing.
        texts.retain(|text| is_attack || known.insert(text.clone()));
        if !texts.is_empty() {
            examples.push(Example {
                source: row.source.clone(),
                family: family.filter(|_| is_attack),
                texts,
                row: Some(number),
            });
        }
    }
    examples
}

/// A single value, as input for the model.
fn value(
    detector: &Detector,
    scratch: &mut Scratch,
    source: &str,
    family: Option<Family>,
    value: &[u8],
) -> Example {
    let mut texts = Vec::new();
    let field = Field {
        carrier: Carrier::FormValue,
        name: b"",
        value,
    };
    detector.texts(field, scratch, |text| texts.push(text.to_vec()));
    Example {
        source: source.to_owned(),
        family,
        texts,
        row: None,
    }
}

/// The examples of this repository itself: everyday values, the samples of the rules, and
/// passwords, which contain any signs in any order.
pub(super) fn own(everyday: &Path) -> Result<Vec<Example>> {
    let detector = Detector::with_model(None);
    let mut scratch = Scratch::default();
    let mut examples = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(everyday)
        .with_context(|| format!("cannot read {}", everyday.display()))?
        .collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    for file in files
        .iter()
        .filter(|file| file.path().extension().is_some_and(|name| name == "txt"))
    {
        let text = std::fs::read_to_string(file.path())?;
        for line in text.lines().filter(|line| !line.is_empty()) {
            let line = line
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\r", "\r");
            examples.push(value(&detector, &mut scratch, OWN, None, line.as_bytes()));
        }
    }
    for rule in Detector::rules() {
        let family = super::family(rule.category.as_str());
        let hits = rule.hits.iter().filter_map(|hit| Some((family?, hit)));
        examples.extend(hits.map(|(family, hit)| {
            value(&detector, &mut scratch, OWN, Some(family), hit.as_bytes())
        }));
        for miss in rule.misses {
            examples.push(value(&detector, &mut scratch, OWN, None, miss.as_bytes()));
        }
    }
    let mut random = Random::new(0x9a55);
    for _ in 0..PASSWORDS {
        examples.push(value(
            &detector,
            &mut scratch,
            OWN,
            None,
            &password(&mut random),
        ));
    }
    Ok(examples)
}

/// The source of this repository's own examples; it is never left out.
pub(super) const OWN: &str = "own";
const PASSWORDS: usize = 3000;

/// Eight to twenty characters, a third of them signs.
fn password(random: &mut Random) -> Vec<u8> {
    let signs = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    let length = 8 + random.below(13);
    (0..length)
        .map(|_| match random.below(3) {
            0 => signs[random.below(signs.len())],
            1 => b'a' + random.below(26) as u8,
            _ => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.below(36)],
        })
        .collect()
}

/// The texts of a request. Of an attack, only those that the gate does not find clean: the others
/// belong to the form around it.
fn texts(detector: &Detector, row: &Row, is_attack: bool) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    let mut scratch = Scratch::default();
    fields(row, |field| {
        if !(is_attack && detector.clean(field)) {
            detector.texts(field, &mut scratch, |text| {
                if text.len() > 2 {
                    texts.push(text.to_vec());
                }
            });
        }
    });
    texts
}

/// Passes on every value of a request, as the payload check splits it.
pub(super) fn fields(row: &Row, mut take: impl FnMut(Field<'_>)) {
    let mut sink = |field: Field<'_>| {
        take(field);
        ControlFlow::Continue(())
    };
    let mut budget = Budget::new(Limits::default());
    let mut feed = Feed::new(&mut budget, &mut sink);
    let mut scratch = carriers::Scratch::default();
    let target = split_target(row.path.as_bytes());
    let path = Field {
        carrier: Carrier::Path,
        name: b"",
        value: target.path,
    };
    let lines = row.lines();
    let header = |wanted: &str| {
        lines
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_bytes())
    };
    let body = body::Body {
        content_type: header("content-type"),
        content_encoding: header("content-encoding"),
        bytes: row.body().unwrap_or_default(),
    };
    // A request that cannot be split completely is learned from as far as it goes.
    let _ = feed
        .hand(path)
        .and_then(|()| {
            query::split(
                target.query.unwrap_or_default(),
                query::QUERY,
                &mut scratch,
                &mut feed,
            )
        })
        .and_then(|()| {
            let pairs = lines
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()));
            headers::split(pairs, &mut scratch, &mut feed)
        })
        .and_then(|()| body::split(body, &mut scratch, &mut feed));
}
