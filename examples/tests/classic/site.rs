//! The axum example under settings of the test's own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use aiwaf_storage::{Access, Manager};
use aiwaf_testing::{Client, Reply};
use tempfile::TempDir;

/// What an ordinary browser of the predecessor's tests sends, besides its name.
pub(crate) const HEADERS: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n";

/// Its name.
pub(crate) const BROWSER: &str = "Test Browser 1.0";

/// How long to wait for what another thread or process does.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running example in a directory of its own. Dropping it kills it.
pub(crate) struct Site {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
    /// The lines of its log that tell of something swapped in.
    swaps: Receiver<String>,
}

impl Site {
    /// Starts it with these lines of `aiwaf.toml`, under the `classic` preset.
    pub(crate) fn classic(settings: &str) -> Self {
        Self::open(&format!("preset = \"classic\"\n{settings}"), &[])
    }

    /// Starts it with this `aiwaf.toml` and these environment variables.
    pub(crate) fn open(settings: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open_in(folder, settings, environment)
    }

    /// Starts it where there may be files already.
    pub(crate) fn open_in(folder: TempDir, settings: &str, environment: &[(&str, &str)]) -> Self {
        std::fs::write(folder.path().join("aiwaf.toml"), settings).unwrap();
        let mut process = command(folder.path(), environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let swaps = swaps(process.stderr.take().unwrap());
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line
            .trim_end()
            .strip_prefix("axum example listening on http://")
            .unwrap_or_else(|| panic!("unexpected first line {line:?}"));
        Self {
            address: address.parse().unwrap(),
            process,
            folder,
            swaps,
        }
    }

    /// What it says when it refuses to start.
    pub(crate) fn refuses_to_start(settings: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("aiwaf.toml"), settings).unwrap();
        let mut process = command(folder.path(), &[])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut errors = process.stderr.take().unwrap();
        errors.read_to_string(&mut said).unwrap();
        assert!(!process.wait().unwrap().success(), "{said}");
        said
    }

    /// A file in its directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The store at `records`, as the tool has it.
    pub(crate) fn store(&self) -> Manager {
        let spec = format!("csv:{}", self.path("records").display());
        Manager::open(&spec, Access::Create).unwrap()
    }

    /// Asks as 127.0.0.`from`, with these header lines besides `Host`.
    pub(crate) fn ask(&self, from: u8, request: &str, headers: &str, body: &str) -> Reply {
        let mut client = Client::connect_from(from, self.address).unwrap();
        let length = match body.len() {
            0 => String::new(),
            length => format!("Content-Length: {length}\r\n"),
        };
        client
            .send(format!(
                "{request} HTTP/1.1\r\nHost: shop.test\r\n{headers}{length}\r\n{body}"
            ))
            .unwrap();
        client
            .reply_to(request.split(' ').next().unwrap())
            .unwrap_or_else(|error| panic!("{request}: {error}"))
    }

    /// The status that 127.0.0.`from` gets as [`BROWSER`].
    pub(crate) fn get(&self, from: u8, target: &str) -> u16 {
        self.get_as(from, BROWSER, target)
    }

    /// The status that 127.0.0.`from` gets under this name; an empty one is sent as such.
    pub(crate) fn get_as(&self, from: u8, agent: &str, target: &str) -> u16 {
        let headers = format!("{HEADERS}User-Agent: {agent}\r\n");
        self.ask(from, &format!("GET {target}"), &headers, "")
            .status
    }

    /// The status that a form gets, sent as [`BROWSER`].
    pub(crate) fn post(&self, from: u8, target: &str, more: &str, body: &str) -> u16 {
        let headers = format!(
            "{HEADERS}User-Agent: {BROWSER}\r\nContent-Type: application/x-www-form-urlencoded\r\n{more}"
        );
        self.ask(from, &format!("POST {target}"), &headers, body)
            .status
    }

    /// Asks, and again whenever something has been swapped in, until the answer has this status.
    pub(crate) fn wait_for(&self, from: u8, target: &str, status: u16) {
        self.wait_until(|| {
            let seen = self.get(from, target);
            (seen != status).then(|| format!("{target} is {seen}, not {status}"))
        });
    }

    /// Looks, and again whenever something has been swapped in, until nothing is wrong any more.
    pub(crate) fn wait_until(&self, wrong: impl Fn() -> Option<String>) {
        let deadline = Instant::now() + PATIENCE;
        while let Some(wrong) = wrong() {
            let left = deadline.saturating_duration_since(Instant::now());
            let swapped = self.swaps.recv_timeout(left);
            assert!(swapped.is_ok(), "{wrong}, and nothing more is swapped in");
        }
    }

    /// Tells it to end, waits until it has, and hands over its directory.
    pub(crate) fn close(mut self) -> Closed {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        assert!(self.process.wait().unwrap().success());
        Closed(std::mem::replace(
            &mut self.folder,
            tempfile::tempdir().unwrap(),
        ))
    }
}

/// What an example that has ended left behind.
pub(crate) struct Closed(TempDir);

impl Closed {
    /// The text of a file in its directory.
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The directory, for another example to start in.
    pub(crate) fn folder(self) -> TempDir {
        self.0
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads a log to its end, and hands over the lines that tell of something swapped in.
fn swaps(log: ChildStderr) -> Receiver<String> {
    let (told, swaps) = channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if ["event=\"swapped\"", "event=\"countries\""]
                .iter()
                .any(|event| line.contains(event))
            {
                // The test may have what it wanted.
                let _ = told.send(line);
            }
        }
    });
    swaps
}

/// The status that the client behind the proxy on 127.0.0.1 gets, which the settings have to trust.
pub(crate) fn get_for(site: &Site, client: &str, target: &str) -> u16 {
    let headers = format!("{HEADERS}User-Agent: {BROWSER}\r\nX-Forwarded-For: {client}\r\n");
    site.ask(1, &format!("GET {target}"), &headers, "").status
}

/// The example, with no setting but these.
fn command(folder: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_axum"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AIWAF_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .env("PORT", "0")
        .env("NO_COLOR", "1")
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
