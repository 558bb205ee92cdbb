//! `cargo xtask corpus`: labelled requests through the engine, in process, each from a client of its own.
//!
//! This is how progress is measured, so it must be honest: the settings are those a service gets, no row is
//! treated specially, and what a server would add to a row (`Host`, `Content-Length`) is added.

mod judge;
mod options;
mod report;
mod row;
mod sockets;
mod tally;
mod timing;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub(crate) use options::{HELP, Options, default_folder};
pub(crate) use row::{Row, read as read_rows};

use judge::Judge;
use tally::Tally;

/// Everything that came out.
#[derive(Default)]
struct Outcome {
    attacks: Tally,
    legit: Tally,
}

/// One row and what it ought to get.
struct Labelled {
    row: Row,
    is_attack: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let files = options.files()?;
    if files.is_empty() {
        let place = options::default_folder();
        report::skipped(&place, options.json);
        return Ok(());
    }
    if options.time && cfg!(debug_assertions) {
        return run_optimised();
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

fn read(files: &[options::File], options: &Options) -> Result<Vec<Labelled>> {
    let mut rows = Vec::new();
    for file in files {
        for row in row::read(&file.path)? {
            if !options.categories.is_empty() && !options.categories.contains(&row.category) {
                continue;
            }
            let is_attack = file
                .is_attack
                .unwrap_or_else(|| row.expect.as_deref() == Some("block"));
            rows.push(Labelled { row, is_attack });
        }
    }
    Ok(rows)
}

/// Times of an unoptimised build tell nothing: builds this program optimised and runs it in place of this one.
fn run_optimised() -> Result<()> {
    eprintln!("--time: running the optimised build");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let status = Command::new(crate::metadata::cargo())
        .args(["run", "--quiet", "--locked", "--release", "--manifest-path"])
        .arg(manifest)
        .arg("--")
        .args(std::env::args_os().skip(1))
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the optimised build failed");
    Ok(())
}
