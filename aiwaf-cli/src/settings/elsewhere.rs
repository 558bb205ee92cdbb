//! Detects settings in another directory that name a store by a relative path.
//!
//! A service resolves such a path from the directory in which it was started, which is often that
//! of its settings. If the tool runs in another directory, it would work on a different store and
//! report success.

use std::path::{Path, PathBuf};

use aiwaf_core::Settings;
use aiwaf_core::settings::Layers;

use crate::args::Global;

/// The variables that name a store and take precedence over the file.
const VARIABLES: [&str; 3] = ["AIWAF_STORE", "AIWAF_USE_CSV", "AIWAF_DATA_DIR"];

/// The two places that the path may mean.
pub(crate) struct Elsewhere {
    /// `csv` or `sqlite`.
    kind: String,
    /// Relative to the current directory: the place that the tool uses.
    here: PathBuf,
    /// Relative to the directory of the settings.
    beside: PathBuf,
}

/// What to report about the two places.
pub(crate) enum Doubt {
    /// The tool would work on another store than the existing one.
    Wrong(String),
    /// It is unclear which of the two is meant.
    Open(String),
}

impl Elsewhere {
    /// `Some` if the settings file is in another directory and decides about the store.
    pub(crate) fn new(global: &Global, layers: &Layers, settings: &Settings) -> Option<Self> {
        let named = |source: &String| VARIABLES.contains(&source.as_str());
        if global.store.is_some() || global.data_dir.is_some() || layers.sources().iter().any(named)
        {
            return None;
        }
        let variable = || std::env::var_os("AIWAF_CONFIG").map(PathBuf::from);
        let file = global.config.clone().or_else(variable)?;
        Self::of(&file, &settings.store)
    }

    fn of(file: &Path, store: &str) -> Option<Self> {
        let (kind, place) = store.trim().split_once(':')?;
        if !matches!(kind, "csv" | "sqlite") || Path::new(place).is_absolute() {
            return None;
        }
        let current = std::env::current_dir().ok()?.canonicalize().ok()?;
        let directory = file.parent()?.canonicalize().ok()?;
        (current != directory).then(|| Self {
            kind: kind.to_owned(),
            here: current.join(place),
            beside: directory.join(place),
        })
    }

    pub(crate) fn doubt(&self) -> Option<Doubt> {
        let (here, beside) = (self.here.display(), self.beside.display());
        let (kind, found) = (&self.kind, (self.here.exists(), self.beside.exists()));
        let option = match kind.as_str() {
            "csv" => "--data-dir ",
            _ => "--store sqlite:",
        };
        match found {
            (true, false) => None,
            (true, true) if self.here.canonicalize().ok() == self.beside.canonicalize().ok() => {
                None
            }
            (false, true) => Some(Doubt::Wrong(format!(
                "the settings name their store by a relative path, and {kind}:{here} does not exist, but next to \
                 the settings there is {kind}:{beside}: use {option}{beside}, or run aiwaf in the directory that the \
                 service runs in"
            ))),
            (true, true) => Some(Doubt::Open(format!(
                "the store is {kind}:{here}, but {kind}:{beside} exists next to the settings too"
            ))),
            (false, false) => Some(Doubt::Open(format!(
                "the store is {kind}:{here}, relative to the current directory and not to that of the settings"
            ))),
        }
    }
}
