//! The service that each adapter's tests build in their own framework.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aiwaf_core::Firewall;

/// A running service behind a firewall, on loopback. Every handler counts its calls, including the
/// fallback.
///
/// | route | response |
/// | --- | --- |
/// | `GET /` | `text/html`: `home` |
/// | `GET /items/{id}` | `text/plain`: the id |
/// | `GET /nested/items/{id}`, in a nested router, scope or mount | `text/plain`: the id |
/// | `POST /echo` | the body, as `application/octet-stream` |
/// | `GET /fail` | an error of the handler, which the framework turns into 500 |
/// | `GET /panic` | panics |
/// | anything else | 404: `nothing here`, or the framework's own for a method that a route does not take |
///
/// A layer outside the firewall marks requests that have the field `x-session` as
/// [`aiwaf_core::Authenticated`], and copies the code of the refusal in a response's extensions to
/// the field `x-cause`.
#[derive(Clone, Debug)]
pub struct Site {
    /// The address that the site listens on.
    pub address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

/// Starts a site behind a firewall.
pub type Launch = fn(Arc<Firewall>) -> Site;

impl Site {
    /// A site that listens on `address` and counts its handlers' calls in `calls`.
    pub fn new(address: SocketAddr, calls: Arc<AtomicUsize>) -> Self {
        Self { address, calls }
    }

    /// How often handlers have been called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}
