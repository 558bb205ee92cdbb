//! A log file that is appended to in whole lines and rotated when it is full.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use aiwaf_core::access_log::{CSV_HEADER, LogFormat};
use aiwaf_core::settings::AccessLogSettings;

use crate::links;

/// How long a writer waits for another process, and how long between two attempts.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    /// The first line of a new file.
    header: &'static str,
    max_size: u64,
    keep: u32,
    /// Lines that are not written yet.
    lines: Vec<u8>,
    /// The last write did not end with a line break, so the next one must begin with one.
    torn: bool,
}

impl LogFile {
    /// Opens or creates the file. A file that holds another form of lines is rotated.
    pub(super) fn open(
        path: PathBuf,
        format: LogFormat,
        settings: &AccessLogSettings,
    ) -> io::Result<Self> {
        let file = append_to(&path)?;
        let mut opened = Self {
            path,
            file,
            header: format.header(),
            max_size: settings.max_size,
            keep: settings.keep,
            lines: Vec::new(),
            torn: false,
        };
        if let Some((shape, is_whole)) = opened.look()? {
            opened.torn = !is_whole;
            if shape != Shape::from(format) {
                opened.put_aside()?;
            }
        }
        Ok(opened)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The buffer to append lines to.
    pub(super) fn line(&mut self) -> &mut Vec<u8> {
        &mut self.lines
    }

    /// The number of bytes that wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.lines.len()
    }

    /// Appends all waiting lines in one write. A failed write is not retried.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.lines);
        let written = self.append(&lines);
        self.lines = lines;
        self.lines.clear();
        written
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        loop {
            lock(&self.file)?;
            let appended = self.append_locked(lines);
            // Whether it worked or not, other processes wait. A file that was left for another one
            // is closed, which unlocks it.
            let _ = self.file.unlock();
            if appended? {
                return Ok(());
            }
        }
    }

    /// Appends if the locked file is the one at the path and has room; otherwise opens the file
    /// that is to be locked instead, and returns false. Only who holds the lock of the file at the
    /// path may write to it or rotate it.
    fn append_locked(&mut self, lines: &[u8]) -> io::Result<bool> {
        if !is_at(&self.file, &self.path) {
            self.file = append_anew(&self.path)?;
            self.torn = false;
            return Ok(false);
        }
        let size = self.file.metadata()?.len();
        if size != 0 && size + lines.len() as u64 > self.max_size {
            self.put_aside()?;
            return Ok(false);
        }
        let mut file = &self.file;
        if size == 0 {
            file.write_all(self.header.as_bytes())?;
        } else if self.torn {
            file.write_all(b"\n")?;
        }
        self.torn = true;
        file.write_all(lines)?;
        self.torn = false;
        Ok(true)
    }

    /// Renames the file to `.1`, moves older ones up by one, and starts a new file.
    fn put_aside(&mut self) -> io::Result<()> {
        let numbered = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..self.keep).rev() {
            ignore_missing(fs::rename(numbered(number), numbered(number + 1)))?;
        }
        if self.keep == 0 {
            ignore_missing(fs::remove_file(&self.path))?;
        } else {
            ignore_missing(fs::rename(&self.path, numbered(1)))?;
        }
        self.file = append_to(&self.path)?;
        self.torn = false;
        Ok(())
    }

    /// Returns the form of the lines in the file, if there are any, and whether the last line is
    /// complete.
    fn look(&self) -> io::Result<Option<(Shape, bool)>> {
        let mut file = File::open(&self.path)?;
        let mut head = Vec::new();
        Read::take(&mut file, CSV_HEADER.len() as u64).read_to_end(&mut head)?;
        if head.is_empty() {
            return Ok(None);
        }
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(Some((Shape::of(&head), last == *b"\n")))
    }
}

/// The form of a file's lines, as far as it can be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Csv,
    Json,
}

impl Shape {
    fn of(head: &[u8]) -> Self {
        if head.starts_with(CSV_HEADER.as_bytes()) {
            Self::Csv
        } else if head.first() == Some(&b'{') {
            Self::Json
        } else {
            Self::Text
        }
    }
}

impl From<LogFormat> for Shape {
    fn from(format: LogFormat) -> Self {
        match format {
            LogFormat::Combined | LogFormat::Common => Self::Text,
            LogFormat::Csv => Self::Csv,
            LogFormat::Json => Self::Json,
        }
    }
}

/// Opens a file for appending. Nobody outside the group may read a log.
fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    let pinned = links::pinned(path)?;
    if pinned.is_some() {
        links::follow_none(&mut options);
    }
    options.open(pinned.as_deref().unwrap_or(path))
}

/// Like [`append_to`], but creates the directory again if it was removed together with the file
/// that was open until now.
fn append_anew(path: &Path) -> io::Result<File> {
    match append_to(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(directory) = path.parent() {
                fs::create_dir_all(directory)?;
            }
            append_to(path)
        }
        opened => opened,
    }
}

/// Locks against other processes, each of which holds the lock for as long as one write takes. On
/// a file system without locks there can be only one writer.
fn lock(file: &File) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let held = format!("another process has held its lock for {PATIENCE:?}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, held));
            }
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(());
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether the path still leads to the open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(there)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

/// An open file cannot be moved away here.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
