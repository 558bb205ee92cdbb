//! Reads and changes the lists, for programs and for the `aiwaf` tool: validated, idempotent, on
//! any store.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aiwaf_core::store::{Change, DeniedNetwork, Origin, Records, Store, StoreError};

use crate::open::{Access, OpenError, open_store};

mod entries;
mod held;
mod lists;
mod networks;

use self::held::{Held, Subject};
pub use entries::InvalidEntry;

/// Why a [`Manager`] operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManagerError {
    /// The value is invalid; nothing was changed.
    #[error(transparent)]
    Invalid(#[from] InvalidEntry),
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How wide a network may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// At most /8 (IPv4) or /16 (IPv6). A wider network is more likely a mistake than intended.
    #[default]
    Ordinary,
    /// Any width.
    Forced,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Entries of the whitelist.
    pub whitelist: usize,
    /// Entries of the blacklist that are in force, manual and automatic.
    pub blacklist: usize,
    /// The automatic entries among them, which the engine made.
    pub automatic_bans: usize,
    /// Bans that have ended and are remembered as offences.
    pub ended_bans: usize,
    /// Keywords.
    pub keywords: usize,
    /// Exempt paths, without those of the settings.
    pub exempt_paths: usize,
    /// Blocked countries.
    pub countries: usize,
    /// Rows that could not be read.
    pub problems: usize,
}

/// The lists of a store. A running firewall on the same store applies changes within a second.
///
/// Every `add_` and `remove_` method returns whether anything changed. Adding an existing entry or
/// removing a missing one changes nothing and is not an error.
///
/// ```
/// use aiwaf_storage::{Access, Manager, Width};
///
/// let mut manager = Manager::open("memory", Access::Create)?;
/// assert!(manager.add_whitelist("192.0.2.0/24", Width::Ordinary)?);
/// assert!(!manager.add_whitelist("192.0.2.77/24", Width::Ordinary)?); // the same network
/// let error = manager.add_whitelist("192.0.2.300", Width::Ordinary).unwrap_err();
/// assert!(error.to_string().contains("\"192.0.2.300\" is not an address"));
/// assert!(manager.remove_whitelist("192.0.2.0/24")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Manager {
    store: Box<dyn Store>,
    /// Changes that are still to be written, within [`Manager::together`].
    pending: Option<Pending>,
}

/// Changes that are still to be written.
struct Pending {
    changes: Vec<Change>,
    /// The contents of the store once they are written.
    held: Held,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Manager")
            .field(&self.store.describe())
            .finish()
    }
}

impl Manager {
    /// Opens the lists of the store that `spec` names, as [`open_store`] does.
    ///
    /// # Errors
    /// The same as [`open_store`].
    pub fn open(spec: &str, access: Access) -> Result<Self, OpenError> {
        Ok(Self::new(open_store(spec, access)?))
    }

    /// The lists of a store that is already open.
    pub fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            pending: None,
        }
    }

    /// The kind and place of the store, for people.
    pub fn describe(&self) -> String {
        self.store.describe()
    }

    /// Everything in the store, including ended bans and unreadable rows.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn records(&mut self) -> Result<Records, StoreError> {
        match &self.pending {
            Some(pending) => Ok(pending.held.records()),
            None => self.store.load(),
        }
    }

    /// Applies changes, all or none. They are not validated.
    ///
    /// # Errors
    /// If nothing was written.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
        let Some(pending) = &mut self.pending else {
            return self.store.apply(changes);
        };
        pending.changes.extend_from_slice(changes);
        let held = &mut pending.held;
        Ok(changes.iter().map(|change| held.apply(change)).collect())
    }

    /// Makes many changes as one: each sees the ones before it, and all are written at the end, or
    /// none if `work` fails. The store is read once and written once, even for thousands of values.
    ///
    /// ```
    /// use aiwaf_storage::{Access, Manager, ManagerError};
    ///
    /// let mut manager = Manager::open("memory", Access::Create)?;
    /// let failed: Result<(), ManagerError> = manager.together(|manager| {
    ///     manager.add_keyword("union select")?;
    ///     manager.add_keyword("")?;
    ///     Ok(())
    /// });
    /// assert!(failed.is_err());
    /// assert_eq!(manager.stats()?.keywords, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The error of `work`, or if the store cannot be read or written.
    pub fn together<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.pending.is_some() {
            return work(self);
        }
        self.pending = Some(Pending {
            changes: Vec::new(),
            held: Held::new(self.store.load()?),
        });
        let done = work(self);
        let changes = self.pending.take().map(|pending| pending.changes);
        let done = done?;
        if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
            self.store.apply(&changes)?;
        }
        Ok(done)
    }

    /// The records about these subjects that the next change starts from.
    fn about(
        &mut self,
        subjects: impl IntoIterator<Item = Subject>,
    ) -> Result<Records, StoreError> {
        match &self.pending {
            Some(pending) => Ok(pending.held.about(subjects)),
            None => Ok(Held::new(self.store.load()?).about(subjects)),
        }
    }

    /// Makes changes, now or within [`together`](Self::together). Returns whether anything changed.
    fn make(&mut self, changes: &[Change]) -> Result<bool, ManagerError> {
        Ok(self.apply(changes)?.contains(&true))
    }

    /// How much the store holds.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn stats(&mut self) -> Result<Stats, StoreError> {
        let records = self.records()?;
        let now = SystemTime::now();
        let (held, ended): (Vec<_>, Vec<_>) = records
            .denied
            .iter()
            .partition(|denied| is_in_force(denied, now));
        let automatic = held.iter().filter(|denied| denied.origin != Origin::Manual);
        Ok(Stats {
            whitelist: records.allowed.len(),
            blacklist: held.len(),
            automatic_bans: automatic.count(),
            ended_bans: ended.len(),
            keywords: records.keywords.len(),
            exempt_paths: records.exempt_paths.len(),
            countries: records.countries.len(),
            problems: records.problems.len(),
        })
    }
}

fn is_in_force(denied: &DeniedNetwork, now: SystemTime) -> bool {
    denied.until.is_none_or(|until| until > now)
}

/// The current time in whole seconds, because people read these dates.
fn now() -> SystemTime {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs())
}
