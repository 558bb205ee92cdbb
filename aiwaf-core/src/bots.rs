//! Bots that are known by their names: who looks up whether an address belongs to one.
//!
//! The engine does no I/O. Whoever starts it brings a [`BotLookup`]; `aiwaf_storage::start` does so, with its feature `dns`,
//! where the settings name domains.

use std::net::IpAddr;
use std::sync::Arc;

use crate::clock::Tick;

/// Knows which addresses have a name within a domain that leads back to them.
pub trait BotLookup: Send + Sync + 'static {
    /// Whether the address is known to have a name within one of the domains (in lower case), which in turn has the
    /// address.
    ///
    /// It is asked in the path of a request: it must not block. What it does not know yet is `false`, and it finds out
    /// meanwhile. `now` is the engine's time, to tell how old an answer is.
    fn is_within(&self, address: IpAddr, domains: &Arc<[String]>, now: Tick) -> bool;
}

impl<F: Fn(IpAddr, &Arc<[String]>, Tick) -> bool + Send + Sync + 'static> BotLookup for F {
    fn is_within(&self, address: IpAddr, domains: &Arc<[String]>, now: Tick) -> bool {
        self(address, domains, now)
    }
}
