//! Sees to it that an answer is observed once, and that nothing is observed that was never answered.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use aiwaf_core::{Exchange, LateRefusal, ResponseView};
use bytes::Bytes;
use http::Response;
use http_body::Body;

use crate::gate::Gate;

/// A request that the handler has. Dropped without an answer (the client went away), nothing is observed.
#[derive(Debug)]
pub(crate) struct Watch {
    gate: Arc<Gate>,
    exchange: Option<Exchange>,
    /// Where the body, if it is watched, leaves its refusal.
    late: Option<LateRefusal>,
}

impl Watch {
    pub(crate) fn new(gate: &Arc<Gate>, exchange: Exchange) -> Self {
        Self {
            gate: Arc::clone(gate),
            exchange: Some(exchange),
            late: None,
        }
    }

    pub(crate) fn replaced_by(mut self, late: Option<LateRefusal>) -> Self {
        self.late = late;
        self
    }

    /// The answer that replaces the handler's: the body was refused while the handler read it.
    pub(crate) fn replacement(&mut self) -> Option<Response<Bytes>> {
        let (refusal, answer) = self.late.take()?.take()?;
        Some(self.gate.refused(self.exchange.take()?, *refusal, answer))
    }

    /// What the handler answered.
    pub(crate) fn answered<R: Body>(&mut self, response: &Response<R>) {
        if let Some(exchange) = self.exchange.take() {
            let bytes = response.body().size_hint().exact();
            self.gate.observe(exchange, response, bytes);
        }
    }

    /// The handler failed, in whatever way.
    pub(crate) fn failed(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            let failure = ResponseView::new(500);
            self.gate.firewall().observe(exchange, &failure);
        }
    }

    /// Runs a piece of the handler. If it panics, that is observed as the failure it is, and goes on.
    pub(crate) fn guard<T>(&mut self, handler: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|panic| {
            self.failed();
            resume_unwind(panic)
        })
    }
}
