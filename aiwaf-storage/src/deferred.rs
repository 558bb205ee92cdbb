//! A store that could not be opened yet; each use tries again.

use aiwaf_core::store::{Change, Records, Store, StoreError, StoreVersion};

use crate::open::{Access, open_store};

/// Replaces a store that is down at a start that must succeed all the same.
pub(crate) struct DeferredStore {
    spec: String,
    opened: Option<Box<dyn Store>>,
}

impl DeferredStore {
    pub(crate) fn new(spec: String) -> Self {
        Self { spec, opened: None }
    }

    fn store(&mut self) -> Result<&mut dyn Store, StoreError> {
        let opened = match self.opened.take() {
            Some(store) => store,
            None => open_store(&self.spec, Access::Create).map_err(|error| StoreError {
                store: self.describe(),
                doing: "opening it",
                source: Box::new(error),
            })?,
        };
        Ok(&mut **self.opened.insert(opened))
    }
}

impl Store for DeferredStore {
    fn describe(&self) -> String {
        match &self.opened {
            Some(store) => store.describe(),
            // The rest of the spec may be a secret.
            None => self.spec.split(':').next().unwrap_or_default().to_owned(),
        }
    }

    fn load(&mut self) -> Result<Records, StoreError> {
        self.store()?.load()
    }

    fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
        self.store()?.apply(changes)
    }

    fn version(&mut self) -> Result<StoreVersion, StoreError> {
        self.store()?.version()
    }
}
