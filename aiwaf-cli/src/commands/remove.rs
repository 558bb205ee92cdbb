//! `aiwaf remove`: removes values from a list.

use aiwaf_storage::Manager;
use anyhow::Result;

use super::values::{Changed, Direction, each, expand};
use crate::args::{List, Remove};
use crate::settings::Found;

pub(super) fn remove(found: &Found, what: &Remove) -> Result<Changed> {
    let values = match what {
        Remove::Whitelist(networks) | Remove::Blacklist(networks) => &networks.values,
        Remove::Keyword(keywords) => &keywords.values,
    };
    let gone = Direction::Removed;
    let values = expand(gone, values)?;
    let open = || Ok(found.open()?.into());
    match what {
        Remove::Whitelist(_) => Changed::new(
            gone,
            List::Whitelist,
            values,
            open,
            each(Manager::remove_whitelist),
        ),
        Remove::Blacklist(_) => Changed::new(
            gone,
            List::Blacklist,
            values,
            open,
            each(Manager::remove_blacklist),
        ),
        Remove::Keyword(_) => Changed::new(
            gone,
            List::Keywords,
            values,
            open,
            each(Manager::remove_keyword),
        ),
    }
}
