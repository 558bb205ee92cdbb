//! Time as an argument: monotonic ticks for windows, wall-clock time for stamps only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment on a monotonic clock, in microseconds since some point before the first request.
///
/// Differences saturate: a tick is never "before" an earlier one by a negative amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(u64);

impl Tick {
    /// The tick that lies `micros` microseconds after the clock's origin.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock's origin.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Milliseconds since the clock's origin, as kept in compact tables: wraps after 49 days, so
    /// compare such values only through [`Tick::millis_since`].
    pub const fn as_millis32(self) -> u32 {
        (self.0 / 1000) as u32
    }

    /// Milliseconds from a compact stamp of [`Tick::as_millis32`] until now, right for 24 days.
    pub const fn millis_since(self, earlier: u32) -> u32 {
        let gap = self.as_millis32().wrapping_sub(earlier);
        // A gap of more than half the range is a stamp from "the future" of another thread's clock read.
        if gap > u32::MAX / 2 { 0 } else { gap }
    }

    /// How much later this tick is than `earlier`; zero if it is not.
    pub const fn since(self, earlier: Tick) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The tick `after` later, at most the end of time.
    pub fn plus(self, after: Duration) -> Tick {
        Tick(
            self.0
                .saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

/// Where the engine gets its time from. Read once a request.
pub trait Clock: Send + Sync + 'static {
    /// The monotonic present; never goes backwards.
    fn now(&self) -> Tick;

    /// The wall-clock present, for stamps in records and logs.
    fn wall(&self) -> SystemTime;
}

impl std::fmt::Debug for dyn Clock + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({:?})", self.now())
    }
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

/// Ticks start here, so that "long ago" is representable from the first request on.
const ORIGIN: Duration = Duration::from_secs(30 * 24 * 3600);

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Tick {
        Tick::default().plus(ORIGIN + self.origin.elapsed())
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stands still until it is told to move: for tests and simulations.
///
/// Clones share the same hands. Both times start at 2026-01-01T00:00:00Z.
///
/// ```
/// use aiwaf_core::{Clock, ManualClock};
/// use std::time::Duration;
///
/// let clock = ManualClock::default();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(start), Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    elapsed_micros: Arc<AtomicU64>,
}

/// 2026-01-01T00:00:00Z in seconds since the epoch.
const MANUAL_EPOCH: Duration = Duration::from_secs(1_767_225_600);

impl ManualClock {
    /// Moves both hands forward.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.elapsed_micros.fetch_add(micros, Ordering::SeqCst);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.elapsed_micros.load(Ordering::SeqCst))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Tick {
        Tick::default().plus(ORIGIN + self.elapsed())
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + MANUAL_EPOCH + self.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_stamps_survive_the_wrap() {
        let before = Tick::from_micros(u64::from(u32::MAX) * 1000);
        let after = before.plus(Duration::from_millis(250));
        assert_eq!(after.millis_since(before.as_millis32()), 250);
        assert_eq!(before.millis_since(after.as_millis32()), 0);
    }

    #[test]
    fn differences_never_underflow() {
        assert_eq!(
            Tick::from_micros(1).since(Tick::from_micros(9)),
            Duration::ZERO
        );
        assert_eq!(
            Tick::from_micros(u64::MAX).plus(Duration::MAX),
            Tick::from_micros(u64::MAX)
        );
    }
}
