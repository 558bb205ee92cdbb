//! The body phase: holds a body until it has been inspected, then restores it unchanged.

use std::future::ready;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use aiwaf_core::{BodyPlan, BodyWatch, Charge, Exchange, HeldBody};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt, iter, once, unfold};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use poem::{Body, Request};
use tokio::time::timeout;

/// A request body, as much of it as was collected.
pub(crate) struct Collected {
    held: HeldBody,
    /// A frame that arrived and is not held: data beyond the limit, or trailers.
    beyond: Option<Frame<Bytes>>,
    /// The part that has not arrived. `None` once the body has ended.
    rest: Option<BoxBody<Bytes, io::Error>>,
}

impl Collected {
    /// Takes the body out of a request, as much of it as the plan asks for. An error means that the
    /// client disconnected or sent an invalid body.
    pub(crate) async fn from(
        request: &mut Request,
        exchange: &Exchange,
        plan: BodyPlan,
    ) -> io::Result<Self> {
        let body: BoxBody<Bytes, io::Error> = request.take_body().into();
        let mut collected = Self {
            held: HeldBody::new(plan, Some(body.size_hint().lower())).of(exchange),
            beyond: None,
            rest: Some(body),
        };
        match timeout(plan.deadline, collected.collect()).await {
            Ok(outcome) => outcome?,
            Err(_) => collected.held.time_out(),
        }
        Ok(collected)
    }

    async fn collect(&mut self) -> io::Result<()> {
        while self.held.wants_more() && self.beyond.is_none() {
            let Some(body) = &mut self.rest else { break };
            match body.frame().await {
                Some(frame) => self.take(frame?),
                None => self.rest = None,
            }
        }
        Ok(())
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

    pub(crate) fn held(&self) -> &HeldBody {
        &self.held
    }

    /// The client's bytes and trailers, unchanged and in order.
    pub(crate) fn into_body(self, watch: Option<BodyWatch>) -> Body {
        let (held, charge) = self.held.into_parts();
        let held = Some(Bytes::from(held)).filter(|held| !held.is_empty());
        if self.beyond.is_none() && self.rest.is_none() {
            return match held {
                None => Body::empty(),
                Some(_) => Body::from(BoxBody::new(Held {
                    held,
                    charge: Some(charge),
                })),
            };
        }
        let rest = self.rest.unwrap_or_else(|| Body::empty().into());
        let rest = iter(self.beyond.map(Ok)).chain(BodyStream::new(rest));
        match watch {
            Some(watch) => {
                let rest = rest.filter_map(|frame| {
                    ready(frame.map(|frame| frame.into_data().ok()).transpose())
                });
                let rest = watched(Box::pin(rest), watch);
                let held = iter(held.map(Ok::<_, io::Error>)).chain(release(charge));
                Body::from_bytes_stream(held.chain(rest))
            }
            None => {
                let held = iter(held.map(|held| Ok(Frame::data(held)))).chain(release(charge));
                Body::from(BoxBody::new(StreamBody::new(held.chain(rest))))
            }
        }
    }
}

/// A body that was collected whole. Unlike a stream it knows its size.
struct Held {
    held: Option<Bytes>,
    charge: Option<Charge>,
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let next = self.held.take();
        if next.is_none() {
            drop(self.charge.take());
        }
        Poll::Ready(next.map(|held| Ok(Frame::data(held))))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.held.as_ref().map_or(0, Bytes::len) as u64)
    }
}

/// The end of what was held: whoever asks for more has it, and it is charged no longer. Bytes that
/// the handler keeps are its own affair.
fn release<T>(charge: Charge) -> impl Stream<Item = T> {
    once(async move { drop(charge) }).filter_map(|()| ready(None))
}

/// A body that is inspected while it streams, and ends in an error if it is refused.
fn watched(
    rest: impl Stream<Item = io::Result<Bytes>> + Send + Unpin,
    watch: BodyWatch,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    unfold(Some((rest, watch)), |state| async move {
        let (mut rest, mut watch) = state?;
        match rest.next().await {
            Some(Ok(bytes)) => Some(match watch.chunk(&bytes) {
                Ok(()) => (Ok(bytes), Some((rest, watch))),
                Err(error) => (Err(io::Error::other(error)), None),
            }),
            Some(Err(error)) => Some((Err(error), None)),
            None => watch
                .end()
                .err()
                .map(|error| (Err(io::Error::other(error)), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aiwaf_core::{BodyBudget, Longer};

    use super::*;

    const PLAN: BodyPlan = BodyPlan {
        limit: 100,
        deadline: Duration::from_secs(1),
        longer: Longer::Refuse,
    };

    /// The budget is for bytes held for inspection, not for bytes that a handler keeps.
    #[tokio::test]
    async fn a_handler_that_keeps_its_bytes_keeps_no_room() {
        static BUDGET: BodyBudget = BodyBudget::new(1000);
        let mut held = HeldBody::within(&BUDGET, PLAN, None);
        assert_eq!(held.push(b"held"), 4);
        let collected = Collected {
            held,
            beyond: Some(Frame::data(Bytes::from_static(b" beyond"))),
            rest: None,
        };
        let mut body: BoxBody<Bytes, io::Error> = collected.into_body(None).into();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!((&*first, BUDGET.held()), (&b"held"[..], 4));
        // A long upload may take its time from here on: only what was held is charged.
        let kept = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!((&*kept, BUDGET.held()), (&b" beyond"[..], 0));
    }

    #[tokio::test]
    async fn a_body_that_was_collected_whole_knows_its_size() {
        static BUDGET: BodyBudget = BodyBudget::new(1000);
        for text in ["", "held"] {
            let mut held = HeldBody::within(&BUDGET, PLAN, None);
            assert_eq!(held.push(text.as_bytes()), text.len());
            let collected = Collected {
                held,
                beyond: None,
                rest: None,
            };
            let body = collected.into_body(None);
            assert_eq!(body.is_empty(), text.is_empty());
            let body: BoxBody<Bytes, io::Error> = body.into();
            assert_eq!(body.size_hint().exact(), Some(text.len() as u64));
            let kept = body.collect().await.unwrap().to_bytes();
            assert_eq!((&*kept, BUDGET.held()), (text.as_bytes(), 0));
        }
    }
}
