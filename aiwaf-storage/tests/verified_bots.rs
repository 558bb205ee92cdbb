//! Bots verified by name, against a small DNS server on loopback.

// Test helpers may fail like tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "verified_bots/server.rs"]
mod server;

use std::time::{Duration, Instant};

use aiwaf_core::settings::Preset;
use aiwaf_core::{Firewall, ManualClock, Peer, Protection, Protections, RequestView};
use aiwaf_storage::DnsLookup;
use server::Server;

const BOT: &str = "203.0.113.7";
const DOMAINS: [&str; 2] = ["examplebot.test", "crawl.example.test"];

/// A firewall that lets a Python script pass only as a verified bot.
fn firewall(server: &Server, clock: &ManualClock) -> Firewall {
    let mut settings = Preset::Strict.settings();
    settings.protections.enable = Protections::of([Protection::HeaderValidation]);
    let origins = DOMAINS.map(|domain| domain.parse().unwrap()).to_vec();
    settings
        .headers
        .good_bots
        .insert("ExampleBot".to_owned(), origins);
    // Clients that are not verified yet retry repeatedly in these tests.
    settings.bans.threshold = 1_000_000;
    Firewall::builder()
        .settings(settings)
        .clock(clock.clone())
        .bot_lookup(DnsLookup::with_server(server.address).unwrap())
        .build()
        .unwrap()
}

fn passes(firewall: &Firewall, address: &str) -> bool {
    let agent = b"ExampleBot/2.0 (python-requests/2.31; +https://examplebot.test)";
    let view = RequestView {
        peer: Peer::Address(address.parse().unwrap()),
        headers: &[("user-agent", agent), ("accept", b"*/*")],
        ..RequestView::new("GET", b"/")
    };
    firewall.inspect(&view).0.refusal().is_none()
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_bot_whose_name_leads_back_is_verified_and_not_asked_about_again() {
    let server = Server::start(&[
        ("7.113.0.203.in-addr.arpa", "PTR", "Crawl-7.ExampleBot.test"),
        ("crawl-7.examplebot.test", "A", "203.0.113.99"),
        ("crawl-7.examplebot.test", "A", BOT),
    ]);
    let firewall = firewall(&server, &ManualClock::default());
    assert!(!passes(&firewall, BOT), "unknown yet is unverified");
    eventually("verified", || passes(&firewall, BOT));
    let asked = server.questions();
    assert_eq!(
        asked,
        ["PTR 7.113.0.203.in-addr.arpa", "A crawl-7.examplebot.test"]
    );
    for _ in 0..100 {
        assert!(passes(&firewall, BOT));
    }
    assert_eq!(server.questions(), asked);
}

#[test]
fn six_is_as_good_as_four() {
    let name = format!("1.{}8.b.d.0.1.0.0.2.ip6.arpa", "0.".repeat(23));
    let server = Server::start(&[
        (&name, "PTR", "v6.crawl.example.test"),
        ("v6.crawl.example.test", "AAAA", "2001:db8::1"),
    ]);
    let firewall = firewall(&server, &ManualClock::default());
    eventually("verified", || passes(&firewall, "2001:db8::1"));
}

#[test]
fn impostors_stay_unverified_and_are_asked_about_once() {
    let server = Server::start(&[
        // Claims the bot's name, but the bot's owner does not confirm it.
        ("1.113.0.203.in-addr.arpa", "PTR", "crawl-7.examplebot.test"),
        ("crawl-7.examplebot.test", "A", BOT),
        // Names that only look like the bot's; they must not be looked up.
        ("2.113.0.203.in-addr.arpa", "PTR", "notexamplebot.test"),
        (
            "2.113.0.203.in-addr.arpa",
            "PTR",
            "crawl.examplebot.test.evil.test",
        ),
        // A name that does not exist.
        ("3.113.0.203.in-addr.arpa", "PTR", "gone.examplebot.test"),
        // And 203.0.113.4 has no name at all.
    ]);
    let clock = ManualClock::default();
    let firewall = firewall(&server, &clock);
    let impostors = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"];
    for impostor in impostors {
        assert!(!passes(&firewall, impostor));
    }
    let expected = [
        "A crawl-7.examplebot.test",
        "A gone.examplebot.test",
        "PTR 1.113.0.203.in-addr.arpa",
        "PTR 2.113.0.203.in-addr.arpa",
        "PTR 3.113.0.203.in-addr.arpa",
        "PTR 4.113.0.203.in-addr.arpa",
    ];
    let asked = || {
        let mut questions = server.questions();
        questions.sort();
        questions
    };
    eventually("all asked about", || asked().len() >= expected.len());
    // A genuine bot queued after them: when it is settled, so are they.
    server.add("9.113.0.203.in-addr.arpa", "PTR", "nine.examplebot.test");
    server.add("nine.examplebot.test", "A", "203.0.113.9");
    eventually("verified", || passes(&firewall, "203.0.113.9"));
    for impostor in impostors {
        assert!(!passes(&firewall, impostor), "{impostor}");
    }
    let those = |asked: Vec<String>| -> Vec<String> {
        let genuine = |question: &String| question.contains("nine") || question.contains("9.113");
        asked.into_iter().filter(|q| !genuine(q)).collect()
    };
    assert_eq!(those(asked()), expected);
    // An hour later, the bot's owner also uses the first address.
    server.add("crawl-7.examplebot.test", "A", "203.0.113.1");
    clock.advance(Duration::from_secs(3601));
    eventually("verified after all", || passes(&firewall, "203.0.113.1"));
}

#[test]
fn no_request_waits_and_few_questions_are_open_at_a_time() {
    let server = Server::silent();
    let firewall = firewall(&server, &ManualClock::default());
    // Each would wait for an answer that never comes, and the queue is shorter than this.
    let ask = |numbers: std::ops::Range<u32>| {
        for number in numbers {
            let address = std::net::Ipv4Addr::from(0x0b00_0000 + number);
            assert!(!passes(&firewall, &address.to_string()));
        }
    };
    ask(0..20);
    eventually("asked about", || server.distinct() >= 8);
    assert_eq!(server.distinct(), 8, "{:?}", server.questions());
    ask(20..2000);
}

#[test]
fn inside_addresses_are_not_asked_about() {
    let server = Server::start(&[(BOT_REVERSED, "PTR", "crawl.examplebot.test")]);
    let firewall = firewall(&server, &ManualClock::default());
    for inside in ["127.0.0.1", "10.1.2.3", "fd00::1"] {
        assert!(!passes(&firewall, inside));
    }
    server.add("crawl.examplebot.test", "A", BOT);
    eventually("verified", || passes(&firewall, BOT));
    assert_eq!(server.questions().len(), 2, "{:?}", server.questions());
}

const BOT_REVERSED: &str = "7.113.0.203.in-addr.arpa";
