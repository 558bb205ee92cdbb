//! A request body as the handler gets it: what was held for inspection, then whatever had not arrived by then.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body of a request that was let through: the client's bytes and trailers, unchanged and in order.
#[derive(Debug)]
pub struct Replay<B> {
    held: Option<Bytes>,
    beyond: Option<Frame<Bytes>>,
    rest: Option<B>,
}

impl<B> Replay<B> {
    /// A body that nobody has touched.
    pub(crate) fn untouched(body: B) -> Self {
        Self {
            held: None,
            beyond: None,
            rest: Some(body),
        }
    }

    /// A body of which something has been taken; no `rest` if it has ended.
    pub(crate) fn held(held: Bytes, beyond: Option<Frame<Bytes>>, rest: Option<B>) -> Self {
        Self {
            held: Some(held).filter(|held| !held.is_empty()),
            beyond,
            rest,
        }
    }

    /// Bytes that are here already.
    fn here(&self) -> u64 {
        let held = self.held.as_ref().map_or(0, Bytes::len);
        let beyond = self.beyond.as_ref().and_then(Frame::data_ref);
        held.saturating_add(beyond.map_or(0, Bytes::len)) as u64
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Replay<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(held) = self.held.take() {
            return Poll::Ready(Some(Ok(Frame::data(held))));
        }
        if let Some(frame) = self.beyond.take() {
            return Poll::Ready(Some(Ok(frame)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none()
            && self.beyond.is_none()
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
    use http_body_util::{BodyExt, Full};

    use super::*;

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
    async fn an_empty_body_has_no_frame() {
        let mut body = Replay::<Full<Bytes>>::held(Bytes::new(), None, None);
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }
}
