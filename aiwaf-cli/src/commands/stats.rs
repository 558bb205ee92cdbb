//! `aiwaf stats`: how much the store holds.

use std::io;

use aiwaf_storage::Stats;
use anyhow::Result;
use serde_json::{Value, json};

use crate::output::{BOLD, Report, Screen, WARN, shown};
use crate::settings::Found;

pub(super) struct StatsReport {
    store: String,
    stats: Stats,
}

pub(super) fn stats(found: &Found) -> Result<StatsReport> {
    let mut manager = found.open()?;
    Ok(StatsReport {
        store: manager.describe(),
        stats: manager.stats()?,
    })
}

impl Report for StatsReport {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        let stats = &self.stats;
        screen.marked("📊", BOLD, "AIWAF Statistics")?;
        screen.line("=".repeat(50))?;
        screen.line(format_args!("Whitelisted IPs: {}", stats.whitelist))?;
        screen.line(format_args!("Blacklisted IPs: {}", stats.blacklist))?;
        screen.line(format_args!("Automatic Bans: {}", stats.automatic_bans))?;
        screen.line(format_args!("Blocked Keywords: {}", stats.keywords))?;
        screen.line(format_args!("Exempt Paths: {}", stats.exempt_paths))?;
        screen.line(format_args!("Blocked Countries: {}", stats.countries))?;
        let (kind, place) = self.store.split_once(':').unwrap_or((&self.store, ""));
        let (mode, name) = match kind {
            "csv" => ("CSV", "Data Directory"),
            "sqlite" => ("SQLite", "Data File"),
            other => (other, "Data"),
        };
        screen.line(format_args!("Storage Mode: {}", shown(mode)))?;
        screen.line(format_args!("{name}: {}", shown(place)))?;
        if stats.problems > 0 {
            let text = format!(
                "Unreadable Rows: {} (`aiwaf config check` names them)",
                stats.problems
            );
            screen.marked("⚠", WARN, text)?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let stats = &self.stats;
        json!({
            "store": self.store,
            "whitelist": stats.whitelist,
            "blacklist": stats.blacklist,
            "automatic_bans": stats.automatic_bans,
            "ended_bans": stats.ended_bans,
            "keywords": stats.keywords,
            "paths": stats.exempt_paths,
            "countries": stats.countries,
            "problems": stats.problems,
        })
    }
}
