//! Kills writers at arbitrary moments: everything that was acknowledged must be there.
#![cfg(all(unix, feature = "csv", feature = "sqlite"))]
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use aiwaf_core::store::{Change, CountryRecord, KeywordRecord};
use aiwaf_storage::{Access, open_store};

const SPEC: &str = "AIWAF_TEST_WRITER_SPEC";
const FROM: &str = "AIWAF_TEST_WRITER_FROM";

/// Not a test by itself: this is what the killed process runs. It writes changes of two files (so
/// that CSV journals them) and prints each number once it is acknowledged.
#[test]
fn writer() {
    let (Ok(spec), Ok(from)) = (std::env::var(SPEC), std::env::var(FROM)) else {
        return;
    };
    let mut store = open_store(&spec, Access::Create).unwrap();
    let mut out = std::io::stdout();
    for n in from.parse::<u32>().unwrap()..100_000 {
        store.apply(&changes(n)).unwrap();
        writeln!(out, "wrote {n}").unwrap();
        out.flush().unwrap();
    }
}

fn changes(n: u32) -> [Change; 2] {
    let letter = |n: u32| char::from(b'A' + u8::try_from(n % 26).unwrap());
    [
        Change::AddKeyword(KeywordRecord {
            keyword: format!("word{n}"),
            added: UNIX_EPOCH + Duration::from_secs(u64::from(n)),
        }),
        Change::AddCountry(CountryRecord {
            country: format!("{}{}", letter(n / 26), letter(n)),
            added: UNIX_EPOCH + Duration::from_secs(u64::from(n)),
        }),
    ]
}

fn survives_kill(kind: &str, rounds: u32) {
    let directory = tempfile::tempdir().unwrap();
    let spec = format!("{kind}:{}", directory.path().join("records").display());
    let mut acknowledged = HashSet::new();
    let mut next = 0;
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer", "--nocapture", "--test-threads", "1"])
            .env(SPEC, &spec)
            .env(FROM, next.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // Once it is writing, kill it at a different moment each round.
        while !line.contains("wrote") {
            line.clear();
            assert_ne!(
                lines.read_line(&mut line).unwrap(),
                0,
                "the writer ended by itself"
            );
        }
        let moment = Instant::now() + Duration::from_micros(u64::from(round * 1777 % 23_000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        lines.read_to_string(&mut line).unwrap();
        // A last line without a line break is incomplete.
        let whole = line.rsplit_once('\n').map_or("", |(whole, _)| whole);
        for number in whole.lines().filter_map(|line| line.rsplit_once("wrote ")) {
            acknowledged.insert(number.1.parse::<u32>().unwrap());
        }
        let records = open_store(&spec, Access::MustExist)
            .unwrap()
            .load()
            .unwrap();
        assert_eq!(records.problems, []);
        let words: HashSet<String> = records
            .keywords
            .into_iter()
            .map(|record| record.keyword)
            .collect();
        let countries: HashSet<String> = records
            .countries
            .into_iter()
            .map(|record| record.country)
            .collect();
        for n in &acknowledged {
            assert!(
                words.contains(&format!("word{n}")),
                "{kind}, round {round}: {n} is lost"
            );
        }
        // Both changes of a set, or neither.
        next = u32::try_from(words.len()).unwrap();
        assert_eq!(
            countries.len(),
            usize::try_from(next.min(676)).unwrap(),
            "{kind}, round {round}"
        );
    }
    println!(
        "{kind}: {rounds} kills, {} acknowledged, none lost",
        acknowledged.len()
    );
    assert!(acknowledged.len() >= rounds as usize);
}

#[test]
fn csv_loses_no_acknowledged_write() {
    survives_kill("csv", 25);
}

#[test]
fn sqlite_loses_no_acknowledged_write() {
    survives_kill("sqlite", 25);
}
