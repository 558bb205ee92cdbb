//! Sliding-window counters.

use std::hash::Hash;
use std::time::Duration;

use super::TableUse;
use super::slots::{SlotKey, SlotTable};
use crate::clock::Tick;

/// The number of parts in a window.
const PARTS: u32 = 7;
/// The number of parts kept: those of the window and the one that is leaving it.
const KEPT: usize = 8;

/// Counters of one sliding window each. The table is bounded.
///
/// A window is counted in seven parts. The part that is leaving the window counts by the share of
/// it that is still inside, as if its requests had been evenly spread. So a count is exact while
/// all requests are younger than six sevenths of the window. Otherwise its error is less than the
/// number of requests in one seventh of the window: no window admits more than `max` requests plus
/// one such part. A request is counted once, refused or not.
#[derive(Debug)]
pub struct RateTable {
    slots: SlotTable<Counter>,
}

/// The requests of one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// The number of the newest part since the clock's origin.
    newest: u32,
    /// Requests by part, newest first.
    parts: [u32; KEPT],
}

/// The result of counting one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Requests in the window, including this one.
    pub requests: u32,
    counter: Counter,
    now_micros: u64,
    part_micros: u64,
}

impl Count {
    /// How long until one more request would stay within `max`, if none comes before. It is exact
    /// to the microsecond and may exceed the window by up to one part, because requests are counted
    /// by parts.
    pub fn retry_after(&self, max: u32) -> Duration {
        let part = self.part_micros;
        let passed = self.now_micros % part;
        for step in 0..KEPT as u32 {
            let mut later = self.counter;
            later.advance(self.counter.newest.wrapping_add(step));
            if let Some(into) = later.room_from(max, part) {
                let at = u64::from(step).saturating_mul(part).saturating_add(into);
                return Duration::from_micros(at.saturating_sub(passed));
            }
        }
        Duration::from_micros(part.saturating_mul(KEPT as u64).saturating_sub(passed))
    }
}

impl Counter {
    /// Moves the window's end to part number `part`.
    fn advance(&mut self, part: u32) {
        let gap = part.wrapping_sub(self.newest);
        // Another thread has already counted a later part, so this request is counted there too.
        if gap > u32::MAX / 2 {
            return;
        }
        match gap as usize {
            0 => return,
            gap @ 1..KEPT => {
                self.parts.rotate_right(gap);
                for gone in self.parts.iter_mut().take(gap) {
                    *gone = 0;
                }
            }
            _ => self.parts = [0; KEPT],
        }
        self.newest = part;
    }

    /// Requests in the window that ends `into` microseconds into the newest part.
    fn in_window(&self, into: u64, part: u64) -> u32 {
        let [inside @ .., leaving] = self.parts;
        let full: u64 = inside.iter().map(|count| u64::from(*count)).sum();
        // The leaving part is usually empty, and a division is expensive.
        let share = match leaving {
            0 => 0,
            _ => u64::from(leaving).saturating_mul(part.saturating_sub(into)) / part.max(1),
        };
        u32::try_from(full + share).unwrap_or(u32::MAX)
    }

    /// How far into the newest part one more request would stay within `max`, if none comes before.
    /// By then enough of the leaving part has left the window.
    fn room_from(&self, max: u32, part: u64) -> Option<u64> {
        let [inside @ .., leaving] = self.parts;
        let full: u64 = inside.iter().map(|count| u64::from(*count)).sum();
        let room = u64::from(max).checked_sub(full).filter(|room| *room > 0)?;
        let share = room.saturating_mul(part) - 1;
        Some(match leaving {
            0 => 0,
            leaving => part.saturating_sub(share / u64::from(leaving)),
        })
    }

    fn hit(&mut self, now: Tick, window: Duration) -> Count {
        let window_micros = u64::try_from(window.as_micros()).unwrap_or(u64::MAX);
        let part_micros = (window_micros / u64::from(PARTS)).max(1);
        let number = now.as_micros() / part_micros;
        // Only differences matter, and they survive the wrap.
        self.advance(number as u32);
        let [newest, ..] = &mut self.parts;
        *newest = newest.saturating_add(1);
        Count {
            requests: self.in_window(now.as_micros() % part_micros, part_micros),
            counter: *self,
            now_micros: now.as_micros(),
            part_micros,
        }
    }
}

impl RateTable {
    /// A table for about this many counters.
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: SlotTable::new(capacity),
        }
    }

    pub(super) fn used(&self) -> TableUse {
        self.slots.used_as("rates")
    }

    /// The key under which requests are counted together.
    pub fn key(&self, of: impl Hash) -> SlotKey {
        self.slots.key(of)
    }

    /// Counts a request and returns how many are in the window now.
    pub fn hit(&self, key: SlotKey, now: Tick, window: Duration) -> Count {
        self.slots
            .update(key, now, |counter| counter.hit(now, window))
    }

    /// Same as [`RateTable::hit`] for two keys, each with its own window.
    pub fn hit_both(&self, counted: [(SlotKey, Duration); 2], now: Tick) -> [Count; 2] {
        let keys = counted.map(|(key, _)| key);
        let windows = counted.map(|(_, window)| window);
        self.slots.update_both(keys, now, |at, counter| {
            let window = windows.get(at).copied().unwrap_or_default();
            counter.hit(now, window)
        })
    }

    /// How many counters are held.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no counter is held.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The size of a counter's slot in bytes.
    pub const fn slot_size() -> usize {
        SlotTable::<Counter>::slot_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(60);

    fn start() -> Tick {
        Tick::from_micros(2_592_000_000_000)
    }

    #[test]
    fn a_slot_is_small() {
        assert!(RateTable::slot_size() <= 64, "{}", RateTable::slot_size());
    }

    #[test]
    fn exactly_max_at_once_is_counted_exactly() {
        let table = RateTable::new(1000);
        let key = table.key("c");
        for expected in 1..=500 {
            assert_eq!(table.hit(key, start(), WINDOW).requests, expected);
        }
        let later = start().plus(Duration::from_secs(51));
        assert_eq!(table.hit(key, later, WINDOW).requests, 501);
        let gone = start().plus(Duration::from_secs(70));
        assert_eq!(table.hit(key, gone, WINDOW).requests, 2);
    }

    #[test]
    fn no_limit_is_too_high_to_be_reached() {
        let table = RateTable::new(1000);
        let key = table.key("c");
        let last = (0..200_000)
            .map(|_| table.hit(key, start(), WINDOW).requests)
            .fold(0, |_, count| count);
        assert_eq!(last, 200_000);
    }

    #[test]
    fn who_waits_as_told_is_admitted() {
        let table = RateTable::new(1000);
        let key = table.key("c");
        let mut now = start();
        let mut last = table.hit(key, now, WINDOW);
        for _ in 0..250 {
            now = now.plus(Duration::from_millis(130));
            last = table.hit(key, now, WINDOW);
        }
        let wait = last.retry_after(100);
        assert!(wait <= Duration::from_secs(69), "{wait:?}");
        let after = table.hit(key, now.plus(wait), WINDOW);
        assert!(after.requests <= 100, "{}", after.requests);
    }

    proptest! {
        /// The announced wait is correct and no longer than necessary.
        #[test]
        fn who_waits_as_told_is_admitted_and_nobody_before(
            gaps in prop::collection::vec(0u64..2_000_000, 20..300),
            max in 1u32..60,
        ) {
            let [table, early, told] = [(); 3].map(|()| RateTable::new(1000));
            // Each table has its own random key.
            let hit = |table: &RateTable, now| table.hit(table.key("c"), now, WINDOW);
            let mut now = start();
            let mut last = None;
            for gap in gaps {
                now = now.plus(Duration::from_micros(gap));
                for table in [&early, &told] {
                    hit(table, now);
                }
                last = Some(hit(&table, now));
            }
            let wait = last.unwrap().retry_after(max);
            let admitted = hit(&told, now.plus(wait)).requests;
            prop_assert!(admitted <= max, "{admitted} of {max} after {wait:?}");
            if let Some(before) = wait.checked_sub(Duration::from_micros(1)) {
                prop_assert!(hit(&early, now.plus(before)).requests > max, "{max} before {wait:?}");
            }
        }

        /// Compared with a log of every request: never more than one part off, and exact while
        /// nothing is leaving.
        #[test]
        fn the_error_is_what_the_documentation_says(gaps in prop::collection::vec(0u64..4_000_000, 1..400)) {
            let table = RateTable::new(1000);
            let key = table.key("c");
            let mut log: Vec<u64> = Vec::new();
            let mut now = start();
            for gap in gaps {
                now = now.plus(Duration::from_micros(gap));
                log.push(now.as_micros());
                let counted = table.hit(key, now, WINDOW).requests as usize;
                let from = |back: u64| now.as_micros() - back;
                let exact = log.iter().filter(|at| **at > from(60_000_000)).count();
                let part = 60_000_000 / 7;
                let at_least = log.iter().filter(|at| **at > from(60_000_000 - part)).count();
                let at_most = log.iter().filter(|at| **at > from(60_000_000 + part)).count();
                prop_assert!(at_least <= counted && counted <= at_most, "{at_least} {counted} {at_most}");
                if at_least == at_most {
                    prop_assert_eq!(counted, exact);
                }
            }
        }
    }
}
