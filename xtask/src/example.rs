//! Builds and runs the examples for a chore.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::metadata::cargo;

/// All examples. The proxy protects the first one.
pub(crate) const ALL: [&str; 5] = ["axum", "actix", "poem", "rocket", "proxy"];

/// Builds an example, optimised if this program is, and returns its path.
pub(crate) fn build(name: &str) -> Result<PathBuf> {
    build_in("aiwaf-examples", name)
}

/// Builds or finds the `aiwaf` tool in the same way.
pub(crate) fn tool(is_built: bool) -> Result<PathBuf> {
    if is_built {
        find("aiwaf")
    } else {
        build_in("aiwaf-cli", "aiwaf")
    }
}

fn build_in(package: &str, name: &str) -> Result<PathBuf> {
    let profile = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    let arguments = [
        "build",
        "--quiet",
        "--locked",
        "-p",
        package,
        "--bin",
        name,
        "--profile",
        profile,
    ];
    let status = Command::new(cargo())
        .args(arguments)
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "{name} does not build");
    let here = std::env::current_exe().context("no path of this program")?;
    Ok(here.with_file_name(name))
}

/// Builds an example, unless `is_built` asks for the existing one.
pub(crate) fn program(name: &str, is_built: bool) -> Result<PathBuf> {
    if is_built { find(name) } else { build(name) }
}

/// The path of an existing build: beside this program.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe().context("no path of this program")?;
    let program = here.with_file_name(name);
    ensure!(program.is_file(), "{} is not built", program.display());
    Ok(program)
}

/// A running example. Dropping it kills it.
pub(crate) struct Example {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Example {
    /// Starts the example in a folder, with the settings there or the default ones, and returns its
    /// log.
    pub(crate) fn start(program: &Path, folder: &Path) -> Result<(Self, ChildStderr)> {
        let mut example = Self::spawn(program, folder, Stdio::piped(), &[])?;
        let log = example.process.stderr.take();
        Ok((example, log.context("the example has no log")?))
    }

    /// Starts the example in a folder, with these variables. It writes its log, but nothing reads
    /// it.
    pub(crate) fn start_unread(
        program: &Path,
        folder: &Path,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        Self::spawn(program, folder, Stdio::null(), variables)
    }

    fn spawn(
        program: &Path,
        folder: &Path,
        log: Stdio,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AIWAF_") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .current_dir(folder)
            .env("PORT", "0")
            .env("NO_COLOR", "1")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = process.stdout.take().context("the example has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim_end().rsplit_once("http://");
        let address = address.with_context(|| format!("the example said {line:?}"))?;
        let example = Self {
            address: address.1.parse()?,
            process,
        };
        Ok(example)
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Tells the example to end, and waits until it has.
    pub(crate) fn end(mut self) -> Result<()> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let status = self.process.wait()?;
        ensure!(status.success(), "the example ended with {status}");
        Ok(())
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
