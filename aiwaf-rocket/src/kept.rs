//! State of a request, kept between the fairing's call before the handler and its call after it.

use std::sync::Arc;

use aiwaf_core::{BodyPlan, Exchange, Firewall, LateRefusal, Refusal, Response};
use parking_lot::Mutex;
use rocket::Request;

/// The state of one request. The type is private, so that no other code can put one into the
/// request's cache.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Asked>>);

/// A request that the engine has inspected.
pub(crate) struct Asked {
    pub(crate) firewall: Arc<Firewall>,
    pub(crate) exchange: Exchange,
    pub(crate) outcome: Outcome,
}

/// The result of the inspection so far.
pub(crate) enum Outcome {
    /// The handler may respond.
    Allowed,
    /// The handler may respond if it takes the body as [`Inspected`](crate::Inspected).
    AwaitsBody(BodyPlan),
    /// The handler may respond, and the body is watched.
    Watched(LateRefusal),
    /// The request is refused with this response.
    Refused(Box<Refusal>, Response),
    /// The client sent no body that could be read to its end. There is no verdict.
    Broken,
}

impl Outcome {
    /// Whether the request must not reach a handler.
    pub(crate) fn denies(&self) -> bool {
        matches!(self, Self::Refused(..) | Self::Broken)
    }
}

impl Kept {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }

    pub(crate) fn put(&self, asked: Asked) {
        *self.0.lock() = Some(asked);
    }

    pub(crate) fn take(&self) -> Option<Asked> {
        self.0.lock().take()
    }

    pub(crate) fn denies(&self) -> bool {
        let asked = self.0.lock();
        asked.as_ref().is_some_and(|asked| asked.outcome.denies())
    }
}
