//! The name of a place in a tree: the keys from the root, joined with dots.

/// A longer step is cut, but only in the name; the key itself is passed on as a whole. Without the
/// cut, one long key above many values would make the total length of the names quadratic in the
/// size of the body.
const STEP: usize = 64;

/// A path stored in one buffer, with the length at each level.
#[derive(Debug, Default)]
pub(super) struct Path {
    name: Vec<u8>,
    levels: Vec<usize>,
}

impl Path {
    pub(super) fn clear(&mut self) {
        self.name.clear();
        self.levels.clear();
    }

    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Goes down one level from the current name.
    pub(super) fn enter(&mut self) {
        self.levels.push(self.name.len());
    }

    /// Goes back to the name that was current at [`enter`](Self::enter). Returns false at the root.
    pub(super) fn leave(&mut self) -> bool {
        let level = self.levels.pop();
        self.name.truncate(level.unwrap_or(0));
        level.is_some()
    }

    /// Names the current place within its level.
    pub(super) fn set(&mut self, step: &[u8]) {
        self.name.truncate(self.levels.last().copied().unwrap_or(0));
        if !self.name.is_empty() {
            self.name.push(b'.');
        }
        self.name
            .extend_from_slice(step.get(..STEP).unwrap_or(step));
    }
}
