//! A panic in the application's metrics recorder, which the keeper calls.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_recorder_that_panics_ends_no_keeper_and_is_reported() {
    metrics::set_global_recorder(Moody).unwrap();
    let firewall: Arc<Firewall> = aiwaf_storage::start(Firewall::builder()).unwrap();
    eventually(
        "degraded",
        || matches!(firewall.health(), Health::Degraded(reason) if reason.contains("keeper: it panicked")),
    );
    PANICS.store(false, Ordering::SeqCst);
    eventually("recovered", || firewall.health() == Health::Good);
}
