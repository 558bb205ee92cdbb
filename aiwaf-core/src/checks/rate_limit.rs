//! `rate_limit`: sliding windows per client and route, and per client over all routes.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::{Check, Inspection, Outcome};
use crate::client::ClientKey;
use crate::headers::Header;
use crate::policy::{Counting, Limits, RouteKey};
use crate::protection::Protection;
use crate::state::Count;
use crate::verdict::{Cause, LimitState};

/// How many times higher the limits are for the default exempt paths.
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

/// Counts the request and returns the limit that it exceeds, the gravest first.
fn exceeded(request: &Inspection<'_>) -> Option<Cause> {
    let client = request.accountable_client()?;
    let factor = match request.scope.counting {
        Counting::Full => 1,
        Counting::Tenfold => TENFOLD,
        Counting::Not => return None,
    };
    if is_preflight(request) {
        return None;
    }
    let (route, total) = count(request, client.key, factor);
    judge(&request.scope.limits, factor, route, total)
}

/// Counts the request to its route, and to the client's total where that has a limit.
fn count(request: &Inspection<'_>, client: ClientKey, factor: u32) -> (Count, Option<Count>) {
    let limits = &request.scope.limits;
    let rates = &request.state.rates;
    let counted = |window, route| {
        let counted = Counted {
            client,
            window,
            factor,
            route,
        };
        (rates.key(&counted), window)
    };
    let of_route = counted(limits.window, Some(counted_route(request)));
    if limits.client_max == 0 && limits.client_flood == 0 {
        let (key, window) = of_route;
        return (rates.hit(key, request.now, window), None);
    }
    let of_client = counted(limits.client_window, None);
    let [route, total] = rates.hit_both([of_route, of_client], request.now);
    (route, Some(total))
}

/// The gravest limit that the counts exceed, each limit being allowed `factor` times.
fn judge(limits: &Limits, factor: u32, route: Count, total: Option<Count>) -> Option<Cause> {
    let scaled = |limit: u32| limit.saturating_mul(factor);
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
            limit: LimitState {
                max,
                window: limits.window,
            },
            retry_after: route.retry_after(max),
        });
    }
    let (total, max) = (total?, scaled(limits.client_max));
    (max != 0 && total.requests > max).then(|| Cause::ClientRateLimited {
        requests: total.requests,
        limit: LimitState {
            max,
            window: limits.client_window,
        },
        retry_after: total.retry_after(max),
    })
}

/// What one counter counts: a client's requests, on one route or on all.
struct Counted<'a> {
    client: ClientKey,
    /// Part of the key: a counter numbers the parts of its window, and windows of different lengths
    /// number them differently.
    window: Duration,
    factor: u32,
    route: Option<(u8, u32, &'a [u8])>,
}

impl Hash for Counted<'_> {
    /// Hashed as a single run of bytes, which takes a third of the time of hashing field by field.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (kind, id, bytes) = self.route.unwrap_or((u8::MAX, 0, b""));
        let numbers = u64::from(id) << 32 | u64::from(self.factor << 8) | u64::from(kind);
        // This only has to tell two window lengths apart, so it is cheaper than converting the
        // duration to a number.
        let window = self.window.as_secs() << 32 | u64::from(self.window.subsec_nanos());
        let mut run = [0; 32];
        let (client, rest) = run.split_at_mut(16);
        let (number, length) = rest.split_at_mut(8);
        client.copy_from_slice(&self.client.as_u128().to_le_bytes());
        number.copy_from_slice(&numbers.to_le_bytes());
        length.copy_from_slice(&window.to_le_bytes());
        state.write(&run);
        if !bytes.is_empty() {
            state.write(bytes);
        }
    }
}

/// The part of a route that identifies its counter.
fn counted_route<'a>(request: &'a Inspection<'_>) -> (u8, u32, &'a [u8]) {
    match request.scope.route {
        RouteKey::Table(id) => (0, id, b""),
        RouteKey::Pattern(pattern) => (1, 0, pattern.as_bytes()),
        RouteKey::Absent => (2, 0, b""),
        RouteKey::Path => (3, 0, request.path.as_bytes()),
    }
}

/// Whether this is a CORS preflight: the browser asks for permission on the page's behalf, and the
/// page has made no call yet.
fn is_preflight(request: &Inspection<'_>) -> bool {
    request.view.method == "OPTIONS"
        && request.headers.has(Header::Origin)
        && request.headers.has(Header::AccessControlRequestMethod)
}
