//! A running example: it is started with its own settings, its log is read as it comes, and it is
//! killed when this is dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::cases::Group;
use super::country_db::{Layout, database};

/// How long an event may take to get here from the server's log.
const PATIENCE: Duration = Duration::from_secs(30);

/// The key that the groups with signed forms also name.
const FORM_KEY: &str = "the key of the suite and of nobody else";

/// A server, and its log so far.
pub(super) struct Server {
    process: Child,
    pub(super) address: SocketAddr,
    log: Arc<Mutex<String>>,
    /// The directory of its settings and store, which it uses as long as it runs.
    directory: Option<TempDir>,
}

impl Server {
    /// Starts an example in a directory of its own, with the settings and files of a group.
    pub(super) fn start(binary: &Path, group: &Group, target: Option<SocketAddr>) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let path = directory.path();
        for (name, text) in &group.files {
            std::fs::write(path.join(name), text)?;
        }
        if !group.countries.is_empty() {
            let networks: Vec<(&str, &str)> = group
                .countries
                .iter()
                .map(|(network, country)| (network.as_str(), country.as_str()))
                .collect();
            let database = database(Layout::Nested, &networks);
            std::fs::write(path.join("countries.mmdb"), database)?;
        }
        let settings = group
            .settings
            .replace("${dir}", &path.display().to_string());
        let config = path.join("aiwaf.toml");
        std::fs::write(&config, settings)?;
        let mut command = Command::new(binary);
        // The environment of the suite must not change its results.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AIWAF_") {
                command.env_remove(name);
            }
        }
        command.env("AIWAF_CONFIG", &config).current_dir(path);
        if let Some(target) = target {
            command.env("TARGET", format!("http://{target}"));
        }
        let mut server = Self::spawn(command)
            .with_context(|| format!("{} with group {:?}", binary.display(), group.name))?;
        server.directory = Some(directory);
        Ok(server)
    }

    /// Starts an example with every protection off, as the service behind the proxy.
    pub(super) fn unprotected(binary: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        let all: Vec<&str> = aiwaf_core::Protection::ALL
            .iter()
            .map(|protection| protection.name())
            .collect();
        command.env("AIWAF_DISABLE", all.join(","));
        // The example signs the forms whose tokens the proxy verifies.
        command.env("AIWAF_FORM_KEYS", FORM_KEY);
        Self::spawn(command).context("the service behind the proxy")
    }

    fn spawn(mut command: Command) -> Result<Self> {
        let mut process = command
            .env("PORT", "0")
            .env("NO_COLOR", "1")
            // Each refusal is compared by its event, including those of banned clients.
            .env("RUST_LOG", "aiwaf=debug,info")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start it")?;
        let output = process.stdout.take().context("no standard output")?;
        let errors = process.stderr.take().context("no standard error")?;
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                let mut log = written.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .trim_end()
            .rsplit_once("http://")
            .and_then(|(_, address)| address.parse().ok());
        let mut server = Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
            directory: None,
        };
        if address.is_none() {
            // The last lines of the log arrive a moment after the process has ended.
            let _ = server.process.wait();
            sleep(Duration::from_millis(50));
        }
        let log = server.log();
        ensure!(address.is_some(), "it did not start:\n{log}");
        server.address = address.unwrap_or(server.address);
        Ok(server)
    }

    /// The whole log so far.
    pub(super) fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The first line of the log that contains all of these texts; waits for it, because it may
    /// arrive late.
    pub(super) fn logged(&self, texts: &[&str]) -> Option<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            let found = log
                .lines()
                .find(|line| texts.iter().all(|text| line.contains(text)));
            if let Some(line) = found {
                return Some(line.to_owned());
            }
            if Instant::now() > deadline {
                return None;
            }
            sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
