//! Time as an argument: monotonic ticks for windows, and wall-clock time for timestamps only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many bits of a tick a compact timestamp omits.
const COMPACT_BITS: u32 = 16;

/// A moment on a monotonic clock, in microseconds since some point before the first request.
///
/// Differences saturate: the time since a later tick is zero, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(u64);

impl Tick {
    /// The tick `micros` microseconds after the clock's origin.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock's origin.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The tick in the form stored in compact tables, in steps of 65.536 ms. It wraps after 8.9
    /// years, so compare such values only through [`Tick::since_compact`].
    pub const fn as_compact(self) -> u32 {
        (self.0 >> COMPACT_BITS) as u32
    }

    /// The time from a value of [`Tick::as_compact`] until this tick. Correct for up to 4.4 years.
    pub const fn since_compact(self, earlier: u32) -> Duration {
        let gap = self.as_compact().wrapping_sub(earlier);
        // A gap of more than half the range means that another thread has read a later time.
        let gap = if gap > u32::MAX / 2 { 0 } else { gap };
        Duration::from_micros((gap as u64) << COMPACT_BITS)
    }

    /// The time from `earlier` to this tick, or zero if `earlier` is later.
    pub const fn since(self, earlier: Tick) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The tick `after` later, saturating.
    pub fn plus(self, after: Duration) -> Tick {
        Tick(
            self.0
                .saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

/// The engine's source of time. Read once per request.
pub trait Clock: Send + Sync + 'static {
    /// The current monotonic time. Never goes backwards.
    fn now(&self) -> Tick;

    /// The current wall-clock time, for timestamps in records and logs.
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

/// Ticks start at this value, so that a time long ago can be represented from the first request on.
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

/// A clock that stands still until it is advanced, for tests and simulations.
///
/// Clones share the same time. Wall-clock time starts at 2026-01-01T00:00:00Z.
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
    /// Moves both times forward.
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
    fn compact_stamps_wrap_and_saturate() {
        let step = 1 << COMPACT_BITS;
        let before = Tick::from_micros(u64::from(u32::MAX) * step);
        let after = Tick::from_micros((u64::from(u32::MAX) + 4) * step);
        let gap = Duration::from_micros(4 * step);
        assert_eq!(after.since_compact(before.as_compact()), gap);
        assert_eq!(before.since_compact(after.as_compact()), Duration::ZERO);
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
