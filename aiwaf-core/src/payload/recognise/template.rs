//! Template engine expressions, and lookups that loggers resolve.

mod directive;
mod expression;
mod lookup;

use self::directive::{directive, is_plain_block};
use self::expression::{arithmetic, is_expression};
use self::lookup::lookups;
use super::{Input, Report, cut, find};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::Bytes;

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
        "{{if .ReadFile `../x`}}{{end}}",
        "{{(config)}}",
        "{{''~config}}",
        "{{[config][0].SECRET_KEY}}",
        "#{system 'id'}",
        "#{ENV['X']}",
        "${sessionScope.user.password}",
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
        "{{.Site.GetPage \"/blog\"}}",
        "{{ .Values.path | default \"/api\" }}",
        "{{.Title}}",
        "#{file.name}",
        "#{loaded}",
        "{{ 'config', name }}",
        "{{ 'request.title' | translate }}",
        "{{request edit}}",
        "@{Name='x'; Value=1}",
        "${\"name\"}",
        "!{important}",
        "{{#if:{{{1|}}}|yes|no}} {{{2|none}}}",
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
        "{%+ print x %}",
        "{% embed 'x' %}",
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

/// The marks of an expression in templates.
const MARKS: [(&[u8; 2], &[u8]); 14] = [
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
    (b"!{", b"}"),
    (b"{@", b"}"),
];

/// Whether two bytes may be one of [`MARKS`]. The second byte rules out most pairs.
fn may_mark(pair: &[u8; 2]) -> bool {
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
    for (at, pair) in text.array_windows().enumerate() {
        if !may_mark(pair) {
            continue;
        }
        let Some((open, close)) = MARKS.iter().find(|(open, _)| *open == pair) else {
            continue;
        };
        // `{{{1|x}}}`: the argument of a wiki template, with its default.
        let is_argument = at.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'{');
        if *open == b"{{"
            && is_argument
            && is_named_by_number(text.get(at + 2..).unwrap_or_default())
        {
            continue;
        }
        // Headers contain braces for other purposes.
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
        } else if (closed || body.len() < MAX_EXPRESSION) && is_expression(*open, inner, closed) {
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

/// `1|`: the number of an argument, and the bar after it.
fn is_named_by_number(text: &[u8]) -> bool {
    let digits = text
        .iter()
        .take(3)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    digits > 0 && text.get(digits) == Some(&b'|')
}

/// `{7*7}`: some engines mark an expression by a single brace. So do sets and quantifiers, but
/// those multiply nothing.
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
