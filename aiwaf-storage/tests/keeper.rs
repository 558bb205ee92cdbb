//! A running firewall and its store: real files, real threads.
#![cfg(all(feature = "csv", feature = "sqlite"))]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aiwaf_core::{Firewall, Health, Peer, RequestView};
use aiwaf_storage::{Access, Manager, Width, open_store, start};

const VISITOR: &str = "203.0.113.7";

fn on(spec: &str) -> Arc<Firewall> {
    let builder = Firewall::builder().with_settings(|settings| {
        settings.store = spec.to_owned();
        // The tests send requests as fast as they can.
        settings.rate_limit.mode = aiwaf_core::Mode::Off;
    });
    start(builder).unwrap()
}

fn get(firewall: &Firewall, client: &str, path: &str) -> String {
    let view = RequestView {
        peer: Peer::Address(client.parse().unwrap()),
        headers: &[
            ("accept", b"*/*"),
            ("user-agent", b"test"),
            ("host", b"test"),
        ],
        ..RequestView::new("GET", path.as_bytes())
    };
    let (verdict, _) = firewall.inspect(&view);
    verdict
        .refusal()
        .map_or("ok".to_owned(), |refusal| refusal.cause.code().to_owned())
}

/// Waits until `holds` is true.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn ban(firewall: &Firewall, client: &str) {
    for path in ["/.env", "/wp-login.php", "/.git/config"] {
        get(firewall, client, path);
    }
    assert_eq!(get(firewall, client, "/"), "banned");
}

fn specs(directory: &Path) -> [String; 2] {
    [
        format!("csv:{}", directory.join("lists").display()),
        format!("sqlite:{}", directory.join("aiwaf.db").display()),
    ]
}

/// `cargo xtask kill` measures how soon, and fails after a second.
#[test]
fn a_change_made_elsewhere_is_taken_up() {
    let directory = tempfile::tempdir().unwrap();
    for spec in specs(directory.path()) {
        let firewall = on(&spec);
        assert_eq!(get(&firewall, VISITOR, "/"), "ok");
        let mut tool = Manager::open(&spec, Access::MustExist).unwrap();
        for _ in 0..3 {
            assert!(
                tool.add_blacklist(VISITOR, "x", None, Width::Ordinary)
                    .unwrap()
            );
            eventually("denied", || get(&firewall, VISITOR, "/") == "denied");
            assert!(tool.remove_blacklist(VISITOR).unwrap());
            eventually("let in", || get(&firewall, VISITOR, "/") == "ok");
        }
    }
}

#[test]
fn a_ban_is_written_shared_and_lifted_by_the_tool() {
    let directory = tempfile::tempdir().unwrap();
    for spec in specs(directory.path()) {
        let (one, other) = (on(&spec), on(&spec));
        ban(&one, VISITOR);
        eventually("banned elsewhere", || get(&other, VISITOR, "/") == "banned");
        let mut tool = Manager::open(&spec, Access::MustExist).unwrap();
        assert_eq!(tool.stats().unwrap().automatic_bans, 1);
        assert!(tool.remove_blacklist(VISITOR).unwrap());
        eventually("lifted", || {
            get(&one, VISITOR, "/") == "ok" && get(&other, VISITOR, "/") == "ok"
        });
        // The strikes are gone too: one probe does not ban.
        assert_eq!(get(&one, VISITOR, "/.env"), "probe");
        assert_eq!(get(&one, VISITOR, "/"), "ok");
    }
}

#[test]
fn the_last_ban_before_the_end_is_written() {
    let directory = tempfile::tempdir().unwrap();
    for spec in specs(directory.path()) {
        for round in 1..=5 {
            let firewall = on(&spec);
            ban(&firewall, &format!("198.51.100.{round}"));
            drop(firewall);
            let mut store = open_store(&spec, Access::MustExist).unwrap();
            assert_eq!(store.load().unwrap().denied.len(), round, "{spec}");
        }
    }
}

#[test]
fn an_unreadable_store_leaves_the_last_good_policy_and_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let [csv, sqlite] = specs(directory.path());
    for (spec, file) in [(csv, "lists/blacklist.csv"), (sqlite, "aiwaf.db")] {
        let file = directory.path().join(file);
        let mut tool = Manager::open(&spec, Access::Create).unwrap();
        tool.add_blacklist(VISITOR, "x", None, Width::Ordinary)
            .unwrap();
        drop(tool);
        let firewall = on(&spec);
        assert_eq!(get(&firewall, VISITOR, "/"), "denied");
        eventually("loaded", || firewall.health() == Health::Good);
        let good = std::fs::read(&file).unwrap();
        let garbage: &[u8] = b"\x00\x01garbage, not a store\n\xff\xfe";
        let other = file.with_extension("other");
        std::fs::write(&other, garbage).unwrap();
        std::fs::rename(&other, &file).unwrap();
        eventually(
            "degraded",
            || matches!(firewall.health(), Health::Degraded(reason) if reason.contains(directory.path().to_str().unwrap())),
        );
        assert_eq!(get(&firewall, VISITOR, "/"), "denied");
        // A ban that cannot be written is in force, is kept, and overwrites nothing.
        ban(&firewall, "198.51.100.1");
        eventually(
            "writes degraded",
            || matches!(firewall.health(), Health::Degraded(reason) if reason.contains("store writes")),
        );
        assert_eq!(std::fs::read(&file).unwrap(), garbage);
        std::fs::write(&other, &good).unwrap();
        std::fs::rename(&other, &file).unwrap();
        eventually("recovered", || firewall.health() == Health::Good);
        eventually("written", || {
            let mut tool = Manager::open(&spec, Access::MustExist).unwrap();
            tool.list_blacklist().unwrap().len() == 2
        });
        assert_eq!(get(&firewall, VISITOR, "/"), "denied");
        assert_eq!(get(&firewall, "198.51.100.1", "/"), "banned");
    }
}

#[test]
fn a_directory_that_vanishes_opens_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let [csv, _] = specs(directory.path());
    let mut tool = Manager::open(&csv, Access::Create).unwrap();
    tool.add_blacklist(VISITOR, "x", None, Width::Ordinary)
        .unwrap();
    let firewall = on(&csv);
    std::fs::remove_dir_all(directory.path().join("lists")).unwrap();
    eventually("degraded", || firewall.health() != Health::Good);
    assert_eq!(get(&firewall, VISITOR, "/"), "denied");
}
