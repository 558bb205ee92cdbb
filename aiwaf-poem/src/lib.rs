//! The aiwaf web application firewall as poem middleware.
//!
//! ```no_run
//! use aiwaf_poem::Aiwaf;
//! use poem::listener::TcpListener;
//! use poem::{EndpointExt, Route, Server, get, handler};
//!
//! #[handler]
//! fn hello() -> &'static str {
//!     "hello"
//! }
//!
//! # async fn serve() -> std::io::Result<()> {
//! let app = Route::new().at("/", get(hello)).with(Aiwaf::default());
//! Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await
//! # }
//! ```
//!
//! `default()` is a handle to one engine of the process, set by `./aiwaf.toml` (if it is there) and `AIWAF_*` variables. Its
//! store is memory until the settings name another: only then does the `aiwaf` tool see what the service sees, and does a ban
//! outlive the process. Production code uses [`Aiwaf::from_config`] or [`Aiwaf::new`], which return errors instead of starting
//! on defaults.
//!
//! ```no_run
//! # use aiwaf_poem::Aiwaf;
//! # fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let aiwaf = Aiwaf::from_config("aiwaf.toml")?;
//!
//! // poem knows a request's route only after the firewall has decided, so the engine is told the routes.
//! let builder = aiwaf_core::Firewall::builder().routes(["/", "/items/:id"]);
//! let aiwaf = Aiwaf::new(aiwaf_storage::start(builder)?);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! Each request is shown to the engine before any handler: method, target as the client sent it (also inside nested
//! routes), header lines and peer. A refused request never reaches the handler, and one refused by its head never has its
//! body read.
//!
//! Where a check asks for the body, it is held up to the check's limit and deadline, looked at, and handed on byte for byte,
//! trailers included. All held bodies together take [`aiwaf_core::HELD_TOGETHER`] bytes at most. A longer upload is
//! looked at while it passes; its trailers are dropped. A client that goes away in the middle of a held body is no
//! verdict: nothing is counted against it, and the handler is not called.
//!
//! Every answer is observed: status, content type, size; of an error its status (poem's own 404 and 405 come so), of a
//! panic 500. The [`Refusal`] is left in the extensions of the response for middleware outside this one.
//!
//! # Where to attach it
//!
//! What is attached last is outermost. Attach it to the whole application, around the router: then 404s are covered. There
//! poem does not know the route yet, and the engine decides by its own table
//! ([`FirewallBuilder::routes`](aiwaf_core::FirewallBuilder::routes)), which takes poem's patterns as they are. Attached to a single
//! endpoint inside the router, it sees the pattern.
//!
//! # The peer
//!
//! It is the one of the connection; a unix-domain socket has none: set `client_ip.trusted_proxies = ["unix"]`. Middleware
//! outside this one may set an [`aiwaf_core::Peer`] as the request's data, and it comes first. Middleware that has checked
//! a session sets [`aiwaf_core::Authenticated`], in the same way.
//!
//! # Limits
//!
//! - A `Content-Length` beside `Transfer-Encoding: chunked` is dropped by hyper, as RFC 9112 (6.3) allows: the firewall sees
//!   the chunks alone, and so does the handler.
//!
//! # Crate features
//!
//! - `csv` (default), `sqlite`: the stores that [`Aiwaf::default`] and [`Aiwaf::from_config`] can open.
//! - `geo`: reads the MaxMind DB file that `geo.database` names, for `geo_block`.
//! - `dns`: looks up whether clients that call themselves a good bot are one (`headers.good_bots`), on a thread of its own.
//! - `metrics`: counters and gauges through the `metrics` facade.

mod body;
mod head;
mod middleware;
mod response;

pub use aiwaf_core::Refusal;
pub use middleware::{Aiwaf, AiwafEndpoint};
