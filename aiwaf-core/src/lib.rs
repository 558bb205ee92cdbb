//! The engine of aiwaf, a web application firewall that lives inside a Rust web service.
//!
//! The engine takes a borrowed, framework-free view of a request and decides whether to allow or
//! refuse it. It does no I/O, assumes no async runtime and depends on no web framework. Adapters
//! call it for each request; a keeper supplies the records of a store.
//!
//! ```
//! use aiwaf_core::{Firewall, Peer, RequestView, ResponseView, Verdict};
//!
//! let firewall = Firewall::builder()
//!     .with_settings(|settings| settings.rate_limit.max = 50)
//!     .routes(["/", "/items/{id}"])
//!     .build()?;
//!
//! let request = RequestView {
//!     peer: Peer::Address("203.0.113.7".parse().unwrap()),
//!     ..RequestView::new("GET", b"/items/7")
//! };
//! let (verdict, exchange) = firewall.inspect(&request);
//! assert_eq!(verdict, Verdict::Allow);
//! // The handler runs, and then:
//! firewall.observe(exchange, &ResponseView::new(200));
//! # Ok::<(), aiwaf_core::BuildError>(())
//! ```
//!
//! # Where to look
//!
//! - [`RequestView`], [`Verdict`], [`Cause`], [`Firewall`]: everything an adapter needs.
//! - [`settings`]: what can be configured, in layers; [`policy`]: what the settings are compiled
//!   into.
//! - [`checks`]: the protections, and how to add your own.
//! - [`access_log`]: what a log line records about a request, and the sink that takes it.
//! - [`form_guard`]: signed fields for forms.
//! - [`store`]: what a storage backend must implement.
//! - [`carriers`]: how a request is split into the values that are inspected.
//! - [`geo`]: country lookup for clients.
//! - [`normalize`] and [`client`]: the single decoder, and client identification.
//!
//! # Crate features
//!
//! - `inflate` (default): compressed bodies are inflated within bounds before they are inspected.
//! - `geo`: countries from a MaxMind DB file.
//! - `metrics`: counters and gauges through the `metrics` facade.
//! - `http`: requests and responses of the `http` crate, for adapters whose frameworks speak its types.
//!
//! # Caveats
//!
//! Client identity is only as reliable as what the adapter reports about the peer; see [`Peer`] and
//! [`settings::ClientIpSettings`]. Requests and strikes are counted in this process. Bans are kept
//! in it until a keeper ([`Keeping`]) writes them to a [`store`], which processes can share: the
//! crate `aiwaf-storage` has both.

pub mod access_log;
mod bots;
pub mod carriers;
pub mod checks;
pub mod client;
mod clock;
mod current;
mod evidence;
mod exchange;
mod firewall;
pub mod form_guard;
pub mod geo;
mod headers;
mod held;
#[cfg(feature = "http")]
pub mod http;
pub mod normalize;
pub mod payload;
pub mod policy;
mod protection;
mod purpose;
mod redact;
mod request;
mod response;
pub mod settings;
pub mod state;
pub mod store;
mod verdict;

pub use bots::BotLookup;
pub use clock::{Clock, ManualClock, SystemClock, Tick};
pub use exchange::{AskedIds, Exchange};
pub use firewall::{
    BodyRefused, BodyWatch, BuildError, Consequence, Explanation, Finding, Firewall,
    FirewallBuilder, Health, Keeping, LateRefusal, Part, Skip, Step, Unwritten,
};
pub use headers::{Header, HeaderIndex};
pub use held::{BodyBudget, Charge, HELD_TOGETHER, HeldBody};
pub use policy::RoutePolicy;
pub use protection::{Mode, Protection, Protections, UnknownProtection};
pub use purpose::Purpose;
pub use request::{
    Authenticated, HeaderPairs, HeaderVec, Peer, RequestView, ResponseView, RouteMatch, Version,
};
pub use response::Response;
pub use settings::Settings;
pub use verdict::{
    BodyPlan, Cause, CollectedBody, LimitState, Longer, Refusal, RequestId, TokenFault, Verdict,
};
