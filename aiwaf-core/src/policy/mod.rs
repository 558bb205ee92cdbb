//! The compiled, immutable snapshot of all settings and records that decide about a request.
//!
//! A snapshot is built off the request path, checked, and swapped in whole. A request takes one and sees
//! nothing else.

mod agents;
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
use crate::settings::{RateLimitSettings, Settings, TrustedProxy};
use crate::state::BannedKey;
use crate::store::{DeniedNetwork, Origin, Records};

/// A network that is denied.
#[derive(Clone, Debug)]
pub struct Denial {
    /// The network.
    pub network: IpNet,
    /// Whether a person denied it. Else it is a ban that falls on clients only, and not on proxies.
    pub is_manual: bool,
    /// Why.
    pub reason: Arc<str>,
    /// When it ends.
    pub until: Option<Tick>,
}

/// Everything that decides about a request, compiled.
#[derive(Debug)]
pub struct Policy {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clients: ClientRules,
    allowed: RangeSet,
    denied: RangeSet,
    denials: Vec<Denial>,
    /// With the keys of the settings, if there are any. They were validated before.
    pub(crate) form_guard: Option<Arc<FormGuard>>,
    /// Where forms have to carry a token.
    pub(crate) guarded_paths: ExemptPaths,
    pub(crate) keywords: Arc<Keywords>,
    pub(crate) probes: Probes,
    pub(crate) headers: HeaderRules,
    pub(crate) geo: GeoRules,
    /// What is copied nowhere.
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

/// The two clocks read at one moment, to turn stamps of records into ticks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The monotonic present.
    pub tick: Tick,
    /// The wall-clock present.
    pub wall: SystemTime,
}

impl Moment {
    /// The tick of a wall-clock stamp; what lies in the past is now.
    pub fn tick_of(&self, stamp: SystemTime) -> Tick {
        self.tick
            .plus(stamp.duration_since(self.wall).unwrap_or_default())
    }
}

impl Policy {
    /// Compiles a snapshot. Automatic bans among the records are not part of it: they live in the ban table, but for those
    /// of networks that no client is any more.
    ///
    /// # Errors
    /// If the keywords cannot be compiled.
    pub fn compile(
        settings: Arc<Settings>,
        records: &Records,
        routes: Arc<RouteTable>,
        now: Moment,
    ) -> Result<Self, KeywordError> {
        let denials: Vec<Denial> = records
            .denied
            .iter()
            .filter(|denied| is_denial(denied, settings.client_ip.ipv6_prefix))
            .filter(|denied| denied.until.is_none_or(|until| until > now.wall))
            .map(|denied| Denial {
                network: denied.network,
                is_manual: denied.origin == Origin::Manual,
                reason: denied.reason.as_str().into(),
                until: denied.until.map(|until| now.tick_of(until)),
            })
            .collect();
        let exempt_keywords = &settings.keywords.exempt;
        let keywords = records
            .keywords
            .iter()
            .map(|record| record.keyword.as_str())
            .filter(|keyword| {
                !exempt_keywords
                    .iter()
                    .any(|exempt| exempt.eq_ignore_ascii_case(keyword))
            });
        let (operator_exempt, default_exempt) = exempt_paths(&settings, records);
        let mut rules: Vec<_> = settings
            .path_rules
            .iter()
            .map(|rule| scope::CompiledRule::new(rule, &settings.rate_limit))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.specificity()));
        let with_mode = |wanted| {
            modes(&settings)
                .into_iter()
                .filter(|(_, mode)| *mode == wanted)
                .map(|(protection, _)| protection)
                .collect()
        };
        Ok(Self {
            clients: client_rules(&settings),
            allowed: RangeSet::new(records.allowed.iter().map(|allowed| allowed.network)),
            denied: RangeSet::new(denials.iter().map(|denial| denial.network)),
            denials,
            form_guard: FormGuard::from_settings(&settings.honeypot.keys)
                .ok()
                .map(Arc::new),
            guarded_paths: ExemptPaths::new(
                settings
                    .honeypot
                    .guarded_paths
                    .iter()
                    .filter_map(|path| ExemptPath::parse(path).ok()),
            ),
            keywords: Arc::new(Keywords::new(keywords)?),
            probes: Probes::new(exempt_keywords, &settings.keywords.allowed_in_paths)?,
            headers: HeaderRules::new(&settings)?,
            geo: GeoRules::new(&settings, &records.countries),
            secrets: SecretNames::of(&settings),
            operator_exempt,
            default_exempt,
            rules,
            routes,
            limits: limits(&settings.rate_limit),
            // What the application checks itself is not among the names that a list of protections was written from.
            enabled: settings
                .protections
                .enable
                .with(Protection::Custom)
                .without(settings.protections.disable),
            off: with_mode(Mode::Off),
            monitored: with_mode(Mode::Monitor),
            settings,
        })
    }

    /// The settings it was compiled from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the settings turn a protection on, for whatever is not exempt from it.
    pub(crate) fn turns_on(&self, protection: Protection) -> bool {
        self.enabled.without(self.off).contains(protection)
    }

    /// Whether every check lets the address pass.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        self.allowed.contains(address)
    }

    /// The denial of the most specific network that has the address, of those that have not ended. A client that is not
    /// accountable is denied by people only.
    pub fn denial(&self, address: IpAddr, is_accountable: bool, now: Tick) -> Option<&Denial> {
        let holds = |denial: &&Denial| {
            denial.until.is_none_or(|until| until > now) && (denial.is_manual || is_accountable)
        };
        let label = self.denied.find(address)?;
        let denial = self.denials.get(label as usize)?;
        if holds(&denial) {
            return Some(denial);
        }
        // The most specific one does not: a wider one may still. Rare, so a scan is fine.
        self.denials
            .iter()
            .filter(|denial| denial.network.contains(&address))
            .filter(holds)
            .max_by_key(|denial| denial.network.prefix_len())
    }
}

/// Whether a record is enforced as a network, and not as the ban of a client.
fn is_denial(denied: &DeniedNetwork, ipv6_prefix: u8) -> bool {
    denied.origin == Origin::Manual || BannedKey::of(denied.network, ipv6_prefix).is_none()
}

fn client_rules(settings: &Settings) -> ClientRules {
    let proxies = &settings.client_ip.trusted_proxies;
    ClientRules {
        trusted_proxies: proxies
            .iter()
            .filter_map(|proxy| match proxy {
                TrustedProxy::Network(network) => Some(*network),
                TrustedProxy::Unix => None,
            })
            .collect(),
        trust_unix: proxies.contains(&TrustedProxy::Unix),
        header: settings.client_ip.header,
        ipv6_prefix: settings.client_ip.ipv6_prefix,
    }
}

const fn limits(rate: &RateLimitSettings) -> Limits {
    Limits {
        window: rate.window,
        max: rate.max,
        flood: rate.flood,
        client_window: rate.window,
        client_max: rate.client_max,
        client_flood: rate.client_flood,
    }
}

/// Each protection's own mode.
fn modes(settings: &Settings) -> impl IntoIterator<Item = (Protection, Mode)> {
    [
        (Protection::RateLimit, settings.rate_limit.mode),
        (Protection::IpKeywordBlock, settings.keywords.mode),
        (Protection::Honeypot, settings.honeypot.mode),
        (Protection::Payload, settings.payload.mode),
        (Protection::HeaderValidation, settings.headers.mode),
        (Protection::GeoBlock, settings.geo.mode),
        (Protection::UuidTamper, settings.uuid.mode),
    ]
}

/// The operator's exempt paths and the default ones. Patterns were validated before; one that was not is left out.
fn exempt_paths(settings: &Settings, records: &Records) -> (ExemptPaths, ExemptPaths) {
    let parse = |path: &str| ExemptPath::parse(path).ok();
    let operator = settings
        .exempt_paths
        .iter()
        .flatten()
        .chain(&settings.exempt_paths_extra)
        .map(String::as_str)
        .chain(
            records
                .exempt_paths
                .iter()
                .map(|record| record.path.as_str()),
        )
        .filter_map(parse);
    let defaults = if settings.exempt_paths.is_none() {
        DEFAULT_EXEMPT_PATHS.as_slice()
    } else {
        &[]
    };
    (
        ExemptPaths::new(operator),
        ExemptPaths::new(defaults.iter().copied().filter_map(parse)),
    )
}
