//! Finds the client of a request: the one address that the log, the ban and the limit refer to.
//!
//! The client is the peer, unless the peer is a trusted proxy. Then the client is the rightmost
//! hop, over all lines of the forwarding header, that is not itself a trusted proxy. Anything else
//! that a client writes into such a header has no effect.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::headers::{Header, HeaderIndex};
use crate::request::Peer;

/// The header in which trusted proxies name the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardingHeader {
    /// `X-Forwarded-For`: a list, appended to by each proxy.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239): a list of parameters, of which only `for` is used.
    Forwarded,
    /// `X-Real-IP`: one address, overwritten by the proxy.
    XRealIp,
    /// `CF-Connecting-IP`: one address, overwritten by the proxy.
    CfConnectingIp,
}

impl ForwardingHeader {
    const fn header(self) -> Header {
        match self {
            Self::XForwardedFor => Header::XForwardedFor,
            Self::Forwarded => Header::Forwarded,
            Self::XRealIp => Header::XRealIp,
            Self::CfConnectingIp => Header::CfConnectingIp,
        }
    }
}

/// The key for a client's state: its canonical address as a number. IPv6 addresses are truncated to
/// the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientKey(u128);

impl ClientKey {
    /// The key of an address. IPv6 addresses are truncated to `ipv6_prefix` bits.
    pub fn new(address: IpAddr, ipv6_prefix: u8) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u128::from(v4.to_ipv6_mapped())),
            IpAddr::V6(v6) => Self(u128::from(v6) & prefix_mask(ipv6_prefix)),
        }
    }

    /// The key as a number. IPv4 addresses are in the v4-mapped range.
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// The network that the key stands for: a /32, or the IPv6 prefix.
    pub fn network(self, ipv6_prefix: u8) -> IpNet {
        match IpAddr::V6(Ipv6Addr::from(self.0)).to_canonical() {
            IpAddr::V4(v4) => host_network(IpAddr::V4(v4)),
            v6 => IpNet::new(v6, ipv6_prefix.min(128)).unwrap_or_else(|_| host_network(v6)),
        }
    }

    /// The key of the surrounding network, into whose ban the bans of several clients are folded when
    /// the ban table is full: /24 for IPv4, /48 for IPv6.
    pub fn parent(self) -> Self {
        if Ipv6Addr::from(self.0).to_ipv4_mapped().is_some() {
            Self(self.0 & !0xff)
        } else {
            Self(self.0 & prefix_mask(48))
        }
    }

    /// The network of [`ClientKey::parent`].
    pub fn parent_network(self) -> IpNet {
        match IpAddr::V6(Ipv6Addr::from(self.parent().0)).to_canonical() {
            IpAddr::V4(v4) => IpNet::new(IpAddr::V4(v4), 24),
            v6 => IpNet::new(v6, 48),
        }
        .unwrap_or_else(|_| host_network(IpAddr::V6(Ipv6Addr::from(self.0))))
    }
}

const fn prefix_mask(bits: u8) -> u128 {
    match bits {
        0 => 0,
        1..=127 => !(u128::MAX >> bits),
        _ => u128::MAX,
    }
}

/// The network that consists of one address: /32 or /128.
pub fn host_network(address: IpAddr) -> IpNet {
    IpNet::from(address)
}

/// Converts a network to the notation that lists use: its v4-mapped form becomes v4, and its host
/// bits are cleared.
pub fn canonical_network(network: IpNet) -> IpNet {
    if let IpNet::V6(v6) = network
        && v6.prefix_len() >= 96
        && let Some(v4) = v6.addr().to_ipv4_mapped()
        && let Ok(folded) = IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96)
    {
        return folded.trunc();
    }
    network.trunc()
}

/// The client of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The canonical address.
    pub address: IpAddr,
    /// The key for the client's state.
    pub key: ClientKey,
    /// Whether limits, strikes and bans may apply to the client.
    pub standing: Standing,
}

/// Whether state may be kept against a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An ordinary client.
    Accountable,
    /// A trusted proxy that makes a request of its own or that named no client.
    TrustedProxy,
    /// A proxy that no setting declares: a loopback, private or CGNAT peer that sends forwarding
    /// headers while `client_ip.trusted_proxies` is empty. Everybody behind it would share its
    /// limits and bans.
    UndeclaredProxy,
}

impl Client {
    /// Whether limits, strikes and bans may apply to the client.
    pub fn is_accountable(&self) -> bool {
        self.standing == Standing::Accountable
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// How clients are identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRules {
    /// Networks of proxies that may name the client.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether a unix-socket peer may name the client.
    pub trust_unix: bool,
    /// The header in which proxies name the client.
    pub header: ForwardingHeader,
    /// How many bits of an IPv6 address identify a client, 1 to 128.
    pub ipv6_prefix: u8,
}

impl ClientRules {
    /// The client of a request. `None` if no peer is known and nothing trusted names a client.
    pub fn resolve(&self, peer: Peer, headers: &HeaderIndex<'_>) -> Option<Client> {
        let (peer, trusted) = match peer {
            Peer::Address(address) => {
                let address = address.to_canonical();
                (Some(address), self.trusts(address))
            }
            Peer::Unix => (None, self.trust_unix),
            Peer::Missing => (None, false),
        };
        if trusted {
            return match self.named_client(headers) {
                // An inner proxy may make requests of its own too.
                Some(address) if Some(address) != peer && !self.trusts(address) => {
                    Some(self.client(address, Standing::Accountable))
                }
                // The proxy's own health check, or a header that names no client.
                named => named
                    .or(peer)
                    .or(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)))
                    .map(|address| self.client(address, Standing::TrustedProxy)),
            };
        }
        let address = peer?;
        let undeclared = self.trusted_proxies.is_empty()
            && !self.trust_unix
            && is_inside(address)
            && forwards(headers);
        let standing = if undeclared {
            Standing::UndeclaredProxy
        } else {
            Standing::Accountable
        };
        Some(self.client(address, standing))
    }

    fn client(&self, address: IpAddr, standing: Standing) -> Client {
        Client {
            address,
            key: ClientKey::new(address, self.ipv6_prefix),
            standing,
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The rightmost hop that is not a trusted proxy. A hop that is not an address ends the search:
    /// nothing left of it was written by a trusted proxy, so the last trusted hop is the best
    /// answer.
    fn named_client(&self, headers: &HeaderIndex<'_>) -> Option<IpAddr> {
        let lines = headers.all(self.header.header()).rev();
        let mut best = None;
        for element in lines.flat_map(FromRight::new) {
            let hop = std::str::from_utf8(element).ok();
            let hop = match self.header {
                ForwardingHeader::Forwarded => hop.and_then(forwarded_for),
                _ => hop,
            };
            let Some(address) = hop.and_then(parse_hop) else {
                return best;
            };
            best = Some(address);
            if !self.trusts(address) {
                return best;
            }
        }
        best
    }
}

/// The non-empty elements of a comma-separated list, from right to left. The proxy appends on the
/// right, and what a client wrote before (an open quote, bytes that are not text) must not change
/// how the proxy's part is parsed. A comma within quotes does not separate elements.
struct FromRight<'a>(Option<&'a [u8]>);

impl<'a> FromRight<'a> {
    fn new(line: &'a [u8]) -> Self {
        Self(Some(line))
    }
}

impl<'a> Iterator for FromRight<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.0?;
            let mut inside = false;
            let comma = (0..rest.len()).rev().find(|at| {
                inside ^= is_quote(rest, *at);
                rest.get(*at) == Some(&b',') && !inside
            });
            let (before, element) = match comma.and_then(|at| rest.split_at_checked(at)) {
                Some((before, element)) => (Some(before), element.get(1..).unwrap_or_default()),
                None => (None, rest),
            };
            self.0 = before;
            let element = element.trim_ascii();
            if !element.is_empty() {
                return Some(element);
            }
        }
    }
}

/// Whether the byte is a quote that begins or ends a quoted string. A quote behind a backslash is
/// not.
fn is_quote(text: &[u8], at: usize) -> bool {
    let Some((before, [b'"', ..])) = text.split_at_checked(at) else {
        return false;
    };
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count().is_multiple_of(2)
}

/// The value of `for` in one element of a `Forwarded` header (RFC 7239). A semicolon within quotes
/// does not separate parameters, because proxies copy what a client says into quotes, as in
/// `host="…"`. `None` if two `for` parameters contradict each other, because nobody can tell which
/// one the proxy meant.
fn forwarded_for(element: &str) -> Option<&str> {
    let bytes = element.as_bytes();
    let quotes = || (0..bytes.len()).filter(|at| is_quote(bytes, *at));
    let element = match quotes().next() {
        // A quote is left open: the proxy copied something without quoting it. Only what it wrote
        // before the first quote is its own.
        Some(first) if !quotes().count().is_multiple_of(2) => {
            element.get(..first)?.rsplit(',').next()?
        }
        _ => element,
    };
    let mut found = None;
    for parameter in parameters(element) {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        if !name.trim().eq_ignore_ascii_case("for") {
            continue;
        }
        let value = value.trim().trim_matches('"');
        if found.replace(value).is_some_and(|other| other != value) {
            return None;
        }
    }
    found
}

/// The parameters of an element, separated by semicolons outside quotes.
fn parameters(element: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(element);
    std::iter::from_fn(move || {
        let text = rest?;
        let bytes = text.as_bytes();
        let mut inside = false;
        let end = (0..bytes.len()).find(|at| {
            inside ^= is_quote(bytes, *at);
            bytes.get(*at) == Some(&b';') && !inside
        });
        rest = end.and_then(|end| text.get(end + 1..));
        end.map_or(Some(text), |end| text.get(..end))
    })
}

/// Parses an address as proxies write it: bare, with a port, or in brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let bare = match hop.strip_prefix('[') {
        Some(bracketed) => {
            let (inside, after) = bracketed.split_once(']')?;
            if !(after.is_empty() || after.strip_prefix(':').is_some_and(is_port)) {
                return None;
            }
            inside
        }
        None => match hop.split_once(':') {
            // A single colon separates a port. Several colons make it an IPv6 address.
            Some((address, port)) if !port.contains(':') => is_port(port).then_some(address)?,
            _ => hop,
        },
    };
    bare.parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

/// Whether an address is loopback, private, link-local or carrier-grade NAT, as proxies' addresses
/// are.
pub(crate) fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whether the request has a forwarding header.
fn forwards(headers: &HeaderIndex<'_>) -> bool {
    [
        Header::XForwardedFor,
        Header::Forwarded,
        Header::XRealIp,
        Header::CfConnectingIp,
    ]
    .into_iter()
    .any(|header| headers.get(header).is_some())
}

#[cfg(test)]
mod tests;
