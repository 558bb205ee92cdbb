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
//! `default()` is a handle to one engine of the process, set by `./aiwaf.toml` (if it is there) and `AIWAF_*` variables. Its
//! store is memory until the settings name another: only then does the `aiwaf` tool see what the service sees, and does a ban
//! outlive the process. Production code uses [`Aiwaf::from_config`] or [`Aiwaf::new`], which return errors instead of starting
//! on defaults.
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
//! Each request is shown to the engine before any handler: method, target, header lines and peer. A fairing cannot answer, so
//! a refused request is sent to a route of the fairing's own, and its answer is then replaced by the refusal's. No handler of
//! the application runs, for any method, and a refusal by head leaves the body unread (but see the limits below). Every answer is observed, those of
//! catchers and of handlers that panic too.
//!
//! # Bodies
//!
//! Rocket lets a fairing see the first 512 bytes of a body and no more. Bodies up to that length are inspected for every
//! handler. Of longer ones the fairing can only refuse those that announce more than the limit; a handler that takes longer
//! ones has to take them as [`Inspected`], which holds them up to the check's limit and deadline, and is not handed out if they
//! are refused:
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
//! A handler that takes a long body in any other way (`Json`, `Form`, `Data`) gets it uninspected. The first time that a
//! route may have done so, the log has a warning that names it: the event `uninspected_body` under the target `aiwaf`.
//!
//! # Where to attach it
//!
//! Attach it first: fairings run in the order in which they are attached, and a later one may rewrite the URI again. A fairing
//! before it may mark a request as a logged-in client's with `request.local_cache(|| Some(aiwaf_core::Authenticated))`; one after
//! it finds the [`Refusal`] in `request.local_cache(|| None::<Refusal>)` when the response comes.
//!
//! # Limits
//!
//! - A method that Rocket does not know, and a target that is no URI to it, go to its 400 catcher without any fairing: no
//!   handler sees them, and neither does the firewall.
//! - Values of header fields that are not UTF-8 are dropped by Rocket before any fairing. Behind a proxy that appends to what
//!   the client sent, that can drop the client's address with it: name a field that the proxy sets by itself
//!   (`client_ip.header = "X-Real-IP"`).
//! - A form field `_method` has changed the method by the time the firewall sees it.
//! - Rocket reads the first 14 bytes of a body before any fairing, so a refusal by head comes after those, and a client that
//!   sent `Expect: 100-continue` is told to go on. A client that announces a body and sends fewer is waited for as long as it
//!   likes, before the deadline for bodies can begin; a proxy in front of Rocket, or its limits on connections, must end that.
//!   A chunked body that breaks off within them looks complete.
//! - A `Content-Length` beside `Transfer-Encoding: chunked` is dropped by hyper, as RFC 9112 (6.3) allows: the firewall sees
//!   the chunks alone, and so does the handler.
//! - Rocket does not tell the version of HTTP, nor of unix-domain sockets that there is no peer.
//!
//! # Crate features
//!
//! - `csv` (default), `sqlite`: the stores that [`Aiwaf::default`] and [`Aiwaf::from_config`] can open.
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
