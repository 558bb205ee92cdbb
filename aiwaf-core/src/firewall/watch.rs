//! Watching a long body while it streams to the handler.

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

/// Inspects the rest of a body that is longer than the collected part, chunk by chunk.
///
/// The adapter passes each chunk to the watch before the handler sees it. Once the watch refuses,
/// the body must end in an error, and the refusal's response must replace the handler's, whatever
/// the handler did with the body.
pub struct BodyWatch {
    firewall: Arc<Firewall>,
    head: OwnedHead,
    exchange: Exchange,
    watches: Vec<(usize, Box<dyn Watch>)>,
    late: LateRefusal,
}

/// The error that ends a watched body when it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the firewall refused the rest of the body")]
pub struct BodyRefused;

/// Holds a refusal that came after the handler was called. Its response replaces the handler's.
#[derive(Clone, Debug, Default)]
pub struct LateRefusal(Arc<Mutex<Option<Answered>>>);

/// A refusal and its response.
type Answered = (Box<Refusal>, Response);

impl LateRefusal {
    /// Takes the refusal and its response, if there is one. Later calls return `None`.
    pub fn take(&self) -> Option<(Box<Refusal>, Response)> {
        self.0.lock().take()
    }
}

impl std::fmt::Debug for BodyWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyWatch").finish_non_exhaustive()
    }
}

/// An owned copy of a request's head. It outlives the handler's call.
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
    /// Starts watching a body whose plan says [`Longer::Watch`](crate::Longer::Watch) and that is
    /// longer than the plan's limit. `head` is the collected part; the watch has inspected it when
    /// this returns. If this returns a refusal, respond with it and do not call the handler.
    ///
    /// # Errors
    /// The refusal, if the collected part is enough for one.
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
    /// Where to find a refusal of the rest once the handler has responded.
    pub fn late_refusal(&self) -> LateRefusal {
        self.late.clone()
    }

    /// Passes the next bytes to the watch, before the handler sees them.
    ///
    /// # Errors
    /// If the bytes are refused. The handler must not see them, and the body ends in this error.
    pub fn chunk(&mut self, bytes: &[u8]) -> Result<(), BodyRefused> {
        self.step(|watch| watch.chunk(bytes))
    }

    /// Tells the watch that the body has ended.
    ///
    /// # Errors
    /// If the body as a whole is refused.
    pub fn end(&mut self) -> Result<(), BodyRefused> {
        self.step(|watch| watch.end())
    }

    /// Asks each watch. A watch that has found something, or has panicked, is not asked again, so a
    /// body that is only monitored is reported once, not once per chunk.
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

    /// Applies a cause: does nothing if the check only monitors, otherwise stores the refusal until
    /// the handler responds.
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
