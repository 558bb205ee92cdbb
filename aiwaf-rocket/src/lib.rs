//! The aiwaf web application firewall as a Rocket fairing.
//!
//! ```no_run
//! use aiwaf_rocket::Aiwaf;
//!
//! #[rocket::get("/")]
//! fn hello() -> &'static str {
//!     "hello"
//! }
//!
//! #[rocket::launch]
//! fn rocket() -> _ {
//!     rocket::build()
//!         .attach(Aiwaf::default())
//!         .mount("/", rocket::routes![hello])
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
//! # use aiwaf_rocket::Aiwaf;
//! # fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let aiwaf = Aiwaf::from_config("aiwaf.toml")?;
//!
//! // Rocket knows a request's route only after the firewall has decided, so the engine is told the routes.
//! let builder = aiwaf_core::Firewall::builder().routes(["/", "/items/<id>"]);
//! let aiwaf = Aiwaf::new(aiwaf_storage::start(builder)?);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! The engine inspects each request before any handler runs. It sees the method, the target, the
//! header lines and the peer. A fairing cannot respond, so a refused request is sent to a route of
//! the fairing's own, and the response is then replaced by the refusal's. No handler of the
//! application runs, for any method, and the body of a request refused by its head is not read (but
//! see the limitations below). Every response is observed, including those of catchers and of
//! handlers that panic.
//!
//! # Bodies
//!
//! Rocket lets a fairing see only the first 512 bytes of a body. Bodies up to that length are
//! inspected for every handler. Of longer bodies, the fairing can only refuse those that announce
//! more than the limit. A handler that accepts longer bodies must take them as [`Inspected`], which
//! holds them up to the check's limit and deadline, and which the handler does not receive if the
//! body is refused:
//!
//! ```
//! use aiwaf_rocket::Inspected;
//!
//! #[rocket::post("/notes", data = "<body>")]
//! async fn note(body: Inspected<'_>) -> std::io::Result<String> {
//!     let text = body.into_bytes(1 << 20).await?;
//!     Ok(format!("{} bytes", text.len()))
//! }
//! ```
//!
//! A handler that takes a long body in any other way (`Json`, `Form`, `Data`) gets it uninspected.
//! The first time that a route may have done so, the log has a warning that names it: the event
//! `uninspected_body` under the target `aiwaf`.
//!
//! # Where to attach it
//!
//! Attach it first: fairings run in the order in which they are attached, and a later one may
//! rewrite the URI again. An earlier fairing may mark a request as a logged-in client's with
//! `request.local_cache(|| Some(aiwaf_core::Authenticated))`. A later fairing finds the [`Refusal`]
//! in `request.local_cache(|| None::<Refusal>)` when the response is handled.
//!
//! # Limitations
//!
//! - A request with a method that Rocket does not know, or with a target that Rocket cannot parse
//!   as a URI, goes to the 400 catcher without any fairing: no handler sees it, and neither does
//!   the firewall.
//! - Rocket drops header values that are not UTF-8 before any fairing runs. Behind a proxy that
//!   appends to what the client sent, that can also drop the client's address: name a header that
//!   the proxy sets by itself (`client_ip.header = "X-Real-IP"`).
//! - A form field `_method` has already changed the method when the firewall sees the request.
//! - Rocket reads the first 14 bytes of a body before any fairing runs. So a refusal by the head
//!   comes after those, and a client that sent `Expect: 100-continue` is told to continue. If a
//!   client announces a body and sends fewer bytes than that, Rocket waits for as long as the
//!   client likes, before the deadline for bodies can begin; a proxy in front of Rocket, or its
//!   limits on connections, must end that. A chunked body that breaks off within those bytes looks
//!   complete.
//! - If a request has both `Content-Length` and `Transfer-Encoding: chunked`, hyper drops the
//!   `Content-Length`, as RFC 9112 (6.3) allows. The firewall and the handler both see only the
//!   chunks.
//! - Rocket does not report the HTTP version, nor that a request without a peer came over a
//!   unix-domain socket.
//!
//! # Crate features
//!
//! - `csv` (default), `sqlite`: the stores that [`Aiwaf::default`] and [`Aiwaf::from_config`] can
//!   open.
//! - `geo`: reads the MaxMind DB file that `geo.database` names, for `geo_block`.
//! - `dns`: looks up whether clients that call themselves a good bot are one (`headers.good_bots`), on a thread of its own.
//! - `metrics`: counters and gauges through the `metrics` facade.

mod deny;
mod fairing;
mod head;
mod inspected;
mod kept;
mod uninspected;

pub use aiwaf_core::Refusal;
pub use fairing::Aiwaf;
pub use inspected::{Inspected, NotInspected};
