//! `aiwaf remove`: takes values off a list.

use anyhow::Result;

use super::values::{Changed, Direction, expand};
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
        Remove::Whitelist(_) => {
            Changed::new(gone, List::Whitelist, values, open, |manager, value| {
                manager.remove_whitelist(value)
            })
        }
        Remove::Blacklist(_) => {
            Changed::new(gone, List::Blacklist, values, open, |manager, value| {
                manager.remove_blacklist(value)
            })
        }
        Remove::Keyword(_) => Changed::new(gone, List::Keywords, values, open, |manager, value| {
            manager.remove_keyword(value)
        }),
    }
}
