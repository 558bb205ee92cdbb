//! `rate_limit`: sliding windows per client and route, and per client over all routes.

use super::{Check, Inspection, Outcome};
use crate::headers::Header;
use crate::policy::{Counting, RouteKey};
use crate::protection::Protection;
use crate::state::SlotKey;
use crate::verdict::{Cause, LimitState};

/// How much more the default exempt paths may be asked for.
const TENFOLD: u32 = 10;

#[derive(Debug)]
pub(crate) struct RateLimit;

impl Check for RateLimit {
    fn name(&self) -> &'static str {
        Protection::RateLimit.name()
    }

    fn protection(&self) -> Protection {
        Protection::RateLimit
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        exceeded(request).map_or(Outcome::Pass, Outcome::Refuse)
    }
}

/// Counts the request, and answers the limit it exceeds: the gravest of them.
fn exceeded(request: &Inspection<'_>) -> Option<Cause> {
    let client = request.accountable_client()?;
    let limits = request.scope.limits;
    let factor = match request.scope.counting {
        Counting::Full => 1,
        Counting::Tenfold => TENFOLD,
        Counting::Not => return None,
    };
    if is_preflight(request) {
        return None;
    }
    let window = limits.window;
    let rates = &request.state.rates;
    let hit = |key: SlotKey| rates.hit(key, request.now, window);
    let scaled = |limit: u32| limit.saturating_mul(factor);

    let route = hit(rates.key((client.key, factor, route_hash(request))));
    let has_ceiling = limits.client_max != 0 || limits.client_flood != 0;
    let total = has_ceiling.then(|| hit(rates.key((client.key, factor))));

    if let Some(total) = total {
        let (requests, flood) = (total.requests, scaled(limits.client_flood));
        if flood != 0 && requests > flood {
            return Some(Cause::ClientFlood { requests, flood });
        }
    }
    let (requests, max, flood) = (route.requests, scaled(limits.max), scaled(limits.flood));
    if requests > flood {
        return Some(Cause::Flood { requests, flood });
    }
    if requests > max {
        return Some(Cause::RateLimited {
            requests,
            limit: LimitState { max, window },
            retry_after: route.retry_after(max),
        });
    }
    let (total, max) = (total?, scaled(limits.client_max));
    (max != 0 && total.requests > max).then(|| Cause::ClientRateLimited {
        requests: total.requests,
        limit: LimitState { max, window },
        retry_after: total.retry_after(max),
    })
}

/// What is counted together, as something to hash with the client.
fn route_hash<'a>(request: &'a Inspection<'_>) -> (u8, u32, &'a [u8]) {
    match request.scope.route {
        RouteKey::Table(id) => (0, id, b""),
        RouteKey::Pattern(pattern) => (1, 0, pattern.as_bytes()),
        RouteKey::Absent => (2, 0, b""),
        RouteKey::Path => (3, 0, request.path.as_bytes()),
    }
}

/// A CORS preflight: the browser asks for leave on the page's behalf, nobody has called yet.
fn is_preflight(request: &Inspection<'_>) -> bool {
    request.view.method == "OPTIONS"
        && request.headers.has(Header::Origin)
        && request.headers.has(Header::AccessControlRequestMethod)
}
