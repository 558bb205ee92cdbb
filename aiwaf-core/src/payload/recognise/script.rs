//! JavaScript: URLs that run it, and code that breaks out of a string.

mod cut_off;
mod scheme;

use self::cut_off::CUT_OFF;
use self::scheme::{is_split_scheme, scheme};
use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
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
        "alert.call(null,1)",
        "x=>alert(x.data)",
        "{eval(e.newValue)}",
        "x=y; eval(data);",
        "((a)=>a(1))(alert)",
        "Reflect.apply(alert,null,[1])",
        "alert?.(1)",
        "(0,eval)('this')",
        "[1].map(alert)",
        "[alert].forEach(f=>f(1))",
        "a=alert,a(1)",
        "{toJSON:alert}",
        "alert(Math.PI)",
        "\"-confirm`K`-\"",
    ],
    &[
        "You can use alert('hi') to show a box",
        "alert (red)",
        "prompt payment",
        "confirm your order (again)",
        "Confirm(ed) bookings",
        "Prompt(s) and alert(s)",
        "[alert] disk (sda) is full",
        "level=alert, text=x",
        "Status(confirm), mail(alert)",
        "levels (info,alert)",
        "see [alert].",
        "{type:alert}",
        "eval(uation)",
        "{\"level\":alert}",
        "please (confirm)",
        "x=confirm",
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
pub(super) static RULES: &[&Rule] = &[&SCHEME, &CALL, &MENTION, &SYMBOLS, &CUT_OFF];

/// Judges `input` as JavaScript.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    cut_off::judge(text, report);
    if input.bytes.any(Bytes::COLON) {
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b':') {
            scheme(text, at, report);
        }
        for at in memchr::memchr_iter(b':', input.view) {
            let head = input.view.get(..at).unwrap_or_default();
            if is_split_scheme(head) {
                report(&SCHEME, cut(input.view, at.saturating_sub(24), 32));
            }
        }
    }
    if input.bytes.any(Bytes::STAR) {
        commented(text, report);
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
    if input.bytes.any(Bytes::PAREN.or(Bytes::BRACE)) {
        let header = matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader);
        references(text, header, report);
    }
    if input.bytes.any(Bytes::BRACKET) && input.bytes.any(Bytes::PAREN) {
        symbols(text, report);
    }
}

/// How much of a comment is looked at: each must cost the same, however many there are.
const MAX_COMMENT: usize = 128;

/// What a comment is put into so that nobody finds it: `document/*x*/.cookie`, `self /**/ ["alert"]`.
fn commented(text: &[u8], report: &mut Report<'_>) {
    const OBJECTS: [&[u8]; 7] = [
        b"document",
        b"window",
        b"self",
        b"top",
        b"parent",
        b"frames",
        b"globalthis",
    ];
    for at in memchr::memmem::find_iter(text, b"/*") {
        let head = text.get(..at).unwrap_or_default().trim_ascii_end();
        let head = head.strip_suffix(b")").unwrap_or(head);
        let is_object = OBJECTS.iter().any(|object| {
            head.strip_suffix(*object)
                .is_some_and(|before| before.last().is_none_or(|byte| !is_word(*byte)))
        });
        let tail = cut(text, at + 2, if is_object { MAX_COMMENT } else { 0 });
        let after = super::find(tail, b"*/").and_then(|end| tail.get(end + 2..));
        let rest = after.unwrap_or_default().trim_ascii_start();
        let rest = rest.strip_prefix(b")").unwrap_or(rest);
        if matches!(rest.first(), Some(b'.' | b'[')) {
            report(&CALL, cut(text, at.saturating_sub(8), 48));
            return;
        }
    }
}

/// Functions that prove an injection, by the name that they are handed on with.
const PROBES: [&[u8]; 4] = [b"alert", b"prompt", b"confirm", b"eval"];

/// How long the names of callers are at most.
const MAX_CALLER: usize = 32;

/// What has been read before a mention of a probe, so that no mention makes it be read again.
#[derive(Default)]
struct Before {
    /// Where the last bracket opens.
    open: Option<usize>,
    /// Whether an arrow function has begun.
    arrow: bool,
}

/// A probe that is handed on instead of called: `[1].map(alert)`, `a=alert,a(1)`, `alert.call(x)`.
fn references(text: &[u8], header: bool, report: &mut Report<'_>) {
    let mut before = b' ';
    let mut seen = Before::default();
    for (at, &byte) in text.iter().enumerate() {
        seen.arrow |= before == b'=' && byte == b'>';
        if byte == b'(' {
            seen.open = Some(at);
        }
        let starts = matches!(byte, b'a' | b'p' | b'c' | b'e') && !is_word(before);
        before = byte;
        if !starts {
            continue;
        }
        let (head, rest) = text.split_at(at);
        let Some(tail) = PROBES.iter().find_map(|name| rest.strip_prefix(*name)) else {
            continue;
        };
        if is_reference(head, &seen, tail, header) {
            report(&CALL, cut(text, at.saturating_sub(8), 48));
            return;
        }
    }
}

fn is_reference(head: &[u8], seen: &Before, tail: &[u8], header: bool) -> bool {
    let called = [b".call(".as_slice(), b".apply(", b".bind("]
        .iter()
        .any(|method| tail.starts_with(method));
    let free = head.last().is_none_or(|b| !is_word(*b) && *b != b' ');
    if called {
        return free;
    }
    match (head, tail) {
        // `.map(alert)`, `setTimeout(alert)`, `(x=>x(1))(alert)`
        ([before @ .., b'('], [b')', ..]) => is_caller(before, seen),
        // `replace(/x/,alert)`, `setTimeout(alert,`
        ([.., b','], [b')', ..]) => seen
            .open
            .and_then(|open| head.get(..open))
            .is_some_and(|before| is_caller(before, seen)),
        ([before @ .., b'('], [b',', ..]) => is_caller(before, seen),
        // `[alert].forEach(`, `new Set([alert])`, `of [alert])`
        ([.., b'['], [b']', b'.', method, ..]) => method.is_ascii_alphabetic(),
        ([before @ .., b'['], [b']', b')' | b']', ..]) => {
            before.ends_with(b"of ")
                || before
                    .strip_suffix(b"(")
                    .or_else(|| before.strip_suffix(b"[1,"))
                    .is_some_and(|name| name.last().is_some_and(|b| is_word(*b) || *b == b'['))
        }
        ([.., b','], [b']', b'[' | b']', ..]) => true,
        // `{get:alert}`
        ([before @ .., b':'], [b'}', ..]) if !header => [
            b"get".as_slice(),
            b"set",
            b"tojson",
            b"tostring",
            b"valueof",
            b"then",
            b"handleevent",
        ]
        .iter()
        .any(|key| before.ends_with(key)),
        // `a=alert,a(1)`, `x=alert;x(1)`
        ([.., variable, b'='], [b',' | b';', rest @ ..]) if is_word(*variable) => {
            rest.first() == Some(variable) && rest.get(1) == Some(&b'(')
        }
        _ => false,
    }
}

/// Whether `head` ends with what calls the function that it is given: a method, a timer, an arrow function in brackets.
fn is_caller(head: &[u8], seen: &Before) -> bool {
    if head.ends_with(b")") {
        return seen.arrow;
    }
    let letters = head.iter().rev().take(MAX_CALLER);
    let len = letters.take_while(|b| is_word(**b)).count();
    let start = head.len() - len;
    let name = head.get(start..).unwrap_or_default();
    len > 0 && start.checked_sub(1).and_then(|at| head.get(at)) == Some(&b'.')
        || matches!(
            name,
            b"settimeout"
                | b"setinterval"
                | b"setimmediate"
                | b"requestanimationframe"
                | b"queuemicrotask"
                | b"requestidlecallback"
                | b"addeventlistener"
        )
}

/// Whether what a probe is called with is code: `e.data`, `b)`, `parseInt("1")`.
fn is_code(argument: &[u8]) -> bool {
    let name = argument
        .iter()
        .take(32)
        .take_while(|b| is_word(**b) || matches!(b, b'.' | b'$'))
        .count();
    let word = argument.get(..name).unwrap_or_default();
    match argument.get(name) {
        Some(b'(') => name > 1,
        Some(b')') => word.contains(&b'.') && !word.ends_with(b".") && word.first() != Some(&b'.'),
        _ => false,
    }
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
    let bracketed = head.ends_with(b")") && start > 0 && text.get(start - 1) == Some(&b',');
    let arrow = text
        .get(..start)
        .is_some_and(|before| before.ends_with(b"=>"));
    let before = text
        .get(..start)
        .unwrap_or_default()
        .trim_ascii_end()
        .last();
    // `;eval(data)`: a word that is evaluated where a statement begins.
    let evaluated = name == b"eval"
        && matches!(before, None | Some(b';' | b'{' | b'}' | b')' | b'=' | b','))
        && argument.first().is_some_and(|b| is_word(*b))
        // `eval(uation)`
        && !argument.starts_with(b"uat")
        && argument
            .iter()
            .take(24)
            .find(|b| !is_word(**b))
            .is_some_and(|b| *b == b')');
    // `eval() is evil`: the name of the function, for without an argument it does nothing.
    let named = name == b"eval"
        && matches!(argument, [b')', b' ', letter, ..] if letter.is_ascii_alphabetic());
    if named {
        return;
    }
    let plausible = arrow
        || evaluated
        || is_code(argument)
        || match argument.first() {
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
    // `-confirm`x`-`: between two operators.
    let tagged = text.get(at) == Some(&b'`')
        && len == head.len() - start
        && matches!(before, Some(b'-' | b'+' | b'*' | b'^' | b';' | b'=' | b','))
        && argument.iter().take(16).any(|byte| *byte == b'`');
    let plausible = plausible || tagged;
    // `setTimeout(() => save(), 300)`: what it runs is written out, and read by itself.
    let is_written_out = matches!(name, b"settimeout" | b"setinterval")
        && [b"() =>".as_slice(), b"()=>", b"function ("]
            .iter()
            .any(|begin| argument.starts_with(begin));
    if !plausible
        || is_written_out
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
    let code = bracketed
        || match start.checked_sub(1).and_then(|i| text.get(i)) {
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
