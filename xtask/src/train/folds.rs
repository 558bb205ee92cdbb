//! Leaves out one source at a time: how a model judges a source that it has not seen.

use std::collections::BTreeSet;

use aiwaf_core::payload::model::{FAMILIES, Model, Weights};
use aiwaf_core::payload::{Detector, Findings, Paranoia, Scratch};

use super::example::{self, Example, OWN};
use super::fit;
use crate::corpus::Row;

/// The share of clean requests of unseen sources that may reach a threshold: medium, high,
/// critical.
const ALLOWED: [f64; 3] = [0.006, 0.002, 0.0003];
/// The lower bounds of the thresholds, whatever the present clean requests suggest, because there
/// are others. The last one is odds of a hundred to one.
const FLOOR: [i32; 3] = [32, 80, 150];

/// A source and the model that has not seen it.
struct Fold<'a> {
    source: &'a str,
    weights: Weights,
}

/// Trains without each source in turn, prints the results for it, and returns the thresholds that
/// the clean requests suggest.
pub(super) fn measure(examples: &[Example], rows: &[Row]) -> [[i32; 3]; FAMILIES] {
    let sources: BTreeSet<&str> = examples
        .iter()
        .map(|example| example.source.as_str())
        .filter(|source| *source != OWN)
        .collect();
    let folds: Vec<Fold<'_>> = sources
        .into_iter()
        .map(|source| Fold {
            source,
            weights: fit::train(examples, |example| example.source != source)
                .quantised([[i32::MAX; 3]; FAMILIES]),
        })
        .collect();
    let worst_scores = worst_scores(examples, &folds);
    let thresholds = [thresholds(examples, &folds); FAMILIES];
    println!("thresholds {thresholds:?}");
    println!(
        "\nsources that the model has not seen: attacks and clean requests refused, in percent\n"
    );
    println!(
        "{:<22}{:>8}{:>12}{:>12}{:>12}{:>12}",
        "source", "rows", "rules", "model", "both", "clean rows"
    );
    let mut totals = [[0usize; 4]; 2];
    for fold in folds {
        report(examples, rows, fold, thresholds, &mut totals);
    }
    print("all", &totals);
    println!(
        "\nwhere one clean request in a thousand of unseen sources may reach the level that refuses, the model alone refuses {:.1} % of attacks",
        share_at(&worst_scores, ONE_IN_A_THOUSAND)
    );
    thresholds
}

/// How often a clean request may be refused in the figure that is compared with other products.
const ONE_IN_A_THOUSAND: f64 = 0.001;

/// The worst score of each clean request, and of each attack, by a model that has not seen its
/// source.
#[derive(Default)]
struct WorstScores {
    clean: Vec<i32>,
    attacks: Vec<i32>,
}

fn worst_scores(examples: &[Example], folds: &[Fold<'_>]) -> WorstScores {
    let mut scores = WorstScores::default();
    for fold in folds {
        let model = Model::from(fold.weights.clone());
        let left_out = examples
            .iter()
            .filter(|example| example.source == fold.source && example.row.is_some());
        for example in left_out {
            let score = worst(&model, example).into_iter().max().unwrap_or(i32::MIN);
            match example.is_attack() {
                true => scores.attacks.push(score),
                false => scores.clean.push(score),
            }
        }
    }
    scores
}

/// The percentage of attacks whose score is above that of all clean requests except the `allowed`
/// share.
fn share_at(scores: &WorstScores, allowed: f64) -> f64 {
    let mut clean = scores.clean.clone();
    clean.sort_unstable_by(|one, other| other.cmp(one));
    let at = (allowed * clean.len() as f64) as usize;
    let threshold = clean.get(at).copied().unwrap_or(i32::MAX);
    let above = scores
        .attacks
        .iter()
        .filter(|score| **score > threshold)
        .count();
    100.0 * above as f64 / scores.attacks.len().max(1) as f64
}

/// The thresholds of all families. A request counts once, by its highest score in any family, so
/// the share that is allowed is one of requests.
fn thresholds(examples: &[Example], folds: &[Fold<'_>]) -> [i32; 3] {
    let mut clean = Vec::new();
    for fold in folds {
        let model = Model::from(fold.weights.clone());
        let left_out = examples
            .iter()
            .filter(|example| example.source == fold.source && !example.is_attack());
        clean.extend(left_out.filter_map(|example| worst(&model, example).into_iter().max()));
    }
    reached(clean)
}

/// The score above the one that the allowed share of clean requests reaches, for each level.
fn reached(mut clean: Vec<i32>) -> [i32; 3] {
    clean.sort_unstable_by(|one, other| other.cmp(one));
    let mut floors = FLOOR.into_iter();
    ALLOWED.map(|allowed| {
        let at = (allowed * clean.len() as f64) as usize;
        let floor = floors.next().unwrap_or_default();
        (clean.get(at).copied().unwrap_or_default() + 1).max(floor)
    })
}

fn worst(model: &Model, example: &Example) -> [i32; FAMILIES] {
    let mut worst = [i32::MIN; FAMILIES];
    for text in &example.texts {
        for (worst, score) in worst.iter_mut().zip(model.opinion(text).scores) {
            *worst = score.max(*worst);
        }
    }
    worst
}

/// The number of rows, and of those refused by the rules, by the model and by both together, for
/// clean requests and for attacks.
type Totals = [[usize; 4]; 2];

fn report(
    examples: &[Example],
    rows: &[Row],
    fold: Fold<'_>,
    thresholds: [[i32; 3]; FAMILIES],
    totals: &mut Totals,
) {
    let mut weights = fold.weights;
    for (head, levels) in weights.heads.iter_mut().zip(thresholds) {
        head.thresholds = levels;
    }
    let alone = Model::from(weights.clone());
    let rules = Detector::with_model(None);
    let both = Detector::with_model(Some(Model::from(weights)));
    let mut own = Totals::default();
    for example in examples
        .iter()
        .filter(|example| example.source == fold.source)
    {
        let Some(row) = example.row.and_then(|at| rows.get(at)) else {
            continue;
        };
        let scores = worst(&alone, example);
        let sure = |(score, [.., critical]): (i32, [i32; 3])| score >= critical;
        let by_model = scores.into_iter().zip(thresholds).any(sure);
        let (by_rules, by_both) = (refused(&rules, row), refused(&both, row));
        let counts = &mut own[usize::from(example.is_attack())];
        for (count, one) in counts.iter_mut().zip([true, by_rules, by_model, by_both]) {
            *count += usize::from(one);
        }
    }
    for (total, counts) in totals.iter_mut().flatten().zip(own.iter().flatten()) {
        *total += counts;
    }
    print(fold.source, &own);
}

/// Whether a request is refused.
fn refused(detector: &Detector, row: &Row) -> bool {
    let mut findings = Findings::new();
    let mut scratch = Scratch::default();
    example::fields(row, |field| {
        detector.judge(field, Paranoia::One, &mut scratch, &mut findings);
    });
    findings.total() >= Paranoia::One.threshold()
}

fn print(source: &str, [clean, attacks]: &Totals) {
    let share = |counts: &[usize; 4], at: usize| {
        if counts[0] == 0 {
            "-".to_owned()
        } else {
            format!("{:.2}", 100.0 * counts[at] as f64 / counts[0] as f64)
        }
    };
    let rows = if attacks[0] > 0 { attacks } else { clean };
    println!(
        "{source:<22}{:>8}{:>12}{:>12}{:>12}{:>12}{:>8}",
        rows[0],
        share(rows, 1),
        share(rows, 2),
        share(rows, 3),
        clean[0],
        share(clean, 3),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_above_all_clean_requests_but_the_allowed_ones() {
        // Of these, 60, 20 and 3 may be above.
        let scores: Vec<i32> = (0..10_100).collect();
        assert_eq!(reached(scores), [10_040, 10_080, 10_097]);
        assert_eq!(reached(vec![0; 10_000]), FLOOR);
        assert_eq!(reached(Vec::new()), FLOOR);
    }

    #[test]
    fn a_share_is_of_what_only_the_allowed_clean_requests_reach() {
        let scores = WorstScores {
            clean: (0..1000).collect(),
            attacks: vec![5, 997, 998, 999, 1000, 2000],
        };
        // One in a thousand may be above: 999. Three attacks are above 998.
        assert_eq!(share_at(&scores, 0.001), 50.0);
        assert!((share_at(&scores, 0.0) - 100.0 / 3.0).abs() < 1e-9);
        assert_eq!(share_at(&WorstScores::default(), 0.001), 0.0);
    }
}
