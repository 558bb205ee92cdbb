//! What is reported about lines that the access log lost.
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use aiwaf_core::RequestView;
use aiwaf_core::access_log::{LogRecord, LogSink};
use aiwaf_core::settings::AccessLogSettings;
use aiwaf_storage::LogWriter;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields `lines` and `total` of each event that has them.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Numbers>>>);

#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    lines: u64,
    total: u64,
}

impl Visit for Numbers {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "lines" => self.lines = value,
            "total" => self.total = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aiwaf"
    }

    fn event(&self, event: &Event<'_>) {
        let mut numbers = Numbers::default();
        event.record(&mut numbers);
        self.0.lock().unwrap().push(numbers);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn every_lost_line_is_told_in_the_end() {
    let told = Told::default();
    tracing::subscriber::set_global_default(told.clone()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("logs");
    let writer = LogWriter::open(&place, &AccessLogSettings::default(), &[]).unwrap();
    // The directory cannot be created again while a file has its name.
    fs::remove_dir_all(&place).unwrap();
    fs::write(&place, "").unwrap();
    for round in 1..=2 {
        for _ in 0..3 {
            let view = RequestView::new("GET", b"/x");
            writer.take(Box::new(LogRecord::new(
                &view,
                None,
                SystemTime::UNIX_EPOCH,
            )));
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        while writer.dropped() < 3 * round {
            assert!(Instant::now() < deadline, "{}", writer.dropped());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    drop(writer);
    let told = told.0.lock().unwrap();
    assert_eq!(told.iter().map(|numbers| numbers.lines).sum::<u64>(), 6);
    assert_eq!(told.last().unwrap().total, 6, "{told:?}");
}
