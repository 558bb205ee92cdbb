//! The promises of the predecessor's own tests about a running service, checked on the axum example
//! over a socket under the `classic` preset: one test per case, with its number in
//! `docs/differences.md`.

// Test helpers may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod countries;
#[path = "../../../aiwaf-core/tests/country_db/mod.rs"]
mod country_db;
mod forms;
mod headers;
mod limits;
mod lists;
mod logs;
mod rules;
mod site;
