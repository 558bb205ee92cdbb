//! Buffers that outlive a request.

use super::path::Path;

/// What is larger than this is given back after use, so that one large body does not stay with
/// every worker for good.
const KEEP: usize = 64 << 10;

/// The buffers that decoding needs. Keep one a worker and pass it to every splitter: they clear it
/// themselves.
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
    /// Where in a tree the parser is.
    pub(super) path: Path,
}

impl Scratch {
    /// Gives back buffers that have grown past 64 KiB. Call it when a request with a body is done.
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
