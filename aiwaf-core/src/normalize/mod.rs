//! Normalises targets, paths and values. `carriers/` undoes the syntax of a carrier once (percent
//! encoding of a pair, escapes of JSON); whatever is encoded below that is decoded here.
//!
//! A request-target is split first and decoded afterwards, in a bounded number of rounds. What
//! needs no decoding is borrowed.

mod decode;
mod path;
mod target;
mod text;
pub mod value;

pub use decode::{ROUNDS, percent_decode};
pub use path::{NormalPath, PathTraits, normalize_path};
pub use target::{Target, TargetForm, split_target};
pub use text::{NormalText, fold_text};

use smallvec::SmallVec;

/// A buffer that holds a decoded path or short value without an allocation.
pub(crate) type Buffer = SmallVec<[u8; 256]>;
