//! The interface of a storage backend, and the records that it keeps.

use std::fmt;
use std::time::SystemTime;

use ipnet::IpNet;

/// A network, or a single address, that every check lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedNetwork {
    /// The network, in canonical form.
    pub network: IpNet,
    /// When it was added.
    pub added: SystemTime,
}

/// A network, or a single address, that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedNetwork {
    /// The network, in canonical form.
    pub network: IpNet,
    /// The reason, for people.
    pub reason: String,
    /// When it was added.
    pub added: SystemTime,
    /// When the denial ends, or `None` if it never ends.
    pub until: Option<SystemTime>,
    /// Who added the denial.
    pub origin: Origin,
    /// A redacted description, as JSON, of the request that caused the denial.
    pub evidence: Option<String>,
}

impl DeniedNetwork {
    /// Whether a later denial of the same network replaces this one. It always does, with one
    /// exception: an automatic ban does not replace a denial that a person added and that has not
    /// ended.
    pub fn yields_to(&self, later: &Self) -> bool {
        let automatic_over_manual = self.origin == Origin::Manual && later.origin != Origin::Manual;
        !automatic_over_manual || self.until.is_some_and(|until| until <= later.added)
    }
}

/// Who denied a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A person, with the tool or a file.
    Manual,
    /// The engine: an automatic ban.
    Automatic {
        /// The code of the cause ([`Cause::code`](crate::Cause::code)).
        cause: String,
        /// How often the client has been banned, including this time.
        offences: u8,
    },
}

/// A keyword that the operator added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordRecord {
    /// The text, as entered.
    pub keyword: String,
    /// When it was added.
    pub added: SystemTime,
}

/// An exempt path that the operator added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptPathRecord {
    /// The pattern, as entered.
    pub path: String,
    /// The reason, for people.
    pub reason: String,
    /// When it was added.
    pub added: SystemTime,
}

/// A blocked country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryRecord {
    /// The ISO 3166 code, in upper case.
    pub country: String,
    /// When it was added.
    pub added: SystemTime,
}

/// Something in a store that could not be read. It stays in the store, and all other records are
/// still read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// File and line, or table and key.
    pub place: String,
    /// The value and what was expected.
    pub message: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Everything a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Records {
    /// The whitelist.
    pub allowed: Vec<AllowedNetwork>,
    /// The blacklist: manual denials and automatic bans.
    pub denied: Vec<DeniedNetwork>,
    /// The operator's keywords.
    pub keywords: Vec<KeywordRecord>,
    /// The operator's exempt paths.
    pub exempt_paths: Vec<ExemptPathRecord>,
    /// Blocked countries.
    pub countries: Vec<CountryRecord>,
    /// Problems with records that could not be read.
    pub problems: Vec<RowProblem>,
}

/// One change of the records. Adding an existing record replaces it; removing a missing one does
/// nothing. The engine never overrides a person: see [`DeniedNetwork::yields_to`] and
/// [`Change::EndBan`].
///
/// Exhaustive on purpose: a store that does not handle every change must not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Allow a network.
    Allow(AllowedNetwork),
    /// No longer allow a network.
    Disallow(IpNet),
    /// Deny a network, or replace how it is denied.
    Deny(DeniedNetwork),
    /// No longer deny a network, whoever denied it. This also ends a ban.
    Undeny(IpNet),
    /// End the automatic ban of a network. A denial that a person added stays.
    EndBan(IpNet),
    /// Add a keyword.
    AddKeyword(KeywordRecord),
    /// Remove a keyword.
    RemoveKeyword(String),
    /// Add an exempt path.
    AddExemptPath(ExemptPathRecord),
    /// Remove an exempt path.
    RemoveExemptPath(String),
    /// Block a country.
    AddCountry(CountryRecord),
    /// No longer block a country.
    RemoveCountry(String),
}

impl Records {
    /// Applies a change to these records. Every store must apply changes to its own records in the
    /// same way. Returns whether anything changed. This scans the list that the change is about; a
    /// store that applies many changes should find its records by their keys.
    pub fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Allow(new) => upsert(&mut self.allowed, new, |old| old.network == new.network),
            Change::Disallow(network) => remove(&mut self.allowed, |old| old.network == *network),
            Change::Deny(new) => {
                let same = |old: &DeniedNetwork| old.network == new.network;
                let stays = |old: &DeniedNetwork| same(old) && !old.yields_to(new);
                !self.denied.iter().any(stays) && upsert(&mut self.denied, new, same)
            }
            Change::Undeny(network) => remove(&mut self.denied, |old| old.network == *network),
            Change::EndBan(network) => remove(&mut self.denied, |old| {
                old.network == *network && old.origin != Origin::Manual
            }),
            Change::AddKeyword(new) => {
                upsert(&mut self.keywords, new, |old| old.keyword == new.keyword)
            }
            Change::RemoveKeyword(word) => remove(&mut self.keywords, |old| old.keyword == *word),
            Change::AddExemptPath(new) => {
                upsert(&mut self.exempt_paths, new, |old| old.path == new.path)
            }
            Change::RemoveExemptPath(path) => {
                remove(&mut self.exempt_paths, |old| old.path == *path)
            }
            Change::AddCountry(new) => {
                upsert(&mut self.countries, new, |old| old.country == new.country)
            }
            Change::RemoveCountry(code) => remove(&mut self.countries, |old| old.country == *code),
        }
    }
}

fn upsert<T: Clone + PartialEq>(list: &mut Vec<T>, new: &T, same: impl Fn(&T) -> bool) -> bool {
    match list.iter_mut().find(|old| same(old)) {
        Some(old) if old == new => false,
        Some(old) => {
            old.clone_from(new);
            true
        }
        None => {
            list.push(new.clone());
            true
        }
    }
}

fn remove<T>(list: &mut Vec<T>, gone: impl Fn(&T) -> bool) -> bool {
    let before = list.len();
    list.retain(|old| !gone(old));
    list.len() != before
}

/// Why a store operation failed. The message names the file, table or host.
#[derive(Debug, thiserror::Error)]
#[error("{store}: {doing}: {source}")]
pub struct StoreError {
    /// The store, as [`Store::describe`] names it.
    pub store: String,
    /// What the store was doing.
    pub doing: &'static str,
    /// What went wrong.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A number that changes whenever someone else may have changed the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreVersion(pub u64);

/// A place where records are kept.
///
/// Stores block. They are used from the keeper's thread and by the tool, never while a request is
/// decided.
pub trait Store: Send {
    /// The kind and location of the store, for people: `sqlite:/var/lib/aiwaf/aiwaf.db`.
    fn describe(&self) -> String;

    /// Reads all records. Rows that cannot be read are reported in [`Records::problems`].
    ///
    /// # Errors
    /// If the store cannot be read at all. The caller then keeps the last good policy.
    fn load(&mut self) -> Result<Records, StoreError>;

    /// Applies all changes in order or none, durably, as [`Records::apply`] does. Timestamps keep
    /// microseconds. Returns for each change whether it made a difference.
    ///
    /// # Errors
    /// If nothing was written. The caller retries.
    fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError>;

    /// A cheap check whether someone else changed the records. Read it before [`Store::load`], and
    /// load again when it has changed. The store's own [`Store::apply`] does not count.
    ///
    /// # Errors
    /// If the store cannot be reached.
    fn version(&mut self) -> Result<StoreVersion, StoreError>;
}
