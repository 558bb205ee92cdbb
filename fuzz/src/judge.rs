//! What must hold when a value is judged, for any input.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use aiwaf_core::carriers::{Budget, Feed, Halt, Limits, Scratch as Split, Sink, cookies, query};
use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

/// Signatures and recognisers only: the gate hides none of their findings, but the model is only
/// asked about values that the gate keeps.
static RULES: LazyLock<Detector> = LazyLock::new(|| Detector::with_model(None));

const CARRIERS: [Carrier; 22] = [
    Carrier::Path,
    Carrier::QueryName,
    Carrier::QueryValue,
    Carrier::QueryFlag,
    Carrier::CookieName,
    Carrier::CookieValue,
    Carrier::Header,
    Carrier::OwnHeader,
    Carrier::FormName,
    Carrier::FormValue,
    Carrier::FormFlag,
    Carrier::JsonKey,
    Carrier::JsonValue,
    Carrier::XmlText,
    Carrier::XmlAttribute,
    Carrier::XmlDtd,
    Carrier::PartName,
    Carrier::FileName,
    Carrier::PartHeader,
    Carrier::PartValue,
    Carrier::FileContent,
    Carrier::Text,
];

/// Runs all signatures and recognisers on a value in each carrier: nothing panics, the score is the
/// sum of the findings, and buffers that held another value before change nothing.
pub fn judge(input: &[u8]) {
    let mut scratch = Scratch::default();
    for carrier in CARRIERS {
        let field = Field {
            carrier,
            name: b"name",
            value: input,
        };
        let first = findings(field, &mut scratch);
        assert_eq!(
            first.total(),
            first.iter().map(|finding| finding.score).sum::<u32>()
        );
        let fresh = findings(field, &mut Scratch::default());
        assert!(first.iter().eq(fresh.iter()));
        assert!(first.is_empty() || !DETECTOR.clean(field));
        for finding in &first {
            assert!(finding.span.start <= finding.span.end && finding.span.end <= input.len());
        }
    }
}

fn findings(field: Field<'_>, scratch: &mut Scratch) -> Findings {
    findings_of(&DETECTOR, field, scratch)
}

fn findings_of(detector: &Detector, field: Field<'_>, scratch: &mut Scratch) -> Findings {
    let mut findings = Findings::new();
    detector.judge(field, Paranoia::Four, scratch, &mut findings);
    findings
}

/// A raw query or cookie line that is called clean contains no attack in any name or value.
pub fn clean_raw(input: &[u8]) {
    if RULES.clean_raw(input) {
        let mut split = Split::default();
        assert_clean(|feed| query::split(input, query::QUERY, &mut split, feed));
    }
    if cookies::are_ordinary(input) && RULES.clean_cookies(input) {
        let mut split = Split::default();
        assert_clean(|feed| cookies::split(input, &mut split, feed));
    }
}

fn assert_clean(split: impl FnOnce(&mut Feed<'_, dyn Sink + '_>) -> Result<(), Halt>) {
    let mut scratch = Scratch::default();
    let mut sink = |field: Field<'_>| {
        assert!(findings_of(&RULES, field, &mut scratch).is_empty());
        ControlFlow::Continue(())
    };
    let mut budget = Budget::new(Limits::default());
    let _ = split(&mut Feed::new(&mut budget, &mut sink));
}
