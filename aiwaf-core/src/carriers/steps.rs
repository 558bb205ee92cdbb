//! Counts the bytes that the parsers read, in tests only. Tests assert linear time by this count,
//! not by the clock.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Records that `bytes` bytes were read, or, if it is 1, that a constant number of operations was
/// done.
#[inline(always)]
pub(super) fn add(bytes: usize) {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + bytes as u64));
    #[cfg(not(test))]
    let _ = bytes;
}

/// Runs `work` and returns how many bytes it read.
#[cfg(test)]
pub(super) fn count<T>(work: impl FnOnce() -> T) -> (u64, T) {
    STEPS.with(|steps| steps.set(0));
    let done = work();
    (STEPS.with(std::cell::Cell::get), done)
}
