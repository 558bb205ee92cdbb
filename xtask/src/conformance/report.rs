//! The results: a line per adapter, the failures, and the differences between adapters.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use super::judge::Observed;

/// The result of one case.
#[derive(Debug)]
pub(super) enum Outcome {
    Passed(Observed),
    Failed(String),
    Cannot(String),
}

/// All results, by adapter.
#[derive(Debug, Default)]
pub(super) struct Report {
    adapters: Vec<(String, Vec<(String, Outcome)>)>,
}

impl Report {
    /// The results from here on belong to this adapter.
    pub(super) fn begin(&mut self, adapter: &str) {
        self.adapters.push((adapter.to_owned(), Vec::new()));
    }

    /// Adds the result of a case.
    pub(super) fn add(&mut self, case: String, outcome: Outcome) {
        if let Some((_, outcomes)) = self.adapters.last_mut() {
            outcomes.push((case, outcome));
        }
    }

    /// Whether something ran, nothing failed, and all adapters agree.
    pub(super) fn holds(&self) -> bool {
        let ran = |outcomes: &[(String, Outcome)]| {
            let passed = |(_, outcome): &(String, Outcome)| matches!(outcome, Outcome::Passed(_));
            outcomes.iter().any(passed)
        };
        !self.adapters.is_empty()
            && self.adapters.iter().all(|(_, outcomes)| ran(outcomes))
            && self.failures().is_empty()
            && self.differences().is_empty()
    }

    fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (adapter, outcomes) in &self.adapters {
            for (case, outcome) in outcomes {
                if let Outcome::Failed(why) = outcome {
                    failures.push(format!("{adapter}: {case}: {why}"));
                }
            }
        }
        failures
    }

    /// Cases that two adapters pass in different ways.
    fn differences(&self) -> Vec<String> {
        let mut first: BTreeMap<&str, (&str, &Observed)> = BTreeMap::new();
        let mut differences = Vec::new();
        for (adapter, outcomes) in &self.adapters {
            for (case, outcome) in outcomes {
                let Outcome::Passed(observed) = outcome else {
                    continue;
                };
                let (other, expected) = *first.entry(case).or_insert((adapter, observed));
                if expected != observed {
                    differences.push(format!(
                        "{case}: {other} {expected:?}, {adapter} {observed:?}"
                    ));
                }
            }
        }
        differences
    }

    /// Prints everything, as lines or as JSON.
    pub(super) fn print(&self, as_json: bool) -> Result<()> {
        if as_json {
            println!("{}", serde_json::to_string_pretty(&self.json())?);
            return Ok(());
        }
        for (title, lines) in [
            ("failed", self.failures()),
            ("different", self.differences()),
        ] {
            for line in lines {
                println!("{title}  {line}");
            }
        }
        for (reason, cases) in self.cannot() {
            println!("cannot  {reason} ({cases} cases)");
        }
        for (adapter, outcomes) in &self.adapters {
            let [passed, failed, cannot] = counts(outcomes);
            println!("{adapter}: {passed} passed, {failed} failed, {cannot} cannot");
        }
        Ok(())
    }

    /// The number of cases that cannot be met, by adapter and reason.
    fn cannot(&self) -> BTreeMap<String, usize> {
        let mut reasons = BTreeMap::new();
        for (adapter, outcomes) in &self.adapters {
            for (_, outcome) in outcomes {
                if let Outcome::Cannot(reason) = outcome {
                    *reasons.entry(format!("{adapter}: {reason}")).or_default() += 1;
                }
            }
        }
        reasons
    }

    fn json(&self) -> serde_json::Value {
        let adapters: Vec<_> = self
            .adapters
            .iter()
            .map(|(name, outcomes)| {
                let [passed, failed, cannot] = counts(outcomes);
                json!({ "name": name, "passed": passed, "failed": failed, "cannot": cannot })
            })
            .collect();
        json!({
            "adapters": adapters,
            "failures": self.failures(),
            "differences": self.differences(),
            "cannot": self.cannot(),
        })
    }
}

/// The number of cases that passed, failed and cannot be met.
fn counts(outcomes: &[(String, Outcome)]) -> [usize; 3] {
    let mut counts = [0; 3];
    let [passed, failed, cannot] = &mut counts;
    for (_, outcome) in outcomes {
        *match outcome {
            Outcome::Passed(_) => &mut *passed,
            Outcome::Failed(_) => &mut *failed,
            Outcome::Cannot(_) => &mut *cannot,
        } += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_a_difference_or_nothing_at_all_does_not_hold() {
        let passed = |what: &str| Outcome::Passed(vec![what.to_owned()]);
        let report = |outcomes: Vec<Outcome>| {
            let mut report = Report::default();
            for (name, outcome) in ["a", "b"].into_iter().zip(outcomes) {
                report.begin(name);
                report.add("case".to_owned(), passed("another"));
                report.add("the case".to_owned(), outcome);
            }
            report.holds()
        };
        assert!(report(vec![passed("403"), passed("403")]));
        assert!(report(vec![
            passed("403"),
            Outcome::Cannot("why".to_owned())
        ]));
        assert!(!report(vec![passed("403"), passed("404")]));
        assert!(!report(vec![
            passed("403"),
            Outcome::Failed("why".to_owned())
        ]));
        assert!(!Report::default().holds());
    }
}
