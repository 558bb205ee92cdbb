//! The access log: what a line says of a request, in four formats, and who takes it.
//!
//! The engine does no I/O. When a [`LogSink`] is there it makes a [`LogRecord`] of each request and hands it over once
//! the answer is known; a sink queues it, and its own thread writes lines with a [`Formatter`]. Without a sink nothing
//! is made and nothing is allocated.
//!
//! | file | what | form |
//! | --- | --- | --- |
//! | `access.log` | every request | the chosen [`LogFormat`] |
//! | `error.log` | status 400 and above | `[2025-09-14 15:02:42] [error] 404 from 203.0.113.10: GET /x "agent"` |
//! | `aiwaf.log` | every refusal | `[2025-09-14T15:02:42Z] [AIWAF] BLOCKED 203.0.113.10 - "probe: …" - GET /x "agent" id` |
//!
//! The access log's formats, by an example of a refused request:
//!
//! ```text
//! combined  203.0.113.10 - - [14/Sep/2025:15:02:42 +0000] "GET /admin.php HTTP/1.1" 403 19 "-" "BadBot/1.0" 10ms BLOCKED "probe: …"
//! common    203.0.113.10 - - [14/Sep/2025:15:02:42 +0000] "GET /admin.php HTTP/1.1" 403 19
//! csv       2025-09-14T15:02:42,203.0.113.10,GET,/admin.php,403,10,True,probe: …
//! json      {"timestamp": "2025-09-14T15:02:42", "ip": "203.0.113.10", "method": "GET", "path": "/admin.php", "status_code": 403, "blocked": true, "block_reason": "probe: …", "request_id": "…"}
//! ```
//!
//! A reason begins with the stable code of the cause ([`Cause::code`](crate::Cause::code)). All stamps are UTC: when the request came.
//! `combined` and `common` show the target with its query, `csv` and `json` the path alone.
//!
//! # Escaping
//!
//! No byte of a request can forge a line, a field or a cell. In every format but JSON a control byte, a quote, a
//! backslash and every byte that is not ASCII is written as `\xNN`, as nginx does, so a line is always ASCII; in a
//! field without quotes around it a space is, too. JSON has its own escapes; bytes that are not UTF-8 become `\xNN`
//! there as well. A CSV cell that a spreadsheet could take for a formula gets a `'` in front.
//!
//! The values of query parameters whose names the operator lists are replaced with `[REDACTED]`, in targets and in referers.

mod escape;
mod format;
mod record;
pub(crate) mod stamp;

pub use format::{CSV_HEADER, Formatter, LogFormat};
pub use record::LogRecord;

/// Takes records of answered requests. Called from requests: it must not block.
pub trait LogSink: Send + Sync + 'static {
    /// Takes one record. What it has no room for it drops and counts.
    fn take(&self, record: Box<LogRecord>);
}

#[cfg(test)]
mod tests;
