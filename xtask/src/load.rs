//! `cargo xtask load`: measures what the firewall costs each example, over sockets, with the
//! firewall and without it in turn.
//!
//! The machine is never quiet, and the client that loads the server needs as much of it as the
//! server. So both variants are measured in one run, a short period each in turn, and the figure to
//! trust is the processor time of the server's process itself.

mod client;
mod report;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use aiwaf_testing::Client;
use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::example::{self, Example};
use crate::{optimised, process};
use client::Slice;
use report::Row;

pub(crate) const HELP: &str = "\
cargo xtask load [ADAPTER…] [--rounds N] [--seconds N] [--connections N] [--built] [--json]

Builds the examples optimised and loads each over loopback, with the firewall and without it in turn: a browser's GET, a
JSON order, and, with it, a client that is banned. Prints requests a second, the processor time of the server's process for
each, and the times that clients waited.

  ADAPTER          axum, actix, poem, rocket, proxy; all of them without it
  --rounds N       how often it takes turns (5)
  --seconds N      how long each turn is (2)
  --connections N  how many clients ask at once, each when it has its answer (8)
  --built          takes the examples as they lie beside this program, and builds nothing
  --json           the outcome as JSON
";

/// All checks at their defaults, and limits that one machine's load does not reach.
const SETTINGS: &str = "\
rate_limit = { max = 4000000000, flood = 4000000000, client_max = 4000000000, client_flood = 4000000000 }
";

/// The addresses of the ordinary clients and of the banned one.
const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
const BANNED: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);

/// What to run.
#[derive(Debug)]
pub(crate) struct Options {
    adapters: Vec<String>,
    built: bool,
    rounds: u32,
    seconds: u64,
    connections: usize,
    json: bool,
}

impl Options {
    /// Parses the arguments after the command; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let mut options = Self {
            adapters: Vec::new(),
            built: false,
            rounds: 5,
            seconds: 2,
            connections: 8,
            json: false,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Value(name) => options.adapters.push(name.string()?),
                Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
                Arg::Long("seconds") => options.seconds = parser.value()?.parse()?,
                Arg::Long("built") => options.built = true,
                Arg::Long("connections") => options.connections = parser.value()?.parse()?,
                Arg::Long("json") => options.json = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        ensure!(
            (1..=100).contains(&options.rounds)
                && (1..=60).contains(&options.seconds)
                && (1..=256).contains(&options.connections),
            "expected 1 to 100 rounds, 1 to 60 seconds, 1 to 256 connections"
        );
        Ok(Some(options))
    }
}

/// The requested names, or all of them.
pub(crate) fn chosen(wanted: &[String]) -> Result<Vec<&'static str>> {
    for name in wanted {
        let known = example::ALL.join(", ");
        ensure!(
            example::ALL.contains(&name.as_str()),
            "unknown adapter {name:?}; there are {known}"
        );
    }
    let is_wanted = |name: &&str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    Ok(example::ALL.into_iter().filter(is_wanted).collect())
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return optimised::run();
    }
    let mut rows = Vec::new();
    for name in chosen(&options.adapters)? {
        eprintln!("load: {name}");
        rows.extend(measure(name, options).with_context(|| name.to_owned())?);
    }
    report::print(&rows, options.json)
}

/// The same example with and without the firewall, and the service behind both if it is a proxy.
struct Pair {
    with: Example,
    without: Example,
    _upstream: Option<Example>,
    _folder: tempfile::TempDir,
}

impl Pair {
    fn start(name: &str, options: &Options) -> Result<Self> {
        let program = example::program(name, options.built)?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("aiwaf.toml"), SETTINGS)?;
        let bare = [("UNPROTECTED", "1")];
        let upstream = match name {
            "proxy" => {
                let program = example::program("axum", options.built)?;
                Some(Example::start_unread(&program, folder.path(), &bare)?)
            }
            _ => None,
        };
        let target = upstream
            .as_ref()
            .map(|upstream| format!("http://{}", upstream.address));
        let start = |own: &[(&str, &str)]| {
            let mut variables = own.to_vec();
            variables.extend(target.as_deref().map(|target| ("TARGET", target)));
            Example::start_unread(&program, folder.path(), &variables)
        };
        Ok(Self {
            with: start(&[])?,
            without: start(&bare)?,
            _upstream: upstream,
            _folder: folder,
        })
    }
}

/// Loads both in turn with every load.
fn measure(name: &'static str, options: &Options) -> Result<Vec<Row>> {
    let pair = Pair::start(name, options)?;
    let mut rows = Vec::new();
    for load in [client::GET, client::POST] {
        if name == "rocket" && load.name == client::POST.name {
            eprintln!(
                "load: Rocket's handlers take bodies as `Inspected`, which is an error without the fairing"
            );
            continue;
        }
        let mut row = Row::new(name, load.name);
        // Warm up caches, allocators and branch predictors.
        for example in [&pair.with, &pair.without] {
            turn(example, &load, VISITOR, Duration::from_millis(500), options)?;
        }
        for _ in 0..options.rounds {
            let time = Duration::from_secs(options.seconds);
            row.with
                .push(turn(&pair.with, &load, VISITOR, time, options)?);
            row.without
                .push(turn(&pair.without, &load, VISITOR, time, options)?);
        }
        row.memory = Some([
            process::memory(pair.with.id())?,
            process::memory(pair.without.id())?,
        ]);
        rows.push(row);
    }
    rows.push(flood(name, &pair.with, options)?);
    pair.with.end()?;
    pair.without.end()?;
    Ok(rows)
}

/// Loads the same server from one banned client and ordinary ones in turn.
fn flood(name: &'static str, server: &Example, options: &Options) -> Result<Row> {
    ban(server.address)?;
    let mut row = Row::new(name, "banned");
    for _ in 0..options.rounds {
        let time = Duration::from_secs(options.seconds);
        row.with
            .push(turn(server, &client::REFUSED, BANNED, time, options)?);
        row.without
            .push(turn(server, &client::GET, VISITOR, time, options)?);
    }
    Ok(row)
}

fn ban(server: SocketAddr) -> Result<()> {
    for probe in ["/.env", "/wp-login.php", "/"] {
        let reply = Client::connect_as(BANNED, server)?.get(probe)?;
        ensure!(reply.status == 403, "{probe} was answered {}", reply.status);
    }
    Ok(())
}

/// Loads a server for a period, and returns the results with the processor time that it took.
fn turn(
    server: &Example,
    load: &client::Load,
    from: Ipv4Addr,
    time: Duration,
    options: &Options,
) -> Result<Slice> {
    let before = process::cpu_time(server.id())?;
    let mut slice = client::run(server.address, load, from, time, options.connections)?;
    slice.processor = process::cpu_time(server.id())? - before;
    Ok(slice)
}
