//! JavaScript: URLs that run it, and code that breaks out of a string.

mod call;
mod cut_off;
mod reference;
mod scheme;
mod string;

use self::call::call;
use self::cut_off::CUT_OFF;
use self::reference::references;
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
        "data:application/x-bittorrent;base64,ZDg6YW5ub3VuY2U=",
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
        "',alert(),'",
        "';location=name//",
        "'-void alert()-'",
        "'-$(name)-'",
        "');top.location=name//",
        "'-new Worker(`//x.test`)-'",
        "';onload=alert//",
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
        "pass `--eval`, `--print`, or `STDIN`",
        "use `-Confirm` or `-Force` to skip",
        "Vuetify `v-alert`, `v-btn`",
        "\", see the list(s), \"",
        "it's, well(ish), 'fine'",
        "'-1-'",
        "O'Neil, f(x)//",
        "\"+(1)+\"",
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
    if input.bytes.any(Bytes::QUOTE)
        && !matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader)
    {
        string::judge(input.view, report);
    }
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

/// How much of a comment is read: the cost of each must be bounded, because there may be many.
const MAX_COMMENT: usize = 128;

/// Code with a comment inside to hide it from filters: `document/*x*/.cookie`,
/// `self /**/ ["alert"]`.
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

/// Code written with only six symbols.
fn symbols(text: &[u8], report: &mut Report<'_>) {
    let count = text
        .iter()
        .filter(|b| matches!(b, b'[' | b']' | b'(' | b')' | b'!' | b'+'))
        .count();
    if count >= 24 && count * 10 >= text.len() * 8 && super::find(text, b"![]").is_some() {
        report(&SYMBOLS, cut(text, 0, 32));
    }
}
