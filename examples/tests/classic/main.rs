//! What the predecessor's own tests promised of a running service, asked of the axum example over a socket under the
//! `classic` preset: a test for each case, with the number that it has in `docs/differences.md`.

// Helpers of tests may fail as tests do.
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
