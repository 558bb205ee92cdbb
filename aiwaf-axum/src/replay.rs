//! A request body as the handler receives it: first the bytes held for inspection, then the part
//! that had not arrived yet.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aiwaf_core::{BodyRefused, BodyWatch, Charge};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body of an allowed request: the client's bytes and trailers, unchanged and in order.
#[derive(Debug)]
pub struct Replay<B> {
    held: Option<Bytes>,
    /// The charge for the held bytes. It lasts until the handler has them and asks for more, or drops
    /// the body; bytes that the handler keeps are not charged.
    charge: Option<Charge>,
    beyond: Option<Frame<Bytes>>,
    rest: Option<B>,
    /// Inspects the part after the held bytes while it streams.
    watch: Option<Box<BodyWatch>>,
}

/// Why a [`Replay`] ended early.
// The inner errors are shown in the messages and are not sources, because `Box<dyn Error>` is not
// itself an `Error`.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError<E> {
    /// The client's body ended with an error.
    #[error("{0}")]
    Body(E),
    /// The firewall refused the rest of the body. Its response replaces the handler's.
    #[error("{0}")]
    Refused(BodyRefused),
}

impl<B> Replay<B> {
    /// A body of which nothing has been taken.
    pub(crate) fn untouched(body: B) -> Self {
        Self {
            held: None,
            charge: None,
            beyond: None,
            rest: Some(body),
            watch: None,
        }
    }

    /// A body of which some bytes have been taken. `rest` is `None` if it has ended.
    pub(crate) fn held(held: Bytes, beyond: Option<Frame<Bytes>>, rest: Option<B>) -> Self {
        Self {
            held: Some(held).filter(|held| !held.is_empty()),
            charge: None,
            beyond,
            rest,
            watch: None,
        }
    }

    /// Charges the held bytes until the body is dropped.
    pub(crate) fn charged(mut self, charge: Charge) -> Self {
        self.charge = Some(charge);
        self
    }

    /// Watches the body while it streams. The watch has already seen the held bytes.
    pub(crate) fn watched(mut self, watch: Option<BodyWatch>) -> Self {
        self.watch = watch.map(Box::new);
        self
    }

    /// How many bytes have already arrived.
    fn here(&self) -> u64 {
        let held = self.held.as_ref().map_or(0, Bytes::len);
        let beyond = self.beyond.as_ref().and_then(Frame::data_ref);
        held.saturating_add(beyond.map_or(0, Bytes::len)) as u64
    }
}

impl<B: Body<Data = Bytes> + Unpin> Replay<B> {
    /// Polls the part after the held bytes.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(frame) = self.beyond.take() {
            return Poll::Ready(Some(Ok(frame)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Replay<B> {
    type Data = Bytes;
    type Error = ReplayError<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(held) = self.held.take() {
            return Poll::Ready(Some(Ok(Frame::data(held))));
        }
        // The handler has the held bytes and asks for more: they are not held any longer.
        drop(self.charge.take());
        let next = ready!(self.poll_rest(cx));
        let seen = match (&mut self.watch, &next) {
            (Some(watch), Some(Ok(frame))) => {
                frame.data_ref().map_or(Ok(()), |data| watch.chunk(data))
            }
            (Some(watch), None) => {
                let ended = watch.end();
                // A body that is polled once more has no second end to look at.
                self.watch = None;
                ended
            }
            _ => Ok(()),
        };
        Poll::Ready(match seen {
            Ok(()) => next.map(|next| next.map_err(ReplayError::Body)),
            Err(refused) => {
                self.watch = None;
                self.rest = None;
                Some(Err(ReplayError::Refused(refused)))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none()
            && self.beyond.is_none()
            // A watched body ends only after its end has been inspected.
            && self.watch.is_none()
            && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = match &self.rest {
            Some(rest) => rest.size_hint(),
            None => SizeHint::with_exact(0),
        };
        let here = self.here();
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(here));
        }
        hint.set_lower(hint.lower().saturating_add(here));
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use aiwaf_core::{BodyBudget, BodyPlan, Firewall, HeldBody, Longer, Peer, RequestView};
    use aiwaf_testing::CountsEnds;
    use http_body_util::{BodyExt, Full};

    use super::*;

    const PLAN: BodyPlan = BodyPlan {
        limit: 100,
        deadline: Duration::from_secs(1),
        longer: Longer::Refuse,
    };
    const HELD: Bytes = Bytes::from_static(b"held ");

    async fn text(body: Replay<Full<Bytes>>) -> Bytes {
        body.collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn every_piece_comes_once_and_in_order() {
        let beyond = Frame::data(Bytes::from_static(b"beyond "));
        let body = Replay::held(HELD, Some(beyond), Some(Full::from("rest")));
        assert_eq!(body.size_hint().exact(), Some(16));
        assert!(!body.is_end_stream());
        assert_eq!(text(body).await, "held beyond rest");
    }

    #[tokio::test]
    async fn an_ended_body_knows_its_size_and_its_end() {
        let mut body = Replay::<Full<Bytes>>::held(HELD, None, None);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert!(body.frame().await.is_some());
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_watched_body_ends_once() {
        let ends = CountsEnds::default();
        let builder = Firewall::builder().check_before(ends.clone());
        let firewall = Arc::new(builder.build().unwrap());
        let view = RequestView {
            peer: Peer::Address("203.0.113.7".parse().unwrap()),
            ..RequestView::new("POST", b"/")
        };
        let (_, mut exchange) = firewall.inspect(&view);
        let watch = firewall.watch_body(&view, &mut exchange, &HELD).unwrap();
        let mut body = Replay::held(HELD, None, Some(Full::from("rest"))).watched(Some(watch));
        while body.frame().await.is_some() {}
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
        assert_eq!(ends.count(), 1);
    }

    #[tokio::test]
    async fn an_empty_body_has_no_frame() {
        let mut body = Replay::<Full<Bytes>>::held(Bytes::new(), None, None);
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }
    /// The budget is for bytes held for inspection, not for bytes that a handler keeps.
    #[tokio::test]
    async fn a_handler_that_keeps_its_bytes_keeps_no_room() {
        static BUDGET: BodyBudget = BodyBudget::new(1000);
        let mut held = HeldBody::within(&BUDGET, PLAN, None);
        assert_eq!(held.push(&HELD), HELD.len());
        let (bytes, charge) = held.into_parts();
        let body = Replay::<Full<Bytes>>::held(bytes.into(), None, None).charged(charge);
        assert_eq!(BUDGET.held(), HELD.len());
        let kept = text(body).await;
        assert_eq!((kept, BUDGET.held()), (HELD, 0));
    }

    /// The rest of a long upload may take its time: only what is held is charged.
    #[tokio::test]
    async fn a_handler_that_streams_keeps_no_room() {
        static BUDGET: BodyBudget = BodyBudget::new(1000);
        let mut held = HeldBody::within(&BUDGET, PLAN, None);
        assert_eq!(held.push(&HELD), HELD.len());
        let (bytes, charge) = held.into_parts();
        let rest = Some(Full::from("rest"));
        let mut body = Replay::held(bytes.into(), None, rest).charged(charge);
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!((first, BUDGET.held()), (HELD, HELD.len()));
        assert!(body.frame().await.is_some());
        assert_eq!(BUDGET.held(), 0);
    }
}
