//! Counts and judges the results of the demo's requests.

use serde_json::{Value, json};

use super::client::Answer;
use super::ledger::Reason;
use super::scenes::{Call, Role, Scene};

/// The result of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) status: u16,
    /// The engine's reason; `None` if it let the request pass.
    pub(crate) refused: Option<Reason>,
}

impl Fate {
    pub(crate) fn new(answer: &Answer, refused: Option<Reason>) -> Self {
        Self {
            status: answer.status,
            refused,
        }
    }

    /// Whether the visitor got what it asked for.
    fn served(&self) -> bool {
        self.refused.is_none() && self.status < 400
    }
}

/// The results of one call. Equal results in a row are counted, not repeated.
pub(crate) struct Played {
    pub(crate) fates: Vec<(Fate, usize)>,
}

impl Played {
    pub(crate) fn new(fates: impl IntoIterator<Item = Fate>) -> Self {
        let mut counted: Vec<(Fate, usize)> = Vec::new();
        for fate in fates {
            match counted.last_mut() {
                Some((last, count)) if alike(last, &fate) => {
                    *last = fate;
                    *count += 1;
                }
                _ => counted.push((fate, 1)),
            }
        }
        Self { fates: counted }
    }
}

/// Whether two results have the same status and cause; numbers in a cause's text may have grown.
fn alike(one: &Fate, other: &Fate) -> bool {
    let code = |fate: &Fate| fate.refused.as_ref().map(|reason| reason.code);
    one.status == other.status && code(one) == code(other)
}

/// The totals of the demo.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Requests that no ordinary client would send.
    pub(crate) attacks: usize,
    /// The attacks that reached the site.
    pub(crate) got_through: usize,
    /// Requests of the visitor.
    pub(crate) visits: usize,
    /// The visits that were refused, or not answered as they should be.
    pub(crate) turned_away: usize,
}

impl Tally {
    pub(crate) fn count(&mut self, scene: &Scene, call: &Call, played: &Played) {
        match scene.role {
            Role::Attacker => {
                let passed: usize = counts(played, |fate| fate.refused.is_none());
                self.attacks += call.times.saturating_sub(call.allowed);
                self.got_through += passed.saturating_sub(call.allowed);
            }
            Role::Visitor => {
                self.visits += call.times;
                self.turned_away += counts(played, |fate| !fate.served());
            }
        }
    }

    /// Whether every attack was stopped and the visitor was not.
    pub(crate) const fn is_good(&self) -> bool {
        self.got_through == 0 && self.turned_away == 0
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "attacks": { "sent": self.attacks, "got_through": self.got_through },
            "visitor": { "sent": self.visits, "turned_away": self.turned_away },
            "good": self.is_good(),
        })
    }
}

fn counts(played: &Played, wanted: impl Fn(&Fate) -> bool) -> usize {
    let matching = played.fates.iter().filter(|(fate, _)| wanted(fate));
    matching.map(|(_, count)| count).sum()
}

/// One call and its results, as JSON.
pub(crate) fn call_json(call: &Call, played: &Played) -> Value {
    let fates = played.fates.iter();
    let fates: Vec<_> = fates
        .map(|(fate, count)| {
            json!({
                "times": count,
                "status": fate.status,
                "verdict": if fate.refused.is_some() { "refuse" } else { "allow" },
                "cause": fate.refused.as_ref().map(|reason| {
                    json!({ "code": reason.code, "detail": reason.detail })
                }),
            })
        })
        .collect();
    json!({ "method": call.method, "target": call.target, "answers": fates })
}

#[cfg(test)]
mod tests {
    use super::super::scenes::scenes;
    use super::*;

    fn fate(status: u16, code: Option<&'static str>) -> Fate {
        let refused = code.map(|code| Reason {
            code,
            detail: String::new(),
        });
        Fate { status, refused }
    }

    fn tally(role: Role, fates: &[Fate]) -> Tally {
        let mut scenes = scenes();
        let scene = scenes.iter_mut().find(|scene| scene.role == role).unwrap();
        let mut tally = Tally::default();
        tally.count(scene, &scene.calls[0], &Played::new(fates.to_vec()));
        tally
    }

    #[test]
    fn an_attack_that_got_through_is_no_success() {
        assert!(tally(Role::Attacker, &[fate(403, Some("probe"))]).is_good());
        assert!(!tally(Role::Attacker, &[fate(200, None)]).is_good());
        // A missing page is no success of the firewall.
        assert!(!tally(Role::Attacker, &[fate(404, None)]).is_good());
    }

    #[test]
    fn a_visitor_turned_away_is_no_success() {
        assert!(tally(Role::Visitor, &[fate(303, None)]).is_good());
        assert!(!tally(Role::Visitor, &[fate(403, Some("probe"))]).is_good());
        assert!(!tally(Role::Visitor, &[fate(404, None)]).is_good());
    }

    #[test]
    fn what_is_alike_is_counted() {
        let limited = || fate(429, Some("rate_limit"));
        let played = Played::new([
            fate(200, None),
            fate(200, None),
            limited(),
            fate(403, Some("rate_flood")),
        ]);
        let counts: Vec<_> = played
            .fates
            .iter()
            .map(|(fate, count)| (fate.status, *count))
            .collect();
        assert_eq!(counts, [(200, 2), (429, 1), (403, 1)]);
    }
}
