//! `cargo xtask kill`: kills service and tool at arbitrary moments of a loop of writes. Everything
//! that the tool acknowledged must be in force in the next service that starts, and a running
//! service must apply changes within a second.

mod service;
mod tool;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::example::{self, Example};
use crate::random::Random;
use service::{ask, is_refused, wait_until};
use tool::{Tool, Way};

pub(crate) const HELP: &str = "\
cargo xtask kill [--rounds N] [--seed N] [--built]

Runs the axum example on SQLite and the actix example on CSV, each in a folder of its own. In each round the `aiwaf` tool adds
and removes addresses of the blacklist, one call after the other, while other clients have the service ban them; at a random
moment service and tool are killed with SIGKILL. The service that is started next has to refuse every address whose
addition was acknowledged and serve every one whose removal was, and a call that was cut short must have
changed all of its addresses or none. Fails if a change is lost, or if a running service obeys later than a second.

  --rounds N  how often each is killed (20)
  --seed N    what the random moments come from (1)
  --built     takes tool and examples as they lie beside this program, and builds nothing
";

/// The services and their stores.
const SERVICES: [(&str, &str); 2] = [("axum", "sqlite:records.db"), ("actix", "csv:records")];
/// Limits that the repeated requests do not reach.
const LIMITS: &str = "\
rate_limit = { max = 4000000000, flood = 4000000000, client_max = 4000000000, client_flood = 4000000000 }
";
/// The addresses that the tool adds and removes: 127.0.16.1 and following.
const ADDRESSES: u8 = 60;
/// The longest time that a round writes, in milliseconds.
const LONGEST: usize = 1_500;
const TARGET: Duration = Duration::from_secs(1);

/// What to run.
#[derive(Debug)]
pub(crate) struct Options {
    built: bool,
    rounds: u8,
    seed: u64,
}

impl Options {
    /// Parses the arguments after the command; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let (mut built, mut rounds, mut seed) = (false, 20, 1);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("built") => built = true,
                Arg::Long("rounds") => rounds = parser.value()?.parse()?,
                Arg::Long("seed") => seed = parser.value()?.parse()?,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        ensure!((1..=200).contains(&rounds), "expected 1 to 200 rounds");
        Ok(Some(Self {
            built,
            rounds,
            seed,
        }))
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let tool = example::tool(options.built)?;
    for (service, store) in SERVICES {
        let program = example::program(service, options.built)?;
        let folder = tempfile::tempdir()?;
        let settings = format!("store = \"{store}\"\n{LIMITS}");
        std::fs::write(folder.path().join("aiwaf.toml"), settings)?;
        let tool = Tool::new(&tool, folder.path());
        let mut run = Run::new(options.seed);
        for round in 0..options.rounds {
            run.round(&program, &tool, round)
                .with_context(|| format!("{service} on {store}, round {round}"))?;
        }
        run.start_again(&program, &tool)?;
        run.report(service, store, options.rounds)?;
    }
    Ok(())
}

/// The state of one store over all of its rounds.
struct Run {
    random: Random,
    /// Whether each address is refused, according to the acknowledged changes.
    refused: BTreeMap<Ipv4Addr, bool>,
    /// What a killed call was about to do.
    cut_short: Option<(Way, Vec<Ipv4Addr>)>,
    acknowledged: usize,
    broken_off: usize,
    half_done: usize,
    lost: Vec<String>,
    obeyed: BTreeMap<&'static str, Vec<Duration>>,
}

impl Run {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            refused: (1..=ADDRESSES)
                .map(|last| (Ipv4Addr::new(127, 0, 16, last), false))
                .collect(),
            cut_short: None,
            acknowledged: 0,
            broken_off: 0,
            half_done: 0,
            lost: Vec::new(),
            obeyed: BTreeMap::new(),
        }
    }

    fn round(&mut self, program: &Path, tool: &Tool, round: u8) -> Result<()> {
        let service = self.start_again(program, tool)?;
        let guest = Ipv4Addr::new(127, 0, 17, round + 1);
        for (way, is_refused) in [(Way::Add, true), (Way::Remove, false)] {
            ensure!(tool.start(way, &[guest])?.finish()?, "{way:?} was refused");
            let waited = wait_until(service.address, guest, is_refused)?;
            self.obeyed.entry(way.name()).or_default().push(waited);
        }
        let moment = Instant::now()
            + Duration::from_millis(20)
            + Duration::from_micros((1000 * self.random.below(LONGEST)) as u64)
            + Duration::from_micros(self.random.below(1000) as u64);
        let mut neighbour = 0;
        while Instant::now() < moment {
            // The service writes to the same list too.
            let banned = Ipv4Addr::new(127, 1, round, neighbour);
            neighbour = neighbour.wrapping_add(1);
            for probe in ["/.env", "/wp-login.php"] {
                ask(service.address, banned, probe)?;
            }
            let (way, addresses) = self.choose();
            let mut call = tool.start(way, &addresses)?;
            if !call.is_done_by(moment)? {
                call.kill()?;
                drop(service);
                self.cut_short = Some((way, addresses));
                return Ok(());
            }
            ensure!(
                call.finish()?,
                "the tool refused to {} {addresses:?}",
                way.name()
            );
            self.acknowledged += addresses.len();
            for address in addresses {
                self.refused.insert(address, way == Way::Add);
            }
        }
        Ok(())
    }

    /// Checks what was left behind, starts the service, and sends requests to it.
    fn start_again(&mut self, program: &Path, tool: &Tool) -> Result<Example> {
        // There is no store before the first start.
        if self.acknowledged > 0 {
            tool.ensure_whole()?;
        }
        let service = Example::start_unread(program, tool.folder(), &[])?;
        self.verify(service.address)?;
        Ok(service)
    }

    /// Chooses the next change of the tool: some addresses that are not on the list, or some that
    /// are.
    fn choose(&mut self) -> (Way, Vec<Ipv4Addr>) {
        let first = self.random.below(self.refused.len());
        let count = 1 + self.random.below(12);
        let way = match self.refused.values().nth(first) {
            Some(true) => Way::Remove,
            _ => Way::Add,
        };
        let fitting = self.refused.iter().skip(first);
        let fitting = fitting.filter(|(_, refused)| **refused == (way == Way::Remove));
        (
            way,
            fitting.take(count).map(|(address, _)| *address).collect(),
        )
    }

    /// Sends a request from each of the addresses.
    fn verify(&mut self, server: SocketAddr) -> Result<()> {
        if let Some((way, addresses)) = self.cut_short.take() {
            self.broken_off += 1;
            let mut done = 0;
            for address in &addresses {
                let is_refused = is_refused(server, *address)?;
                done += usize::from(is_refused == (way == Way::Add));
                self.refused.insert(*address, is_refused);
            }
            if done != 0 && done != addresses.len() {
                self.half_done += 1;
            }
        }
        for (address, refused) in &mut self.refused {
            let now = is_refused(server, *address)?;
            if now != *refused {
                self.lost
                    .push(format!("{address}: refused {now}, acknowledged {refused}"));
                *refused = now;
            }
        }
        Ok(())
    }

    fn report(&mut self, service: &str, store: &str, rounds: u8) -> Result<()> {
        println!(
            "{service} on {store}: killed {rounds} times; {} changes acknowledged, {} lost; {} calls cut short, {} of them half done",
            self.acknowledged,
            self.lost.len(),
            self.broken_off,
            self.half_done
        );
        let mut worst = Duration::ZERO;
        for (way, times) in &mut self.obeyed {
            times.sort();
            let middle = times.get(times.len() / 2).zip(times.last());
            let (median, longest) = middle.context("nothing was timed")?;
            println!("  obeyed after {way}: median {median:.0?}, worst {longest:.0?}");
            worst = worst.max(*longest);
        }
        ensure!(self.lost.is_empty(), "lost: {}", self.lost.join("; "));
        ensure!(self.half_done == 0, "calls were half done");
        ensure!(worst < TARGET, "the service obeyed after {worst:?}");
        Ok(())
    }
}
