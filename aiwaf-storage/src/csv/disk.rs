//! Replaces files as a whole, locks out other writers, and cleans up after killed writers.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::file_stamp::FileStamp;
use crate::links;

/// The file that writers lock. It is empty and is never deleted.
pub(super) const LOCK: &str = "aiwaf.lock";
/// The prefix and suffix of our temporary files.
const TEMPORARY: (&str, &str) = (".aiwaf-", ".tmp");
/// How long a writer waits for another one; each holds the lock for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file operation that failed, with the file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub(super) struct FileError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl FileError {
    pub(super) fn new(
        path: impl Into<PathBuf>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            path: path.into(),
            source: source.into(),
        }
    }
}

/// Reads a file; `None` if it does not exist.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::new(path, error)),
    }
}

/// Replaces a file so that a reader sees either the old or the new one, and a killed writer leaves
/// one of them. When this returns, the content is on the disk; for the name, see
/// [`sync_directory`]. Returns the stamp of what was written, whatever stands at the path by now.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<FileStamp, FileError> {
    // If the path is a link, replace the file that it leads to and not the link.
    let pinned = links::pinned(path).map_err(|error| FileError::new(path, error))?;
    let path = &pinned
        .or_else(|| fs::canonicalize(path).ok())
        .unwrap_or_else(|| path.to_owned());
    let directory = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<FileStamp> {
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY.0)
            .suffix(TEMPORARY.1)
            .tempfile_in(directory)
            // Drop the temporary name, which differs each time, so that the same fault has the same
            // message.
            .map_err(|error| io::Error::from(error.kind()))?;
        file.as_file_mut().write_all(bytes)?;
        inherit(file.as_file(), path, directory)?;
        file.as_file().sync_all()?;
        let stamp = FileStamp::from(&file.as_file().metadata()?);
        file.persist(path).map_err(|error| error.error)?;
        Ok(stamp)
    };
    write().map_err(|error| FileError::new(path, error))
}

/// Gives a new file the owner and mode of the file that it replaces, or the owner of its directory.
/// The tool may run as root, and the service must still be able to read the file.
#[cfg(unix)]
fn inherit(file: &File, path: &Path, directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let new = file.metadata()?;
    let (like, mode) = match fs::metadata(path) {
        Ok(old) => (Some(old.clone()), old.permissions().mode() & 0o777),
        Err(_) => (fs::metadata(directory).ok(), 0o640),
    };
    if let Some(like) = like.filter(|like| (like.uid(), like.gid()) != (new.uid(), new.gid())) {
        // Only root may change the owner, and only root needs to.
        let _ = fchown(file, Some(like.uid()), Some(like.gid()));
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn inherit(_: &File, _: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Syncs the names in a directory to the disk.
pub(super) fn sync_directory(directory: &Path) -> Result<(), FileError> {
    // Other systems neither need this nor open directories.
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(directory)
        .and_then(|handle| handle.sync_all())
        .map_err(|error| FileError::new(directory, error))
}

/// Held by the process that writes into a directory. The system releases it when the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for all other writers and readers.
    pub(super) fn exclusive(directory: &Path) -> Result<Self, FileError> {
        let path = directory.join(LOCK);
        let file = open_lock(&path, directory).map_err(|error| match path.is_symlink() {
            true => FileError::new(
                &path,
                "the lock file is a symbolic link, which is not allowed; delete it",
            ),
            false => FileError::new(&path, error),
        })?;
        Self::wait(path, file, File::try_lock)
    }

    /// Waits for writers. Returns `None` if there never was one or the lock file cannot be opened:
    /// a process that may only read reads without a lock.
    pub(super) fn shared(directory: &Path) -> Result<Option<Self>, FileError> {
        let path = directory.join(LOCK);
        let mut options = OpenOptions::new();
        links::follow_none(options.read(true));
        match options.open(&path) {
            Ok(file) => Self::wait(path, file, File::try_lock_shared).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn wait(
        path: PathBuf,
        file: File,
        attempt: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, FileError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match attempt(&file) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(FileError::new(path, error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(FileError::new(
                        path,
                        "another process has held the lock for 10 s",
                    ));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

/// Opens or creates the lock file. Only a file that it created is given to the owner of the
/// directory: somebody who may create links there must not make root give away their target.
fn open_lock(path: &Path, directory: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    links::follow_none(options.read(true).write(true));
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            inherit_lock(&file, directory);
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn inherit_lock(file: &File, directory: &Path) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if let (Ok(lock), Ok(like)) = (file.metadata(), fs::metadata(directory))
        && (lock.uid(), lock.gid()) != (like.uid(), like.gid())
    {
        // The service must be able to lock a file that root created.
        let _ = fchown(file, Some(like.uid()), Some(like.gid()));
    }
}

#[cfg(not(unix))]
fn inherit_lock(_: &File, _: &Path) {}

/// Deletes temporary files of killed writers. The caller must hold the lock.
pub(super) fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) {
            // A file that cannot be deleted does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The report that a store is down is made once per message, so the message must be stable.
    #[test]
    fn the_same_fault_reads_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gone/keywords.csv");
        let faults = [(); 2].map(|()| replace(&path, b"x").unwrap_err().to_string());
        assert_eq!(faults[0], faults[1]);
        assert!(faults[0].contains("keywords.csv"), "{}", faults[0]);
    }
}
