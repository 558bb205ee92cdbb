//! The middleware: asks about each request, and lets the application answer those that are allowed.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{Error, HttpResponse};
use aiwaf_core::{BodyPlan, Exchange, Firewall, Refusal, ResponseView, Verdict};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::body::Collected;
use crate::head::Head;
use crate::response::render;

/// An application behind the firewall. Made by [`Aiwaf`](crate::Aiwaf).
#[derive(Debug)]
pub struct AiwafMiddleware<S> {
    pub(crate) firewall: Arc<Firewall>,
    pub(crate) service: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for AiwafMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let firewall = Arc::clone(&self.firewall);
        let service = Rc::clone(&self.service);
        Box::pin(async move {
            let (verdict, exchange) = inspect(&firewall, &request);
            let (verdict, exchange) = match verdict {
                Verdict::NeedBody(plan) => {
                    match inspect_body(&firewall, &mut request, exchange, plan).await {
                        Some(decided) => decided,
                        None => return Ok(broken_body(request)),
                    }
                }
                decided => (decided, exchange),
            };
            match verdict {
                Verdict::Refuse(refusal) => Ok(refuse(&firewall, request, exchange, refusal)),
                Verdict::Allow | Verdict::NeedBody(_) => {
                    handle(&firewall, &*service, request, exchange).await
                }
            }
        })
    }
}

/// Asks about the head. A tunnel has no body that could be looked at.
fn inspect(firewall: &Firewall, request: &ServiceRequest) -> (Verdict, Exchange) {
    Head::of(request).with_view(|view| match firewall.inspect(view) {
        (Verdict::NeedBody(_), exchange) if view.is_tunnel() => (Verdict::Allow, exchange),
        decided => decided,
    })
}

/// Asks about the body, and puts it back as it was. `None` if the client sent none that could be read to its end.
async fn inspect_body(
    firewall: &Firewall,
    request: &mut ServiceRequest,
    mut exchange: Exchange,
    plan: BodyPlan,
) -> Option<(Verdict, Exchange)> {
    let collected = Collected::from(request, plan).await.ok()?;
    let verdict = Head::of(request)
        .with_view(|view| firewall.inspect_body(view, &mut exchange, plan, collected.body()));
    request.set_payload(collected.into_payload());
    Some((verdict, exchange))
}

/// The answer to a refused request, observed like any other.
fn refuse<B>(
    firewall: &Firewall,
    request: ServiceRequest,
    exchange: Exchange,
    refusal: Box<Refusal>,
) -> ServiceResponse<EitherBody<B>> {
    let answer = Head::of(&request).with_view(|view| firewall.respond(view, &refusal));
    let mut response = render(answer);
    observe(firewall, exchange, &response);
    response.extensions_mut().insert(*refusal);
    request.into_response(response).map_into_right_body()
}

/// Lets the application answer, and observes whatever comes of it. A client that goes away drops this future: then
/// nothing was answered, and nothing is observed.
async fn handle<S, B>(
    firewall: &Firewall,
    service: &S,
    request: ServiceRequest,
    exchange: Exchange,
) -> Result<ServiceResponse<EitherBody<B>>, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let handling = AssertUnwindSafe(async { service.call(request).await }).catch_unwind();
    match handling.await {
        Ok(Ok(response)) => {
            observe(firewall, exchange, response.response());
            Ok(response.map_into_left_body())
        }
        Ok(Err(error)) => {
            let status = error.as_response_error().status_code().as_u16();
            firewall.observe(exchange, &ResponseView::new(status));
            Err(error)
        }
        Err(panic) => {
            firewall.observe(exchange, &ResponseView::new(500));
            resume_unwind(panic)
        }
    }
}

fn observe<B: MessageBody>(firewall: &Firewall, exchange: Exchange, response: &HttpResponse<B>) {
    let content_type = response.headers().get(CONTENT_TYPE);
    let bytes = match response.body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::Stream => None,
    };
    let view = ResponseView {
        bytes,
        content_type: content_type.and_then(|value| value.to_str().ok()),
        ..ResponseView::new(response.status().as_u16())
    };
    firewall.observe(exchange, &view);
}

/// The client went away in the middle of its body, or what it sent is no body. That is no verdict, so nothing is
/// observed; but half a body that nobody has looked at must not reach the handler either.
fn broken_body<B>(request: ServiceRequest) -> ServiceResponse<EitherBody<B>> {
    let response = HttpResponse::BadRequest().finish();
    request.into_response(response).map_into_right_body()
}
