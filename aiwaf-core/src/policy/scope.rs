//! The rules for one request: which protections run, in which mode and under which limits.

use std::time::Duration;

use super::Policy;
use super::routes::{KnownRoute, RoutePolicy};
use crate::normalize::PathTraits;
use crate::protection::{Mode, Protection, Protections};
use crate::request::RouteMatch;
use crate::settings::{Oversize, PathRule, Preset, RateLimitSettings, lies_under};

/// How requests of a scope count against the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Against the limits.
    Full,
    /// Against ten times the limits, for the default exempt paths.
    Tenfold,
    /// Not at all.
    Not,
}

/// The limits that apply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The length of a route's window.
    pub window: Duration,
    /// Allowed requests per client and route. Above this, the response is 429.
    pub max: u32,
    /// Above this, the response is 403.
    pub flood: u32,
    /// The length of a client's window, the same on all routes.
    pub client_window: Duration,
    /// Allowed requests per client, or 0 for no ceiling.
    pub client_max: u32,
    /// Above this, the client is banned. 0 for no such limit.
    pub client_flood: u32,
}

/// What requests that share one counter have in common, besides the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouteKey<'a> {
    /// A route of the engine's table.
    Table(u32),
    /// A route that the framework named.
    Pattern(&'a str),
    /// All routes that do not exist.
    Absent,
    /// The route is unknown, so the path itself is used.
    Path,
}

/// The rules that apply to one request.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The protections that run.
    pub run: Protections,
    /// The protections that run even if the client is exempt.
    pub required: Protections,
    /// The protections that run but only record.
    pub monitored: Protections,
    /// The limits.
    pub limits: Limits,
    /// How the request counts against the limits.
    pub counting: Counting,
    /// The counter for the request.
    pub route: RouteKey<'a>,
    /// The pattern of the request's route, if known.
    pub pattern: Option<&'a str>,
    /// Whether even a banned client is served.
    pub serves_banned: bool,
    /// A limit on the body that overrides the settings', in bytes.
    pub body_limit: Option<usize>,
}

/// A compiled path rule.
#[derive(Clone, Debug)]
pub(super) struct CompiledRule {
    prefix: Vec<u8>,
    disable: Protections,
    require: Protections,
    mode: Option<Mode>,
    limits: Limits,
    body_limit: Option<usize>,
}

impl CompiledRule {
    pub(super) fn new(rule: &PathRule, rate: &RateLimitSettings) -> Self {
        let change = rule.rate_limit;
        let max = change.max.unwrap_or(rate.max);
        let flood = change.flood.unwrap_or_else(|| {
            let raised = u64::from(rate.flood) * u64::from(max) / u64::from(rate.max.max(1));
            u32::try_from(raised).unwrap_or(u32::MAX).max(max)
        });
        // A route with a higher limit must not hit the ceiling that was set for the others.
        let ceiling = |limit: u32, own: u32| if limit == 0 { 0 } else { limit.max(own) };
        Self {
            prefix: rule.prefix.to_ascii_lowercase().into_bytes(),
            disable: rule.disable,
            require: rule.require,
            mode: rule.mode,
            limits: Limits {
                window: change.window.unwrap_or(rate.window),
                max,
                flood,
                client_window: rate.window,
                client_max: ceiling(rate.client_max, max),
                client_flood: ceiling(rate.client_flood, flood),
            },
            body_limit: rule.body_limit,
        }
    }

    /// Whether the normalised path is the prefix or lies under it.
    fn covers(&self, path: &[u8]) -> bool {
        lies_under(path, &self.prefix)
    }

    pub(super) fn specificity(&self) -> usize {
        self.prefix.len()
    }
}

/// The protections that default exempt paths are exempt from. Bans, probes and payload checks still
/// apply, as do logging, custom checks and rate limits (tenfold).
const DEFAULT_EXEMPTION: Protections = Protections::ALL
    .without(Protections::NONE.with(Protection::IpKeywordBlock))
    .without(Protections::NONE.with(Protection::RateLimit))
    .without(Protections::NONE.with(Protection::Payload))
    .without(Protections::NONE.with(Protection::Logging))
    .without(Protections::NONE.with(Protection::Custom));

impl Policy {
    /// Resolves the rules for a request with this method, normalised path and route.
    ///
    /// A path that a router may read differently ([`PathTraits::AMBIGUOUS`]) is exempt from
    /// nothing, because it may lead to a handler that the exemption is not meant for. What is
    /// stricter than the general settings applies to it all the same: requirements, the mode that
    /// blocks, and a limit on the body that lets less pass.
    pub fn scope<'a>(
        &'a self,
        method: &str,
        path: &[u8],
        traits: PathTraits,
        route: RouteMatch<'a>,
    ) -> Scope<'a> {
        let is_plain = !traits.has(PathTraits::AMBIGUOUS);
        let known = self.routes.find(path);
        let rule = self.rules.iter().find(|rule| rule.covers(path));
        let policy = known.map_or(RoutePolicy::known(), |route| route.policy);
        let (exemption, counting, serves_banned) = if is_plain {
            self.exemption(method, path)
        } else {
            (Protections::NONE, Counting::Full, false)
        };
        let rule_disables = rule
            .filter(|_| is_plain)
            .map_or(Protections::NONE, |rule| rule.disable);
        let exempted = if is_plain {
            policy.exempted()
        } else {
            Protections::NONE
        };
        let required = rule
            .map_or(Protections::NONE, |rule| rule.require)
            .union(policy.required())
            .and(self.enabled);
        let run = self
            .enabled
            .without(rule_disables)
            .without(exempted)
            .without(exemption)
            .union(required);
        let counting = if required.contains(Protection::RateLimit) {
            Counting::Full
        } else {
            counting
        };
        let mode = rule
            .and_then(|rule| rule.mode)
            .filter(|mode| is_plain || *mode == Mode::Block);
        let body_limit = rule
            .and_then(|rule| rule.body_limit)
            .filter(|limit| is_plain || self.is_stricter(*limit));
        let (run, monitored) = self.modes(run, mode);
        Scope {
            run,
            // A protection that is turned off is off for every client, whitelisted or not.
            required: required.and(run),
            monitored,
            limits: rule.map_or(self.limits, |rule| rule.limits),
            counting,
            route: self.route_key(known, route, counting),
            pattern: known.map(|route| route.pattern).or(match route {
                RouteMatch::Pattern(pattern) => Some(pattern),
                _ => None,
            }),
            serves_banned,
            body_limit,
        }
    }

    /// Whether less passes uninspected with this limit on the body than with the general one.
    fn is_stricter(&self, limit: usize) -> bool {
        let payload = &self.settings.payload;
        match payload.oversize {
            Oversize::Refuse => limit < payload.body_limit,
            Oversize::Pass => limit > payload.body_limit,
        }
    }

    /// What the path is exempt from, how it counts, and whether banned clients are served.
    fn exemption(&self, method: &str, path: &[u8]) -> (Protections, Counting, bool) {
        if self.operator_exempt.matches(path) {
            let serves_banned = self.settings.exempt_paths_serve_banned;
            let exempt = Protections::ALL.without(Protections::of([Protection::Logging]));
            return (exempt, Counting::Not, serves_banned);
        }
        if matches!(method, "GET" | "HEAD") && self.default_exempt.matches(path) {
            return (DEFAULT_EXEMPTION, Counting::Tenfold, false);
        }
        (Protections::NONE, Counting::Full, false)
    }

    /// Splits the running protections by mode. A rule's mode overrides the mode of every
    /// protection.
    fn modes(&self, run: Protections, rule: Option<Mode>) -> (Protections, Protections) {
        let (run, monitored) = match rule {
            Some(Mode::Off) => (Protections::NONE, Protections::NONE),
            Some(Mode::Monitor) => (run, run),
            Some(Mode::Block) => (run, Protections::NONE),
            None => (run.without(self.off), self.monitored),
        };
        if self.settings.preset.only_monitors() {
            return (run, run);
        }
        (run, monitored.and(run))
    }

    fn route_key<'a>(
        &self,
        known: Option<KnownRoute<'_>>,
        route: RouteMatch<'a>,
        counting: Counting,
    ) -> RouteKey<'a> {
        // The predecessor counted every path separately.
        if self.settings.preset == Preset::Classic {
            return RouteKey::Path;
        }
        // Thirty people behind one address load hundreds of files in a minute. Files under one
        // directory are not a route that could be abused more than each file by itself, and the
        // client's ceiling applies to all.
        if counting == Counting::Tenfold {
            return RouteKey::Path;
        }
        match (known, route) {
            (Some(known), _) => RouteKey::Table(known.id),
            (None, RouteMatch::Pattern(pattern)) => RouteKey::Pattern(pattern),
            (None, RouteMatch::Absent) => RouteKey::Absent,
            // The routes were declared, so all paths that match none of them share one counter.
            (None, RouteMatch::Unknown) if !self.routes.is_empty() => RouteKey::Absent,
            (None, RouteMatch::Unknown) => RouteKey::Path,
        }
    }
}
