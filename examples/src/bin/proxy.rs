//! A reverse proxy that protects the service at `TARGET`, and streams both ways.
//!
//! Only the service behind it knows its routes, so here the firewall uses paths where it would
//! otherwise use routes.

use std::net::SocketAddr;

use aiwaf_axum::Aiwaf;
use aiwaf_examples::{announce, firewall_for, is_protected, listen, log, told_to_end};
use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::http::Uri;
use axum_reverse_proxy::{HostBehaviour, ProxyPolicy, ReverseProxy};
use tokio::net::TcpListener;

/// The protected service: `http://HOST:PORT`, optionally with a base path.
fn target() -> Result<Uri> {
    let text = std::env::var("TARGET").context(
        "TARGET is not set: it names what is protected, for example http://127.0.0.1:8080",
    )?;
    let target: Uri = text
        .parse()
        .with_context(|| format!("TARGET={text:?} is no address"))?;
    ensure!(
        target.scheme_str() == Some("http") && target.authority().is_some(),
        "TARGET={text:?}: expected http://HOST:PORT"
    );
    Ok(target)
}

/// Forwards everything to the target, with `Host` as the client sent it, `X-Forwarded-For` with the
/// peer appended, and without hop-by-hop fields. A target that does not respond gives a 502.
fn forwarding(target: &Uri) -> Router {
    let policy = ProxyPolicy::new().with_host_behaviour(HostBehaviour::Preserve);
    let proxy = ReverseProxy::new("/", target.to_string()).with_policy(policy);
    // A fallback, because a route `/{*path}` would be one route with one limit for the whole site.
    Router::new().fallback_service(proxy)
}

#[tokio::main]
async fn main() -> Result<()> {
    log()?;
    let target = target()?;
    // This handle is dropped last, which waits until the store has everything.
    let firewall = firewall_for([])?;
    let mut app = forwarding(&target);
    if is_protected() {
        app = app.layer(Aiwaf::new(firewall.clone()));
    }
    let ending = told_to_end()?;
    let listener = listen()?;
    announce("proxy", &listener)?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::from_std(listener)?, app)
        .with_graceful_shutdown(ending)
        .await?;
    Ok(())
}
