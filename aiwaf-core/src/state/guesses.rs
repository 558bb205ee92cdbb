//! Counts the requests of a client for ids that do not exist.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use super::TableUse;
use super::slots::SlotTable;
use crate::client::ClientKey;
use crate::clock::Tick;

/// The number of parts in which a window is counted. Misses older than the window never count, and
/// misses younger than seven eighths of it always do.
const PARTS: usize = 8;
/// How many missing ids are remembered, so that asking for one of them again does not count.
const REMEMBERED: usize = 8;

/// A hash of the ids of one request. 0 stands for none, so the hash is never 0.
pub type IdPrint = NonZeroU32;

/// Whose guesses are counted together. What other sites make a visitor's browser ask for is no
/// guess of the visitor, so it is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guesser {
    /// The client.
    pub client: ClientKey,
    /// Whether another site asks, by the client's browser.
    pub cross_site: bool,
}

/// The number of ids that each client guessed wrong. The table is bounded.
///
/// An id that leads to 404 adds one. An id that leads to a page subtracts one, but only once per
/// id. So a client that follows stale links among good ones stays below the limit, and a client
/// that knows a few good ids gains little by them.
#[derive(Debug)]
pub struct GuessTable {
    slots: SlotTable<Guesses>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Guesses {
    /// The ids that were not found, newest first; 0 for none.
    misses: [u32; REMEMBERED],
    /// One bit for each id that was found. Two ids that share a bit count as one.
    hits: u64,
    /// The number of the newest part since the clock's origin.
    newest: u32,
    /// Misses by part, newest first.
    parts: [u8; PARTS],
}

impl Guesses {
    fn advance(&mut self, part: u32) {
        let gap = part.wrapping_sub(self.newest);
        // Another thread has already counted a later part, so this request is counted there too.
        if gap > u32::MAX / 2 {
            return;
        }
        let gap = (gap as usize).min(PARTS);
        self.parts.rotate_right(gap % PARTS);
        for gone in self.parts.iter_mut().take(gap) {
            *gone = 0;
        }
        if gap == PARTS {
            self.hits = 0;
        }
        self.newest = part;
    }

    fn score(&self) -> u32 {
        self.parts.iter().copied().map(u32::from).sum()
    }

    fn miss(&mut self, id: IdPrint) {
        if self.misses.contains(&id.get()) {
            return;
        }
        self.misses.rotate_right(1);
        let ([last, ..], [newest, ..]) = (&mut self.misses, &mut self.parts);
        *last = id.get();
        *newest = newest.saturating_add(1);
    }

    fn hit(&mut self, id: IdPrint) {
        let bit = 1 << (id.get() & 63);
        if self.hits & bit != 0 {
            return;
        }
        self.hits |= bit;
        if let Some(part) = self.parts.iter_mut().find(|part| **part > 0) {
            *part -= 1;
        }
    }
}

fn part_of(now: Tick, window: Duration) -> u32 {
    let window = u64::try_from(window.as_micros()).unwrap_or(u64::MAX);
    // Only differences matter, and they survive the wrap.
    (now.as_micros() / (window / PARTS as u64).max(1)) as u32
}

impl GuessTable {
    /// A table for about this many clients.
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: SlotTable::new(capacity),
        }
    }

    pub(super) fn used(&self) -> TableUse {
        self.slots.used_as("guesses")
    }

    /// The fingerprint of the ids of a request. It differs in every process.
    pub fn print(&self, ids: impl Hash) -> IdPrint {
        NonZeroU32::new(self.slots.hash(ids) as u32).unwrap_or(NonZeroU32::MIN)
    }

    /// Records that these ids were not found.
    pub fn miss(&self, guesser: Guesser, ids: IdPrint, now: Tick, window: Duration) {
        self.slots.update(self.slots.key(guesser), now, |guesses| {
            guesses.advance(part_of(now, window));
            guesses.miss(ids);
        });
    }

    /// Records that these ids were found. A client that never missed is not stored for it.
    pub fn hit(&self, guesser: Guesser, ids: IdPrint, now: Tick, window: Duration) {
        self.slots.peek(self.slots.key(guesser), |guesses| {
            guesses.advance(part_of(now, window));
            guesses.hit(ids);
        });
    }

    /// How many ids were guessed wrong within the window, minus its credit for ids that were
    /// found.
    pub fn score(&self, guesser: Guesser, now: Tick, window: Duration) -> u32 {
        let score = self.slots.peek(self.slots.key(guesser), |guesses| {
            guesses.advance(part_of(now, window));
            guesses.score()
        });
        score.unwrap_or_default()
    }

    /// The size of a client's slot in bytes.
    pub const fn slot_size() -> usize {
        SlotTable::<Guesses>::slot_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(60);

    fn client() -> Guesser {
        Guesser {
            client: ClientKey::new("203.0.113.7".parse().unwrap(), 64),
            cross_site: false,
        }
    }

    fn id(number: u32) -> IdPrint {
        NonZeroU32::new(number).unwrap()
    }

    fn start() -> Tick {
        Tick::from_micros(2_592_000_000_000)
    }

    #[test]
    fn a_slot_is_small() {
        assert!(GuessTable::slot_size() <= 64, "{}", GuessTable::slot_size());
    }

    #[test]
    fn misses_count_once_and_hits_earn_once() {
        let table = GuessTable::new(1000);
        let score = |now| table.score(client(), now, WINDOW);
        table.hit(client(), id(90), start(), WINDOW);
        assert_eq!(
            score(start()),
            0,
            "nothing to take away, and nothing saved up"
        );
        for miss in [1, 2, 3, 3, 3, 1] {
            table.miss(client(), id(miss), start(), WINDOW);
        }
        assert_eq!(score(start()), 3);
        for hit in [70, 70, 70, 71] {
            table.hit(client(), id(hit), start(), WINDOW);
        }
        assert_eq!(score(start()), 1);
        for hit in 72..80 {
            table.hit(client(), id(hit), start(), WINDOW);
        }
        assert_eq!(score(start()), 0);
        table.miss(client(), id(4), start(), WINDOW);
        assert_eq!(score(start()), 1, "the floor is 0");
        assert_eq!(score(start().plus(WINDOW)), 0);
    }

    #[test]
    fn good_ids_cannot_be_spent_again_and_again() {
        let table = GuessTable::new(1000);
        for round in 0..200 {
            table.miss(client(), id(1000 + round), start(), WINDOW);
            table.hit(client(), id(1 + round % 20), start(), WINDOW);
        }
        assert!(table.score(client(), start(), WINDOW) >= 180);
    }

    proptest! {
        #[test]
        fn what_is_young_counts_and_what_is_old_does_not(ages in prop::collection::vec(0u64..120_000, 1..30)) {
            let table = GuessTable::new(1000);
            let end = start().plus(Duration::from_secs(120));
            let mut sorted = ages.clone();
            sorted.sort_unstable();
            for (number, age) in sorted.iter().rev().enumerate() {
                let at = start().plus(Duration::from_millis(120_000 - age));
                table.miss(client(), id(number as u32 + 1), at, WINDOW);
            }
            let younger = |millis: u64| ages.iter().filter(|age| **age < millis).count() as u32;
            let score = table.score(client(), end, WINDOW);
            prop_assert!(younger(52_500) <= score && score <= younger(60_000), "{score}");
        }
    }
}
