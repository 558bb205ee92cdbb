//! The middleware: has each request inspected, and passes allowed requests to the application.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::error::{InternalError, PayloadError};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{Error, HttpResponse};
use aiwaf_core::{
    BodyPlan, BodyRefused, BodyWatch, Exchange, Firewall, LateRefusal, Refusal, ResponseView,
    Verdict,
};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::body::Collected;
use crate::head::Head;
use crate::response::render;

/// An application behind the firewall. Created by [`Aiwaf`](crate::Aiwaf).
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
            let inspected = Head::of(&request).with_view(|view| firewall.inspect(view));
            let (verdict, mut exchange) = inspected;
            let decided = match verdict {
                Verdict::Allow => Ok(None),
                Verdict::Refuse(refusal) => Err(refusal),
                Verdict::NeedBody(plan) => {
                    match inspect_body(&firewall, &mut request, &mut exchange, plan).await {
                        Ok(decided) => decided,
                        Err(_) => return Ok(broken_body(&firewall, request, exchange)),
                    }
                }
            };
            match decided {
                Err(refusal) => Ok(refuse(&firewall, request, exchange, refusal)),
                Ok(late) => handle(&firewall, &*service, request, exchange, late).await,
            }
        })
    }
}

/// A refusal, or permission for the handler to respond. If the body is watched, this holds the
/// place of a late refusal.
type Decided = Result<Option<LateRefusal>, Box<Refusal>>;

/// Has the body inspected and restores it unchanged. An error means that the client sent no body
/// that could be read to its end.
async fn inspect_body(
    firewall: &Arc<Firewall>,
    request: &mut ServiceRequest,
    exchange: &mut Exchange,
    plan: BodyPlan,
) -> Result<Decided, PayloadError> {
    let collected = Collected::from(request, exchange, plan).await?;
    let decided =
        Head::of(request).with_view(|view| firewall.inspect_held(view, exchange, collected.held()));
    Ok(decided.map(|watch| {
        let late = watch.as_ref().map(BodyWatch::late_refusal);
        request.set_payload(collected.into_payload(watch));
        late
    }))
}

/// The response to a refused request. It is observed like any other.
fn refuse<B>(
    firewall: &Firewall,
    request: ServiceRequest,
    exchange: Exchange,
    refusal: Box<Refusal>,
) -> ServiceResponse<EitherBody<B>> {
    let answer = Head::of(&request).with_view(|view| firewall.respond(view, &refusal));
    let response = refused(firewall, exchange, *refusal, answer);
    request.into_response(response).map_into_right_body()
}

fn refused(
    firewall: &Firewall,
    exchange: Exchange,
    refusal: Refusal,
    answer: aiwaf_core::Response,
) -> HttpResponse {
    let mut response = render(answer);
    observe(firewall, exchange, &response);
    response.extensions_mut().insert(refusal);
    response
}

/// Lets the application respond, and observes the outcome. If the client disconnects, this future
/// is dropped, and nothing is observed.
async fn handle<S, B>(
    firewall: &Firewall,
    service: &S,
    request: ServiceRequest,
    exchange: Exchange,
    late: Option<LateRefusal>,
) -> Result<ServiceResponse<EitherBody<B>>, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let handling = AssertUnwindSafe(async { service.call(request).await }).catch_unwind();
    let handled = handling.await;
    if let Some((refusal, answer)) = late.and_then(|late| late.take()) {
        let response = refused(firewall, exchange, *refusal, answer);
        return match handled {
            Ok(Ok(handled)) => {
                let (request, _) = handled.into_parts();
                Ok(ServiceResponse::new(request, response).map_into_right_body())
            }
            // A handler that fails or panics consumes the request, but an error response does not
            // need it.
            Ok(Err(_)) | Err(_) => Err(InternalError::from_response(BodyRefused, response).into()),
        };
    }
    match handled {
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

/// The response if the client disconnected in the middle of its body or sent an invalid body. There
/// is no verdict, but an incomplete body that was not inspected must not reach the handler.
fn broken_body<B>(
    firewall: &Firewall,
    request: ServiceRequest,
    exchange: Exchange,
) -> ServiceResponse<EitherBody<B>> {
    let response = HttpResponse::BadRequest().finish();
    observe(firewall, exchange, &response);
    request.into_response(response).map_into_right_body()
}
