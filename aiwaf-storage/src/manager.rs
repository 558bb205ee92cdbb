//! The lists, for programs and for the `aiwaf` tool: validated, idempotent, on any store.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aiwaf_core::store::{
    AllowedNetwork, Change, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin,
    Records, Store, StoreError,
};

use crate::open::{Access, OpenError, open_store};

mod entries;

pub use entries::InvalidEntry;
use entries::{end, is_same_keyword, parse_country, parse_keyword, parse_network, parse_path};

/// Why a [`Manager`] could not do what it was asked to.
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
    /// At most /8 (IPv4) or /16 (IPv6): anything wider is more likely a slip than a wish.
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
    /// Those of them that the engine made.
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

/// The lists of a store. A running firewall on the same store follows within a second.
///
/// Every `add_` and `remove_` answers whether anything is different now. Adding what is there, or removing what is
/// not, changes nothing and is no error.
///
/// ```
/// use aiwaf_storage::{Access, Manager, Width};
///
/// let mut manager = Manager::open("memory", Access::Create)?;
/// assert!(manager.add_whitelist("192.0.2.0/24", Width::Ordinary)?);
/// assert!(!manager.add_whitelist("192.0.2.77/24", Width::Ordinary)?); // the same network
/// let error = manager.add_whitelist("192.0.2.300", Width::Ordinary).unwrap_err();
/// assert!(error.to_string().contains("\"192.0.2.300\" is no address"));
/// assert!(manager.remove_whitelist("192.0.2.0/24")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Manager {
    store: Box<dyn Store>,
    /// What the store holds: as last read, or within [`Manager::together`] as it will be.
    records: Records,
    /// What is still to be written, within [`Manager::together`].
    pending: Option<Vec<Change>>,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Manager")
            .field(&self.store.describe())
            .finish()
    }
}

impl Manager {
    /// The lists of the store that `spec` names, as [`open_store`] understands it.
    ///
    /// # Errors
    /// As [`open_store`].
    pub fn open(spec: &str, access: Access) -> Result<Self, OpenError> {
        Ok(Self::new(open_store(spec, access)?))
    }

    /// The lists of a store that is open already.
    pub fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            records: Records::default(),
            pending: None,
        }
    }

    /// What and where the store is, for people.
    pub fn describe(&self) -> String {
        self.store.describe()
    }

    /// Everything in the store, ended bans and unreadable rows included.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn records(&mut self) -> Result<Records, StoreError> {
        Ok(self.current()?.clone())
    }

    /// Applies changes, all or none. They are not validated.
    ///
    /// # Errors
    /// If nothing was written.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
        let Some(pending) = &mut self.pending else {
            return self.store.apply(changes);
        };
        pending.extend_from_slice(changes);
        let records = &mut self.records;
        Ok(changes.iter().map(|change| records.apply(change)).collect())
    }

    /// Makes many changes as one: each sees the ones before it, and all are written in the end, or none if `work`
    /// fails. Thousands of values cost one reading and one writing.
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
    /// What `work` fails with, or if the store cannot be read or written.
    pub fn together<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.pending.is_some() {
            return work(self);
        }
        self.records = self.store.load()?;
        self.pending = Some(Vec::new());
        let done = work(self);
        let pending = self.pending.take().unwrap_or_default();
        let done = done?;
        if !pending.is_empty() {
            self.store.apply(&pending)?;
        }
        Ok(done)
    }

    /// The records that the next change starts from.
    fn current(&mut self) -> Result<&Records, StoreError> {
        if self.pending.is_none() {
            self.records = self.store.load()?;
        }
        Ok(&self.records)
    }

    /// Makes changes, now or together with others. Says whether anything is different.
    fn make(&mut self, changes: &[Change]) -> Result<bool, ManagerError> {
        Ok(self.apply(changes)?.contains(&true))
    }

    /// How much the store holds.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn stats(&mut self) -> Result<Stats, StoreError> {
        let records = self.current()?;
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

/// The IP lists.
impl Manager {
    /// The whitelist, by network.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_whitelist(&mut self) -> Result<Vec<AllowedNetwork>, StoreError> {
        let mut list = self.current()?.allowed.clone();
        list.sort_by_key(|allowed| allowed.network);
        Ok(list)
    }

    /// The blacklist by network, without what has ended.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_blacklist(&mut self) -> Result<Vec<DeniedNetwork>, StoreError> {
        let now = SystemTime::now();
        let mut list = self.current()?.denied.clone();
        list.retain(|denied| is_in_force(denied, now));
        list.sort_by_key(|denied| denied.network);
        Ok(list)
    }

    /// Lets an address or a network pass every check.
    ///
    /// # Errors
    /// If it is none, or too wide.
    pub fn add_whitelist(&mut self, network: &str, width: Width) -> Result<bool, ManagerError> {
        let network = parse_network(network, width)?;
        // One that is there keeps its date.
        if self
            .current()?
            .allowed
            .iter()
            .any(|old| old.network == network)
        {
            return Ok(false);
        }
        let added = now();
        self.make(&[Change::Allow(AllowedNetwork { network, added })])
    }

    /// No longer lets it pass.
    ///
    /// # Errors
    /// If it is no address or network.
    pub fn remove_whitelist(&mut self, network: &str) -> Result<bool, ManagerError> {
        let network = parse_network(network, Width::Forced)?;
        self.make(&[Change::Disallow(network)])
    }

    /// Refuses an address or a network, for a while or (`None`) without end. It takes the place of an automatic ban of
    /// the same network.
    ///
    /// # Errors
    /// If it is none, or too wide, or the duration is nothing or endless.
    pub fn add_blacklist(
        &mut self,
        network: &str,
        reason: &str,
        duration: Option<Duration>,
        width: Width,
    ) -> Result<bool, ManagerError> {
        let network = parse_network(network, width)?;
        let added = now();
        let until = duration.map(|duration| end(added, duration)).transpose()?;
        let is_there = |old: &DeniedNetwork| {
            old.network == network
                && old.origin == Origin::Manual
                && old.reason == reason
                && (old.until, until) == (None, None)
        };
        if self.current()?.denied.iter().any(is_there) {
            return Ok(false);
        }
        self.make(&[Change::Deny(DeniedNetwork {
            network,
            reason: reason.to_owned(),
            added,
            until,
            origin: Origin::Manual,
            evidence: None,
        })])
    }

    /// No longer refuses it, whoever put it there; a running firewall forgets its strikes and offences too.
    ///
    /// For one address the automatic bans end that it lies under, of its IPv6 prefix or of a whole neighbourhood;
    /// wider networks that a person listed stay.
    ///
    /// # Errors
    /// If it is no address or network.
    pub fn remove_blacklist(&mut self, network: &str) -> Result<bool, ManagerError> {
        let network = parse_network(network, Width::Forced)?;
        let mut changes = vec![Change::Undeny(network)];
        if network.prefix_len() == network.max_prefix_len() {
            let over = |old: &&DeniedNetwork| {
                old.origin != Origin::Manual
                    && old.network != network
                    && old.network.contains(&network)
            };
            let records = self.current()?;
            let bans = records.denied.iter().filter(over);
            changes.extend(bans.map(|ban| Change::EndBan(ban.network)));
        }
        self.make(&changes)
    }
}

/// The other lists.
impl Manager {
    /// The keywords, sorted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_keywords(&mut self) -> Result<Vec<KeywordRecord>, StoreError> {
        let mut list = self.current()?.keywords.clone();
        list.sort_by(|a, b| a.keyword.cmp(&b.keyword));
        Ok(list)
    }

    /// Refuses requests that carry the keyword, and says whether that is new: `Union  Select` is the same as `union select`.
    ///
    /// # Errors
    /// If it is empty or longer than 1024 bytes.
    pub fn add_keyword(&mut self, keyword: &str) -> Result<bool, ManagerError> {
        let keyword = parse_keyword(keyword)?;
        if self
            .current()?
            .keywords
            .iter()
            .any(|old| is_same_keyword(&old.keyword, &keyword))
        {
            return Ok(false);
        }
        let added = now();
        self.make(&[Change::AddKeyword(KeywordRecord { keyword, added })])
    }

    /// No longer looks for the keyword, in whatever letter case it was added.
    ///
    /// # Errors
    /// If it is empty or longer than 1024 bytes.
    pub fn remove_keyword(&mut self, keyword: &str) -> Result<bool, ManagerError> {
        let keyword = parse_keyword(keyword)?;
        let same = |old: &&KeywordRecord| is_same_keyword(&old.keyword, &keyword);
        let held = self.current()?.keywords.iter().filter(same);
        let changes: Vec<_> = held
            .map(|old| Change::RemoveKeyword(old.keyword.clone()))
            .collect();
        self.make(&changes)
    }

    /// The exempt paths, sorted; those of the settings are not among them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_exempt_paths(&mut self) -> Result<Vec<ExemptPathRecord>, StoreError> {
        let mut list = self.current()?.exempt_paths.clone();
        list.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(list)
    }

    /// Exempts a path: `/path`, `/directory/` for everything under it, or `*.extension`. Case does not matter.
    ///
    /// # Errors
    /// If it is no such pattern.
    pub fn add_exempt_path(&mut self, path: &str, reason: &str) -> Result<bool, ManagerError> {
        let path = parse_path(path)?;
        if path == "/" {
            return Err(InvalidEntry::EveryPath(path).into());
        }
        let is_there = |old: &ExemptPathRecord| old.path == path && old.reason == reason;
        if self.current()?.exempt_paths.iter().any(is_there) {
            return Ok(false);
        }
        self.make(&[Change::AddExemptPath(ExemptPathRecord {
            path,
            reason: reason.to_owned(),
            added: now(),
        })])
    }

    /// No longer exempts a path.
    ///
    /// # Errors
    /// If it is no pattern.
    pub fn remove_exempt_path(&mut self, path: &str) -> Result<bool, ManagerError> {
        let path = parse_path(path)?;
        // Files written by hand may have it in any case.
        let listed = self.current()?.exempt_paths.iter();
        let same: Vec<Change> = listed
            .filter(|old| old.path.trim().eq_ignore_ascii_case(&path))
            .map(|old| Change::RemoveExemptPath(old.path.clone()))
            .collect();
        if same.is_empty() {
            return Ok(false);
        }
        self.make(&same)
    }

    /// The blocked countries, sorted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_countries(&mut self) -> Result<Vec<CountryRecord>, StoreError> {
        let mut list = self.current()?.countries.clone();
        list.sort_by(|a, b| a.country.cmp(&b.country));
        Ok(list)
    }

    /// Blocks a country by its code of two letters, in any case.
    ///
    /// # Errors
    /// If it is no such code.
    pub fn add_country(&mut self, country: &str) -> Result<bool, ManagerError> {
        let country = parse_country(country)?;
        if self
            .current()?
            .countries
            .iter()
            .any(|old| old.country == country)
        {
            return Ok(false);
        }
        let added = now();
        self.make(&[Change::AddCountry(CountryRecord { country, added })])
    }

    /// No longer blocks a country.
    ///
    /// # Errors
    /// If it is no code of two letters.
    pub fn remove_country(&mut self, country: &str) -> Result<bool, ManagerError> {
        let country = parse_country(country)?;
        self.make(&[Change::RemoveCountry(country)])
    }
}

fn is_in_force(denied: &DeniedNetwork, now: SystemTime) -> bool {
    denied.until.is_none_or(|until| until > now)
}

/// The present in whole seconds: people read these stamps.
fn now() -> SystemTime {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs())
}
