//! Compiled only into tests (`#[cfg(test)]` in `mod.rs`): a panic here fails a test and never
//! affects a request.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::request::{RequestView, ResponseView};
use crate::verdict::{Cause, Refusal, RequestId};

/// The moment of the examples, 2025-09-14T15:02:41Z, plus `after` seconds.
fn moment(after: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_757_862_161 + after)
}

fn refusal(cause: Cause) -> Refusal {
    Refusal {
        status: cause.status(),
        cause,
        request_id: RequestId(0x1234),
        client: None,
    }
}

/// The API request of the examples.
fn served() -> LogRecord {
    let headers: [(&str, &[u8]); 2] = [
        ("Referer", b"http://example.com"),
        ("User-Agent", b"Mozilla/5.0"),
    ];
    let view = RequestView {
        headers: &headers,
        ..RequestView::new("GET", b"/api/data")
    };
    let mut record = LogRecord::new(&view, "127.0.0.1".parse().ok(), moment(0));
    let response = ResponseView {
        bytes: Some(1234),
        ..ResponseView::new(200)
    };
    record.answer(&response, Duration::from_micros(50_900));
    record
}

/// The scanner's request of the examples.
fn refused() -> LogRecord {
    let headers: [(&str, &[u8]); 1] = [("user-agent", b"BadBot/1.0")];
    let view = RequestView {
        headers: &headers,
        ..RequestView::new("GET", b"/admin.php?x=1,2")
    };
    let mut record = LogRecord::new(&view, "203.0.113.10".parse().ok(), moment(1));
    record.refuse(&refusal(Cause::Probe { text: ".php" }));
    let response = ResponseView {
        bytes: Some(0),
        ..ResponseView::new(403)
    };
    record.answer(&response, Duration::from_millis(10));
    record
}

fn line(format: LogFormat, record: &LogRecord) -> String {
    let mut out = Vec::new();
    Formatter::new(format, ["token"]).access(record, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn lines_look_as_log_tools_expect_them() {
    for (format, expected) in [
        (
            LogFormat::Combined,
            concat!(
                r#"127.0.0.1 - - [14/Sep/2025:15:02:41 +0000] "GET /api/data HTTP/1.1" 200 1234 "http://example.com" "Mozilla/5.0" 50ms - "-""#,
                "\n",
                r#"203.0.113.10 - - [14/Sep/2025:15:02:42 +0000] "GET /admin.php?x=1,2 HTTP/1.1" 403 0 "-" "BadBot/1.0" 10ms BLOCKED "probe: the path is one that scanners look for: .php""#,
                "\n",
            ),
        ),
        (
            LogFormat::Common,
            concat!(
                r#"127.0.0.1 - - [14/Sep/2025:15:02:41 +0000] "GET /api/data HTTP/1.1" 200 1234"#,
                "\n",
                r#"203.0.113.10 - - [14/Sep/2025:15:02:42 +0000] "GET /admin.php?x=1,2 HTTP/1.1" 403 0"#,
                "\n",
            ),
        ),
        (
            LogFormat::Csv,
            "2025-09-14T15:02:41,127.0.0.1,GET,/api/data,200,50,False,\n\
             2025-09-14T15:02:42,203.0.113.10,GET,/admin.php,403,10,True,probe: the path is one that scanners look for: .php\n",
        ),
        (
            LogFormat::Json,
            concat!(
                r#"{"timestamp": "2025-09-14T15:02:41", "ip": "127.0.0.1", "method": "GET", "path": "/api/data", "status_code": 200, "blocked": false}"#,
                "\n",
                r#"{"timestamp": "2025-09-14T15:02:42", "ip": "203.0.113.10", "method": "GET", "path": "/admin.php", "status_code": 403, "blocked": true, "block_reason": "probe: the path is one that scanners look for: .php", "request_id": "0000000000001234"}"#,
                "\n",
            ),
        ),
    ] {
        let lines = line(format, &served()) + &line(format, &refused());
        assert_eq!(lines, expected, "{format}");
    }
}

#[test]
fn errors_and_refusals_have_files_of_their_own() {
    let formatter = Formatter::default();
    let mut out = Vec::new();
    formatter.error(&served(), &mut out);
    formatter.refusal(&served(), &mut out);
    assert!(out.is_empty());
    formatter.error(&refused(), &mut out);
    formatter.refusal(&refused(), &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        concat!(
            r#"[2025-09-14 15:02:42] [error] 403 from 203.0.113.10: GET /admin.php?x=1,2 "BadBot/1.0""#,
            "\n",
            r#"[2025-09-14T15:02:42Z] [AIWAF] BLOCKED 203.0.113.10 - "probe: the path is one that scanners look for: .php" - GET /admin.php?x=1,2 "BadBot/1.0" 0000000000001234"#,
            "\n",
        )
    );
}

#[test]
fn secrets_in_the_query_are_not_copied() {
    let headers: [(&str, &[u8]); 1] = [("referer", b"https://shop.example/a?token=s3cret&p=1")];
    let view = RequestView {
        headers: &headers,
        ..RequestView::new("GET", b"/b?p=1&Token=s3cret")
    };
    let record = LogRecord::new(&view, None, moment(0));
    for format in [LogFormat::Combined, LogFormat::Common, LogFormat::Csv] {
        assert!(!line(format, &record).contains("s3cret"));
    }
    let combined = line(LogFormat::Combined, &record);
    assert!(combined.starts_with("unknown - - ["), "{combined}");
    assert!(combined.contains(
        r#""GET /b?p=1&Token=[REDACTED] HTTP/1.1" 0 - "https://shop.example/a?token=[REDACTED]&p=1""#
    ));
}

/// A combined line as a log tool parses it: split at quotes and spaces, nothing else.
struct Combined<'a> {
    host: &'a str,
    stamp: &'a str,
    request: Vec<&'a str>,
    status: u16,
    referer: &'a str,
    agent: &'a str,
    millis: u64,
    mark: &'a str,
    reason: &'a str,
}

fn parse_combined(line: &str) -> Combined<'_> {
    let line = line.strip_suffix('\n').unwrap();
    let quoted: Vec<&str> = line.split('"').collect();
    let [head, request, size, referer, " ", agent, tail, reason, ""] = quoted.as_slice() else {
        panic!("{} pieces between quotes: {line}", quoted.len());
    };
    let (host, stamp) = head.trim_end().split_once(" - - ").unwrap();
    let (millis, mark) = tail.trim().split_once(' ').unwrap();
    Combined {
        host,
        stamp,
        request: request.split(' ').collect(),
        status: size.trim().split(' ').next().unwrap().parse().unwrap(),
        referer,
        agent,
        millis: millis.strip_suffix("ms").unwrap().parse().unwrap(),
        mark,
        reason,
    }
}

/// Decodes `\xNN`.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'\\' {
            let hex = std::str::from_utf8(&tail[1..3]).unwrap();
            out.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[3..];
        } else {
            out.push(*byte);
            rest = tail;
        }
    }
    out
}

fn or_dash(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        b"-".to_vec()
    } else {
        bytes.to_vec()
    }
}

/// Bytes chosen by an attacker who knows the formats.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 24] = [
        b"\"",
        b"\\",
        b"\n",
        b"\r\n",
        b" ",
        b",",
        b"'",
        b"=",
        b"\0",
        b"\x1b[2J",
        b"\xff",
        b"\xc3\xa9",
        "\u{2028}\u{85}\u{202e}".as_bytes(),
        b"?",
        b"\\x22",
        b"\\\"",
        b"%0a",
        b"/",
        b"a",
        b"\" 200 1 \"-\" \"x\" 1ms - \"-\"\n9.9.9.9 - - [",
        b"\"}\n{\"ip\": \"9.9.9.9\"",
        b"\n2025-01-01T00:00:00,9.9.9.9,GET,/x,200,1,False,",
        b"BLOCKED",
        b"=cmd|' /C calc'!A0",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..12)
        .prop_map(|pieces| pieces.concat())
}

prop_compose! {
    fn hostile_record()(
        method in hostile(),
        target in hostile(),
        referer in hostile(),
        agent in hostile(),
        detail in proptest::option::of(hostile()),
    ) -> LogRecord {
        let method = String::from_utf8_lossy(&method).into_owned();
        let headers: [(&str, &[u8]); 2] = [("Referer", &referer), ("USER-AGENT", &agent)];
        let view = RequestView { headers: &headers, ..RequestView::new(&method, &target) };
        let mut record = LogRecord::new(&view, "2001:db8::7".parse().ok(), moment(0));
        if let Some(detail) = &detail {
            let keyword = Arc::from(String::from_utf8_lossy(detail));
            record.refuse(&refusal(Cause::Keyword { keyword, place: "path" }));
        }
        record.answer(&ResponseView::new(404), Duration::from_millis(7));
        record
    }
}

fn expected_reason(record: &LogRecord) -> Option<String> {
    let (cause, _) = record.refused.as_ref()?;
    Some(format!("{}: {cause}", cause.code()))
}

fn path_of(record: &LogRecord) -> &[u8] {
    record
        .target()
        .split(|byte| matches!(byte, b'?' | b'#'))
        .next()
        .unwrap()
}

/// Checks that this is one line, in ASCII, without a control character.
fn assert_one_line(line: &str) {
    assert_eq!(line.matches('\n').count(), 1);
    assert!(line.ends_with('\n') && line.trim_end().chars().all(|c| (' '..='~').contains(&c)));
}

proptest! {
    #[test]
    fn combined_lines_read_back_whatever_is_in_them(record in hostile_record()) {
        let line = line(LogFormat::Combined, &record);
        assert_one_line(&line);
        let parsed = parse_combined(&line);
        prop_assert_eq!(parsed.host, "2001:db8::7");
        prop_assert_eq!(parsed.stamp, "[14/Sep/2025:15:02:41 +0000]");
        let [method, target, version] = parsed.request.as_slice() else {
            panic!("{:?}", parsed.request);
        };
        prop_assert_eq!(unescape(method), or_dash(record.method()));
        prop_assert_eq!(unescape(target), or_dash(record.target()));
        prop_assert_eq!(*version, "HTTP/1.1");
        prop_assert_eq!(parsed.status, 404);
        prop_assert_eq!(unescape(parsed.referer), or_dash(record.referer()));
        prop_assert_eq!(unescape(parsed.agent), or_dash(record.agent()));
        prop_assert_eq!(parsed.millis, 7);
        let (mark, reason) = match expected_reason(&record) {
            Some(reason) => ("BLOCKED", reason),
            None => ("-", "-".to_owned()),
        };
        prop_assert_eq!(parsed.mark, mark);
        prop_assert_eq!(unescape(parsed.reason), reason.into_bytes());
    }

    #[test]
    fn csv_lines_read_back_whatever_is_in_them(record in hostile_record()) {
        let line = line(LogFormat::Csv, &record);
        assert_one_line(&line);
        let text = CSV_HEADER.to_owned() + &line;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        prop_assert_eq!(reader.headers().unwrap().len(), 8);
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(rows.len(), 1);
        for cell in &rows[0] {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
        let cell = |at: usize| {
            let cell = &rows[0][at];
            unescape(cell.strip_prefix('\'').unwrap_or(cell))
        };
        prop_assert_eq!(cell(1), b"2001:db8::7");
        prop_assert_eq!(cell(2), record.method());
        prop_assert_eq!(cell(3), path_of(&record));
        prop_assert_eq!(&rows[0][4], "404");
        prop_assert_eq!(&rows[0][5], "7");
        prop_assert_eq!(&rows[0][6], if record.refused.is_some() { "True" } else { "False" });
        prop_assert_eq!(cell(7), expected_reason(&record).unwrap_or_default().into_bytes());
    }

    #[test]
    fn json_lines_read_back_whatever_is_in_them(record in hostile_record()) {
        let line = line(LogFormat::Json, &record);
        assert_one_line(&line);
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
        let keys = if record.refused.is_some() { 8 } else { 6 };
        prop_assert_eq!(object.len(), keys);
        // A backslash in a JSON string always belongs to an escaped byte.
        let path = object["path"].as_str().unwrap();
        let mut bytes = Vec::new();
        for (at, piece) in path.split('\\').enumerate() {
            let (escaped, plain) = if at == 0 { ("", piece) } else { piece.split_at(3) };
            bytes.extend(unescape(&escaped.replace('x', "\\x")));
            bytes.extend_from_slice(plain.as_bytes());
        }
        prop_assert_eq!(bytes, path_of(&record));
        prop_assert_eq!(&object["ip"], "2001:db8::7");
        prop_assert_eq!(&object["blocked"], record.refused.is_some());
    }

    #[test]
    fn the_other_files_have_one_line_each(record in hostile_record()) {
        let formatter = Formatter::default();
        let mut out = Vec::new();
        formatter.error(&record, &mut out);
        let error = String::from_utf8(std::mem::take(&mut out)).unwrap();
        assert_one_line(&error);
        prop_assert_eq!(error.matches('"').count(), 2);
        formatter.refusal(&record, &mut out);
        if record.refused.is_some() {
            let refusal = String::from_utf8(out).unwrap();
            assert_one_line(&refusal);
            prop_assert_eq!(refusal.matches('"').count(), 4);
        } else {
            prop_assert!(out.is_empty());
        }
    }
}

#[test]
fn long_texts_are_cut() {
    let long = vec![b'a'; 100_000];
    let headers: [(&str, &[u8]); 2] = [("referer", &long), ("user-agent", &long)];
    let method = "M".repeat(1000);
    let view = RequestView {
        headers: &headers,
        ..RequestView::new(&method, &long)
    };
    let record = LogRecord::new(&view, None, moment(0));
    assert_eq!(record.method().len(), 32);
    assert_eq!(record.target().len(), 4096);
    assert_eq!((record.referer().len(), record.agent().len()), (2048, 2048));
    assert!(record.weight() < 10_000);
}
