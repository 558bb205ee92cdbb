//! The aiwaf web application firewall as a tower layer, for axum and for any tower or hyper
//! service.
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use aiwaf_axum::Aiwaf;
//! use axum::{Router, routing::get};
//!
//! # async fn serve() -> std::io::Result<()> {
//! let app = Router::new()
//!     .route("/", get(async || "hello"))
//!     .layer(Aiwaf::default());
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! // The peer's address comes from here; without it every request is refused.
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
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
//! # use std::sync::Arc;
//! # use aiwaf_axum::Aiwaf;
//! # fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let aiwaf = Aiwaf::from_config("aiwaf.toml")?;
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
//! client sent it (also inside nested routers), the header lines, the peer, and the route if axum
//! knows it. A refused request never reaches the handler. The body of a request refused by its head
//! is never read, so a client that sent `Expect: 100-continue` is not told to continue.
//!
//! If a check asks for the body, the body is held up to the check's limit and deadline, inspected,
//! and passed on byte for byte, including trailers. All held bodies together take at most
//! [`aiwaf_core::HELD_TOGETHER`] bytes. If a client disconnects in the middle of such a body, there
//! is no verdict: nothing is counted against the client, and the handler is not called.
//!
//! Every response is observed: its status, content type and size. For a handler that fails or
//! panics, 500 is observed. The [`Refusal`] is stored in the extensions of the response for layers
//! outside this one.
//!
//! # Where to attach it
//!
//! The layer added last is the outermost. Add this one after the layers that do work for every
//! request, and before those that must also see refusals (tracing, compression). `Router::layer`
//! also covers fallbacks. Attached there, the layer sees which route matched. Requests that
//! `nest_service` serves look as if no route had matched, so declare those routes to the engine
//! ([`FirewallBuilder::routes`](aiwaf_core::FirewallBuilder::routes)) or attach the layer around
//! that service alone.
//!
//! # The peer
//!
//! With axum, serve `into_make_service_with_connect_info::<SocketAddr>()`. Elsewhere, or to declare
//! that requests come over a unix-domain socket, put an [`aiwaf_core::Peer`] into the extensions of
//! the request in an outer layer; it takes precedence. If there is neither, the engine refuses with
//! 500 and the log says what to do (`client_ip.missing`).
//!
//! In the same way, an outer layer that has checked a session marks the request with
//! [`aiwaf_core::Authenticated`].
//!
//! # Any tower service
//!
//! The inner service must accept [`Replay`] bodies and be `Clone`. The data of request and response
//! bodies must be [`bytes::Bytes`]. The deadline for bodies needs a tokio runtime with time
//! enabled.
//!
//! For a gRPC server of tonic, use `Server::builder().layer(..)`, below a layer that puts the
//! address of `TcpConnectInfo` into the extensions as a [`Peer`](aiwaf_core::Peer). gRPC messages
//! are not forms, text or JSON, so calls are decided by their head and path. gRPC clients do not
//! read JSON responses either, so let a hook
//! ([`FirewallBuilder::respond_with`](aiwaf_core::FirewallBuilder::respond_with)) respond with
//! status 200, `content-type: application/grpc`, `grpc-status: 7` (`8` for 429), and an empty body.
//!
//! # Limitations
//!
//! - If a request has both `Content-Length` and `Transfer-Encoding: chunked`, hyper drops the
//!   `Content-Length`, as RFC 9112 (6.3) allows. The firewall and the handler both see only the
//!   chunks.
//!
//! # Crate features
//!
//! - `axum` (default): reads `ConnectInfo`, `MatchedPath` and `OriginalUri`. Without it the crate
//!   does not depend on axum.
//! - `csv` (default), `sqlite`: the stores that [`Aiwaf::default`] and [`Aiwaf::from_config`] can
//!   open.
//! - `geo`: reads the MaxMind DB file that `geo.database` names, for `geo_block`.
//! - `dns`: looks up whether clients that call themselves a good bot are one (`headers.good_bots`), on a thread of its own.
//! - `metrics`: counters and gauges through the `metrics` facade.

mod collect;
mod future;
mod gate;
mod layer;
mod replay;
mod service;
mod watch;

pub use aiwaf_core::Refusal;
pub use future::{ResponseBody, ResponseFuture};
pub use layer::Aiwaf;
pub use replay::{Replay, ReplayError};
pub use service::AiwafService;
