//! The future of a response: the firewall's own, or the inner service's.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::collect::{Collected, Collecting};
use crate::replay::Replay;
use crate::watch::Watch;

/// The body of a response: a refusal's, or the handler's unchanged.
pub type ResponseBody<R> = Either<Full<Bytes>, R>;

pin_project! {
    /// The future of [`AiwafService`](crate::AiwafService).
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<Replay<B>>>,
    {
        #[pin]
        state: State<S, B, S::Future>,
    }
}

pin_project! {
    #[project = Projection]
    enum State<S, B, F> {
        Answered { response: Option<Response<Bytes>> },
        Collecting { collecting: Option<Box<Collecting<S, B>>> },
        Handling { #[pin] future: F, watch: Watch },
    }
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<Replay<B>>>,
{
    pub(crate) fn answered(response: Response<Bytes>) -> Self {
        let response = Some(response);
        Self {
            state: State::Answered { response },
        }
    }

    pub(crate) fn collecting(collecting: Collecting<S, B>) -> Self {
        let collecting = Some(Box::new(collecting));
        Self {
            state: State::Collecting { collecting },
        }
    }

    pub(crate) fn handling(future: S::Future, watch: Watch) -> Self {
        Self {
            state: State::Handling { future, watch },
        }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<Replay<B>>, Response = Response<R>>,
    B: Body<Data = Bytes> + Unpin,
    R: Body<Data = Bytes>,
{
    type Output = Result<Response<ResponseBody<R>>, S::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let next = match self.as_mut().project().state.project() {
                Projection::Handling { future, watch } => {
                    let answer = ready!(watch.guard(|| future.poll(cx)));
                    if let Some(response) = watch.replacement() {
                        return Poll::Ready(Ok(refusal(response)));
                    }
                    match &answer {
                        Ok(response) => watch.answered(response),
                        Err(_) => watch.failed(),
                    }
                    return Poll::Ready(answer.map(|response| response.map(Either::Right)));
                }
                Projection::Answered { response } => {
                    // Polling again after completion is the caller's mistake. It stays pending
                    // forever.
                    let response = response.take().map(refusal);
                    return response.map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
                }
                Projection::Collecting { collecting } => {
                    let Some(pending) = collecting else {
                        return Poll::Pending;
                    };
                    let collected = ready!(pending.poll_collected(cx));
                    let Some(collecting) = collecting.take() else {
                        return Poll::Pending;
                    };
                    match collected {
                        Ok(()) => after(collecting.decide()),
                        Err(_) => Self::answered(collecting.broken()),
                    }
                }
            };
            self.set(next);
        }
    }
}

fn refusal<R>(response: Response<Bytes>) -> Response<ResponseBody<R>> {
    response.map(|body| Either::Left(Full::new(body)))
}

/// The next state after the body has been decided.
fn after<S, B>(collected: Collected<S, B>) -> ResponseFuture<S, B>
where
    S: Service<Request<Replay<B>>>,
{
    match collected {
        Collected::Answered(response) => ResponseFuture::answered(response),
        Collected::Allowed(mut service, request, mut watch) => {
            let future = watch.guard(|| service.call(request));
            ResponseFuture::handling(future, watch)
        }
    }
}
