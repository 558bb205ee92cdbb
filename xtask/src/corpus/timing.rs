//! The cost of a request, by category.
//!
//! A sample is one row through [`Judge::decide`]: the head, the body if the engine needs it, and
//! the observation of the response. The view is made beforehand. Each pass uses a fresh engine, so
//! each row is new to it. The fastest pass counts, because other activity of the machine only adds
//! time. Allocations are counted in a separate pass, also on a fresh engine. A sample includes the
//! cost of reading a clock (some 20 ns).

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::Labelled;
use super::judge::{Judge, pairs};
use super::options::Options;

/// How often every row is timed.
const PASSES: usize = 5;

/// The cost of the rows of one category.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    pub(super) n: usize,
    pub(super) p50_ns: u64,
    pub(super) p99_ns: u64,
    pub(super) p999_ns: u64,
    pub(super) p50_allocations: u64,
    pub(super) max_allocations: u64,
}

/// One row's cost.
#[derive(Clone, Copy)]
struct Sample {
    nanos: u64,
    allocations: u64,
}

pub(super) fn measure(rows: &[Labelled], options: &Options) -> Result<BTreeMap<String, Cost>> {
    let mut samples = vec![
        Sample {
            nanos: u64::MAX,
            allocations: 0
        };
        rows.len()
    ];
    for _ in 0..PASSES {
        let judge = Judge::new(options)?;
        each(&judge, rows, &mut samples, |sample, decide| {
            let started = Instant::now();
            decide();
            let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            sample.nanos = sample.nanos.min(nanos);
        })?;
    }
    let judge = Judge::new(options)?;
    each(&judge, rows, &mut samples, |sample, decide| {
        sample.allocations = allocation_counter::measure(decide).count_total;
    })?;
    Ok(by_category(rows, &samples))
}

fn each(
    judge: &Judge,
    rows: &[Labelled],
    samples: &mut [Sample],
    mut measure: impl FnMut(&mut Sample, &mut dyn FnMut()),
) -> Result<()> {
    for (number, (labelled, sample)) in rows.iter().zip(samples).enumerate() {
        let lines = labelled.row.lines();
        let headers = pairs(&lines);
        let view = judge.view(&labelled.row, &headers, number)?;
        let body = labelled.row.body().unwrap_or_default();
        measure(sample, &mut || {
            std::hint::black_box(judge.decide(&view, body));
        });
    }
    Ok(())
}

fn by_category(rows: &[Labelled], samples: &[Sample]) -> BTreeMap<String, Cost> {
    let mut groups = BTreeMap::<String, Vec<Sample>>::new();
    for (labelled, sample) in rows.iter().zip(samples) {
        let category = labelled.row.category.clone();
        groups.entry(category).or_default().push(*sample);
        groups.entry("(all)".to_owned()).or_default().push(*sample);
    }
    groups
        .into_iter()
        .map(|(category, samples)| (category, cost(samples)))
        .collect()
}

fn cost(samples: Vec<Sample>) -> Cost {
    let mut nanos: Vec<u64> = samples.iter().map(|sample| sample.nanos).collect();
    let mut allocations: Vec<u64> = samples.iter().map(|sample| sample.allocations).collect();
    nanos.sort_unstable();
    allocations.sort_unstable();
    Cost {
        n: samples.len(),
        p50_ns: quantile(&nanos, 500),
        p99_ns: quantile(&nanos, 990),
        p999_ns: quantile(&nanos, 999),
        p50_allocations: quantile(&allocations, 500),
        max_allocations: allocations.last().copied().unwrap_or_default(),
    }
}

/// The smallest value that `per_mille` in a thousand values do not exceed.
fn quantile(sorted: &[u64], per_mille: usize) -> u64 {
    let rank = (sorted.len() * per_mille).div_ceil(1000).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_ranks() {
        let sorted: Vec<u64> = (1..=1000).collect();
        assert_eq!(quantile(&sorted, 500), 500);
        assert_eq!(quantile(&sorted, 999), 999);
        assert_eq!(quantile(&[7], 990), 7);
        assert_eq!(quantile(&[], 500), 0);
    }
}
