//! Keeps the firewall's own reasons for its refusals, by the request id of the response.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use aiwaf_core::Refusal;
use axum::response::Response;

use crate::output::{self, BAD, GOOD, shown, styled};

/// At most this many refusals are remembered at once, because a visitor can cause any number of
/// them.
const REMEMBERED: usize = 4096;

/// Why a request was refused, as stated by the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

/// The engine's reasons; each is kept until it is taken.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    reasons: Mutex<HashMap<String, Reason>>,
    live: AtomicBool,
}

impl Ledger {
    /// Keeps the reason of a refusal. The firewall calls this when it responds.
    pub(crate) fn record(&self, refusal: &Refusal) {
        let reason = Reason {
            code: refusal.cause.code(),
            detail: refusal.cause.to_string(),
        };
        if let Ok(mut reasons) = self.reasons.lock()
            && reasons.len() < REMEMBERED
        {
            reasons.insert(refusal.request_id.to_string(), reason);
        }
    }

    /// Takes the reason for the response with this request id.
    pub(crate) fn take(&self, request_id: &str) -> Option<Reason> {
        self.reasons.lock().ok()?.remove(request_id)
    }

    /// From now on, shows the requests of visitors.
    pub(crate) fn go_live(&self) {
        self.live.store(true, Ordering::Relaxed);
    }

    /// Shows one request of a visitor.
    pub(crate) fn visited(&self, peer: IpAddr, method: &str, target: &str, response: &Response) {
        if !self.live.load(Ordering::Relaxed) {
            return;
        }
        let id = response.headers().get("x-request-id");
        let reason = id
            .and_then(|id| id.to_str().ok())
            .and_then(|id| self.take(id));
        let status = response.status().as_u16();
        let request = format!("{peer}  {status}  {} {}", shown(method), shown(target));
        // The terminal may be closed while the site is still up; that must not end a visit.
        let _ = output::with_screen(|screen| match reason {
            None => screen.marked("✓", GOOD, request),
            Some(reason) => {
                let why = format!("{}: {}", reason.code, shown(&reason.detail));
                screen.marked("✗", BAD, format!("{request}  {}", styled(BAD, why)))
            }
        });
    }
}
