//! The body phase: holds a body until it has been inspected.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aiwaf_core::{BodyPlan, BodyWatch, Exchange, HeldBody};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use crate::gate::Gate;
use crate::replay::Replay;
use crate::watch::Watch;

/// A request whose body is being collected, and the service that is ready for it.
pub(crate) struct Collecting<S, B> {
    gate: Arc<Gate>,
    service: S,
    parts: Parts,
    exchange: Exchange,
    held: HeldBody,
    /// A frame that arrived and is not held: data beyond the limit, or trailers.
    beyond: Option<Frame<Bytes>>,
    /// The part that has not arrived. `None` once the body has ended.
    rest: Option<B>,
    /// Created only when the body has to be waited for. Most bodies have already arrived.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// The outcome for a collected request.
// Destructured as soon as it is created, so a box would only cost an allocation.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Collected<S, B> {
    Allowed(S, Request<Replay<B>>, Watch),
    Answered(Response<Bytes>),
}

impl<S, B: Body<Data = Bytes> + Unpin> Collecting<S, B> {
    pub(crate) fn new(
        gate: Arc<Gate>,
        service: S,
        request: Request<B>,
        exchange: Exchange,
        plan: BodyPlan,
    ) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            gate,
            service,
            parts,
            held: HeldBody::new(plan, Some(body.size_hint().lower())).of(&exchange),
            exchange,
            beyond: None,
            rest: Some(body),
            deadline: None,
        }
    }

    /// Ready once enough of the body has arrived for a verdict. An error means that the client
    /// disconnected or sent an invalid body.
    pub(crate) fn poll_collected(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), B::Error>> {
        while self.held.wants_more() && self.beyond.is_none() {
            let Some(body) = &mut self.rest else { break };
            match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => self.take(frame),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(None) => self.rest = None,
                Poll::Pending => {
                    if self.poll_deadline(cx).is_pending() {
                        return Poll::Pending;
                    }
                    self.held.time_out();
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    fn take(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => {
                let taken = self.held.push(&data);
                if taken < data.len() {
                    self.beyond = Some(Frame::data(data.slice(taken..)));
                }
            }
            Err(trailers) => self.beyond = Some(trailers),
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let allowed = self.held.plan().deadline;
        self.deadline
            .get_or_insert_with(|| Box::pin(sleep(allowed)))
            .as_mut()
            .poll(cx)
    }

    /// The response if the client disconnected in the middle of its body or sent an invalid body.
    /// There is no verdict, but an incomplete body that was not inspected must not reach the
    /// handler.
    pub(crate) fn broken(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        self.gate.observe(self.exchange, &response, Some(0));
        response
    }

    /// Has the body inspected. The handler receives what the client sent, byte for byte.
    pub(crate) fn decide(mut self) -> Collected<S, B> {
        let (gate, parts) = (&self.gate, &self.parts);
        match gate.inspect_held(parts, &mut self.exchange, &self.held) {
            Err(refusal) => Collected::Answered(gate.refuse(parts, self.exchange, refusal)),
            Ok(body_watch) => {
                let late = body_watch.as_ref().map(BodyWatch::late_refusal);
                let watch = Watch::new(&self.gate, self.exchange).replaced_by(late);
                let (held, charge) = self.held.into_parts();
                let body = Replay::held(held.into(), self.beyond, self.rest)
                    .charged(charge)
                    .watched(body_watch);
                let request = Request::from_parts(self.parts, body);
                Collected::Allowed(self.service, request, watch)
            }
        }
    }
}
