//! The installed Debian packages.

use std::fmt;
use std::process::Command;

use anyhow::{Context, Result, ensure};

const NEEDED: [&str; 3] = ["nginx", "libnginx-mod-http-modsecurity", "modsecurity-crs"];

/// ModSecurity itself, which is installed with the module, under the names that its package has
/// had.
const LIBRARY: [&str; 2] = ["libmodsecurity3t64", "libmodsecurity3"];

/// Packages and their versions.
pub(super) struct Packages(Vec<(&'static str, String)>);

impl Packages {
    /// The needed packages.
    ///
    /// # Errors
    /// Names the packages that are not installed.
    pub(super) fn installed() -> Result<Self> {
        let mut found = Vec::new();
        for name in NEEDED.into_iter().chain(LIBRARY) {
            if let Some(version) = version(name)? {
                found.push((name, version));
            }
        }
        let missing = missing(&found);
        ensure!(
            missing.is_empty(),
            "compare needs Debian's packages {}; not installed: {} (apt-get install {})",
            NEEDED.join(", "),
            missing.join(", "),
            missing.join(" ")
        );
        Ok(Self(found))
    }
}

impl fmt::Display for Packages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, version) in &self.0 {
            writeln!(f, "{name} {version}")?;
        }
        Ok(())
    }
}

fn missing(found: &[(&'static str, String)]) -> Vec<&'static str> {
    let is_found = |wanted: &&str| found.iter().any(|(name, _)| name == wanted);
    NEEDED.into_iter().filter(|name| !is_found(name)).collect()
}

fn version(name: &str) -> Result<Option<String>> {
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${db:Status-Abbrev} ${Version}", name])
        .output()
        .context("compare runs on Debian only: cannot run dpkg-query")?;
    Ok(of(&String::from_utf8_lossy(&output.stdout)))
}

/// The version of a package that is installed, not merely known to dpkg.
fn of(answer: &str) -> Option<String> {
    let mut words = answer.split_whitespace();
    (words.next() == Some("ii"))
        .then(|| words.next().map(str::to_owned))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_packages_are_missing() {
        assert_eq!(
            of("ii  1.22.1-9+deb12u11").as_deref(),
            Some("1.22.1-9+deb12u11")
        );
        assert_eq!(of("rc  1.22.1-9"), None);
        assert_eq!(of(""), None);
        let found = [
            ("nginx", "1".to_owned()),
            ("libmodsecurity3", "3".to_owned()),
        ];
        assert_eq!(missing(&found), NEEDED[1..]);
    }
}
