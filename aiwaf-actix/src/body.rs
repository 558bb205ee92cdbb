//! The body phase: holds a body until it has been looked at, then puts it back as it was.

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use aiwaf_core::{BodyPlan, BodyWatch, HeldBody};
use futures_util::stream::{Stream, StreamExt, iter, unfold};

/// A body, as far as it was collected.
pub(crate) struct Collected {
    held: HeldBody,
    /// What arrived and is not held: data beyond the limit.
    beyond: Option<Bytes>,
    /// What has not arrived; `None` once it has ended.
    rest: Option<Payload>,
}

impl Collected {
    /// Takes the body out of a request, as far as the plan goes. An error is the client's: it went away, or sent no body.
    pub(crate) async fn from(
        request: &mut ServiceRequest,
        plan: BodyPlan,
    ) -> Result<Self, PayloadError> {
        let mut collected = Self {
            held: HeldBody::new(plan, announced(request)),
            beyond: None,
            rest: Some(request.take_payload()),
        };
        match timeout(plan.deadline, collected.collect()).await {
            Ok(outcome) => outcome?,
            Err(_) => collected.held.time_out(),
        }
        Ok(collected)
    }

    async fn collect(&mut self) -> Result<(), PayloadError> {
        while self.held.wants_more() {
            let Some(payload) = &mut self.rest else { break };
            match payload.next().await {
                Some(arrived) => {
                    let arrived = arrived?;
                    let taken = self.held.push(&arrived);
                    if taken < arrived.len() {
                        self.beyond = Some(arrived.slice(taken..));
                    }
                }
                None => self.rest = None,
            }
        }
        Ok(())
    }

    pub(crate) fn held(&self) -> &HeldBody {
        &self.held
    }

    /// The client's bytes, unchanged and in order.
    pub(crate) fn into_payload(self, watch: Option<BodyWatch>) -> Payload {
        let held = Bytes::from_owner(self.held);
        if let Some(watch) = watch {
            let rest = iter(self.beyond.map(Ok)).chain(self.rest.unwrap_or(Payload::None));
            return Payload::Stream {
                payload: Box::pin(iter([Ok(held)]).chain(watched(rest, watch))),
            };
        }
        match (self.beyond, self.rest) {
            (None, None) => Payload::from(held),
            (beyond, rest) => {
                let here = iter([Some(held), beyond].into_iter().flatten().map(Ok));
                let rest = rest.unwrap_or(Payload::None);
                Payload::Stream {
                    payload: Box::pin(here.chain(rest)),
                }
            }
        }
    }
}

/// A body that is looked at while it passes, and ends in an error where it is refused.
fn watched(
    rest: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    watch: BodyWatch,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let refused = |refused| PayloadError::Io(std::io::Error::other(refused));
    unfold(Some((rest, watch)), move |state| async move {
        let (mut rest, mut watch) = state?;
        match rest.next().await {
            Some(Ok(bytes)) => Some(match watch.chunk(&bytes) {
                Ok(()) => (Ok(bytes), Some((rest, watch))),
                Err(error) => (Err(refused(error)), None),
            }),
            Some(Err(error)) => Some((Err(error), None)),
            None => watch.end().err().map(|error| (Err(refused(error)), None)),
        }
    })
}

fn announced(request: &ServiceRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.trim().parse().ok()
}
