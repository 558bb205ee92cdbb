//! The common part of `add`, `remove` and `exempt-path`: many values, each with its own result.

use std::io::{self, BufRead};

use aiwaf_core::store::{DeniedNetwork, ExemptPathRecord};
use aiwaf_storage::{InvalidEntry, Manager, ManagerError, MemoryStore};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use super::list::{denied_json, denied_line, path_json, path_line};
use crate::args::List;
use crate::output::{DIM, GOOD, Outcome, Report, Screen, WARN, shown};
use crate::settings::Opened;

/// Whether values are added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Added,
    Removed,
}

/// The default reason of added entries.
pub(super) const REASON: &str = "Manual CLI addition";

/// An existing entry of a list, if it has more than its value.
pub(super) struct Entry {
    line: String,
    json: Value,
}

impl From<&DeniedNetwork> for Entry {
    fn from(denied: &DeniedNetwork) -> Self {
        Self {
            line: denied_line(denied),
            json: denied_json(denied),
        }
    }
}

impl From<&ExemptPathRecord> for Entry {
    fn from(record: &ExemptPathRecord) -> Self {
        Self {
            line: path_line(record),
            json: path_json(record),
        }
    }
}

/// The result for one value.
pub(super) struct Became {
    /// Whether anything changed.
    changed: bool,
    /// The entry that existed before, if any.
    before: Option<Entry>,
}

impl Became {
    pub(super) const fn new(changed: bool, before: Option<Entry>) -> Self {
        Self { changed, before }
    }

    fn json(&self, value: &str) -> Value {
        let mut json = json!({ "value": value, "changed": self.changed });
        if let (Some(entry), Some(json)) = (&self.before, json.as_object_mut()) {
            let name = if self.changed { "replaced" } else { "kept" };
            json.insert(name.to_owned(), entry.json.clone());
        }
        json
    }
}

/// Changes values one after the other, each separately.
pub(super) fn each(
    change: impl Fn(&mut Manager, &str) -> Result<bool, ManagerError>,
) -> impl Fn(&mut Manager, &[String]) -> Result<Vec<Became>, ManagerError> {
    move |manager, values| {
        let changes = values.iter().map(|value| change(manager, value));
        changes
            .map(|changed| Ok(Became::new(changed?, None)))
            .collect()
    }
}

/// The result for each value.
pub(super) struct Changed {
    direction: Direction,
    list: List,
    store: String,
    /// Whether the store was created for this.
    created: bool,
    values: Vec<(String, Became)>,
}

impl Changed {
    /// Changes all values or none, on the store that `open` opens.
    ///
    /// They are tried on an empty store in memory first, so that a bad value does not create a
    /// store.
    pub(super) fn new(
        direction: Direction,
        list: List,
        values: Vec<String>,
        open: impl FnOnce() -> Result<Opened>,
        change: impl Fn(&mut Manager, &[String]) -> Result<Vec<Became>, ManagerError>,
    ) -> Result<Self> {
        let all = |manager: &mut Manager| change(manager, &values);
        let mut rehearsal = Manager::new(Box::new(MemoryStore::default()));
        rehearsal.together(all).map_err(advise)?;
        let Opened {
            mut manager,
            created,
        } = open()?;
        let changed = manager.together(all)?;
        Ok(Self {
            direction,
            list,
            created,
            values: values.into_iter().zip(changed).collect(),
            store: manager.describe(),
        })
    }
}

impl Report for Changed {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        if self.created {
            screen.line(format_args!("Created {}", shown(&self.store)))?;
        }
        self.values
            .iter()
            .try_for_each(|(value, became)| self.line(screen, &shown(value), became))
    }

    fn json(&self) -> Value {
        let values = self.values.iter();
        let values: Vec<_> = values.map(|(value, became)| became.json(value)).collect();
        json!({
            "store": self.store,
            "created": self.created,
            "list": label(self.list),
            "action": match self.direction {
                Direction::Added => "add",
                Direction::Removed => "remove",
            },
            "values": values,
        })
    }

    fn outcome(&self) -> Outcome {
        let missing = self.values.iter().any(|(_, became)| !became.changed);
        match self.direction {
            Direction::Removed if missing => Outcome::Refused,
            _ => Outcome::Done,
        }
    }
}

impl Changed {
    /// Shows the result for one value to people.
    fn line(&self, screen: &mut Screen<'_>, value: &str, became: &Became) -> io::Result<()> {
        let list = label(self.list);
        let before = became.before.as_ref().map(|entry| entry.line.as_str());
        match (self.direction, became.changed) {
            (Direction::Added, true) => {
                screen.marked("✅", GOOD, format_args!("Added {value} to the {list}"))?;
                match before {
                    Some(before) => screen.line(format_args!("   Replaced: {before}")),
                    None => Ok(()),
                }
            }
            (Direction::Added, false) => {
                let there = before.unwrap_or(value);
                screen.marked("✅", DIM, format_args!("Already there: {there}"))
            }
            (Direction::Removed, true) => {
                screen.marked("✅", GOOD, format_args!("Removed {value} from the {list}"))
            }
            (Direction::Removed, false) => {
                screen.marked("❌", WARN, format_args!("{value} not found on the {list}"))
            }
        }
    }
}

/// The name of a list for people.
const fn label(list: List) -> &'static str {
    match list {
        List::Whitelist => "whitelist",
        List::Blacklist => "blacklist",
        List::Keywords => "keywords",
        List::Paths => "exempt paths",
        List::Countries => "blocked countries",
        List::All => "lists",
    }
}

/// Adds advice for this command line to an error.
fn advise(error: ManagerError) -> anyhow::Error {
    match error {
        ManagerError::Invalid(invalid @ InvalidEntry::TooWide { .. }) => {
            anyhow!("{invalid}; use --force if it is intended")
        }
        error => error.into(),
    }
}

/// The values of the command line, with `-` replaced by the lines of standard input. Empty lines
/// are left out.
///
/// No value at all is an error: the program that should have written them has failed, and no store
/// must be created for that.
pub(super) fn expand(direction: Direction, values: &[String]) -> Result<Vec<String>> {
    let mut expanded = Vec::new();
    for value in values {
        if value == "-" {
            expanded.append(&mut read(io::stdin().lock())?);
        } else {
            expanded.push(value.clone());
        }
    }
    match direction {
        _ if !expanded.is_empty() => Ok(expanded),
        Direction::Added => bail!("nothing to add: standard input contains no values"),
        Direction::Removed => bail!("nothing to remove: standard input contains no values"),
    }
}

/// Reads one value per line. Editors and shells on Windows put a byte order mark before the first
/// one.
fn read(input: impl BufRead) -> Result<Vec<String>> {
    let mut values = Vec::new();
    for (at, line) in input.lines().enumerate() {
        let line = line.context("standard input")?;
        let line = match at {
            0 => line.trim_start_matches('\u{feff}'),
            _ => &line,
        };
        let line = line.trim();
        if !line.is_empty() {
            values.push(line.to_owned());
        }
    }
    Ok(values)
}
