//! The engine of aiwaf, a web application firewall that lives inside a Rust web service.

pub mod normalize;
pub mod payload;
