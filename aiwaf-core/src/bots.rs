//! Verifying bots by name: whether an address belongs to a bot's domains.
//!
//! The engine does no I/O, so the application supplies a [`BotLookup`]. `aiwaf_storage::start`
//! supplies one if its feature `dns` is on and the settings name domains.

use std::net::IpAddr;
use std::sync::Arc;

use crate::clock::Tick;

/// Knows which addresses have a name within a domain that resolves back to them.
pub trait BotLookup: Send + Sync + 'static {
    /// Whether the address is known to have a name within one of the domains (in lower case), and
    /// that name resolves back to the address.
    ///
    /// Called while a request is decided, so it must not block. If the answer is not known yet,
    /// return `false` and look it up in the background. `now` is the engine's time, for judging the
    /// age of an answer.
    fn is_within(&self, address: IpAddr, domains: &Arc<[String]>, now: Tick) -> bool;
}

impl<F: Fn(IpAddr, &Arc<[String]>, Tick) -> bool + Send + Sync + 'static> BotLookup for F {
    fn is_within(&self, address: IpAddr, domains: &Arc<[String]>, now: Tick) -> bool {
        self(address, domains, now)
    }
}
