//! Stores for the records of the aiwaf firewall, and the thread that synchronises them with the
//! engine.
//!
//! A request never waits for a disk: the engine decides from a compiled snapshot in memory. Records
//! are in a [`Store`]. A *keeper*, one thread per store, writes the engine's decisions (automatic
//! bans) and swaps in the changes of others (the `aiwaf` tool, another process) within a second.
//!
//! ```
//! use aiwaf_core::Firewall;
//! use aiwaf_storage::{Access, Manager};
//!
//! # let directory = tempfile::tempdir()?;
//! # let spec = format!("csv:{}", directory.path().join("records").display());
//! # #[cfg(feature = "csv")] {
//! // The service: opens the store that the settings name, loads it, and keeps it.
//! let builder = Firewall::builder().with_settings(|settings| settings.store = spec.clone());
//! let firewall = aiwaf_storage::start(builder)?;
//!
//! // The tool, or any other program, on the same store: the service follows within a second.
//! let mut manager = Manager::open(&spec, Access::MustExist)?;
//! manager.add_blacklist("203.0.113.7", "scraping", None, Default::default())?;
//! assert_eq!(manager.stats()?.blacklist, 1);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Stores
//!
//! | spec | feature | for |
//! | --- | --- | --- |
//! | `memory` | | nothing survives, no other process sees it |
//! | `csv:DIR` | `csv` (default) | small lists, kept by hand or under version control |
//! | `sqlite:FILE` | `sqlite` | one machine, many records |
//! | `env:NAME` | | the spec in the variable |
//!
//! With the feature `geo`, the MaxMind DB file that `geo.database` names is read at the start and
//! whenever it changes. With the feature `dns`, good bots can be verified by name: the domains in
//! `headers.good_bots` are looked up in both directions, on a thread of its own. With the feature
//! `metrics`, everything that `docs/events.md` lists is counted.
//!
//! # Where to look
//!
//! - [`start`], [`from_config`], [`shared`]: a running firewall. [`load_settings`]: its settings.
//! - [`Manager`]: the lists, with validation; everything that the `aiwaf` tool does.
//! - [`LogWriter`]: the files of the access log, and the thread that writes them.
//! - [`open_store`] and the stores themselves, to keep records without a firewall.
//!
//! # Guarantees
//!
//! - An acknowledged change is on the disk: a killed process loses none.
//! - Processes that write at the same time lose none of each other's changes.
//! - Unreadable data is an error that names the place; it is never overwritten. A running firewall
//!   keeps the last good policy, reports itself degraded
//!   ([`Firewall::health`](aiwaf_core::Firewall::health)) and retries.

mod adapter;
mod bots;
mod countries;
#[cfg(feature = "csv")]
mod csv;
mod deferred;
mod file_stamp;
mod keeper;
mod links;
mod log_writer;
mod manager;
mod memory;
mod open;
#[cfg(feature = "sqlite")]
mod sqlite;
mod start;

#[cfg(feature = "csv")]
pub use crate::csv::CsvStore;
pub use aiwaf_core::Firewall;
pub use aiwaf_core::store::{Change, Records, Store, StoreError};
pub use bots::BotsError;
#[cfg(feature = "dns")]
pub use bots::DnsLookup;
pub use countries::{CountriesError, with_countries};
pub use log_writer::{LogError, LogWriter};
pub use manager::{InvalidEntry, Manager, ManagerError, Stats, Width};
pub use memory::MemoryStore;
pub use open::{Access, OpenError, open_store};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use start::{StartError, from_config, load_settings, shared, start};
