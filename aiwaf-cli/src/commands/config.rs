//! `aiwaf config`: checks the settings and shows their values.

use std::io;
use std::path::Path;

use aiwaf_core::policy::DEFAULT_EXEMPT_PATHS;
use aiwaf_core::settings::TrustedProxy;
use aiwaf_core::{Mode, Protection, Protections, Settings};
use aiwaf_storage::{Access, Manager, OpenError, Records};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::args::Config;
use crate::output::{BOLD, GOOD, Outcome, Report, Screen, WARN, shown, shown_lines, told};
use crate::settings::{Doubt, Found, MEMORY};

pub(super) fn config(
    found: impl FnOnce() -> Result<Found>,
    what: Config,
    json: bool,
) -> Result<Box<dyn Report>> {
    Ok(match what {
        Config::Show => Box::new(Shown(found()?.settings)),
        Config::Check => match found().and_then(|found| checked(&found)) {
            Ok(checked) => Box::new(checked),
            Err(error) if json => Box::new(Invalid(error)),
            Err(error) => return Err(error),
        },
    })
}

/// Invalid settings, reported on standard output for programs that read it in either case.
struct Invalid(anyhow::Error);

impl Report for Invalid {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        screen.line(shown_lines(&told(&self.0)))
    }

    fn json(&self) -> Value {
        json!({ "valid": false, "errors": [shown_lines(&told(&self.0))] })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Failed
    }
}

/// All settings in force, without secrets.
struct Shown(Settings);

impl Report for Shown {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        screen.line(self.0.to_toml().trim_end())?;
        for unset in unset(&self.0) {
            screen.line(format_args!("# {unset}"))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        json!(self.0)
    }
}

/// Settings that are not set, and their effective values.
fn unset(settings: &Settings) -> Vec<String> {
    let mut unset = Vec::new();
    if settings.exempt_paths.is_none() {
        unset.push(format!(
            "exempt_paths is not set: {:?}",
            DEFAULT_EXEMPT_PATHS
        ));
    }
    if settings.access_log.dir.is_none() {
        unset.push(match settings.access_log.directory() {
            None => "access_log.dir is not set: no log is written".to_owned(),
            Some(directory) => {
                format!("access_log.dir is not set: the log is written to {directory:?}")
            }
        });
    }
    if settings.geo.database.is_none() {
        unset.push("geo.database is not set: a client's country is unknown".to_owned());
    }
    unset
}

/// Valid settings, and remarks about them.
struct Checked {
    settings: Settings,
    sources: Vec<String>,
    store: StoreState,
    protections: Protections,
    notes: Vec<String>,
}

/// The state of the store that the settings name.
enum StoreState {
    /// The store is in memory and ends with the process.
    Memory,
    /// The store is missing; the service creates it when it starts.
    Missing,
    /// The store can be read.
    Readable,
}

/// Does everything that a service does when it starts, but creates neither a store nor a log.
fn checked(found: &Found) -> Result<Checked> {
    let settings = found.settings.clone();
    let (store, records) = store_state(&settings.store)?;
    if let Some(directory) = settings.access_log.directory() {
        can_be_made(Path::new(directory))
            .with_context(|| format!("access_log.dir = {directory:?}"))?;
    }
    let protections = running(&settings, &records);
    let mut notes = found.layers.notes().to_vec();
    notes.extend(remarks(&settings, &store, &records));
    notes.extend(found.doubt().map(|doubt| match doubt {
        Doubt::Wrong(text) | Doubt::Open(text) => text,
    }));
    super::check::builder(&settings)?.records(records).build()?;
    Ok(Checked {
        sources: found.layers.sources().to_vec(),
        settings,
        store,
        protections,
        notes,
    })
}

fn store_state(spec: &str) -> Result<(StoreState, Records)> {
    let mut manager = match Manager::open(spec, Access::MustExist) {
        Ok(manager) => manager,
        Err(OpenError::Missing(place)) => {
            // Described as in the settings: its kind, a colon, and its path.
            let (_, path) = place.split_once(':').unwrap_or(("", &place));
            can_be_made(Path::new(path)).with_context(|| format!("store {place}"))?;
            return Ok((StoreState::Missing, Records::default()));
        }
        Err(error) => return Err(error.into()),
    };
    if manager.describe() == MEMORY {
        return Ok((StoreState::Memory, Records::default()));
    }
    Ok((StoreState::Readable, manager.records()?))
}

/// Whether a path can be created: its nearest existing ancestor must be a directory.
fn can_be_made(path: &Path) -> Result<()> {
    match path.ancestors().find(|place| place.exists()) {
        Some(place) if !place.is_dir() => bail!("{} is not a directory", place.display()),
        _ => Ok(()),
    }
}

/// The protections that have something to do.
fn running(settings: &Settings, records: &Records) -> Protections {
    let geo = &settings.geo;
    let blocks = geo.blocks() || !records.countries.is_empty();
    let idle = [
        (Protection::AiAnomaly, true),
        (
            Protection::Logging,
            settings.access_log.directory().is_none(),
        ),
        (Protection::GeoBlock, geo.database.is_none() || !blocks),
        (Protection::GeoBlock, geo.mode == Mode::Off),
        (Protection::RateLimit, settings.rate_limit.mode == Mode::Off),
        (
            Protection::IpKeywordBlock,
            settings.keywords.mode == Mode::Off,
        ),
        (Protection::Honeypot, settings.honeypot.mode == Mode::Off),
        (Protection::Payload, settings.payload.mode == Mode::Off),
        (
            Protection::HeaderValidation,
            settings.headers.mode == Mode::Off,
        ),
        (Protection::UuidTamper, settings.uuid.mode == Mode::Off),
    ];
    let idle = idle
        .into_iter()
        .filter_map(|(protection, is_idle)| is_idle.then_some(protection));
    let protections = &settings.protections;
    protections
        .enable
        .without(protections.disable)
        .without(idle.collect())
}

/// Valid settings that may not be what is meant.
fn remarks(settings: &Settings, store: &StoreState, records: &Records) -> Vec<String> {
    let mut remarks = Vec::new();
    match store {
        StoreState::Memory => remarks.push(
            "store = \"memory\": lists and bans are lost when the process ends, and this tool cannot see them".to_owned(),
        ),
        StoreState::Missing => {
            remarks.push("the store does not exist yet: the service creates it when it starts".to_owned());
        }
        StoreState::Readable => remarks.extend(
            records
                .problems
                .iter()
                .map(|problem| format!("a row cannot be read and is kept unchanged: {problem}")),
        ),
    }
    if settings.client_ip.trusted_proxies.is_empty() {
        remarks.push(
            "client_ip.trusted_proxies is empty: set it if the service is behind a proxy"
                .to_owned(),
        );
    }
    if settings
        .client_ip
        .trusted_proxies
        .iter()
        .any(|proxy| matches!(proxy, TrustedProxy::Network(network) if network.prefix_len() == 0))
    {
        remarks.push(
            "client_ip.trusted_proxies contains every address: any client can claim any address; list only your proxies"
                .to_owned(),
        );
    }
    let listed = settings.exempt_paths.iter().flatten();
    if listed
        .chain(&settings.exempt_paths_extra)
        .any(|path| path.trim() == "/")
    {
        remarks.push(
            "the exempt paths contain /, which covers every path: almost nothing is checked"
                .to_owned(),
        );
    }
    if settings.access_log.directory().is_none() {
        let missing = match settings.access_log.dir {
            None => "access_log.dir is set to a directory",
            Some(_) => "access_log.enabled is true",
        };
        remarks.push(format!(
            "logging is off, and nothing is learned from logs, until {missing}"
        ));
    }
    if settings.geo.database.is_none() && !records.countries.is_empty() {
        remarks.push(
            "the store lists countries, but none is blocked until geo.database is set to a file"
                .to_owned(),
        );
    }
    let protections = &settings.protections;
    let enabled = protections.enable.without(protections.disable);
    if enabled.contains(Protection::AiAnomaly) {
        remarks.push("ai_anomaly is not built yet: it does not run".to_owned());
    }
    remarks.extend(features(settings).map(|(setting, feature)| {
        format!("{setting} requires the service to be built with the feature `{feature}`")
    }));
    if settings.preset.only_monitors() {
        remarks.push("preset = \"monitor\": nothing is refused".to_owned());
    }
    remarks
}

/// The features that this tool has but a service may have been built without.
fn features(settings: &Settings) -> impl Iterator<Item = (&'static str, &'static str)> {
    let needs = [
        (
            settings.store.trim().starts_with("sqlite:"),
            "store",
            "sqlite",
        ),
        (settings.geo.database.is_some(), "geo.database", "geo"),
        (settings.headers.names_domains(), "headers.good_bots", "dns"),
    ];
    needs
        .into_iter()
        .filter_map(|(needed, setting, feature)| needed.then_some((setting, feature)))
}

impl Checked {
    fn preset(&self) -> Value {
        json!(self.settings.preset)
    }

    const fn store_word(&self) -> &'static str {
        match self.store {
            StoreState::Memory => "memory",
            StoreState::Missing => "missing",
            StoreState::Readable => "readable",
        }
    }
}

impl Report for Checked {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        screen.marked("✅", GOOD, "The settings are valid")?;
        let sources = match self.sources.as_slice() {
            [] => "defaults only".to_owned(),
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
        screen.line(format_args!("  protections  {}", self.protections))?;
        let directory = self.settings.access_log.directory();
        screen.line(format_args!(
            "  access log   {}",
            directory.map_or("off".to_owned(), shown)
        ))?;
        if !self.notes.is_empty() {
            screen.marked("⚠", BOLD.fg_color(WARN.get_fg_color()), "Worth knowing:")?;
        }
        self.notes
            .iter()
            .try_for_each(|note| screen.item(shown(note)))
    }

    fn json(&self) -> Value {
        json!({
            "valid": true,
            "errors": [],
            "sources": self.sources,
            "preset": self.preset(),
            "store": self.settings.store,
            "store_state": self.store_word(),
            "protections": self.protections,
            "access_log": self.settings.access_log.directory(),
            "notes": self.notes,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Done
    }
}
