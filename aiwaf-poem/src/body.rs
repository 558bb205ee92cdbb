//! The body phase: holds a body until it has been looked at, then puts it back as it was.

use std::future::ready;
use std::io;

use aiwaf_core::{BodyPlan, BodyWatch, HeldBody};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt, iter, unfold};
use http_body::{Body as _, Frame};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use poem::{Body, Request};
use tokio::time::timeout;

/// A body, as far as it was collected.
pub(crate) struct Collected {
    held: HeldBody,
    /// What arrived and is not held: data beyond the limit, or trailers.
    beyond: Option<Frame<Bytes>>,
    /// What has not arrived; `None` once it has ended.
    rest: Option<BoxBody<Bytes, io::Error>>,
}

impl Collected {
    /// Takes the body out of a request, as far as the plan goes. An error is the client's: it went away, or sent no body.
    pub(crate) async fn from(request: &mut Request, plan: BodyPlan) -> io::Result<Self> {
        let body: BoxBody<Bytes, io::Error> = request.take_body().into();
        let mut collected = Self {
            held: HeldBody::new(plan, Some(body.size_hint().lower())),
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
        let held = Bytes::from_owner(self.held);
        if self.beyond.is_none() && self.rest.is_none() {
            return Body::from_bytes(held);
        }
        let rest = self.rest.unwrap_or_else(|| Body::empty().into());
        let rest = iter(self.beyond.map(Ok)).chain(BodyStream::new(rest));
        match watch {
            Some(watch) => {
                let rest = rest.filter_map(|frame| {
                    ready(frame.map(|frame| frame.into_data().ok()).transpose())
                });
                let rest = watched(Box::pin(rest), watch);
                Body::from_bytes_stream(iter([Ok::<_, io::Error>(held)]).chain(rest))
            }
            None => {
                let all = iter([Ok(Frame::data(held))]).chain(rest);
                Body::from(BoxBody::new(StreamBody::new(all)))
            }
        }
    }
}

/// A body that is looked at while it passes, and ends in an error where it is refused.
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
