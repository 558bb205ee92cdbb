//! `aiwaf config`: whether the settings hold, and what they come to.

use std::io;

use aiwaf_core::Settings;
use aiwaf_storage::{Access, Manager, OpenError};
use anyhow::Result;
use serde_json::{Value, json};

use crate::args::Config;
use crate::output::{BOLD, GOOD, Outcome, Report, Screen, WARN, shown};
use crate::settings::{Found, MEMORY};

pub(super) fn config(found: &Found, what: Config) -> Result<Box<dyn Report>> {
    Ok(match what {
        Config::Show => Box::new(Shown(found.settings.clone())),
        Config::Check => Box::new(checked(found)?),
    })
}

/// All settings in force.
struct Shown(Settings);

impl Report for Shown {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        screen.line(self.0.to_toml().trim_end())
    }

    fn json(&self) -> Value {
        json!(self.0)
    }
}

/// Settings that hold, and what is worth knowing about them.
struct Checked {
    settings: Settings,
    sources: Vec<String>,
    store: StoreState,
    notes: Vec<String>,
}

/// What is at the place that the settings name.
enum StoreState {
    /// Nothing outlives the process.
    Memory,
    /// The service makes it when it starts.
    Missing,
    /// It can be read; with what of it cannot.
    Readable { problems: Vec<String> },
}

fn checked(found: &Found) -> Result<Checked> {
    let settings = found.settings.clone();
    let store = store_state(&settings.store)?;
    let mut notes = found.layers.notes().to_vec();
    notes.extend(remarks(&settings, &store));
    Ok(Checked {
        sources: found.layers.sources().to_vec(),
        settings,
        store,
        notes,
    })
}

fn store_state(spec: &str) -> Result<StoreState> {
    let mut manager = match Manager::open(spec, Access::MustExist) {
        Ok(manager) => manager,
        Err(OpenError::Missing(_)) => return Ok(StoreState::Missing),
        Err(error) => return Err(error.into()),
    };
    if manager.describe() == MEMORY {
        return Ok(StoreState::Memory);
    }
    let problems = manager.records()?.problems;
    Ok(StoreState::Readable {
        problems: problems.iter().map(ToString::to_string).collect(),
    })
}

/// What holds and may still not be what is meant.
fn remarks(settings: &Settings, store: &StoreState) -> Vec<String> {
    let mut remarks = Vec::new();
    match store {
        StoreState::Memory => remarks.push(
            "store = \"memory\": lists and bans end with the process, and this tool cannot see them".to_owned(),
        ),
        StoreState::Missing => {
            remarks.push("the store does not exist yet: the service makes it when it starts".to_owned());
        }
        StoreState::Readable { problems } => remarks.extend(
            problems
                .iter()
                .map(|problem| format!("cannot be read, and is kept where it is: {problem}")),
        ),
    }
    if settings.client_ip.trusted_proxies.is_empty() {
        remarks.push(
            "client_ip.trusted_proxies is empty: right unless a proxy stands before the service"
                .to_owned(),
        );
    }
    if settings.preset.only_monitors() {
        remarks.push("preset = \"monitor\": nothing is refused".to_owned());
    }
    remarks
}

impl Checked {
    fn protections(&self) -> String {
        let protections = &self.settings.protections;
        protections.enable.without(protections.disable).to_string()
    }

    fn preset(&self) -> Value {
        json!(self.settings.preset)
    }

    const fn store_word(&self) -> &'static str {
        match self.store {
            StoreState::Memory => "memory",
            StoreState::Missing => "missing",
            StoreState::Readable { .. } => "readable",
        }
    }
}

impl Report for Checked {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        screen.marked("✅", GOOD, "The settings hold")?;
        let sources = match self.sources.as_slice() {
            [] => "the defaults alone".to_owned(),
            sources => sources.join(", "),
        };
        let preset = self.preset();
        screen.line(format_args!("  from         {}", shown(&sources)))?;
        screen.line(format_args!(
            "  preset       {}",
            preset.as_str().unwrap_or_default()
        ))?;
        screen.line(format_args!(
            "  store        {} ({})",
            shown(&self.settings.store),
            self.store_word()
        ))?;
        screen.line(format_args!("  protections  {}", self.protections()))?;
        if !self.notes.is_empty() {
            screen.marked("⚠", BOLD.fg_color(WARN.get_fg_color()), "Worth knowing:")?;
        }
        self.notes
            .iter()
            .try_for_each(|note| screen.item(shown(note)))
    }

    fn json(&self) -> Value {
        let protections = &self.settings.protections;
        json!({
            "valid": true,
            "sources": self.sources,
            "preset": self.preset(),
            "store": self.settings.store,
            "store_state": self.store_word(),
            "protections": protections.enable.without(protections.disable),
            "notes": self.notes,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Done
    }
}
