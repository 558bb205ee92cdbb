//! The layer that an application attaches.

use std::sync::Arc;

use aiwaf_core::Firewall;
use tower_layer::Layer;

use crate::gate::Gate;
use crate::service::AiwafService;

/// Protects the services that it is attached to. This is a handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "a layer protects nothing until it is attached"]
pub struct Aiwaf {
    gate: Arc<Gate>,
}

aiwaf_storage::adapter_constructors!(Aiwaf);

impl Aiwaf {
    /// The firewall that inspects the requests.
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
