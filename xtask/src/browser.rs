//! `cargo xtask browser`: a scripted session in a real Chromium against the axum examples.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::example;

/// The path of Chromium, if it is installed.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|path| path.is_file())
}

/// Runs `tests/browser/session.mjs`, or reports why not.
pub(crate) fn run() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("no workspace")?;
    let session = root.join("tests/browser");
    let Some(chromium) = chromium() else {
        println!("browser: SKIPPED, there is no Chromium; install it, or name it in CHROMIUM");
        return Ok(());
    };
    if !session.join("node_modules/playwright-core").is_dir() {
        println!("browser: SKIPPED, run `npm install` in tests/browser first");
        return Ok(());
    }
    let status = Command::new("node")
        .arg("session.mjs")
        .args([
            example::build("axum")?,
            example::build("guarded")?,
            chromium,
        ])
        .current_dir(session)
        .status()
        .context("cannot run node")?;
    ensure!(status.success(), "the browser's session failed");
    Ok(())
}
