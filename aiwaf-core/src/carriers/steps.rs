//! Counts the bytes that the parsers look at, in tests only: linear time is asserted by counting,
//! not by the clock.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Says that `bytes` bytes were looked at (or a constant number of operations done where it is 1).
#[inline(always)]
pub(super) fn add(bytes: usize) {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + bytes as u64));
    #[cfg(not(test))]
    let _ = bytes;
}

/// Runs `work` and says how many bytes it looked at.
#[cfg(test)]
pub(super) fn count<T>(work: impl FnOnce() -> T) -> (u64, T) {
    STEPS.with(|steps| steps.set(0));
    let done = work();
    (STEPS.with(std::cell::Cell::get), done)
}
