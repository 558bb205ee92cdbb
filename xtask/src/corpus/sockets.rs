//! `--sockets`: sends rows that should pass through the axum example with default settings, each
//! over a connection from a separate address in 127.0.0.0/8.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use aiwaf_testing::Client;
use anyhow::{Context, Result, anyhow, ensure};

use super::Labelled;
use super::row::Row;
use crate::example::{self, Example};

/// The number of simultaneous connections.
const AT_ONCE: usize = 4;

/// The tolerated causes: findings in a payload or a path. People must not be refused for their
/// headers, forms, ids or countries, and a client that comes once cannot be limited or banned.
const TOLERATED: [&str; 7] = [
    "payload",
    "payload_malformed",
    "payload_spent",
    "payload_unsupported",
    "body_too_large",
    "probe",
    "spent_path",
];

/// Sends the rows, prints the refused ones, and fails if one was refused for a cause that is not
/// tolerated.
pub(super) fn run(rows: &[Labelled], misses: usize, json: bool) -> Result<()> {
    let rows: Vec<&Row> = rows
        .iter()
        .filter(|labelled| !labelled.is_attack)
        .map(|labelled| &labelled.row)
        .collect();
    let program = example::build("axum")?;
    let folder = tempfile::tempdir()?;
    let (example, log) = Example::start(&program, folder.path())?;
    let causes = thread::spawn(move || refusals(log));
    let statuses = send_all(&rows, 0, example.address)?;
    example.end()?;
    let causes = causes
        .join()
        .map_err(|_| anyhow!("the reader of the log panicked"))?;

    let mut by_cause: BTreeMap<&str, u64> = BTreeMap::new();
    let mut unreadable = 0_u64;
    let mut shown = 0;
    for (number, (row, status)) in rows.iter().zip(&statuses).enumerate() {
        let Some(cause) = causes.get(&source(number)) else {
            unreadable += u64::from(*status == 400);
            continue;
        };
        *by_cause.entry(cause).or_default() += 1;
        if shown < misses || !TOLERATED.contains(&cause.as_str()) {
            shown += 1;
            eprintln!("refused {} ({}): {cause}", row.id, row.category);
        }
    }
    let refused: u64 = by_cause.values().sum();
    if json {
        let sum = serde_json::json!({
            "rows": rows.len(), "refused": refused, "by_cause": by_cause, "no_http_to_the_server": unreadable,
        });
        println!("{sum}");
    } else {
        println!(
            "over sockets: {} rows, {refused} refused, {unreadable} answered 400 by the HTTP server itself",
            rows.len()
        );
        for (cause, count) in &by_cause {
            println!("  {cause:34} {count:8}");
        }
    }
    let wrong: Vec<_> = by_cause
        .keys()
        .filter(|cause| !TOLERATED.contains(cause))
        .collect();
    ensure!(wrong.is_empty(), "people were refused for {wrong:?}");
    Ok(())
}

/// The source address of a row. No two rows share a network that counts as one client.
fn source(number: usize) -> Ipv4Addr {
    // From 127.1.0.0 on. The corpora have some ten thousand rows, and there is room for sixteen
    // million.
    Ipv4Addr::from(u32::try_from(number).map_or(0x7f01_0000, |number| 0x7f01_0000 + number))
}

/// Sends all rows, the first one from address number `first`, and returns their statuses in order.
pub(crate) fn send_all(rows: &[&Row], first: usize, server: SocketAddr) -> Result<Vec<u16>> {
    let share = rows.len().div_ceil(AT_ONCE).max(1);
    thread::scope(|scope| {
        let senders: Vec<_> = rows
            .chunks(share)
            .enumerate()
            .map(|(part, rows)| {
                scope.spawn(move || {
                    rows.iter()
                        .enumerate()
                        .map(|(at, row)| send(row, source(first + part * share + at), server))
                        .collect::<Result<Vec<u16>>>()
                })
            })
            .collect();
        let mut statuses = Vec::with_capacity(rows.len());
        for sender in senders {
            let part = sender.join().map_err(|_| anyhow!("a sender panicked"))?;
            statuses.extend(part?);
        }
        Ok(statuses)
    })
}

fn send(row: &Row, source: Ipv4Addr, server: SocketAddr) -> Result<u16> {
    let failed = || format!("{} from {source}", row.id);
    let mut client = Client::connect_as(source, server).with_context(failed)?;
    client.send_or_listen(&row.wire()).with_context(failed)?;
    Ok(client.reply_to(&row.method).with_context(failed)?.status)
}

/// The refused clients and the causes, from the example's log.
fn refusals(log: impl Read) -> HashMap<Ipv4Addr, String> {
    let mut causes = HashMap::new();
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        if !line.contains("event=\"refused\"") {
            continue;
        }
        let client = field(&line, " client=").and_then(|client| client.parse().ok());
        let cause = field(&line, " cause=").map(|cause| cause.trim_matches('"').to_owned());
        if let (Some(client), Some(cause)) = (client, cause) {
            causes.entry(client).or_insert(cause);
        }
    }
    causes
}

/// The first value of a field of an event. Text from the client comes after the fields that are
/// read here.
fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    line.split_once(name)?.1.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_from_the_log() {
        let log = "INFO aiwaf: event=\"refused\" request_id=1 client=127.1.0.2 cause=\"probe\" detail=\" cause=x\"\n\
                   INFO aiwaf: event=\"banned\" client=127.1.0.3 cause=\"probe\"\n";
        let causes = refusals(log.as_bytes());
        assert_eq!(causes.len(), 1);
        assert_eq!(causes[&source(2)], "probe");
    }
}
