//! What the engine is shown of a request.

use aiwaf_core::{Authenticated, HeaderVec, Peer, RequestView, RouteMatch, Version};
use poem::http::Uri;
use poem::{Addr, PathPattern, Request};

pub(crate) fn with_view<T>(request: &Request, ask: impl FnOnce(&RequestView<'_>) -> T) -> T {
    let headers: HeaderVec<'_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    // Around the router nobody knows the route yet; inside it, the pattern is there.
    let pattern = request.data::<PathPattern>();
    ask(&RequestView {
        method: request.method().as_str(),
        target: target(request.original_uri()),
        version: version(request.version()),
        headers: &headers,
        peer: peer(request),
        route: pattern.map_or(RouteMatch::Unknown, |found| RouteMatch::Pattern(&found.0)),
        authenticated: request.data::<Authenticated>().is_some(),
        // poem lends no body to ask.
        body_is_empty: false,
    })
}

/// The peer that middleware outside this one has set, else the connection's.
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

/// Path and query as received; for `CONNECT` the authority is all there is.
fn target(uri: &Uri) -> &[u8] {
    match (uri.path_and_query(), uri.authority()) {
        (Some(path_and_query), _) => path_and_query.as_str().as_bytes(),
        (None, Some(authority)) => authority.as_str().as_bytes(),
        (None, None) => b"/",
    }
}

fn version(version: poem::http::Version) -> Version {
    match version {
        poem::http::Version::HTTP_09 => Version::Http09,
        poem::http::Version::HTTP_10 => Version::Http10,
        poem::http::Version::HTTP_2 => Version::Http2,
        poem::http::Version::HTTP_3 => Version::Http3,
        _ => Version::Http11,
    }
}
