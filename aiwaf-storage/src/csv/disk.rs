//! Files that are replaced whole, the lock that writers take, and what a killed writer leaves behind.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::links;

/// The file that writers lock. It is empty, and stays.
pub(super) const LOCK: &str = "aiwaf.lock";
/// How our temporary files begin and end.
const TEMPORARY: (&str, &str) = (".aiwaf-", ".tmp");
/// How long a writer waits for another; each holds the lock for milliseconds.
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

/// Puts a file in place of another, so that a reader sees the old one or the new one, and a killed writer leaves one
/// of them. It is on the disk when this returns, but for its name: see [`sync_directory`].
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    // Where the name is a link, the file that it leads to is replaced and not the link.
    let pinned = links::pinned(path).map_err(|error| FileError::new(path, error))?;
    let path = &pinned
        .or_else(|| fs::canonicalize(path).ok())
        .unwrap_or_else(|| path.to_owned());
    let directory = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY.0)
            .suffix(TEMPORARY.1)
            .tempfile_in(directory)
            // Without its name, which is another each time: the same fault shall read the same.
            .map_err(|error| io::Error::from(error.kind()))?;
        file.as_file_mut().write_all(bytes)?;
        inherit(file.as_file(), path, directory)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| FileError::new(path, error))
}

/// Gives a new file the owner and mode of the one that it replaces, or the owner of its directory: the tool may run
/// as root, and the service must still be able to read.
#[cfg(unix)]
fn inherit(file: &File, path: &Path, directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let new = file.metadata()?;
    let (like, mode) = match fs::metadata(path) {
        Ok(old) => (Some(old.clone()), old.permissions().mode() & 0o777),
        Err(_) => (fs::metadata(directory).ok(), 0o640),
    };
    if let Some(like) = like.filter(|like| (like.uid(), like.gid()) != (new.uid(), new.gid())) {
        // Only root may, and only root has to.
        let _ = fchown(file, Some(like.uid()), Some(like.gid()));
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn inherit(_: &File, _: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Brings the names in a directory to the disk.
pub(super) fn sync_directory(directory: &Path) -> Result<(), FileError> {
    // Other systems neither need it nor open directories.
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(directory)
        .and_then(|handle| handle.sync_all())
        .map_err(|error| FileError::new(directory, error))
}

/// Held by who writes into a directory. The system takes it from a process that dies.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for all others.
    pub(super) fn exclusive(directory: &Path) -> Result<Self, FileError> {
        let path = directory.join(LOCK);
        let file = open_lock(&path, directory).map_err(|error| match path.is_symlink() {
            true => FileError::new(&path, "it is a link, which no lock may be; delete it"),
            false => FileError::new(&path, error),
        })?;
        Self::wait(path, file, File::try_lock)
    }

    /// Waits for writers. `None` where there never was one, or where we may not ask: who may only read reads without.
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

/// Opens the lock or makes it, and gives only what it made to the owner of the directory: who may make links there must not
/// have root give away what they lead to.
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
        // As for the files: what root made, the service must be able to lock.
        let _ = fchown(file, Some(like.uid()), Some(like.gid()));
    }
}

#[cfg(not(unix))]
fn inherit_lock(_: &File, _: &Path) {}

/// Deletes temporary files of writers that were killed. To be called with the lock held.
pub(super) fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) {
            // One that cannot be deleted harms nobody.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// What tells one version of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    modified: Option<SystemTime>,
    length: u64,
}

impl Stamp {
    /// The stamp of a file; `None` if there is none.
    pub(super) fn of(path: &Path) -> Result<Option<Self>, FileError> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(Self {
                inode: inode(&metadata),
                modified: metadata.modified().ok(),
                length: metadata.len(),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::new(path, error)),
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever reports that a store is down does so once for each reason.
    #[test]
    fn the_same_fault_reads_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gone/keywords.csv");
        let faults = [(); 2].map(|()| replace(&path, b"x").unwrap_err().to_string());
        assert_eq!(faults[0], faults[1]);
        assert!(faults[0].contains("keywords.csv"), "{}", faults[0]);
    }
}
