//! `cargo xtask conformance`: sends the same requests to each example over real sockets, and
//! expects the same responses from each.

mod adapters;
mod cases;
// The engine's tests use the same file to make their databases.
#[path = "../../aiwaf-core/tests/country_db/mod.rs"]
mod country_db;
mod http2;
mod judge;
mod report;
mod send;
mod server;
mod step;
mod template;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser};

use adapters::Adapter;
use cases::{Case, Group};
use report::{Outcome, Report};
use server::Server;

pub(crate) const HELP: &str = "\
cargo xtask conformance [ADAPTER…] [--only TEXT] [--built] [--json]

Builds the examples, starts each with the settings of every group in xtask/conformance/*.toml, sends the cases of that
group over real sockets, and compares the answers with what the files expect and with each other. Prints one line an
adapter, NAME: N passed, M failed, K cannot, and what failed; fails if anything failed or two adapters differ.

  ADAPTER      axum, actix, poem, rocket, proxy; all that have an example without it
  --only TEXT  only groups whose name has this text
  --built      takes the examples as they lie beside this program, and builds nothing
  --json       the outcome as JSON
";

/// What to run.
#[derive(Debug, Default)]
pub(crate) struct Options {
    adapters: Vec<String>,
    only: Option<String>,
    built: bool,
    json: bool,
}

impl Options {
    /// Everything, with examples that were built just before.
    pub(crate) fn of_what_is_built() -> Self {
        Self {
            built: true,
            ..Self::default()
        }
    }

    /// Parses the arguments after the command; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Value(name) => options.adapters.push(
                    name.into_string()
                        .ok()
                        .context("the adapter's name is not UTF-8")?,
                ),
                Arg::Long("only") => {
                    let text = parser.value()?.into_string();
                    options.only = Some(text.ok().context("--only is not UTF-8")?);
                }
                Arg::Long("built") => options.built = true,
                Arg::Long("json") => options.json = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Some(options))
    }

    fn wants(&self, adapter: &Adapter) -> bool {
        self.adapters.is_empty() || self.adapters.iter().any(|name| name == adapter.name)
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut groups = cases::read(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/conformance"
    )))?;
    groups.retain(|group| {
        let text = options.only.as_deref().unwrap_or_default();
        group.name.contains(text)
    });
    let adapters = if options.built {
        adapters::find()?
    } else {
        adapters::build(&options.adapters)?
    };
    let mut report = Report::default();
    for adapter in adapters.iter().filter(|adapter| options.wants(adapter)) {
        let upstream = match (adapter.name, adapters.first()) {
            ("proxy", Some(first)) => Some(Server::unprotected(&first.binary)?),
            _ => None,
        };
        let target = upstream.as_ref().map(|server| server.address);
        report.begin(adapter.name);
        for group in &groups {
            run_group(adapter, group, target, &mut report)?;
        }
    }
    report.print(options.json)?;
    if report.holds() {
        return Ok(());
    }
    bail!("the adapters are not alike")
}

fn run_group(
    adapter: &Adapter,
    group: &Group,
    target: Option<SocketAddr>,
    report: &mut Report,
) -> Result<()> {
    let server = Server::start(&adapter.binary, group, target)?;
    for (number, case) in group.cases.iter().enumerate() {
        let outcome = match case.cannot.get(adapter.name) {
            Some(reason) => Outcome::Cannot(reason.clone()),
            None => run_case(&server, case, number),
        };
        report.add(format!("{} / {}", group.name, case.name), outcome);
    }
    Ok(())
}

fn run_case(server: &Server, case: &Case, number: usize) -> Outcome {
    match judge::run(server, case, own_address(number)) {
        Ok(observed) => Outcome::Passed(observed),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

/// A separate client for each case of a group, so that strikes from one case do not affect the
/// next.
fn own_address(number: usize) -> Ipv4Addr {
    let [_, _, high, low] = u32::try_from(number / 250 * 256 + number % 250 + 1)
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    Ipv4Addr::new(127, 2, high, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_is_a_client_of_its_own() {
        let addresses: std::collections::BTreeSet<_> = (0..2000).map(own_address).collect();
        assert_eq!(addresses.len(), 2000);
        assert!(addresses.iter().all(Ipv4Addr::is_loopback));
    }

    #[test]
    fn the_files_can_be_read_and_have_enough_cases() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance");
        let groups = cases::read(Path::new(directory)).unwrap();
        let cases: usize = groups.iter().map(|group| group.cases.len()).sum();
        assert!(cases >= 250, "{cases}");
    }
}
