//! The engine's view of a request.

use std::net::SocketAddr;

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::Uri;
use actix_web::http::header::HOST;
use aiwaf_core::{Authenticated, HeaderVec, Peer, RequestView, RouteMatch, Version};

/// The parts of a view that actix-web returns by value rather than by reference.
pub(crate) struct Head<'a> {
    request: &'a ServiceRequest,
    pattern: Option<String>,
    peer: Peer,
    authenticated: bool,
}

impl<'a> Head<'a> {
    pub(crate) fn of(request: &'a ServiceRequest) -> Self {
        let extensions = request.extensions();
        Self {
            request,
            pattern: request.match_pattern(),
            peer: extensions
                .get::<Peer>()
                .copied()
                .unwrap_or_else(|| peer(request.peer_addr())),
            authenticated: extensions.get::<Authenticated>().is_some(),
        }
    }

    pub(crate) fn with_view<T>(&self, ask: impl FnOnce(&RequestView<'_>) -> T) -> T {
        let lines = self.request.headers();
        // In HTTP/2 the target names the host, and there is no `Host` line.
        let authority = self.request.uri().authority();
        let host = authority
            .filter(|_| !lines.contains_key(HOST))
            .map(|authority| ("host", authority.as_str().as_bytes()));
        let headers: HeaderVec<'_> = host
            .into_iter()
            .chain(
                lines
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_bytes())),
            )
            .collect();
        let pattern = self.pattern.as_deref();
        ask(&RequestView {
            method: self.request.method().as_str(),
            target: target(self.request.uri()),
            version: version(self.request.version()),
            headers: &headers,
            peer: self.peer,
            // actix-web matches patterns before it calls the application's middleware. No pattern
            // means that no route serves the path.
            route: pattern.map_or(RouteMatch::Absent, RouteMatch::Pattern),
            authenticated: self.authenticated,
            body_is_empty: matches!(self.request.parts().1, Payload::None),
        })
    }
}

/// actix-web knows every peer, except on unix-domain sockets.
fn peer(address: Option<SocketAddr>) -> Peer {
    match address {
        Some(address) => Peer::Address(address.ip()),
        None if cfg!(unix) => Peer::Unix,
        None => Peer::Missing,
    }
}

/// The path and query as received. For `CONNECT` the target is only an authority.
fn target(uri: &Uri) -> &[u8] {
    match (uri.path_and_query(), uri.authority()) {
        (Some(path_and_query), _) => path_and_query.as_str().as_bytes(),
        (None, Some(authority)) => authority.as_str().as_bytes(),
        (None, None) => b"/",
    }
}

fn version(version: actix_web::http::Version) -> Version {
    match version {
        actix_web::http::Version::HTTP_09 => Version::Http09,
        actix_web::http::Version::HTTP_10 => Version::Http10,
        actix_web::http::Version::HTTP_2 => Version::Http2,
        actix_web::http::Version::HTTP_3 => Version::Http3,
        _ => Version::Http11,
    }
}
