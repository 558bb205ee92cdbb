//! Names and keys that a client must not choose: operators of document databases, prototypes.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static OPERATOR: Rule = Rule::recognised(
    "nosqli-operator",
    Category::Nosqli,
    Severity::Critical,
    &[
        "{\"$gt\":\"\"}",
        "{ $ne: 1 }",
        "[$ne]=1",
        "', $where: '1 == 1'",
        "{'$or':[{}]}",
        "user[$regex]=.*",
    ],
    &[
        "$in stock: 5",
        "costs $or less",
        "{\"$ref\":\"#/x\"}",
        "{\"$schema\":\"x\"}",
        "$ne",
        "US$gt",
    ],
)
.only(Carriers::NO_HEADERS);
static KEY: Rule = Rule::recognised(
    "nosqli-key",
    Category::Nosqli,
    Severity::Critical,
    &[],
    &["$ref", "$schema", "$id", "user[name]", "in", "where"],
)
.only(Carriers::NAMES);
static PROTOTYPE: Rule = Rule::recognised(
    "prototype-pollution",
    Category::Prototype,
    Severity::Critical,
    &[
        "__proto__[x]=1",
        "constructor.prototype.x",
        "constructor[prototype][x]",
        "constructor[prototype]",
        "a[constructor][prototype][x]",
        "{\"__proto__\":{}}",
        "x.__proto__.y",
    ],
    &[
        "prototype",
        "constructor",
        "proto",
        "a constructor and its prototype",
    ],
)
.only(Carriers::NO_HEADERS);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&OPERATOR, &KEY, &PROTOTYPE];

/// The ways to access a prototype that consist of ordinary bytes.
pub(super) static ANCHORS: &[&[u8]] = &[
    b"prototype",
    b"constructor.prototype",
    b"constructor[prototype",
    b"constructor[\"prototype",
    b"constructor['prototype",
    b"constructor][prototype",
    b"constructor\"][\"prototype",
    b"constructor']['prototype",
];

/// A key under the key `constructor`: `{"constructor":{"prototype":{}}}`.
static NESTED: &[u8] = b"constructor.prototype";

fn is_operator(word: &[u8]) -> bool {
    matches!(
        word,
        b"ne"
            | b"eq"
            | b"gt"
            | b"gte"
            | b"lt"
            | b"lte"
            | b"in"
            | b"nin"
            | b"regex"
            | b"where"
            | b"or"
            | b"and"
            | b"not"
            | b"nor"
            | b"exists"
            | b"elemmatch"
            | b"expr"
            | b"jsonschema"
            | b"func"
            | b"function"
            | b"accumulator"
            | b"lookup"
    )
}

/// Judges the names in `input`, and values that contain such names.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    if input.bytes.any(Bytes::DOLLAR) {
        let name = input.field.carrier.is_name();
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b'$') {
            operator(text, at, name, report);
        }
    }
    prototype(input, report);
}

/// `$ne` as a key: in quotes or brackets, or before a colon.
fn operator(text: &[u8], at: usize, name: bool, report: &mut Report<'_>) {
    let rest = text.get(at + 1..).unwrap_or_default();
    let len = rest.iter().take(16).take_while(|b| is_word(**b)).count();
    if !is_operator(rest.get(..len).unwrap_or_default()) {
        return;
    }
    let after = rest.get(len..).unwrap_or_default();
    let closed = after
        .iter()
        .take(3)
        .find(|b| !matches!(b, b'"' | b'\'' | b' '));
    let before = at.checked_sub(1).and_then(|i| text.get(i)).copied();
    let opened = matches!(
        before,
        None | Some(b'"' | b'\'' | b'[' | b'{' | b',' | b' ')
    );
    let word = cut(text, at, len + 1);
    if name && at == 0 && after.is_empty() {
        report(&KEY, word);
    } else if opened
        && (matches!(closed, Some(b':')) && before != Some(b' ')
            || matches!(closed, Some(b':')) && !after.starts_with(b" ") && spaced_key(text, at)
            || before == Some(b'[') && after.first() == Some(&b']'))
    {
        report(&OPERATOR, word);
    }
}

/// Whether the space before `$` follows a bracket or comma of an object.
fn spaced_key(text: &[u8], at: usize) -> bool {
    at.checked_sub(2)
        .and_then(|i| text.get(i))
        .is_none_or(|b| matches!(b, b'{' | b',' | b'[' | b'\'' | b'"'))
}

fn prototype(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    if text == b"prototype"
        && input.field.carrier == Carrier::JsonKey
        && input.field.name.ends_with(NESTED)
    {
        report(&PROTOTYPE, text);
    }
    // One search for what all names below contain.
    if super::find(text, b"proto").is_none() {
        return;
    }
    if let Some(at) = super::find(text, b"__proto__") {
        report(&PROTOTYPE, cut(text, at, 9));
    }
    if let Some(at) = super::find(text, b"constructor") {
        let rest = text.get(at..).unwrap_or_default();
        if ANCHORS.iter().any(|path| rest.starts_with(path)) {
            report(&PROTOTYPE, cut(text, at, 24));
        }
    }
}
