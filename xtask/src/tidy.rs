//! `cargo xtask tidy`: checks the project's own rules.

mod adapters;
mod documents;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::metadata::Metadata;

/// The longest source file, in lines before its tests.
const LONGEST: usize = 500;

/// Texts that no file may contain, with the exceptions. They are split, or this file would break
/// the rule.
const UNWANTED: &[(&str, &[&str])] = &[
    (concat!("TO", "DO"), &[]),
    (concat!("FIX", "ME"), &[]),
    (concat!("dbg", "!("), &[]),
    (concat!("crates", ".io"), &["Cargo.lock"]),
    (concat!("pypi", ".org"), &[]),
    (concat!("npmjs", "."), &[]),
    (
        concat!("../", "shared"),
        &["xtask/", "docs/", "README.md", "CONTRIBUTING.md"],
    ),
];

pub(crate) fn run() -> Result<()> {
    let metadata = Metadata::load()?;
    let root = &metadata.workspace_root;
    let mut faults = Vec::new();
    for member in metadata.members() {
        faults.extend(manifest_fault(root, &member.manifest_path)?);
    }
    let files = files(root)?;
    faults.extend(built(&files));
    for name in &files {
        // A file that is not text (a test's binary data) has no lines to check, and a missing file
        // is being deleted.
        if let Ok(text) = std::fs::read_to_string(root.join(name)) {
            faults.extend(file_faults(name, &text));
        }
    }
    faults.extend(adapters::faults(root, &files));
    faults.extend(documents::faults(root, &files)?);
    if faults.is_empty() {
        println!("tidy: {} files hold to the rules", files.len());
        return Ok(());
    }
    bail!("tidy:\n  {}", faults.join("\n  "))
}

/// Files that are in the repository or about to be added.
fn files(root: &Path) -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot run git ls-files")?;
    ensure!(output.status.success(), "git ls-files failed");
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect())
}

/// Checks that every crate uses the lints of the workspace.
fn manifest_fault(root: &Path, manifest: &Path) -> Result<Option<String>> {
    let text = std::fs::read_to_string(manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let compact: String = text.split_whitespace().collect();
    let inherits =
        compact.contains("[lints]workspace=true") || compact.contains("lints.workspace=true");
    let name = manifest.strip_prefix(root).unwrap_or(manifest).display();
    Ok((!inherits).then(|| format!("{name}: lints.workspace = true is missing")))
}

/// Build output must not be in the repository: returns one fault for each folder of it.
fn built(files: &[String]) -> Vec<String> {
    let folder = |name: &String| {
        let parts: Vec<&str> = name.split('/').collect();
        let (_, folders) = parts.split_last()?;
        let at = folders.iter().position(|folder| *folder == "target")?;
        Some(folders.get(..=at)?.join("/"))
    };
    let mut folders: Vec<String> = files.iter().filter_map(folder).collect();
    folders.dedup();
    folders
        .iter()
        .map(|folder| format!("{folder}/: what a build makes is tracked by git"))
        .collect()
}

fn file_faults(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if is_source(name) {
        let lines = text
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .count();
        if lines > LONGEST {
            faults.push(format!(
                "{name}: {lines} lines before its tests, {LONGEST} at most"
            ));
        }
    }
    for (at, line) in text.lines().enumerate() {
        for (unwanted, allowed) in UNWANTED {
            let spared = allowed.iter().any(|place| name.starts_with(place));
            if !spared && line.contains(unwanted) {
                faults.push(format!("{name}:{}: {unwanted:?}", at + 1));
            }
        }
        if name.ends_with(".rs") && line.ends_with([' ', '\t']) {
            faults.push(format!("{name}:{}: white space at the end", at + 1));
        }
    }
    faults
}

/// Whether a file is Rust code that ships, as opposed to test code.
fn is_source(name: &str) -> bool {
    name.ends_with(".rs")
        && name.contains("src/")
        && !name.contains("/tests/")
        && !name.ends_with("tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_makes_is_told_once_a_folder() {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let tracked = names(&[
            "a/target/x/y.json",
            "a/target/z",
            "src/target.rs",
            "target/q",
        ]);
        let faults = built(&tracked);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("a/target/: "), "{faults:?}");
        assert!(built(&names(&["a/src/target.rs", "a/targets/x", "target"])).is_empty());
    }

    #[test]
    fn faults_are_found_where_they_are() {
        let long = "x\n".repeat(LONGEST + 1);
        assert_eq!(file_faults("a/src/x.rs", &long).len(), 1);
        assert!(file_faults("a/src/tests.rs", &long).is_empty());
        let tested = format!("#[cfg(test)]\n{long}");
        assert!(file_faults("a/src/x.rs", &tested).is_empty());
        let unwanted = format!("ok\n// {}: later \n", UNWANTED[0].0);
        assert_eq!(file_faults("a/src/x.rs", &unwanted).len(), 2);
        let shared = UNWANTED[6].0;
        assert!(file_faults("xtask/src/x.rs", shared).is_empty());
        assert_eq!(file_faults("aiwaf-core/src/x.rs", shared).len(), 1);
    }
}
