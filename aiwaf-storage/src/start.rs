//! Starts a firewall with its settings, its store and its keeper.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use aiwaf_core::settings::{Layers, SettingsError};
use aiwaf_core::store::StoreError;
use aiwaf_core::{BuildError, Firewall, FirewallBuilder, Settings};

use crate::bots::{self, BotsError};
use crate::countries::{self, CountriesError, Database};
use crate::deferred::DeferredStore;
use crate::keeper;
use crate::log_writer::{LogError, LogWriter};
use crate::open::{Access, OpenError, open_store};

/// The settings file that is read if no other is named.
const FILE: &str = "aiwaf.toml";

/// Why a firewall could not be started. The message names the file, setting or store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The settings file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A setting is invalid.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// One of our environment variables is not UTF-8.
    #[error("environment variable {0} is not UTF-8")]
    Variable(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store cannot be read.
    #[error(transparent)]
    Load(#[from] StoreError),
    /// The engine cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The access log cannot be opened.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database of countries cannot be used.
    #[error(transparent)]
    Countries(#[from] CountriesError),
    /// The settings ask for bots to be verified by name, which is not possible.
    #[error(transparent)]
    Bots(#[from] BotsError),
    /// The keeper's thread cannot be started.
    #[error("cannot start the keeper's thread: {0}")]
    Thread(std::io::Error),
}

/// Reads the settings: the file, then the environment, which takes precedence.
///
/// The file is `path`; if that is `None`, the file that `AIWAF_CONFIG` names, otherwise
/// `aiwaf.toml` in the current directory if it exists. [`Layers::notes`] lists what was found and
/// ignored.
///
/// # Errors
/// If the named file cannot be read, or a setting in the file or the environment is invalid.
pub fn load_settings(path: Option<&Path>) -> Result<Layers, StartError> {
    let named = path
        .map(Path::to_owned)
        .or_else(|| std::env::var_os("AIWAF_CONFIG").map(PathBuf::from))
        .or_else(|| Path::new(FILE).exists().then(|| PathBuf::from(FILE)));
    let mut layers = Layers::new();
    if let Some(path) = named {
        let text = std::fs::read_to_string(&path).map_err(|source| StartError::File {
            path: path.clone(),
            source,
        })?;
        layers = layers.file(&path.display().to_string(), &text)?;
    }
    Ok(layers.environment(variables()?)?)
}

/// Our environment variables. Other variables may be invalid UTF-8; they are ignored.
fn variables() -> Result<Vec<(String, String)>, StartError> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with("AIWAF_"))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(StartError::Variable(name)),
        })
        .collect()
}

/// Builds a firewall on the store that its settings name, and starts the keeper of that store.
///
/// The store is created if it does not exist; its records replace those of the builder. If the
/// settings name a directory for the access log, a [`LogWriter`] writes it. The keeper ends when
/// the last handle of the firewall is dropped; the drop waits, 5 s at most, until the last changes
/// are written.
///
/// # Errors
/// If a setting is invalid, the access log cannot be opened, or the store cannot be opened or read.
pub fn start(builder: FirewallBuilder) -> Result<Arc<Firewall>, StartError> {
    let mut builder = bots::with_bot_lookup(with_access_log(builder)?)?;
    let mut countries = Database::named_in(builder.current_settings());
    if let Some(database) = &mut countries {
        builder = database.read_for(builder)?;
    }
    let mut store = open_store(&builder.current_settings().store, Access::Create)?;
    let firewall = Arc::new(builder.records(store.load()?).build()?);
    // The keeper loads once more, to report bad rows and to tidy up. That delays no request.
    keeper::spawn(store, &firewall).map_err(StartError::Thread)?;
    if let Some(database) = countries {
        database.watch(&firewall).map_err(StartError::Thread)?;
    }
    Ok(firewall)
}

fn with_access_log(builder: FirewallBuilder) -> Result<FirewallBuilder, LogError> {
    let settings = builder.current_settings();
    let Some(directory) = settings.access_log.directory() else {
        return Ok(builder);
    };
    let writer = LogWriter::open(directory.as_ref(), &settings.access_log, &settings.redact)?;
    Ok(builder.log_to(writer))
}

/// Starts a firewall from a settings file and the environment.
///
/// # Errors
/// If the file is missing, a setting is invalid, or the store cannot be opened or read.
pub fn from_config(path: impl AsRef<Path>) -> Result<Arc<Firewall>, StartError> {
    start(Firewall::builder().settings(settings(Some(path.as_ref()))?))
}

fn settings(path: Option<&Path>) -> Result<Settings, StartError> {
    let layers = load_settings(path)?;
    for note in layers.notes() {
        tracing::warn!(target: "aiwaf", event = "settings", note = ?note);
    }
    Ok(layers.settings()?)
}

/// The firewall of this process. The first call starts it from `./aiwaf.toml` (or the file that
/// `AIWAF_CONFIG` names) and the environment; every call returns the same one.
///
/// It always starts. If the settings are invalid, an error is logged and the balanced defaults are
/// used instead. A store that cannot be opened is retried until it can. If the access log cannot be
/// opened, there is none. All of this is reported as degraded ([`Firewall::health`]). If a service
/// should rather not start, use [`from_config`] or [`start`].
pub fn shared() -> Arc<Firewall> {
    static SHARED: OnceLock<Arc<Firewall>> = OnceLock::new();
    Arc::clone(SHARED.get_or_init(|| start_anyhow(settings(None))))
}

pub(crate) fn start_anyhow(settings: Result<Settings, StartError>) -> Arc<Firewall> {
    let (settings, part, error) = match settings {
        Err(error) => (Settings::default(), "settings", error),
        Ok(settings) => match start(Firewall::builder().settings(settings.clone())) {
            Ok(firewall) => return firewall,
            Err(StartError::Log(error)) => return start_without_log(settings, &error),
            Err(error @ (StartError::Open(_) | StartError::Load(_))) => {
                (settings, keeper::READING, error)
            }
            Err(error @ StartError::Countries(_)) => (settings, countries::PART, error),
            Err(error @ StartError::Bots(_)) => (settings, bots::PART, error),
            Err(error) => (Settings::default(), "settings", error),
        },
    };
    let store = Box::new(DeferredStore::new(settings.store.clone()));
    let mut countries = Database::named_in(&settings);
    let firewall = build(settings, countries.as_mut());
    let reason = match part {
        "settings" => {
            format!(
                "the balanced defaults are in force because the settings cannot be used: {error}"
            )
        }
        _ => error.to_string(),
    };
    firewall.set_degraded(part, Some(reason));
    if let Some(Err(error)) = countries.map(|database| database.watch(&firewall)) {
        firewall.set_degraded(countries::PART, Some(StartError::Thread(error).to_string()));
    }
    if let Err(error) = keeper::spawn(store, &firewall) {
        firewall.set_degraded(keeper::READING, Some(StartError::Thread(error).to_string()));
    }
    firewall
}

fn start_without_log(mut settings: Settings, error: &LogError) -> Arc<Firewall> {
    settings.access_log.enabled = Some(false);
    let firewall = start_anyhow(Ok(settings));
    firewall.set_degraded("access_log", Some(error.to_string()));
    firewall
}

/// Builds with settings that already passed `start` and failed only at the store, the countries or
/// the bots, or with the default settings.
// `expect` holds: the former were built a moment ago, and a test checks the defaults.
#[allow(clippy::expect_used)]
fn build(settings: Settings, countries: Option<&mut Database>) -> Arc<Firewall> {
    let builder = bots::with_bot_lookup_or_none(Firewall::builder().settings(settings));
    let builder = match countries {
        Some(database) => database.read_or_none_for(builder),
        None => builder,
    };
    let built = with_access_log(builder)
        .map_err(StartError::from)
        .and_then(|builder| Ok(builder.build()?));
    Arc::new(
        built
            .or_else(|_| Firewall::builder().build())
            .expect("the default settings hold"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use aiwaf_core::Health;
    use aiwaf_core::settings::Layers;

    #[test]
    fn settings_that_do_not_hold_start_the_defaults_and_are_reported() {
        let layers = Layers::new().file("aiwaf.toml", "[rate_limit]\nmax = 0");
        let settings = layers
            .and_then(|layers| layers.settings())
            .map_err(StartError::from);
        let firewall = start_anyhow(settings);
        let Health::Degraded(reason) = firewall.health() else {
            panic!("reported as good");
        };
        assert!(reason.contains("rate_limit.max"), "{reason}");
        assert!(
            reason.contains("the balanced defaults are in force"),
            "{reason}"
        );
        assert_eq!(*firewall.settings(), Settings::default());
    }

    #[cfg(feature = "csv")]
    #[test]
    fn a_store_that_is_down_at_the_start_is_taken_up_when_it_is_back() {
        use std::time::{Duration, Instant};

        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("records");
        std::fs::write(&place, "a file where a directory should be").unwrap();
        let mut settings = Settings::default();
        settings.store = format!("csv:{}", place.display());
        let firewall = start_anyhow(Ok(settings));
        let Health::Degraded(reason) = firewall.health() else {
            panic!("reported as good");
        };
        assert!(reason.contains("records"), "{reason}");
        std::fs::remove_file(&place).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while firewall.health() != Health::Good {
            assert!(Instant::now() < deadline, "{:?}", firewall.health());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(place.is_dir());
    }

    #[test]
    fn a_named_file_must_be_there() {
        let error = load_settings(Some(Path::new("/no/such/aiwaf.toml"))).unwrap_err();
        assert!(error.to_string().contains("/no/such/aiwaf.toml"), "{error}");
        assert!(from_config("/no/such/aiwaf.toml").is_err());
    }

    #[test]
    fn everybody_shares_one_firewall() {
        assert!(Arc::ptr_eq(&shared(), &shared()));
    }

    #[test]
    fn a_directory_in_the_settings_begins_a_log() {
        let directory = tempfile::tempdir().unwrap();
        let logs = directory.path().join("logs");
        let mut settings = Settings::default();
        settings.access_log.dir = Some(logs.display().to_string());
        drop(start(Firewall::builder().settings(settings)).unwrap());
        assert!(logs.join("access.log").exists());
    }

    #[test]
    fn without_a_place_for_the_log_everything_else_is_as_set() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        let mut settings = Settings::default();
        settings.access_log.dir = Some(file.join("logs").display().to_string());
        settings.rate_limit.max = 7;
        let firewall = start_anyhow(Ok(settings));
        let Health::Degraded(reason) = firewall.health() else {
            panic!("reported as good");
        };
        assert!(reason.contains("file/logs"), "{reason}");
        assert_eq!(firewall.settings().rate_limit.max, 7);
    }
}
