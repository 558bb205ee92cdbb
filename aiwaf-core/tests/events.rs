//! The events have the fields that `docs/events.md` promises.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // It may fail here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aiwaf_core::{Firewall, Mode, Peer, RequestView, store::Records};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The field names of each event, and the values of the last event.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

impl Subscriber for Seen {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aiwaf"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        fields
            .0
            .insert("level".to_owned(), event.metadata().level().to_string());
        self.0.lock().unwrap().push(fields.0);
    }
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

/// Level and fields of each event, according to the table.
fn documented() -> BTreeMap<String, (String, Vec<String>)> {
    let names = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let text = include_str!("../../docs/events.md");
    let (events, _) = text.split_once("## Metrics").unwrap();
    events
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, event, level, fields, ..] = cells[..] else {
                panic!("{line}")
            };
            (names(event)[0].clone(), (level.to_owned(), names(fields)))
        })
        .collect()
}

fn ask(firewall: &Firewall, client: &str, path: &str, agent: &str) {
    let headers = [("user-agent", agent.as_bytes())];
    let view = RequestView {
        peer: Peer::Address(client.parse().unwrap()),
        headers: &headers,
        ..RequestView::new("GET", path.as_bytes())
    };
    let _ = firewall.inspect(&view);
}

#[test]
fn refusals_bans_swaps_and_degradations_have_their_events() {
    let seen = Seen::default();
    tracing::subscriber::with_default(seen.clone(), || {
        let firewall = Firewall::builder()
            .with_settings(|settings| settings.headers.mode = Mode::Monitor)
            .build()
            .unwrap();
        ask(&firewall, "203.0.113.8", "/", "sqlmap/1.8");
        ask(&firewall, "203.0.113.7", "/.env", "x");
        ask(&firewall, "203.0.113.7", "/wp-login.php", "x");
        ask(&firewall, "203.0.113.7", "/", "x");
        firewall.swap(&Records::default()).unwrap();
        firewall.set_degraded("store", Some("down".to_owned()));
        firewall.set_degraded("store", None);
        let _ = firewall.inspect(&RequestView::new("GET", b"/"));
    });
    let seen = seen.0.lock().unwrap();
    let documented = documented();
    for fields in seen.iter() {
        let event = &fields["event"];
        let (level, names) = documented
            .get(event)
            .unwrap_or_else(|| panic!("{event} is not documented"));
        let found = fields["level"].to_lowercase();
        let is_listed = fields.get("cause").is_some_and(|cause| cause == "banned");
        let expected = if event == "refused" && is_listed {
            "debug"
        } else {
            level.split(',').next().unwrap()
        };
        assert_eq!(found, expected, "{event}");
        for name in fields.keys() {
            let implied = ["event", "level", "message"].contains(&name.as_str());
            assert!(
                implied || names.contains(name),
                "{event} has {name}, which is not documented"
            );
        }
        for name in names {
            let may_be_absent = matches!(
                (event.as_str(), name.as_str()),
                ("refused", "protection" | "client")
            );
            assert!(
                may_be_absent || fields.contains_key(name),
                "{event} lacks {name}: {fields:?}"
            );
        }
    }
    let of = |event: &str| -> Vec<_> { seen.iter().filter(|f| f["event"] == event).collect() };
    assert_eq!(of("monitored").len(), 1);
    assert_eq!(of("refused").len(), 4);
    assert_eq!(of("refused")[0]["protection"], "ip_keyword_block");
    assert_eq!(of("refused")[0]["cause"], "probe");
    assert!(
        !of("refused")[2].contains_key("protection"),
        "a ban is none's"
    );
    assert_eq!(of("banned").len(), 1);
    assert_eq!(of("banned")[0]["client"], "203.0.113.7");
    for event in ["swapped", "degraded", "recovered", "missing_peer"] {
        assert_eq!(of(event).len(), 1, "{event}");
    }
}

#[test]
fn no_secret_of_a_request_is_told() {
    let seen = Seen::default();
    tracing::subscriber::with_default(seen.clone(), || {
        let firewall = Firewall::builder().build().unwrap();
        ask(
            &firewall,
            "203.0.113.7",
            "/.env?token=HUSH&password=HUSH",
            "x",
        );
        // The text that matches is part of the secret.
        let attack = "1' union select HUSH from users-- HUSH";
        let headers = [
            ("user-agent", b"x".as_slice()),
            ("cookie", b"sid=1' union select HUSH from users-- HUSH"),
            // user:1' union select HUSH from users-- HUSH
            (
                "authorization",
                b"Basic dXNlcjoxJyB1bmlvbiBzZWxlY3QgSFVTSCBmcm9tIHVzZXJzLS0gSFVTSA==",
            ),
        ];
        for headers in [
            &headers[..1],
            &headers[..2],
            &headers[..1],
            &[headers[0], headers[2]],
        ] {
            let target = format!("/?password={}", attack.replace(' ', "+"));
            let target = if headers.len() > 1 { "/" } else { &target };
            let view = RequestView {
                peer: Peer::Address("203.0.113.8".parse().unwrap()),
                headers,
                ..RequestView::new("GET", target.as_bytes())
            };
            assert!(firewall.inspect(&view).0.refusal().is_some());
        }
    });
    let seen = seen.0.lock().unwrap();
    assert!(
        seen.iter()
            .filter(|event| event["event"] == "refused")
            .count()
            >= 4
    );
    for event in seen.iter() {
        for (field, value) in event {
            assert!(!value.to_lowercase().contains("hush"), "{field}: {value}");
        }
    }
}

#[test]
fn what_a_request_brings_is_quoted_and_cut() {
    let seen = Seen::default();
    tracing::subscriber::with_default(seen.clone(), || {
        let firewall = Firewall::builder().build().unwrap();
        let long = format!("/.env\u{7f}\r\nevent=\"banned\"{}", "a".repeat(5000));
        ask(&firewall, "203.0.113.7", &long, "x");
    });
    let seen = seen.0.lock().unwrap();
    let target = &seen[0]["target"];
    assert!(target.len() < 300, "{target}");
    assert!(
        !target.contains('\n') && target.contains("\\\"banned\\\""),
        "{target}"
    );
}

#[test]
fn what_is_told_of_a_degraded_part_is_true_at_the_start_too() {
    let seen = Seen::default();
    tracing::subscriber::with_default(seen.clone(), || {
        let firewall = Firewall::builder().build().unwrap();
        let reason = "the balanced defaults are in force because the settings cannot be used: x";
        firewall.set_degraded("settings", Some(reason.to_owned()));
    });
    let seen = seen.0.lock().unwrap();
    let told = seen.iter().find(|event| event["event"] == "degraded");
    // No settings were in force before, and the reason says which ones are now.
    let message = &told.unwrap()["message"];
    assert!(message.contains("continues with what it has"), "{message}");
    assert!(!message.contains("held last"), "{message}");
}
