//! The keeper's side of the firewall: swapping in the records of a store, and handing out the
//! changes to write to it.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use parking_lot::Mutex;

use super::{BuildError, Degraded, Firewall, counted, events};
use crate::clock::Clock;
use crate::current::Current;
use crate::geo::{Countries, CountryLookup};
use crate::policy::{KeywordError, Moment, Policy, is_denial};
use crate::settings::Settings;
use crate::state::{Ban, BanChange, BannedKey, State};
use crate::store::{Change, DeniedNetwork, Origin, Records};

/// Whether everything works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Everything works.
    Good,
    /// Something does not work, and the last good policy is in force.
    Degraded(String),
}

/// Changes on their way to the store.
#[derive(Debug)]
pub struct Unwritten {
    /// The changes, in order.
    pub changes: Vec<Change>,
    bans: Vec<BanChange>,
}

impl Firewall {
    /// The keeper's side. It outlives the firewall, so that the last bans are still written.
    pub fn keeping(&self) -> Keeping {
        Keeping {
            policy: Arc::clone(&self.policy),
            state: Arc::clone(&self.state),
            clock: Arc::clone(&self.clock),
            degraded: Arc::clone(&self.degraded),
            countries: Arc::clone(&self.countries),
            kept: Arc::clone(&self.kept),
        }
    }

    /// Same as [`Keeping::swap`].
    ///
    /// # Errors
    /// If the records cannot be compiled. The policy in force stays.
    pub fn swap(&self, records: &Records) -> Result<(), KeywordError> {
        self.keeping().swap(records)
    }

    /// Switches to other settings and keeps the records in force. Tables keep the size they were
    /// built with.
    ///
    /// # Errors
    /// If no firewall could be built with the settings, or the records cannot be compiled. The
    /// policy in force stays.
    pub fn reconfigure(&self, settings: Settings) -> Result<(), BuildError> {
        require(&settings, !self.countries.is_missing(), self.has_bot_lookup)?;
        Ok(self.keeping().reconfigure(Arc::new(settings))?)
    }

    /// Same as [`Keeping::set_degraded`].
    pub fn set_degraded(&self, part: &'static str, reason: Option<String>) {
        self.keeping().set_degraded(part, reason);
    }

    /// Keeps a value for as long as the firewall lives and drops it with the firewall. Used for the
    /// handle of a keeper, whose `Drop` ends the keeper's thread.
    pub fn attach(&self, companion: impl Any + Send) {
        self.companions.lock().push(Box::new(companion));
    }

    /// Whether everything works.
    pub fn health(&self) -> Health {
        let degraded = self.degraded.lock();
        if degraded.is_empty() {
            return Health::Good;
        }
        let reasons: Vec<String> = degraded
            .iter()
            .map(|(part, reason)| format!("{part}: {reason}"))
            .collect();
        Health::Degraded(reasons.join("; "))
    }
}

/// The parts of a firewall that its keeper works with. A keeper holds this instead of the firewall,
/// so that the firewall is dropped by its last user, on that user's thread, and not whenever the
/// keeper happens to release it.
#[derive(Clone)]
pub struct Keeping {
    policy: Arc<Current<Policy>>,
    state: Arc<State>,
    clock: Arc<dyn Clock>,
    degraded: Arc<Degraded>,
    countries: Arc<Countries>,
    kept: Arc<Mutex<Kept>>,
}

/// What the policy in force was compiled from. Code that replaces the policy holds the lock from
/// reading the current value until the new one is in force. Otherwise settings that arrive while
/// records are being compiled would be lost.
#[derive(Debug)]
pub(super) struct Kept {
    /// Without the bans of clients, which are in the ban table.
    records: Records,
    /// Whether the bans of the store must be read again.
    is_stale: bool,
}

impl Kept {
    pub(super) fn new(records: &Records, settings: &Settings) -> Self {
        Self {
            records: without_bans(records, settings),
            is_stale: false,
        }
    }
}

/// The records without those that the ban table holds.
fn without_bans(records: &Records, settings: &Settings) -> Records {
    let prefix = settings.client_ip.ipv6_prefix;
    let denials = records
        .denied
        .iter()
        .filter(|record| is_denial(record, prefix));
    Records {
        denied: denials.cloned().collect(),
        allowed: records.allowed.clone(),
        keywords: records.keywords.clone(),
        exempt_paths: records.exempt_paths.clone(),
        countries: records.countries.clone(),
        problems: Vec::new(),
    }
}

/// Checks whether a firewall can be built with these settings and the given lookups.
pub(super) fn require(
    settings: &Settings,
    has_countries: bool,
    has_bot_lookup: bool,
) -> Result<(), BuildError> {
    settings.validate()?;
    if let Some(list) = settings.geo.list_in_need().filter(|_| !has_countries) {
        return Err(BuildError::NoCountries { list });
    }
    if settings.headers.names_domains() && !has_bot_lookup {
        return Err(BuildError::NoBotLookup);
    }
    Ok(())
}

impl std::fmt::Debug for Keeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeping").finish_non_exhaustive()
    }
}

/// Countries.
impl Keeping {
    /// Looks up the countries of clients here from now on.
    pub fn swap_countries(&self, lookup: impl CountryLookup) {
        self.countries.swap(Box::new(lookup));
    }

    /// Stored countries may arrive at any time, so a missing database can only be reported, not
    /// rejected.
    pub(super) fn warn_of_missing_countries(&self) {
        if !self.policy.load().geo.is_empty() && self.countries.is_missing() {
            events::missing_countries();
        }
    }
}

/// From the store.
impl Keeping {
    /// Compiles these records and swaps them in, off the request path. Bans that are not written
    /// yet stay. Written bans that are missing from the records end, and their clients' strikes are
    /// cleared.
    ///
    /// # Errors
    /// If the records cannot be compiled. The policy in force stays.
    pub fn swap(&self, records: &Records) -> Result<(), KeywordError> {
        let mut kept = self.kept.lock();
        let settings = Arc::clone(&self.policy.load().settings);
        let now = self.moment();
        self.put_in_force(Arc::clone(&settings), records, now)?;
        *kept = Kept::new(records, &settings);
        let lifted = self.take_over_bans(records, now);
        self.tell_of_swap(records, lifted);
        Ok(())
    }

    fn reconfigure(&self, settings: Arc<Settings>) -> Result<(), KeywordError> {
        let mut kept = self.kept.lock();
        self.put_in_force(settings, &kept.records, self.moment())?;
        kept.is_stale = true;
        self.tell_of_swap(&kept.records, 0);
        Ok(())
    }

    /// Whether the records must be read again although the store has not changed: new settings may
    /// tell clients apart differently or remember bans for longer. Returns `true` once, then
    /// resets.
    pub fn take_stale(&self) -> bool {
        std::mem::take(&mut self.kept.lock().is_stale)
    }

    fn put_in_force(
        &self,
        settings: Arc<Settings>,
        records: &Records,
        now: Moment,
    ) -> Result<(), KeywordError> {
        let routes = Arc::clone(&self.policy.load().routes);
        let policy = Policy::compile(settings, records, routes, now)?;
        self.policy.replace(policy);
        Ok(())
    }

    fn tell_of_swap(&self, records: &Records, lifted: usize) {
        let count = records.denied.len() + records.allowed.len() + records.keywords.len();
        self.warn_of_missing_countries();
        counted::swapped();
        events::swapped(count, lifted);
    }

    fn moment(&self) -> Moment {
        Moment {
            tick: self.clock.now(),
            wall: self.clock.wall(),
        }
    }

    pub(super) fn take_over_bans(&self, records: &Records, now: Moment) -> usize {
        let settings = Arc::clone(&self.policy.load().settings);
        let prefix = settings.client_ip.ipv6_prefix;
        let bans = records
            .denied
            .iter()
            .filter_map(|denied| automatic(denied, prefix, now))
            // A ban that has ended still counts as an offence for a while.
            .filter(|(_, ban)| {
                let age = now.wall.duration_since(ban.began).unwrap_or_default();
                ban.holds(now.tick) || age < settings.bans.memory
            })
            .collect();
        let lifted = self.state.bans.replace_written(bans, now.tick);
        for client in &lifted {
            self.state.strikes.clear(*client);
        }
        lifted.len()
    }

    /// The automatic bans among these records that ended longer ago than offences are remembered.
    /// Nothing reads them any more, and a store would keep them forever.
    pub fn outdated(&self, records: &Records) -> Vec<Change> {
        let memory = self.policy.load().settings.bans.memory;
        let now = self.clock.wall();
        let is_old = |denied: &&DeniedNetwork| {
            let ended = denied
                .until
                .and_then(|until| now.duration_since(until).ok());
            denied.origin != Origin::Manual && ended.is_some_and(|ago| ago > memory)
        };
        let old = records.denied.iter().filter(is_old);
        old.map(|denied| Change::EndBan(denied.network)).collect()
    }

    /// Reports that a part no longer works, or, with `None`, that it works again. Parts are tracked
    /// separately: the firewall is healthy when no part has a problem.
    pub fn set_degraded(&self, part: &'static str, reason: Option<String>) {
        let mut degraded = self.degraded.lock();
        let Some(reason) = reason else {
            if degraded.remove(part).is_some() {
                counted::degraded(part, false);
                events::recovered(part);
            }
            return;
        };
        let before = degraded.insert(part, reason.clone());
        // Only now, because the application's code behind them may panic.
        if before.is_none() {
            counted::degraded(part, true);
        }
        if before.as_ref() != Some(&reason) {
            events::degraded(part, &reason);
        }
    }

    /// Reports to the recorder of the `metrics` facade how full the tables are. A keeper calls this
    /// from time to time. Without the feature `metrics` it does nothing.
    pub fn gauge_tables(&self) {
        counted::tables(|| self.state.tables());
    }
}

/// To the store.
impl Keeping {
    /// The changes that the store does not have yet. Waits up to `wait` for a change to appear.
    /// Pass the result to [`Keeping::written`] or [`Keeping::not_written`]; nothing is dropped in
    /// between.
    pub fn unwritten(&self, wait: Duration) -> Unwritten {
        let prefix = self.policy.load().clients.ipv6_prefix;
        let bans = self.state.bans.unwritten(wait);
        let changes = bans
            .iter()
            .map(|change| match change {
                BanChange::Banned(key, ban) => Change::Deny(record(*key, ban, prefix)),
                BanChange::Dropped(key) => Change::EndBan(network(*key, prefix)),
            })
            .collect();
        Unwritten { changes, bans }
    }

    /// How many bans the store does not have yet, including those that are being written.
    pub fn unwritten_bans(&self) -> usize {
        self.state.bans.unwritten_len()
    }

    /// Confirms that the store has these changes.
    pub fn written(&self, unwritten: Unwritten) {
        self.state.bans.written(&unwritten.bans);
    }

    /// Reports that the store could not take these changes. They are handed out again.
    pub fn not_written(&self, unwritten: Unwritten) {
        self.state.bans.requeue(unwritten.bans);
    }

    /// Wakes a thread that waits in [`Keeping::unwritten`], or is about to.
    pub fn wake(&self) {
        self.state.bans.wake();
    }
}

/// The ban that a record stands for, if the engine made it and still tells clients apart as it did
/// then.
fn automatic(denied: &DeniedNetwork, prefix: u8, now: Moment) -> Option<(BannedKey, Ban)> {
    let Origin::Automatic { cause, offences } = &denied.origin else {
        return None;
    };
    let key = BannedKey::of(denied.network, prefix)?;
    let ban = Ban {
        until: denied.until.map(|until| now.tick_of(until)),
        cause: cause.as_str().into(),
        reason: denied.reason.as_str().into(),
        offences: *offences,
        began: denied.added,
        ends: denied.until,
        evidence: denied.evidence.as_deref().map(Into::into),
    };
    Some((key, ban))
}

fn network(key: BannedKey, prefix: u8) -> IpNet {
    match key {
        BannedKey::Client(client) => client.network(prefix),
        BannedKey::Parent(parent) => parent.parent_network(),
    }
}

fn record(key: BannedKey, ban: &Ban, prefix: u8) -> DeniedNetwork {
    DeniedNetwork {
        network: network(key, prefix),
        reason: ban.reason.to_string(),
        added: ban.began,
        until: ban.ends,
        origin: Origin::Automatic {
            cause: ban.cause.to_string(),
            offences: ban.offences,
        },
        evidence: ban.evidence.as_deref().map(str::to_owned),
    }
}
