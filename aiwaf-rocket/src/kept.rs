//! What is kept of a request between the fairing's call before the handler and the one after it.

use std::sync::Arc;

use aiwaf_core::{BodyPlan, Exchange, Firewall, LateRefusal, Refusal, Response};
use parking_lot::Mutex;
use rocket::Request;

/// A request's own. The type is private, so that nobody else can put one into the request's cache.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Asked>>);

/// A request that the engine was asked about.
pub(crate) struct Asked {
    pub(crate) firewall: Arc<Firewall>,
    pub(crate) exchange: Exchange,
    pub(crate) outcome: Outcome,
}

/// How far it has come.
pub(crate) enum Outcome {
    /// The handler may answer.
    Allowed,
    /// The handler may answer if it takes the body as [`Inspected`](crate::Inspected).
    AwaitsBody(BodyPlan),
    /// The handler may answer, and its body is watched.
    Watched(LateRefusal),
    /// This is the answer.
    Refused(Box<Refusal>, Response),
    /// The client sent no body that could be read to its end: no verdict.
    Broken,
}

impl Outcome {
    /// Whether no handler may see the request.
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
