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
        "{\"a\":{\"$regularExpression\":{}}}",
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
            | b"all"
            | b"alwaystrue"
            | b"bitsallclear"
            | b"bitsallset"
            | b"currentop"
            | b"graphlookup"
            | b"mod"
            | b"regularexpression"
            | b"samplerate"
            | b"unionwith"
            | b"out"
            | b"merge"
    )
}

/// Judges the names in `input`, and values that contain such names.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    if input.bytes.any(Bytes::DOLLAR) {
        let name = input.field.carrier.is_name();
        let filters = name && is_in_filter(input.field.name);
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b'$') {
            operator(text, at, name, filters, report);
        }
    }
    prototype(input, report);
}

/// The longest path of a property in a filter. It is read once for each key below it.
const LONGEST_PROPERTY: usize = 256;

/// Whether a name is in a filter that an interface takes from its clients on purpose:
/// `filters[id][$in][0]`, `{"selector":{"year":{"$gt":2010}}}`. An operator stands below the name
/// of a property there, or joins several of them.
fn is_in_filter(name: &[u8]) -> bool {
    let len = name.iter().take_while(|byte| is_word(**byte)).count();
    let (root, rest) = name.split_at_checked(len).unwrap_or_default();
    let end = memchr::memchr(b'$', rest).unwrap_or(rest.len());
    let (property, operator) = rest.split_at_checked(end).unwrap_or_default();
    let joins = || {
        [b"$or".as_slice(), b"$and"]
            .iter()
            .any(|sign| operator.starts_with(sign))
    };
    let is_named = || {
        property.len() <= LONGEST_PROPERTY
            && property.iter().any(u8::is_ascii_alphabetic)
            && !tells_secret(property)
    };
    matches!(rest.first(), Some(b'[' | b'.'))
        && match root {
            b"filter" => is_named(),
            b"filters" | b"selector" => is_named() || joins(),
            _ => false,
        }
}

/// Whether a property is one that a client may not search for: comparing finds it out, letter by
/// letter.
fn tells_secret(property: &[u8]) -> bool {
    const SECRETS: [&[u8]; 9] = [
        b"passw", b"pwd", b"token", b"secret", b"hash", b"salt", b"apikey", b"api_key", b"role",
    ];
    let property = property.to_ascii_lowercase();
    SECRETS
        .iter()
        .any(|word| super::find(&property, word).is_some())
}

/// Whether an operator only compares, and neither runs code nor reads another collection.
fn compares(word: &[u8]) -> bool {
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
            | b"or"
            | b"and"
            | b"not"
            | b"all"
            | b"mod"
    )
}

/// `$ne` as a key: in quotes or brackets, or before a colon. In a filter, an operator may compare.
fn operator(text: &[u8], at: usize, name: bool, in_filter: bool, report: &mut Report<'_>) {
    let rest = text.get(at + 1..).unwrap_or_default();
    let len = rest.iter().take(18).take_while(|b| is_word(**b)).count();
    let word = rest.get(..len).unwrap_or_default();
    if !is_operator(word) || in_filter && compares(word) {
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

#[cfg(test)]
mod tests {
    use crate::payload::field::{Carrier, Field};
    use crate::payload::{Detector, Findings, Paranoia, Scratch};

    #[test]
    fn a_filter_may_compare() {
        let detector = Detector::new();
        let deep = format!("filter.{}.$in", "a".repeat(300));
        for (carrier, name, value, refused) in [
            (Carrier::JsonKey, deep.as_str(), "$in", true),
            (Carrier::QueryName, "filters[id][$in][0]", "", false),
            (Carrier::QueryName, "filters[$or][0][date][$eq]", "", false),
            (Carrier::JsonKey, "selector.year.$gt", "$gt", false),
            (Carrier::JsonKey, "selector.$where", "$where", true),
            (Carrier::JsonKey, "filter.genre.$in", "$in", false),
            (Carrier::JsonKey, "filter.$in", "$in", true),
            (
                Carrier::QueryName,
                "filters[resetPasswordToken][$gt]",
                "",
                true,
            ),
            (Carrier::QueryName, "filter[role][$ne]", "", true),
            (Carrier::JsonKey, "filter.status.$ne", "$ne", false),
            (Carrier::JsonKey, "filter.$or", "$or", true),
            (Carrier::JsonKey, "selector.$ne", "$ne", true),
            (Carrier::JsonKey, "selector.0.$ne", "$ne", true),
            (Carrier::QueryName, "filters[name][$regex]", "", true),
            (Carrier::QueryName, "filters$ne", "[$ne]", true),
            (Carrier::QueryName, "user[$ne]", "", true),
            (Carrier::JsonKey, "user.selector.$ne", "$ne", true),
            (Carrier::JsonValue, "selector.year", "{$gt: 1}", true),
        ] {
            let value = if value.is_empty() { name } else { value };
            let field = Field {
                carrier,
                name: name.as_bytes(),
                value: value.as_bytes(),
            };
            let scratch = &mut Scratch::default();
            let points = detector.judge(field, Paranoia::One, scratch, &mut Findings::new());
            assert_eq!(
                points >= Paranoia::One.threshold(),
                refused,
                "{name} {value}"
            );
        }
    }
}
