//! The aiwaf web application firewall as a tower layer: for axum, and for any tower or hyper service.
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
//! `default()` is a handle to one engine of the process, set by `./aiwaf.toml` (if it is there) and `AIWAF_*` variables. Its
//! store is memory until the settings name another: only then does the `aiwaf` tool see what the service sees, and does a ban
//! outlive the process. Production code uses [`Aiwaf::from_config`] or [`Aiwaf::new`], which return errors instead of starting
//! on defaults.
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
//! Each request is shown to the engine before any handler: method, target as the client sent it (also inside nested
//! routers), header lines, peer, and the route where axum knows it. A refused request never reaches the handler, and one
//! refused by its head never has its body read, so a client that sent `Expect: 100-continue` is not told to go on.
//!
//! Where a check asks for the body, it is held up to the check's limit and deadline, looked at, and handed on byte for byte,
//! trailers included. All held bodies together take [`aiwaf_core::HELD_TOGETHER`] bytes at most. A client that goes away
//! in the middle of such a body is no verdict: nothing is counted against it, and the handler is not called.
//!
//! Every answer is observed: status, content type, size; of a handler that fails or panics, 500. The [`Refusal`] is left
//! in the extensions of the response for layers outside this one.
//!
//! # Where to attach it
//!
//! The last layer that is added is the outermost: add this one after those that do work for every request, and before
//! those that must see refusals too (tracing, compression). `Router::layer` covers fallbacks as well. Attached there, the
//! layer sees which route matched; what `nest_service` serves looks as if no route had matched, so name it to the engine
//! ([`FirewallBuilder::routes`](aiwaf_core::FirewallBuilder::routes)) or attach the layer around it alone.
//!
//! # The peer
//!
//! With axum, serve `into_make_service_with_connect_info::<SocketAddr>()`. Elsewhere, and to say that requests come over a
//! unix-domain socket, put an [`aiwaf_core::Peer`] into the extensions of the request in an outer layer; it comes first.
//! Where neither is there, the engine refuses with 500 and the log says what to do (`client_ip.missing`).
//!
//! An outer layer that has checked a session marks the request with [`aiwaf_core::Authenticated`], in the same way.
//!
//! # Any tower service
//!
//! The layer asks of the inner service that it takes [`Replay`] bodies and is `Clone`, and of bodies that their data are
//! [`bytes::Bytes`]. The deadline of bodies needs a tokio runtime with time enabled.
//!
//! A gRPC server of tonic takes it with `Server::builder().layer(..)`, below a layer that puts the address of
//! `TcpConnectInfo` into the extensions as a [`Peer`](aiwaf_core::Peer). Its messages are no form, text or JSON: calls are decided by their head and
//! path. Its clients read no JSON either, so let a hook ([`FirewallBuilder::respond_with`](aiwaf_core::FirewallBuilder::respond_with))
//! answer them: status 200, `content-type: application/grpc`, `grpc-status: 7` (for 429 `8`), and an empty body.
//!
//! # Limits
//!
//! - A `Content-Length` beside `Transfer-Encoding: chunked` is dropped by hyper, as RFC 9112 (6.3) allows: the firewall sees
//!   the chunks alone, and so does the handler.
//!
//! # Crate features
//!
//! - `axum` (default): reads `ConnectInfo`, `MatchedPath` and `OriginalUri`. Without it the crate does not depend on axum.
//! - `csv` (default), `sqlite`: the stores that [`Aiwaf::default`] and [`Aiwaf::from_config`] can open.
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
