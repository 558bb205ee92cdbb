//! The access log: what a line records about a request, in four formats, and the sink that takes
//! it.
//!
//! The engine does no I/O. If there is a [`LogSink`], the engine makes a [`LogRecord`] of each
//! request and passes it to the sink once the response is known. The sink queues it, and the sink's
//! own thread writes lines with a [`Formatter`]. Without a sink, no record is made and nothing is
//! allocated.
//!
//! | file | what | form |
//! | --- | --- | --- |
//! | `access.log` | every request | the chosen [`LogFormat`] |
//! | `error.log` | status 400 and above | `[2025-09-14 15:02:42] [error] 404 from 203.0.113.10: GET /x "agent"` |
//! | `aiwaf.log` | every refusal | `[2025-09-14T15:02:42Z] [AIWAF] BLOCKED 203.0.113.10 - "probe: …" - GET /x "agent" id` |
//!
//! An example of a refused request in each format of the access log:
//!
//! ```text
//! combined  203.0.113.10 - - [14/Sep/2025:15:02:42 +0000] "GET /admin.php HTTP/1.1" 403 19 "-" "BadBot/1.0" 10ms BLOCKED "probe: …"
//! common    203.0.113.10 - - [14/Sep/2025:15:02:42 +0000] "GET /admin.php HTTP/1.1" 403 19
//! csv       2025-09-14T15:02:42,203.0.113.10,GET,/admin.php,403,10,True,probe: …
//! json      {"timestamp": "2025-09-14T15:02:42", "ip": "203.0.113.10", "method": "GET", "path": "/admin.php", "status_code": 403, "blocked": true, "block_reason": "probe: …", "request_id": "…"}
//! ```
//!
//! A reason begins with the stable code of the cause ([`Cause::code`](crate::Cause::code)). Every
//! timestamp is in UTC and says when the request arrived. `combined` and `common` show the target
//! with its query, `csv` and `json` only the path.
//!
//! # Escaping
//!
//! No byte of a request can forge a line, a field or a cell. In every format except JSON, control
//! bytes, quotes, backslashes and all bytes that are not ASCII are written as `\xNN`, as nginx
//! does, so a line is always ASCII. In a field without quotes, a space is escaped too. JSON has its
//! own escapes; bytes that are not UTF-8 become `\xNN` there as well. A CSV cell that a spreadsheet
//! could take for a formula gets a `'` in front.
//!
//! The values of query parameters whose names the operator lists are replaced with `[REDACTED]`,
//! both in targets and in referers.

mod escape;
mod format;
mod record;
pub(crate) mod stamp;

pub use format::{CSV_HEADER, Formatter, LogFormat};
pub use record::LogRecord;

/// Takes records of answered requests. Called while a request is handled, so it must not block.
pub trait LogSink: Send + Sync + 'static {
    /// Takes one record. If there is no room for it, drops and counts it.
    fn take(&self, record: Box<LogRecord>);
}

#[cfg(test)]
mod tests;
