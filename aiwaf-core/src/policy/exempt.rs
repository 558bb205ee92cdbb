//! Exempt paths: exact, by extension or by directory. They are matched against the normalised path,
//! ignoring case.

use std::collections::HashSet;
use std::fmt;

use crate::settings::as_compared;

/// The paths that are exempt unless the setting `exempt_paths` replaces them.
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
    /// Exactly this path.
    Exact(String),
    /// Every path whose last segment has this extension.
    Extension(String),
    /// Every path under this directory. Ends with a slash.
    Directory(String),
}

/// The text is not a valid exempt path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an exact path (\"/health\"), an extension (\"*.css\") or a directory (\"/static/\"), not {0:?}"
)]
pub struct ExemptPathError(String);

impl ExemptPath {
    /// Parses a pattern. Case is folded, and a path is converted to the spelling in which paths are
    /// compared: `/%7Euser/` becomes `/~user/`.
    ///
    /// # Errors
    /// If the text neither begins with a slash nor is `*.` and an extension; if it has a wildcard
    /// anywhere else, a query or a fragment; or if it covers the whole site without looking like it
    /// (`//`).
    pub fn parse(text: &str) -> Result<Self, ExemptPathError> {
        let folded = text.trim().to_ascii_lowercase();
        let extension = folded
            .strip_prefix("*.")
            .filter(|extension| !extension.is_empty() && !extension.contains(['*', '/', '.']));
        match extension {
            Some(extension) => Ok(Self::Extension(extension.to_owned())),
            None if !folded.starts_with('/') || folded.contains(['*', '?', '#']) => {
                Err(ExemptPathError(text.to_owned()))
            }
            None => match as_compared(&folded) {
                // Dot segments, parameters and the like: what would be exempt is not what it says.
                None => Err(ExemptPathError(text.to_owned())),
                Some(path) => Ok(match path.to_ascii_lowercase() {
                    path if path.ends_with('/') => Self::Directory(path),
                    path => Self::Exact(path),
                }),
            },
        }
    }
}

/// The pattern as it is compared, which [`ExemptPath::parse`] reads.
impl fmt::Display for ExemptPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(path) | Self::Directory(path) => f.write_str(path),
            Self::Extension(extension) => write!(f, "*.{extension}"),
        }
    }
}

/// A compiled list of exempt paths.
#[derive(Clone, Debug, Default)]
pub struct ExemptPaths {
    exact: HashSet<Vec<u8>>,
    /// The lengths of exact paths, one bit each; the last bit stands for all longer ones. Most
    /// paths are ruled out by this alone.
    lengths: u64,
    extensions: Vec<Vec<u8>>,
    directories: Vec<Vec<u8>>,
    /// One bit for each first byte of an extension, and one for each byte after a directory's
    /// leading slash.
    initials: [u64; 2],
}

const fn length_bit(length: usize) -> u64 {
    1 << if length < 63 { length } else { 63 }
}

/// A bit for a byte, ignoring letter case, that few other bytes share.
const fn initial_bit(byte: u8) -> u64 {
    1 << (byte.to_ascii_lowercase() % 64)
}

/// The bit for the byte after a path's leading slash. The directory `/` is the whole site, so any
/// byte may follow.
fn directory_bits(path: &[u8]) -> u64 {
    path.get(1).map_or(u64::MAX, |byte| initial_bit(*byte))
}

impl ExemptPaths {
    /// Compiles a list.
    pub fn new(paths: impl IntoIterator<Item = ExemptPath>) -> Self {
        let mut compiled = Self::default();
        let [extensions, directories] = &mut compiled.initials;
        for path in paths {
            match path {
                ExemptPath::Exact(path) => {
                    compiled.lengths |= length_bit(path.len());
                    compiled.exact.insert(path.into_bytes());
                }
                ExemptPath::Extension(extension) => {
                    *extensions |= extension.bytes().next().map_or(0, initial_bit);
                    compiled.extensions.push(extension.into_bytes());
                }
                ExemptPath::Directory(path) => {
                    *directories |= directory_bits(path.as_bytes());
                    compiled.directories.push(path.into_bytes());
                }
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
        let [_, initials] = self.initials;
        initials & directory_bits(path) != 0
            && self.directories.iter().any(|directory| {
                path.get(..directory.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(directory))
            })
    }

    fn matches_extension(&self, path: &[u8]) -> bool {
        let Some(dot) = memchr::memrchr2(b'/', b'.', path) else {
            return false;
        };
        let (before, rest) = path.split_at(dot);
        // A name that consists only of an extension (`.png`) is not a picture.
        let is_named = !matches!(before, [] | [.., b'/']);
        let [initials, _] = self.initials;
        match rest {
            [b'.', found @ ..] if is_named => {
                let bit = found.first().map_or(0, |byte| initial_bit(*byte));
                let mut extensions = self.extensions.iter();
                initials & bit != 0
                    && extensions.any(|extension| found.eq_ignore_ascii_case(extension))
            }
            _ => false,
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
