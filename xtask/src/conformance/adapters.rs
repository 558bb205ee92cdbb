//! The available examples, and how they are built.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::example;
use crate::metadata::cargo;

/// All known examples. The proxy protects the first one.
const KNOWN: [&str; 5] = example::ALL;

/// The examples' crate.
const PACKAGE: &str = "aiwaf-examples";

/// An example that has been built.
#[derive(Debug)]
pub(super) struct Adapter {
    pub(super) name: &'static str,
    pub(super) binary: PathBuf,
}

/// Builds the examples, and returns the wanted ones, or all of them.
pub(super) fn build(wanted: &[String]) -> Result<Vec<Adapter>> {
    if let Some(unknown) = wanted.iter().find(|name| !KNOWN.contains(&name.as_str())) {
        bail!(
            "unknown adapter {unknown:?}; there may be {}",
            KNOWN.join(", ")
        );
    }
    let output = Command::new(cargo())
        .args(["build", "--locked", "-p", PACKAGE, "--bins"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo build")?;
    ensure!(output.status.success(), "cargo build -p {PACKAGE} failed");
    let built: Vec<(String, PathBuf)> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(executable)
        .collect();
    let mut adapters = Vec::new();
    for name in KNOWN {
        let is_wanted = wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
        match built.iter().find(|(built, _)| built == name) {
            Some((_, binary)) => adapters.push(Adapter {
                name,
                binary: binary.clone(),
            }),
            None if is_wanted => eprintln!("conformance: there is no example {name} yet"),
            None => {}
        }
    }
    ensure!(!adapters.is_empty(), "there are no examples");
    Ok(adapters)
}

/// The examples beside this program, which were built together with it.
pub(super) fn find() -> Result<Vec<Adapter>> {
    let found = |name| {
        let binary = example::find(name)?;
        Ok(Adapter { name, binary })
    };
    KNOWN.into_iter().map(found).collect()
}

/// The name and path of a program, from one line of cargo's output.
fn executable(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let name = message.pointer("/target/name")?.as_str()?.to_owned();
    let path = message.get("executable")?.as_str()?.into();
    Some((name, path))
}
