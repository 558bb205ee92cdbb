//! The state shared by all clones of a layer: the firewall, and what is known about the service's
//! routes.

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
    /// Whether a matched path has ever been seen. Only then does a missing one mean that no route
    /// matched.
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

    /// Has the head inspected.
    pub(crate) fn inspect(&self, parts: &Parts, body_is_empty: bool) -> (Verdict, Exchange) {
        let headers = header_lines(&parts.headers, original_uri(parts));
        let view = RequestView {
            body_is_empty,
            ..self.view(parts, &headers)
        };
        self.firewall.inspect(&view)
    }

    /// Has the body inspected. Returns a watch if the rest of the body must be watched.
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

    /// The response to a refused request. It is observed like any other.
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

    /// Builds and observes the response of a refusal, whether it came before the handler or late.
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

    /// Reports the response to the firewall.
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
            // Only the inspection of the head uses this.
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
        // Only axum reports the route before the handler runs.
        debug_assert!(!self.names_routes.load(Ordering::Relaxed));
        RouteMatch::Unknown
    }
}

/// The peer that an outer layer has set, or else the one that axum got from the listener.
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

/// Nested routers see a shortened path. axum keeps the client's URI separately.
fn original_uri(parts: &Parts) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = parts.extensions.get::<axum::extract::OriginalUri>() {
        return &original.0;
    }
    &parts.uri
}
