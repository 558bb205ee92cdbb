//! Root, in a directory of the service's user, who may have put links there. Skipped unless run as
//! root, because only root is at risk.
#![cfg(all(unix, feature = "csv"))]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::PathBuf;

use aiwaf_core::settings::AccessLogSettings;
use aiwaf_storage::{Access, LogWriter, Manager, Width};
use tempfile::TempDir;

const SERVICE: u32 = 65_534;
const BEFORE: &str = "ip,reason\n";

/// A directory of the service's user, and a file of root outside it; `None` if not root.
fn place() -> Option<(TempDir, TempDir, PathBuf)> {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let victim = ours.path().join("victim");
    fs::write(&victim, BEFORE).unwrap();
    chown(theirs.path(), Some(SERVICE), Some(SERVICE)).ok()?;
    Some((theirs, ours, victim))
}

fn deny(store: &str) -> Result<(), String> {
    let mut manager = Manager::open(store, Access::Create).map_err(|error| error.to_string())?;
    let added = manager.add_blacklist("203.0.113.7", "x", None, Width::Ordinary);
    added.map(drop).map_err(|error| error.to_string())
}

#[test]
fn no_file_is_given_away_or_overwritten_through_a_link() {
    for name in ["aiwaf.lock", "blacklist.csv"] {
        let Some((theirs, _ours, victim)) = place() else {
            return;
        };
        symlink(&victim, theirs.path().join(name)).unwrap();
        let error = deny(&format!("csv:{}", theirs.path().display())).unwrap_err();
        assert!(error.contains(name) && error.contains("link"), "{error}");
        assert_eq!(fs::metadata(&victim).unwrap().uid(), 0, "{name}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), BEFORE, "{name}");
    }
}

#[test]
fn the_service_may_lock_and_read_what_root_made() {
    let Some((theirs, _ours, _)) = place() else {
        return;
    };
    deny(&format!("csv:{}", theirs.path().display())).unwrap();
    for name in ["aiwaf.lock", "blacklist.csv"] {
        let about = fs::metadata(theirs.path().join(name)).unwrap();
        assert_eq!(about.uid(), SERVICE, "{name}");
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn no_database_is_made_behind_a_link() {
    let Some((theirs, ours, _)) = place() else {
        return;
    };
    let made = ours.path().join("made");
    symlink(&made, theirs.path().join("aiwaf.db")).unwrap();
    let error = deny(&format!("sqlite:{}/aiwaf.db", theirs.path().display())).unwrap_err();
    assert!(
        error.contains("aiwaf.db") && error.contains("link"),
        "{error}"
    );
    assert!(!made.exists());
    deny(&format!("sqlite:{}/own.db", theirs.path().display())).unwrap();
}

#[test]
fn no_log_is_written_through_a_link() {
    let Some((theirs, _ours, victim)) = place() else {
        return;
    };
    symlink(&victim, theirs.path().join("error.log")).unwrap();
    let error = LogWriter::open(theirs.path(), &AccessLogSettings::default(), &[])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("error.log") && error.contains("link"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&victim).unwrap(), BEFORE);
}
