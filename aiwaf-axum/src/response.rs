//! The body of an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of an answer: a refusal's, or the handler's untouched.
    #[derive(Debug)]
    pub struct ResponseBody<R> {
        refusal: Bytes,
        #[pin]
        handler: Option<R>,
    }
}

impl<R> ResponseBody<R> {
    pub(crate) fn refusal(refusal: Bytes) -> Self {
        let handler = None;
        Self { refusal, handler }
    }

    pub(crate) fn handler(body: R) -> Self {
        let (refusal, handler) = (Bytes::new(), Some(body));
        Self { refusal, handler }
    }
}

impl<R: Body<Data = Bytes>> Body for ResponseBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let this = self.project();
        if let Some(body) = this.handler.as_pin_mut() {
            return body.poll_frame(cx);
        }
        let left = std::mem::take(this.refusal);
        Poll::Ready((!left.is_empty()).then(|| Ok(Frame::data(left))))
    }

    fn is_end_stream(&self) -> bool {
        let handler = self.handler.as_ref();
        handler.map_or(self.refusal.is_empty(), Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let refusal = || SizeHint::with_exact(self.refusal.len() as u64);
        self.handler.as_ref().map_or_else(refusal, Body::size_hint)
    }
}
