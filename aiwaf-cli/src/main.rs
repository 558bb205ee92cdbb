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

use crate::args::Cli;
use crate::output::Outcome;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error, cli.global.json);
            ExitCode::from(2)
        }
    }
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
fn complain(error: &anyhow::Error, json: bool) {
    let mut err = anstream::stderr().lock();
    let message = output::shown_lines(&told(error));
    let _ = if json {
        writeln!(err, "{}", serde_json::json!({ "error": message }))
    } else {
        let label = output::styled(output::BAD.bold(), "error:");
        writeln!(err, "{label} {message}")
    };
}

/// An error and its causes, each once: what a library says for a log of one line has its cause in it already.
fn told(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |told, cause| match told.contains(&cause) {
            true => told,
            false if told.is_empty() => cause,
            false => format!("{told}: {cause}"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn a_cause_is_told_once() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = anyhow::Error::from(cause).context("x.toml: no such file");
        assert_eq!(told(&error), "x.toml: no such file");
        assert_eq!(told(&anyhow!("inner").context("outer")), "outer: inner");
        assert_eq!(told(&anyhow!("alone")), "alone");
    }
}
