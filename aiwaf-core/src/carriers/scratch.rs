//! Buffers that outlive a request.

use super::path::Path;

/// Larger buffers are freed after use, so that one large body does not occupy memory in every
/// worker permanently.
const KEEP: usize = 64 << 10;

/// The buffers that decoding needs. Keep one per worker and pass it to every splitter; splitters
/// clear the buffers themselves.
#[derive(Debug, Default)]
pub struct Scratch {
    /// A decoded name.
    pub(super) name: Vec<u8>,
    /// A decoded value.
    pub(super) value: Vec<u8>,
    /// A whole body in UTF-8.
    pub(super) transcoded: Vec<u8>,
    /// A whole body, inflated.
    pub(super) inflated: Vec<u8>,
    /// The parser's place in a tree.
    pub(super) path: Path,
}

impl Scratch {
    /// Frees buffers that have grown beyond 64 KiB. Call this after a request with a body.
    pub fn trim(&mut self) {
        for buffer in [
            &mut self.name,
            &mut self.value,
            &mut self.transcoded,
            &mut self.inflated,
        ] {
            if buffer.capacity() > KEEP {
                *buffer = Vec::new();
            }
        }
    }
}
