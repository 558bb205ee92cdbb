//! The keeper's side of the firewall: swapping in what a store holds, handing out what it has to write.

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
    /// It does.
    Good,
    /// Something does not, and the last good policy is in force.
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
    /// The keeper's side. It outlives the firewall, so that the last bans are written too.
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

    /// As [`Keeping::swap`].
    ///
    /// # Errors
    /// If the records cannot be compiled; the policy in force stays.
    pub fn swap(&self, records: &Records) -> Result<(), KeywordError> {
        self.keeping().swap(records)
    }

    /// Goes on with other settings and the records that are in force. Bounds of tables keep the size they were built with.
    ///
    /// # Errors
    /// If a firewall could not be built with the settings, or the records cannot be compiled; the policy in force stays.
    pub fn reconfigure(&self, settings: Settings) -> Result<(), BuildError> {
        require(&settings, !self.countries.is_missing(), self.has_bot_lookup)?;
        Ok(self.keeping().reconfigure(Arc::new(settings))?)
    }

    /// As [`Keeping::set_degraded`].
    pub fn set_degraded(&self, part: &'static str, reason: Option<String>) {
        self.keeping().set_degraded(part, reason);
    }

    /// Keeps a value for as long as the firewall lives, and drops it with it: the handle of a keeper, whose
    /// `Drop` ends its thread.
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

/// The parts of a firewall that its keeper works with. A keeper holds this rather than the firewall itself, which so
/// ends with its last user, on that user's thread, and not whenever the keeper lets go of it.
#[derive(Clone)]
pub struct Keeping {
    policy: Arc<Current<Policy>>,
    state: Arc<State>,
    clock: Arc<dyn Clock>,
    degraded: Arc<Degraded>,
    countries: Arc<Countries>,
    kept: Arc<Mutex<Kept>>,
}

/// What the policy in force was compiled from. Whoever puts another in force holds the lock from reading the one that is: else
/// settings that come while records are being compiled were lost.
#[derive(Debug)]
pub(super) struct Kept {
    /// Without the bans of clients: those are in the ban table.
    records: Records,
    /// Whether the bans of the store have to be read again.
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

/// The records without what the ban table has.
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

/// Whether a firewall can be built with these settings and what it was given beside them.
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
    /// Looks the countries of clients up here from now on.
    pub fn swap_countries(&self, lookup: impl CountryLookup) {
        self.countries.swap(Box::new(lookup));
    }

    /// Stored countries may come at any time, so that without a database they can only be complained of.
    pub(super) fn warn_of_missing_countries(&self) {
        if !self.policy.load().geo.is_empty() && self.countries.is_missing() {
            events::missing_countries();
        }
    }
}

/// What comes from the store.
impl Keeping {
    /// Compiles these records and swaps them in, off the request path. Bans that the engine has not written yet
    /// stay; written ones that are gone from the records end, with their clients' strikes.
    ///
    /// # Errors
    /// If the records cannot be compiled; the policy in force stays.
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

    /// Whether the records have to be read again although the store has not changed: other settings may tell clients apart in
    /// another way, and remember bans for longer. Says so once.
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
            // An ended one still counts as an offence, for a while.
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

    /// The automatic bans among these records that ended longer ago than offences are remembered: nothing looks
    /// at them any more, and a store would keep them for ever.
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

    /// Reports that a part works no longer, or (`None`) that it does again. Parts do not speak for each other: all
    /// is well when none of them has anything to report.
    pub fn set_degraded(&self, part: &'static str, reason: Option<String>) {
        let mut degraded = self.degraded.lock();
        let Some(reason) = reason else {
            if degraded.remove(part).is_some() {
                counted::degraded(part, false);
                events::recovered(part);
            }
            return;
        };
        if degraded.get(part) != Some(&reason) {
            events::degraded(part, &reason);
            if degraded.insert(part, reason).is_none() {
                counted::degraded(part, true);
            }
        }
    }

    /// Tells the recorder of the `metrics` facade how full the tables are. A keeper does so now and then; without the
    /// feature `metrics` nothing happens.
    pub fn gauge_tables(&self) {
        counted::tables(|| self.state.tables());
    }
}

/// What goes to the store.
impl Keeping {
    /// What the store does not have yet, waiting up to `wait` for something to come. Hand the answer to
    /// [`Keeping::written`] or [`Keeping::not_written`]: nothing is dropped in between.
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

    /// How many bans the store does not have yet, those among them that are being written.
    pub fn unwritten_bans(&self) -> usize {
        self.state.bans.unwritten_len()
    }

    /// The store has these changes now.
    pub fn written(&self, unwritten: Unwritten) {
        self.state.bans.written(&unwritten.bans);
    }

    /// The store could not take these changes: they are handed out again.
    pub fn not_written(&self, unwritten: Unwritten) {
        self.state.bans.requeue(unwritten.bans);
    }

    /// Wakes whoever waits in [`Keeping::unwritten`].
    pub fn wake(&self) {
        self.state.bans.wake();
    }
}

/// The ban that a record stands for, if the engine made it and tells clients apart as it did then.
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
