//! What all clones of a layer share: the firewall, and what is known of the service's routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aiwaf_core::{
    Authenticated, BodyPlan, BodyWatch, Exchange, Firewall, HeaderPairs, HeaderVec, HeldBody, Peer,
    Refusal, RequestView, ResponseView, RouteMatch, Verdict, Version,
};
use bytes::Bytes;
use http::request::Parts;
use http::{Response, Uri};

use crate::response::{render, view_response};

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

    /// Asks about the head. A tunnel has no body that could be looked at.
    pub(crate) fn inspect(&self, parts: &Parts, body_is_empty: bool) -> (Verdict, Exchange) {
        let headers = headers(parts);
        let view = RequestView {
            body_is_empty,
            ..self.view(parts, &headers)
        };
        match self.firewall.inspect(&view) {
            (Verdict::NeedBody(_), exchange) if view.is_tunnel() => (Verdict::Allow, exchange),
            decided => decided,
        }
    }

    pub(crate) fn inspect_body(
        &self,
        parts: &Parts,
        exchange: &mut Exchange,
        plan: BodyPlan,
        body: &HeldBody,
    ) -> Verdict {
        let headers = headers(parts);
        let view = self.view(parts, &headers);
        self.firewall
            .inspect_body(&view, exchange, plan, body.collected())
    }

    /// Looks at what was held of a body that is longer, and goes on looking while it passes.
    pub(crate) fn watch_body(
        &self,
        parts: &Parts,
        exchange: &mut Exchange,
        body: &HeldBody,
    ) -> Result<BodyWatch, Box<Refusal>> {
        let headers = headers(parts);
        let view = self.view(parts, &headers);
        self.firewall.watch_body(&view, exchange, body.as_ref())
    }

    /// The answer to a refused request, observed like any other.
    pub(crate) fn refuse(
        &self,
        parts: &Parts,
        exchange: Exchange,
        refusal: Box<Refusal>,
    ) -> Response<Bytes> {
        let headers = headers(parts);
        let view = self.view(parts, &headers);
        let mut response = render(self.firewall.respond(&view, &refusal));
        let bytes = u64::try_from(response.body().len()).ok();
        self.firewall
            .observe(exchange, &view_response(&response, bytes));
        response.extensions_mut().insert(*refusal);
        response
    }

    pub(crate) fn observe(&self, exchange: Exchange, response: &ResponseView<'_>) {
        self.firewall.observe(exchange, response);
    }

    fn view<'a>(&self, parts: &'a Parts, headers: &'a HeaderPairs<'a>) -> RequestView<'a> {
        RequestView {
            method: parts.method.as_str(),
            target: target(original_uri(parts)),
            version: version(parts.version),
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

fn headers(parts: &Parts) -> HeaderVec<'_> {
    parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect()
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

/// Path and query as received; for `CONNECT` the authority is all there is.
fn target(uri: &Uri) -> &[u8] {
    match (uri.path_and_query(), uri.authority()) {
        (Some(path_and_query), _) => path_and_query.as_str().as_bytes(),
        (None, Some(authority)) => authority.as_str().as_bytes(),
        (None, None) => b"/",
    }
}

fn version(version: http::Version) -> Version {
    match version {
        http::Version::HTTP_09 => Version::Http09,
        http::Version::HTTP_10 => Version::Http10,
        http::Version::HTTP_2 => Version::Http2,
        http::Version::HTTP_3 => Version::Http3,
        _ => Version::Http11,
    }
}
