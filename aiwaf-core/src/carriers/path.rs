//! The name of a place in a tree: the keys from the root, joined with dots.

/// A step longer than this is cut, in the name only: the key itself is handed on whole. Without the
/// cut, one long key above many values would make the names together quadratic in the body.
const STEP: usize = 64;

/// A path that is kept in one buffer, with the length of each level.
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

    /// Goes one level down from the present name.
    pub(super) fn enter(&mut self) {
        self.levels.push(self.name.len());
    }

    /// Goes back to the name that was present at [`enter`](Self::enter); false at the root.
    pub(super) fn leave(&mut self) -> bool {
        let level = self.levels.pop();
        self.name.truncate(level.unwrap_or(0));
        level.is_some()
    }

    /// Names the present place within its level.
    pub(super) fn set(&mut self, step: &[u8]) {
        self.name.truncate(self.levels.last().copied().unwrap_or(0));
        if !self.name.is_empty() {
            self.name.push(b'.');
        }
        self.name
            .extend_from_slice(step.get(..STEP).unwrap_or(step));
    }
}
