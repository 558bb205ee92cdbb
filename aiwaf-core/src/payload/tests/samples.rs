//! Every rule hits its attacks and does not hit its everyday values.

use super::*;

/// The most general carrier that `rule` applies to.
fn carrier_of(rule: &Rule) -> Carrier {
    [
        Carrier::QueryValue,
        Carrier::QueryName,
        Carrier::FileName,
        Carrier::FileContent,
        Carrier::Path,
        Carrier::XmlDtd,
        Carrier::Header,
        Carrier::PartHeader,
        Carrier::JsonValue,
    ]
    .into_iter()
    .find(|&carrier| rule.carriers.contains(carrier))
    .unwrap()
}

#[test]
fn every_rule_hits_its_samples() {
    // These rules depend on the kind or the name of the field; they have tests of their own.
    let named = [
        "nosqli-key",
        "code-serialised-type-name",
        "exploit-form-method",
        "exploit-role",
    ];
    let detector = Detector::new();
    let mut failures = Vec::new();
    for rule in Detector::rules() {
        assert!(
            !rule.hits.is_empty() || named.contains(&rule.id),
            "{} has no sample",
            rule.id
        );
        for sample in rule.hits {
            let findings = judge_whole(&detector, carrier_of(rule), sample.as_bytes());
            if !findings.iter().any(|finding| finding.rule == rule.id) {
                failures.push(format!(
                    "{}: {sample:?} -> {:?}",
                    rule.id,
                    findings.iter().map(|f| f.rule).collect::<Vec<_>>()
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_rule_hits_its_counter_samples() {
    let detector = Detector::new();
    let mut failures = Vec::new();
    for rule in Detector::rules() {
        assert!(!rule.misses.is_empty(), "{} has no counter-sample", rule.id);
        for sample in rule.misses {
            let findings = judge_whole(&detector, carrier_of(rule), sample.as_bytes());
            if findings.iter().any(|finding| finding.rule == rule.id) {
                failures.push(format!("{}: {sample:?}", rule.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn rule_ids_are_unique_and_name_their_kind() {
    let mut ids: Vec<_> = Detector::rules().map(|rule| rule.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(ids.iter().all(|id| {
        id.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }));
}
