//! Form tokens that were used.

use std::time::Duration;

use super::TableUse;
use super::slots::SlotTable;
use crate::client::ClientKey;
use crate::clock::Tick;

/// For how long the client that used a token may use it again, for a second press of the button or
/// a browser's retry.
const AGAIN: Duration = Duration::from_secs(10);

/// Remembers which tokens were used. The table is bounded: when it is full, the token used longest
/// ago is forgotten.
#[derive(Debug)]
pub struct TokenTable {
    slots: SlotTable<Used>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Used {
    client: Option<ClientKey>,
    /// The clock's origin, which lies before the first request, stands for never.
    at: Tick,
}

impl TokenTable {
    /// A table for about this many tokens.
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: SlotTable::new(capacity),
        }
    }

    pub(super) fn used(&self) -> TableUse {
        self.slots.used_as("tokens")
    }

    /// Uses a token. Returns whether the use is valid: the token was not used before, or the same
    /// client used it a moment ago.
    pub fn redeem(&self, nonce: u64, client: Option<ClientKey>, now: Tick) -> bool {
        self.slots.update(self.slots.key(nonce), now, |used| {
            if used.at == Tick::default() {
                *used = Used { client, at: now };
                return true;
            }
            used.client == client && now.since(used.at) <= AGAIN
        })
    }

    /// The size of a token's slot in bytes.
    pub const fn slot_size() -> usize {
        SlotTable::<Used>::slot_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_once_and_a_moment_longer_for_the_same_client() {
        let tokens = TokenTable::new(1000);
        let start = Tick::from_micros(1_000_000);
        let at = |seconds| start.plus(Duration::from_secs(seconds));
        let [one, other] = ["203.0.113.7", "203.0.113.8"]
            .map(|address| Some(ClientKey::new(address.parse().unwrap(), 64)));
        assert!(tokens.redeem(7, one, at(0)));
        assert!(tokens.redeem(7, one, at(10)));
        assert!(!tokens.redeem(7, other, at(1)));
        assert!(!tokens.redeem(7, one, at(11)));
        assert!(tokens.redeem(8, other, at(11)));
        assert!(TokenTable::slot_size() <= 64, "{}", TokenTable::slot_size());
    }
}
