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
//! `default()` is a handle to one engine per process, configured by `./aiwaf.toml` (if it exists)
//! and `AIWAF_*` variables. The store is memory until the settings name another. Only with another
//! store does the `aiwaf` tool see what the service sees, and do bans outlive the process.
//! Production code should use [`Aiwaf::from_config`] or [`Aiwaf::new`], which return errors instead
//! of falling back to defaults.
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
//! The engine inspects each request before any handler runs. It sees the method, the target as the
//! client sent it (also inside nested routes), the header lines and the peer. A refused request
//! never reaches the handler, and the body of a request refused by its head is never read.
//!
//! If a check asks for the body, the body is held up to the check's limit and deadline, inspected,
//! and passed on byte for byte, including trailers. All held bodies together take at most
//! [`aiwaf_core::HELD_TOGETHER`] bytes. A longer upload is inspected while it streams; its trailers
//! are dropped. If a client disconnects in the middle of a held body, there is no verdict: nothing
//! is counted against the client, and the handler is not called.
//!
//! Every response is observed: its status, content type and size. For an error, its status is
//! observed (poem's own 404 and 405 are errors); for a panic, 500. The [`Refusal`] is stored in the
//! extensions of the response for middleware outside this one.
//!
//! # Where to attach it
//!
//! The middleware attached last is the outermost. Attach `Aiwaf` to the whole application, around
//! the router, so that 404s are covered. There poem does not know the route yet, and the engine
//! decides by its own table ([`FirewallBuilder::routes`](aiwaf_core::FirewallBuilder::routes)),
//! which accepts poem's patterns unchanged. Attached to a single endpoint inside the router, it
//! sees the pattern.
//!
//! # The peer
//!
//! The peer is that of the connection. A unix-domain socket has no peer address: set
//! `client_ip.trusted_proxies = ["unix"]`. Middleware outside this one may set an
//! [`aiwaf_core::Peer`] as the request's data, which takes precedence. In the same way, middleware
//! that has checked a session sets [`aiwaf_core::Authenticated`].
//!
//! # Limitations
//!
//! - If a request has both `Content-Length` and `Transfer-Encoding: chunked`, hyper drops the
//!   `Content-Length`, as RFC 9112 (6.3) allows. The firewall and the handler both see only the
//!   chunks.
//!
//! # Crate features
//!
//! - `csv` (default), `sqlite`: the stores that [`Aiwaf::default`] and [`Aiwaf::from_config`] can
//!   open.
//! - `geo`: reads the MaxMind DB file that `geo.database` names, for `geo_block`.
//! - `dns`: looks up whether clients that call themselves a good bot are one (`headers.good_bots`), on a thread of its own.
//! - `metrics`: counters and gauges through the `metrics` facade.

mod body;
mod head;
mod middleware;
mod response;

pub use aiwaf_core::Refusal;
pub use middleware::{Aiwaf, AiwafEndpoint};
