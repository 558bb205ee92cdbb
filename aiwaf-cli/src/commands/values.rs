//! What `add`, `remove` and `exempt-path` have in common: many values, each with its own answer.

use std::io::{self, BufRead};

use aiwaf_storage::{InvalidEntry, Manager, ManagerError, MemoryStore};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use crate::args::List;
use crate::output::{DIM, GOOD, Outcome, Report, Screen, WARN, shown};
use crate::settings::Opened;

/// Whether values come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Added,
    Removed,
}

/// What became of each value.
pub(super) struct Changed {
    direction: Direction,
    list: List,
    store: String,
    /// Whether the store was made for this.
    created: bool,
    values: Vec<(String, bool)>,
}

impl Changed {
    /// Changes all values or none, on the store that `open` opens.
    ///
    /// They are tried on an empty store in memory first: a bad value makes no store.
    pub(super) fn new(
        direction: Direction,
        list: List,
        values: Vec<String>,
        open: impl FnOnce() -> Result<Opened>,
        change: impl Fn(&mut Manager, &str) -> Result<bool, ManagerError>,
    ) -> Result<Self> {
        let all = |manager: &mut Manager| {
            let changes = values.iter().map(|value| change(manager, value));
            changes.collect::<Result<Vec<bool>, ManagerError>>()
        };
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
        for (value, changed) in &self.values {
            let value = shown(value);
            let list = label(self.list);
            match (self.direction, changed) {
                (Direction::Added, true) => {
                    screen.marked("✅", GOOD, format_args!("Added {value} to the {list}"))?;
                }
                (Direction::Added, false) => {
                    screen.marked("✅", DIM, format_args!("{value} is on the {list} already"))?;
                }
                (Direction::Removed, true) => {
                    screen.marked("✅", GOOD, format_args!("Removed {value} from the {list}"))?;
                }
                (Direction::Removed, false) => {
                    screen.marked("❌", WARN, format_args!("{value} not found on the {list}"))?;
                }
            }
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let values = self.values.iter();
        let values: Vec<_> = values
            .map(|(value, changed)| json!({ "value": value, "changed": changed }))
            .collect();
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
        let missing = self.values.iter().any(|(_, changed)| !changed);
        match self.direction {
            Direction::Removed if missing => Outcome::Refused,
            _ => Outcome::Done,
        }
    }
}

/// How people name a list.
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

/// Adds what to do about it on this command line.
fn advise(error: ManagerError) -> anyhow::Error {
    match error {
        ManagerError::Invalid(invalid @ InvalidEntry::TooWide { .. }) => {
            anyhow!("{invalid}: say --force if it is meant")
        }
        error => error.into(),
    }
}

/// The values of the command line, with `-` replaced by the lines of standard input. Empty lines are left out.
///
/// No value at all is an error: whatever should have written them has failed, and no store is to be made for that.
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
        Direction::Added => bail!("nothing to add: standard input has no value"),
        Direction::Removed => bail!("nothing to remove: standard input has no value"),
    }
}

/// One value a line. Editors and shells of Windows put a mark of the encoding before the first.
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
