//! Warns of routes that take bodies which the firewall has not seen.

use std::collections::HashSet;

use parking_lot::Mutex;
use rocket::Request;

/// The routes that have been reported. Each is reported once, so that no client can fill a log.
/// There are no more than the application has.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<HashSet<String>>);

impl Told {
    /// Reports the route of a request whose body had to be inspected but was too long for the
    /// fairing, and was not taken as [`Inspected`](crate::Inspected). If the route takes bodies, it
    /// has read what the firewall has not.
    pub(crate) fn tell(&self, request: &Request<'_>) {
        // Without a route, nothing can have read the body.
        let Some(route) = request.route() else {
            return;
        };
        if self
            .0
            .lock()
            .insert(format!("{} {}", route.method, route.uri))
        {
            tracing::warn!(
                target: "aiwaf",
                event = "uninspected_body",
                method = route.method.as_str(),
                route = %route.uri,
                "bodies of more than 512 bytes are inspected only if the handler takes them as aiwaf_rocket::Inspected"
            );
        }
    }
}
