//! Bounded state per client. Counters and bans are in separate tables, so no flood of new clients
//! can evict a ban.

mod bans;
mod forms;
mod guesses;
mod rates;
mod slots;
mod strikes;
mod tokens;

pub use bans::{Ban, BanChange, BanTable, BannedKey};
pub use forms::FormTable;
pub use guesses::{GuessTable, Guesser, IdPrint};
pub use rates::{Count, Counter, RateTable};
pub use slots::{SlotKey, SlotTable};
pub use strikes::StrikeTable;
pub use tokens::TokenTable;

use std::sync::{Arc, OnceLock};

use crate::form_guard::FormGuard;
use crate::settings::StateSettings;

/// How full a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableUse {
    /// The table's name: `rates`, `strikes`, `guesses`, `bans`, `forms` or `tokens`.
    pub name: &'static str,
    /// How many entries it holds.
    pub entries: usize,
    /// How many entries it can hold at most.
    pub capacity: usize,
}

/// All state kept per client.
#[derive(Debug)]
pub struct State {
    /// Sliding windows: one per client, and one per client and route. The table is sized for two
    /// per client.
    pub rates: RateTable,
    /// Scores of clients that were refused.
    pub strikes: StrikeTable,
    /// Wrong guesses of ids.
    pub guesses: GuessTable,
    /// Automatic bans.
    pub bans: BanTable,
    /// Pages whose forms have not been submitted yet.
    pub forms: FormTable,
    /// Form tokens that were used.
    pub tokens: TokenTable,
    /// The form guard with a random key, once one has been requested.
    pub(crate) process_guard: OnceLock<Arc<FormGuard>>,
}

impl State {
    /// Empty tables with the sizes from the settings.
    pub fn new(settings: &StateSettings) -> Self {
        Self {
            // One counter for the client and, on average, one for a route.
            rates: RateTable::new(settings.max_clients.saturating_mul(2)),
            strikes: StrikeTable::new(settings.max_clients / 4),
            guesses: GuessTable::new(settings.max_clients / 4),
            bans: BanTable::new(settings.max_bans),
            forms: FormTable::new(settings.max_clients),
            tokens: TokenTable::new(settings.max_clients),
            process_guard: OnceLock::new(),
        }
    }

    /// How full each table is. This locks every shard once, so call it from time to time, not on
    /// each request.
    pub fn tables(&self) -> [TableUse; 6] {
        [
            self.rates.used(),
            self.strikes.used(),
            self.guesses.used(),
            self.bans.used(),
            self.forms.used(),
            self.tokens.used(),
        ]
    }
}
