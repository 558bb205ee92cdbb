//! The tool from outside: the built binary, real stores, its output and its exit status.

// What the tests share is no production code, and a failure in it is a failed test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod check;
mod config;
mod demo;
mod lists;
mod place;
