//! The `aiwaf` tool as a process that can be killed.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// The change to the blacklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Add,
    Remove,
}

impl Way {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

/// The tool, and the folder with the settings of the service.
pub(super) struct Tool {
    program: PathBuf,
    folder: PathBuf,
}

impl Tool {
    pub(super) fn new(program: &Path, folder: &Path) -> Self {
        Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AIWAF_") {
                command.env_remove(name);
            }
        }
        command.current_dir(&self.folder);
        command
    }

    pub(super) fn start(&self, way: Way, addresses: &[Ipv4Addr]) -> Result<Call> {
        let process = self
            .command()
            .args([way.name(), "blacklist"])
            .args(addresses.iter().map(Ipv4Addr::to_string))
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start the tool")?;
        Ok(Call(process))
    }

    /// Checks that the store opens and that everything in it is readable.
    pub(super) fn ensure_whole(&self) -> Result<()> {
        let output = self.command().args(["--json", "stats"]).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the store does not open: {said}");
        let stats: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let problems = stats.get("problems").and_then(serde_json::Value::as_u64);
        ensure!(problems == Some(0), "unreadable records: {stats}");
        Ok(())
    }
}

/// One call of the tool.
pub(super) struct Call(Child);

impl Call {
    /// Whether the call has ended by `moment`.
    pub(super) fn is_done_by(&mut self, moment: Instant) -> Result<bool> {
        loop {
            if self.0.try_wait()?.is_some() {
                return Ok(true);
            }
            if Instant::now() >= moment {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Waits for the call; returns whether it acknowledged the change.
    pub(super) fn finish(&mut self) -> Result<bool> {
        Ok(self.0.wait()?.success())
    }

    /// The call may just have ended: then the change was made, but not acknowledged to us.
    pub(super) fn kill(mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}
