//! How many ids that do not exist a client has asked for.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use super::TableUse;
use super::slots::SlotTable;
use crate::client::ClientKey;
use crate::clock::Tick;

/// The parts in which a window is counted: what is older than the window never counts, and what is younger than
/// seven eighths of it always does.
const PARTS: usize = 8;
/// How many ids that led nowhere are remembered, so that asking again for one of them does not count.
const REMEMBERED: usize = 8;

/// The ids of one request: a hash of them, 0 for none being impossible.
pub type IdPrint = NonZeroU32;

/// Clients by the number of ids they guessed wrong, bounded.
///
/// An id that leads to 404 counts one; one that leads to a page takes one away, once each, so that a client who
/// follows stale links among good ones stays below the limit and one who knows a few good ids gains little by them.
#[derive(Debug)]
pub struct GuessTable {
    slots: SlotTable<Guesses>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Guesses {
    /// The ids that led nowhere, newest first; 0 for none.
    misses: [u32; REMEMBERED],
    /// One bit for the ids that led somewhere: two that share a bit earn as one.
    hits: u64,
    /// The number of the newest part since the clock's origin.
    newest: u32,
    /// Misses by part, newest first.
    parts: [u8; PARTS],
}

impl Guesses {
    fn advance(&mut self, part: u32) {
        let gap = part.wrapping_sub(self.newest);
        // Another thread has counted a later part already: this one belongs to it as well.
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
    // Only differences count, and those survive the wrap.
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

    /// The fingerprint of the ids of a request, different in every process.
    pub fn print(&self, ids: impl Hash) -> IdPrint {
        NonZeroU32::new(self.slots.hash(ids) as u32).unwrap_or(NonZeroU32::MIN)
    }

    /// These ids led to nothing.
    pub fn miss(&self, client: ClientKey, ids: IdPrint, now: Tick, window: Duration) {
        self.slots.update(self.slots.key(client), now, |guesses| {
            guesses.advance(part_of(now, window));
            guesses.miss(ids);
        });
    }

    /// These ids led to something. A client that never missed is not remembered for it.
    pub fn hit(&self, client: ClientKey, ids: IdPrint, now: Tick, window: Duration) {
        self.slots.peek(self.slots.key(client), |guesses| {
            guesses.advance(part_of(now, window));
            guesses.hit(ids);
        });
    }

    /// How many ids the client guessed wrong within the window, less what it earned.
    pub fn score(&self, client: ClientKey, now: Tick, window: Duration) -> u32 {
        let score = self.slots.peek(self.slots.key(client), |guesses| {
            guesses.advance(part_of(now, window));
            guesses.score()
        });
        score.unwrap_or_default()
    }

    /// Bytes that a client takes.
    pub const fn slot_size() -> usize {
        SlotTable::<Guesses>::slot_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(60);

    fn client() -> ClientKey {
        ClientKey::new("203.0.113.7".parse().unwrap(), 64)
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
