//! What must hold when a carrier is split, for any input.

use aiwaf_core::carriers::body::{self, Body};
use aiwaf_core::carriers::content_type::ContentType;
use aiwaf_core::carriers::multipart::Multipart;
use aiwaf_core::carriers::{
    Budget, Carrier, Feed, Field, Halt, Limits, Scratch, Sink, cookies, headers, json, query, xml,
};
use std::ops::ControlFlow;

type Fields = Vec<(Carrier, Vec<u8>)>;

/// Runs a splitter, and checks that its output is linear in its input.
fn collect(
    input: usize,
    split: impl FnOnce(&mut Scratch, &mut Feed<'_, dyn Sink + '_>) -> Result<(), Halt>,
) -> (Fields, Result<(), Halt>) {
    let (mut fields, mut bytes) = (Fields::new(), 0);
    let mut sink = |field: Field<'_>| {
        bytes += field.value.len();
        fields.push((field.carrier, field.value.to_vec()));
        ControlFlow::Continue(())
    };
    let mut budget = Budget::new(Limits::default());
    let end = split(
        &mut Scratch::default(),
        &mut Feed::new(&mut budget, &mut sink),
    );
    assert!(
        bytes <= 16 * input + 64,
        "{bytes} bytes handed on of {input}"
    );
    (fields, end)
}

/// Every piece of a query without escapes is passed on unchanged.
pub fn query(input: &[u8]) {
    let (fields, end) = collect(input.len(), |scratch, feed| {
        query::split(input, query::QUERY, scratch, feed)
    });
    if end.is_ok() && !input.iter().any(|byte| b"%+=".contains(byte)) {
        for piece in input
            .split(|&byte| byte == b'&')
            .filter(|piece| !piece.is_empty())
        {
            assert!(fields.contains(&(Carrier::QueryFlag, piece.to_vec())));
        }
    }
}

/// No `Cookie` line causes a panic.
pub fn cookies(input: &[u8]) {
    let _ = collect(input.len(), |scratch, feed| {
        cookies::split(input, scratch, feed)
    });
}

/// Every header is passed on, except those whose value carries no information.
pub fn headers(input: &[u8]) {
    for name in [
        "accept",
        "te",
        "content-type",
        "priority",
        "authorization",
        "x-any",
    ] {
        let (fields, end) = collect(input.len() + name.len(), |scratch, feed| {
            headers::split([(name, input)], scratch, feed)
        });
        let telling = input
            .iter()
            .any(|byte| b"'\"<>()$%{}|&\\:\0".contains(byte));
        assert!(end.is_err() || !telling || !fields.is_empty());
    }
}

/// Everything in a document that a strict parser accepts is passed on.
pub fn json(input: &[u8]) {
    let (fields, end) = collect(input.len(), |scratch, feed| {
        json::split(input, scratch, feed).map(drop)
    });
    if let (Ok(value), Ok(())) = (serde_json::from_slice::<serde_json::Value>(input), end) {
        strings(&value, &mut |carrier, text| {
            let text = text.as_bytes().to_vec();
            assert!(text.is_empty() || fields.contains(&(carrier, text)));
        });
    }
}

fn strings(value: &serde_json::Value, seen: &mut impl FnMut(Carrier, &str)) {
    match value {
        serde_json::Value::String(text) => seen(Carrier::JsonValue, text),
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, seen)),
        serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| {
            seen(Carrier::JsonKey, key);
            strings(value, seen);
        }),
        _ => {}
    }
}

/// No XML causes a panic.
pub fn xml(input: &[u8]) {
    let _ = collect(input.len(), |scratch, feed| {
        xml::split(input, scratch, feed).map(drop)
    });
}

/// Cutting a body into chunks does not change the result. The first byte is the size of a chunk.
pub fn multipart(input: &[u8]) {
    let (&size, input) = input.split_first().unwrap_or((&1, &[]));
    let read = |size: usize| {
        collect(input.len(), |scratch, feed| {
            let mut multipart =
                Multipart::new(&ContentType::parse(b"multipart/form-data; boundary=b"))?;
            for chunk in input.chunks(size) {
                multipart.push(chunk, scratch, feed)?;
            }
            multipart.finish(scratch, feed)
        })
    };
    assert_eq!(read(usize::from(size).max(1)), read(usize::MAX));
}

/// Any body with any type and coding. The input is the type, the coding and the body, separated by
/// line feeds.
pub fn body(input: &[u8]) {
    let mut parts = input.splitn(3, |&byte| byte == b'\n');
    let mut next = || parts.next().unwrap_or_default();
    let body = Body {
        content_type: Some(next()),
        content_encoding: Some(next()),
        bytes: next(),
    };
    // The inflated size of a coding is bounded, but not by the size of the input.
    let _ = collect(input.len().max(3 << 20), |scratch, feed| {
        body::split(body, scratch, feed)
    });
}
