//! The service: has each request inspected, and passes allowed requests to the inner service.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use aiwaf_core::Verdict;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::collect::Collecting;
use crate::future::{ResponseBody, ResponseFuture};
use crate::gate::Gate;
use crate::replay::Replay;
use crate::watch::Watch;

/// A service behind the firewall. Created by [`Aiwaf`](crate::Aiwaf).
#[derive(Clone, Debug)]
pub struct AiwafService<S> {
    gate: Arc<Gate>,
    inner: S,
}

impl<S> AiwafService<S> {
    pub(crate) fn new(gate: Arc<Gate>, inner: S) -> Self {
        Self { gate, inner }
    }
}

impl<S, B, R> Service<Request<B>> for AiwafService<S>
where
    S: Service<Request<Replay<B>>, Response = Response<R>> + Clone,
    B: Body<Data = Bytes> + Unpin,
    R: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let (verdict, exchange) = self.gate.inspect(&parts, body.is_end_stream());
        match verdict {
            Verdict::Allow => {
                let mut watch = Watch::new(&self.gate, exchange);
                let request = Request::from_parts(parts, Replay::untouched(body));
                let handling = watch.guard(|| self.inner.call(request));
                ResponseFuture::handling(handling, watch)
            }
            Verdict::Refuse(refusal) => {
                ResponseFuture::answered(self.gate.refuse(&parts, exchange, refusal))
            }
            Verdict::NeedBody(plan) => {
                // Call the service that reported readiness. Its clone must be polled for readiness
                // itself.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                let gate = Arc::clone(&self.gate);
                let request = Request::from_parts(parts, body);
                ResponseFuture::collecting(Collecting::new(gate, ready, request, exchange, plan))
            }
        }
    }
}
