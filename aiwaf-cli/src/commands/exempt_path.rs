//! `aiwaf exempt-path`: the operator's exempt paths.

use anyhow::Result;

use super::list::list;
use super::values::{Changed, Direction, expand};
use crate::args::{ExemptPath, List};
use crate::output::Report;
use crate::settings::Found;

pub(super) fn exempt_path(found: &Found, what: &ExemptPath) -> Result<Box<dyn Report>> {
    Ok(match what {
        ExemptPath::List => Box::new(list(found, List::Paths)?),
        ExemptPath::Add { values, reason } => {
            let values = expand(Direction::Added, &values.values)?;
            let open = || found.open_or_create();
            Box::new(Changed::new(
                Direction::Added,
                List::Paths,
                values,
                open,
                |manager, value| manager.add_exempt_path(value, reason),
            )?)
        }
        ExemptPath::Remove(paths) => {
            let values = expand(Direction::Removed, &paths.values)?;
            let open = || Ok(found.open()?.into());
            Box::new(Changed::new(
                Direction::Removed,
                List::Paths,
                values,
                open,
                |manager, value| manager.remove_exempt_path(value),
            )?)
        }
    })
}
