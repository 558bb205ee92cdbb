//! Expressions for template engines, and lookups that loggers resolve.

use super::{Input, Report, cut, find};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static EXPRESSION: Rule = Rule::recognised(
    "ssti-expression",
    Category::Ssti,
    Severity::Critical,
    &[
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{{config}}",
        "{{''.__class__}}",
        "${T(java.lang.Runtime)}",
        "*{7*7}",
        "@(1+2)",
        "{{x.y()}}",
        "{{7*'7'}}",
        "%{(#a='x')}",
        "{7*7}",
        "!{7*7}",
        "{@7*7}",
        "${x|7*7}",
        "{{7|add:7}}",
        "{{ 7 | times: 7 }}",
        "12${\"34\"}56",
        "12#{\"34\"}56",
        "@{var x = 7*7;}",
        "{{.ReadFile \"/flag\"}}",
    ],
    &[
        "{{name}}",
        "{{ user.first_name }}",
        "${name}",
        "#{color}",
        "use {{ and }}",
        "@(here)",
        "{{#if x}}",
        "{{this.name}}",
        "${amount} EUR",
        "{{7}}",
        "a{2,3}b{1-9}",
        "{{ price | currency }}",
        "{{.Date.Format \"2006-01-02\"}}",
        "{{.Title}}",
        "@{Name='x'; Value=1}",
        "${\"name\"}",
        "!{important}",
    ],
);
static DIRECTIVE: Rule = Rule::recognised(
    "ssti-directive",
    Category::Ssti,
    Severity::Critical,
    &[
        "{% import os %}",
        "{%set x=1%}",
        "{% for c in x %}",
        "{% debug %}",
        "{% assign x = 7 %}",
    ],
    &["50{% of it", "{%%}"],
);
static JNDI: Rule = Rule::recognised(
    "log4shell-lookup",
    Category::Log4shell,
    Severity::Critical,
    &[
        "${jndi:ldap://x}",
        "${${lower:j}ndi:ldap://x}",
        "${${::-j}${::-n}di:rmi://x}",
        "${j${env:X:-n}di:dns://x}",
        "${JNDI:x}",
    ],
    &["${name}", "jndi", "${user:-guest}"],
);
static NESTED: Rule = Rule::recognised(
    "log4shell-nested",
    Category::Log4shell,
    Severity::Critical,
    &[
        "${${env:a:-b}c:x}",
        "${${lower:x}}",
        "${env:AWS_SECRET_ACCESS_KEY}",
        "${sys:java.version}",
    ],
    &["${a}${b}", "${user:-guest}"],
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&EXPRESSION, &DIRECTIVE, &JNDI, &NESTED];

/// How a template marks an expression.
const MARKS: [(&[u8], &[u8]); 15] = [
    (b"{{", b"}}"),
    (b"${", b"}"),
    (b"#{", b"}"),
    (b"<%", b"%>"),
    (b"{%", b"%}"),
    (b"*{", b"}"),
    (b"@{", b"}"),
    (b"~{", b"}"),
    (b"%{", b"}"),
    (b"@(", b")"),
    (b"[[", b"]]"),
    (b"{$", b"}"),
    (b"${{", b"}}"),
    (b"!{", b"}"),
    (b"{@", b"}"),
];

/// Whether two bytes may be one of [`MARKS`]: most are told apart by the second one.
fn may_mark(pair: &[u8]) -> bool {
    matches!(
        pair,
        [_, b'{' | b'%'] | [b'{' | b'@' | b'[', b'$' | b'@' | b'(' | b'[']
    )
}

/// How far an expression is read.
const MAX_EXPRESSION: usize = 256;
/// How many expressions of a value are read.
const MAX_EXPRESSIONS: usize = 24;

/// Judges `input` as a template.
pub(super) fn judge(input: &Input<'_>, plain: &mut Vec<u8>, report: &mut Report<'_>) {
    if !input.bytes.any(
        Bytes::BRACE
            .or(Bytes::PERCENT)
            .or(Bytes::AT)
            .or(Bytes::BRACKET),
    ) {
        return;
    }
    let text = input.squeezed;
    let header = matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader);
    let mut count = 0;
    for (at, pair) in text.windows(2).enumerate() {
        if !may_mark(pair) {
            continue;
        }
        let Some((open, close)) = MARKS.iter().find(|(open, _)| *open == pair) else {
            continue;
        };
        // Headers hold braces of their own.
        if header && matches!(pair, b"!{" | b"{@") {
            continue;
        }
        if count == MAX_EXPRESSIONS {
            break;
        }
        count += 1;
        let body = cut(text, at + open.len(), MAX_EXPRESSION);
        let (inner, closed) = match find(body, close) {
            Some(end) => (body.get(..end).unwrap_or_default(), true),
            None => (body, false),
        };
        if *open == b"{%" {
            let in_target = Carriers::TARGET.contains(input.field.carrier);
            if in_target || !is_plain_block(inner) {
                directive(text, at, inner, report);
            }
        } else if (closed || body.len() < MAX_EXPRESSION) && is_expression(open, inner, closed) {
            report(&EXPRESSION, cut(text, at, 64));
        }
    }
    if input.bytes.any(Bytes::DOLLAR) && find(text, b"${").is_some() {
        lookups(text, plain, report);
    }
    if input.bytes.any(Bytes::STAR) {
        products(input, report);
    }
}

/// `{7*7}`: some engines mark an expression by a brace alone, and so do sets and quantifiers, but they multiply nothing.
fn products(input: &Input<'_>, report: &mut Report<'_>) {
    if matches!(
        input.field.carrier,
        Carrier::Header | Carrier::PartHeader | Carrier::FileContent
    ) {
        return;
    }
    let text = input.squeezed;
    for (at, _) in text
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'{')
        .take(MAX_EXPRESSIONS)
    {
        let body = cut(text, at + 1, 32);
        let Some(end) = body.iter().position(|byte| *byte == b'}') else {
            continue;
        };
        let body = body.get(..end).unwrap_or_default();
        if body.contains(&b'*') && arithmetic(body) {
            report(&EXPRESSION, cut(text, at, 64));
            return;
        }
    }
}

/// Whether a directive tests or repeats by plain names, as templates of mails do: `if user`, `for item in order.items`. It
/// compares nothing, for who compares may guess.
fn is_plain_block(inner: &[u8]) -> bool {
    let inner = inner.trim_ascii();
    let mut words = inner.split(|b| *b == b' ');
    let plain = |b: &u8| b.is_ascii_lowercase() || matches!(b, b' ' | b'_' | b'.');
    matches!(words.next(), Some(b"if" | b"for"))
        && inner.iter().all(plain)
        && find(inner, b"__").is_none()
        && words.all(|name| {
            let root = name.split(|b| *b == b'.').next().unwrap_or_default();
            !OBJECTS.contains(&root)
        })
}

fn directive(text: &[u8], at: usize, inner: &[u8], report: &mut Report<'_>) {
    let inner = inner.strip_prefix(b"-").unwrap_or(inner).trim_ascii();
    let word: &[u8] = inner.split(|b| !is_word(*b)).next().unwrap_or_default();
    if matches!(
        word,
        b"import"
            | b"include"
            | b"set"
            | b"for"
            | b"if"
            | b"debug"
            | b"load"
            | b"extends"
            | b"block"
            | b"macro"
            | b"call"
            | b"with"
            | b"from"
            | b"filter"
            | b"raw"
            | b"print"
            | b"do"
            | b"while"
            | b"autoescape"
            | b"verbatim"
            | b"module"
            | b"apply"
            | b"assign"
            | b"capture"
            | b"eval"
    ) {
        report(&DIRECTIVE, cut(text, at, 64));
    }
}

/// Names of objects that lead to the interpreter.
const OBJECTS: [&[u8]; 22] = [
    b"config",
    b"self",
    b"settings",
    b"request",
    b"app",
    b"_self",
    b"lipsum",
    b"cycler",
    b"joiner",
    b"namespace",
    b"_context",
    b"constructor",
    b"env",
    b"application",
    b"class",
    b"session",
    b"dump",
    b"root",
    b"process",
    b"global",
    b"get_flashed_messages",
    b"url_for",
];

/// Whether the inside of a mark computes or reaches for something, and does not just name a field.
fn is_expression(open: &[u8], inner: &[u8], closed: bool) -> bool {
    let body = inner.trim_ascii();
    let body = body
        .strip_prefix(b"=")
        .or_else(|| body.strip_prefix(b"-"))
        .unwrap_or(body)
        .trim_ascii();
    if body.is_empty() {
        return false;
    }
    if open == b"<%" {
        // The places of links in a newsletter.
        let is_place = matches!(inner, b" clickhere " | b" unsubscribe ");
        let begins = matches!(
            inner.first(),
            Some(b' ' | b'=' | b'-' | b'@' | b'!' | b'\n' | b'#')
        );
        return if closed {
            !is_place
        } else {
            body.len() > 2 && begins
        };
    }
    if open == b"!{" || open == b"{@" {
        return closed && arithmetic(body);
    }
    if open == b"@(" || open == b"[[" {
        return closed && (arithmetic(body) || body.starts_with(b"${"));
    }
    if !closed && open != b"{{" && open != b"${" && open != b"%{" {
        return false;
    }
    let dunder = find(body, b"__").is_some();
    let word = body.split(|b| !is_word(*b)).next().unwrap_or_default();
    // `this.name` is the field of a list.
    let this = open == b"{{" && word == b"this" && find(body, b"constructor").is_some();
    let class = find(body, b"class").is_some() && body.contains(&b'.') && open != b"{$";
    let called = body
        .windows(2)
        .any(|pair| matches!(pair, [a, b'('] if is_word(*a)));
    let object = open == b"{{"
        && OBJECTS.contains(&word)
        && closed
        && (word.len() == body.len()
            || body
                .get(word.len())
                .is_some_and(|b| matches!(b, b'.' | b'|' | b'[' | b'(')));
    let static_name = body.starts_with(b"t(")
        || body.starts_with(b"(#")
        || body.starts_with(b"#") && body.contains(&b'=')
        || find(body, b"@java.").is_some();
    let smarty = open == b"{$" && body.starts_with(b"smarty");
    let literal_call = matches!(body.first(), Some(b'\'' | b'"'))
        && body
            .windows(2)
            .any(|p| matches!(p, b"'." | b"\"." | b"'|" | b"'[" | b"\"[" | b"'*"));
    if open == b"{$" {
        return smarty;
    }
    // `7|add:7`: a filter of a constant; `x|7*7`: whichever of them is there.
    let digits = body.iter().take_while(|b| b.is_ascii_digit()).count();
    let filtered = digits > 0
        && body
            .get(digits..)
            .is_some_and(|tail| tail.trim_ascii_start().starts_with(b"|"));
    let alternative = body
        .iter()
        .rposition(|b| *b == b'|')
        .and_then(|bar| body.get(bar + 1..))
        .is_some_and(arithmetic);
    // `"34"`: what nobody needs an expression for.
    let constant = matches!(body, [b'"', digits @ .., b'"'] | [b'\'', digits @ .., b'\'']
        if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
    // `.ReadFile "/x"`: a method that is given a file.
    let reads = open == b"{{"
        && body.starts_with(b".")
        && [b" \"/".as_slice(), b" `/", b" \"../"]
            .iter()
            .any(|file| find(body, file).is_some());
    let block = open == b"@{" && body.starts_with(b"var ") && body.contains(&b';');
    arithmetic(body)
        || filtered && closed
        || alternative
        || constant
        || block
        || reads
        || dunder
        || class
        || called && looks_like_code(body)
        || object
        || this
        || static_name
        || literal_call
}

/// `7*7`, `7*'7'`, `3 - 1`: an operator between constants.
fn arithmetic(body: &[u8]) -> bool {
    let mut operators = 0;
    let mut digits = 0;
    for &byte in body {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'*' | b'+' | b'-' | b'/' | b'%' | b'^' => operators += 1,
            b' ' | b'\'' | b'"' | b'(' | b')' | b'.' => {}
            _ => return false,
        }
    }
    digits >= 2
        && operators >= 1
        && body
            .first()
            .is_some_and(|b| b.is_ascii_digit() || matches!(b, b'(' | b'\'' | b'"'))
}

/// A call whose arguments end, or that hangs on an object.
fn looks_like_code(body: &[u8]) -> bool {
    body.contains(&b')') || body.contains(&b'.')
}

/// Resolves nested lookups as Log4j does, and looks at what remains.
fn lookups(text: &[u8], plain: &mut Vec<u8>, report: &mut Report<'_>) {
    plain.clear();
    let mut starts: [usize; 16] = [0; 16];
    let mut depth = 0usize;
    let mut nested = false;
    let mut index = 0;
    while let Some(&byte) = text.get(index) {
        if byte == b'$' && text.get(index + 1) == Some(&b'{') {
            if let Some(slot) = starts.get_mut(depth) {
                *slot = plain.len();
            }
            depth += 1;
            nested |= depth > 1;
            plain.extend_from_slice(b"${");
            index += 2;
            continue;
        }
        if byte == b'}' && depth > 0 {
            depth -= 1;
            let start = starts
                .get(depth)
                .copied()
                .unwrap_or(plain.len())
                .min(plain.len());
            if jndi(plain, start) {
                report(&JNDI, cut(text, 0, 64));
                return;
            }
            resolve(plain, start, depth > 0);
        } else {
            plain.push(byte);
        }
        index += 1;
    }
    if jndi(plain, 0) {
        report(&JNDI, cut(text, 0, 64));
        return;
    }
    let resolves = [
        b"${env:".as_slice(),
        b"${sys:",
        b"${java:",
        b"${lower:",
        b"${upper:",
        b"${ctx:",
        b"${hostname}",
        b"${main:",
        b"${web:",
        b"${docker:",
        b"${k8s:",
        b"${bundle:",
        b"${date:",
        b"${base64:",
        b"${script:",
        b"${url:",
        b"${dns:",
    ];
    let known = resolves.iter().any(|lookup| find(text, lookup).is_some());
    if known || nested && find(text, b":-").is_some() {
        report(&NESTED, cut(text, 0, 64));
    }
}

fn jndi(plain: &[u8], start: usize) -> bool {
    let tail = plain.get(start..).unwrap_or_default();
    tail.get(..64)
        .unwrap_or(tail)
        .windows(7)
        .any(|w| w == b"${jndi:")
}

/// Replaces the lookup that begins at `start` by what it stands for.
fn resolve(plain: &mut Vec<u8>, start: usize, inner: bool) {
    if !inner {
        plain.push(b'}');
        return;
    }
    let body = plain.get(start + 2..).unwrap_or_default();
    let value = match find(body, b":-") {
        Some(at) => body.get(at + 2..).unwrap_or_default(),
        None => body.rsplit(|&b| b == b':').next().unwrap_or_default(),
    };
    let from = plain.len() - value.len();
    plain.copy_within(from.., start);
    let len = start + (plain.len() - from);
    plain.truncate(len);
}
