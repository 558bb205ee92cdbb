//! The axum example with the settings of a test.

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

/// The headers of an ordinary browser in the predecessor's tests, without its user agent.
pub(crate) const HEADERS: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n";

/// The user agent of that browser.
pub(crate) const BROWSER: &str = "Test Browser 1.0";

/// How long to wait for another thread or process.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running example in a directory of its own. Dropping it kills it.
pub(crate) struct Site {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
    /// The lines of the log that report a swap.
    swaps: Receiver<String>,
}

impl Site {
    /// Starts the example with these lines of `aiwaf.toml`, under the `classic` preset.
    pub(crate) fn classic(settings: &str) -> Self {
        Self::open(&format!("preset = \"classic\"\n{settings}"), &[])
    }

    /// Starts the example with this `aiwaf.toml` and these environment variables.
    pub(crate) fn open(settings: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open_in(folder, settings, environment)
    }

    /// Starts the example in a folder that may already contain files.
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

    /// The error message of an example that refuses to start.
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

    /// The store at `records`, as the tool opens it.
    pub(crate) fn store(&self) -> Manager {
        let spec = format!("csv:{}", self.path("records").display());
        Manager::open(&spec, Access::Create).unwrap()
    }

    /// Sends a request from 127.0.0.`from`, with these header lines besides `Host`.
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

    /// The status for 127.0.0.`from` as [`BROWSER`].
    pub(crate) fn get(&self, from: u8, target: &str) -> u16 {
        self.get_as(from, BROWSER, target)
    }

    /// The status for 127.0.0.`from` with this user agent; an empty one is sent as such.
    pub(crate) fn get_as(&self, from: u8, agent: &str, target: &str) -> u16 {
        let headers = format!("{HEADERS}User-Agent: {agent}\r\n");
        self.ask(from, &format!("GET {target}"), &headers, "")
            .status
    }

    /// The status for a form that is sent as [`BROWSER`].
    pub(crate) fn post(&self, from: u8, target: &str, more: &str, body: &str) -> u16 {
        let headers = format!(
            "{HEADERS}User-Agent: {BROWSER}\r\nContent-Type: application/x-www-form-urlencoded\r\n{more}"
        );
        self.ask(from, &format!("POST {target}"), &headers, body)
            .status
    }

    /// Sends a request, and again after each swap, until the response has this status.
    pub(crate) fn wait_for(&self, from: u8, target: &str, status: u16) {
        self.wait_until(|| {
            let seen = self.get(from, target);
            (seen != status).then(|| format!("{target} is {seen}, not {status}"))
        });
    }

    /// Calls `wrong`, and again after each swap, until it returns `None`.
    pub(crate) fn wait_until(&self, wrong: impl Fn() -> Option<String>) {
        let deadline = Instant::now() + PATIENCE;
        while let Some(wrong) = wrong() {
            let left = deadline.saturating_duration_since(Instant::now());
            let swapped = self.swaps.recv_timeout(left);
            assert!(swapped.is_ok(), "{wrong}, and nothing more is swapped in");
        }
    }

    /// Tells the example to end, waits until it has, and returns its directory.
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

/// The directory of an example that has ended.
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

/// Reads a log to its end, and sends the lines that report a swap.
fn swaps(log: ChildStderr) -> Receiver<String> {
    let (told, swaps) = channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if ["event=\"swapped\"", "event=\"countries\""]
                .iter()
                .any(|event| line.contains(event))
            {
                // The receiver may be gone, if the test is done.
                let _ = told.send(line);
            }
        }
    });
    swaps
}

/// The status for a client behind the proxy on 127.0.0.1, which the settings must trust.
pub(crate) fn get_for(site: &Site, client: &str, target: &str) -> u16 {
    let headers = format!("{HEADERS}User-Agent: {BROWSER}\r\nX-Forwarded-For: {client}\r\n");
    site.ask(1, &format!("GET {target}"), &headers, "").status
}

/// The example, with only these environment variables set.
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
