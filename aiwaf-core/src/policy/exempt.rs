//! Exempt paths: exact, by extension, by directory; always on the normalised path, case ignored.

use std::collections::HashSet;

/// The paths that are exempt unless `exempt_paths` says otherwise.
pub const DEFAULT_EXEMPT_PATHS: [&str; 34] = [
    "/favicon.ico",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap.txt",
    "/ads.txt",
    "/security.txt",
    "/.well-known/",
    "/apple-touch-icon.png",
    "/apple-touch-icon-precomposed.png",
    "/manifest.json",
    "/browserconfig.xml",
    "/health",
    "/healthcheck",
    "/ping",
    "/status",
    "*.css",
    "*.js",
    "*.png",
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.ico",
    "*.svg",
    "*.woff",
    "*.woff2",
    "*.ttf",
    "*.eot",
    "/static/",
    "/assets/",
    "/css/",
    "/js/",
    "/images/",
    "/img/",
    "/fonts/",
];

/// One pattern of exempt paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExemptPath {
    /// This path and no other.
    Exact(String),
    /// Every path whose last segment has this extension.
    Extension(String),
    /// Everything under this directory; ends with a slash.
    Directory(String),
}

/// A text that is no exempt path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an exact path (\"/health\"), an extension (\"*.css\") or a directory (\"/static/\"), not {0:?}"
)]
pub struct ExemptPathError(String);

impl ExemptPath {
    /// Reads a pattern. Case is folded.
    ///
    /// # Errors
    /// If it neither begins with a slash nor is `*.` and an extension, or has a wildcard anywhere else.
    pub fn parse(text: &str) -> Result<Self, ExemptPathError> {
        let folded = text.trim().to_ascii_lowercase();
        let extension = folded
            .strip_prefix("*.")
            .filter(|extension| !extension.is_empty() && !extension.contains(['*', '/', '.']));
        match extension {
            Some(extension) => Ok(Self::Extension(extension.to_owned())),
            None if !folded.starts_with('/') || folded.contains('*') => {
                Err(ExemptPathError(text.to_owned()))
            }
            None if folded.ends_with('/') => Ok(Self::Directory(folded)),
            None => Ok(Self::Exact(folded)),
        }
    }
}

/// A compiled list of exempt paths.
#[derive(Clone, Debug, Default)]
pub struct ExemptPaths {
    exact: HashSet<Vec<u8>>,
    /// Lengths of exact paths, one bit each, the last for all longer ones: most paths are told apart by it alone.
    lengths: u64,
    extensions: Vec<Vec<u8>>,
    directories: Vec<Vec<u8>>,
}

const fn length_bit(length: usize) -> u64 {
    1 << if length < 63 { length } else { 63 }
}

impl ExemptPaths {
    /// Compiles a list.
    pub fn new(paths: impl IntoIterator<Item = ExemptPath>) -> Self {
        let mut compiled = Self::default();
        for path in paths {
            match path {
                ExemptPath::Exact(path) => {
                    compiled.lengths |= length_bit(path.len());
                    compiled.exact.insert(path.into_bytes());
                }
                ExemptPath::Extension(extension) => {
                    compiled.extensions.push(extension.into_bytes());
                }
                ExemptPath::Directory(path) => compiled.directories.push(path.into_bytes()),
            }
        }
        compiled
    }

    /// Whether a normalised path is exempt.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.matches_exact(path) || self.matches_extension(path) || self.matches_directory(path)
    }

    fn matches_exact(&self, path: &[u8]) -> bool {
        if self.lengths & length_bit(path.len()) == 0 {
            return false;
        }
        let folded: smallvec::SmallVec<[u8; 128]> =
            path.iter().map(u8::to_ascii_lowercase).collect();
        self.exact.contains(folded.as_slice())
    }

    fn matches_directory(&self, path: &[u8]) -> bool {
        let initial = |path: &[u8]| path.get(1).map(u8::to_ascii_lowercase);
        let wanted = initial(path);
        self.directories.iter().any(|directory| {
            // The directory `/` is the whole site and begins with nothing further.
            initial(directory).is_none_or(|letter| Some(letter) == wanted)
                && path
                    .get(..directory.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(directory))
        })
    }

    fn matches_extension(&self, path: &[u8]) -> bool {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        match name.iter().rposition(|byte| *byte == b'.') {
            // A name that is nothing but an extension (`.png`) is no picture.
            Some(0) | None => false,
            Some(dot) => name.get(dot + 1..).is_some_and(|found| {
                self.extensions
                    .iter()
                    .any(|extension| found.eq_ignore_ascii_case(extension))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> ExemptPaths {
        ExemptPaths::new(DEFAULT_EXEMPT_PATHS.map(|path| ExemptPath::parse(path).unwrap()))
    }

    #[test]
    fn exact_extension_and_directory() {
        let exempt = defaults();
        for path in [
            "/favicon.ico",
            "/FAVICON.ICO",
            "/x/app.js",
            "/static/a/b",
            "/.well-known/acme",
            "/uploads/photo.JPG",
            "/health",
        ] {
            assert!(exempt.matches(path.as_bytes()), "{path}");
        }
        for path in [
            "/health/",
            "/healthy",
            "/accounts/nodejs",
            "/user/js",
            "/x.css/y",
            "/static",
            "/.png",
            "/x.php/.css",
            "/statics/x",
        ] {
            assert!(!exempt.matches(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn the_root_directory_is_the_whole_site() {
        let exempt = ExemptPaths::new([ExemptPath::parse("/").unwrap()]);
        assert!(exempt.matches(b"/") && exempt.matches(b"/anything"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "", "x", "(", "*", "*.", "/a/*", "*.tar.gz", "*.a/b", "/*.css",
        ] {
            assert!(ExemptPath::parse(text).is_err(), "{text}");
        }
    }
}
