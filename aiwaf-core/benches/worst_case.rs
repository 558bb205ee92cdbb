//! The cost of the worst inputs: ten thousand of them, made to keep a splitter, a decoder or a
//! recogniser busy. Prints the most expensive kinds in microseconds per KiB, the median, and the
//! cost of each kind at sixteen times the length: a figure that grows with the length shows a cost
//! that is not linear.
//!
//! `cargo bench -p aiwaf-core --features inflate --bench worst_case`; a word after `--` selects the
//! kinds that contain it.

// A bench may fail.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use aiwaf_core::carriers::body::{self, Body};
use aiwaf_core::carriers::{Budget, Feed, Limits, Scratch as Split};
use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};

/// Pieces from which values are made: each opens, closes, escapes or joins something in some
/// language.
const PIECES: &[&str] = &[
    "/*",
    "*/",
    "/*!",
    "--",
    "#",
    "'",
    "\"",
    "`",
    "\\",
    "''",
    "'or'",
    "\"or\"",
    "'||'",
    " or ",
    " and ",
    "select ",
    "union ",
    "case when ",
    "1=1 ",
    "0x41",
    "(",
    ")",
    "((",
    "[",
    "]",
    "{",
    "}",
    "{{",
    "}}",
    "${",
    "#{",
    "<%",
    "%>",
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<a ",
    "<a b=",
    "on",
    "onerror=",
    "=",
    "javascript:",
    "&",
    "&#",
    "&#x3",
    "&lt",
    "&amp;",
    "%",
    "%2",
    "%25",
    "%2525",
    "%u00",
    "%c0",
    "\\x",
    "\\u0",
    "\\u{",
    "\\1",
    "+",
    ",",
    ";",
    ":",
    "://",
    "http://",
    "//",
    "/",
    "../",
    "..\\",
    "./",
    "|",
    "||",
    "&&",
    "$(",
    "$((",
    "() {",
    "*)(",
    ")(|(",
    "@",
    ".",
    "?",
    "!",
    "~",
    "^",
    "aGVsbG8g",
    "QUFB",
    "====",
    "a",
    "1",
    "1e1",
    " ",
    "\t",
    "\r\n",
    "\r",
    "\0",
    "md5() ",
    "java.io.x ",
    ";time a ",
    ";sh<",
    "<iframe ",
    "<style>",
    "java.io.error: ",
    "at java.io.x(y.java:1) ",
    "\nContent-Type: a",
    " ~/.ssh/id_ ",
    "<b>",
    "union select a from ",
    "; update a ",
    "1;table a ",
    "1 and a(",
    "' not in(",
    "'-a(",
    "{{(a",
    "a@b.c\nto:",
    "\u{ff1c}",
    "\u{e9}",
    "\u{200b}",
    "__proto__",
    "constructor",
    "$ne",
    "\":",
    "O:1:\"",
    "rO0AB",
];

const CARRIERS: &[Carrier] = &[
    Carrier::QueryValue,
    Carrier::Path,
    Carrier::Header,
    Carrier::JsonValue,
    Carrier::XmlText,
    Carrier::XmlDtd,
    Carrier::FileName,
    Carrier::FileContent,
    Carrier::Text,
];

const TYPES: &[&str] = &[
    "application/x-www-form-urlencoded",
    "application/json",
    "application/xml",
    "text/plain",
    "multipart/form-data; boundary=b",
];

/// The length of an input, and of the one that shows whether the cost grows with the length.
const SHORT: usize = 4 << 10;
const LONG: usize = 64 << 10;

/// One or two pieces, repeated.
fn repeated(first: &str, second: &str, length: usize) -> Vec<u8> {
    let once = [first, second].concat();
    let mut bytes = once.repeat(length / once.len() + 1).into_bytes();
    bytes.truncate(length);
    bytes
}

/// The shortest time of three runs, per KiB.
fn cost(length: usize, mut run: impl FnMut()) -> Duration {
    let least = (0..3)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap();
    least * 1024 / u32::try_from(length).unwrap()
}

struct Judge {
    detector: Detector,
    scratch: Scratch,
    split: Split,
    findings: Findings,
}

impl Judge {
    fn value(&mut self, carrier: Carrier, value: &[u8]) -> Duration {
        cost(value.len(), || {
            self.findings.clear();
            let field = Field {
                carrier,
                name: b"name",
                value,
            };
            self.detector
                .judge(field, Paranoia::One, &mut self.scratch, &mut self.findings);
            black_box(self.findings.total());
        })
    }

    /// Splits a body and judges every field of it. It never ends early, so that nothing is left
    /// out.
    fn body(&mut self, content_type: &str, bytes: &[u8]) -> Duration {
        cost(bytes.len(), || {
            let mut sink = |field: Field<'_>| {
                self.findings.clear();
                self.detector
                    .judge(field, Paranoia::One, &mut self.scratch, &mut self.findings);
                ControlFlow::Continue(())
            };
            let body = Body {
                content_type: Some(content_type.as_bytes()),
                content_encoding: None,
                bytes,
            };
            let mut budget = Budget::new(Limits::default());
            let mut feed = Feed::new(&mut budget, &mut sink);
            black_box(body::split(body, &mut self.split, &mut feed)).ok();
        })
    }
}

fn main() {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let mut judge = Judge {
        detector: Detector::new(),
        scratch: Scratch::default(),
        split: Split::default(),
        findings: Findings::new(),
    };
    let mut costs: Vec<(Duration, String, Duration)> = Vec::new();
    for (number, (first, second)) in PIECES
        .iter()
        .flat_map(|first| PIECES.iter().map(move |second| (first, second)))
        .enumerate()
    {
        let carrier = CARRIERS[number % CARRIERS.len()];
        let content_type = TYPES[number % TYPES.len()];
        let kind = format!("{first:?} {second:?} {}", carrier.as_str());
        if wanted.as_ref().is_some_and(|wanted| !kind.contains(wanted)) {
            continue;
        }
        let bytes = repeated(first, second, SHORT);
        let short = judge.value(carrier, &bytes);
        let long = judge.value(carrier, &repeated(first, second, LONG));
        costs.push((short, kind, long));
        if number % 4 == 0 {
            let kind = format!("{first:?} {second:?} {content_type}");
            let short = judge.body(content_type, &bytes);
            let long = judge.body(content_type, &repeated(first, second, LONG));
            costs.push((short, kind, long));
        }
    }
    report(costs);
}

fn report(mut costs: Vec<(Duration, String, Duration)>) {
    println!("{} kinds of input", costs.len());
    costs.sort_by_key(|(short, ..)| std::cmp::Reverse(*short));
    if let Some((half, ..)) = costs.get(costs.len() / 2) {
        println!("half of them below {half:.1?} a KiB");
    }
    println!("dearest, a KiB of 4 KiB (of 64 KiB):");
    for (short, kind, long) in costs.iter().take(20) {
        println!("  {short:>9.1?} ({long:.1?})  {kind}");
    }
    let growth = |(short, _, long): &(Duration, String, Duration)| {
        long.as_nanos() * 100 / short.as_nanos().max(200)
    };
    costs.sort_by_key(|kind| std::cmp::Reverse(growth(kind)));
    println!("most dearer at sixteen times the length:");
    for (short, kind, long) in costs.iter().take(10) {
        println!("  {short:>9.1?} -> {long:.1?}  {kind}");
    }
}
