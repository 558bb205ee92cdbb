//! What must hold for any input, one function per fuzz target. The seeds run through the same
//! functions as plain tests of `aiwaf-core`.

pub mod carriers;
pub mod judge;
pub mod normalize;
