//! Opening a store by its spec.

use aiwaf_core::store::{Store, StoreError};

use crate::memory::MemoryStore;

/// Whether a missing store may be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The store must exist.
    MustExist,
    /// The store is created if it does not exist.
    Create,
}

/// Why a store could not be opened. No message repeats a password: the value behind `env:NAME` is
/// never shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The spec names no kind of store.
    #[error("store {0:?} is unknown; expected memory, csv:DIR, sqlite:FILE or env:NAME")]
    UnknownSpec(String),
    /// A kind of store that cannot hold records.
    #[error("store {0} cannot keep records; expected memory, csv:DIR, sqlite:FILE or env:NAME")]
    Unsupported(&'static str),
    /// A kind of store that this program was built without.
    #[error(
        "store {kind}: this program was built without the feature {feature:?} of aiwaf-storage"
    )]
    NotBuilt {
        /// The kind.
        kind: &'static str,
        /// The feature that provides it.
        feature: &'static str,
    },
    /// The environment variable of an `env:NAME` spec is not set, is empty or is not text.
    #[error(
        "store env:{0}: the environment variable {0} is not set or does not name a store; expected memory, csv:DIR or sqlite:FILE"
    )]
    Variable(String),
    /// SQLite would not read this name as a file path; each connection would open a different
    /// database.
    #[error(
        "store \"sqlite:{0}\" does not name a file; expected sqlite:FILE with the path of a file, or memory"
    )]
    NoFile(String),
    /// The store does not exist and must not be created.
    #[error("store {0} does not exist")]
    Missing(String),
    /// The store exists but cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the store that `spec` names: `memory`, `csv:DIR`, `sqlite:FILE`, or `env:NAME` for the
/// spec in that variable.
///
/// # Errors
/// If the spec is invalid, the store is missing and may not be created, or it cannot be read.
pub fn open_store(spec: &str, access: Access) -> Result<Box<dyn Store>, OpenError> {
    match spec.trim().strip_prefix("env:") {
        None => open_named(spec, access),
        Some(name) => {
            let value = std::env::var(name)
                .ok()
                .filter(|value| !value.trim().is_empty());
            let value = value.ok_or_else(|| OpenError::Variable(name.to_owned()))?;
            open_named(&value, access).map_err(|error| match error {
                OpenError::UnknownSpec(_) => OpenError::Variable(name.to_owned()),
                error => error,
            })
        }
    }
}

fn open_named(spec: &str, access: Access) -> Result<Box<dyn Store>, OpenError> {
    let spec = spec.trim();
    if spec == "memory" {
        return Ok(Box::new(MemoryStore::default()));
    }
    let (scheme, place) = spec.split_once(':').unwrap_or((spec, ""));
    match scheme {
        "csv" if !place.is_empty() => open_csv(place, access),
        "sqlite" if !place.is_empty() => open_sqlite(place, access),
        "postgres" | "postgresql" => Err(OpenError::Unsupported("postgres://")),
        "redis" | "rediss" => Err(OpenError::Unsupported("redis://")),
        _ => Err(OpenError::UnknownSpec(shown(spec))),
    }
}

/// Returns what may be shown of a spec. A spec that looks like a URL, or a part of one, may contain
/// a password, so only its scheme is repeated.
fn shown(spec: &str) -> String {
    match (spec.split_once("://"), spec.split_once(':')) {
        (Some((scheme, _)), _) => format!("{scheme}://"),
        (None, Some((scheme, _))) if spec.contains('@') => format!("{scheme}:"),
        (None, None) if spec.contains('@') => "[REDACTED]".to_owned(),
        _ => spec.to_owned(),
    }
}

#[cfg(feature = "csv")]
fn open_csv(place: &str, access: Access) -> Result<Box<dyn Store>, OpenError> {
    Ok(Box::new(crate::csv::CsvStore::open(place, access)?))
}

#[cfg(not(feature = "csv"))]
fn open_csv(_: &str, _: Access) -> Result<Box<dyn Store>, OpenError> {
    Err(OpenError::NotBuilt {
        kind: "csv",
        feature: "csv",
    })
}

#[cfg(feature = "sqlite")]
fn open_sqlite(place: &str, access: Access) -> Result<Box<dyn Store>, OpenError> {
    Ok(Box::new(crate::sqlite::SqliteStore::open(place, access)?))
}

#[cfg(not(feature = "sqlite"))]
fn open_sqlite(_: &str, _: Access) -> Result<Box<dyn Store>, OpenError> {
    Err(OpenError::NotBuilt {
        kind: "sqlite",
        feature: "sqlite",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(spec: &str) -> String {
        match open_store(spec, Access::Create) {
            Ok(store) => panic!("{spec} opened {}", store.describe()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_no_store_is_said_so() {
        assert!(error("file:/x").contains("\"file:/x\" is unknown"));
        assert!(error("csv:").contains("unknown"));
        assert!(error("").contains("unknown"));
        assert!(error("env:AIWAF_TEST_NO_SUCH_VARIABLE").contains("AIWAF_TEST_NO_SUCH_VARIABLE"));
    }

    #[test]
    fn a_password_is_never_repeated() {
        for spec in [
            "postgres://u:secret@h/db",
            "redis://:secret@h",
            "mysql://u:secret@h",
        ] {
            let error = error(spec);
            assert!(
                !error.contains("secret") && error.contains("://"),
                "{error}"
            );
        }
        for spec in ["mysql:u:secret@h", "secret@h"] {
            assert!(!error(spec).contains("secret"), "{}", error(spec));
        }
    }
}
