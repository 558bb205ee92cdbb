//! The counters, as a real recorder sees them.

#![allow(clippy::unwrap_used)] // It may fail here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aiwaf_core::store::{AllowedNetwork, Records};
use aiwaf_core::{Firewall, Mode, Peer, RequestView, ResponseView};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString,
    Unit,
};

type Values = Arc<Mutex<BTreeMap<String, f64>>>;

/// Keeps the value of each metric under its name and labels, as in a text format.
#[derive(Clone, Default)]
struct Kept(Values);

struct Cell {
    name: String,
    values: Values,
}

impl Cell {
    fn change(&self, f: impl FnOnce(&mut f64)) {
        f(self
            .values
            .lock()
            .unwrap()
            .entry(self.name.clone())
            .or_default());
    }
}

impl CounterFn for Cell {
    fn increment(&self, by: u64) {
        self.change(|value| *value += by as f64);
    }

    fn absolute(&self, to: u64) {
        self.change(|value| *value = to as f64);
    }
}

impl GaugeFn for Cell {
    fn increment(&self, by: f64) {
        self.change(|value| *value += by);
    }

    fn decrement(&self, by: f64) {
        self.change(|value| *value -= by);
    }

    fn set(&self, to: f64) {
        self.change(|value| *value = to);
    }
}

impl Kept {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels: Vec<String> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        Arc::new(Cell {
            name: format!("{}{{{}}}", key.name(), labels.join(",")),
            values: Arc::clone(&self.0),
        })
    }

    fn value(&self, name: &str) -> Option<f64> {
        self.0.lock().unwrap().get(name).copied()
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn ask(firewall: &Firewall, client: &str, path: &str) -> u16 {
    let view = RequestView {
        peer: Peer::Address(client.parse().unwrap()),
        ..RequestView::new("GET", path.as_bytes())
    };
    let (verdict, exchange) = firewall.inspect(&view);
    let status = verdict.refusal().map_or(200, |refusal| refusal.status);
    firewall.observe(exchange, &ResponseView::new(status));
    status
}

#[test]
fn requests_refusals_bans_swaps_and_degradations_are_counted() {
    let kept = Kept::default();
    metrics::with_local_recorder(&kept, || {
        let firewall = Firewall::builder()
            .with_settings(|settings| settings.headers.mode = Mode::Monitor)
            .build()
            .unwrap();
        let bad = "203.0.113.7";
        assert_eq!(ask(&firewall, "203.0.113.1", "/"), 200);
        assert_eq!(ask(&firewall, bad, "/.env"), 403);
        assert_eq!(ask(&firewall, bad, "/wp-login.php"), 403);
        assert_eq!(ask(&firewall, bad, "/"), 403, "banned by now");
        let view = RequestView {
            peer: Peer::Address("203.0.113.2".parse().unwrap()),
            headers: &[("user-agent", b"sqlmap/1.8")],
            ..RequestView::new("GET", b"/")
        };
        assert!(firewall.inspect(&view).0.refusal().is_none());
        let mut records = Records::default();
        records.allowed.push(AllowedNetwork {
            network: "192.0.2.0/24".parse().unwrap(),
            added: std::time::SystemTime::UNIX_EPOCH,
        });
        firewall.swap(&records).unwrap();
        firewall.set_degraded("store", Some("down".to_owned()));
        firewall.set_degraded("store", Some("still down".to_owned()));
        firewall.keeping().gauge_tables();
    });
    for (name, value) in [
        ("aiwaf_requests_total{}", 5.0),
        (
            "aiwaf_refusals_total{protection=ip_keyword_block,cause=probe,mode=block}",
            2.0,
        ),
        (
            "aiwaf_refusals_total{protection=none,cause=banned,mode=block}",
            1.0,
        ),
        (
            "aiwaf_refusals_total{protection=header_validation,cause=scanner,mode=monitor}",
            1.0,
        ),
        ("aiwaf_bans_total{cause=probe}", 1.0),
        ("aiwaf_swaps_total{}", 1.0),
        ("aiwaf_degradations_total{part=store}", 1.0),
        ("aiwaf_degraded{part=store}", 1.0),
        ("aiwaf_table_entries{table=bans}", 1.0),
        ("aiwaf_table_capacity{table=bans}", 100_000.0),
    ] {
        assert_eq!(kept.value(name), Some(value), "{name} in {:#?}", kept.0);
    }
    assert!(kept.value("aiwaf_table_entries{table=rates}").unwrap() >= 3.0);
}

#[test]
fn a_part_that_recovers_is_no_longer_degraded() {
    let kept = Kept::default();
    metrics::with_local_recorder(&kept, || {
        let firewall = Firewall::builder().build().unwrap();
        firewall.set_degraded("store", Some("down".to_owned()));
        firewall.set_degraded("store", None);
    });
    assert_eq!(kept.value("aiwaf_degraded{part=store}"), Some(0.0));
}

#[test]
fn everything_that_is_counted_is_in_the_documentation() {
    let documented = include_str!("../../docs/events.md");
    let source = include_str!("../src/firewall/counted.rs");
    let names: Vec<&str> = source
        .split('"')
        .filter(|text| text.starts_with("aiwaf_"))
        .collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        assert!(documented.contains(&format!("| `{name}` |")), "{name}");
    }
}
