//! The project's chores as code: `cargo xtask NAME`.
//!
//! They need only cargo and the crates of the lock file. Avoid adding dependencies.

mod browser;
mod ci;
mod clients;
mod compare;
mod conformance;
mod corpus;
mod drops;
mod example;
mod kill;
mod licences;
mod load;
mod logs;
mod metadata;
mod optimised;
mod process;
mod random;
mod reload;
mod tidy;
mod train;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser};

const HELP: &str = "\
cargo xtask COMMAND

  browser      run a scripted session in a real Chromium against the axum example
  ci           everything that must hold before a change lands, as .ci/run does it
  clients      let two million distinct clients come, and print the memory they take
  compare      count what the engine and ModSecurity with the OWASP rules refuse of the same requests (--help says how)
  conformance  send one suite of requests to each example and compare the answers (--help says how)
  corpus       send labelled requests through the engine and count what it refuses (--help says how)
  drops        open and drop ten thousand connections to each example, and look what is left (--help says how)
  kill         kill service and tool in the midst of writes, and look whether a change is lost (--help says how)
  licences     check the licence of every dependency
  load         measure what the firewall costs each example, over sockets (--help says how)
  logs         have GoAccess and ordinary readers read the access log of hostile requests
  reload       reload settings and policy a thousand times under load, and print what that does
  tidy         check the project's own rules
  train-payload  make the table of the payload protection's learned tier (--help says how)
";

enum Command {
    Browser,
    Ci,
    Clients,
    Compare(compare::Options),
    Conformance(conformance::Options),
    Corpus(Box<corpus::Options>),
    Drops(drops::Options),
    Kill(kill::Options),
    Licences,
    Load(load::Options),
    Logs,
    Reload,
    Tidy,
    TrainPayload(train::Options),
    Help(&'static str),
}

fn main() -> ExitCode {
    match parse().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<Command> {
    let mut parser = Parser::from_env();
    let Some(first) = parser.next()? else {
        return Ok(Command::Help(HELP));
    };
    let command = match first {
        Arg::Value(name) => match name.to_str().context("the command is not UTF-8")? {
            "browser" => Command::Browser,
            "ci" => Command::Ci,
            "clients" => Command::Clients,
            "compare" => {
                return Ok(compare::Options::parse(&mut parser)?
                    .map_or(Command::Help(compare::HELP), Command::Compare));
            }
            "conformance" => {
                return Ok(conformance::Options::parse(&mut parser)?
                    .map_or(Command::Help(conformance::HELP), Command::Conformance));
            }
            "corpus" => {
                return Ok(corpus::Options::parse(&mut parser)?
                    .map_or(Command::Help(corpus::HELP), |options| {
                        Command::Corpus(Box::new(options))
                    }));
            }
            "drops" => {
                return Ok(drops::Options::parse(&mut parser)?
                    .map_or(Command::Help(drops::HELP), Command::Drops));
            }
            "kill" => {
                return Ok(kill::Options::parse(&mut parser)?
                    .map_or(Command::Help(kill::HELP), Command::Kill));
            }
            "load" => {
                return Ok(load::Options::parse(&mut parser)?
                    .map_or(Command::Help(load::HELP), Command::Load));
            }
            "licences" => Command::Licences,
            "logs" => Command::Logs,
            "reload" => Command::Reload,
            "tidy" => Command::Tidy,
            "train-payload" => {
                return Ok(train::Options::parse(&mut parser)?
                    .map_or(Command::Help(train::HELP), Command::TrainPayload));
            }
            other => bail!("unknown command {other:?}\n\n{HELP}"),
        },
        Arg::Short('h') | Arg::Long("help") => Command::Help(HELP),
        other => return Err(other.unexpected().into()),
    };
    match parser.next()? {
        Some(extra) => Err(extra.unexpected().into()),
        None => Ok(command),
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Browser => browser::run(),
        Command::Ci => ci::run(),
        Command::Clients => clients::run(),
        Command::Compare(options) => compare::run(&options),
        Command::Conformance(options) => conformance::run(&options),
        Command::Corpus(options) => corpus::run(&options),
        Command::Drops(options) => drops::run(&options),
        Command::Kill(options) => kill::run(&options),
        Command::Load(options) => load::run(&options),
        Command::Licences => licences::run(),
        Command::Logs => logs::run(),
        Command::Reload => reload::run(),
        Command::Tidy => tidy::run(),
        Command::TrainPayload(options) => train::run(&options),
        Command::Help(text) => {
            print!("{text}");
            Ok(())
        }
    }
}
