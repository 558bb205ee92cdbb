//! Formats a record as the lines of the three files.

use std::fmt;
use std::io::Write as _;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::escape::{Place, cell, json, text, text_or_dash};
use super::record::LogRecord;
use super::stamp::{Stamp, decimal};
use crate::redact::SecretNames;

/// The format of a line of `access.log`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Combined Log Format, then the time taken and the refusal.
    #[default]
    Combined,
    /// Common Log Format.
    Common,
    /// Comma-separated values under [`CSV_HEADER`].
    Csv,
    /// One JSON object per line.
    Json,
}

/// The first line of a CSV access log.
pub const CSV_HEADER: &str =
    "timestamp,ip,method,path,status_code,response_time_ms,blocked,block_reason\n";

impl LogFormat {
    /// The name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined",
            Self::Common => "common",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// What a new file starts with.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Csv => CSV_HEADER,
            _ => "",
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Combined, Self::Common, Self::Csv, Self::Json]
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| {
                format!("{name:?} is not a log format; expected combined, common, csv or json")
            })
    }
}

/// Writes lines. Each line ends with a line feed and contains no other.
#[derive(Clone, Debug, Default)]
pub struct Formatter {
    format: LogFormat,
    secrets: SecretNames,
}

impl Formatter {
    /// A formatter for this format. It redacts the values of query parameters with these names.
    pub fn new<S: Into<String>>(format: LogFormat, secrets: impl IntoIterator<Item = S>) -> Self {
        Self {
            format,
            secrets: SecretNames::new(secrets),
        }
    }

    /// The format of the access log.
    pub const fn format(&self) -> LogFormat {
        self.format
    }

    /// Writes the line of `access.log`, for any request.
    pub fn access(&self, record: &LogRecord, out: &mut Vec<u8>) {
        match self.format {
            LogFormat::Combined => self.combined(record, out),
            LogFormat::Common => self.common(record, out),
            LogFormat::Csv => csv(record, out),
            LogFormat::Json => json_line(record, out),
        }
        out.push(b'\n');
    }

    /// Writes the line of `error.log`, if the status is 400 or above.
    pub fn error(&self, record: &LogRecord, out: &mut Vec<u8>) {
        if record.status < 400 {
            return;
        }
        out.push(b'[');
        Stamp::from(record.came).spaced(out);
        out.extend_from_slice(b"] [error] ");
        decimal(record.status.into(), out);
        out.extend_from_slice(b" from ");
        client(record, out);
        out.extend_from_slice(b": ");
        self.method_and_target(record, out);
        out.extend_from_slice(b" \"");
        text_or_dash(record.agent(), Place::Quoted, out);
        out.extend_from_slice(b"\"\n");
    }

    /// Writes the line of `aiwaf.log`, if the request was refused.
    pub fn refusal(&self, record: &LogRecord, out: &mut Vec<u8>) {
        let Some((_, id)) = &record.refused else {
            return;
        };
        out.push(b'[');
        Stamp::from(record.came).iso(out);
        out.extend_from_slice(b"Z] [AIWAF] BLOCKED ");
        client(record, out);
        out.extend_from_slice(b" - \"");
        text(&reason(record), Place::Quoted, out);
        out.extend_from_slice(b"\" - ");
        self.method_and_target(record, out);
        out.extend_from_slice(b" \"");
        text_or_dash(record.agent(), Place::Quoted, out);
        out.extend_from_slice(b"\" ");
        display(id, out);
        out.push(b'\n');
    }

    fn common(&self, record: &LogRecord, out: &mut Vec<u8>) {
        client(record, out);
        out.extend_from_slice(b" - - [");
        Stamp::from(record.came).common_log(out);
        out.extend_from_slice(b"] \"");
        self.method_and_target(record, out);
        out.push(b' ');
        out.extend_from_slice(record.version.as_str().as_bytes());
        out.extend_from_slice(b"\" ");
        decimal(record.status.into(), out);
        out.push(b' ');
        match record.bytes {
            Some(bytes) => decimal(bytes, out),
            None => out.push(b'-'),
        }
    }

    fn combined(&self, record: &LogRecord, out: &mut Vec<u8>) {
        self.common(record, out);
        out.extend_from_slice(b" \"");
        text_or_dash(&self.secrets.redact(record.referer()), Place::Quoted, out);
        out.extend_from_slice(b"\" \"");
        text_or_dash(record.agent(), Place::Quoted, out);
        out.extend_from_slice(b"\" ");
        decimal(millis(record), out);
        out.extend_from_slice(b"ms ");
        if record.refused.is_some() {
            out.extend_from_slice(b"BLOCKED \"");
            text(&reason(record), Place::Quoted, out);
            out.push(b'"');
        } else {
            out.extend_from_slice(b"- \"-\"");
        }
    }

    fn method_and_target(&self, record: &LogRecord, out: &mut Vec<u8>) {
        text_or_dash(record.method(), Place::Bare, out);
        out.push(b' ');
        text_or_dash(&self.secrets.redact(record.target()), Place::Bare, out);
    }
}

fn csv(record: &LogRecord, out: &mut Vec<u8>) {
    Stamp::from(record.came).iso(out);
    out.push(b',');
    client(record, out);
    out.push(b',');
    cell(record.method(), out);
    out.push(b',');
    cell(path(record), out);
    out.push(b',');
    decimal(record.status.into(), out);
    out.push(b',');
    decimal(millis(record), out);
    out.extend_from_slice(match record.refused {
        Some(_) => b",True,",
        None => b",False,",
    });
    cell(&reason(record), out);
}

fn json_line(record: &LogRecord, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"timestamp\": \"");
    Stamp::from(record.came).iso(out);
    out.extend_from_slice(b"\", \"ip\": \"");
    client(record, out);
    out.extend_from_slice(b"\", \"method\": \"");
    json(record.method(), out);
    out.extend_from_slice(b"\", \"path\": \"");
    json(path(record), out);
    out.extend_from_slice(b"\", \"status_code\": ");
    decimal(record.status.into(), out);
    match &record.refused {
        None => out.extend_from_slice(b", \"blocked\": false}"),
        Some((_, id)) => {
            out.extend_from_slice(b", \"blocked\": true, \"block_reason\": \"");
            json(&reason(record), out);
            out.extend_from_slice(b"\", \"request_id\": \"");
            display(id, out);
            out.extend_from_slice(b"\"}");
        }
    }
}

/// The client's address. An address needs no escaping in any format.
fn client(record: &LogRecord, out: &mut Vec<u8>) {
    match &record.client {
        Some(IpAddr::V4(address)) => {
            for (at, octet) in address.octets().into_iter().enumerate() {
                if at > 0 {
                    out.push(b'.');
                }
                decimal(octet.into(), out);
            }
        }
        Some(address) => display(address, out),
        None => out.extend_from_slice(b"unknown"),
    }
}

/// The target without its query.
fn path(record: &LogRecord) -> &[u8] {
    let target = record.target();
    let end = memchr::memchr2(b'?', b'#', target).unwrap_or(target.len());
    target.get(..end).unwrap_or(target)
}

/// The cause's code and sentence, or empty if the request was not refused.
fn reason(record: &LogRecord) -> Vec<u8> {
    record
        .refused
        .as_ref()
        .map(|(cause, _)| format!("{}: {cause}", cause.code()).into_bytes())
        .unwrap_or_default()
}

fn millis(record: &LogRecord) -> u64 {
    u64::try_from(record.took.as_millis()).unwrap_or(u64::MAX)
}

fn display(value: &impl fmt::Display, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{value}");
}
