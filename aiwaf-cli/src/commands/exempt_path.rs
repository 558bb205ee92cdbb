//! `aiwaf exempt-path`: the operator's exempt paths.

use std::collections::HashMap;

use aiwaf_core::policy::ExemptPath as Pattern;
use aiwaf_core::store::ExemptPathRecord;
use aiwaf_storage::{Manager, ManagerError};
use anyhow::Result;

use super::list::list;
use super::values::{Became, Changed, Direction, Entry, REASON, each, expand};
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
                |manager, paths| exempt(manager, paths, reason.as_deref()),
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
                each(Manager::remove_exempt_path),
            )?)
        }
    })
}

/// Exempts paths. A path that is already exempt stays unchanged if no reason is given: its present
/// reason may be a better one.
fn exempt(
    manager: &mut Manager,
    paths: &[String],
    reason: Option<&str>,
) -> Result<Vec<Became>, ManagerError> {
    let held = manager.list_exempt_paths()?;
    let mut held: HashMap<_, _> = held.into_iter().map(|old| (key(&old.path), old)).collect();
    let changes = paths
        .iter()
        .map(|path| exempt_one(manager, &mut held, path, reason));
    changes.collect()
}

fn exempt_one(
    manager: &mut Manager,
    held: &mut HashMap<String, ExemptPathRecord>,
    path: &str,
    reason: Option<&str>,
) -> Result<Became, ManagerError> {
    let old = held.get(&key(path));
    if let Some(old) = old.filter(|_| reason.is_none()) {
        return Ok(Became::new(false, Some(Entry::from(old))));
    }
    let is_new = manager.add_exempt_path(path, reason.unwrap_or(REASON))?;
    let old = held.remove(&key(path));
    Ok(Became::new(is_new, old.as_ref().map(Entry::from)))
}

/// The common form of different spellings of one path.
fn key(path: &str) -> String {
    match Pattern::parse(path) {
        Ok(pattern) => pattern.to_string(),
        Err(_) => path.trim().to_ascii_lowercase(),
    }
}
