//! `aiwaf`, the tool that goes with the aiwaf web application firewall.
//!
//! It finds settings and store as the service does and works without the service. Everything it does to lists is a
//! method of [`aiwaf_storage::Manager`], and every verdict it tells is the engine's; here are only the command line
//! ([`args`]), the commands and how their answers are shown ([`output`]).
//!
//! Exit status: 0 done, 1 refused or not found, 2 usage or failure.

mod args;
mod commands;
mod demo;
mod output;
mod settings;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::Cli;
use crate::output::Outcome;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    match commands::run(&cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&output::told(&error), cli.global.json);
            ExitCode::from(2)
        }
    }
}

/// Says what is wrong with the command line, or shows the help that it asks for.
fn misused(error: &clap::Error) -> ExitCode {
    if !(error.use_stderr() && asks_for_json()) {
        error.exit();
    }
    let text = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "the command is not complete; see --help".to_owned()
        }
        _ => error.to_string(),
    };
    // What people are told of usage comes behind it.
    let text = text.split("\n\nUsage:").next().unwrap_or_default();
    complain(text.trim_start_matches("error: ").trim_end(), true);
    ExitCode::from(2)
}

/// Whether `--json` is said on a command line that cannot be read.
fn asks_for_json() -> bool {
    let mut arguments = std::env::args_os().take_while(|argument| argument != "--");
    arguments.any(|argument| argument == "--json")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        io.or_else(|| cause.downcast_ref::<serde_json::Error>()?.io_error_kind())
    });
    kinds
        .into_iter()
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// Says on standard error what went wrong. If even that cannot be written, there is nobody to tell.
fn complain(message: &str, json: bool) {
    let mut err = anstream::stderr().lock();
    let message = output::shown_lines(message);
    let _ = if json {
        writeln!(err, "{}", serde_json::json!({ "error": message }))
    } else {
        let label = output::styled(output::BAD.bold(), "error:");
        writeln!(err, "{label} {message}")
    };
}
