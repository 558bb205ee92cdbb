//! Sees to it that an answer is observed once, and that nothing is observed that was never answered.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use aiwaf_core::{Exchange, LateRefusal, ResponseView};
use bytes::Bytes;
use http::Response;

use crate::gate::Gate;
use crate::response::{render, view_response};

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
        let mut response = render(answer);
        response.extensions_mut().insert(*refusal);
        self.answered(&view_response(&response, None));
        Some(response)
    }

    pub(crate) fn answered(&mut self, response: &ResponseView<'_>) {
        if let Some(exchange) = self.exchange.take() {
            self.gate.observe(exchange, response);
        }
    }

    /// Runs a piece of the handler. If it panics, that is observed as the failure it is, and goes on.
    pub(crate) fn guard<T>(&mut self, handler: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|panic| {
            self.answered(&ResponseView::new(500));
            resume_unwind(panic)
        })
    }
}
