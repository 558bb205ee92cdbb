//! What the tests of the adapters share: a raw HTTP client, checks that record, and one suite for all frameworks.
//!
//! An adapter's test builds a [`Site`] in its framework, with the routes that [`Site`] names, and calls
//! [`adapter_suite!`](crate::adapter_suite) on the function that starts it.

mod checks;
mod client;
mod events;
mod site;
pub mod suite;

pub use checks::{BodyReader, CountsEnds, Faulty, Observed, Recorder};
pub use client::{Client, Reply};
pub use events::{capture, captured};
pub use site::{Launch, Site};
