//! The layer: what an application attaches.

use std::path::Path;
use std::sync::Arc;

use aiwaf_core::Firewall;
use aiwaf_storage::StartError;
use tower_layer::Layer;

use crate::gate::Gate;
use crate::service::AiwafService;

/// Protects the services it is laid over. A handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "a layer protects nothing until it is attached"]
pub struct Aiwaf {
    gate: Arc<Gate>,
}

impl Aiwaf {
    /// A layer that asks this firewall.
    pub fn new(firewall: Arc<Firewall>) -> Self {
        Self {
            gate: Arc::new(Gate::new(firewall)),
        }
    }

    /// A layer that asks a firewall of its own, started from a settings file and the environment.
    ///
    /// # Errors
    /// If the file is missing, a setting does not hold, or the store cannot be opened or read.
    pub fn from_config(path: impl AsRef<Path>) -> Result<Self, StartError> {
        aiwaf_storage::from_config(path).map(Self::new)
    }

    /// The firewall that is asked.
    pub fn firewall(&self) -> &Arc<Firewall> {
        self.gate.firewall()
    }
}

/// Asks the one firewall of this process ([`aiwaf_storage::shared`]), set by `./aiwaf.toml` and the environment. It always
/// starts; settings that do not hold are logged as an error, and the balanced defaults take their place.
impl Default for Aiwaf {
    fn default() -> Self {
        Self::new(aiwaf_storage::shared())
    }
}

impl From<Arc<Firewall>> for Aiwaf {
    fn from(firewall: Arc<Firewall>) -> Self {
        Self::new(firewall)
    }
}

impl<S> Layer<S> for Aiwaf {
    type Service = AiwafService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AiwafService::new(Arc::clone(&self.gate), inner)
    }
}
