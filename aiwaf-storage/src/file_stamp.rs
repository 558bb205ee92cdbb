//! Distinguishes the versions of a file without reading it.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// What changes when somebody writes a file or puts another one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileStamp {
    inode: u64,
    modified: Option<SystemTime>,
    length: u64,
}

impl FileStamp {
    /// The stamp of the file at `path`; `None` if there is none.
    pub(crate) fn of(path: &Path) -> io::Result<Option<Self>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(Self::from(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl From<&Metadata> for FileStamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            inode: inode(metadata),
            modified: metadata.modified().ok(),
            length: metadata.len(),
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_place_of_another_has_another_stamp() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        assert_eq!(FileStamp::of(&path).unwrap(), None);
        fs::write(&path, "one").unwrap();
        let before = FileStamp::of(&path).unwrap().unwrap();
        assert_eq!(FileStamp::of(&path).unwrap(), Some(before));
        // Of the same length, and with the same time as far as the clock of the disk can tell.
        let other = directory.path().join("b");
        fs::write(&other, "two").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_ne!(FileStamp::of(&path).unwrap(), Some(before));
    }
}
