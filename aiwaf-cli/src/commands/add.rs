//! `aiwaf add`: puts values on a list.

use aiwaf_storage::Width;
use anyhow::Result;

use super::values::{Changed, Direction, expand};
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
            Changed::new(come, List::Whitelist, values, open, |manager, value| {
                manager.add_whitelist(value, width)
            })
        }
        Add::Blacklist {
            reason,
            duration,
            width,
            ..
        } => {
            let width = allowed(width);
            Changed::new(come, List::Blacklist, values, open, |manager, value| {
                manager.add_blacklist(value, reason, *duration, width)
            })
        }
        Add::Keyword(_) => Changed::new(come, List::Keywords, values, open, |manager, value| {
            manager.add_keyword(value)
        }),
    }
}

const fn allowed(width: &args::Width) -> Width {
    if width.force {
        Width::Forced
    } else {
        Width::Ordinary
    }
}
