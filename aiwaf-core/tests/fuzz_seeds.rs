//! Runs the seeds of the fuzz targets, and inputs that once broke something, as plain tests.
#![cfg(feature = "inflate")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // It may fail here.

#[path = "../../fuzz/src/carriers.rs"]
// Public for the fuzz targets, which are in another crate.
#[allow(unreachable_pub)]
mod carriers;
#[path = "../../fuzz/src/judge.rs"]
#[allow(unreachable_pub)]
mod judge;
#[path = "../../fuzz/src/normalize.rs"]
#[allow(unreachable_pub)]
mod normalize;

use std::fs;
use std::path::Path;

/// Runs each file of a target's folder. An empty folder would prove nothing.
fn run(target: &str, check: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target);
    let mut files = 0;
    for seed in fs::read_dir(&seeds).unwrap() {
        let input = fs::read(seed.unwrap().path()).unwrap();
        // A truncated input may trigger a fault in a parser as well.
        for end in 0..=input.len() {
            check(&input[..end]);
        }
        files += 1;
    }
    assert!(files > 0, "no seeds in {}", seeds.display());
}

#[test]
fn carriers_hold_for_their_seeds() {
    run("query", carriers::query);
    run("cookies", carriers::cookies);
    run("headers", carriers::headers);
    run("json", carriers::json);
    run("xml", carriers::xml);
    run("multipart", carriers::multipart);
    run("body", carriers::body);
}

#[test]
fn normalising_holds_for_its_seeds() {
    run("normalize_path", normalize::path);
    run("normalize_text", normalize::text);
    run("normalize_value", normalize::value);
}

#[test]
fn judging_holds_for_its_seeds() {
    run("judge", judge::judge);
    run("clean_raw", judge::clean_raw);
}
