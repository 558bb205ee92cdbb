//! The service that each adapter's tests build in their own framework.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aiwaf_core::Firewall;

/// A running service behind a firewall, on loopback. Every handler counts its calls, the fallback's too.
///
/// | route | answers |
/// | --- | --- |
/// | `GET /` | `text/html`: `home` |
/// | `GET /items/{id}` | `text/plain`: the id |
/// | `GET /nested/items/{id}`, in a nested router, scope or mount | `text/plain`: the id |
/// | `POST /echo` | the body, as `application/octet-stream` |
/// | `GET /fail` | an error of the handler, which the framework turns into 500 |
/// | `GET /panic` | panics |
/// | anything else | 404: `nothing here`, or the framework's own for a method that a route does not take |
///
/// A layer outside the firewall's marks requests with the field `x-session` as [`aiwaf_core::Authenticated`], and puts the
/// code of the refusal that it finds in the extensions of a response into the field `x-cause`.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

/// Starts a site behind a firewall.
pub type Launch = fn(Arc<Firewall>) -> Site;

impl Site {
    /// A site that listens at an address and counts its handlers' calls here.
    pub fn new(address: SocketAddr, calls: Arc<AtomicUsize>) -> Self {
        Self { address, calls }
    }

    /// How often a handler has been called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}
