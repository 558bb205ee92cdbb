//! The layer: what an application attaches.

use std::sync::Arc;

use aiwaf_core::Firewall;
use tower_layer::Layer;

use crate::gate::Gate;
use crate::service::AiwafService;

/// Protects the services it is laid over. A handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "a layer protects nothing until it is attached"]
pub struct Aiwaf {
    gate: Arc<Gate>,
}

aiwaf_storage::adapter_constructors!(Aiwaf);

impl Aiwaf {
    /// The firewall that is asked.
    pub fn firewall(&self) -> &Arc<Firewall> {
        self.gate.firewall()
    }
}

impl From<Arc<Firewall>> for Aiwaf {
    fn from(firewall: Arc<Firewall>) -> Self {
        Self {
            gate: Arc::new(Gate::new(firewall)),
        }
    }
}

impl<S> Layer<S> for Aiwaf {
    type Service = AiwafService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AiwafService::new(Arc::clone(&self.gate), inner)
    }
}
