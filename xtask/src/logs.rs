//! `cargo xtask logs`: checks that ordinary log tools can read the access log, whatever clients
//! wrote into it.
//!
//! Thousands of requests with hostile paths, agents and referers go through a firewall that logs.
//! GoAccess (Debian's package `goaccess`) must read every line of the combined and common files,
//! any JSON and CSV reader those of the others, and each file must have exactly one line per
//! request.

mod hostile;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Command;

use aiwaf_core::access_log::LogFormat;
use aiwaf_core::settings::AccessLogSettings;
use aiwaf_core::{Firewall, Peer, RequestView, ResponseView};
use aiwaf_storage::LogWriter;
use anyhow::{Context, Result, ensure};

use hostile::Hostile;

const REQUESTS: usize = 20_000;
const METHODS: [&str; 4] = ["GET", "POST", "HEAD", "PUT"];

pub(crate) fn run() -> Result<()> {
    let has_goaccess = Command::new("goaccess").arg("--version").output().is_ok();
    if !has_goaccess {
        println!("logs: GoAccess SKIPPED, it is not installed (Debian's package goaccess)");
    }
    for format in [
        LogFormat::Combined,
        LogFormat::Common,
        LogFormat::Json,
        LogFormat::Csv,
    ] {
        let folder = tempfile::tempdir()?;
        let refused = write(folder.path(), format)?;
        let file = folder.path().join("access.log");
        let text = std::fs::read_to_string(&file).context("the log is not UTF-8")?;
        match format {
            LogFormat::Json => ensure_json(&text)?,
            LogFormat::Csv => ensure_csv(&text)?,
            LogFormat::Combined | LogFormat::Common => {
                ensure!(
                    text.lines().count() == REQUESTS,
                    "{} lines",
                    text.lines().count()
                );
                ensure_plain(&text)?;
                if has_goaccess {
                    ensure_goaccess(&file, format)?;
                }
            }
        }
        let refusals = std::fs::read_to_string(folder.path().join("aiwaf.log"))?;
        ensure!(
            refusals.lines().count() == refused,
            "aiwaf.log has {} lines",
            refusals.lines().count()
        );
        println!(
            "{format:?}: {REQUESTS} requests, {REQUESTS} lines read; {refused} refused, as many lines in aiwaf.log"
        );
    }
    Ok(())
}

/// Sends the requests through a firewall that logs to this folder, and returns how many were
/// refused.
fn write(folder: &Path, format: LogFormat) -> Result<usize> {
    let settings = AccessLogSettings {
        format,
        ..AccessLogSettings::default()
    };
    let log = LogWriter::open(folder, &settings, &[])?;
    let firewall = Firewall::builder().log_to(log).build()?;
    let mut hostile = Hostile::new(7);
    let mut refused = 0;
    for (number, method) in (0..REQUESTS).zip(METHODS.into_iter().cycle()) {
        let target = [b"/".as_slice(), &hostile.bytes()].concat();
        let (agent, referer) = (hostile.bytes(), hostile.bytes());
        // Each request comes from a separate client, so that all of them are inspected completely.
        let address = Ipv4Addr::from(0x0b00_0000 + u32::try_from(number)?);
        let headers = [
            ("user-agent", agent.as_slice()),
            ("referer", referer.as_slice()),
        ];
        let view = RequestView {
            peer: Peer::Address(IpAddr::V4(address)),
            headers: &headers,
            ..RequestView::new(method, &target)
        };
        let (verdict, exchange) = firewall.inspect(&view);
        let status = verdict.refusal().map_or(200, |refusal| refusal.status);
        refused += usize::from(verdict.refusal().is_some());
        firewall.observe(exchange, &ResponseView::new(status));
    }
    Ok(refused)
}

fn ensure_json(text: &str) -> Result<()> {
    let rows = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<serde_json::Value>, _>>();
    let rows = rows.context("a line is no JSON")?;
    ensure!(rows.len() == REQUESTS, "{} rows", rows.len());
    ensure!(
        rows.iter().all(serde_json::Value::is_object),
        "a row is no object"
    );
    Ok(())
}

fn ensure_csv(text: &str) -> Result<()> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers()?.len();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.context("a row cannot be read")?;
        ensure!(row.len() == columns, "{row:?} has not {columns} cells");
        // What a spreadsheet would take for a formula.
        let formula = row
            .iter()
            .find(|cell| cell.starts_with(['=', '+', '@', '\t', '\r']));
        ensure!(formula.is_none(), "{formula:?} is a formula");
        rows += 1;
    }
    ensure!(rows == REQUESTS, "{rows} rows");
    Ok(())
}

/// Checks that there is only printable ASCII, and the same number of quotes in every line.
fn ensure_plain(text: &str) -> Result<()> {
    let quotes = |line: &str| line.matches('"').count() - line.matches("\\\"").count();
    let first = text.lines().next().map(quotes);
    for line in text.lines() {
        ensure!(
            line.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{line:?} is not printable"
        );
        ensure!(
            Some(quotes(line)) == first,
            "{line:?} has other quotes than the first line"
        );
    }
    Ok(())
}

/// Makes GoAccess read the file as it reads an ordinary server's.
fn ensure_goaccess(file: &Path, format: LogFormat) -> Result<()> {
    let report = file.with_extension("report.json");
    let invalid = file.with_extension("invalid");
    let name = if format == LogFormat::Combined {
        "COMBINED"
    } else {
        "COMMON"
    };
    let output = Command::new("goaccess")
        .arg(file)
        .args(["--no-global-config", "--no-progress", "--log-format", name])
        .arg("--invalid-requests")
        .arg(&invalid)
        .arg("-o")
        .arg(&report)
        .output()
        .context("cannot run goaccess")?;
    ensure!(
        output.status.success(),
        "goaccess: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(&report)?)?;
    let number = |what: &str| {
        report
            .pointer(&format!("/general/{what}"))
            .and_then(serde_json::Value::as_u64)
    };
    let (valid, failed) = (number("valid_requests"), number("failed_requests"));
    let unread = std::fs::read_to_string(&invalid).unwrap_or_default();
    let example = unread.lines().next().unwrap_or_default();
    ensure!(
        valid == Some(REQUESTS as u64) && failed == Some(0),
        "GoAccess read {valid:?} lines and not {failed:?}, for example {example}"
    );
    println!(
        "{format:?}: GoAccess read {} lines, 0 failed",
        valid.unwrap_or_default()
    );
    Ok(())
}
