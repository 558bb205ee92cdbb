//! A directory to run the tool in, and the result of a run.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The stores on which every list command is tested.
pub(crate) const STORES: [&str; 2] = ["csv:records", "sqlite:records.db"];

/// An empty directory to run the tool in, without the settings of the environment.
pub(crate) struct Place {
    directory: TempDir,
    store: Option<&'static str>,
}

/// What a run wrote, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            store: None,
        }
    }

    /// A directory whose settings name this store.
    pub(crate) fn with_store(store: &'static str) -> Self {
        Self {
            store: Some(store),
            ..Self::new()
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// The number of files in the directory.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(self.path()).unwrap().count()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aiwaf"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AIWAF_") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.path()).args(arguments);
        command.envs(self.store.map(|store| ("AIWAF_STORE", store)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Runs with `--json`, and parses the output.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }
}

impl Run {
    /// The standard output, if the run ended with this status.
    pub(crate) fn expect(&self, status: i32) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        &self.stdout
    }

    /// The error message of a failed run.
    pub(crate) fn complaint(&self) -> &str {
        assert_eq!(self.status, 2, "{self:?}");
        assert_eq!(self.stdout, "", "a failure shows nothing");
        &self.stderr
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap(),
        }
    }
}
