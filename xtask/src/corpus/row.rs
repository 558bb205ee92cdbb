//! One labelled request, as stored in the files.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// A request, its source and its label.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) category: String,
    pub(crate) expect: Option<String>,
    pub(crate) method: String,
    /// The raw request-target, query included.
    pub(crate) path: String,
    #[serde(default, deserialize_with = "in_order")]
    pub(crate) headers: Vec<(String, String)>,
    body: Option<String>,
    body_b64: Option<String>,
    /// Where the payload of an attack is.
    pub(crate) loc: Option<String>,
    #[serde(skip)]
    decoded: Option<Vec<u8>>,
}

impl Row {
    /// The bytes of the body; `None` if the request has none.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        self.decoded
            .as_deref()
            .or(self.body.as_deref().map(str::as_bytes))
    }

    /// The header lines that a server would see: those of the row, and those that the row omits.
    pub(crate) fn lines(&self) -> Vec<(String, String)> {
        let names = |name: &str| {
            self.headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        };
        let mut lines = Vec::with_capacity(self.headers.len() + 2);
        if !names("host") {
            lines.push(("Host".to_owned(), "localhost".to_owned()));
        }
        lines.extend(self.headers.iter().cloned());
        // A request with a method that is meant to carry content has a Content-Length even if the
        // content is empty (RFC 9110, section 8.6).
        let carries = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        let framed = names("content-length") || names("transfer-encoding");
        if (self.body().is_some() || carries) && !framed {
            let length = self.body().map_or(0, <[u8]>::len);
            lines.push(("Content-Length".to_owned(), length.to_string()));
        }
        lines
    }

    /// The request as sent over the wire. Its length is that of the body, even if a proxy once
    /// wrote another.
    pub(super) fn wire(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        let mut is_framed = false;
        for (name, value) in self.lines() {
            if is_framing(&name) {
                is_framed = true;
                continue;
            }
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        let body = self.body().unwrap_or_default();
        if is_framed || !body.is_empty() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        bytes
    }

    /// The path without its query.
    pub(crate) fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

fn is_framing(name: &str) -> bool {
    ["content-length", "transfer-encoding"]
        .iter()
        .any(|framing| name.eq_ignore_ascii_case(framing))
}

/// All rows of a file, which is plain or gzip according to its first bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>> {
    let shown = path.display();
    let open = || File::open(path).with_context(|| format!("cannot open {shown}"));
    let mut magic = [0; 2];
    let is_gzip = open()?.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    let reader: Box<dyn Read> = if is_gzip {
        Box::new(MultiGzDecoder::new(BufReader::new(open()?)))
    } else {
        Box::new(open()?)
    };
    let mut rows = Vec::new();
    for (at, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.with_context(|| format!("{shown}:{}", at + 1))?;
        if !line.trim().is_empty() {
            rows.push(parse(&line).with_context(|| format!("{shown}:{}", at + 1))?);
        }
    }
    Ok(rows)
}

fn parse(line: &str) -> Result<Row> {
    let mut row: Row = serde_json::from_str(line)?;
    if let Some(text) = &row.body_b64 {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text);
        row.decoded = Some(bytes.context("body_b64")?);
    }
    Ok(row)
}

/// Header lines in the order of the file. A map would sort them, and some checks look at the order.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct Lines;
    impl<'de> Visitor<'de> for Lines {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object of header lines")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut lines = Vec::new();
            while let Some(line) = map.next_entry()? {
                lines.push(line);
            }
            Ok(lines)
        }
    }
    deserializer.deserialize_map(Lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_leaves_out_is_supplied() {
        let row =
            parse(r#"{"method":"POST","path":"/a?b","headers":{"Z":"1","A":"2"},"body":"é"}"#)
                .unwrap();
        let lines: Vec<String> = row
            .lines()
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        assert_eq!(
            lines,
            ["Host: localhost", "Z: 1", "A: 2", "Content-Length: 2"]
        );
        assert_eq!(row.route(), "/a");
    }

    #[test]
    fn a_row_is_sent_with_its_true_length() {
        let row = parse(
            r#"{"method":"POST","path":"/x","headers":{"Host":"a","Content-Length":"9"},"body":"abc"}"#,
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(row.wire()).unwrap(),
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        );
    }

    #[test]
    fn bodies_are_text_or_base64() {
        let row = parse(r#"{"method":"POST","path":"/","body":null,"body_b64":"AP8="}"#).unwrap();
        assert_eq!(row.body(), Some([0x00, 0xff].as_slice()));
        let none = parse(r#"{"method":"GET","path":"/","body":null}"#).unwrap();
        assert_eq!(none.body(), None);
        assert!(none.lines().iter().all(|(name, _)| name == "Host"));
    }
}
