//! Converts records to rows of the tables and back.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aiwaf_core::client::{canonical_network, host_network};
use aiwaf_core::geo::Country;
use aiwaf_core::policy::ExemptPath;
use aiwaf_core::store::{
    AllowedNetwork, Change, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin,
    Records, RowProblem,
};
use ipnet::IpNet;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// Reads all tables. A row that is not as we write it is reported as a problem and does not hide
/// other rows.
pub(super) fn load(connection: &Connection) -> Result<Records> {
    let mut records = Records::default();
    let mut problems = Vec::new();
    let found = &mut problems;
    records.allowed = list(
        connection,
        "SELECT network, added FROM allowed ORDER BY rowid",
        found,
        |row| {
            Ok(AllowedNetwork {
                network: network(row)?,
                added: stamp(row, 1)?,
            })
        },
    )?;
    records.denied = list(
        connection,
        "SELECT network, reason, added, until, cause, offences, evidence FROM denied ORDER BY rowid",
        found,
        denied,
    )?;
    records.keywords = list(
        connection,
        "SELECT keyword, added FROM keywords ORDER BY rowid",
        found,
        |row| {
            Ok(KeywordRecord {
                keyword: text(row, 0)?,
                added: stamp(row, 1)?,
            })
        },
    )?;
    records.exempt_paths = list(
        connection,
        "SELECT path, reason, added FROM exempt_paths ORDER BY rowid",
        found,
        |row| {
            let path = text(row, 0)?;
            // An invalid pattern would be listed but exempt nothing. The same applies to countries.
            ExemptPath::parse(&path).map_err(|error| error.to_string())?;
            Ok(ExemptPathRecord {
                path,
                reason: text(row, 1)?,
                added: stamp(row, 2)?,
            })
        },
    )?;
    records.countries = list(
        connection,
        "SELECT country, added FROM countries ORDER BY rowid",
        found,
        |row| {
            let country = text(row, 0)?;
            country
                .parse::<Country>()
                .map_err(|error| error.to_string())?;
            Ok(CountryRecord {
                country,
                added: stamp(row, 1)?,
            })
        },
    )?;
    records.problems = problems;
    Ok(records)
}

fn list<T>(
    connection: &Connection,
    query: &str,
    problems: &mut Vec<RowProblem>,
    read: impl Fn(&Row<'_>) -> std::result::Result<T, String>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(record) => list.push(record),
            Err(message) => problems.push(RowProblem {
                place: format!("{} {:?}", table(query), text(row, 0).unwrap_or_default()),
                message,
            }),
        }
    }
    Ok(list)
}

fn table(query: &str) -> &str {
    query
        .split_ascii_whitespace()
        .rev()
        .nth(3)
        .unwrap_or_default()
}

fn text(row: &Row<'_>, column: usize) -> std::result::Result<String, String> {
    row.get(column).map_err(|error| error.to_string())
}

fn network(row: &Row<'_>) -> std::result::Result<IpNet, String> {
    let text = text(row, 0)?;
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(host_network))
        .map(canonical_network)
        .map_err(|_| format!("{text:?} is not an address or network"))
}

fn stamp(row: &Row<'_>, column: usize) -> std::result::Result<SystemTime, String> {
    row.get(column)
        .map(from_micros)
        .map_err(|error| error.to_string())
}

fn denied(row: &Row<'_>) -> std::result::Result<DeniedNetwork, String> {
    let failed = |error: rusqlite::Error| error.to_string();
    let until: Option<i64> = row.get(3).map_err(failed)?;
    let cause: Option<String> = row.get(4).map_err(failed)?;
    let offences: Option<i64> = row.get(5).map_err(failed)?;
    let offences = u8::try_from(offences.unwrap_or(1)).unwrap_or(u8::MAX);
    Ok(DeniedNetwork {
        network: network(row)?,
        reason: text(row, 1)?,
        added: stamp(row, 2)?,
        until: until.map(from_micros),
        origin: cause.map_or(Origin::Manual, |cause| Origin::Automatic {
            cause,
            offences,
        }),
        evidence: row.get(6).map_err(failed)?,
    })
}

/// Makes one change; returns whether anything changed.
pub(super) fn apply(connection: &Connection, change: &Change) -> Result<bool> {
    // `WHERE` keeps the upserts from counting a row that already has these values.
    let run = |sql: &str, values: &[Value]| -> Result<bool> {
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.execute(rusqlite::params_from_iter(values))? > 0)
    };
    match change {
        Change::Allow(new) => run(
            "INSERT INTO allowed VALUES (?1, ?2) ON CONFLICT DO UPDATE SET added = ?2 WHERE added <> ?2",
            &[key(new.network), micros(new.added)],
        ),
        Change::Disallow(network) => run("DELETE FROM allowed WHERE network = ?1", &[key(*network)]),
        Change::Deny(new) => deny(connection, new),
        Change::Undeny(network) => run("DELETE FROM denied WHERE network = ?1", &[key(*network)]),
        Change::EndBan(network) => {
            run("DELETE FROM denied WHERE network = ?1 AND cause IS NOT NULL", &[key(*network)])
        }
        Change::AddKeyword(new) => run(
            "INSERT INTO keywords VALUES (?1, ?2) ON CONFLICT DO UPDATE SET added = ?2 WHERE added <> ?2",
            &[new.keyword.clone().into(), micros(new.added)],
        ),
        Change::RemoveKeyword(keyword) => run("DELETE FROM keywords WHERE keyword = ?1", &[keyword.clone().into()]),
        Change::AddExemptPath(new) => run(
            "INSERT INTO exempt_paths VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET reason = ?2, added = ?3 WHERE (reason, added) IS NOT (?2, ?3)",
            &[new.path.clone().into(), new.reason.clone().into(), micros(new.added)],
        ),
        Change::RemoveExemptPath(path) => run("DELETE FROM exempt_paths WHERE path = ?1", &[path.clone().into()]),
        Change::AddCountry(new) => run(
            "INSERT INTO countries VALUES (?1, ?2) ON CONFLICT DO UPDATE SET added = ?2 WHERE added <> ?2",
            &[new.country.clone().into(), micros(new.added)],
        ),
        Change::RemoveCountry(code) => run("DELETE FROM countries WHERE country = ?1", &[code.clone().into()]),
    }
}

fn deny(connection: &Connection, new: &DeniedNetwork) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT network, reason, added, until, cause, offences, evidence FROM denied WHERE network = ?1",
    )?;
    let old = statement
        .query_row([key(new.network)], |row| Ok(denied(row).ok()))
        .optional()?;
    if let Some(Some(old)) = old
        && (old == *new || !old.yields_to(new))
    {
        return Ok(false);
    }
    let (cause, offences) = match &new.origin {
        Origin::Manual => (None, None),
        Origin::Automatic { cause, offences } => (Some(cause), Some(offences)),
    };
    connection
        .prepare_cached("INSERT OR REPLACE INTO denied VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            key(new.network),
            new.reason,
            micros(new.added),
            new.until.map(micros),
            cause,
            offences,
            new.evidence,
        ])?;
    Ok(true)
}

/// The only notation of a network in the tables: canonical, with its prefix.
fn key(network: IpNet) -> Value {
    canonical_network(network).to_string().into()
}

fn micros(stamp: SystemTime) -> Value {
    let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    match stamp.duration_since(UNIX_EPOCH) {
        Ok(since) => micros(since),
        Err(before) => -micros(before.duration()),
    }
    .into()
}

fn from_micros(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    let stamp = if micros < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    stamp.unwrap_or(UNIX_EPOCH)
}
