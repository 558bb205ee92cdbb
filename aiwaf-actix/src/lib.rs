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
//! `default()` is a handle to one engine of the process, set by `./aiwaf.toml` (if it is there) and `AIWAF_*` variables. Its
//! store is memory until the settings name another: only then does the `aiwaf` tool see what the service sees, and does a ban
//! outlive the process. Production code uses [`Aiwaf::from_config`] or [`Aiwaf::new`], which return errors instead of starting
//! on defaults.
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
//! Each request is shown to the engine before any handler: method, target as the client sent it, header lines, peer, and
//! the pattern of the route that takes it. A refused request never reaches the handler, and one refused by its head never
//! has its body read.
//!
//! Where a check asks for the body, it is held up to the check's limit and deadline, looked at, and handed on byte for byte.
//! All held bodies together take [`aiwaf_core::HELD_TOGETHER`] bytes at most. A client that goes away in the middle of
//! such a body is no verdict: nothing is counted against it, and the handler is not called.
//!
//! Every answer is observed: status, content type, size; of an error its status, of a panic 500. The [`Refusal`] is left in
//! the extensions of the response for middleware outside this one.
//!
//! # Where to wrap it
//!
//! What is wrapped last is outermost. Wrap the application in it after all that does work for every request, and before what
//! must see refusals too (a logger, compression). Default services are covered. What a service under a prefix
//! serves by itself (`actix_files::Files`) matches no pattern: name it to the engine
//! ([`FirewallBuilder::routes`](aiwaf_core::FirewallBuilder::routes)).
//!
//! # The peer
//!
//! It is the one of the connection. On a unix-domain socket there is none: set `client_ip.trusted_proxies = ["unix"]`.
//! Middleware outside this one may put an [`aiwaf_core::Peer`] into the extensions of the request, and it comes first.
//! Middleware that has checked a session marks the request with [`aiwaf_core::Authenticated`], in the same way.
//!
//! # Limits
//!
//! - actix-web itself answers `Expect: 100-continue` before any middleware runs, so such a client may be told to send a
//!   body that is then refused unread.
//! - A `websocket` upgrade that announces a body never ends it in actix-web: where a check asks for that body, the answer is
//!   408.
//! - HTTP/2 needs actix-web's own `http2` feature, which is off here.
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
mod transform;

pub use aiwaf_core::Refusal;
pub use middleware::AiwafMiddleware;
pub use transform::Aiwaf;
