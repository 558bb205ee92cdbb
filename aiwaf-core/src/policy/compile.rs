//! Compiles parts of the settings and records into the parts of a policy.

use super::scope::CompiledRule;
use super::{DEFAULT_EXEMPT_PATHS, Denial, ExemptPath, ExemptPaths, Limits, Moment};
use crate::client::ClientRules;
use crate::protection::{Mode, Protection, Protections};
use crate::settings::{RateLimitSettings, Settings, TrustedProxy};
use crate::state::BannedKey;
use crate::store::{DeniedNetwork, Origin, Records};

/// The networks that are denied now.
pub(super) fn denials(settings: &Settings, records: &Records, now: Moment) -> Vec<Denial> {
    records
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
        .collect()
}

/// The recorded keywords, except those that are exempt.
pub(super) fn keywords<'a>(
    settings: &'a Settings,
    records: &'a Records,
) -> impl Iterator<Item = &'a str> {
    let is_exempt = |keyword: &&str| {
        let exempt = &settings.keywords.exempt;
        exempt.iter().any(|word| word.eq_ignore_ascii_case(keyword))
    };
    records
        .keywords
        .iter()
        .map(|record| record.keyword.as_str())
        .filter(move |keyword| !is_exempt(keyword))
}

/// The path rules, most specific first.
pub(super) fn path_rules(settings: &Settings) -> Vec<CompiledRule> {
    let mut rules: Vec<_> = settings
        .path_rules
        .iter()
        .map(|rule| CompiledRule::new(rule, &settings.rate_limit))
        .collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.specificity()));
    rules
}

/// The paths to which a post must carry a form token.
pub(super) fn guarded_paths(settings: &Settings) -> ExemptPaths {
    let paths = settings.honeypot.guarded_paths.iter();
    ExemptPaths::new(paths.filter_map(|path| ExemptPath::parse(path).ok()))
}

/// The protections that are set to this mode.
pub(super) fn with_mode(settings: &Settings, wanted: Mode) -> Protections {
    modes(settings)
        .into_iter()
        .filter(|(_, mode)| *mode == wanted)
        .map(|(protection, _)| protection)
        .collect()
}

/// Whether a record is enforced as a network rather than as the ban of a client.
pub(crate) fn is_denial(denied: &DeniedNetwork, ipv6_prefix: u8) -> bool {
    denied.origin == Origin::Manual || BannedKey::of(denied.network, ipv6_prefix).is_none()
}

/// The rules for finding a client's address.
pub(super) fn client_rules(settings: &Settings) -> ClientRules {
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

/// The limits that apply unless a path rule overrides them.
pub(super) const fn limits(rate: &RateLimitSettings) -> Limits {
    Limits {
        window: rate.window,
        max: rate.max,
        flood: rate.flood,
        client_window: rate.window,
        client_max: rate.client_max,
        client_flood: rate.client_flood,
    }
}

/// The mode of each protection.
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

/// The operator's exempt paths and the default ones. Patterns were validated before; an invalid one
/// is skipped.
pub(super) fn exempt_paths(settings: &Settings, records: &Records) -> (ExemptPaths, ExemptPaths) {
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
