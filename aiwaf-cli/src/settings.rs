//! Finds settings and store in the same way as the service, with the command line taking
//! precedence.

mod elsewhere;

use aiwaf_core::Settings;
use aiwaf_core::settings::Layers;
use aiwaf_storage::{Access, Manager, OpenError, load_settings};
use anyhow::{Context, Result, bail};

pub(crate) use self::elsewhere::Doubt;
use self::elsewhere::Elsewhere;
use crate::args::Global;
use crate::output::warn;

/// The settings in force, and their sources.
pub(crate) struct Found {
    pub(crate) settings: Settings,
    pub(crate) layers: Layers,
    elsewhere: Option<Elsewhere>,
    json: bool,
}

/// An open store.
pub(crate) struct Opened {
    pub(crate) manager: Manager,
    /// Whether the store was created just now.
    pub(crate) created: bool,
}

impl From<Manager> for Opened {
    fn from(manager: Manager) -> Self {
        Self {
            manager,
            created: false,
        }
    }
}

impl Found {
    /// Reads the file and the environment; `--store` and `--data-dir` override them.
    pub(crate) fn new(global: &Global) -> Result<Self> {
        let layers = load_settings(global.config.as_deref())?;
        let mut settings = layers.settings()?;
        if let Some(store) = &global.store {
            settings.store.clone_from(store);
        }
        if let Some(directory) = &global.data_dir {
            let directory = directory
                .to_str()
                .with_context(|| format!("--data-dir {}: expected UTF-8", directory.display()))?;
            settings.store = format!("csv:{directory}");
        }
        Ok(Self {
            elsewhere: Elsewhere::new(global, &layers, &settings),
            settings,
            layers,
            json: global.json,
        })
    }

    /// Why the store may not be that of the service.
    pub(crate) fn doubt(&self) -> Option<Doubt> {
        self.elsewhere.as_ref()?.doubt()
    }

    /// Fails if the store is certainly not the intended one, and warns if it may not be.
    fn must_be_meant(&self) -> Result<()> {
        match self.doubt() {
            Some(Doubt::Wrong(doubt)) => bail!(doubt),
            Some(Doubt::Open(doubt)) => warn(&doubt, self.json),
            None => {}
        }
        Ok(())
    }

    /// Opens the store, which must exist.
    pub(crate) fn open(&self) -> Result<Manager> {
        self.must_be_meant()?;
        match Manager::open(&self.settings.store, Access::MustExist) {
            Ok(manager) => visible(manager),
            Err(error @ OpenError::Missing(_)) => {
                bail!("{error}; the first `aiwaf add` or the first start of the service creates it")
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the store, or creates it if it does not exist.
    pub(crate) fn open_or_create(&self) -> Result<Opened> {
        self.must_be_meant()?;
        let spec = &self.settings.store;
        let (manager, created) = match Manager::open(spec, Access::MustExist) {
            Ok(manager) => (manager, false),
            Err(OpenError::Missing(_)) => (Manager::open(spec, Access::Create)?, true),
            Err(error) => return Err(error.into()),
        };
        let manager = visible(manager)?;
        Ok(Opened { manager, created })
    }
}

/// How a store in memory describes itself.
pub(crate) const MEMORY: &str = "memory";

/// Fails for a store that no other process would see.
fn visible(manager: Manager) -> Result<Manager> {
    if manager.describe() == MEMORY {
        bail!(
            "the settings have store = \"memory\", and the tool cannot read the memory of a service; set store = \
             \"sqlite:aiwaf.db\" or \"csv:aiwaf_data\" in aiwaf.toml (or AIWAF_STORE) for the service and the tool, \
             or name a store with --store or --data-dir"
        );
    }
    Ok(manager)
}
