//! `cargo xtask ci`: everything that must pass before a change lands.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::metadata::{Metadata, cargo};
use crate::{conformance, licences, tidy};

pub(crate) fn run() -> Result<()> {
    let mut stages = Stages::default();
    // Cheapest first: a formatting error should be reported before the tests run.
    stages.run("format", || call(&["fmt", "--all", "--check"], &[]))?;
    stages.run("tidy", tidy::run)?;
    stages.run("licences", licences::run)?;
    let closing = stages.run("tests", test)?;
    // The tests have built the examples.
    stages.run("conformance", || {
        conformance::run(&conformance::Options::of_what_is_built())
    })?;
    // With all features, to cover code that only one of them compiles. Each feature is checked
    // alone below.
    stages.run("clippy", || {
        call(
            &[
                "clippy",
                "--locked",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "-D",
                "warnings",
            ],
            &[],
        )
    })?;
    stages.run("documentation", || {
        call(
            &[
                "doc",
                "--locked",
                "--workspace",
                "--all-features",
                "--no-deps",
            ],
            &[("RUSTDOCFLAGS", "-D warnings")],
        )
    })?;
    stages.run("features", each_feature)?;
    stages.run("their tests", tests_of_features)?;
    stages.print();
    println!("\ntests:");
    for line in closing {
        println!("  {line}");
    }
    println!("\nci: all of it holds");
    Ok(())
}

/// The finished stages and their durations.
#[derive(Default)]
struct Stages {
    done: Vec<(&'static str, Duration)>,
}

impl Stages {
    fn run<T>(&mut self, name: &'static str, stage: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = stage().with_context(|| format!("{name} failed"))?;
        self.done.push((name, started.elapsed()));
        Ok(outcome)
    }

    fn print(&self) {
        println!("\nstages:");
        for (name, took) in &self.done {
            println!("  {name:14} {:6.1} s", took.as_secs_f64());
        }
    }
}

fn call(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let status = Command::new(cargo())
        .args(arguments)
        .envs(environment.iter().copied())
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

/// Runs the command that the README names, and returns the runner's closing lines and their sum.
fn test() -> Result<Vec<String>> {
    let mut child = Command::new(cargo())
        .args(["test", "--locked", "--workspace"])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    let mut closing = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read the output of cargo test")?;
        println!("{line}");
        if line.starts_with("test result:") {
            closing.push(line);
        }
    }
    let status = child.wait().context("cargo test does not end")?;
    ensure!(status.success(), "cargo test --workspace failed");
    ensure!(!closing.is_empty(), "cargo test ran no test");
    let sum = |what: &str| -> u64 { closing.iter().map(|line| count(line, what)).sum() };
    closing.push(format!(
        "in sum: {} passed, {} failed, {} ignored",
        sum("passed"),
        sum("failed"),
        sum("ignored")
    ));
    Ok(closing)
}

/// The number before a word: 12 of `ok. 12 passed; 0 failed`.
fn count(line: &str, what: &str) -> u64 {
    let words: Vec<&str> = line
        .split([' ', ';', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .find_map(|pair| match pair {
            [number, word] if *word == what => number.parse().ok(),
            _ => None,
        })
        .unwrap_or(0)
}

/// Each feature of each library must compile without the others, and the crate without any.
fn each_feature() -> Result<()> {
    let metadata = Metadata::load()?;
    for member in metadata.members().filter(|member| member.is_library()) {
        let base = ["check", "--locked", "--no-default-features", "-p"];
        let named = [&base, [member.name.as_str()].as_slice()].concat();
        println!("-- {} without features", member.name);
        call(&named, &[])?;
        for feature in member.features.keys().filter(|name| *name != "default") {
            println!("-- {} with {feature}", member.name);
            call(&[&named, ["--features", feature].as_slice()].concat(), &[])?;
        }
    }
    Ok(())
}

/// Runs the tests that `cargo test --workspace` skips, or runs with more features than they need.
fn tests_of_features() -> Result<()> {
    let metadata = Metadata::load()?;
    // Tests within the library that depend on a feature being on or off, and that the workspace's
    // features do not run.
    for features in ["--all-features", "--no-default-features"] {
        println!("-- aiwaf-storage {features}");
        let of_library = ["test", "--locked", "-p", "aiwaf-storage", "--lib", features];
        call(&of_library, &[])?;
    }
    for member in metadata.members() {
        for test in member.tests_of_features() {
            let features = test.required_features.join(",");
            println!("-- {} of {} with {features}", test.name, member.name);
            let name = test.name.as_str();
            call(
                &[
                    "test",
                    "--locked",
                    "-p",
                    &member.name,
                    "--features",
                    &features,
                    "--test",
                    name,
                ],
                &[],
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let line = "test result: ok. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(count(line, "passed"), 12);
        assert_eq!(count(line, "failed"), 3);
        assert_eq!(count(line, "ignored"), 1);
        assert_eq!(count("nothing", "passed"), 0);
    }
}
