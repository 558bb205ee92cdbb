//! `cargo xtask reload`: reloads settings and policy a thousand times under load, and checks
//! whether memory grows, a counter is lost or a request is delayed. Also measures how long a swap
//! with 100,000 records takes.

mod delays;
mod load;
mod records;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aiwaf_core::store::Records;
use aiwaf_core::{Firewall, Settings};
use anyhow::{Context, Result, ensure};

use delays::Delays;
use load::{Load, Visitor};

use crate::{optimised, process};

/// How often everything is reloaded.
const RELOADS: u32 = 1_000;
/// The number of reloads before memory is measured for the first time: by then the allocators have
/// reached a steady state.
const WARM: u32 = 200;
/// How much memory use may grow after that, in kB, for the allocator's bookkeeping.
const GROWTH: u64 = 4 * 1024;
/// Records of each policy that is swapped in under load.
const RECORDS: usize = 1_000;
/// Records of the large policies, and how often each is swapped in.
const MANY: usize = 100_000;
const TIMES: usize = 9;
const TARGET: Duration = Duration::from_millis(200);

pub(crate) fn run() -> Result<()> {
    if cfg!(debug_assertions) {
        return optimised::run();
    }
    println!(
        "{RELOADS} reloads, by turns of the settings and of {RECORDS} records, in {} threads' traffic\n",
        load::THREADS
    );
    println!(
        "{:32} {:>10} {:>9} {:>9} {:>9} {:>9}",
        "", "requests", "p50", "p99", "p99.9", "max"
    );
    let quiet = Load::start(firewall()?);
    std::thread::sleep(Duration::from_secs(5));
    print("no reloads, 5 s", &quiet.end()?);

    // Does the same work beside the same traffic, to distinguish the effect of a swap from that of
    // a busy processor.
    let other = firewall()?;
    let beside = Load::start(firewall()?);
    reload(&other, RELOADS)?;
    print("reloads of another firewall", &beside.end()?);

    let firewall = firewall()?;
    let known = Known::before(&firewall)?;
    let load = Load::start(Arc::clone(&firewall));
    let started = Instant::now();
    reload(&firewall, WARM)?;
    let before = process::memory(std::process::id())?;
    reload(&firewall, RELOADS - WARM)?;
    let after = process::memory(std::process::id())?;
    let took = started.elapsed();
    let delays = load.end()?;
    print("reloads of this firewall", &delays);
    println!("\n{RELOADS} reloads took {:.1} s", took.as_secs_f64());
    println!("memory: {before} kB after {WARM} of them, {after} kB after all");
    known.after(&firewall, &delays)?;
    ensure!(
        after <= before + GROWTH,
        "memory grew by {} kB",
        after - before
    );

    println!("\nswaps of {MANY} records, {TIMES} times each:");
    for (what, records) in records::large(MANY) {
        swap(what, &records)?;
    }
    Ok(())
}

/// Settings with limits that are never reached, and windows that outlast the run.
fn settings(number: u32) -> Settings {
    let mut settings = Settings::default();
    let rate = &mut settings.rate_limit;
    rate.window = Duration::from_secs(3600);
    rate.max = u32::MAX - 10 - number % 2;
    rate.flood = u32::MAX - 1;
    rate.client_max = u32::MAX - 10;
    rate.client_flood = u32::MAX - 1;
    settings
}

fn firewall() -> Result<Arc<Firewall>> {
    let records = records::small(RECORDS, 0);
    let builder = Firewall::builder().settings(settings(0)).records(records);
    Ok(Arc::new(builder.routes(load::ROUTES).build()?))
}

/// Reloads the records every time, and the settings every second time.
fn reload(firewall: &Firewall, times: u32) -> Result<()> {
    for number in 0..times {
        let records = records::small(RECORDS, number);
        firewall.swap(&records)?;
        if !number.is_multiple_of(2) {
            firewall.reconfigure(settings(number))?;
        }
    }
    Ok(())
}

/// The state to compare before and after.
struct Known {
    struck: Visitor,
    banned: Visitor,
}

impl Known {
    /// Gives one client a strike and bans another, with no store attached.
    fn before(firewall: &Firewall) -> Result<Self> {
        let (struck, banned) = (Visitor::new(0xcb00_7101), Visitor::new(0xcb00_7102));
        ensure!(
            struck.ask(firewall, b"/.env") == "probe",
            "a probe was allowed"
        );
        for probe in [b"/.env".as_slice(), b"/wp-login.php"] {
            ensure!(
                banned.ask(firewall, probe) == "probe",
                "a probe was allowed"
            );
        }
        ensure!(banned.ask(firewall, b"/") == "banned", "two probes ban");
        Ok(Self { struck, banned })
    }

    fn after(&self, firewall: &Firewall, delays: &Delays) -> Result<()> {
        ensure!(
            self.banned.ask(firewall, b"/") == "banned",
            "a ban was lost"
        );
        ensure!(
            self.struck.ask(firewall, b"/wp-login.php") == "probe",
            "a probe was allowed"
        );
        ensure!(
            self.struck.ask(firewall, b"/") == "banned",
            "a strike was lost"
        );
        let counted: u64 = load::visitors()
            .map(|visitor| load::counted(firewall, &visitor))
            .sum::<Result<u64>>()?;
        println!(
            "counted: {counted} requests of {}; the strike and the ban are still there",
            delays.requests()
        );
        ensure!(counted == delays.requests(), "requests were not counted");
        Ok(())
    }
}

/// Measures how long it takes to compile a large policy and to swap it in.
fn swap(what: &str, records: &Records) -> Result<()> {
    let firewall = firewall()?;
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let started = Instant::now();
        firewall.swap(records)?;
        times.push(started.elapsed());
    }
    times.sort();
    let (median, worst) = (times.get(TIMES / 2), times.last());
    let (median, worst) = median.zip(worst).context("nothing was timed")?;
    let verdict = if *median <= TARGET { "within" } else { "ABOVE" };
    println!("  {what:44} median {median:>8.1?}, worst {worst:>8.1?}; {verdict} {TARGET:?}");
    Ok(())
}

fn print(what: &str, delays: &Delays) {
    println!(
        "{what:32} {:>10} {:>9.1?} {:>9.1?} {:>9.1?} {:>9.1?}",
        delays.requests(),
        delays.quantile(0.5),
        delays.quantile(0.99),
        delays.quantile(0.999),
        delays.longest(),
    );
}
