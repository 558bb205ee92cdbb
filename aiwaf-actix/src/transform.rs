//! The transform: what an application wraps itself in.

use std::future::{Ready, ready};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use aiwaf_core::Firewall;
use aiwaf_storage::StartError;

use crate::middleware::AiwafMiddleware;

/// Protects the application that is wrapped in it. A handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "it protects nothing until an application is wrapped in it"]
pub struct Aiwaf {
    firewall: Arc<Firewall>,
}

impl Aiwaf {
    /// Middleware that asks this firewall. Make it once and clone it into each worker's application: workers have to
    /// share limits and bans.
    pub fn new(firewall: Arc<Firewall>) -> Self {
        Self { firewall }
    }

    /// Middleware that asks a firewall of its own, started from a settings file and the environment.
    ///
    /// # Errors
    /// If the file is missing, a setting does not hold, or the store cannot be opened or read.
    pub fn from_config(path: impl AsRef<Path>) -> Result<Self, StartError> {
        aiwaf_storage::from_config(path).map(Self::new)
    }

    /// The firewall that is asked.
    pub fn firewall(&self) -> &Arc<Firewall> {
        &self.firewall
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

impl<S, B> Transform<S, ServiceRequest> for Aiwaf
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type InitError = ();
    type Transform = AiwafMiddleware<S>;
    type Future = Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(AiwafMiddleware {
            firewall: Arc::clone(&self.firewall),
            service: Rc::new(service),
        }))
    }
}
