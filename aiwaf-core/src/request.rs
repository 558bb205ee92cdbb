//! A borrowed, framework-free picture of one request, and of the response that was given to it.

use std::net::IpAddr;

use smallvec::SmallVec;

/// Header lines in the order received: a name and the raw bytes of its value.
pub type HeaderPairs<'a> = [(&'a str, &'a [u8])];

/// Room for the header lines of one request: as many as browsers send fit without an allocation.
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
    /// The framework was not told. See [`Cause::MissingPeer`](crate::Cause::MissingPeer).
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

/// What the framework knows of the route before the handler runs.
///
/// The engine's own pattern table ([`FirewallBuilder::routes`](crate::FirewallBuilder::routes)) adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteMatch<'a> {
    /// The pattern of the route that will handle the request, in the framework's own notation.
    Pattern(&'a str),
    /// The framework matched, and no route takes this path.
    Absent,
    /// The framework cannot tell before it runs the handler.
    Unknown,
}

/// One request, borrowed from whatever framework received it.
///
/// Nothing in it is trusted or decoded: `target` is the request-target as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// The method, case as sent.
    pub method: &'a str,
    /// The raw request-target: path and query, not decoded, with whatever oddity the client sent.
    pub target: &'a [u8],
    /// The protocol version.
    pub version: Version,
    /// All header lines. Names compare without case.
    pub headers: &'a HeaderPairs<'a>,
    /// Who opened the connection; not what a header claims.
    pub peer: Peer,
    /// The route, as far as the framework knows it.
    pub route: RouteMatch<'a>,
    /// The application says that this request belongs to a client who has logged in.
    pub authenticated: bool,
    /// The framework knows that no body follows. Where it cannot tell, false.
    pub body_is_empty: bool,
}

impl<'a> RequestView<'a> {
    /// A view with everything but method and target left empty: HTTP/1.1, no header, no peer, route unknown.
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

    /// Whether what follows the head is no body but another protocol that never ends: `CONNECT`, or a `GET` with an upgrade that
    /// announces no body. An `Upgrade` field on a request that has a body hides nothing, and some servers hand what follows a
    /// `POST` with one to its handler.
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

/// Marks a request of a client who has logged in.
///
/// The application puts it where its framework keeps what belongs to a request (an extension, Rocket's local cache) in a
/// layer outside the firewall's, once it has checked the session itself. Adapters turn it into
/// [`RequestView::authenticated`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authenticated;

/// What was answered, as far as the firewall needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseView<'a> {
    /// The status code.
    pub status: u16,
    /// Bytes of the body, where known beforehand.
    pub bytes: Option<u64>,
    /// The `Content-Type` of the answer.
    pub content_type: Option<&'a str>,
}

impl<'a> ResponseView<'a> {
    /// A response of which only the status is known.
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
        // In HTTP/2 an upgrade means nothing, and a body needs no length.
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
