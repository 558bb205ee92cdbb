//! The engine's view of a request.

use aiwaf_core::{Authenticated, HeaderVec, Peer, RequestView, RouteMatch, Version};
use rocket::Request;
use rocket::http::Header;

/// The parts of a view that Rocket does not provide in one piece.
pub(crate) struct Head<'r> {
    method: &'static str,
    target: String,
    headers: Vec<Header<'r>>,
    peer: Peer,
    authenticated: bool,
    version: Version,
}

/// The header lines. In HTTP/2 the target names the host and there is no `Host` line, so one is
/// added.
fn lines<'r>(request: &'r Request<'_>) -> Vec<Header<'r>> {
    let named = request
        .host()
        .filter(|_| !request.headers().contains("host"));
    let host = named.map(|host| Header::new("host", host.to_string()));
    host.into_iter().chain(request.headers().iter()).collect()
}

impl<'r> Head<'r> {
    pub(crate) fn of(request: &'r Request<'_>) -> Self {
        let mut target = request.uri().path().as_str().to_owned();
        if let Some(query) = request.uri().query() {
            target.push('?');
            target.push_str(query.as_str());
        }
        Self {
            method: request.method().as_str(),
            target,
            headers: lines(request),
            peer: request
                .remote()
                .map_or(Peer::Missing, |remote| Peer::Address(remote.ip())),
            authenticated: request.local_cache(|| None::<Authenticated>).is_some(),
            version: Version::Http11,
        }
    }

    /// Records that a body arrived which no header field announced. This is only possible from
    /// HTTP/2 on.
    pub(crate) fn with_unannounced_body(mut self) -> Self {
        self.version = Version::Http2;
        self
    }

    /// Whether a header field announces a body.
    pub(crate) fn announces_body(&self) -> bool {
        self.field("content-length").is_some() || self.field("transfer-encoding").is_some()
    }

    /// The length that the head announces.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.field("content-length")?.trim().parse().ok()
    }

    fn field(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.name() == name);
        found.map(Header::value)
    }

    pub(crate) fn with_view<T>(&self, ask: impl FnOnce(&RequestView<'_>) -> T) -> T {
        let headers: HeaderVec<'_> = self
            .headers
            .iter()
            .map(|header| (header.name().as_str(), header.value().as_bytes()))
            .collect();
        ask(&RequestView {
            method: self.method,
            target: self.target.as_bytes(),
            version: self.version,
            headers: &headers,
            peer: self.peer,
            // Rocket routes requests only after its fairings have run.
            route: RouteMatch::Unknown,
            authenticated: self.authenticated,
            body_is_empty: false,
        })
    }
}
