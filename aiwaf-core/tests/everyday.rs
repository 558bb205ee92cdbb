//! Values that people and programs send every day: none of them may be refused.

use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};

const VALUES: [Carrier; 7] = [
    Carrier::QueryValue,
    Carrier::FormValue,
    Carrier::CookieValue,
    Carrier::JsonValue,
    Carrier::XmlText,
    Carrier::PartValue,
    Carrier::Text,
];
const BODIES: [Carrier; 5] = [
    Carrier::FormValue,
    Carrier::JsonValue,
    Carrier::XmlText,
    Carrier::PartValue,
    Carrier::Text,
];

fn refused(file: &str, carriers: &[Carrier]) -> Vec<String> {
    let detector = Detector::new();
    let mut scratch = Scratch::default();
    let mut findings = Findings::new();
    let mut refused = Vec::new();
    for line in file.lines().filter(|line| !line.is_empty()) {
        let value = line
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("\\r", "\r");
        for &carrier in carriers {
            findings.clear();
            let field = Field {
                carrier,
                name: b"message",
                value: value.as_bytes(),
            };
            detector.judge(field, Paranoia::One, &mut scratch, &mut findings);
            if findings.total() >= Paranoia::One.threshold() {
                let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
                refused.push(format!("{carrier:?} {line:?}: {rules:?}"));
            }
        }
    }
    refused
}

#[track_caller]
fn assert_passes(file: &str, carriers: &[Carrier]) {
    assert!(file.lines().count() > 10);
    let refused = refused(file, carriers);
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// Passwords drawn from all printable bytes. Hardly anybody's may keep him from signing in.
#[test]
fn passwords_drawn_at_random() {
    let detector = Detector::new();
    let mut scratch = Scratch::default();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut refused = Vec::new();
    const DRAWN: usize = 40_000;
    for _ in 0..DRAWN {
        let password: Vec<u8> = (0..16)
            .map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                b'!' + u8::try_from(seed % 94).unwrap()
            })
            .collect();
        let field = Field {
            carrier: Carrier::FormValue,
            name: b"password",
            value: &password,
        };
        let mut findings = Findings::new();
        detector.judge(field, Paranoia::One, &mut scratch, &mut findings);
        if findings.total() >= Paranoia::One.threshold() {
            let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
            refused.push(format!("{}: {rules:?}", String::from_utf8_lossy(&password)));
        }
    }
    // Signs that an attack needs are evidence in a password too.
    assert!(refused.len() * 400 <= DRAWN, "{refused:#?}");
}

#[test]
fn prose() {
    assert_passes(include_str!("everyday/prose.txt"), &VALUES);
}

#[test]
fn names() {
    assert_passes(include_str!("everyday/names.txt"), &VALUES);
}

#[test]
fn reports() {
    assert_passes(include_str!("everyday/reports.txt"), &BODIES);
}

#[test]
fn code() {
    assert_passes(include_str!("everyday/code.txt"), &BODIES);
}

#[test]
fn markup() {
    assert_passes(include_str!("everyday/markup.txt"), &BODIES);
}

#[test]
fn json() {
    assert_passes(include_str!("everyday/json.txt"), &VALUES);
}

#[test]
fn languages() {
    assert_passes(include_str!("everyday/languages.txt"), &VALUES);
}

/// Values that clients put into parameters, cookies and fields without the user's involvement.
#[test]
fn parameters() {
    assert_passes(include_str!("everyday/parameters.txt"), &VALUES);
}

/// Passwords: every character on a keyboard, in any order.
#[test]
fn credentials() {
    assert_passes(include_str!("everyday/credentials.txt"), &BODIES);
}

#[test]
fn documents() {
    assert_passes(include_str!("everyday/documents.txt"), &BODIES);
}

#[test]
fn rich_text() {
    assert_passes(include_str!("everyday/richtext.txt"), &BODIES);
}

/// Reports that pages send about themselves: logs, header lines, JSON in JSON, traces, addresses.
/// Not in form fields.
#[test]
fn telemetry() {
    assert_passes(include_str!("everyday/telemetry.txt"), &BODIES[1..]);
}
