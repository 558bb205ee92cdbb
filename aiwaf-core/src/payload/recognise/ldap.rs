//! LDAP filters: a value that closes the filter in which it stands.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::Rule;
use crate::payload::squeeze::Bytes;

static FILTER: Rule = Rule::recognised(
    "ldap-breakout",
    Category::Ldap,
    Severity::Critical,
    &[
        "admin)(*",
        "admin)(!(&(1=0",
        "admin)(|(objectClass=person)(objectClass=user))",
        "x*)(mail=*)",
        ")(!(",
        "*)(&(",
        "userPassword:2.5.13.18:=123",
        "x))\0",
        "x))\\0",
        "x))\\00",
    ],
    &[
        "f(x)(*y)",
        "a)(b",
        ":)(ha=ha)",
        "a) first, (b) second",
        "int (*f)(*x)",
        "version 2.5.13:=x",
        "1)(2=3)",
        "(see (a))\\0 b",
        "haha :))\\0",
        "f(g(x))\\0",
    ],
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&FILTER];

/// Judges `input` as part of a filter.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    if input.bytes.any(Bytes::PAREN)
        && let Some(at) = first_joint(text)
        && closes(text.get(..at).unwrap_or_default())
        && opens(text.get(at + 2..).unwrap_or_default())
    {
        report(&FILTER, cut(text, at, 32));
    }
    if is_cut_off(input.view) {
        report(&FILTER, cut(text, 0, 32));
    }
    if input.bytes.any(Bytes::COLON)
        && !matches!(
            input.field.carrier,
            Carrier::Header | Carrier::PartHeader | Carrier::FileContent
        )
        && let Some(at) = memchr::memchr_iter(b'=', text)
            .filter_map(|sign| sign.checked_sub(1))
            .find(|&at| text.get(at) == Some(&b':'))
        && is_matching_rule(text.get(..at).unwrap_or_default())
    {
        report(&FILTER, cut(text, at.saturating_sub(16), 32));
    }
}

/// Whether the rest of the filter is cut off: a NUL follows the brackets, or an escaped NUL follows
/// brackets that close a value.
fn is_cut_off(view: &[u8]) -> bool {
    let brackets = |head: &[u8]| head.ends_with(b"))");
    let written = || {
        let view = view.trim_ascii_end();
        let head = view.strip_suffix(b"\\00").or(view.strip_suffix(b"\\0"))?;
        Some(brackets(head) && closes(head))
    };
    match memchr::memchr(0, view).and_then(|end| view.get(..end)) {
        Some(head) => brackets(head),
        None => written().unwrap_or_default(),
    }
}

/// Where the first brackets are, if they are `)(`.
fn first_joint(text: &[u8]) -> Option<usize> {
    let open = memchr::memchr(b'(', text)?;
    let at = open.checked_sub(1)?;
    (text.get(at) == Some(&b')')).then_some(at)
}

/// Whether the text before the first opening bracket can be the value of an attribute.
fn closes(head: &[u8]) -> bool {
    head.len() <= 64
        && head
            .first()
            .is_none_or(|b| b.is_ascii_alphanumeric() || *b == b'*')
        && (head.iter().any(|b| b.is_ascii_alphabetic() || *b == b'*') || head.is_empty())
        && head.iter().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'@' | b'-' | b'_' | b'*' | b')')
        })
}

/// Whether the text after the bracket is a filter: an operator, `*`, or an attribute with a
/// comparison.
fn opens(tail: &[u8]) -> bool {
    match tail {
        [b'*']
        | [b'*', b')', ..]
        | [b'|' | b'&', b'(' | b')', ..]
        | [b'!', b'(' | b')', ..]
        | [b'!' | b'|' | b'&'] => true,
        _ => {
            let name = tail
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':'))
                .count();
            name >= 2
                && tail.first().is_some_and(u8::is_ascii_alphabetic)
                && matches!(
                    tail.get(name..),
                    Some([b'=', ..] | [b'>' | b'<' | b'~', b'=', ..])
                )
        }
    }
}

/// `userPassword:2.5.13.18:`: a matching rule, by its number.
fn is_matching_rule(head: &[u8]) -> bool {
    let number = head
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit() || **b == b'.')
        .count();
    let dots = head
        .iter()
        .rev()
        .take(number)
        .filter(|b| **b == b'.')
        .count();
    let start = head.len() - number;
    dots >= 3
        && start
            .checked_sub(2)
            .and_then(|at| head.get(at..start))
            .is_some_and(|mark| matches!(mark, [name, b':'] if name.is_ascii_alphabetic()))
}
