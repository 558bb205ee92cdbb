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
        "rce-named-command",
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

/// A flag is judged once, for what it would be as a name and as a value.
#[test]
fn a_flag_is_judged_as_a_name_and_as_a_value() {
    let detector = Detector::new();
    let judged = |carrier, sample: &str| judge_whole(&detector, carrier, sample.as_bytes());
    for (name, value, flag) in [
        (Carrier::QueryName, Carrier::QueryValue, Carrier::QueryFlag),
        (Carrier::FormName, Carrier::FormValue, Carrier::FormFlag),
    ] {
        for rule in Detector::rules() {
            for sample in rule.hits.iter().chain(rule.misses) {
                let (one, other, both) = (
                    judged(name, sample),
                    judged(value, sample),
                    judged(flag, sample),
                );
                assert!(
                    both.total() >= one.total().max(other.total()),
                    "{sample:?} in {flag:?}"
                );
                let is_known = |rule| one.iter().chain(other.iter()).any(|of| of.rule == rule);
                assert!(
                    both.iter().all(|finding| is_known(finding.rule)),
                    "{sample:?} in {flag:?}"
                );
            }
        }
    }
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
