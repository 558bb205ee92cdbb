//! Protects root from symbolic links.
//!
//! Whoever may create files in a directory may also create links there, and could thereby choose a
//! file that root overwrites or gives to the owner of the directory. If only root may create files
//! there, or the process is not root, a link is the operator's choice and is followed.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

/// Makes opening a file fail if its name is a link.
#[cfg(unix)]
pub(crate) fn follow_none(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
}

#[cfg(not(unix))]
pub(crate) fn follow_none(_: &mut OpenOptions) {}

/// For root in a directory in which others may create links: returns the real path, which must be
/// in that directory. Open it without following links, because it may have become one. `None` if
/// the path may be followed as it is.
#[cfg(unix)]
pub(crate) fn pinned(path: &Path) -> io::Result<Option<PathBuf>> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let directory = path.parent().filter(|parent| *parent != Path::new(""));
    let directory = fs::canonicalize(directory.unwrap_or(Path::new(".")))?;
    let about = fs::metadata(&directory)?;
    if about.uid() == 0 && about.mode() & 0o022 == 0 {
        return Ok(None);
    }
    let target = match (fs::canonicalize(path), path.file_name()) {
        (Ok(target), _) => Some(target),
        (Err(_), Some(name)) if !path.is_symlink() => Some(directory.join(name)),
        (Err(_), _) => None,
    };
    match target.filter(|target| target.parent() == Some(&directory)) {
        Some(target) => Ok(Some(target)),
        None => Err(io::Error::other(
            "it is a symbolic link out of its directory; root does not follow such links in a directory that other users can write to",
        )),
    }
}

#[cfg(not(unix))]
pub(crate) fn pinned(_: &Path) -> io::Result<Option<PathBuf>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    #[test]
    fn root_follows_links_of_others_only_within_their_directory() {
        let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| theirs.path().join(name);
        if chown(theirs.path(), Some(65_534), Some(65_534)).is_err() {
            return; // Only root is in danger.
        }
        let directory = fs::canonicalize(theirs.path()).unwrap();
        fs::write(at("real"), "").unwrap();
        fs::write(ours.path().join("victim"), "").unwrap();
        symlink("real", at("within")).unwrap();
        symlink(ours.path().join("victim"), at("out")).unwrap();
        symlink(ours.path().join("missing"), at("dangling")).unwrap();
        for (name, leads_to) in [("real", "real"), ("within", "real"), ("new", "new")] {
            let pinned = pinned(&at(name)).unwrap();
            assert_eq!(pinned, Some(directory.join(leads_to)), "{name}");
        }
        for name in ["out", "dangling"] {
            let error = pinned(&at(name)).unwrap_err().to_string();
            assert!(
                error.contains("link out of its directory"),
                "{name}: {error}"
            );
        }
        chown(theirs.path(), Some(0), Some(0)).unwrap();
        assert_eq!(pinned(&at("out")).unwrap(), None);
        fs::set_permissions(theirs.path(), Permissions::from_mode(0o770)).unwrap();
        assert!(pinned(&at("out")).is_err());
    }
}
