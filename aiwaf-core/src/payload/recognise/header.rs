//! Line breaks that begin a header or a response of their own.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::Bytes;

static SPLIT: Rule = Rule::recognised(
    "crlf-header",
    Category::Crlf,
    Severity::Critical,
    &[
        "x\r\nSet-Cookie: a=b",
        "%0d%0aContent-Length:%200",
        "a\nLocation: http://x.test/",
        "%E5%98%8D%E5%98%8ASet-Cookie:x",
        "\\r\\nSet-Cookie:x=1",
    ],
    &[
        "Dear all,\nthe location: room 5",
        "Type: text\nColour: red",
        "a\nb",
    ],
)
.only(
    Carriers::ALL
        .without(Carrier::FileContent)
        .without(Carrier::Text)
        // What an application logs about requests of its own is in JSON.
        .without(Carrier::JsonValue)
        .without(Carrier::PartValue)
        .without(Carrier::XmlText),
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&SPLIT];

/// Headers that somebody gains from adding to a response or a request.
const HEADERS: [&[u8]; 14] = [
    b"set-cookie:",
    b"set-cookie2:",
    b"content-length:",
    b"content-type:",
    b"location: http",
    b"location:http",
    b"location: /",
    b"location:/",
    b"http/1.",
    b"http/2",
    b"x-forwarded-for:",
    b"x-xss-protection:",
    b"transfer-encoding:",
    b"refresh:",
];

/// Judges the line breaks in `input`.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if !input
        .bytes
        .any(Bytes::LINE.or(Bytes::BACKSLASH).or(Bytes::COLON))
    {
        return;
    }
    for (at, &byte) in input.view.iter().enumerate() {
        let after = match byte {
            b'\r' | b'\n' => at + 1,
            b'\\'
                if input
                    .view
                    .get(at + 1)
                    .is_some_and(|b| matches!(b, b'r' | b'n')) =>
            {
                at + 2
            }
            // U+560A and U+560D: cut to one byte they are LF and CR.
            0xe5 if input
                .view
                .get(at + 1..at + 3)
                .is_some_and(|b| matches!(b, [0x98, 0x8a | 0x8d])) =>
            {
                at + 3
            }
            _ => continue,
        };
        let line = input.view.get(after..).unwrap_or_default();
        let line = line.get(..24).unwrap_or(line).trim_ascii_start();
        let found = HEADERS.iter().any(|name| {
            line.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        });
        if found {
            report(&SPLIT, cut(input.view, after, 32));
            return;
        }
    }
}
