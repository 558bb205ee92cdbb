//! The transform that an application is wrapped in.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use aiwaf_core::Firewall;

use crate::middleware::AiwafMiddleware;

/// Protects the application that is wrapped in it. This is a handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "it protects nothing until an application is wrapped in it"]
pub struct Aiwaf {
    firewall: Arc<Firewall>,
}

aiwaf_storage::adapter_constructors!(Aiwaf);

impl Aiwaf {
    /// The firewall that inspects the requests.
    pub fn firewall(&self) -> &Arc<Firewall> {
        &self.firewall
    }
}

impl From<Arc<Firewall>> for Aiwaf {
    fn from(firewall: Arc<Firewall>) -> Self {
        Self { firewall }
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
