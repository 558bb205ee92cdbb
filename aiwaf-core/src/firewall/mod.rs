//! The engine: one value, shared by all threads, that decides about every request.

mod body;
mod builder;
mod consequence;
mod counted;
mod events;
mod explain;
mod keeping;
mod watch;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::RandomState;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

pub use builder::{BuildError, FirewallBuilder};
pub use consequence::Consequence;
pub use explain::{Explanation, Finding, Part, Skip, Step};
pub(crate) use explain::{Place, Trail};
use keeping::Kept;
pub use keeping::{Health, Keeping, Unwritten};
pub use watch::{BodyRefused, BodyWatch, LateRefusal};

use crate::access_log::{LogRecord, LogSink};
use crate::checks::{Check, Inspection, Outcome};
use crate::client::Client;
use crate::clock::{Clock, Tick};
use crate::current::Current;
use crate::exchange::Exchange;
use crate::form_guard::{FormGuard, FormKeyError};
use crate::geo::Countries;
use crate::headers::{Header, HeaderIndex};
use crate::normalize::{normalize_path, split_target};
use crate::policy::Policy;
use crate::protection::{Protection, Protections};
use crate::purpose::Purpose;
use crate::request::{RequestView, ResponseView};
use crate::response::Response;
use crate::settings::{MissingPeer, OnFailure, Settings};
use crate::state::State;
use crate::verdict::{BodyPlan, Cause, CollectedBody, Refusal, Verdict};

/// The reason why each degraded part does not work, by the name of the part.
type Degraded = Mutex<BTreeMap<&'static str, String>>;

type Hook = Box<dyn Fn(&RequestView<'_>, &Refusal) -> Option<Response> + Send + Sync>;

/// Decides about requests. Build one with [`Firewall::builder`] and share it in an [`Arc`].
///
/// ```
/// use aiwaf_core::{Firewall, Peer, RequestView, ResponseView, Verdict};
///
/// let firewall = Firewall::builder().build()?;
/// let request = RequestView {
///     peer: Peer::Address("203.0.113.7".parse().unwrap()),
///     ..RequestView::new("GET", b"/.env")
/// };
/// let (verdict, exchange) = firewall.inspect(&request);
/// assert_eq!(verdict.refusal().unwrap().cause.code(), "probe");
/// firewall.observe(exchange, &ResponseView::new(403));
/// # Ok::<(), aiwaf_core::BuildError>(())
/// ```
pub struct Firewall {
    policy: Arc<Current<Policy>>,
    state: Arc<State>,
    clock: Arc<dyn Clock>,
    checks: Vec<Box<dyn Check>>,
    hook: Option<Hook>,
    log: Option<Box<dyn LogSink>>,
    ids: AtomicU64,
    id_key: RandomState,
    degraded: Arc<Degraded>,
    countries: Arc<Countries>,
    kept: Arc<Mutex<Kept>>,
    has_bot_lookup: bool,
    companions: Mutex<Vec<Box<dyn Any + Send>>>,
    warned: AtomicBool,
}

impl std::fmt::Debug for Firewall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Firewall")
            .field("health", &self.health())
            .field("bans", &self.state.bans.len())
            .finish_non_exhaustive()
    }
}

impl Firewall {
    /// A builder with the default settings.
    pub fn builder() -> FirewallBuilder {
        FirewallBuilder::default()
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.policy.load().settings)
    }

    /// The state kept per client.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The clock that times everything.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The guard that signs the fields of forms. It uses the keys of `honeypot.keys`, or else a
    /// random key that is valid in this process only. See [`crate::form_guard`].
    ///
    /// # Errors
    /// If a random key is needed and the operating system cannot provide random numbers.
    pub fn form_guard(&self) -> Result<Arc<FormGuard>, FormKeyError> {
        if let Some(guard) = &self.policy.load().form_guard {
            return Ok(Arc::clone(guard));
        }
        if let Some(guard) = self.state.process_guard.get() {
            return Ok(Arc::clone(guard));
        }
        let random = Arc::new(FormGuard::random()?);
        Ok(Arc::clone(self.state.process_guard.get_or_init(|| random)))
    }

    /// The hidden HTML fields of a form that stands on `page` or is submitted to it. `page` is a
    /// path. The result is empty if [`Firewall::form_guard`] fails; the error is logged.
    ///
    /// Place the fields before the form's file inputs: in an upload longer than
    /// `payload.body_limit`, they are only looked for at the beginning.
    pub fn form_fields(&self, page: &str) -> String {
        match self.form_guard() {
            Ok(guard) => guard.fields(page, self.clock.wall()),
            Err(error) => {
                events::no_form_guard(&error);
                String::new()
            }
        }
    }

    /// Decides about the head of a request. Pass the exchange to [`Firewall::inspect_body`] if the
    /// verdict asks for the body, and to [`Firewall::observe`] once the response is known, refused
    /// or not.
    pub fn inspect(&self, view: &RequestView<'_>) -> (Verdict, Exchange) {
        self.inspect_with(view, None)
    }

    fn inspect_with(
        &self,
        view: &RequestView<'_>,
        trail: Option<Box<Trail>>,
    ) -> (Verdict, Exchange) {
        counted::request();
        let now = self.clock.now();
        let mut exchange = Exchange::new(now);
        exchange.trail = trail;
        let policy = self.policy.load();
        let verdict = catch_unwind(AssertUnwindSafe(|| {
            self.decide(&policy, view, &mut exchange, now)
        }));
        let verdict = match self.fence(verdict, &policy, view, &mut exchange) {
            // A tunnel never ends, so there is no body to inspect.
            Verdict::NeedBody(_) if view.is_tunnel() => Verdict::Allow,
            verdict => verdict,
        };
        if self.log.is_some() && exchange.is_logged {
            let client = exchange.client.map(|client| client.address);
            let record = LogRecord::new(view, client, self.clock.wall());
            exchange.record = Some(Box::new(record));
            exchange.note_refusal(&verdict);
        }
        (verdict, exchange)
    }

    /// Decides about the body of a request after its head's verdict asked for it.
    pub fn inspect_body(
        &self,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        plan: BodyPlan,
        body: CollectedBody<'_>,
    ) -> Verdict {
        let policy = self.policy.load();
        let verdict = catch_unwind(AssertUnwindSafe(|| {
            self.decide_body(&policy, view, exchange, plan, body)
        }));
        let verdict = self.fence(verdict, &policy, view, exchange);
        exchange.note_refusal(&verdict);
        verdict
    }

    /// Records the response, for counters and learning. It changes no response.
    pub fn observe(&self, mut exchange: Exchange, response: &ResponseView<'_>) {
        let now = self.clock.now();
        let observed = catch_unwind(AssertUnwindSafe(|| {
            if let (Some(log), Some(mut record)) = (&self.log, exchange.take_record()) {
                record.answer(response, now.since(exchange.started));
                log.take(record);
            }
            for check in &self.checks {
                if exchange.ran.contains(check.protection()) {
                    check.observe(&exchange, response, &self.state, now);
                }
            }
        }));
        if observed.is_err() {
            events::panicked("observe");
        }
    }

    /// The response to a refused request: the hook's, or else the one of the settings.
    pub fn respond(&self, view: &RequestView<'_>, refusal: &Refusal) -> Response {
        let hooked = self.hook.as_ref().and_then(|hook| {
            catch_unwind(AssertUnwindSafe(|| hook(view, refusal))).unwrap_or_else(|_| {
                events::panicked("respond");
                None
            })
        });
        hooked.unwrap_or_else(|| {
            let accept = HeaderIndex::new(view.headers).text(Header::Accept);
            refusal.response(self.policy.load().settings.response.format, accept)
        })
    }

    /// Turns a panic into the configured verdict.
    fn fence(
        &self,
        verdict: std::thread::Result<Verdict>,
        policy: &Policy,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
    ) -> Verdict {
        match verdict {
            Ok(verdict) => verdict,
            Err(_) => {
                events::panicked("inspect");
                match policy.settings.failure.panic {
                    OnFailure::Allow => Verdict::Allow,
                    OnFailure::Refuse if policy.settings.preset.only_monitors() => Verdict::Allow,
                    OnFailure::Refuse => self.refuse(policy, view, exchange, Cause::Panicked),
                }
            }
        }
    }

    fn decide(
        &self,
        policy: &Policy,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        now: Tick,
    ) -> Verdict {
        let headers = HeaderIndex::new(view.headers);
        let target = split_target(view.target);
        let path = normalize_path(&target);
        let scope = policy.scope(view.method, path.as_bytes(), path.traits(), view.route);
        let client = policy.clients.resolve(view.peer, &headers);
        exchange.client = client;
        exchange.authenticated = view.authenticated;
        exchange.cross_site = is_cross_site(&headers);
        exchange.remember_path(path.as_bytes());
        exchange.purpose = Purpose::of(view.method, &headers);
        exchange.is_logged = scope.run.contains(Protection::Logging);
        let mut request = Inspection {
            view,
            headers,
            target,
            path: &path,
            client,
            scope: &scope,
            policy,
            state: &self.state,
            now,
            clock: &*self.clock,
            cross_site: exchange.cross_site,
            asked_ids: Cell::new(exchange.asked_ids),
        };
        if let Some(trail) = &mut exchange.trail {
            trail.begin(&request);
        }
        let run = match self.ask_lists(&request, exchange) {
            ControlFlow::Continue(run) => run,
            ControlFlow::Break(verdict) => return verdict,
        };
        exchange.ran = run;
        let verdict = self.run_checks(&mut request, exchange, run);
        exchange.asked_ids = request.asked_ids.get();
        verdict
    }

    /// Checks the whitelist, the blacklist and the bans, and returns the protections to run.
    fn ask_lists(
        &self,
        request: &Inspection<'_>,
        exchange: &mut Exchange,
    ) -> ControlFlow<Verdict, Protections> {
        let cause = match &request.client {
            None => {
                let refuses = request.policy.settings.client_ip.missing == MissingPeer::Refuse;
                refuses.then(|| {
                    events::missing_peer();
                    Cause::MissingPeer
                })
            }
            Some(client) => {
                self.warn_of_undeclared_proxy(client);
                if request.policy.is_allowed(client.address) {
                    exchange.note(Place::LISTS, || Finding::Allowed);
                    return ControlFlow::Continue(request.scope.required);
                }
                let cause = self.listed(client, request);
                if cause.is_none() {
                    exchange.note(Place::LISTS, || Finding::Passed);
                }
                cause
            }
        };
        match cause.map(|cause| self.settle(request, exchange, cause, Place::LISTS)) {
            None | Some(Verdict::Allow) => ControlFlow::Continue(request.scope.run),
            Some(refused) => ControlFlow::Break(refused),
        }
    }

    /// Logs an error, once, that all visitors seem to come from one internal address.
    fn warn_of_undeclared_proxy(&self, client: &Client) {
        if client.standing == crate::client::Standing::UndeclaredProxy
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            events::undeclared_proxy(client);
        }
    }

    fn run_checks(
        &self,
        request: &mut Inspection<'_>,
        exchange: &mut Exchange,
        run: Protections,
    ) -> Verdict {
        let mut plan: Option<BodyPlan> = None;
        for (at, check) in self.checks.iter().enumerate() {
            if !run.contains(check.protection()) {
                continue;
            }
            let place = Place::check(&**check, Part::Head);
            match check.head(request) {
                Outcome::Pass => exchange.note(place, || Finding::Passed),
                Outcome::NeedBody(wanted) => {
                    exchange.note(place, || Finding::NeedsBody(wanted));
                    exchange.wants_body |= 1 << at;
                    plan = Some(widest(plan, wanted));
                }
                Outcome::Refuse(cause) => {
                    let verdict = self.settle(request, exchange, cause, place);
                    if verdict != Verdict::Allow {
                        return verdict;
                    }
                }
            }
        }
        plan.map_or(Verdict::Allow, Verdict::NeedBody)
    }
}

fn widest(plan: Option<BodyPlan>, wanted: BodyPlan) -> BodyPlan {
    plan.map_or(wanted, |plan| BodyPlan {
        limit: plan.limit.max(wanted.limit),
        deadline: plan.deadline.max(wanted.deadline),
        longer: plan.longer.max(wanted.longer),
    })
}

/// Whether another site made a visitor's browser send the request. Its content is then not the
/// visitor's doing.
fn is_cross_site(headers: &HeaderIndex<'_>) -> bool {
    if let Some(site) = headers.get(Header::SecFetchSite) {
        return site.trim_ascii().eq_ignore_ascii_case(b"cross-site");
    }
    let (Some(referer), Some(host)) = (headers.text(Header::Referer), headers.text(Header::Host))
    else {
        return false;
    };
    let authority = referer
        .split_once("://")
        .map_or(referer, |(_, rest)| rest)
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default();
    !authority.is_empty() && !authority.eq_ignore_ascii_case(host.trim())
}
