//! `tracing` events. Field names are stable, and `docs/events.md` lists them all. Values that come
//! from a request are escaped with `?` and truncated.

use crate::checks::Inspection;
use crate::client::Client;
use crate::form_guard::FormKeyError;
use crate::policy::Policy;
use crate::request::RequestView;
use crate::state::Ban;
use crate::verdict::{Cause, Refusal};

/// How much of a request-target an event shows, in bytes.
const SHOWN: usize = 200;

/// The target, redacted and truncated.
fn shown(policy: &Policy, target: &[u8]) -> String {
    let target = policy.secrets.redact(target);
    let cut = target.get(..SHOWN).unwrap_or(&target);
    String::from_utf8_lossy(cut).into_owned()
}

/// Logs a refusal. A banned or denied client was already reported when the ban or record was made,
/// and it may come back a thousand times a second. Its refusals are logged at `DEBUG` so that they
/// do not fill the log.
pub(super) fn refused(policy: &Policy, view: &RequestView<'_>, refusal: &Refusal) {
    macro_rules! tell {
        ($level:ident) => {
            if tracing::enabled!(target: "aiwaf", tracing::Level::$level) {
                tracing::event!(
                    target: "aiwaf",
                    tracing::Level::$level,
                    event = "refused",
                    request_id = %refusal.request_id,
                    client = refusal.client.map(|client| tracing::field::display(client.address)),
                    cause = refusal.cause.code(),
                    protection = refusal.cause.protection().map(|protection| protection.name()),
                    detail = ?refusal.cause.to_string(),
                    status = refusal.status,
                    method = ?view.method,
                    target = ?shown(policy, view.target),
                );
            }
        };
    }
    match refusal.cause {
        Cause::Banned { .. } | Cause::Denied { .. } => tell!(DEBUG),
        _ => tell!(INFO),
    }
}

pub(super) fn monitored(request: &Inspection<'_>, cause: &Cause) {
    tracing::info!(
        target: "aiwaf",
        event = "monitored",
        client = request.client.map(|client| tracing::field::display(client.address)),
        cause = cause.code(),
        protection = cause.protection().map(|protection| protection.name()),
        detail = ?cause.to_string(),
        method = ?request.view.method,
        target = ?shown(request.policy, request.view.target),
    );
}

pub(super) fn banned(client: &Client, ban: &Ban) {
    tracing::warn!(
        target: "aiwaf",
        event = "banned",
        client = %client.address,
        cause = &*ban.cause,
        detail = ?ban.reason,
        offences = ban.offences,
    );
}

pub(super) fn missing_peer() {
    tracing::error!(
        target: "aiwaf",
        event = "missing_peer",
        "the server does not provide the peer's address, so no client can be limited or banned and every request is \
         refused with 500; with axum, serve `app.into_make_service_with_connect_info::<SocketAddr>()`; behind a unix \
         socket, set client_ip.trusted_proxies = [\"unix\"]; to serve requests without an address, set \
         client_ip.missing = \"allow\""
    );
}

pub(super) fn undeclared_proxy(client: &Client) {
    tracing::error!(
        target: "aiwaf",
        event = "undeclared_proxy",
        client = %client.address,
        "requests come from an internal address with forwarding headers, but client_ip.trusted_proxies is empty: all \
         visitors look like one client, so it is neither limited nor banned; set client_ip.trusted_proxies = [\"{}\"] \
         (AIWAF_TRUSTED_PROXIES) if that is your proxy",
        client.address
    );
}

pub(super) fn panicked(place: &'static str) {
    tracing::error!(target: "aiwaf", event = "panicked", place, "a check panicked; this is a bug");
}

pub(super) fn missing_countries() {
    tracing::error!(
        target: "aiwaf",
        event = "missing_countries",
        "country blocking is configured, but there is no database to look up a client's country; set geo.database (AIWAF_GEOIP_DB_PATH)"
    );
}

pub(super) fn degraded(part: &str, reason: &str) {
    tracing::error!(
        target: "aiwaf",
        event = "degraded",
        part,
        reason,
        "a part does not work as configured; the firewall continues with what it has"
    );
}

pub(super) fn recovered(part: &str) {
    tracing::info!(target: "aiwaf", event = "recovered", part);
}

pub(super) fn swapped(records: usize, lifted: usize) {
    tracing::info!(target: "aiwaf", event = "swapped", records, lifted);
}

pub(super) fn no_form_guard(error: &FormKeyError) {
    tracing::error!(target: "aiwaf", event = "no_form_guard", %error, "forms are served without their hidden fields");
}
