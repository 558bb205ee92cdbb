//! The one place that decodes.

pub mod value;
