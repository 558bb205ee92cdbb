//! The one place that decodes. A check never decodes for itself.
//!
//! A request-target is split first and decoded after, in a bounded number of rounds; what needs no work is
//! borrowed.

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

/// Room for a decoded path or short value without an allocation.
pub(crate) type Buffer = SmallVec<[u8; 256]>;
