//! What all clones of a layer share: the firewall, and what is known of the service's routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aiwaf_core::http::{header_lines, target, view};
use aiwaf_core::{
    Authenticated, BodyWatch, Exchange, Firewall, HeaderPairs, HeldBody, Peer, Refusal,
    RequestView, RouteMatch, Verdict,
};
use bytes::Bytes;
use http::request::Parts;
use http::{Response, Uri};

#[derive(Debug)]
pub(crate) struct Gate {
    firewall: Arc<Firewall>,
    /// Whether a matched path has ever been seen: only then does a missing one mean that no route matched.
    names_routes: AtomicBool,
}

impl Gate {
    pub(crate) fn new(firewall: Arc<Firewall>) -> Self {
        Self {
            firewall,
            names_routes: AtomicBool::new(false),
        }
    }

    pub(crate) fn firewall(&self) -> &Arc<Firewall> {
        &self.firewall
    }

    /// Asks about the head.
    pub(crate) fn inspect(&self, parts: &Parts, body_is_empty: bool) -> (Verdict, Exchange) {
        let headers = header_lines(&parts.headers, original_uri(parts));
        let view = RequestView {
            body_is_empty,
            ..self.view(parts, &headers)
        };
        self.firewall.inspect(&view)
    }

    /// Asks about the body. If the rest of it has to be watched, the watch is what comes of it.
    pub(crate) fn inspect_held(
        &self,
        parts: &Parts,
        exchange: &mut Exchange,
        held: &HeldBody,
    ) -> Result<Option<BodyWatch>, Box<Refusal>> {
        let headers = header_lines(&parts.headers, original_uri(parts));
        let view = self.view(parts, &headers);
        self.firewall.inspect_held(&view, exchange, held)
    }

    /// The answer to a refused request, observed like any other.
    pub(crate) fn refuse(
        &self,
        parts: &Parts,
        exchange: Exchange,
        refusal: Box<Refusal>,
    ) -> Response<Bytes> {
        let headers = header_lines(&parts.headers, original_uri(parts));
        let view = self.view(parts, &headers);
        let answer = self.firewall.respond(&view, &refusal);
        self.refused(exchange, *refusal, answer)
    }

    /// Answers what was refused, sooner or later.
    pub(crate) fn refused(
        &self,
        exchange: Exchange,
        refusal: Refusal,
        answer: aiwaf_core::Response,
    ) -> Response<Bytes> {
        let mut response: Response<Bytes> = answer.into();
        let bytes = u64::try_from(response.body().len()).ok();
        self.observe(exchange, &response, bytes);
        response.extensions_mut().insert(refusal);
        response
    }

    /// Shows the firewall what was answered.
    pub(crate) fn observe<B>(&self, exchange: Exchange, answer: &Response<B>, bytes: Option<u64>) {
        let view = view(answer.status(), answer.headers(), bytes);
        self.firewall.observe(exchange, &view);
    }

    fn view<'a>(&self, parts: &'a Parts, headers: &'a HeaderPairs<'a>) -> RequestView<'a> {
        RequestView {
            method: parts.method.as_str(),
            target: target(original_uri(parts)),
            version: parts.version.into(),
            headers,
            peer: peer(parts),
            route: self.route(parts),
            authenticated: parts.extensions.get::<Authenticated>().is_some(),
            // Once the head is decided, the body speaks for itself.
            body_is_empty: false,
        }
    }

    #[cfg(feature = "axum")]
    fn route<'a>(&self, parts: &'a Parts) -> RouteMatch<'a> {
        if let Some(matched) = parts.extensions.get::<axum::extract::MatchedPath>() {
            self.names_routes.store(true, Ordering::Relaxed);
            return RouteMatch::Pattern(matched.as_str());
        }
        if self.names_routes.load(Ordering::Relaxed) {
            RouteMatch::Absent
        } else {
            RouteMatch::Unknown
        }
    }

    #[cfg(not(feature = "axum"))]
    fn route<'a>(&self, _: &'a Parts) -> RouteMatch<'a> {
        // Nothing but axum names routes in time.
        debug_assert!(!self.names_routes.load(Ordering::Relaxed));
        RouteMatch::Unknown
    }
}

/// The peer that a layer outside this one has set, else the one that axum was told by the listener.
fn peer(parts: &Parts) -> Peer {
    if let Some(peer) = parts.extensions.get::<Peer>() {
        return *peer;
    }
    #[cfg(feature = "axum")]
    if let Some(info) = parts
        .extensions
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
    {
        return Peer::Address(info.0.ip());
    }
    Peer::Missing
}

/// Nested routers see a shortened path; the client's is kept beside it.
fn original_uri(parts: &Parts) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = parts.extensions.get::<axum::extract::OriginalUri>() {
        return &original.0;
    }
    &parts.uri
}
