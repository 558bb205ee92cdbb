//! The aiwaf web application firewall as actix-web middleware.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use aiwaf_actix::Aiwaf;
//!
//! #[actix_web::main]
//! async fn main() -> std::io::Result<()> {
//!     HttpServer::new(|| {
//!         App::new()
//!             .route("/", web::get().to(async || "hello"))
//!             .wrap(Aiwaf::default())
//!     })
//!     .bind(("127.0.0.1", 3000))?
//!     .run()
//!     .await
//! }
//! ```
//!
//! `default()` is a handle to one engine per process, configured by `./aiwaf.toml` (if it exists)
//! and `AIWAF_*` variables. The store is memory until the settings name another. Only with another
//! store does the `aiwaf` tool see what the service sees, and do bans outlive the process.
//! Production code should use [`Aiwaf::from_config`] or [`Aiwaf::new`], which return errors instead
//! of falling back to defaults.
//!
//! ```no_run
//! # use actix_web::{App, HttpServer};
//! # use aiwaf_actix::Aiwaf;
//! # fn start() -> Result<(), Box<dyn std::error::Error>> {
//! // Made once, outside the factory: that runs for every worker, and the workers share limits and bans.
//! let aiwaf = Aiwaf::from_config("aiwaf.toml")?;
//! let server = HttpServer::new(move || App::new().wrap(aiwaf.clone()));
//!
//! // Routes that the engine knows by name have policies and counters of their own.
//! let builder = aiwaf_core::Firewall::builder().routes(["/", "/items/{id}"]);
//! let aiwaf = Aiwaf::new(aiwaf_storage::start(builder)?);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! The engine inspects each request before any handler runs. It sees the method, the target as the
//! client sent it, the header lines, the peer, and the pattern of the matching route. A refused
//! request never reaches the handler, and the body of a request refused by its head is never read.
//!
//! If a check asks for the body, the body is held up to the check's limit and deadline, inspected,
//! and passed on byte for byte. All held bodies together take at most [`aiwaf_core::HELD_TOGETHER`]
//! bytes. If a client disconnects in the middle of such a body, there is no verdict: nothing is
//! counted against the client, and the handler is not called.
//!
//! Every response is observed: its status, content type and size. For an error, its status is
//! observed; for a panic, 500. The [`Refusal`] is stored in the extensions of the response for
//! middleware outside this one.
//!
//! # Where to wrap it
//!
//! The middleware wrapped last is the outermost. Wrap the application in `Aiwaf` after all
//! middleware that does work for every request, and before middleware that must also see refusals
//! (a logger, compression). Default services are covered. A service that handles a prefix by itself
//! (`actix_files::Files`) matches no pattern: declare its routes to the engine
//! ([`FirewallBuilder::routes`](aiwaf_core::FirewallBuilder::routes)).
//!
//! # The peer
//!
//! The peer is that of the connection. A unix-domain socket has no peer address: set
//! `client_ip.trusted_proxies = ["unix"]`. Middleware outside this one may put an
//! [`aiwaf_core::Peer`] into the extensions of the request, which takes precedence. In the same
//! way, middleware that has checked a session marks the request with [`aiwaf_core::Authenticated`].
//!
//! # Limitations
//!
//! - actix-web itself answers `Expect: 100-continue` before any middleware runs, so such a client
//!   may be told to send a body that is then refused unread.
//! - In actix-web, the body of a `websocket` upgrade that announces one never ends. If a check asks
//!   for that body, the response is 408.
//! - HTTP/2 needs actix-web's own `http2` feature, which this crate does not enable.
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
mod transform;

pub use aiwaf_core::Refusal;
pub use middleware::AiwafMiddleware;
pub use transform::Aiwaf;
