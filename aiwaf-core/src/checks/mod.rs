//! The checks: one file a protection, each a function of the request, the policy, the state and the time.
//!
//! A check of one's own implements [`Check`] and is registered with
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

/// Everything that a check may look at.
#[derive(Debug)]
pub struct Inspection<'a> {
    /// The request as it came.
    pub view: &'a RequestView<'a>,
    /// Its well-known header fields.
    pub headers: HeaderIndex<'a>,
    /// Its target, split and not decoded.
    pub target: Target<'a>,
    /// Its path, normalised.
    pub path: &'a NormalPath<'a>,
    /// Who asks, where that is known.
    pub client: Option<Client>,
    /// What applies to it.
    pub scope: &'a Scope<'a>,
    /// The snapshot that decides.
    pub policy: &'a Policy,
    /// What is kept per client.
    pub state: &'a State,
    /// When it came.
    pub now: Tick,
    /// Tells the time of day, which few need.
    pub clock: &'a dyn Clock,
    /// Whether another site made a visitor's browser send it.
    pub cross_site: bool,
    /// The well-formed UUIDs that it asks for, once they have been read.
    pub asked_ids: Cell<Option<AskedIds>>,
}

impl Inspection<'_> {
    /// The client, if limits, strikes and bans may fall on it.
    pub fn accountable_client(&self) -> Option<Client> {
        self.client.filter(Client::is_accountable)
    }
}

/// What a check says of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing against it.
    Pass,
    /// The body has to be seen.
    NeedBody(BodyPlan),
    /// It is to be refused.
    Refuse(Cause),
}

/// A body, or as much of it as was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenBody<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// One check. It must not block, and costs every request what it costs.
pub trait Check: Send + Sync + 'static {
    /// Its name, for events.
    fn name(&self) -> &'static str;

    /// The protection whose settings and exemptions govern it. Default [`Protection::Custom`].
    fn protection(&self) -> Protection {
        Protection::Custom
    }

    /// Looks at everything but the body.
    fn head(&self, request: &Inspection<'_>) -> Outcome;

    /// Looks at the body, if the head's outcome asked for one.
    fn body(&self, request: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        let _ = (request, body);
        Outcome::Pass
    }

    /// Goes on looking at a body that is longer than what was collected, while it passes to the handler.
    ///
    /// The watch sees everything from the first byte on; [`Check::body`] is then not asked. `None` says that the
    /// check has nothing to say of the rest.
    fn watch(&self, request: &Inspection<'_>) -> Option<Box<dyn Watch>> {
        let _ = request;
        None
    }

    /// Sees what was answered. It changes no response; what it learns counts from the next request on.
    fn observe(&self, exchange: &Exchange, response: &ResponseView<'_>, state: &State, now: Tick) {
        let _ = (exchange, response, state, now);
    }
}

/// Looks at a body while it passes to the handler.
pub trait Watch: Send {
    /// Sees the next bytes, before the handler does.
    fn chunk(&mut self, bytes: &[u8]) -> Outcome;

    /// The body is over.
    fn end(&mut self) -> Outcome;
}
