//! Writes the files of the access log, on a thread of its own.
//!
//! A request hands a record over and continues. It holds a lock only while a pointer is pushed, and
//! never waits for the disk. When the disk is too slow and 16 MiB of records are waiting, further
//! records are dropped and counted, and an event reports how many. Waiting records are gathered for
//! 100 ms, so a quiet log costs at most ten wake-ups a second, and a crash of the process loses no
//! more than that.

mod file;
mod queue;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use aiwaf_core::access_log::{Formatter, LogFormat, LogRecord, LogSink};
use aiwaf_core::settings::AccessLogSettings;

use file::LogFile;
use queue::Queue;

/// How many bytes of lines are formatted before they are written.
const CHUNK: usize = 64 * 1024;
/// The shortest time between two reports of lost lines.
const REPORT: Duration = Duration::from_secs(10);

/// Why the access log could not be opened. The message names the file or directory.
#[derive(Debug, thiserror::Error)]
#[error("access log {}: {source}", path.display())]
pub struct LogError {
    path: PathBuf,
    source: io::Error,
}

/// Writes `access.log`, `error.log` and `aiwaf.log` in one directory. Dropping it writes what is
/// still waiting.
///
/// Several processes may write to one directory: each batch is appended whole, and one process
/// rotates a full file. If another program (`logrotate`) moves or removes a file or the directory,
/// it is created again at the next batch.
///
/// ```
/// use aiwaf_core::{Firewall, settings::AccessLogSettings};
/// use aiwaf_storage::LogWriter;
///
/// # let directory = tempfile::tempdir()?;
/// let log = LogWriter::open(directory.path(), &AccessLogSettings::default(), &["token".to_owned()])?;
/// let firewall = Firewall::builder().log_to(log).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LogWriter {
    queue: Arc<Queue>,
}

impl LogWriter {
    /// Opens the files, creating them and the directory if they do not exist, and starts the
    /// thread. The values of query parameters whose names are in `redact` are not written.
    ///
    /// # Errors
    /// If a file cannot be opened for writing.
    pub fn open(
        directory: &Path,
        settings: &AccessLogSettings,
        redact: &[String],
    ) -> Result<Self, LogError> {
        let failed = |path: PathBuf| move |source| LogError { path, source };
        std::fs::create_dir_all(directory).map_err(failed(directory.to_owned()))?;
        let open = |name: &str, format| {
            let path = directory.join(name);
            LogFile::open(path.clone(), format, settings).map_err(failed(path))
        };
        let mut writer = Writer {
            formatter: Formatter::new(settings.format, redact.iter().cloned()),
            access: open("access.log", settings.format)?,
            error: open("error.log", LogFormat::Combined)?,
            refusals: open("aiwaf.log", LogFormat::Combined)?,
            losses: Losses::default(),
        };
        let queue = Arc::new(Queue::default());
        let theirs = Arc::clone(&queue);
        thread::Builder::new()
            .name("aiwaf-log".to_owned())
            .spawn(move || {
                // Also if writing panics, so that `close` does not wait for this thread.
                let _finished = theirs.finish_on_drop();
                let mut batch = Vec::new();
                while theirs.gather(&mut batch) {
                    writer.write(&batch);
                    batch.clear();
                    writer.losses.report(&theirs);
                }
                writer.losses.tell(&theirs);
            })
            .map_err(failed(directory.to_owned()))?;
        Ok(Self { queue })
    }

    /// How many records were dropped so far, because the disk was too slow or rejected them.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }
}

impl LogSink for LogWriter {
    fn take(&self, record: Box<LogRecord>) {
        self.queue.push(record);
    }
}

impl Drop for LogWriter {
    /// Waits until everything is written, 5 s at most.
    fn drop(&mut self) {
        self.queue.close(Duration::from_secs(5));
    }
}

/// The part that runs on the writing thread.
struct Writer {
    formatter: Formatter,
    access: LogFile,
    error: LogFile,
    refusals: LogFile,
    losses: Losses,
}

impl Writer {
    fn write(&mut self, batch: &[Box<LogRecord>]) {
        let mut since_written = 0;
        for record in batch {
            self.formatter.access(record, self.access.line());
            self.formatter.error(record, self.error.line());
            self.formatter.refusal(record, self.refusals.line());
            since_written += 1;
            if self.access.waiting() >= CHUNK {
                self.write_out(std::mem::take(&mut since_written));
            }
        }
        self.write_out(since_written);
    }

    fn write_out(&mut self, records: u64) {
        for (file, at_stake) in [
            (&mut self.access, records),
            (&mut self.error, 0),
            (&mut self.refusals, 0),
        ] {
            match file.write_out() {
                Ok(()) => {}
                Err(error) => self.losses.failed(file.path(), &error, at_stake),
            }
        }
    }
}

/// Losses that are not reported yet.
#[derive(Debug, Default)]
struct Losses {
    /// Records that could not be written to the disk.
    unwritten: u64,
    /// The number of records that the queue had dropped at the last report.
    reported: u64,
    last_report: Option<Instant>,
    failure: Option<String>,
}

impl Losses {
    fn failed(&mut self, path: &Path, error: &io::Error, records: u64) {
        self.unwritten += records;
        self.failure = Some(format!("{}: {error}", path.display()));
    }

    /// Counts losses, and reports them at once when they begin and then every [`REPORT`].
    fn report(&mut self, queue: &Queue) {
        queue.add_dropped(std::mem::take(&mut self.unwritten));
        if self.last_report.is_none_or(|last| last.elapsed() >= REPORT) {
            self.tell(queue);
        }
    }

    /// Reports losses that are not reported yet. This also runs at the end of the log; otherwise
    /// the last losses would go unreported.
    fn tell(&mut self, queue: &Queue) {
        let dropped = queue.dropped();
        if dropped == self.reported && self.failure.is_none() {
            return;
        }
        tracing::error!(
            target: "aiwaf",
            event = "log_lines_dropped",
            lines = dropped - self.reported,
            total = dropped,
            reason = self.failure.as_deref().unwrap_or("the disk cannot keep up with the requests"),
        );
        self.reported = dropped;
        self.failure = None;
        self.last_report = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests;
