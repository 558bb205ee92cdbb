//! A borrowed, framework-free view of one request, and of its response.

use std::net::IpAddr;

use smallvec::SmallVec;

/// Header lines in the order received: a name and the raw bytes of its value.
pub type HeaderPairs<'a> = [(&'a str, &'a [u8])];

/// The header lines of one request. As many lines as browsers send fit without an allocation.
///
/// ```
/// use aiwaf_core::HeaderVec;
/// let headers: HeaderVec<'_> = [("host", b"shop.example".as_slice())].into_iter().collect();
/// assert_eq!(headers.len(), 1);
/// ```
pub type HeaderVec<'a> = SmallVec<[(&'a str, &'a [u8]); 40]>;

/// Who opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A TCP or QUIC peer.
    Address(IpAddr),
    /// The other end of a unix-domain socket: on this machine, without an address.
    Unix,
    /// The framework does not know the peer. See [`Cause::MissingPeer`](crate::Cause::MissingPeer).
    Missing,
}

/// The protocol version a request was sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// HTTP/0.9
    Http09,
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
    /// HTTP/3
    Http3,
}

impl Version {
    /// As written in a request line and in access logs, `HTTP/1.1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http09 => "HTTP/0.9",
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2.0",
            Self::Http3 => "HTTP/3.0",
        }
    }
}

/// What the framework knows about the route before the handler runs.
///
/// The engine's own pattern table ([`FirewallBuilder::routes`](crate::FirewallBuilder::routes))
/// supplements it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteMatch<'a> {
    /// The pattern of the route that will handle the request, in the framework's own notation.
    Pattern(&'a str),
    /// The framework has matched the path, and no route serves it.
    Absent,
    /// The framework cannot tell before it runs the handler.
    Unknown,
}

/// One request, borrowed from the framework that received it.
///
/// Nothing in it is trusted or decoded: `target` is the request-target as received.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// The method, case as sent.
    pub method: &'a str,
    /// The raw request-target: path and query, not decoded, exactly as the client sent it.
    pub target: &'a [u8],
    /// The protocol version.
    pub version: Version,
    /// All header lines. Names are compared ignoring case.
    pub headers: &'a HeaderPairs<'a>,
    /// Who opened the connection, not who a header claims it was.
    pub peer: Peer,
    /// The route, if the framework knows it.
    pub route: RouteMatch<'a>,
    /// Whether the application says that the client is logged in.
    pub authenticated: bool,
    /// Whether the framework knows that no body follows. False if it cannot tell.
    pub body_is_empty: bool,
}

impl<'a> RequestView<'a> {
    /// A view with only method and target set: HTTP/1.1, no headers, no peer, unknown route.
    pub const fn new(method: &'a str, target: &'a [u8]) -> Self {
        Self {
            method,
            target,
            version: Version::Http11,
            headers: &[],
            peer: Peer::Missing,
            route: RouteMatch::Unknown,
            authenticated: false,
            body_is_empty: false,
        }
    }

    /// Whether the head is followed not by a body but by another protocol that never ends:
    /// `CONNECT`, or a `GET` with an upgrade that announces no body. An `Upgrade` field does not
    /// exempt a request that has a body, because some servers pass what follows a `POST` with an
    /// `Upgrade` to its handler.
    pub fn is_tunnel(&self) -> bool {
        let has = |wanted: &str| {
            self.headers
                .iter()
                .any(|(name, value)| name.eq_ignore_ascii_case(wanted) && value != b"0")
        };
        self.method == "CONNECT"
            || (self.method == "GET"
                && self.version < Version::Http2
                && has("upgrade")
                && !has("content-length")
                && !has("transfer-encoding"))
    }
}

/// Marks a request of a logged-in client.
///
/// The application sets it after it has checked the session itself, in a layer outside the
/// firewall's. It is stored where the framework keeps per-request data (an extension, Rocket's
/// local cache). Adapters turn it into [`RequestView::authenticated`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authenticated;

/// What the firewall needs to know about a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseView<'a> {
    /// The status code.
    pub status: u16,
    /// The length of the body in bytes, if known in advance.
    pub bytes: Option<u64>,
    /// The response's `Content-Type`.
    pub content_type: Option<&'a str>,
}

impl<'a> ResponseView<'a> {
    /// A response with only the status known.
    pub const fn new(status: u16) -> Self {
        Self {
            status,
            bytes: None,
            content_type: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_with_a_body_is_no_tunnel() {
        let upgrade: (&str, &[u8]) = ("Upgrade", b"websocket");
        let tunnel = |method, headers: &[(&str, &[u8])]| {
            RequestView {
                headers,
                ..RequestView::new(method, b"/")
            }
            .is_tunnel()
        };
        assert!(tunnel("GET", &[upgrade]));
        assert!(tunnel("CONNECT", &[]));
        // In HTTP/2 an upgrade has no meaning, and a body needs no length.
        let odd = RequestView {
            version: Version::Http2,
            headers: &[upgrade],
            ..RequestView::new("POST", b"/")
        };
        assert!(!odd.is_tunnel());
        assert!(tunnel("GET", &[upgrade, ("content-length", b"0")]));
        assert!(!tunnel("POST", &[]));
        assert!(!tunnel("POST", &[upgrade]));
        assert!(!tunnel("POST", &[upgrade, ("content-length", b"5")]));
        assert!(!tunnel(
            "POST",
            &[upgrade, ("Transfer-Encoding", b"chunked")]
        ));
    }
}
