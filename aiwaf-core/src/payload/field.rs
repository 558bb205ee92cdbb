//! Named values, as the carriers of a request hold them.

pub use crate::carriers::{Carrier, Field};
