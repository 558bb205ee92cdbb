//! The counts, and their breakdown.

use std::collections::BTreeMap;

use aiwaf_core::Cause;
use serde::Serialize;

use super::row::Row;

/// How many rows there were and how many of them were refused.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Count {
    pub(crate) n: u64,
    pub(crate) blocked: u64,
}

impl Count {
    pub(crate) fn add(&mut self, blocked: bool) {
        self.n += 1;
        self.blocked += u64::from(blocked);
    }

    /// The refused share in percent.
    pub(crate) fn percent(self) -> f64 {
        if self.n == 0 {
            return 0.0;
        }
        self.blocked as f64 * 100.0 / self.n as f64
    }
}

/// A row with the wrong verdict.
#[derive(Debug, Serialize)]
pub(super) struct Miss {
    pub(super) id: String,
    pub(super) category: String,
    pub(super) request: String,
    /// Why the row was refused, if it should not have been.
    pub(super) cause: Option<String>,
}

/// The rows of one label.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tally {
    #[serde(flatten)]
    pub(super) all: Count,
    pub(super) by_category: BTreeMap<String, Count>,
    pub(super) by_source: BTreeMap<String, Count>,
    pub(super) by_location: BTreeMap<String, Count>,
    /// The number of refused rows by cause.
    pub(super) by_cause: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) misses: Vec<Miss>,
}

/// How much of a request a miss shows, in characters.
const SHOWN: usize = 240;

impl Tally {
    pub(super) fn count(&mut self, row: &Row, cause: Option<Cause>, is_shown_miss: bool) {
        let blocked = cause.is_some();
        let location = row.loc.as_deref().unwrap_or("none");
        self.all.add(blocked);
        for (by, name) in [
            (&mut self.by_category, row.category.as_str()),
            (&mut self.by_source, row.source.as_str()),
            (&mut self.by_location, location),
        ] {
            by.entry(name.to_owned()).or_default().add(blocked);
        }
        if let Some(cause) = &cause {
            *self.by_cause.entry(cause.code().to_owned()).or_default() += 1;
        }
        if is_shown_miss {
            self.misses.push(Miss {
                id: row.id.clone(),
                category: row.category.clone(),
                request: shown(row),
                cause: cause.map(|cause| format!("{}: {cause}", cause.code())),
            });
        }
    }

    /// The count without scanners' probes and names: the rows that can be judged by their payload
    /// alone.
    pub(super) fn payloads(&self) -> Count {
        self.by_category
            .iter()
            .filter(|(category, _)| is_payload(category))
            .fold(Count::default(), |sum, (_, count)| Count {
                n: sum.n + count.n,
                blocked: sum.blocked + count.blocked,
            })
    }
}

/// Whether the category is not one of scanners' probes or names.
pub(super) fn is_payload(category: &str) -> bool {
    !matches!(category, "scanner_probe" | "scanner_ua")
}

/// A request on one line, without characters that control a terminal.
fn shown(row: &Row) -> String {
    let mut text = format!("{} {}", row.method, row.path);
    let beside = matches!(row.loc.as_deref(), Some("header" | "cookie" | "ua"));
    if beside {
        for (name, value) in &row.headers {
            text.push_str(&format!(" | {name}: {value}"));
        }
    }
    if let Some(body) = row.body() {
        text.push_str(" | ");
        text.push_str(&String::from_utf8_lossy(body));
    }
    let room = if beside { SHOWN * 4 } else { SHOWN };
    let escaped = text.escape_debug();
    let cut: String = escaped.clone().take(room).collect();
    let more = escaped.count() > room;
    if more { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misses_are_escaped_and_cut() {
        let row: Row = serde_json::from_str(
            &serde_json::json!({"method": "GET", "path": format!("/\u{1b}[31m{}", "x".repeat(999))})
                .to_string(),
        )
        .unwrap();
        let text = shown(&row);
        assert!(
            text.starts_with("GET /\\u{1b}[31mxxx") && text.ends_with('…'),
            "{text}"
        );
        assert!(text.chars().count() <= SHOWN + 1);
    }
}
