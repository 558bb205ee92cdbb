//! The compiled, immutable snapshot of all settings and records that a decision depends on.
//!
//! A snapshot is built off the request path, checked, and swapped in as a whole. Each request uses
//! one snapshot throughout.

mod agents;
mod compile;
mod exempt;
mod geo_rules;
mod header_rules;
mod keywords;
mod probes;
mod ranges;
mod routes;
mod scope;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use ipnet::IpNet;

pub use agents::{Agents, Claims};
pub(crate) use compile::is_denial;
pub use exempt::{DEFAULT_EXEMPT_PATHS, ExemptPath, ExemptPathError, ExemptPaths};
pub use geo_rules::GeoRules;
pub use header_rules::{HeaderRules, Required, RequiredField};
pub use keywords::{Cut, KeywordError, Keywords};
pub use probes::{End, Probe, ProbeHit, Probes, Start, built_in_probes};
pub use ranges::{Label, RangeSet};
pub use routes::{KnownRoute, RoutePatternError, RoutePolicy, RouteTable, has_literal_segment};
pub use scope::{Counting, Limits, RouteKey, Scope};

use crate::client::ClientRules;
use crate::clock::Tick;
use crate::form_guard::FormGuard;
use crate::protection::{Mode, Protection, Protections};
use crate::redact::SecretNames;
use crate::settings::Settings;
use crate::store::Records;

/// A denied network.
#[derive(Clone, Debug)]
pub struct Denial {
    /// The network.
    pub network: IpNet,
    /// Whether a person added the denial. Otherwise it is a ban, which applies to clients and not
    /// to proxies.
    pub is_manual: bool,
    /// The reason.
    pub reason: Arc<str>,
    /// When the denial ends. `None` if it never ends.
    pub until: Option<Tick>,
}

/// Everything that a decision about a request depends on, compiled.
#[derive(Debug)]
pub struct Policy {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clients: ClientRules,
    allowed: RangeSet,
    denied: RangeSet,
    denials: Vec<Denial>,
    /// The form guard with the keys of the settings, if there are any. The keys were validated
    /// before.
    pub(crate) form_guard: Option<Arc<FormGuard>>,
    /// The paths to which a post must carry a form token.
    pub(crate) guarded_paths: ExemptPaths,
    pub(crate) keywords: Arc<Keywords>,
    pub(crate) probes: Probes,
    pub(crate) headers: HeaderRules,
    pub(crate) geo: GeoRules,
    /// Names whose values must not be copied anywhere.
    pub(crate) secrets: SecretNames,
    operator_exempt: ExemptPaths,
    default_exempt: ExemptPaths,
    rules: Vec<scope::CompiledRule>,
    pub(crate) routes: Arc<RouteTable>,
    limits: Limits,
    enabled: Protections,
    off: Protections,
    monitored: Protections,
}

/// Both clocks read at the same moment, to convert timestamps of records into ticks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The monotonic time.
    pub tick: Tick,
    /// The wall-clock time.
    pub wall: SystemTime,
}

impl Moment {
    /// The tick of a wall-clock timestamp. A timestamp in the past becomes the present.
    pub fn tick_of(&self, stamp: SystemTime) -> Tick {
        self.tick
            .plus(stamp.duration_since(self.wall).unwrap_or_default())
    }
}

impl Policy {
    /// Compiles a snapshot. Automatic bans among the records are not part of it, because they are
    /// in the ban table, except bans of networks that no longer correspond to a client.
    ///
    /// # Errors
    /// If the keywords cannot be compiled.
    pub fn compile(
        settings: Arc<Settings>,
        records: &Records,
        routes: Arc<RouteTable>,
        now: Moment,
    ) -> Result<Self, KeywordError> {
        let denials = compile::denials(&settings, records, now);
        let (operator_exempt, default_exempt) = compile::exempt_paths(&settings, records);
        Ok(Self {
            clients: compile::client_rules(&settings),
            allowed: RangeSet::new(records.allowed.iter().map(|allowed| allowed.network)),
            denied: RangeSet::new(denials.iter().map(|denial| denial.network)),
            denials,
            form_guard: FormGuard::from_settings(&settings.honeypot.keys)
                .ok()
                .map(Arc::new),
            guarded_paths: compile::guarded_paths(&settings),
            keywords: Arc::new(Keywords::new(compile::keywords(&settings, records))?),
            probes: Probes::new(
                &settings.keywords.exempt,
                &settings.keywords.allowed_in_paths,
            )?,
            headers: HeaderRules::new(&settings)?,
            geo: GeoRules::new(&settings, &records.countries),
            secrets: SecretNames::of(&settings),
            operator_exempt,
            default_exempt,
            rules: compile::path_rules(&settings),
            routes,
            limits: compile::limits(&settings.rate_limit),
            // Custom checks of the application cannot be named in a list of protections, so they
            // are always enabled unless disabled.
            enabled: settings
                .protections
                .enable
                .with(Protection::Custom)
                .without(settings.protections.disable),
            off: compile::with_mode(&settings, Mode::Off),
            monitored: compile::with_mode(&settings, Mode::Monitor),
            settings,
        })
    }

    /// The settings that the snapshot was compiled from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the settings turn a protection on for requests that are not exempt.
    pub(crate) fn turns_on(&self, protection: Protection) -> bool {
        self.enabled.without(self.off).contains(protection)
    }

    /// Whether the address is on the whitelist.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        self.allowed.contains(address)
    }

    /// The current denial of the most specific network that contains the address. For a client that
    /// is not accountable, only denials added by a person count.
    pub fn denial(&self, address: IpAddr, is_accountable: bool, now: Tick) -> Option<&Denial> {
        let holds = |denial: &&Denial| {
            denial.until.is_none_or(|until| until > now) && (denial.is_manual || is_accountable)
        };
        let denials = self.denied.find_all(address);
        denials
            .filter_map(|label| self.denials.get(label as usize))
            .find(holds)
    }
}
