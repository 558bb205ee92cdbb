//! Makes a change of several files atomic by writing it to a journal first.
//!
//! Each file is replaced atomically, but five files are not. So their new contents are first
//! written to one journal, which is put in place atomically; from then on the change counts. The
//! next process that uses the directory finishes what a killed writer began.

use std::fs;
use std::path::Path;

use super::disk::{self, FileError};
use crate::file_stamp::FileStamp;

pub(super) const JOURNAL: &str = "aiwaf.journal";
const MAGIC: &[u8] = b"aiwaf journal 1\n";
const END: &[u8] = b"end\n";

/// A file's name and its new contents.
pub(super) type Contents = (&'static str, Vec<u8>);

/// A file's name and the stamp of what was written.
pub(super) type Written = (&'static str, FileStamp);

/// Replaces files, all or none. The caller must hold the lock.
pub(super) fn commit(directory: &Path, contents: &[Contents]) -> Result<Vec<Written>, FileError> {
    match contents {
        [] => Ok(Vec::new()),
        [_] => {
            let written = replace_all(directory, contents)?;
            disk::sync_directory(directory)?;
            Ok(written)
        }
        several => {
            disk::replace(&directory.join(JOURNAL), &encode(several))?;
            disk::sync_directory(directory)?;
            // The change counts from here on. If this fails, the next user of the directory finishes it.
            finish(directory, several)
        }
    }
}

/// Finishes what a killed writer began. The caller must hold the lock.
pub(super) fn recover(directory: &Path, names: &[&'static str]) -> Result<(), FileError> {
    let path = directory.join(JOURNAL);
    let Some(bytes) = disk::read(&path)? else {
        return Ok(());
    };
    let contents = decode(&bytes, names).ok_or_else(|| {
        FileError::new(&path, "it is damaged and its change is lost; delete it to continue with the files as they are")
    })?;
    finish(directory, &contents).map(drop)
}

fn finish(directory: &Path, contents: &[Contents]) -> Result<Vec<Written>, FileError> {
    let written = replace_all(directory, contents)?;
    disk::sync_directory(directory)?;
    let path = directory.join(JOURNAL);
    fs::remove_file(&path).map_err(|error| FileError::new(&path, error))?;
    disk::sync_directory(directory)?;
    Ok(written)
}

fn replace_all(directory: &Path, contents: &[Contents]) -> Result<Vec<Written>, FileError> {
    let replace = |(name, bytes): &Contents| {
        let stamp = disk::replace(&directory.join(name), bytes)?;
        Ok((*name, stamp))
    };
    contents.iter().map(replace).collect()
}

fn encode(contents: &[Contents]) -> Vec<u8> {
    let mut journal = MAGIC.to_vec();
    for (name, bytes) in contents {
        journal.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        journal.extend_from_slice(bytes);
    }
    journal.extend_from_slice(END);
    journal
}

/// Decodes a journal, which may name only our files.
fn decode(journal: &[u8], names: &[&'static str]) -> Option<Vec<Contents>> {
    let mut rest = journal.strip_prefix(MAGIC)?;
    let mut contents = Vec::new();
    while rest != END {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = rest.split_at_checked(end)?;
        let (name, length) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        let name = names.iter().find(|known| **known == name)?;
        let (bytes, after) = after.get(1..)?.split_at_checked(length.parse().ok()?)?;
        contents.push((*name, bytes.to_vec()));
        rest = after;
    }
    Some(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["a.csv", "b.csv"];

    #[test]
    fn a_journal_is_read_back_or_refused_whole() {
        let contents = vec![("a.csv", b"x\ny".to_vec()), ("b.csv", b"end\n".to_vec())];
        let journal = encode(&contents);
        assert_eq!(decode(&journal, &NAMES), Some(contents));
        for cut in 0..journal.len() {
            assert_eq!(decode(&journal[..cut], &NAMES), None, "cut at {cut}");
        }
        assert_eq!(decode(&journal, &["a.csv"]), None);
        assert_eq!(
            decode(b"aiwaf journal 1\n../../etc/passwd 0\nend\n", &NAMES),
            None
        );
    }

    #[test]
    fn what_a_killed_writer_began_is_finished() {
        let directory = tempfile::tempdir().unwrap();
        let contents = vec![("a.csv", b"new a".to_vec()), ("b.csv", b"new b".to_vec())];
        fs::write(directory.path().join("a.csv"), "new a").unwrap();
        fs::write(directory.path().join("b.csv"), "old b").unwrap();
        fs::write(directory.path().join(JOURNAL), encode(&contents)).unwrap();
        recover(directory.path(), &NAMES).unwrap();
        assert_eq!(fs::read(directory.path().join("b.csv")).unwrap(), b"new b");
        assert!(!directory.path().join(JOURNAL).exists());
    }

    #[test]
    fn a_damaged_journal_is_reported_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(JOURNAL);
        fs::write(&path, "aiwaf journal 1\na.csv 99\n").unwrap();
        let error = recover(directory.path(), &NAMES).unwrap_err().to_string();
        assert!(
            error.contains("aiwaf.journal") && error.contains("damaged"),
            "{error}"
        );
        assert!(path.exists());
    }
}
