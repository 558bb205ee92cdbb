//! The same small shop in each framework, behind the firewall: pages, forms, a JSON API, static
//! files, an upload.
//!
//! ```sh
//! PORT=3000 cargo run -p aiwaf-examples --bin axum
//! PORT=3000 AIWAF_STORE=sqlite:shop.db cargo run -p aiwaf-examples --bin actix
//! PORT=3000 TARGET=http://127.0.0.1:8080 cargo run -p aiwaf-examples --bin proxy
//! ```
//!
//! The last one is not a shop but a reverse proxy that protects the service at `TARGET`. Another,
//! `guarded`, shows forms with the hidden fields of the form guard.
//!
//! With `UNPROTECTED=1` each of them runs without the firewall, to measure its cost.
//! `RUST_LOG=aiwaf=debug` also shows the requests of banned clients.
//!
//! The settings are those of `aiwaf.toml` in the current directory, or of the file that
//! `AIWAF_CONFIG` names, and of the `AIWAF_*` variables. The responses of the shop are in [`shop`],
//! which is independent of the framework; each binary under `src/bin` shows how its framework is
//! wired up. All of them listen on loopback at `PORT` (0 for any free port, 3000 if it is not set),
//! print one line on standard output when they are ready, and log to standard error. They end on
//! SIGTERM or ctrl-c, once requests in progress are answered and the firewall's changes are stored.

pub mod shop;

/// Compiles the programs of the README. They are here because this crate depends on all frameworks.
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

/// The largest body that the shop accepts, in bytes.
pub const BODY_LIMIT: usize = 10 << 20;

/// Sends the log to standard error: what the firewall refuses, and what must be configured.
/// `RUST_LOG` selects the events, as in `aiwaf=debug,info`; the default is `info`.
///
/// # Errors
/// If `RUST_LOG` cannot be parsed.
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
/// If a setting is invalid, or the store cannot be opened.
pub fn firewall() -> Result<Arc<Firewall>> {
    let firewall = firewall_for(shop::ROUTES)?;
    shop::sign_forms_with(&firewall);
    Ok(firewall)
}

/// Starts the firewall from the settings file and the environment, for a service with these routes;
/// empty if they are unknown.
///
/// # Errors
/// If a setting is invalid, or the store cannot be opened.
pub fn firewall_for(routes: impl IntoIterator<Item = &'static str>) -> Result<Arc<Firewall>> {
    Ok(aiwaf_storage::start(builder(routes)?)?)
}

/// A builder with the settings of the settings file and the environment, for a service with these
/// routes.
///
/// # Errors
/// If a setting is invalid.
pub fn builder(routes: impl IntoIterator<Item = &'static str>) -> Result<FirewallBuilder> {
    let layers = aiwaf_storage::load_settings(None)?;
    for note in layers.notes() {
        tracing::warn!(note);
    }
    Ok(Firewall::builder()
        .settings(layers.settings()?)
        .routes(routes))
}

/// Whether the firewall should be attached: not with `UNPROTECTED=1`.
pub fn is_protected() -> bool {
    std::env::var_os("UNPROTECTED").is_none_or(|value| value != "1")
}

/// The port to listen on: `PORT`, or 3000 if it is not set; 0 for any free port.
///
/// # Errors
/// If `PORT` is not a port number.
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
/// If `PORT` is not a port number, or the port is taken.
pub fn listen() -> Result<TcpListener> {
    let port = port()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Prints that the service is ready, and its address.
///
/// # Errors
/// If the listener does not know its address.
pub fn announce(framework: &str, listener: &TcpListener) -> Result<()> {
    announce_at(framework, listener.local_addr()?);
    Ok(())
}

/// Like [`announce`], for a framework that listens by itself.
pub fn announce_at(framework: &str, address: SocketAddr) {
    println!("{framework} example listening on http://{address}");
}

/// Completes when the service is told to end: by ctrl-c, or by SIGTERM, which service managers
/// send.
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
