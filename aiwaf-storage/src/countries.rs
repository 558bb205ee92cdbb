//! The database of countries: the file that `geo.database` names, read at the start and whenever it
//! changes.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use aiwaf_core::geo::Country;
#[cfg(feature = "geo")]
use aiwaf_core::geo::MaxMindCountries;
use aiwaf_core::{Firewall, FirewallBuilder, Keeping, Settings};

use crate::file_stamp::FileStamp;

/// How often the file is checked for changes.
const POLL: Duration = Duration::from_secs(2);

/// The name under which this part is reported as degraded.
pub(crate) const PART: &str = "geo.database";

/// Why the database of countries cannot be used. The message names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CountriesError {
    /// The file cannot be read.
    #[error("geo.database = {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The file is not a database of countries.
    #[cfg(feature = "geo")]
    #[error("geo.database = {}: {source}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: aiwaf_core::geo::CountryDatabaseError,
    },
    /// This build cannot read databases.
    #[cfg(not(feature = "geo"))]
    #[error("geo.database = {}: this program was built without the feature `geo` of aiwaf-storage", path.display())]
    NotBuiltIn {
        /// The file.
        path: PathBuf,
    },
}

/// Makes a builder look countries up in the database that its settings name, if they name one.
/// [`start`](crate::start) does this by itself. The file is not watched for changes.
///
/// # Errors
/// If the file cannot be read or is not a database of countries.
pub fn with_countries(builder: FirewallBuilder) -> Result<FirewallBuilder, CountriesError> {
    match Database::named_in(builder.current_settings()) {
        Some(mut database) => database.read_for(builder),
        None => Ok(builder),
    }
}

/// The file of a database, and its stamp when it was last read.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    seen: Option<FileStamp>,
}

impl Database {
    /// The database that the settings name.
    pub(crate) fn named_in(settings: &Settings) -> Option<Self> {
        let path = PathBuf::from(settings.geo.database.as_ref()?);
        Some(Self { path, seen: None })
    }

    /// Reads the file for a firewall that is being built.
    pub(crate) fn read_for(
        &mut self,
        builder: FirewallBuilder,
    ) -> Result<FirewallBuilder, CountriesError> {
        Ok(builder.countries(self.read()?))
    }

    /// Like [`Database::read_for`], but if the file cannot be used, the firewall knows no countries
    /// yet.
    pub(crate) fn read_or_none_for(&mut self, builder: FirewallBuilder) -> FirewallBuilder {
        match self.read() {
            Ok(countries) => builder.countries(countries),
            Err(_) => builder.countries(|_: IpAddr| None::<Country>),
        }
    }

    #[cfg(feature = "geo")]
    fn read(&mut self) -> Result<MaxMindCountries, CountriesError> {
        let failed = |source| CountriesError::File {
            path: self.path.clone(),
            source,
        };
        // Take the stamp before the content, so that a write in between is seen as a change and
        // read again.
        let stamp = self.stamp();
        // A file that cannot be read is tried again, changed or not: its permissions may be mended.
        self.seen = None;
        let bytes = std::fs::read(&self.path).map_err(failed)?;
        self.seen = stamp;
        MaxMindCountries::from_bytes(bytes).map_err(|source| CountriesError::Content {
            path: self.path.clone(),
            source,
        })
    }

    #[cfg(not(feature = "geo"))]
    fn read(&mut self) -> Result<fn(IpAddr) -> Option<Country>, CountriesError> {
        self.seen = self.stamp();
        Err(CountriesError::NotBuiltIn {
            path: self.path.clone(),
        })
    }

    /// The stamp of the file; `None` too if it cannot be asked for, which reading it reports.
    fn stamp(&self) -> Option<FileStamp> {
        FileStamp::of(&self.path).ok().flatten()
    }

    /// Watches the file for as long as the firewall lives, on a thread of its own: reading a large
    /// file must not delay a ban.
    pub(crate) fn watch(self, firewall: &Arc<Firewall>) -> std::io::Result<()> {
        self.watch_every(POLL, firewall)
    }

    fn watch_every(mut self, poll: Duration, firewall: &Arc<Firewall>) -> std::io::Result<()> {
        let (alive, ended) = channel::<()>();
        let keeping = firewall.keeping();
        thread::Builder::new()
            .name("aiwaf-countries".to_owned())
            .spawn(move || {
                while ended.recv_timeout(poll) == Err(RecvTimeoutError::Timeout) {
                    self.look_fenced(&keeping);
                }
            })?;
        firewall.attach(Watching { _alive: alive });
        Ok(())
    }

    /// Looks at the file. A panic, in the parser or in the application's subscriber or recorder, is
    /// reported, and the file is read again the next time.
    fn look_fenced(&mut self, firewall: &Keeping) {
        if catch_unwind(AssertUnwindSafe(|| self.look(firewall))).is_ok() {
            return;
        }
        self.seen = None;
        let reason = format!(
            "geo.database = {}: reading it panicked, in aiwaf or in the application's subscriber or metrics recorder; it is tried again",
            self.path.display()
        );
        // The report may panic too, because it calls the same application.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            firewall.set_degraded(PART, Some(reason));
        }));
    }

    /// Swaps in a changed file. If the file is damaged or gone, that is reported and nothing else
    /// changes.
    fn look(&mut self, firewall: &Keeping) {
        let now = self.stamp();
        if now.is_some() && now == self.seen {
            return;
        }
        match self.read() {
            Ok(countries) => {
                firewall.swap_countries(countries);
                firewall.set_degraded(PART, None);
                tracing::info!(target: "aiwaf", event = "countries", path = %self.path.display());
            }
            Err(error) => firewall.set_degraded(PART, Some(error.to_string())),
        }
    }
}

/// Ends the thread when it is dropped with the firewall.
struct Watching {
    _alive: Sender<()>,
}

#[cfg(test)]
#[cfg(not(feature = "geo"))]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_reads_no_database_says_so() {
        let mut settings = Settings::default();
        settings.geo.database = Some("x.mmdb".to_owned());
        let error = crate::start(Firewall::builder().settings(settings)).unwrap_err();
        assert!(error.to_string().contains("feature `geo`"), "{error}");
    }
}

#[cfg(test)]
#[cfg(feature = "geo")]
mod tests {
    use super::country_db::{Layout, database};
    use super::*;
    use aiwaf_core::{Health, Peer, RequestView};
    use std::path::Path;
    use std::time::Instant;

    const ADDRESS: &str = "203.0.113.7";

    fn settings(path: &Path) -> Settings {
        let mut settings = Settings::default();
        settings.geo.database = Some(path.display().to_string());
        settings.geo.block = vec!["US".parse().unwrap()];
        settings
    }

    fn write(path: &Path, code: &str) {
        let fresh = path.with_extension("new");
        std::fs::write(
            &fresh,
            database(Layout::Nested, &[("203.0.113.0/24", code)]),
        )
        .unwrap();
        std::fs::rename(fresh, path).unwrap();
    }

    fn is_refused(firewall: &Firewall) -> bool {
        let view = RequestView {
            peer: Peer::Address(ADDRESS.parse().unwrap()),
            ..RequestView::new("GET", b"/")
        };
        firewall.inspect(&view).0.refusal().is_some()
    }

    fn wait_until(done: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !done() {
            assert!(Instant::now() < deadline, "nothing changed");
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn the_file_is_read_at_the_start_and_when_it_changes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("countries.mmdb");
        write(&path, "US");
        let mut file = Database::named_in(&settings(&path)).unwrap();
        let builder = Firewall::builder().settings(settings(&path));
        let firewall = Arc::new(file.read_for(builder).unwrap().build().unwrap());
        file.watch_every(Duration::from_millis(5), &firewall)
            .unwrap();
        assert!(is_refused(&firewall));
        write(&path, "FR");
        wait_until(|| !is_refused(&firewall));
        // First a damaged file, then none: the last good one stays in use, and health reports it.
        std::fs::write(&path, "nonsense").unwrap();
        wait_until(|| firewall.health() != Health::Good);
        assert!(!is_refused(&firewall));
        std::fs::remove_file(&path).unwrap();
        write(&path, "US");
        wait_until(|| is_refused(&firewall) && firewall.health() == Health::Good);
    }

    /// For example a file without permission to read it, which changes nothing of its stamp.
    #[test]
    fn what_cannot_be_read_is_tried_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = Database::named_in(&settings(directory.path())).unwrap();
        assert!(file.stamp().is_some());
        assert!(file.read().is_err());
        assert_eq!(file.seen, None);
    }

    #[test]
    fn start_reads_the_database_and_says_what_is_wrong_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("countries.mmdb");
        let start = || crate::start(Firewall::builder().settings(settings(&path)));
        for content in [None, Some("nonsense")] {
            content.inspect(|text| std::fs::write(&path, text).unwrap());
            let error = start().unwrap_err().to_string();
            assert!(error.contains("countries.mmdb"), "{error}");
        }
        write(&path, "US");
        assert!(is_refused(&start().unwrap()));
    }

    #[test]
    fn the_shared_firewall_starts_without_and_takes_the_database_up_when_it_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("countries.mmdb");
        let firewall = crate::start::start_anyhow(Ok(settings(&path)));
        let Health::Degraded(reason) = firewall.health() else {
            panic!("reported as good");
        };
        assert!(reason.contains("countries.mmdb"), "{reason}");
        assert_eq!(
            *firewall.settings(),
            settings(&path),
            "everything else is as set"
        );
        write(&path, "US");
        wait_until(|| is_refused(&firewall) && firewall.health() == Health::Good);
    }
}

#[cfg(test)]
#[cfg(feature = "geo")]
#[path = "../../aiwaf-core/tests/country_db/mod.rs"]
mod country_db;
