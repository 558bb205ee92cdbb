//! What follows from a cause: a refusal, a strike or a ban.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Finding, Firewall, Place, counted, events};
use crate::checks::{HeaderFault, Inspection};
use crate::client::Client;
use crate::evidence::evidence;
use crate::exchange::Exchange;
use crate::policy::Policy;
use crate::protection::Protection;
use crate::request::RequestView;
use crate::settings::Preset;
use crate::state::Ban;
use crate::verdict::{Cause, Refusal, RequestId, Verdict};

/// What a cause means for an accountable client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The request is refused, and nothing else happens.
    Nothing,
    /// This weight is added to the client's score. The client is banned when the score reaches the
    /// threshold.
    Strike(u32),
    /// The client is banned at once.
    Ban,
}

/// What a cause in this request means for the client.
pub(super) fn consequence(
    preset: Preset,
    cause: &Cause,
    view: &RequestView<'_>,
    cross_site: bool,
) -> Consequence {
    // What a logged-in customer types into a form must not lock the account's owner out.
    let forgiven = view.authenticated && cause.protection() == Some(Protection::Payload);
    // No other site can make a browser call itself a scanner, unless the service itself allows that
    // site to set headers.
    let is_scanner = matches!(cause, Cause::Header(HeaderFault::Scanner { .. }));
    if cross_site && !is_scanner || forgiven {
        return Consequence::Nothing;
    }
    match (preset, cause.weight()) {
        _ if cause.bans_at_once(preset) => Consequence::Ban,
        // The predecessor had no score.
        (Preset::Classic, _) | (_, 0) => Consequence::Nothing,
        (_, weight) => Consequence::Strike(weight),
    }
}

impl Firewall {
    /// The ban or denial that applies to a client.
    pub(super) fn listed(&self, client: &Client, request: &Inspection<'_>) -> Option<Cause> {
        if request.scope.serves_banned {
            return None;
        }
        let (address, is_accountable) = (client.address, client.is_accountable());
        if let Some(denial) = request.policy.denial(address, is_accountable, request.now) {
            return Some(Cause::Denied {
                network: denial.network,
                reason: Arc::clone(&denial.reason),
            });
        }
        if !is_accountable {
            return None;
        }
        let ban = self.state.bans.find(client.key, request.now)?;
        Some(Cause::Banned {
            reason: Arc::clone(&ban.reason),
            offences: ban.offences,
        })
    }

    /// Turns a cause into a verdict: only records it if the protection monitors, otherwise refuses
    /// and strikes.
    pub(super) fn settle(
        &self,
        request: &Inspection<'_>,
        exchange: &mut Exchange,
        cause: Cause,
        place: Place,
    ) -> Verdict {
        let monitored = match place.protection {
            Some(protection) => request.scope.monitored.contains(protection),
            None => request.policy.settings.preset.only_monitors(),
        };
        if monitored {
            counted::refused(&cause, "monitor");
            events::monitored(request, &cause);
            exchange.note(place, || Finding::Recorded(cause));
            return Verdict::Allow;
        }
        self.strike(request, &cause);
        exchange.note(place, || Finding::Refused(cause.clone()));
        self.refuse(request.policy, request.view, exchange, cause)
    }

    pub(super) fn refuse(
        &self,
        policy: &Policy,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        cause: Cause,
    ) -> Verdict {
        exchange.refused = true;
        counted::refused(&cause, "block");
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let refusal = Refusal {
            status: cause.status(),
            cause,
            request_id: RequestId(self.id_key.hash_one(number)),
            client: exchange.client,
        };
        events::refused(policy, view, &refusal);
        Verdict::Refuse(Box::new(refusal))
    }

    /// Applies the consequence to the client: bans it, or raises its score and bans it at the
    /// threshold.
    fn strike(&self, request: &Inspection<'_>, cause: &Cause) {
        let settings = &request.policy.settings;
        let Some(client) = request.accountable_client() else {
            return;
        };
        let weight = match consequence(settings.preset, cause, request.view, request.cross_site) {
            Consequence::Nothing => return,
            Consequence::Ban => return self.ban(request, &client, cause),
            Consequence::Strike(weight) => weight,
        };
        let bans = &settings.bans;
        let print = (cause.code(), cause.value(), place(request, cause));
        let print = self.id_key.hash_one(print);
        let score = self.state.strikes.strike(
            client.key,
            weight,
            print as u32,
            request.now,
            bans.half_life,
        );
        if score >= bans.threshold as f32 {
            self.ban(request, &client, cause);
        }
    }

    fn ban(&self, request: &Inspection<'_>, client: &Client, cause: &Cause) {
        let settings = &request.policy.settings;
        let wall = whole_micros(self.clock.wall());
        let reason = cause.to_string().into();
        let evidence = evidence(request).map(Into::into);
        let make = |offences| {
            let duration = match settings.preset {
                Preset::Classic => None,
                _ => escalate(&settings.bans.durations, offences),
            };
            Ban {
                until: duration.map(|duration| request.now.plus(duration)),
                cause: cause.code().into(),
                reason,
                offences,
                began: wall,
                ends: duration.and_then(|duration| wall.checked_add(duration)),
                evidence,
            }
        };
        let memory = settings.bans.memory;
        let bans = &self.state.bans;
        if let Some(ban) = bans.ban(client.key, (request.now, wall), memory, make) {
            counted::banned(cause.code());
            events::banned(client, &ban);
        }
        // Also of requests that were under way when another one was banned: they add nothing to it.
        self.state.strikes.clear(client.key);
    }
}

/// Where a cause happened, so that the same cause in the same place strikes only once: the route
/// pattern, or the path if no route matched, the route is a catch-all or the cause is a probe.
fn place<'a>(request: &'a Inspection<'_>, cause: &Cause) -> &'a [u8] {
    let is_catch_all = |pattern: &str| pattern.contains('*') || pattern.ends_with("..>");
    match request.scope.pattern {
        Some(pattern) if !is_catch_all(pattern) && !matches!(cause, Cause::Probe { .. }) => {
            pattern.as_bytes()
        }
        _ => request.path.as_bytes(),
    }
}

/// Truncates a time to the precision of stores, so that a ban read back from a store is equal to
/// the original.
fn whole_micros(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let excess = Duration::from_nanos(u64::from(since.subsec_nanos() % 1000));
    time.checked_sub(excess).unwrap_or(time)
}

/// The duration of the ban for this offence. Offences are counted from 1.
fn escalate(durations: &[Duration], offences: u8) -> Option<Duration> {
    let at = usize::from(offences.saturating_sub(1));
    durations.get(at).or(durations.last()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Regression: a ban that came back from a store used to be taken for another ban, and a full
    /// table had no room for it.
    #[test]
    fn a_time_is_the_same_when_a_store_has_it() {
        for nanos in [0, 999, 1_000, 1_234_567_891] {
            let time = UNIX_EPOCH + Duration::from_nanos(nanos);
            let stored = UNIX_EPOCH + Duration::from_micros(nanos / 1000);
            assert_eq!(whole_micros(time), stored);
        }
    }
}
