//! Requests that carry one value among others.

use std::fmt::Write as _;

/// A place in a request, and its syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    QueryName,
    QueryValue,
    /// A piece of a query without `=`.
    QueryFlag,
    Path,
    CookieName,
    CookieValue,
    /// A separate `Cookie` line, as HTTP/2 allows.
    CookieLine,
    Header(&'static str),
    FormName,
    FormValue,
    FormFlag,
    JsonKey,
    JsonValue,
    JsonNested,
    JsonArray,
    /// The whole document is one string.
    JsonString,
    XmlText,
    XmlAttribute,
    XmlCdata,
    XmlComment,
    PartName,
    PartValue,
    FileName,
    PartHeader,
    /// A whole body of `text/plain`.
    Text,
    /// One line among others in a `text/plain` body.
    TextLine,
}

/// The position of a value among its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    First,
    Middle,
    Last,
}

impl Slot {
    pub(crate) const ALL: [Self; 3] = [Self::First, Self::Middle, Self::Last];

    fn among(self, decoys: usize) -> usize {
        match self {
            Self::First => 0,
            Self::Middle => decoys / 2,
            Self::Last => decoys,
        }
    }
}

/// A request as it arrives over the wire.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    fn get(target: Vec<u8>, mut headers: Vec<(String, Vec<u8>)>) -> Self {
        if !headers.iter().any(|(name, _)| name == "Host") {
            headers.insert(0, ("Host".to_owned(), b"shop.example".to_vec()));
        }
        Self {
            method: "GET",
            target,
            headers,
            body: Vec::new(),
        }
    }

    /// A body without an announced length.
    pub(crate) fn post(content_type: &str, body: Vec<u8>) -> Self {
        let headers = [
            ("Host", "shop.example"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Type", content_type),
        ];
        Self {
            method: "POST",
            target: b"/orders".to_vec(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
                .to_vec(),
            body,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const MULTIPART: &str = "multipart/form-data; boundary=b0undary";

impl Carrier {
    pub(crate) const ALL: [Self; 26] = [
        Self::QueryName,
        Self::QueryValue,
        Self::QueryFlag,
        Self::Path,
        Self::CookieName,
        Self::CookieValue,
        Self::CookieLine,
        Self::Header("X-Shop-Campaign"),
        Self::FormName,
        Self::FormValue,
        Self::FormFlag,
        Self::JsonKey,
        Self::JsonValue,
        Self::JsonNested,
        Self::JsonArray,
        Self::JsonString,
        Self::XmlText,
        Self::XmlAttribute,
        Self::XmlCdata,
        Self::XmlComment,
        Self::PartName,
        Self::PartValue,
        Self::FileName,
        Self::PartHeader,
        Self::Text,
        Self::TextLine,
    ];

    /// The name in the data for carriers that are alike.
    pub(crate) const fn family(self) -> &'static str {
        match self {
            Self::QueryName
            | Self::QueryFlag
            | Self::CookieName
            | Self::FormName
            | Self::FormFlag
            | Self::JsonKey
            | Self::PartName => "name",
            Self::QueryValue | Self::FormValue => "value",
            Self::PartValue => "part",
            Self::CookieValue | Self::CookieLine => "cookie",
            Self::JsonValue | Self::JsonNested | Self::JsonArray | Self::JsonString => "json",
            Self::XmlText | Self::XmlAttribute | Self::XmlCdata => "xml",
            Self::XmlComment => "comment",
            Self::Path => "path",
            Self::Header(_) => "header",
            Self::FileName => "filename",
            Self::PartHeader => "part-header",
            Self::Text => "text",
            Self::TextLine => "line",
        }
    }

    /// A request with the text at this slot among `decoys` decoys.
    pub(crate) fn request(self, text: &[u8], slot: Slot, decoys: usize) -> Request {
        let at = slot.among(decoys);
        let before: Vec<String> = (0..at).map(|n| format!("plain{n}")).collect();
        let after: Vec<String> = (at..decoys).map(|n| format!("plain{n}")).collect();
        let decoys = |texts: &[String]| -> Vec<Vec<u8>> {
            texts
                .iter()
                .map(|text| self.item(text.as_bytes(), false))
                .collect()
        };
        let mut items = decoys(&before);
        items.push(self.item(text, true));
        items.extend(decoys(&after));
        self.assemble(&items, at)
    }

    /// One item in the syntax of the carrier. If the carrier is a name, decoys are names too.
    pub(crate) fn item(self, text: &[u8], is_attack: bool) -> Vec<u8> {
        match self {
            Self::QueryName | Self::FormName => [&percent(text, b""), b"=1".as_slice()].concat(),
            Self::QueryFlag | Self::FormFlag => percent(text, b""),
            Self::QueryValue | Self::FormValue => {
                [b"field=", percent(text, b"").as_slice()].concat()
            }
            Self::Path => percent(text, b"/"),
            Self::CookieName => [cookie(text).as_slice(), b"=1"].concat(),
            Self::CookieValue | Self::CookieLine => [b"field=", cookie(text).as_slice()].concat(),
            Self::Header(_) => percent_controls(text),
            Self::JsonKey => [json(text).as_slice(), b":1"].concat(),
            Self::JsonValue => [b"\"field\":", json(text).as_slice()].concat(),
            Self::JsonNested if is_attack => {
                [b"\"a\":{\"b\":[1,[{\"c\":", json(text).as_slice(), b"}]]}"].concat()
            }
            Self::JsonNested => [b"\"field\":", json(text).as_slice()].concat(),
            Self::JsonArray | Self::JsonString => json(text),
            Self::XmlText => [b"<item>", entities(text).as_slice(), b"</item>"].concat(),
            Self::XmlAttribute => [b"<item name=\"", entities(text).as_slice(), b"\"/>"].concat(),
            Self::XmlCdata => [b"<item><![CDATA[", text, b"]]></item>"].concat(),
            Self::XmlComment => [b"<!-- ", text, b" -->"].concat(),
            Self::PartName => part(&disposition(text, None), b"1"),
            Self::PartValue => part(&disposition(b"field", None), text),
            Self::FileName => part(&disposition(b"file", Some(text)), b"data"),
            Self::PartHeader => {
                let extra = [b"\r\nX-Part: ", percent_controls(text).as_slice()].concat();
                part(&[disposition(b"field", None), extra].concat(), b"1")
            }
            Self::Text | Self::TextLine => text.to_vec(),
        }
    }

    /// A request made of these items. `at` is the position of the text under test.
    pub(crate) fn assemble(self, items: &[Vec<u8>], at: usize) -> Request {
        let joined = |separator: &[u8]| items.join(separator);
        let wrapped = |open: &[u8], separator: &[u8], close: &[u8]| {
            [open, &joined(separator), close].concat()
        };
        let line = |name: &str, value: Vec<u8>| (name.to_owned(), value);
        match self {
            Self::QueryName | Self::QueryValue | Self::QueryFlag => {
                Request::get(wrapped(b"/search?", b"&", b""), Vec::new())
            }
            Self::Path => Request::get(wrapped(b"/", b"/", b""), Vec::new()),
            Self::CookieName | Self::CookieValue => {
                Request::get(b"/".to_vec(), vec![line("Cookie", joined(b"; "))])
            }
            Self::CookieLine => {
                let lines = items.iter().map(|item| line("Cookie", item.clone()));
                Request::get(b"/".to_vec(), lines.collect())
            }
            Self::Header(name) => {
                let lines = items.iter().enumerate().map(|(number, item)| match number {
                    number if number == at => line(name, item.clone()),
                    number => line(&format!("X-Decoy-{number}"), item.clone()),
                });
                Request::get(b"/".to_vec(), lines.collect())
            }
            Self::FormName | Self::FormValue | Self::FormFlag => Request::post(FORM, joined(b"&")),
            Self::JsonKey | Self::JsonValue | Self::JsonNested => {
                Request::post("application/json", wrapped(b"{", b",", b"}"))
            }
            Self::JsonArray => Request::post("application/json", wrapped(b"[", b",", b"]")),
            // A whole body has no neighbours.
            Self::JsonString => Request::post("application/json", items[at].clone()),
            Self::XmlText | Self::XmlAttribute | Self::XmlCdata | Self::XmlComment => {
                let document = wrapped(b"<?xml version=\"1.0\"?><order>", b"\n", b"</order>");
                Request::post("application/xml", document)
            }
            Self::PartName | Self::PartValue | Self::FileName | Self::PartHeader => {
                Request::post(MULTIPART, wrapped(b"", b"", b"--b0undary--\r\n"))
            }
            Self::Text => Request::post("text/plain", items[at].clone()),
            Self::TextLine => Request::post("text/plain", joined(b"\n")),
        }
    }
}

/// Percent-encodes as a form does, except the bytes in `keep`.
fn percent(text: &[u8], keep: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    for &byte in text {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => out.push(byte.into()),
            byte if keep.contains(&byte) => out.push(byte.into()),
            byte => write!(out, "%{byte:02X}").unwrap(),
        }
    }
    out.into_bytes()
}

/// Percent-encodes bytes that no header can hold.
fn percent_controls(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in text {
        match byte {
            0..=31 | 127 => out.extend(format!("%{byte:02x}").bytes()),
            byte => out.push(byte),
        }
    }
    out
}

/// Percent-encodes bytes that a cookie cannot hold, as scripts in pages do.
fn cookie(text: &[u8]) -> Vec<u8> {
    let plain: Vec<u8> = (33..127).filter(|byte| !b";,=%\"".contains(byte)).collect();
    percent(text, &plain)
}

fn json(text: &[u8]) -> Vec<u8> {
    serde_json::to_vec(std::str::from_utf8(text).unwrap()).unwrap()
}

fn entities(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    escaped.replace('"', "&quot;").into_bytes()
}

/// The disposition of a part, escaped as browsers do.
fn disposition(name: &[u8], file_name: Option<&[u8]>) -> Vec<u8> {
    let quoted = |text: &[u8]| {
        let text = String::from_utf8(percent_controls(text)).unwrap();
        text.replace('"', "%22")
    };
    let mut line = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
    if let Some(file_name) = file_name {
        write!(line, "; filename=\"{}\"", quoted(file_name)).unwrap();
    }
    line.into_bytes()
}

fn part(head: &[u8], value: &[u8]) -> Vec<u8> {
    [b"--b0undary\r\n", head, b"\r\n\r\n", value, b"\r\n"].concat()
}
