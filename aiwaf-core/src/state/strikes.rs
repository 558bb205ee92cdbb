//! Strikes: each refusal adds its weight to a client's score, which decays with a half-life.

use std::time::Duration;

use super::TableUse;
use super::slots::SlotTable;
use crate::client::ClientKey;
use crate::clock::Tick;

/// How many recent causes are remembered, so that each strikes only once.
const REMEMBERED: usize = 4;
/// For how long the same cause on the same route with the same value strikes once.
const REPEAT: Duration = Duration::from_secs(600);

/// The scores of clients that were refused.
#[derive(Debug)]
pub struct StrikeTable {
    slots: SlotTable<Strikes>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Strikes {
    score: f32,
    /// When the score was last updated ([`Tick::as_compact`]).
    stamp: u32,
    /// Fingerprints of the last causes, 0 for none, and when each one struck.
    causes: [u32; REMEMBERED],
    struck: [u32; REMEMBERED],
}

impl Strikes {
    /// The score, decayed until now.
    fn decayed(&self, now: Tick, half_life: Duration) -> f32 {
        let age = now.since_compact(self.stamp).as_secs_f32();
        self.score * (-age / half_life.as_secs_f32().max(0.001)).exp2()
    }

    /// Whether this cause has struck within [`REPEAT`]. Remembers the cause if not.
    fn repeats(&mut self, cause: u32, now: Tick) -> bool {
        let recent = self
            .causes
            .iter()
            .zip(&self.struck)
            .any(|(known, at)| *known == cause && now.since_compact(*at) < REPEAT);
        if !recent {
            self.causes.rotate_right(1);
            self.struck.rotate_right(1);
            let ([newest, ..], [at, ..]) = (&mut self.causes, &mut self.struck);
            (*newest, *at) = (cause, now.as_compact());
        }
        recent
    }
}

impl StrikeTable {
    /// A table for about this many clients.
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: SlotTable::new(capacity),
        }
    }

    pub(super) fn used(&self) -> TableUse {
        self.slots.used_as("strikes")
    }

    /// Adds `weight`, unless `cause` struck this client recently, and returns the score.
    pub fn strike(
        &self,
        client: ClientKey,
        weight: u32,
        cause: u32,
        now: Tick,
        half_life: Duration,
    ) -> f32 {
        self.slots.update(self.slots.key(client), now, |strikes| {
            let score = strikes.decayed(now, half_life);
            let added = if strikes.repeats(cause | 1, now) {
                0
            } else {
                weight
            };
            strikes.score = score + added as f32;
            strikes.stamp = now.as_compact();
            strikes.score
        })
    }

    /// The current score.
    pub fn score(&self, client: ClientKey, now: Tick, half_life: Duration) -> f32 {
        self.slots
            .peek(self.slots.key(client), |strikes| {
                strikes.decayed(now, half_life)
            })
            .unwrap_or_default()
    }

    /// Forgets a client's strikes.
    pub fn clear(&self, client: ClientKey) {
        self.slots.remove(self.slots.key(client));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_secs(600);

    fn client() -> ClientKey {
        ClientKey::new("203.0.113.7".parse().unwrap(), 64)
    }

    #[test]
    fn scores_add_up_and_halve() {
        let table = StrikeTable::new(100);
        let now = Tick::from_micros(5_000_000);
        assert_eq!(table.strike(client(), 50, 2, now, HALF), 50.0);
        let later = now.plus(HALF);
        assert!((table.score(client(), later, HALF) - 25.0).abs() < 0.01);
        assert!((table.strike(client(), 50, 4, later, HALF) - 75.0).abs() < 0.01);
        table.clear(client());
        assert_eq!(table.score(client(), later, HALF), 0.0);
    }

    /// Regression: a timestamp older than 24 days counted as the current time.
    #[test]
    fn what_was_long_ago_is_long_ago() {
        let day = Duration::from_secs(86_400);
        for days in [1, 20, 25, 30, 49, 50, 400, 1_500] {
            let table = StrikeTable::new(100);
            let now = Tick::from_micros(30 * 86_400_000_000);
            table.strike(client(), 50, 2, now, HALF);
            let later = now.plus(day * days);
            assert!(table.score(client(), later, HALF) < 0.01, "{days} days");
            let score = table.strike(client(), 50, 2, later, HALF);
            assert!((score - 50.0).abs() < 0.01, "{days} days: {score}");
        }
    }

    #[test]
    fn the_same_cause_strikes_once_in_ten_minutes() {
        let table = StrikeTable::new(100);
        let now = Tick::from_micros(5_000_000);
        table.strike(client(), 50, 2, now, HALF);
        let soon = now.plus(Duration::from_secs(1));
        assert!(table.strike(client(), 50, 2, soon, HALF) < 50.1);
        let late = now.plus(Duration::from_secs(601));
        assert!(table.strike(client(), 50, 2, late, HALF) > 70.0);
    }
}
