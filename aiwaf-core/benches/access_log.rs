//! The cost of an access log for a request, and of a line for the thread that writes it.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aiwaf_core::access_log::{Formatter, LogFormat, LogRecord};
use aiwaf_core::{RequestView, ResponseView};
use criterion::{Criterion, criterion_group, criterion_main};

const HEADERS: [(&str, &[u8]); 6] = [
    ("host", b"shop.example"),
    ("accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", b"en-US,en;q=0.5"),
    ("accept-encoding", b"gzip, deflate, br"),
    ("referer", b"https://shop.example/shoes?page=2&order=price"),
    ("user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"),
];

fn record() -> LogRecord {
    let view = RequestView {
        headers: &HEADERS,
        ..RequestView::new("GET", b"/shoes/red-runner-2?size=42&color=red")
    };
    let client = "203.0.113.7".parse().ok();
    let mut record = LogRecord::new(black_box(&view), client, SystemTime::UNIX_EPOCH);
    record.answer(&ResponseView::new(200), Duration::from_millis(3));
    record
}

fn access_log(c: &mut Criterion) {
    c.bench_function("access_log/record", |b| b.iter(|| Box::new(record())));
    let one = record();
    for format in [LogFormat::Combined, LogFormat::Csv, LogFormat::Json] {
        let formatter = Formatter::new(format, aiwaf_core::settings::DEFAULT_REDACTED);
        let mut out = Vec::with_capacity(4096);
        c.bench_function(&format!("access_log/line/{format}"), |b| {
            b.iter(|| {
                out.clear();
                formatter.access(black_box(&one), &mut out);
                out.len()
            });
        });
    }
}

criterion_group!(benches, access_log);
criterion_main!(benches);
