//! The body phase: holds a body until it has been inspected, then restores it unchanged.

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use aiwaf_core::{BodyPlan, BodyWatch, Charge, Exchange, HeldBody};
use std::future::ready;

use futures_util::stream::{Stream, StreamExt, iter, once, unfold};

/// A request body, as much of it as was collected.
pub(crate) struct Collected {
    held: HeldBody,
    /// Bytes that arrived beyond the limit and are not held.
    beyond: Option<Bytes>,
    /// The part that has not arrived. `None` once the body has ended.
    rest: Option<Payload>,
}

impl Collected {
    /// Takes the body out of a request, as much of it as the plan asks for. An error means that the
    /// client disconnected or sent an invalid body.
    pub(crate) async fn from(
        request: &mut ServiceRequest,
        exchange: &Exchange,
        plan: BodyPlan,
    ) -> Result<Self, PayloadError> {
        let mut collected = Self {
            held: HeldBody::new(plan, announced(request)).of(exchange),
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
        let (held, charge) = self.held.into_parts();
        let held = iter(Some(held).filter(|held| !held.is_empty())).map(|held| Ok(held.into()));
        let held = held.chain(release(charge));
        let rest = iter(self.beyond.map(Ok)).chain(self.rest.unwrap_or(Payload::None));
        Payload::Stream {
            payload: match watch {
                Some(watch) => Box::pin(held.chain(watched(rest, watch))),
                None => Box::pin(held.chain(rest)),
            },
        }
    }
}

/// The end of what was held: whoever asks for more has it, and it is charged no longer. Bytes that
/// the handler keeps are its own affair.
fn release<T>(charge: Charge) -> impl Stream<Item = T> {
    once(async move { drop(charge) }).filter_map(|()| ready(None))
}

/// A body that is inspected while it streams, and ends in an error if it is refused.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::body::BodyStream;
    use actix_web::body::to_bytes;
    use aiwaf_core::{BodyBudget, Longer};

    use super::*;

    /// The budget is for bytes held for inspection, not for bytes that a handler keeps.
    #[actix_web::test]
    async fn a_handler_that_keeps_its_bytes_keeps_no_room() {
        static BUDGET: BodyBudget = BodyBudget::new(1000);
        let plan = BodyPlan {
            limit: 100,
            deadline: Duration::from_secs(1),
            longer: Longer::Refuse,
        };
        let mut held = HeldBody::within(&BUDGET, plan, None);
        assert_eq!(held.push(b"held"), 4);
        let collected = Collected {
            held,
            beyond: Some(Bytes::from_static(b" beyond")),
            rest: None,
        };
        let mut payload = collected.into_payload(None);
        let first = payload.next().await.unwrap().unwrap();
        assert_eq!((&*first, BUDGET.held()), (&b"held"[..], 4));
        // A long upload may take its time from here on: only what was held is charged.
        let kept = to_bytes(BodyStream::new(&mut payload)).await.unwrap();
        assert_eq!((&*kept, BUDGET.held()), (&b" beyond"[..], 0));
    }
}
