//! `cargo xtask drops`: drops thousands of connections at some point of the exchange, and checks
//! that nothing of them is left in the server: no open file, no memory, no used room for bodies,
//! and no request that has to wait.

mod victim;

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use aiwaf_testing::Client;
use anyhow::{Context, Result, anyhow, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::example::{self, Example};
use crate::load::chosen;
use crate::process;
use victim::Dice;

pub(crate) const HELP: &str = "\
cargo xtask drops [ADAPTER…] [--connections N] [--seed N] [--built]

Starts each example and opens N connections to it, each of which is dropped at a random point of its request or of the
answer, with a goodbye or without. Then looks whether files, memory or room for bodies are still taken, and whether the
service answers and ends as ever.

  ADAPTER          axum, actix, poem, rocket, proxy; all of them without it
  --connections N  how many (10000)
  --seed N         what the random points come from (1)
  --built          takes the examples as they lie beside this program, and builds nothing
";

/// Limits that these connections do not reach, and a body deadline short enough to wait for.
const SETTINGS: &str = "\
rate_limit = { max = 4000000000, flood = 4000000000, client_max = 4000000000, client_flood = 4000000000 }
payload = { body_limit = 2097152, body_deadline = \"20s\" }
bans.threshold = 4000000000
";
/// The number of connections that each thread keeps open at once, and the number of threads.
const AT_ONCE: usize = 24;
const THREADS: u64 = 4;
/// How long the server may take to release what was dropped.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bodies that fill the room for held ones to the last byte: 32 times 2 MiB of 64 MiB.
const BODIES: usize = aiwaf_core::HELD_TOGETHER / BODY;
const BODY: usize = 2 << 20;
/// How much memory may grow in a third of the connections, in kB. Allocators keep some.
const GROWTH: u64 = 8 << 10;

/// What to run.
#[derive(Debug)]
pub(crate) struct Options {
    adapters: Vec<String>,
    built: bool,
    connections: u64,
    seed: u64,
}

impl Options {
    /// Parses the arguments after the command; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let mut options = Self {
            adapters: Vec::new(),
            built: false,
            connections: 10_000,
            seed: 1,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Value(name) => options.adapters.push(name.string()?),
                Arg::Long("built") => options.built = true,
                Arg::Long("connections") => options.connections = parser.value()?.parse()?,
                Arg::Long("seed") => options.seed = parser.value()?.parse()?,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        ensure!(
            (100..=1_000_000).contains(&options.connections),
            "expected 100 to 1000000 connections"
        );
        Ok(Some(options))
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    for name in chosen(&options.adapters)? {
        try_one(name, options).with_context(|| name.to_owned())?;
    }
    Ok(())
}

fn try_one(name: &str, options: &Options) -> Result<()> {
    let program = example::program(name, options.built)?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("aiwaf.toml"), SETTINGS)?;
    let upstream = match name {
        "proxy" => {
            let program = example::program("axum", options.built)?;
            let bare = [("UNPROTECTED", "1")];
            Some(Example::start_unread(&program, folder.path(), &bare)?)
        }
        _ => None,
    };
    let target = upstream
        .as_ref()
        .map(|upstream| format!("http://{}", upstream.address));
    let variables: Vec<_> = target
        .as_deref()
        .map(|target| ("TARGET", target))
        .into_iter()
        .collect();
    let server = Example::start_unread(&program, folder.path(), &variables)?;
    fill_the_room(server.address).context("before")?;
    let files = settled(&server, usize::MAX)?;
    let mut memory = Vec::new();
    let mut left = files;
    for third in 0..3 {
        let seed = options.seed.wrapping_mul(3).wrapping_add(third);
        drop_many(server.address, options.connections / 3 + 1, seed)?;
        left = settled(&server, files)?;
        memory.push(process::memory(server.id())?);
    }
    fill_the_room(server.address).context("the room for bodies is not free again")?;
    let ended = Instant::now();
    server.end()?;
    let took = ended.elapsed();
    println!(
        "{name}: {} connections dropped; files {files} before, {left} after; memory after each third {memory:?} kB; room for all {BODIES} bodies before and after; ended in {} ms",
        options.connections,
        took.as_millis()
    );
    ensure!(!grows(&memory), "memory grows: {memory:?} kB");
    Ok(())
}

/// Whether memory grew in every third of the connections. If it grew in only some of them, the
/// cause is the peak of what was held at once, which differs from third to third.
fn grows(memory: &[u64]) -> bool {
    memory
        .windows(2)
        .all(|pair| matches!(pair, [before, after] if *after > before + GROWTH))
}

/// Opens connections and drops them, while an ordinary client sends requests now and then that must
/// be answered.
fn drop_many(server: SocketAddr, connections: u64, seed: u64) -> Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let own = connections / THREADS + u64::from(number < connections % THREADS);
                let dice = Dice::new(seed.wrapping_mul(31).wrapping_add(number));
                scope.spawn(move || victim::drop_in_turn(server, own, AT_ONCE, dice))
            })
            .collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            visit(server)?;
        }
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a thread panicked"))??;
        }
        Ok(())
    })
}

/// The client waits 30 seconds for a response, so a stalled service is detected.
fn visit(server: SocketAddr) -> Result<()> {
    let mut client = Client::connect(server)?;
    for (target, status) in [("/", 200), ("/.env", 403), ("/cart", 200)] {
        let reply = client.get(target).context("a visitor has no answer")?;
        ensure!(reply.status == status, "{target} is {}", reply.status);
    }
    let reply = client.post("/api/echo", b"still here?")?;
    ensure!(reply.body == b"still here?", "the body is lost: {reply:?}");
    Ok(())
}

/// The number of files that the server has open, once it is at most `at_most` or the server has not
/// closed one for a while.
fn settled(server: &Example, at_most: usize) -> Result<usize> {
    let began = Instant::now();
    let mut least = process::open_files(server.id())?;
    let mut since = Instant::now();
    loop {
        let now = process::open_files(server.id())?;
        if now < least {
            (least, since) = (now, Instant::now());
        }
        let is_quiet = since.elapsed() > Duration::from_secs(2);
        if at_most == usize::MAX && is_quiet || now <= at_most {
            return Ok(now);
        }
        ensure!(
            began.elapsed() < PATIENCE,
            "{now} files are open, {at_most} were before"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Makes the server hold as many bodies at once as there is room for. If some room were still
/// taken, one of them would be refused. Also checks that one more is refused, which shows that they
/// really are held.
fn fill_the_room(server: SocketAddr) -> Result<()> {
    let body = format!("\"{}\"", "x".repeat(BODY - 2)).into_bytes();
    let (last, all_but_last) = body.split_last().context("an empty body")?;
    let mut clients = Vec::new();
    // From as many clients, because no single client may fill the room.
    for number in (10..).take(BODIES) {
        let mut client = Client::connect_from(number, server)?;
        client.send(head(BODY))?;
        client.send(all_but_last)?;
        clients.push(client);
    }
    let deadline = Instant::now() + PATIENCE;
    while one_more(server)? == 200 {
        ensure!(Instant::now() < deadline, "the bodies are not held");
    }
    for client in &mut clients {
        client.send([*last])?;
    }
    for mut client in clients {
        let reply = client.reply_to("POST")?;
        ensure!(
            reply.status == 200 && reply.body == body,
            "a body was answered {}",
            reply.status
        );
    }
    Ok(())
}

/// Sends a short body and returns the status.
fn one_more(server: SocketAddr) -> Result<u16> {
    let mut client = Client::connect(server)?;
    client.send(head(64))?;
    client.send(format!("\"{}\"", "x".repeat(62)))?;
    Ok(client.reply_to("POST")?.status)
}

fn head(length: usize) -> String {
    format!(
        "POST /api/echo HTTP/1.1\r\nHost: shop.test\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_shows_in_every_third_and_a_peak_does_not() {
        assert!(grows(&[20_000, 40_000, 60_000]));
        assert!(!grows(&[20_000, 40_000, 41_000]));
        assert!(!grows(&[40_000, 41_000, 60_000]));
    }
}
