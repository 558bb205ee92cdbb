//! `cargo xtask corpus`: runs labelled requests through the engine, in process, each from a
//! separate client.
//!
//! This is how progress is measured, so it must be honest: the settings are those of a service, no
//! row is treated specially, and the header lines that a row omits (`Host`, `Content-Length`) are
//! added.

mod judge;
mod options;
mod report;
mod row;
mod sockets;
mod tally;
mod timing;

use anyhow::Result;

pub(crate) use judge::{Judge, pairs};
use options::File;
pub(crate) use options::{HELP, Options, default_folder};
pub(crate) use row::{Row, read as read_rows};
pub(crate) use sockets::send_all;
pub(crate) use tally::Count;

use crate::optimised;
use tally::Tally;

/// All results.
#[derive(Default)]
struct Outcome {
    attacks: Tally,
    legit: Tally,
}

/// One row and its expected verdict.
pub(crate) struct Labelled {
    pub(crate) row: Row,
    pub(crate) is_attack: bool,
}

impl Labelled {
    pub(crate) fn is_payload(&self) -> bool {
        tally::is_payload(&self.row.category)
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let files = options.files()?;
    if files.is_empty() {
        let place = options::default_folder();
        report::skipped(&place, options.json);
        return Ok(());
    }
    if options.time && cfg!(debug_assertions) {
        return optimised::run();
    }
    let rows = read(&files, options)?;
    if options.sockets {
        return sockets::run(&rows, options.misses, options.json);
    }
    let judge = Judge::new(options)?;
    let mut outcome = Outcome::default();
    for (number, labelled) in rows.iter().enumerate() {
        let cause = judge.judge(&labelled.row, number)?;
        let tally = if labelled.is_attack {
            &mut outcome.attacks
        } else {
            &mut outcome.legit
        };
        let keep_miss =
            options.misses > tally.misses.len() && labelled.is_attack == cause.is_none();
        tally.count(&labelled.row, cause, keep_miss);
    }
    let times = if options.time {
        Some(timing::measure(&rows, options)?)
    } else {
        None
    };
    report::print(options, &outcome, times.as_ref())
}

fn read(files: &[File], options: &Options) -> Result<Vec<Labelled>> {
    let mut rows = Vec::new();
    for file in files {
        rows.extend(file.read()?);
    }
    if !options.categories.is_empty() {
        rows.retain(|labelled| options.categories.contains(&labelled.row.category));
    }
    Ok(rows)
}
