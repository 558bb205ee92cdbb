//! Responses: the firewall's own, and the handler's as the firewall sees it.

use std::pin::Pin;
use std::task::{Context, Poll};

use aiwaf_core::ResponseView;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// Turns the engine's answer into the framework's. A hook's answer may hold what HTTP cannot say: a status that is none
/// becomes 403, and a field that is none is left out.
pub(crate) fn render(answer: aiwaf_core::Response) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// What the firewall has to know of a response.
pub(crate) fn view_response<B>(response: &Response<B>, bytes: Option<u64>) -> ResponseView<'_> {
    let content_type = response.headers().get(CONTENT_TYPE);
    ResponseView {
        bytes,
        content_type: content_type.and_then(|value| value.to_str().ok()),
        ..ResponseView::new(response.status().as_u16())
    }
}

pin_project! {
    /// The body of an answer: a refusal's, or the handler's untouched.
    #[derive(Debug)]
    pub struct ResponseBody<R> {
        #[pin]
        kind: Kind<R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = Projection]
    enum Kind<R> {
        Refusal { left: Bytes },
        Handler { #[pin] body: R },
    }
}

impl<R> ResponseBody<R> {
    pub(crate) fn refusal(left: Bytes) -> Self {
        Self {
            kind: Kind::Refusal { left },
        }
    }

    pub(crate) fn handler(body: R) -> Self {
        Self {
            kind: Kind::Handler { body },
        }
    }
}

impl<R: Body<Data = Bytes>> Body for ResponseBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        match self.project().kind.project() {
            Projection::Handler { body } => body.poll_frame(cx),
            Projection::Refusal { left } if left.is_empty() => Poll::Ready(None),
            Projection::Refusal { left } => {
                Poll::Ready(Some(Ok(Frame::data(std::mem::take(left)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Refusal { left } => left.is_empty(),
            Kind::Handler { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Refusal { left } => SizeHint::with_exact(left.len() as u64),
            Kind::Handler { body } => body.size_hint(),
        }
    }
}
