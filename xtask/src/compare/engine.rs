//! The engine's columns, in process.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::table::Column;
use super::{Answer, Group, Outcome};
use crate::corpus::{self, Judge, pairs};
use crate::process;

/// How often every row is judged: processor time is measured in hundredths of a second, and one
/// pass takes few of them.
const PASSES: u32 = 5;

/// `payload` alone without exempt paths, and all protections at their defaults. In both, the
/// service has the routes.
pub(super) fn columns(groups: &[Group]) -> Result<Vec<Column>> {
    let whole = corpus::Options::with_routes();
    let alone = corpus::Options::payload_alone();
    Ok(vec![
        column("aiwaf, `payload` alone", &alone, groups)?,
        column("aiwaf, defaults", &whole, groups)?,
    ])
}

fn column(name: &str, options: &corpus::Options, groups: &[Group]) -> Result<Column> {
    let started = Instant::now();
    let outcomes: Result<_> = groups
        .iter()
        .map(|group| judged(options, group))
        .collect::<Result<Vec<Outcome>>>();
    Ok(Column {
        name: name.to_owned(),
        outcomes: outcomes?,
        wall: started.elapsed() / PASSES,
    })
}

/// Judges the rows of a group. Each pass uses a new engine, so that each row is new to it.
fn judged(options: &corpus::Options, group: &Group) -> Result<Outcome> {
    let lines: Vec<_> = group
        .rows
        .iter()
        .map(|labelled| labelled.row.lines())
        .collect();
    let mut answers = Vec::new();
    let mut spent = Duration::ZERO;
    for _ in 0..PASSES {
        let judge = Judge::new(options)?;
        answers.clear();
        let before = process::cpu_time(std::process::id())?;
        for (number, (labelled, lines)) in group.rows.iter().zip(&lines).enumerate() {
            let headers = pairs(lines);
            let view = judge.view(&labelled.row, &headers, number)?;
            let cause = judge.decide(&view, labelled.row.body().unwrap_or_default());
            answers.push(cause.map_or(Answer::Passed, |_| Answer::Refused));
        }
        spent += process::cpu_time(std::process::id())?.saturating_sub(before);
    }
    Ok(Outcome {
        answers,
        spent: spent / PASSES,
    })
}
