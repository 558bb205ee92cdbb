//! `aiwaf`, the command line tool of the aiwaf web application firewall.
//!
//! It finds settings and store as the service does, and works without the service. Everything it
//! does to lists is a method of [`aiwaf_storage::Manager`], and every verdict comes from the
//! engine. This crate contains only the command line ([`args`]), the commands and the display of
//! their results ([`output`]).
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
        // The reader of our output closed the pipe because it needs no more.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&output::told(&error), cli.global.json);
            ExitCode::from(2)
        }
    }
}

/// Reports what is wrong with the command line, or shows the help that it asks for.
fn misused(error: &clap::Error) -> ExitCode {
    if !(error.use_stderr() && asks_for_json()) {
        error.exit();
    }
    let text = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "the command is incomplete; see --help".to_owned()
        }
        _ => error.to_string(),
    };
    // The usage text for people follows the message.
    let text = text.split("\n\nUsage:").next().unwrap_or_default();
    complain(text.trim_start_matches("error: ").trim_end(), true);
    ExitCode::from(2)
}

/// Whether `--json` appears on a command line that cannot be parsed.
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

/// Reports an error on standard error. If that fails, there is nowhere else to report it.
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
