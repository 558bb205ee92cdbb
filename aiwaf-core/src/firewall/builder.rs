//! Building a firewall: settings, routes, custom checks, a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use parking_lot::Mutex;

use super::keeping::{self, Kept};
use super::{Firewall, Hook};
use crate::access_log::LogSink;
use crate::bots::BotLookup;
use crate::checks::{
    Check, GeoBlock, HeaderValidation, Honeypot, IpKeywordBlock, Payload, RateLimit, UuidTamper,
};
use crate::clock::{Clock, SystemClock};
use crate::current::Current;
use crate::form_guard::FormKeyError;
use crate::geo::{Countries, CountryLookup};
use crate::payload::Detector;
use crate::policy::{KeywordError, Moment, Policy, RoutePatternError, RoutePolicy, RouteTable};
use crate::request::RequestView;
use crate::response::Response;
use crate::settings::{InvalidSetting, Settings};
use crate::state::State;
use crate::store::Records;
use crate::verdict::Refusal;

/// Why a firewall could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A setting has an invalid value.
    #[error(transparent)]
    Settings(#[from] InvalidSetting),
    /// The keywords cannot be compiled.
    #[error(transparent)]
    Keywords(#[from] KeywordError),
    /// A route pattern is not valid.
    #[error(transparent)]
    Route(#[from] RoutePatternError),
    /// Forms must carry tokens, but no key to sign them with can be generated.
    #[error(transparent)]
    FormKey(#[from] FormKeyError),
    /// A list of countries is set, but no lookup knows the country of an address.
    #[error(
        "{list} is set, but there is no country database; set geo.database to a MaxMind DB file"
    )]
    NoCountries {
        /// The setting that holds the list.
        list: &'static str,
    },
    /// A good bot is identified by its domain name, but no name lookup is configured.
    #[error(
        "headers.good_bots names domains, but no name lookup is configured; use networks or configure a bot lookup"
    )]
    NoBotLookup,
    /// More checks are registered than the engine can track.
    #[error("{0} checks are registered; at most 64 are allowed")]
    TooManyChecks(usize),
}

/// Collects the parts of a [`Firewall`].
#[must_use = "a builder protects nothing until it is built"]
pub struct FirewallBuilder {
    settings: Settings,
    records: Records,
    clock: Arc<dyn Clock>,
    routes: Vec<(String, RoutePolicy)>,
    before: Vec<Box<dyn Check>>,
    after: Vec<Box<dyn Check>>,
    hook: Option<Hook>,
    log: Option<Box<dyn LogSink>>,
    countries: Option<Box<dyn CountryLookup>>,
    bots: Option<Box<dyn BotLookup>>,
}

impl Default for FirewallBuilder {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            records: Records::default(),
            clock: Arc::new(SystemClock::default()),
            routes: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            hook: None,
            log: None,
            countries: None,
            bots: None,
        }
    }
}

impl FirewallBuilder {
    /// Uses these settings. Default: the `balanced` preset.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Changes the current settings. This is the last of the layers.
    pub fn with_settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The settings as they are now.
    pub fn current_settings(&self) -> &Settings {
        &self.settings
    }

    /// Starts with these records, until a keeper supplies those of a store. Default: none.
    pub fn records(mut self, records: Records) -> Self {
        self.records = records;
        self
    }

    /// Takes the time from this clock. Default: the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Adds a route to the engine's table, with a policy.
    pub fn route(mut self, pattern: impl Into<String>, policy: RoutePolicy) -> Self {
        self.routes.push((pattern.into(), policy));
        self
    }

    /// Adds routes without a policy of their own. Probe detection spares their literal segments,
    /// and each has its own counter.
    pub fn routes<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        let known = patterns
            .into_iter()
            .map(|pattern| (pattern.into(), RoutePolicy::known()));
        self.routes.extend(known);
        self
    }

    /// Registers a check that runs before the built-in ones (after IP lists, bans and exemptions).
    pub fn check_before(mut self, check: impl Check) -> Self {
        self.before.push(Box::new(check));
        self
    }

    /// Registers a check that runs after the built-in ones.
    pub fn check_after(mut self, check: impl Check) -> Self {
        self.after.push(Box::new(check));
        self
    }

    /// Replaces the response to refused requests. If the hook returns `None`, the usual response is
    /// sent.
    pub fn respond_with(
        mut self,
        hook: impl Fn(&RequestView<'_>, &Refusal) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Sends a record of each request to this sink. Default: no sink, and nothing is recorded.
    /// `aiwaf_storage::start` supplies one that writes the files of [`Settings::access_log`].
    pub fn log_to(mut self, sink: impl LogSink) -> Self {
        self.log = Some(Box::new(sink));
        self
    }

    /// Looks up the countries of clients here. Default: no lookup, and lists of countries are an
    /// error. `aiwaf_storage::start` supplies the database that
    /// [`GeoSettings::database`](crate::settings::GeoSettings::database) names.
    pub fn countries(mut self, lookup: impl CountryLookup) -> Self {
        self.countries = Some(Box::new(lookup));
        self
    }

    /// Asks this lookup whether a bot's address has a name in the bot's domains. Default: no
    /// lookup, and domains in
    /// [`HeaderSettings::good_bots`](crate::settings::HeaderSettings::good_bots) are an error.
    /// `aiwaf_storage::start` supplies one that asks the DNS.
    pub fn bot_lookup(mut self, lookup: impl BotLookup) -> Self {
        self.bots = Some(Box::new(lookup));
        self
    }

    /// Builds the firewall.
    ///
    /// # Errors
    /// If a setting, a keyword or a route pattern is invalid, or if a part that the settings need
    /// is missing.
    pub fn build(self) -> Result<Firewall, BuildError> {
        let has_bot_lookup = self.bots.is_some();
        keeping::require(&self.settings, self.countries.is_some(), has_bot_lookup)?;
        let mut routes = RouteTable::default();
        for (pattern, policy) in &self.routes {
            routes.add(pattern, *policy)?;
        }
        let countries = Arc::new(Countries::new(self.countries));
        let mut checks = self.before;
        checks.push(Box::new(GeoBlock::new(Arc::clone(&countries))));
        checks.push(Box::new(RateLimit));
        checks.push(Box::new(HeaderValidation::new(self.bots)));
        checks.push(Box::new(IpKeywordBlock));
        checks.push(Box::new(Payload::new(Arc::new(Detector::new()))));
        checks.push(Box::new(UuidTamper));
        checks.push(Box::new(Honeypot));
        checks.extend(self.after);
        if checks.len() > 64 {
            return Err(BuildError::TooManyChecks(checks.len()));
        }
        let now = Moment {
            tick: self.clock.now(),
            wall: self.clock.wall(),
        };
        let state = State::new(&self.settings.state);
        let kept = Kept::new(&self.records, &self.settings);
        let settings = Arc::new(self.settings);
        let policy = Policy::compile(settings, &self.records, Arc::new(routes), now)?;
        let firewall = Firewall {
            policy: Arc::new(Current::new(policy)),
            state: Arc::new(state),
            clock: self.clock,
            checks,
            hook: self.hook,
            log: self.log,
            ids: AtomicU64::new(0),
            id_key: std::hash::RandomState::new(),
            degraded: Arc::default(),
            countries,
            kept: Arc::new(Mutex::new(kept)),
            has_bot_lookup,
            companions: Mutex::default(),
            warned: AtomicBool::new(false),
        };
        let keeping = firewall.keeping();
        keeping.take_over_bans(&self.records, now);
        keeping.warn_of_missing_countries();
        if !firewall.settings().honeypot.guarded_paths.is_empty() {
            // Create the guard now, not at the first page: a form from before a restart must be
            // told apart from a form without a token.
            firewall.form_guard()?;
        }
        Ok(firewall)
    }
}
