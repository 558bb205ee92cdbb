//! Sees to it that an answer is observed once, and that nothing is observed that was never answered.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use aiwaf_core::{Exchange, ResponseView};

use crate::gate::Gate;

/// A request that the handler has. Dropped without an answer (the client went away), nothing is observed.
#[derive(Debug)]
pub(crate) struct Watch {
    gate: Arc<Gate>,
    exchange: Option<Exchange>,
}

impl Watch {
    pub(crate) fn new(gate: &Arc<Gate>, exchange: Exchange) -> Self {
        Self {
            gate: Arc::clone(gate),
            exchange: Some(exchange),
        }
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
