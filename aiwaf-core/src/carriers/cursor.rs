//! A position in bytes that cannot run off their end.

use super::find::find;
use super::steps;
use memchr::memmem;

/// The bytes still to be read. Every move is clamped, so a parser built on it cannot index out of
/// bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte, without consuming it.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes `count` bytes, or all that are left.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> &'a [u8] {
        steps::add(1);
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// Skips one byte.
    #[inline]
    pub(super) fn skip(&mut self) {
        steps::add(1);
        self.rest = self.rest.split_first().map_or(&[], |(_, rest)| rest);
    }

    /// Takes `prefix` if it comes next.
    #[inline]
    pub(super) fn eat(&mut self, prefix: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes bytes while they are `wanted`.
    #[inline]
    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let count = self
            .rest
            .iter()
            .position(|&byte| !wanted(byte))
            .unwrap_or(self.rest.len());
        steps::add(count);
        self.take(count)
    }

    /// Takes everything before `byte`, or everything that is left.
    #[inline]
    pub(super) fn take_to(&mut self, byte: u8) -> &'a [u8] {
        let count = find(byte, self.rest).unwrap_or(self.rest.len());
        steps::add(count);
        self.take(count)
    }

    /// Takes everything before `mark` and skips the mark. Without a mark it takes everything that
    /// is left, so no search is repeated.
    pub(super) fn take_through(&mut self, mark: &[u8]) -> (&'a [u8], bool) {
        let found = memmem::find(self.rest, mark);
        let count = found.unwrap_or(self.rest.len());
        steps::add(count);
        let taken = self.take(count);
        self.take(mark.len());
        (taken, found.is_some())
    }

    /// Skips ASCII white space.
    #[inline]
    pub(super) fn skip_space(&mut self) {
        // Compact documents have none, so this one comparison is usually enough.
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0c));
        }
    }
}
