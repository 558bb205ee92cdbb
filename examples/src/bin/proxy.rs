//! A reverse proxy that protects whatever answers at `TARGET`, and streams both ways.
//!
//! Which routes there are, only the service behind it knows: what the firewall does by route, it does by path here.

use std::net::SocketAddr;

use aiwaf_axum::Aiwaf;
use aiwaf_examples::{announce, firewall_for, is_protected, listen, log, told_to_end};
use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::http::Uri;
use axum_reverse_proxy::{HostBehaviour, ProxyPolicy, ReverseProxy};
use tokio::net::TcpListener;

/// What is protected: `http://HOST:PORT`, perhaps with a path to begin at.
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

/// Everything goes to the target, `Host` as the client sent it, `X-Forwarded-For` with the peer appended, without the
/// fields that are meant for one hop. A target that does not answer is a 502.
fn forwarding(target: &Uri) -> Router {
    let policy = ProxyPolicy::new().with_host_behaviour(HostBehaviour::Preserve);
    let proxy = ReverseProxy::new("/", target.to_string()).with_policy(policy);
    // A fallback, for a route `/{*path}` would be one route, with one limit for the whole site.
    Router::new().fallback_service(proxy)
}

#[tokio::main]
async fn main() -> Result<()> {
    log()?;
    let target = target()?;
    // This handle is the last to go: dropping it waits until the store has everything.
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
