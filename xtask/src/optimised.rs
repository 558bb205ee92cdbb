//! Runs this program optimised, because times of an unoptimised build mean nothing.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Builds the optimised program, and runs it with the same arguments in place of this one.
pub(crate) fn run() -> Result<()> {
    eprintln!("xtask: running the optimised build");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let status = Command::new(crate::metadata::cargo())
        .args(["run", "--quiet", "--locked", "--release", "--manifest-path"])
        .arg(manifest)
        .arg("--")
        .args(std::env::args_os().skip(1))
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the optimised build failed");
    Ok(())
}
