//! Shared by the tests of the adapters: a raw HTTP client, checks that record, and one test suite
//! for all frameworks.
//!
//! An adapter's test builds a [`Site`] in its framework, with the routes that [`Site`] lists, and
//! calls [`adapter_suite!`](crate::adapter_suite) with the function that starts it.

mod checks;
mod client;
mod events;
mod site;
pub mod suite;

pub use checks::{BodyReader, CountsEnds, Faulty, Observed, Recorder};
pub use client::{Client, Reply};
pub use events::{capture, captured};
pub use site::{Launch, Site};
