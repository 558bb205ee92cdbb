//! Tests the built binary with real stores: its output and its exit status.

// Shared test helpers are not production code; a failure in one is a failed test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod check;
mod config;
mod demo;
mod lists;
mod place;
