//! `aiwaf add`: adds values to a list.

use std::collections::HashMap;
use std::time::Duration;

use aiwaf_core::client::{canonical_network, host_network};
use aiwaf_core::store::{DeniedNetwork, Origin};
use aiwaf_storage::{Manager, ManagerError, Width};
use anyhow::Result;
use ipnet::IpNet;

use super::values::{Became, Changed, Direction, Entry, REASON, each, expand};
use crate::args::{self, Add, List};
use crate::settings::Found;

pub(super) fn add(found: &Found, what: &Add) -> Result<Changed> {
    let values = match what {
        Add::Whitelist { values, .. } | Add::Blacklist { values, .. } => &values.values,
        Add::Keyword(keywords) => &keywords.values,
    };
    let come = Direction::Added;
    let values = expand(come, values)?;
    let open = || found.open_or_create();
    match what {
        Add::Whitelist { width, .. } => {
            let width = allowed(width);
            let add = |manager: &mut Manager, value: &str| manager.add_whitelist(value, width);
            Changed::new(come, List::Whitelist, values, open, each(add))
        }
        Add::Blacklist {
            reason,
            duration,
            width,
            ..
        } => {
            let wanted = Wanted {
                reason: reason.as_deref(),
                duration: *duration,
                width: allowed(width),
            };
            let add = |manager: &mut Manager, values: &[String]| wanted.deny(manager, values);
            Changed::new(come, List::Blacklist, values, open, add)
        }
        Add::Keyword(_) => Changed::new(
            come,
            List::Keywords,
            values,
            open,
            each(Manager::add_keyword),
        ),
    }
}

/// The options of the command line about denied networks.
struct Wanted<'a> {
    reason: Option<&'a str>,
    duration: Option<Duration>,
    width: Width,
}

impl Wanted<'_> {
    /// Denies networks. An entry that a person made earlier stays unchanged if neither reason nor
    /// duration is given: repeating the command must not remove its end or its reason.
    fn deny(&self, manager: &mut Manager, values: &[String]) -> Result<Vec<Became>, ManagerError> {
        let held = manager.list_blacklist()?;
        let mut held: HashMap<_, _> = held.into_iter().map(|old| (old.network, old)).collect();
        let changes = values
            .iter()
            .map(|value| self.deny_one(manager, &mut held, value));
        changes.collect()
    }

    fn deny_one(
        &self,
        manager: &mut Manager,
        held: &mut HashMap<IpNet, DeniedNetwork>,
        value: &str,
    ) -> Result<Became, ManagerError> {
        let network = network(value);
        let old = network.and_then(|network| held.get(&network));
        let says_nothing = self.reason.is_none() && self.duration.is_none();
        if let Some(old) = old.filter(|old| says_nothing && old.origin == Origin::Manual) {
            return Ok(Became::new(false, Some(Entry::from(old))));
        }
        let reason = self.reason.unwrap_or(REASON);
        let is_new = manager.add_blacklist(value, reason, self.duration, self.width)?;
        // If a network is repeated on the command line, the later entry replaces its own earlier
        // one.
        let old = network.and_then(|network| held.remove(&network));
        Ok(Became::new(is_new, old.as_ref().map(Entry::from)))
    }
}

/// A network as the lists keep it, if it is one.
fn network(value: &str) -> Option<IpNet> {
    let value = value.trim();
    let network = value.parse().ok();
    let host = || value.parse().ok().map(host_network);
    network.or_else(host).map(canonical_network)
}

const fn allowed(width: &args::Width) -> Width {
    if width.force {
        Width::Forced
    } else {
        Width::Ordinary
    }
}
