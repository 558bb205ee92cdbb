//! Settings in another directory, and a store that they name by a relative path.
//!
//! A service takes such a path from the directory that it was started in, which is often that of its settings. Whoever runs
//! the tool somewhere else would work on another store, and be told that all is well.

use std::path::{Path, PathBuf};

use aiwaf_core::Settings;
use aiwaf_core::settings::Layers;

use crate::args::Global;

/// The variables that name a store, whatever the file says.
const VARIABLES: [&str; 3] = ["AIWAF_STORE", "AIWAF_USE_CSV", "AIWAF_DATA_DIR"];

/// The two places that are meant, perhaps.
pub(crate) struct Elsewhere {
    /// `csv` or `sqlite`.
    kind: String,
    /// From the current directory: where the tool looks.
    here: PathBuf,
    /// From the directory of the settings.
    beside: PathBuf,
}

/// What is to be said of the two places.
pub(crate) enum Doubt {
    /// The store that is there is not the one that the tool would work on.
    Wrong(String),
    /// It cannot be told which of them is meant.
    Open(String),
}

impl Elsewhere {
    /// If the settings file lies in another directory and has the say about the store.
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
                "the settings name their store by a relative path, and {kind}:{here} does not exist, but beside them \
                 {kind}:{beside} does: say {option}{beside}, or run it from the directory that the service runs in"
            ))),
            (true, true) => Some(Doubt::Open(format!(
                "the store is {kind}:{here}, and beside the settings there is {kind}:{beside} too"
            ))),
            (false, false) => Some(Doubt::Open(format!(
                "the store is {kind}:{here}, from the current directory and not from that of the settings"
            ))),
        }
    }
}
