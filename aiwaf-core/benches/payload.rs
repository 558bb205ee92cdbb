//! The cost of judging values that are already split.
//!
//! Every iteration takes another of a hundred inputs, and the verdict is asserted.

// A bench that gets an unexpected result should stop and say so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod bodies;

use std::hint::black_box;
use std::ops::ControlFlow;

use aiwaf_core::carriers::body::{self, Body};
use aiwaf_core::carriers::{Budget, Feed, Limits, Scratch as Split};
use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// How many different inputs a benchmark uses.
const INPUTS: usize = 100;

/// The headers of a browser: name and value.
const BROWSER: [(&str, &str); 9] = [
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    ),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    (
        "sec-ch-ua",
        "\"Chromium\";v=\"126\", \"Google Chrome\";v=\"126\", \"Not.A/Brand\";v=\"99\"",
    ),
    ("sec-ch-ua-platform", "\"Windows\""),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "same-origin"),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ),
];

fn judge(detector: &Detector, scratch: &mut Scratch, carrier: Carrier, value: &[u8]) -> u32 {
    let mut findings = Findings::new();
    let field = Field {
        carrier,
        name: b"field",
        value,
    };
    detector.judge(field, Paranoia::One, scratch, &mut findings)
}

/// `text`, with a number at its end that makes it different from all others.
fn varied(text: &str, bytes: usize) -> Vec<Vec<u8>> {
    (0..INPUTS)
        .map(|number| {
            let number = format!(" {number:04}");
            let length = bytes.saturating_sub(number.len());
            text.bytes()
                .cycle()
                .take(length)
                .chain(number.bytes())
                .collect()
        })
        .collect()
}

fn head(c: &mut Criterion) {
    let detector = Detector::new();
    let mut group = c.benchmark_group("payload/head");
    let bytes: usize = BROWSER.iter().map(|(_, value)| value.len()).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("headers of a browser", |b| {
        let mut scratch = Scratch::default();
        b.iter(|| {
            let score: u32 = BROWSER
                .iter()
                .map(|(_, value)| {
                    judge(
                        &detector,
                        &mut scratch,
                        Carrier::Header,
                        black_box(value.as_bytes()),
                    )
                })
                .sum();
            assert_eq!(score, 0);
        });
    });
    group.bench_function("raw query", |b| {
        let query =
            b"category=books&page=2&sort=price_desc&utm_source=newsletter&q=the+quick+brown+fox";
        b.iter(|| assert!(detector.clean_raw(black_box(query))));
    });
    group.finish();
}

fn values(c: &mut Criterion) {
    let detector = Detector::new();
    let mut group = c.benchmark_group("payload/value");
    group.throughput(Throughput::Bytes(1024));
    let cases = [
        (
            "clean prose",
            "The quick brown fox jumps over the lazy dog and nobody minds at all. ",
            false,
        ),
        (
            "clean prose behind a number",
            "3 quick brown foxes jump over the lazy dog and nobody minds at all. ",
            false,
        ),
        (
            "quotes and dashes",
            "it's \"fine\" -- isn't it; 'yes' & no (or so). ",
            false,
        ),
        (
            "hostile",
            "1' union select password from users where id=1-- <script>alert(1)</script> ../../etc/passwd ",
            true,
        ),
        ("nothing but quotes", "'\"", false),
        ("nothing but parentheses", "a(", false),
        ("nothing but tags", "<a ", false),
        ("nothing but separators", "; ls|", true),
    ];
    for (name, text, is_attack) in cases {
        let inputs = varied(text, 1024);
        let mut next = 0;
        group.bench_function(name, |b| {
            let mut scratch = Scratch::default();
            b.iter_batched(
                || {
                    next = (next + 1) % inputs.len();
                    inputs[next].as_slice()
                },
                |value| {
                    let score = judge(
                        &detector,
                        &mut scratch,
                        Carrier::FormValue,
                        black_box(value),
                    );
                    assert_eq!(score >= Paranoia::One.threshold(), is_attack, "{name}");
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// Bodies, split and judged.
fn whole_bodies(c: &mut Criterion) {
    let detector = Detector::new();
    let mut group = c.benchmark_group("payload/body");
    type Make = fn(u32) -> String;
    let kinds: [(&str, &str, Make); 2] = [
        ("clean form of 1 KiB", bodies::FORM, bodies::form),
        ("clean JSON of 64 KiB", bodies::JSON, bodies::json),
    ];
    for (name, content_type, make) in kinds {
        let inputs: Vec<String> = (0..INPUTS as u32).map(make).collect();
        let mut inputs = inputs.iter().cycle();
        let (mut scratch, mut split) = (Scratch::default(), Split::default());
        let mut findings = Findings::new();
        group.bench_function(name, |b| {
            b.iter(|| {
                findings.clear();
                let mut sink = |field: Field<'_>| {
                    detector.judge(field, Paranoia::One, &mut scratch, &mut findings);
                    ControlFlow::Continue(())
                };
                let body = Body {
                    content_type: Some(content_type.as_bytes()),
                    content_encoding: None,
                    bytes: black_box(inputs.next().unwrap().as_bytes()),
                };
                let mut budget = Budget::new(Limits::default());
                let mut feed = Feed::new(&mut budget, &mut sink);
                body::split(body, &mut split, &mut feed).unwrap();
                assert_eq!(findings.total(), 0);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, head, values, whole_bodies);
criterion_main!(benches);
