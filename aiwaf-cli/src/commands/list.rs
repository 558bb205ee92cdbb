//! `aiwaf list`: shows the lists.

use std::io;

use aiwaf_core::store::{
    AllowedNetwork, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin,
};
use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::args::List;
use crate::output::{BOLD, DIM, Report, Screen, network, shown, stamp, styled};
use crate::settings::Found;

/// The requested lists.
#[derive(Default)]
pub(super) struct Lists {
    store: String,
    whitelist: Option<Vec<AllowedNetwork>>,
    blacklist: Option<Vec<DeniedNetwork>>,
    keywords: Option<Vec<KeywordRecord>>,
    paths: Option<Vec<ExemptPathRecord>>,
    countries: Option<Vec<CountryRecord>>,
}

pub(super) fn list(found: &Found, list: List) -> Result<Lists> {
    let mut manager = found.open()?;
    let mut lists = Lists {
        store: manager.describe(),
        ..Lists::default()
    };
    let wants = |one: List| list == one || list == List::All;
    if wants(List::Whitelist) {
        lists.whitelist = Some(manager.list_whitelist()?);
    }
    if wants(List::Blacklist) {
        lists.blacklist = Some(manager.list_blacklist()?);
    }
    if wants(List::Keywords) {
        lists.keywords = Some(manager.list_keywords()?);
    }
    if wants(List::Paths) {
        lists.paths = Some(manager.list_exempt_paths()?);
    }
    if wants(List::Countries) {
        lists.countries = Some(manager.list_countries()?);
    }
    Ok(lists)
}

impl Report for Lists {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        section(
            screen,
            "🟢",
            "Whitelisted IPs",
            self.whitelist.as_deref(),
            |allowed| network(allowed.network),
        )?;
        section(
            screen,
            "🔴",
            "Blacklisted IPs",
            self.blacklist.as_deref(),
            denied_line,
        )?;
        section(
            screen,
            "🚫",
            "Blocked Keywords",
            self.keywords.as_deref(),
            |record| shown(&record.keyword),
        )?;
        section(
            screen,
            "🛤",
            "Exempt Paths",
            self.paths.as_deref(),
            path_line,
        )?;
        section(
            screen,
            "🌍",
            "Blocked Countries",
            self.countries.as_deref(),
            |record| shown(&record.country),
        )
    }

    fn json(&self) -> Value {
        let mut lists = Map::new();
        lists.insert("store".to_owned(), json!(self.store));
        put(
            &mut lists,
            "whitelist",
            self.whitelist.as_deref(),
            |allowed| json!({ "network": network(allowed.network), "added": stamp(allowed.added) }),
        );
        put(
            &mut lists,
            "blacklist",
            self.blacklist.as_deref(),
            denied_json,
        );
        put(
            &mut lists,
            "keywords",
            self.keywords.as_deref(),
            |record| json!({ "keyword": record.keyword, "added": stamp(record.added) }),
        );
        put(&mut lists, "paths", self.paths.as_deref(), path_json);
        put(
            &mut lists,
            "countries",
            self.countries.as_deref(),
            |record| json!({ "country": record.country, "added": stamp(record.added) }),
        );
        Value::Object(lists)
    }
}

/// Shows one list with its heading and count, if it was requested.
fn section<T>(
    screen: &mut Screen<'_>,
    symbol: &str,
    title: &str,
    list: Option<&[T]>,
    line: impl Fn(&T) -> String,
) -> io::Result<()> {
    let Some(list) = list else { return Ok(()) };
    screen.marked(symbol, BOLD, format_args!("{title} ({}):", list.len()))?;
    list.iter().try_for_each(|record| screen.item(line(record)))
}

fn put<T>(
    lists: &mut Map<String, Value>,
    name: &str,
    list: Option<&[T]>,
    value: impl Fn(&T) -> Value,
) {
    if let Some(list) = list {
        lists.insert(name.to_owned(), list.iter().map(value).collect());
    }
}

pub(super) fn denied_line(denied: &DeniedNetwork) -> String {
    let mut notes = Vec::new();
    if let Origin::Automatic { offences, .. } = &denied.origin {
        notes.push(format!("automatic, offence {offences}"));
    }
    notes.extend(denied.until.map(|until| format!("until {}", stamp(until))));
    let notes = match notes.is_empty() {
        true => String::new(),
        false => styled(DIM, format_args!(" [{}]", notes.join(", "))),
    };
    format!(
        "{} - {} ({}){notes}",
        network(denied.network),
        shown(&denied.reason),
        stamp(denied.added)
    )
}

pub(super) fn denied_json(denied: &DeniedNetwork) -> Value {
    let (origin, cause, offences) = match &denied.origin {
        Origin::Manual => ("manual", None, None),
        Origin::Automatic { cause, offences } => ("automatic", Some(cause), Some(offences)),
    };
    // The engine writes evidence as JSON, but a file edited by hand may contain anything.
    let evidence = denied
        .evidence
        .as_deref()
        .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())));
    json!({
        "network": network(denied.network),
        "reason": denied.reason,
        "added": stamp(denied.added),
        "until": denied.until.map(stamp),
        "origin": origin,
        "cause": cause,
        "offences": offences,
        "evidence": evidence,
    })
}

pub(super) fn path_line(record: &ExemptPathRecord) -> String {
    match record.reason.is_empty() {
        true => shown(&record.path),
        false => format!("{} ({})", shown(&record.path), shown(&record.reason)),
    }
}

pub(super) fn path_json(record: &ExemptPathRecord) -> Value {
    json!({ "path": record.path, "reason": record.reason, "added": stamp(record.added) })
}
