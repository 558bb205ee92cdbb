//! The commands, one file each. A command does its work and returns a report, which is shown
//! afterwards.

mod add;
mod check;
mod config;
mod exempt_path;
mod list;
mod remove;
mod stats;
mod values;

use anyhow::Result;

use crate::args::{Cli, Command};
use crate::demo;
use crate::output::{Outcome, Report, show};
use crate::settings::Found;

/// Runs a command and shows what it found.
pub(crate) fn run(cli: &Cli) -> Result<Outcome> {
    let found = || Found::new(&cli.global);
    let report: Box<dyn Report> = match &cli.command {
        Command::Stats => Box::new(stats::stats(&found()?)?),
        Command::List { list } => Box::new(list::list(&found()?, *list)?),
        Command::Add(what) => Box::new(add::add(&found()?, what)?),
        Command::Remove(what) => Box::new(remove::remove(&found()?, what)?),
        Command::ExemptPath(what) => exempt_path::exempt_path(&found()?, what)?,
        Command::Check(request) => Box::new(check::check(&found()?, request)?),
        Command::Config(what) => config::config(found, *what, cli.global.json)?,
        // The demo shows things as they happen, and needs no settings.
        Command::Demo(demo) => return demo::run(demo, cli.global.json),
    };
    show(&*report, cli.global.json)?;
    Ok(report.outcome())
}
