//! JavaScript: URLs that run it, and code that breaks out of a string.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::rules::Rule;
use crate::payload::squeeze::{Bytes, is_word};

static SCHEME: Rule = Rule::recognised(
    "xss-script-url",
    Category::Xss,
    Severity::Critical,
    &[
        "javascript:alert(1)",
        "jav\tascript:alert(1)",
        "java&#x0a;script:alert(1)",
        "vbscript:msgbox(1)",
        "data:text/html,<b onclick=x>",
        "<a href=javascript:x.y=1>",
    ],
    &[
        "javascript:void(0)",
        "javascript:;",
        "JavaScript: The Good Parts",
        "Learn JavaScript: a guide (2nd edition)",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
);
static CALL: Rule = Rule::recognised(
    "xss-call",
    Category::Xss,
    Severity::Critical,
    &[
        "';alert(1)//",
        "\"-prompt(1)-\"",
        "alert(document.domain)",
        "x=confirm`1`",
        "(alert)(1)",
        "eval(name)",
        "setTimeout('x')",
    ],
    &[
        "You can use alert('hi') to show a box",
        "alert (red)",
        "prompt payment",
        "confirm your order (again)",
    ],
);
static MENTION: Rule = Rule::recognised(
    "xss-call-in-text",
    Category::Xss,
    Severity::Medium,
    &["hello alert(1)"],
    &["red alert", "alert (red)"],
);
static SYMBOLS: Rule = Rule::recognised(
    "xss-symbols-only",
    Category::Xss,
    Severity::Critical,
    &["[][(![]+[])[+[]]+([![]]+[][[]])[+!+[]+[+[]]]+(![]+[])[!+[]+!+[]]]"],
    &["[[1,2],[3,4]]", "((((()))))", "+++++", "[ ] [x] [ ]"],
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&SCHEME, &CALL, &MENTION, &SYMBOLS];

/// Judges `input` as JavaScript.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    if input.bytes.any(Bytes::COLON) {
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b':') {
            scheme(text, at, report);
        }
    }
    if input.bytes.any(Bytes::PAREN.or(Bytes::BACKTICK)) {
        for (at, _) in text
            .iter()
            .enumerate()
            .filter(|(_, b)| matches!(b, b'(' | b'`'))
        {
            call(text, at, report);
        }
    }
    if input.bytes.any(Bytes::BRACKET) && input.bytes.any(Bytes::PAREN) {
        symbols(text, report);
    }
}

const SCHEMES: [&[u8]; 5] = [
    b"javascript",
    b"vbscript",
    b"livescript",
    b"jscript",
    b"mocha",
];

/// A scheme that ends at the colon `at`; browsers drop white space and controls inside it.
fn scheme(text: &[u8], at: usize, report: &mut Report<'_>) {
    let mut buffer = [0u8; 10];
    let mut len = 0;
    let mut start = at;
    for (index, &byte) in text
        .get(..at)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .rev()
        .take(40)
    {
        if byte <= b' ' || byte == b'\\' {
            continue;
        }
        if !byte.is_ascii_alphabetic() || len == buffer.len() {
            break;
        }
        let last = buffer.len() - 1;
        if let Some(slot) = buffer.get_mut(last - len) {
            *slot = byte;
        }
        len += 1;
        start = index;
    }
    let word = buffer.get(buffer.len() - len..).unwrap_or_default();
    let rest = text.get(at + 1..).unwrap_or_default();
    let found = SCHEMES.iter().any(|scheme| word.ends_with(scheme)) && runs(rest)
        || word.ends_with(b"data") && data_runs(rest);
    if found {
        report(&SCHEME, cut(text, start, 64));
    }
}

/// Whether what follows `javascript:` is code, not the subtitle of a book.
fn runs(rest: &[u8]) -> bool {
    let body = rest.strip_prefix(b" ").unwrap_or(rest);
    if body.is_empty() || body.starts_with(b"void(0)") || body.starts_with(b"void 0") {
        return false;
    }
    let body = body.get(..160).unwrap_or(body);
    if matches!(body.first(), Some(b';' | b'"' | b'\'' | b'>' | b' ')) {
        return rest.len() > 2
            && body
                .windows(2)
                .any(|pair| matches!(pair, [a, b'('] if is_word(*a)));
    }
    let called = body
        .windows(2)
        .any(|pair| matches!(pair, [a, b'(' | b'`'] if is_word(*a)));
    let operated = body
        .iter()
        .any(|b| matches!(b, b'=' | b'%' | b'/' | b'[' | b'{' | b'\\' | b'+' | b'`'));
    called || rest.first() != Some(&b' ') && (operated || body.contains(&b'.'))
}

fn data_runs(rest: &[u8]) -> bool {
    let rest = rest.get(..120).unwrap_or(rest);
    [
        b"text/html".as_slice(),
        b"text/javascript",
        b"application/javascript",
        b"image/svg+xml",
        b"text/xml",
        b"application/xml",
        b"application/x-",
    ]
    .iter()
    .any(|kind| rest.starts_with(kind))
        || rest.starts_with(b",")
        || rest.starts_with(b";base64,")
        || rest.starts_with(b"text/plain;base64,")
        || rest.starts_with(b"//text/")
}

/// Functions that are called to prove or to use an injection.
fn is_probe(name: &[u8]) -> bool {
    matches!(
        name,
        b"alert"
            | b"prompt"
            | b"confirm"
            | b"eval"
            | b"settimeout"
            | b"setinterval"
            | b"execscript"
            | b"fromcharcode"
            | b"document.write"
            | b"atob"
            | b"unescape"
            | b"fetch"
            | b"importscripts"
            | b"msgbox"
            | b"console.log"
    )
}

/// A call that opens at `at`.
fn call(text: &[u8], at: usize, report: &mut Report<'_>) {
    let head = text.get(..at).unwrap_or_default();
    // `(alert)(1)`, `alert (1)`, `alert/**/(1)`, `alert?.(1)`.
    let trimmed = head.strip_suffix(b" ").unwrap_or(head);
    let trimmed = trimmed.strip_suffix(b"/**/").unwrap_or(trimmed);
    let trimmed = trimmed.strip_suffix(b"?.").unwrap_or(trimmed);
    let trimmed = trimmed.strip_suffix(b")").unwrap_or(trimmed);
    let len = trimmed
        .iter()
        .rev()
        .take(24)
        .take_while(|b| is_word(**b))
        .count();
    let start = trimmed.len() - len;
    let name = trimmed.get(start..).unwrap_or_default();
    if !is_probe(name) {
        return;
    }
    let spaced = head.ends_with(b" ");
    let argument = text.get(at + 1..).unwrap_or_default();
    let argument = argument.strip_prefix(b" ").unwrap_or(argument);
    let plausible = match argument.first() {
        None
        | Some(
            b')'
            | b'\''
            | b'"'
            | b'/'
            | b'`'
            | b'('
            | b'['
            | b'{'
            | b'&'
            | b'\\'
            | b'!'
            | b'0'..=b'9',
        ) => true,
        Some(_) => [
            b"document".as_slice(),
            b"window",
            b"self",
            b"this",
            b"location",
            b"string",
            b"xss",
            b"top",
            b"name",
            b"cookie",
            b"origin",
            b"parent",
            b"atob",
            b"unescape",
            b"decodeuri",
            b"alert",
            b"src",
            b"hash",
            b"test",
            b"eval",
            b"a",
            b"x",
            b"$",
            b"function",
        ]
        .iter()
        .any(|known| argument.starts_with(known)),
    };
    if !plausible
        || spaced
            && !matches!(
                argument.first(),
                Some(b'0'..=b'9' | b'\'' | b'"' | b'`' | b'd')
            )
    {
        return;
    }
    // At the start of a value or glued to an operator it is code; after a word it is talk about it.
    let operator = |byte: u8| {
        !is_word(byte) && !matches!(byte, b' ' | b'.' | b',' | b'`' | b':') || byte == b'.'
    };
    let code = match start.checked_sub(1).and_then(|i| text.get(i)) {
        None => true,
        Some(b' ') => start
            .checked_sub(2)
            .and_then(|i| text.get(i))
            .is_some_and(|&b| {
                matches!(
                    b,
                    b';' | b'='
                        | b'{'
                        | b'}'
                        | b'>'
                        | b'+'
                        | b'-'
                        | b'|'
                        | b'&'
                        | b'/'
                        | b'"'
                        | b'\''
                        | b'('
                        | b'*'
                )
            }),
        Some(&byte) => operator(byte),
    };
    report(if code { &CALL } else { &MENTION }, cut(text, start, 48));
}

/// Code written with six symbols only.
fn symbols(text: &[u8], report: &mut Report<'_>) {
    let count = text
        .iter()
        .filter(|b| matches!(b, b'[' | b']' | b'(' | b')' | b'!' | b'+'))
        .count();
    if count >= 24 && count * 10 >= text.len() * 8 && super::find(text, b"![]").is_some() {
        report(&SYMBOLS, cut(text, 0, 32));
    }
}
