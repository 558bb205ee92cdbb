//! The body phase.

use std::cell::Cell;
use std::sync::Arc;

use super::{BodyWatch, Finding, Firewall, Part, Place};
use crate::checks::{Check, Inspection, Outcome, SeenBody};
use crate::exchange::Exchange;
use crate::headers::HeaderIndex;
use crate::held::HeldBody;
use crate::normalize::{normalize_path, split_target};
use crate::policy::Policy;
use crate::protection::{Protection, Protections};
use crate::request::RequestView;
use crate::verdict::{BodyPlan, Cause, CollectedBody, Refusal, Verdict};

impl Firewall {
    /// Decides about the part of a body that the adapter holds: with [`Firewall::inspect_body`], or
    /// with [`Firewall::watch_body`] if the rest is to be watched, in which case it returns the
    /// watch.
    ///
    /// # Errors
    /// The refusal.
    pub fn inspect_held(
        self: &Arc<Self>,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        held: &HeldBody,
    ) -> Result<Option<BodyWatch>, Box<Refusal>> {
        if held.needs_watch() {
            return self.watch_body(view, exchange, held.as_ref()).map(Some);
        }
        match self.inspect_body(view, exchange, held.plan(), held.collected()) {
            Verdict::Refuse(refusal) => Err(refusal),
            Verdict::Allow | Verdict::NeedBody(_) => Ok(None),
        }
    }

    pub(super) fn decide_body(
        &self,
        policy: &Policy,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        plan: BodyPlan,
        body: CollectedBody<'_>,
    ) -> Verdict {
        let mut uncollected = |cause| {
            self.with_inspection(policy, view, exchange, |request, exchange| {
                let place = Place::body(self.asking(request, exchange));
                self.settle(request, exchange, cause, place)
            })
        };
        let (bytes, is_whole) = match body {
            CollectedBody::Whole(bytes) => (bytes, true),
            CollectedBody::Head(bytes) => (bytes, false),
            CollectedBody::TooLarge => {
                return uncollected(Cause::BodyTooLarge { limit: plan.limit });
            }
            CollectedBody::NoRoom => return uncollected(Cause::NoRoomForBody),
            CollectedBody::TimedOut => {
                return uncollected(Cause::BodyTimeout {
                    deadline: plan.deadline,
                });
            }
        };
        let body = SeenBody { bytes, is_whole };
        self.body_phase(policy, view, exchange, |request, _, check| {
            check.body(request, body)
        })
    }

    /// The protection that a body is collected for. If several asked for the body, one that refuses
    /// takes precedence over one that only monitors.
    fn asking(&self, request: &Inspection<'_>, exchange: &Exchange) -> Option<Protection> {
        let checks = self.checks.iter().enumerate();
        let asking: Protections = checks
            .filter(|(at, _)| exchange.wants_body & 1 << at != 0)
            .map(|(_, check)| check.protection())
            .collect();
        let refusing = asking.without(request.scope.monitored);
        refusing.iter().chain(asking.iter()).next()
    }

    /// Calls `ask` for every check that wants the body, with the check's index in the order of
    /// checks.
    pub(super) fn body_phase(
        &self,
        policy: &Policy,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        mut ask: impl FnMut(&Inspection<'_>, usize, &dyn Check) -> Outcome,
    ) -> Verdict {
        self.with_inspection(policy, view, exchange, |request, exchange| {
            for (at, check) in self.checks.iter().enumerate() {
                if exchange.wants_body & 1 << at == 0 {
                    continue;
                }
                let place = Place::check(&**check, Part::Body);
                let Outcome::Refuse(cause) = ask(request, at, &**check) else {
                    exchange.note(place, || Finding::Passed);
                    continue;
                };
                let verdict = self.settle(request, exchange, cause, place);
                if verdict != Verdict::Allow {
                    return verdict;
                }
            }
            Verdict::Allow
        })
    }

    /// Rebuilds the inspection of the head and passes it to `f`, for the phases that run after
    /// [`Firewall::inspect`] has returned.
    pub(super) fn with_inspection<R>(
        &self,
        policy: &Policy,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        f: impl FnOnce(&Inspection<'_>, &mut Exchange) -> R,
    ) -> R {
        let target = split_target(view.target);
        let path = normalize_path(&target);
        let scope = policy.scope(view.method, path.as_bytes(), path.traits(), view.route);
        let request = Inspection {
            view,
            headers: HeaderIndex::new(view.headers),
            target,
            path: &path,
            client: exchange.client,
            scope: &scope,
            policy,
            state: &self.state,
            now: self.clock.now(),
            clock: &*self.clock,
            cross_site: exchange.cross_site,
            asked_ids: Cell::new(exchange.asked_ids),
        };
        f(&request, exchange)
    }
}
