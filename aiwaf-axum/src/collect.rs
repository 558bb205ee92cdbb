//! The body phase: holds a body until it has been looked at.

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
    /// What arrived and is not held: data beyond the limit, or trailers.
    beyond: Option<Frame<Bytes>>,
    /// What has not arrived; `None` once it has ended.
    rest: Option<B>,
    /// Made when there is something to wait for: most bodies are there already.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// What becomes of a collected request.
// Taken apart as soon as it is made, so a box would only cost an allocation.
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

    /// Ready once enough of the body is here for a verdict. An error is the client's: it went away, or sent no body.
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

    /// The client went away in the middle of its body, or what it sent is no body. That is no verdict; but half a body that
    /// nobody has looked at must not reach the handler either.
    pub(crate) fn broken(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        self.gate.observe(self.exchange, &response, Some(0));
        response
    }

    /// Asks about the body. What the handler gets is what the client sent, byte for byte.
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
