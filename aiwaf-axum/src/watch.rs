//! Ensures that each response is observed once, and that nothing is observed without a response.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use aiwaf_core::{Exchange, LateRefusal, ResponseView};
use bytes::Bytes;
use http::Response;
use http_body::Body;

use crate::gate::Gate;

/// A request that the handler is processing. If it is dropped without a response because the client
/// disconnected, nothing is observed.
#[derive(Debug)]
pub(crate) struct Watch {
    gate: Arc<Gate>,
    exchange: Option<Exchange>,
    /// Where a watched body stores its refusal.
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

    /// The response that replaces the handler's if the body was refused while the handler read it.
    pub(crate) fn replacement(&mut self) -> Option<Response<Bytes>> {
        let (refusal, answer) = self.late.take()?.take()?;
        Some(self.gate.refused(self.exchange.take()?, *refusal, answer))
    }

    /// Observes the handler's response.
    pub(crate) fn answered<R: Body>(&mut self, response: &Response<R>) {
        if let Some(exchange) = self.exchange.take() {
            let bytes = response.body().size_hint().exact();
            self.gate.observe(exchange, response, bytes);
        }
    }

    /// Observes that the handler failed.
    pub(crate) fn failed(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            let failure = ResponseView::new(500);
            self.gate.firewall().observe(exchange, &failure);
        }
    }

    /// Runs a part of the handler. A panic is observed as a failure and then resumed.
    pub(crate) fn guard<T>(&mut self, handler: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|panic| {
            self.failed();
            resume_unwind(panic)
        })
    }
}
