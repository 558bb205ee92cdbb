//! Header lines that were clean a short while ago.
//!
//! Browsers repeat themselves: the same agents, types and languages come with every request. Comparing such a line with
//! the last one like it costs a tenth of looking at every pair of its bytes. Only what the gate itself let go of is
//! remembered, byte for byte, so a familiar line is one that would be let go of again.

use std::cell::RefCell;

/// How many lines a thread remembers: the newest of each slot.
const SLOTS: usize = 256;
/// Shorter values are looked at as quickly as they are compared.
const WORTH_COMPARING: usize = 16;
/// Longer lines, name and value together, are not remembered.
const LONGEST: usize = 240;

/// One line: name and value without anything between them.
#[derive(Clone, Copy)]
struct Slot {
    name: u8,
    value: u8,
    bytes: [u8; LONGEST],
}

impl Slot {
    const EMPTY: Self = Self {
        name: 0,
        value: 0,
        bytes: [0; LONGEST],
    };

    fn holds(&self, name: &[u8], value: &[u8]) -> bool {
        usize::from(self.name) == name.len()
            && usize::from(self.value) == value.len()
            && self.bytes.get(..name.len()) == Some(name)
            && self.bytes.get(name.len()..name.len() + value.len()) == Some(value)
    }

    /// Lines that are too long are not kept.
    fn keep(&mut self, name: &[u8], value: &[u8]) {
        let (Ok(name_length), Ok(value_length)) = (name.len().try_into(), value.len().try_into())
        else {
            return;
        };
        if let Some(room) = self.bytes.get_mut(..name.len() + value.len()) {
            let (names, values) = room.split_at_mut(name.len());
            names.copy_from_slice(name);
            values.copy_from_slice(value);
            (self.name, self.value) = (name_length, value_length);
        }
    }
}

thread_local! {
    static FAMILIAR: RefCell<Vec<Slot>> = RefCell::new(vec![Slot::EMPTY; SLOTS]);
}

/// A slot for a line. Lines that share one take turns; which do does not matter, for they are compared whole.
fn place(name: &[u8], value: &[u8]) -> usize {
    let at = |at: usize| usize::from(value.get(at).copied().unwrap_or_default());
    let length = value.len();
    let mixed = name.len() * 7
        + length * 31
        + at(length / 2) * 3
        + at(length.saturating_sub(9)) * 5
        + at(length / 3) * 11;
    mixed % SLOTS
}

/// Whether a header line is clean, by memory or else by `look`.
pub(super) fn is_clean(name: &str, value: &[u8], look: impl FnOnce() -> bool) -> bool {
    let name = name.as_bytes();
    if value.len() < WORTH_COMPARING || name.len() + value.len() > LONGEST {
        return look();
    }
    FAMILIAR.with_borrow_mut(|slots| {
        let Some(slot) = slots.get_mut(place(name, value)) else {
            return look();
        };
        if slot.holds(name, value) {
            return true;
        }
        let clean = look();
        if clean {
            slot.keep(name, value);
        }
        clean
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_line_is_looked_at_once_and_a_dirty_one_always() {
        let agent = b"Mozilla/5.0 (X11; Linux x86_64)";
        let mut looks = 0;
        for _ in 0..3 {
            assert!(is_clean("user-agent", agent, || {
                looks += 1;
                true
            }));
            assert!(!is_clean("x-agent", agent, || {
                looks += 1;
                false
            }));
        }
        assert_eq!(looks, 4);
    }

    #[test]
    fn one_byte_makes_another_line() {
        let value = b"abcdefghijklmnopqrstuvwxyz".to_vec();
        assert!(is_clean("x-line", &value, || true));
        for at in 0..value.len() {
            let mut other = value.clone();
            other[at] = b'<';
            assert!(!is_clean("x-line", &other, || false), "{at}");
        }
        assert!(!is_clean("x-lin", b"eabcdefghijklmnopqrstuvwxyz", || false));
    }

    #[test]
    fn what_is_too_long_is_looked_at() {
        let long = vec![b'a'; LONGEST];
        assert!(is_clean("x-long", &long, || true));
        assert!(!is_clean("x-long", &long, || false));
    }
}
