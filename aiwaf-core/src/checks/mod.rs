//! The checks: one file per protection. Each check is a function of the request, the policy, the
//! state and the time.
//!
//! To add your own check, implement [`Check`] and register it with
//! [`FirewallBuilder::check_before`](crate::FirewallBuilder::check_before) or
//! [`check_after`](crate::FirewallBuilder::check_after):
//!
//! ```
//! use aiwaf_core::checks::{Check, Inspection, Outcome};
//! use aiwaf_core::{Cause, Firewall};
//!
//! /// Refuses a version of our own app that must not write any more.
//! struct OldApp;
//!
//! impl Check for OldApp {
//!     fn name(&self) -> &'static str {
//!         "old_app"
//!     }
//!
//!     fn head(&self, request: &Inspection<'_>) -> Outcome {
//!         let old = request.headers.lines().iter().any(|(name, value)| {
//!             name.eq_ignore_ascii_case("x-app-version") && value.starts_with(b"1.")
//!         });
//!         if old && request.view.method == "POST" {
//!             return Outcome::Refuse(Cause::Custom {
//!                 check: self.name(),
//!                 detail: "this version may only read".to_owned(),
//!                 weight: 0,
//!             });
//!         }
//!         Outcome::Pass
//!     }
//! }
//!
//! let firewall = Firewall::builder().check_before(OldApp).build()?;
//! # Ok::<(), aiwaf_core::BuildError>(())
//! ```

mod geo_block;
mod header_validation;
mod honeypot;
mod ip_keyword_block;
mod payload;
mod rate_limit;
mod uuid_tamper;

pub(crate) use geo_block::GeoBlock;
pub use header_validation::HeaderFault;
pub(crate) use header_validation::HeaderValidation;
pub(crate) use honeypot::Honeypot;
pub(crate) use ip_keyword_block::IpKeywordBlock;
pub use payload::Evidence;
pub(crate) use payload::Payload;
pub(crate) use rate_limit::RateLimit;
pub use uuid_tamper::UuidFault;
pub(crate) use uuid_tamper::UuidTamper;

use std::cell::Cell;

use crate::client::Client;
use crate::clock::{Clock, Tick};
use crate::exchange::{AskedIds, Exchange};
use crate::headers::HeaderIndex;
use crate::normalize::{NormalPath, Target};
use crate::policy::{Policy, Scope};
use crate::protection::Protection;
use crate::request::{RequestView, ResponseView};
use crate::state::State;
use crate::verdict::{BodyPlan, Cause};

/// Everything that a check can read.
#[derive(Debug)]
pub struct Inspection<'a> {
    /// The request as received.
    pub view: &'a RequestView<'a>,
    /// The request's well-known header fields.
    pub headers: HeaderIndex<'a>,
    /// The request's target, split but not decoded.
    pub target: Target<'a>,
    /// The request's normalised path.
    pub path: &'a NormalPath<'a>,
    /// The client, if known.
    pub client: Option<Client>,
    /// The rules that apply to the request.
    pub scope: &'a Scope<'a>,
    /// The policy snapshot in force for this request.
    pub policy: &'a Policy,
    /// The state kept per client.
    pub state: &'a State,
    /// When the request arrived.
    pub now: Tick,
    /// The clock, for the few checks that need the time of day.
    pub clock: &'a dyn Clock,
    /// Whether another site made a visitor's browser send the request.
    pub cross_site: bool,
    /// The well-formed UUIDs that the request asks for, once they have been read.
    pub asked_ids: Cell<Option<AskedIds>>,
}

impl Inspection<'_> {
    /// The client, if limits, strikes and bans may apply to it.
    pub fn accountable_client(&self) -> Option<Client> {
        self.client.filter(Client::is_accountable)
    }
}

/// What a check decides about a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The check has no objection.
    Pass,
    /// The check must see the body.
    NeedBody(BodyPlan),
    /// The check refuses the request.
    Refuse(Cause),
}

/// A body, or the part of it that was collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenBody<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether `bytes` is the whole body.
    pub is_whole: bool,
}

/// One check. It must not block, and its cost is added to every request.
pub trait Check: Send + Sync + 'static {
    /// The check's name, for events.
    fn name(&self) -> &'static str;

    /// The protection whose settings and exemptions apply to the check. Default:
    /// [`Protection::Custom`].
    fn protection(&self) -> Protection {
        Protection::Custom
    }

    /// Inspects everything except the body.
    fn head(&self, request: &Inspection<'_>) -> Outcome;

    /// Inspects the body, if the head's outcome asked for it.
    fn body(&self, request: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        let _ = (request, body);
        Outcome::Pass
    }

    /// Continues to inspect a body that is longer than the collected part, while it streams to the
    /// handler.
    ///
    /// The watch sees every byte from the first one on, and [`Check::body`] is not called. `None`
    /// means that the check does not watch the rest; [`Check::body`] is then called with the
    /// collected part.
    fn watch(&self, request: &Inspection<'_>) -> Option<Box<dyn Watch>> {
        let _ = request;
        None
    }

    /// Observes the response. It cannot change the response; what it learns applies from the next
    /// request on.
    fn observe(&self, exchange: &Exchange, response: &ResponseView<'_>, state: &State, now: Tick) {
        let _ = (exchange, response, state, now);
    }
}

/// Inspects a body while it streams to the handler.
pub trait Watch: Send {
    /// Receives the next bytes, before the handler does.
    fn chunk(&mut self, bytes: &[u8]) -> Outcome;

    /// Called when the body has ended.
    fn end(&mut self) -> Outcome;
}
