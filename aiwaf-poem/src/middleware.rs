//! The middleware that an application attaches, and the endpoint that it creates.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use aiwaf_core::{
    BodyPlan, BodyWatch, Exchange, Firewall, LateRefusal, Refusal, ResponseView, Verdict,
};
use futures_util::FutureExt;
use poem::http::StatusCode;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use crate::body::Collected;
use crate::head::with_view;
use crate::response::observe;

/// Protects the endpoint that it is attached to. This is a handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "it protects nothing until it is attached"]
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

impl<E: Endpoint> Middleware<E> for Aiwaf {
    type Output = AiwafEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        AiwafEndpoint {
            firewall: Arc::clone(&self.firewall),
            inner,
        }
    }
}

/// An endpoint behind the firewall. Created by [`Aiwaf`].
#[derive(Debug)]
pub struct AiwafEndpoint<E> {
    firewall: Arc<Firewall>,
    inner: E,
}

impl<E: Endpoint> Endpoint for AiwafEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let (verdict, mut exchange) = with_view(&request, |view| self.firewall.inspect(view));
        let decided = match verdict {
            Verdict::Allow => Ok(None),
            Verdict::Refuse(refusal) => Err(refusal),
            Verdict::NeedBody(plan) => {
                match self.inspect_body(&mut request, &mut exchange, plan).await {
                    Ok(decided) => decided,
                    Err(_) => return Ok(observe(&self.firewall, exchange, broken_body())),
                }
            }
        };
        match decided {
            Ok(late) => self.handle(request, exchange, late).await,
            Err(refusal) => {
                let answer = with_view(&request, |view| self.firewall.respond(view, &refusal));
                Ok(self.refused(exchange, *refusal, answer))
            }
        }
    }
}

/// A refusal, or permission for the handler to respond. If the body is watched, this holds the
/// place of a late refusal.
type Decided = Result<Option<LateRefusal>, Box<Refusal>>;

impl<E: Endpoint> AiwafEndpoint<E> {
    /// Has the body inspected and restores it unchanged. An error means that the client sent no
    /// body that could be read to its end.
    async fn inspect_body(
        &self,
        request: &mut Request,
        exchange: &mut Exchange,
        plan: BodyPlan,
    ) -> std::io::Result<Decided> {
        let collected = Collected::from(request, exchange, plan).await?;
        let decided = with_view(request, |view| {
            self.firewall.inspect_held(view, exchange, collected.held())
        });
        Ok(decided.map(|watch| {
            let late = watch.as_ref().map(BodyWatch::late_refusal);
            request.set_body(collected.into_body(watch));
            late
        }))
    }

    /// Lets the handler respond, and observes the outcome. If the client disconnects, this future
    /// is dropped, and nothing is observed.
    async fn handle(
        &self,
        request: Request,
        exchange: Exchange,
        late: Option<LateRefusal>,
    ) -> Result<Response> {
        let handled = AssertUnwindSafe(self.inner.call(request))
            .catch_unwind()
            .await;
        if let Some((refusal, answer)) = late.and_then(|late| late.take()) {
            return Ok(self.refused(exchange, *refusal, answer));
        }
        match handled {
            Ok(Ok(output)) => {
                let response = output.into_response();
                Ok(observe(&self.firewall, exchange, response))
            }
            // poem's router also reports an unmatched path as an error.
            Ok(Err(error)) => {
                let view = ResponseView::new(error.status().as_u16());
                self.firewall.observe(exchange, &view);
                Err(error)
            }
            Err(panic) => {
                self.firewall.observe(exchange, &ResponseView::new(500));
                resume_unwind(panic)
            }
        }
    }

    /// The response to a refused request. It is observed like any other.
    fn refused(
        &self,
        exchange: Exchange,
        refusal: Refusal,
        answer: aiwaf_core::Response,
    ) -> Response {
        let mut response = observe(&self.firewall, exchange, rendered(answer));
        response.extensions_mut().insert(refusal);
        response
    }
}

/// The response if the client disconnected in the middle of its body or sent an invalid body. There
/// is no verdict, but an incomplete body that was not inspected must not reach the handler.
fn broken_body() -> Response {
    StatusCode::BAD_REQUEST.into()
}

/// Converts the engine's response to poem's.
fn rendered(answer: aiwaf_core::Response) -> Response {
    let (head, body) = poem::http::Response::<String>::from(answer).into_parts();
    let mut response = Response::builder().status(head.status).body(body);
    *response.headers_mut() = head.headers;
    response
}
