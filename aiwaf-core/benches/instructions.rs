//! The cost of the engine in instructions, which a busy machine does not change. It is built to run
//! under Callgrind:
//!
//! ```sh
//! cargo bench -p aiwaf-core --bench instructions --no-run
//! valgrind --tool=callgrind --toggle-collect='*measured*' target/release/deps/instructions-HASH browser 1000
//! ```
//!
//! Divide the collected count by the number of requests. [`PARTS`] lists the parts. Every input is
//! different, every verdict is asserted, and each part is warmed up with other inputs before it is
//! measured.

// A measurement that cannot be set up can only say why.
#![allow(clippy::expect_used, clippy::panic)]

mod bodies;
#[path = "../tests/browser/mod.rs"]
mod browser;

use std::hint::black_box;
use std::ops::ControlFlow;

use aiwaf_core::carriers::body::{self, Body};
use aiwaf_core::carriers::{Budget, Feed, Limits, Scratch as Split};
use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};
use aiwaf_core::{Firewall, ResponseView, SystemClock, Verdict};
use browser::Visitor;

type Part = (&'static str, fn(u32));

/// The parts that can be measured.
const PARTS: &[Part] = &[
    ("browser", browser),
    ("repeated", repeated),
    ("form", form),
    ("json", json),
    ("hostile", hostile),
];

/// How many inputs are run before the measured ones.
const WARM_UP: u32 = 500;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    let name = arguments.next().unwrap_or_else(|| "browser".to_owned());
    let count = arguments
        .next()
        .map_or(1000, |count| count.parse().expect("a number of requests"));
    match PARTS.iter().find(|(part, _)| *part == name) {
        Some((_, run)) => run(count),
        None => panic!(
            "{name:?} is no part: {:?}",
            PARTS.iter().map(|(part, _)| part).collect::<Vec<_>>()
        ),
    }
}

/// Callgrind collects everything under this frame.
#[inline(never)]
fn measured(each: &mut dyn FnMut()) {
    each();
}

/// Measures the last `count` inputs.
fn measure(count: u32, mut serve: impl FnMut(u32)) {
    (0..WARM_UP).for_each(&mut serve);
    measured(&mut || (WARM_UP..WARM_UP + count).for_each(&mut serve));
}

fn firewall() -> Firewall {
    Firewall::builder()
        .clock(SystemClock::default())
        .routes(["/", "/products/{id}", "/cart", "/login", "/api/orders/{id}"])
        .build()
        .expect("the default settings hold")
}

/// A browser's GET through the whole engine: `inspect` and `observe`. Each comes from another
/// visitor.
fn browser(count: u32) {
    visits(count, |number| number);
}

/// The same GET, ten times from each visitor, with twenty visitors at a time.
fn repeated(count: u32) {
    visits(count, |number| number / 200 * 20 + number % 20);
}

fn visits(count: u32, visitor: impl Fn(u32) -> u32) {
    let firewall = firewall();
    let visitors: Vec<Visitor> = (0..WARM_UP + count).map(Visitor::new).collect();
    measure(count, |number| {
        let Some(visitor) = visitors.get(visitor(number) as usize) else {
            return;
        };
        let headers = visitor.headers();
        let (verdict, exchange) = firewall.inspect(&visitor.view(&headers));
        assert_eq!(verdict, Verdict::Allow);
        firewall.observe(exchange, &ResponseView::new(200));
    });
}

/// A form of 1 KiB, split and judged.
fn form(count: u32) {
    each_body(count, bodies::FORM, bodies::form);
}

/// JSON of 64 KiB, split and judged.
fn json(count: u32) {
    each_body(count, bodies::JSON, bodies::json);
}

fn each_body(count: u32, content_type: &str, body: impl Fn(u32) -> String) {
    let mut bench = Bench::default();
    let bodies: Vec<String> = (0..WARM_UP + count).map(body).collect();
    measure(count, |number| {
        let Some(body) = bodies.get(number as usize) else {
            return;
        };
        assert_eq!(bench.body(content_type, body.as_bytes()), 0, "{body}");
    });
}

/// A value of 1 KiB with attacks in it, judged.
fn hostile(count: u32) {
    let mut bench = Bench::default();
    let text = "1' union select password from users where id=1-- <script>alert(1)</script> ../../etc/passwd ";
    measure(count, |number| {
        let mut value = format!("{number} {}", text.repeat(11));
        value.truncate(1024);
        assert!(bench.value(value.as_bytes()) >= Paranoia::One.threshold());
    });
}

/// The state that judging needs.
#[derive(Default)]
struct Bench {
    detector: Detector,
    scratch: Scratch,
    split: Split,
    findings: Findings,
}

impl Bench {
    fn value(&mut self, value: &[u8]) -> u32 {
        self.findings.clear();
        let field = Field {
            carrier: Carrier::FormValue,
            name: b"field",
            value: black_box(value),
        };
        self.detector
            .judge(field, Paranoia::One, &mut self.scratch, &mut self.findings)
    }

    fn body(&mut self, content_type: &str, bytes: &[u8]) -> u32 {
        self.findings.clear();
        let mut sink = |field: Field<'_>| {
            self.detector
                .judge(field, Paranoia::One, &mut self.scratch, &mut self.findings);
            ControlFlow::Continue(())
        };
        let body = Body {
            content_type: Some(content_type.as_bytes()),
            content_encoding: None,
            bytes: black_box(bytes),
        };
        let mut budget = Budget::new(Limits::default());
        let mut feed = Feed::new(&mut budget, &mut sink);
        body::split(body, &mut self.split, &mut feed).expect("the body is well formed");
        self.findings.total()
    }
}
