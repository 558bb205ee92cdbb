//! The results, as a table like that in `docs/performance.md`, or as JSON.

use anyhow::Result;
use serde_json::json;

use super::client::Slice;

/// One example under one load, with the firewall and without it, in turns. For a banned client, the
/// second series is an ordinary client at the same server.
#[derive(Debug)]
pub(super) struct Row {
    adapter: &'static str,
    load: &'static str,
    pub(super) with: Vec<Slice>,
    pub(super) without: Vec<Slice>,
    /// Resident memory of both in kB, if they are two processes.
    pub(super) memory: Option<[u64; 2]>,
}

impl Row {
    pub(super) fn new(adapter: &'static str, load: &'static str) -> Self {
        Self {
            adapter,
            load,
            with: Vec::new(),
            without: Vec::new(),
            memory: None,
        }
    }

    /// The loss of requests per second in percent: the median over the turns, each compared with
    /// the turn after it.
    fn lost(&self) -> f64 {
        let lost = |(with, without): (&Slice, &Slice)| {
            100.0 * (1.0 - with.a_second() / without.a_second())
        };
        median(self.with.iter().zip(&self.without).map(lost).collect())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn a_second(slices: &[Slice]) -> f64 {
    median(slices.iter().map(Slice::a_second).collect())
}

/// Processor time per request in microseconds, over all turns.
fn processor(slices: &[Slice]) -> f64 {
    let time: f64 = slices
        .iter()
        .map(|slice| slice.processor.as_secs_f64())
        .sum();
    let requests: f64 = slices.iter().map(Slice::requests).sum();
    1e6 * time / requests
}

/// The time within which this share of all responses came, in microseconds.
fn quantile(slices: &[Slice], part: f64) -> u32 {
    let mut waits: Vec<u32> = slices
        .iter()
        .flat_map(|slice| slice.waits.clone())
        .collect();
    waits.sort_unstable();
    let at = (waits.len() as f64 * part) as usize;
    waits
        .get(at.min(waits.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

pub(super) fn print(rows: &[Row], as_json: bool) -> Result<()> {
    if as_json {
        let rows: Vec<_> = rows.iter().map(as_value).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    println!(
        "| example | load | requests/s without, with | lost | CPU µs a request without, with | p50 µs | p99 µs | memory MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for row in rows.iter().filter(|row| row.load != "banned") {
        let [with, without] = row.memory.unwrap_or_default();
        println!(
            "| {} | {} | {:.0}, {:.0} | {:.1} % | {:.1}, {:.1} (+{:.1}) | {}, {} | {}, {} | {:.1}, {:.1} |",
            row.adapter,
            row.load,
            a_second(&row.without),
            a_second(&row.with),
            row.lost(),
            processor(&row.without),
            processor(&row.with),
            processor(&row.with) - processor(&row.without),
            quantile(&row.without, 0.5),
            quantile(&row.with, 0.5),
            quantile(&row.without, 0.99),
            quantile(&row.with, 0.99),
            without as f64 / 1024.0,
            with as f64 / 1024.0,
        );
    }
    println!("\n| example | CPU µs an allowed request | CPU µs a refused one of a banned client |");
    println!("| --- | --- | --- |");
    for row in rows.iter().filter(|row| row.load == "banned") {
        println!(
            "| {} | {:.1} | {:.1} |",
            row.adapter,
            processor(&row.without),
            processor(&row.with)
        );
    }
    Ok(())
}

fn as_value(row: &Row) -> serde_json::Value {
    let side = |slices: &[Slice]| {
        json!({
            "requests": slices.iter().map(|slice| slice.waits.len()).sum::<usize>(),
            "requests_per_second": a_second(slices),
            "cpu_us_per_request": processor(slices),
            "p50_us": quantile(slices, 0.5),
            "p99_us": quantile(slices, 0.99),
        })
    };
    json!({
        "adapter": row.adapter,
        "load": row.load,
        "with": side(&row.with),
        "without": side(&row.without),
        "lost_percent": row.lost(),
        "memory_kb": row.memory,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn slice(waits: u32, processor: u64) -> Slice {
        Slice {
            time: Duration::from_secs(1),
            waits: (0..waits).collect(),
            processor: Duration::from_millis(processor),
        }
    }

    #[test]
    fn figures_are_those_of_the_turns() {
        let mut row = Row::new("axum", "GET");
        row.with = vec![slice(90, 9), slice(80, 8), slice(10, 1)];
        row.without = vec![slice(100, 5), slice(100, 5), slice(100, 5)];
        assert!((row.lost() - 20.0).abs() < 1e-9, "{}", row.lost());
        assert!((processor(&row.with) - 100.0).abs() < 1e-9);
        assert!((a_second(&row.without) - 100.0).abs() < 1e-9);
        assert_eq!(quantile(&row.without, 0.5), 50);
        assert_eq!(quantile(&row.without, 1.0), 99);
    }
}
