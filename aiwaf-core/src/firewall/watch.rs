//! Watching a long body while it passes to the handler.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Firewall, Part, Place, events};
use crate::checks::{Check, Inspection, Outcome, SeenBody, Watch};
use crate::exchange::Exchange;
use crate::request::{HeaderVec, Peer, RequestView, RouteMatch, Version};
use crate::response::Response;
use crate::settings::OnFailure;
use crate::verdict::{Cause, Refusal, Verdict};

/// Inspects the rest of a body that is longer than what was collected, chunk by chunk.
///
/// The adapter shows it each chunk before the handler sees it. Once it refuses, the body must end in an error and the
/// answer be replaced by the refusal's, whatever the handler made of it.
pub struct BodyWatch {
    firewall: Arc<Firewall>,
    head: OwnedHead,
    exchange: Exchange,
    watches: Vec<(usize, Box<dyn Watch>)>,
    late: LateRefusal,
}

/// The error that a watched body ends in once it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the firewall refused the rest of the body")]
pub struct BodyRefused;

/// Where a refusal waits that came while the handler had the request already: it replaces the handler's answer.
#[derive(Clone, Debug, Default)]
pub struct LateRefusal(Arc<Mutex<Option<Answered>>>);

/// A refusal, and its answer.
type Answered = (Box<Refusal>, Response);

impl LateRefusal {
    /// The refusal and its answer, if there is one; once.
    pub fn take(&self) -> Option<(Box<Refusal>, Response)> {
        self.0.lock().take()
    }
}

impl std::fmt::Debug for BodyWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyWatch").finish_non_exhaustive()
    }
}

/// The head of a request that outlives its handler's call.
struct OwnedHead {
    method: String,
    target: Vec<u8>,
    version: Version,
    headers: Vec<(String, Vec<u8>)>,
    peer: Peer,
    pattern: Option<String>,
    route_is_absent: bool,
    authenticated: bool,
}

impl OwnedHead {
    fn new(view: &RequestView<'_>) -> Self {
        Self {
            method: view.method.to_owned(),
            target: view.target.to_vec(),
            version: view.version,
            headers: view
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
                .collect(),
            peer: view.peer,
            pattern: match view.route {
                RouteMatch::Pattern(pattern) => Some(pattern.to_owned()),
                RouteMatch::Absent | RouteMatch::Unknown => None,
            },
            route_is_absent: view.route == RouteMatch::Absent,
            authenticated: view.authenticated,
        }
    }

    fn with_view<R>(&self, f: impl FnOnce(&RequestView<'_>) -> R) -> R {
        let headers: HeaderVec<'_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        f(&RequestView {
            method: &self.method,
            target: &self.target,
            version: self.version,
            headers: &headers,
            peer: self.peer,
            route: match (&self.pattern, self.route_is_absent) {
                (Some(pattern), _) => RouteMatch::Pattern(pattern),
                (None, true) => RouteMatch::Absent,
                (None, false) => RouteMatch::Unknown,
            },
            authenticated: self.authenticated,
            body_is_empty: false,
        })
    }
}

impl Firewall {
    /// Begins to watch a body of which the plan says [`Longer::Watch`](crate::Longer::Watch) and that is longer than the
    /// plan's limit. `head` is what was collected; the watch has seen it when this returns. Of a refusal the answer
    /// is that, and the handler is never called.
    ///
    /// # Errors
    /// The refusal, if what was collected is enough for one.
    pub fn watch_body(
        self: &Arc<Self>,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        head: &[u8],
    ) -> Result<BodyWatch, Box<Refusal>> {
        let policy = self.policy.load();
        let mut watches = Vec::new();
        let mut ask = |request: &Inspection<'_>, at, check: &dyn Check| match check.watch(request) {
            Some(mut watch) => {
                let outcome = watch.chunk(head);
                if !matches!(outcome, Outcome::Refuse(_)) {
                    watches.push((at, watch));
                }
                outcome
            }
            None => check.body(
                request,
                SeenBody {
                    bytes: head,
                    is_whole: false,
                },
            ),
        };
        let verdict = catch_unwind(AssertUnwindSafe(|| {
            self.body_phase(&policy, view, exchange, &mut ask)
        }));
        let verdict = self.fence(verdict, &policy, view, exchange);
        exchange.note_refusal(&verdict);
        exchange.share_late_refusal();
        match verdict {
            Verdict::Refuse(refusal) => Err(refusal),
            _ => Ok(BodyWatch {
                firewall: Arc::clone(self),
                head: OwnedHead::new(view),
                exchange: exchange.clone(),
                watches,
                late: LateRefusal::default(),
            }),
        }
    }
}

impl BodyWatch {
    /// Where a refusal of the rest will be found when the handler has answered.
    pub fn late_refusal(&self) -> LateRefusal {
        self.late.clone()
    }

    /// Shows the next bytes, before the handler sees them.
    ///
    /// # Errors
    /// If they are refused: the handler must not see them, and the body ends in this error.
    pub fn chunk(&mut self, bytes: &[u8]) -> Result<(), BodyRefused> {
        self.step(|watch| watch.chunk(bytes))
    }

    /// Says that the body is over.
    ///
    /// # Errors
    /// If the body as a whole is a reason to refuse it.
    pub fn end(&mut self) -> Result<(), BodyRefused> {
        self.step(|watch| watch.end())
    }

    /// Asks each watch. One that has found something, or has panicked, is not asked again: a body that is only monitored is told
    /// of once, and not once a chunk.
    fn step(&mut self, mut ask: impl FnMut(&mut dyn Watch) -> Outcome) -> Result<(), BodyRefused> {
        let mut found = Vec::new();
        self.watches.retain_mut(|(check, watch)| {
            let outcome = catch_unwind(AssertUnwindSafe(|| ask(&mut **watch)));
            let goes_on = matches!(outcome, Ok(Outcome::Pass | Outcome::NeedBody(_)));
            if !goes_on {
                found.push((*check, outcome));
            }
            goes_on
        });
        for (check, outcome) in found {
            let outcome = outcome.unwrap_or_else(|_| {
                events::panicked("watch");
                match self.firewall.policy.load().settings.failure.panic {
                    OnFailure::Allow => Outcome::Pass,
                    OnFailure::Refuse => Outcome::Refuse(Cause::Panicked),
                }
            });
            if let Outcome::Refuse(cause) = outcome {
                self.settle(check, cause)?;
            }
        }
        Ok(())
    }

    /// What follows from a cause: nothing where the check only monitors, else the refusal that waits for the answer.
    fn settle(&mut self, check: usize, cause: Cause) -> Result<(), BodyRefused> {
        let Self {
            firewall,
            head,
            exchange,
            late,
            ..
        } = self;
        let Some(check) = firewall.checks.get(check) else {
            return Ok(());
        };
        let policy = firewall.policy.load();
        let place = Place::check(&**check, Part::Body);
        head.with_view(|view| {
            let verdict = firewall.with_inspection(&policy, view, exchange, |request, exchange| {
                firewall.settle(request, exchange, cause, place)
            });
            let Verdict::Refuse(refusal) = verdict else {
                return Ok(());
            };
            exchange.note_late_refusal(&refusal);
            let answer = firewall.respond(view, &refusal);
            *late.0.lock() = Some((refusal, answer));
            Err(BodyRefused)
        })
    }
}
