//! A panic in the application's metrics recorder, which the keeper calls.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use self::country_db::{Layout, database};
use aiwaf_core::{Firewall, Health};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

static PANICS: AtomicBool = AtomicBool::new(true);

struct Moody;

impl Recorder for Moody {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        assert!(!PANICS.load(Ordering::SeqCst), "on purpose");
        Gauge::noop()
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One test, because a process has one recorder.
#[test]
fn a_recorder_that_panics_ends_no_thread_and_is_reported() {
    metrics::set_global_recorder(Moody).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let countries = directory.path().join("countries.mmdb");
    let good = database(Layout::Nested, &[("203.0.113.0/24", "US")]);
    std::fs::write(&countries, &good).unwrap();
    let builder = Firewall::builder().with_settings(|settings| {
        settings.geo.database = Some(countries.display().to_string());
    });
    let firewall: Arc<Firewall> = aiwaf_storage::start(builder).unwrap();
    let is_reported = |part: &str| {
        let health = firewall.health();
        matches!(health, Health::Degraded(reason) if reason.contains(part))
    };
    eventually("keeper", || is_reported("keeper: it panicked"));
    std::fs::write(&countries, "damaged").unwrap();
    eventually("countries", || is_reported("reading it panicked"));
    PANICS.store(false, Ordering::SeqCst);
    std::fs::write(&countries, &good).unwrap();
    eventually("recovered", || firewall.health() == Health::Good);
}

#[path = "../../aiwaf-core/tests/country_db/mod.rs"]
mod country_db;
