//! The engine's view of a request.

use aiwaf_core::http::{header_lines, target};
use aiwaf_core::{Authenticated, Peer, RequestView, RouteMatch};
use poem::{Addr, PathPattern, Request};

pub(crate) fn with_view<T>(request: &Request, ask: impl FnOnce(&RequestView<'_>) -> T) -> T {
    let headers = header_lines(request.headers(), request.original_uri());
    // Outside the router, the route is not known yet. Inside it, the pattern is available.
    let pattern = request.data::<PathPattern>();
    ask(&RequestView {
        method: request.method().as_str(),
        target: target(request.original_uri()),
        version: request.version().into(),
        headers: &headers,
        peer: peer(request),
        route: pattern.map_or(RouteMatch::Unknown, |found| RouteMatch::Pattern(&found.0)),
        authenticated: request.data::<Authenticated>().is_some(),
        // poem does not provide the body by reference.
        body_is_empty: false,
    })
}

/// The peer that outer middleware has set, or else the connection's.
fn peer(request: &Request) -> Peer {
    if let Some(peer) = request.data::<Peer>() {
        return *peer;
    }
    match &request.remote_addr().0 {
        Addr::SocketAddr(address) => Peer::Address(address.ip()),
        #[cfg(unix)]
        Addr::Unix(_) => Peer::Unix,
        _ => Peer::Missing,
    }
}
