//! Explains how a verdict comes about: the same code as [`Firewall::inspect`], with a trail.

use super::Firewall;
use super::consequence::{Consequence, consequence};
use crate::checks::{Check, Inspection};
use crate::client::Client;
use crate::protection::{Protection, Protections};
use crate::request::RequestView;
use crate::verdict::{BodyPlan, Cause, CollectedBody, Longer, Verdict};

/// How a verdict came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The path as every check sees it.
    pub path: String,
    /// The client, if known.
    pub client: Option<Client>,
    /// The pattern of the route, if known.
    pub route: Option<String>,
    /// Whether another site made a visitor's browser send the request. Such a request strikes
    /// nobody.
    pub cross_site: bool,
    /// What each step found, in the order in which the steps run.
    pub steps: Vec<Step>,
    /// The verdict.
    pub verdict: Verdict,
    /// What a refusal means for an accountable client.
    pub consequence: Consequence,
}

/// One step of an inspection.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The name of the check, or `ip_lists` for the whitelist, the blacklist and the bans.
    pub name: &'static str,
    /// Which part of the request the step looked at.
    pub part: Part,
    /// What the step found.
    pub finding: Finding,
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything before the body.
    Head,
    /// The body.
    Body,
}

/// What one step found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// Nothing against the request.
    Passed,
    /// The client is on the whitelist: only required protections run.
    Allowed,
    /// Nothing in the head, but the body must be inspected too.
    NeedsBody(BodyPlan),
    /// A cause that is only recorded, because the protection monitors.
    Recorded(Cause),
    /// A cause to refuse the request.
    Refused(Cause),
    /// The step did not run.
    Skipped(Skip),
}

/// Why a step did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// The settings turn it off.
    TurnedOff,
    /// The path, its rule or its route is exempt from this protection.
    Exempt,
    /// The client is on the whitelist.
    ClientAllowed,
    /// The request was already refused.
    AlreadyRefused,
}

/// Where in an inspection something was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    name: &'static str,
    part: Part,
    /// `None` for steps that no setting turns off.
    pub(super) protection: Option<Protection>,
}

impl Place {
    /// The whitelist, the blacklist and the bans.
    pub(super) const LISTS: Self = Self {
        name: "ip_lists",
        part: Part::Head,
        protection: None,
    };

    /// The step that collects the body, for a check of this protection.
    pub(super) const fn body(protection: Option<Protection>) -> Self {
        Self {
            name: "body",
            part: Part::Body,
            protection,
        }
    }

    pub(super) fn check(check: &dyn Check, part: Part) -> Self {
        Self {
            name: check.name(),
            part,
            protection: Some(check.protection()),
        }
    }
}

/// What an inspection records for an [`Explanation`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    path: String,
    route: Option<String>,
    steps: Vec<Step>,
}

impl Trail {
    pub(super) fn begin(&mut self, request: &Inspection<'_>) {
        self.path = String::from_utf8_lossy(request.path.as_bytes()).into_owned();
        self.route = request.scope.pattern.map(str::to_owned);
    }

    pub(crate) fn note(&mut self, place: Place, finding: Finding) {
        self.steps.push(Step {
            name: place.name,
            part: place.part,
            finding,
        });
    }

    fn has(&self, name: &str) -> bool {
        self.steps.iter().any(|step| step.name == name)
    }

    fn lists_allow(&self) -> bool {
        let allowed = |step: &Step| step.finding == Finding::Allowed;
        self.steps.iter().any(allowed)
    }
}

impl Firewall {
    /// Decides about a request and its body as [`Firewall::inspect`] and [`Firewall::inspect_body`]
    /// do, and explains each step. The request counts, strikes and bans like any other, so call
    /// this on a separate firewall.
    pub fn explain(&self, view: &RequestView<'_>, body: &[u8]) -> Explanation {
        let (mut verdict, mut exchange) = self.inspect_with(view, Some(Box::default()));
        if let Verdict::NeedBody(plan) = verdict {
            let is_longer = body.len() > plan.limit;
            let collected = match plan.longer {
                Longer::Refuse if is_longer => CollectedBody::TooLarge,
                Longer::Pass if is_longer => {
                    CollectedBody::Head(body.get(..plan.limit).unwrap_or(body))
                }
                // The whole body is already here, so a body that would be watched is inspected at
                // once.
                _ => CollectedBody::Whole(body),
            };
            verdict = self.inspect_body(view, &mut exchange, plan, collected);
        }
        let mut trail = exchange
            .trail
            .take()
            .map_or_else(Trail::default, |trail| *trail);
        let refused = verdict.refusal().is_some();
        self.note_skipped(&mut trail, exchange.ran, refused);
        Explanation {
            path: trail.path,
            client: exchange.client,
            route: trail.route,
            cross_site: exchange.cross_site,
            steps: trail.steps,
            consequence: match verdict.refusal() {
                Some(refusal) => {
                    let preset = self.settings().preset;
                    consequence(preset, &refusal.cause, view, exchange.cross_site)
                }
                None => Consequence::Nothing,
            },
            verdict,
        }
    }

    /// Adds the checks that did not run, each at its place in the order.
    fn note_skipped(&self, trail: &mut Trail, ran: Protections, refused: bool) {
        let lists_allow = trail.lists_allow();
        for (at, check) in self.checks.iter().enumerate() {
            if trail.has(check.name()) {
                continue;
            }
            let skip = self.skip(check.protection(), ran, refused, lists_allow);
            let before = self.checks.iter().take(at).map(|check| check.name());
            let place = before
                .filter_map(|name| trail.steps.iter().position(|step| step.name == name))
                .max()
                .map_or_else(|| lists(trail), |place| place + 1);
            trail.steps.insert(
                place,
                Step {
                    name: check.name(),
                    part: Part::Head,
                    finding: Finding::Skipped(skip),
                },
            );
        }
    }

    fn skip(
        &self,
        protection: Protection,
        ran: Protections,
        refused: bool,
        lists_allow: bool,
    ) -> Skip {
        if !self.policy.load().turns_on(protection) {
            Skip::TurnedOff
        } else if lists_allow {
            Skip::ClientAllowed
        } else if refused && (ran.is_empty() || ran.contains(protection)) {
            Skip::AlreadyRefused
        } else {
            Skip::Exempt
        }
    }
}

/// How many steps come before the first check.
fn lists(trail: &Trail) -> usize {
    let mut steps = trail.steps.iter();
    usize::from(
        steps
            .next()
            .is_some_and(|step| step.name == Place::LISTS.name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Peer;
    use crate::settings::{PathRule, Settings};
    use crate::store::{AllowedNetwork, DeniedNetwork, KeywordRecord, Origin, Records};

    const LISTS: &str = Place::LISTS.name;

    fn records() -> Records {
        let now = std::time::SystemTime::now();
        Records {
            allowed: vec![AllowedNetwork {
                network: "192.0.2.0/24".parse().unwrap(),
                added: now,
            }],
            denied: vec![DeniedNetwork {
                network: "198.51.100.0/24".parse().unwrap(),
                reason: "told us so".to_owned(),
                added: now,
                until: None,
                origin: Origin::Manual,
                evidence: None,
            }],
            keywords: vec![KeywordRecord {
                keyword: "forbidden".to_owned(),
                added: now,
            }],
            ..Records::default()
        }
    }

    fn firewall(change: impl FnOnce(&mut Settings)) -> Firewall {
        Firewall::builder()
            .records(records())
            .with_settings(change)
            .build()
            .unwrap()
    }

    fn view<'a>(peer: &str, target: &'a str) -> RequestView<'a> {
        RequestView {
            peer: Peer::Address(peer.parse().unwrap()),
            headers: &[("content-length", b"14")],
            ..RequestView::new("POST", target.as_bytes())
        }
    }

    fn finding(explanation: &Explanation, name: &str, part: Part) -> Finding {
        let mut steps = explanation.steps.iter();
        let step = steps.find(|step| step.name == name && step.part == part);
        step.unwrap().finding.clone()
    }

    #[test]
    fn an_explanation_ends_in_the_verdict_of_an_inspection() {
        let peers = ["203.0.113.7", "192.0.2.1", "198.51.100.9"];
        let targets = [
            "/",
            "/.env",
            "/x?q=forbidden",
            "/static/a.css",
            "/open/.git/config",
        ];
        let exempt = |settings: &mut Settings| settings.exempt_paths_extra = vec!["/open/".into()];
        for peer in peers {
            for target in targets {
                let view = view(peer, target);
                let explained = firewall(exempt).explain(&view, b"").verdict;
                let (inspected, _) = firewall(exempt).inspect(&view);
                let code =
                    |verdict: &Verdict| verdict.refusal().map(|refusal| refusal.cause.clone());
                // Without a body, nothing is left to refuse.
                assert_eq!(code(&explained), code(&inspected), "{peer} {target}");
            }
        }
    }

    #[test]
    fn every_step_is_told_with_its_reason() {
        let refused = firewall(|_| {}).explain(&view("203.0.113.7", "/a/..%2f.env"), b"");
        assert_eq!(refused.path, "/.env");
        assert_eq!(finding(&refused, LISTS, Part::Head), Finding::Passed);
        assert_eq!(finding(&refused, "rate_limit", Part::Head), Finding::Passed);
        let cause = refused.verdict.refusal().unwrap().cause.clone();
        assert_eq!(cause.code(), "probe");
        let told = finding(&refused, "ip_keyword_block", Part::Head);
        assert_eq!(told, Finding::Refused(cause));

        let denied = firewall(|_| {}).explain(&view("198.51.100.9", "/"), b"");
        assert!(matches!(
            finding(&denied, LISTS, Part::Head),
            Finding::Refused(Cause::Denied { .. })
        ));
        let told = finding(&denied, "rate_limit", Part::Head);
        assert_eq!(told, Finding::Skipped(Skip::AlreadyRefused));

        let allowed = firewall(|_| {}).explain(&view("192.0.2.1", "/.env"), b"");
        assert_eq!(finding(&allowed, LISTS, Part::Head), Finding::Allowed);
        let told = finding(&allowed, "ip_keyword_block", Part::Head);
        assert_eq!(told, Finding::Skipped(Skip::ClientAllowed));
        assert_eq!(allowed.verdict, Verdict::Allow);
    }

    #[test]
    fn what_is_turned_off_exempt_or_only_recorded_says_so() {
        let off = firewall(|settings| {
            settings.protections.disable = Protections::of([Protection::RateLimit]);
        });
        let told = off.explain(&view("203.0.113.7", "/"), b"");
        let told = finding(&told, "rate_limit", Part::Head);
        assert_eq!(told, Finding::Skipped(Skip::TurnedOff));

        let ruled = firewall(|settings| {
            settings.path_rules = vec![PathRule {
                prefix: "/hook/".to_owned(),
                disable: Protections::of([Protection::RateLimit]),
                mode: Some(crate::protection::Mode::Monitor),
                ..PathRule::default()
            }];
        });
        let told = ruled.explain(&view("203.0.113.7", "/hook/.env"), b"");
        assert_eq!(told.verdict, Verdict::Allow);
        let exempt = finding(&told, "rate_limit", Part::Head);
        assert_eq!(exempt, Finding::Skipped(Skip::Exempt));
        let recorded = finding(&told, "ip_keyword_block", Part::Head);
        assert!(matches!(recorded, Finding::Recorded(Cause::Probe { .. })));
    }

    #[test]
    fn the_body_has_a_step_of_its_own() {
        let firewall = firewall(|settings| settings.keywords.in_body = true);
        let told = firewall.explain(&view("203.0.113.7", "/comments"), b"text=forbidden");
        let head = finding(&told, "ip_keyword_block", Part::Head);
        assert!(matches!(head, Finding::NeedsBody(_)));
        let body = finding(&told, "ip_keyword_block", Part::Body);
        assert!(matches!(
            body,
            Finding::Refused(Cause::Keyword { place: "body", .. })
        ));
        assert_eq!(told.verdict.refusal().unwrap().cause.code(), "keyword");
    }
}
