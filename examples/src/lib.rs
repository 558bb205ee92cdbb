//! The same small shop in each framework, behind the firewall: pages, forms, a JSON API, static files, an upload.
//!
//! ```sh
//! PORT=3000 cargo run -p aiwaf-examples --bin axum
//! PORT=3000 AIWAF_STORE=sqlite:shop.db cargo run -p aiwaf-examples --bin actix
//! PORT=3000 TARGET=http://127.0.0.1:8080 cargo run -p aiwaf-examples --bin proxy
//! ```
//!
//! The last one is no shop but a reverse proxy, and protects whatever answers at `TARGET`. Another, `guarded`, shows forms with the
//! hidden fields of the form guard.
//!
//! With `UNPROTECTED=1` each of them runs without the firewall, to see what that costs. `RUST_LOG=aiwaf=debug` also shows the
//! requests of clients that are banned already.
//!
//! The settings are those of `aiwaf.toml` in the current directory, or of the file that `AIWAF_CONFIG` names, and of the
//! `AIWAF_*` variables. What the shop answers is in [`shop`] and knows no framework; each binary under `src/bin` shows how
//! its framework is wired up. All of them listen on loopback at `PORT` (0 for any free one, 3000 without it), print one
//! line on standard output when they are ready, log to standard error, and end on SIGTERM or ctrl-c, once what is being
//! answered is answered and what the firewall has to store is stored.

pub mod shop;

/// The programs of the README, which have to compile: this crate is the one that has all frameworks.
#[cfg(all(
    doctest,
    feature = "axum",
    feature = "actix",
    feature = "poem",
    feature = "rocket"
))]
#[doc = include_str!("../../README.md")]
struct Readme;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use aiwaf_core::{Firewall, FirewallBuilder};
use anyhow::{Context, Result};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Largest body that the shop takes, in bytes.
pub const BODY_LIMIT: usize = 10 << 20;

/// Sends the log to standard error: what the firewall refuses, and what has to be set. `RUST_LOG` sets what is told, as in
/// `aiwaf=debug,info`; without it that is `info`.
///
/// # Errors
/// If `RUST_LOG` has no such form.
pub fn log() -> Result<()> {
    let targets = match std::env::var("RUST_LOG") {
        Ok(wanted) => wanted
            .parse()
            .with_context(|| format!("RUST_LOG is {wanted:?}"))?,
        Err(_) => Targets::new().with_default(LevelFilter::INFO),
    };
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(targets)
        .init();
    Ok(())
}

/// Starts the firewall from the settings file and the environment, with the shop's routes.
///
/// # Errors
/// If a setting does not hold, or the store cannot be opened.
pub fn firewall() -> Result<Arc<Firewall>> {
    let firewall = firewall_for(shop::ROUTES)?;
    shop::sign_forms_with(&firewall);
    Ok(firewall)
}

/// Starts the firewall from the settings file and the environment, for a service with these routes; none if nobody knows
/// them.
///
/// # Errors
/// If a setting does not hold, or the store cannot be opened.
pub fn firewall_for(routes: impl IntoIterator<Item = &'static str>) -> Result<Arc<Firewall>> {
    Ok(aiwaf_storage::start(builder(routes)?)?)
}

/// A builder with what the settings file and the environment say, for a service with these routes.
///
/// # Errors
/// If a setting does not hold.
pub fn builder(routes: impl IntoIterator<Item = &'static str>) -> Result<FirewallBuilder> {
    let layers = aiwaf_storage::load_settings(None)?;
    for note in layers.notes() {
        tracing::warn!(note);
    }
    Ok(Firewall::builder()
        .settings(layers.settings()?)
        .routes(routes))
}

/// Whether the firewall is to be attached: not with `UNPROTECTED=1`.
pub fn is_protected() -> bool {
    std::env::var_os("UNPROTECTED").is_none_or(|value| value != "1")
}

/// The port to listen at: `PORT`, or 3000; 0 for any free one.
///
/// # Errors
/// If `PORT` is none.
pub fn port() -> Result<u16> {
    match std::env::var("PORT") {
        Ok(port) => port
            .parse()
            .with_context(|| format!("PORT={port:?} is no port")),
        Err(_) => Ok(3000),
    }
}

/// Listens on loopback at [`port`].
///
/// # Errors
/// If `PORT` is none, or taken.
pub fn listen() -> Result<TcpListener> {
    let port = port()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Says that the service is ready, and where.
///
/// # Errors
/// If the listener does not know its address.
pub fn announce(framework: &str, listener: &TcpListener) -> Result<()> {
    announce_at(framework, listener.local_addr()?);
    Ok(())
}

/// As [`announce`], for a framework that listens by itself.
pub fn announce_at(framework: &str, address: SocketAddr) {
    println!("{framework} example listening on http://{address}");
}

/// Ready when the service is told to end: by ctrl-c, or by SIGTERM, which is what service managers send.
///
/// # Errors
/// If the signal cannot be watched.
#[cfg(any(feature = "axum", feature = "poem"))]
pub fn told_to_end() -> Result<impl Future<Output = ()>> {
    use tokio::signal::ctrl_c;
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
}
