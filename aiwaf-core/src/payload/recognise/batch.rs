//! Statements of a Windows batch file: a value that begins with `if` or `for` and continues as that
//! shell expects.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};

static CONDITION: Rule = Rule::recognised(
    "rce-windows-condition",
    Category::Rce,
    Severity::Critical,
    &[
        "IF EXIST a.txt (ECHO x)",
        "if not exist c:\\x cmd",
        "IF /I NOT EXIST x echo hey",
        "IF DEFINED v CMD",
        "if not defined n1 set \"n1=0\"",
        "IF NOT ERRORLEVEL 0 CMD",
        "IF CMDEXTVERSION 1 GOTO x",
        "if %n1% gtr %n2% echo x",
        "IF 2 GEQ 15 echo x",
        "IF /I a==b CMD",
        "IF [%1]==[] ECHO x",
        "if (AA) == (AA) echo x",
        "if not %1 == \"\" (",
        "if not a===a echo x",
        "FOR /D /D %a IN (dirs) DO abc",
    ],
    &[
        "if a == b foo",
        "if exist in sql",
        "if exists drop",
        "if defined, then",
        "if not defined by law",
        "if (x) return",
        "if not now, when",
        "for /forum",
        "for 5% in (all)",
        "if only",
        "if you like it (echo",
        "if i % 2 == 0: print(i)",
        "if x%2==0 then",
        "if nothing is set == unset",
        "if %n1% gtr",
    ],
)
.only(
    Carriers::VALUES
        .without(Carrier::Text)
        .without(Carrier::XmlText)
        .without(Carrier::JsonValue),
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&CONDITION];

/// Parts of a condition that no pair of bytes shows.
pub(super) static ANCHORS: &[&[u8]] = &[
    b"if exist ",
    b"if not exist ",
    b"if defined ",
    b"if not defined ",
    b"if errorlevel ",
    b"if not errorlevel ",
    b"if cmdextversion ",
    b"if /i ",
    b"for /d ",
    b"for /r ",
    b"for /l ",
    b"for /f ",
    b" equ ",
    b" neq ",
    b" lss ",
    b" leq ",
    b" gtr ",
    b" geq ",
];

/// Words that are comparison operators.
const COMPARISONS: [&[u8]; 6] = [b"equ", b"neq", b"lss", b"leq", b"gtr", b"geq"];

/// Commands that a condition runs.
const COMMANDS: [&[u8]; 13] = [
    b"echo", b"@echo", b"cmd", b"goto", b"call", b"set", b"exit", b"del", b"start", b"type",
    b"copy", b"if", b"do",
];

/// How much of a value is read: a condition is short.
const MAX_CONDITION: usize = 160;
/// How many words of it are compared.
const MAX_WORDS: usize = 9;

pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = cut(input.squeezed, 0, MAX_CONDITION);
    let found = match text {
        [b'i', b'f', b' ', rest @ ..] => {
            // Text in a form may be a question about code, in which signs compare as well.
            is_condition(rest, Carriers::TARGET.contains(input.field.carrier))
        }
        [b'f', b'o', b'r', b' ', rest @ ..] => is_loop(rest),
        _ => false,
    };
    if found {
        report(&CONDITION, cut(text, 0, 64));
    }
}

/// `/d %a in (`, with any number of options.
fn is_loop(text: &[u8]) -> bool {
    let mut words = words(text)
        .skip_while(|word| matches!(word, [b'/', option] if option.is_ascii_lowercase()));
    matches!(words.next(), Some([b'%', name]) if name.is_ascii_lowercase())
        && words.next() == Some(b"in")
        && words.next().is_some_and(|word| word.starts_with(b"("))
}

/// What follows `if`, after `not` and `/i`. `==` counts as a comparison only if `by_signs`.
fn is_condition(text: &[u8], by_signs: bool) -> bool {
    let mut words = words(text).peekable();
    let (mut ignores_case, mut negates) = (false, false);
    while let Some(word) = words.next_if(|word| matches!(*word, b"not" | b"/i")) {
        ignores_case |= word == b"/i";
        negates |= word == b"not";
    }
    match words.next() {
        Some(b"errorlevel" | b"cmdextversion") => words
            .next()
            .is_some_and(|word| word.iter().all(u8::is_ascii_digit)),
        Some(b"exist" | b"defined") => words.nth(1).is_some_and(is_command),
        Some(first) => {
            let rest: smallvec::SmallVec<[&[u8]; MAX_WORDS]> = std::iter::once(first)
                .chain(words)
                .take(MAX_WORDS)
                .collect();
            is_comparison(&rest, ignores_case, negates, by_signs)
        }
        None => false,
    }
}

/// Two operands and a comparison, and something that rules out other languages: a variable, a shell
/// command.
fn is_comparison(words: &[&[u8]], ignores_case: bool, negates: bool, by_signs: bool) -> bool {
    let head = || words.iter().take(4);
    let mut named = words.iter().skip(1).take(3).zip(words.iter().skip(2));
    let is_named = named.any(|(word, _)| COMPARISONS.contains(word));
    let is_signed = by_signs && head().any(|word| super::find(word, b"==").is_some());
    let is_quoted =
        head().any(|word| matches!(word.first(), Some(b'"' | b'[' | b'(' | b'!' | b'{')));
    let is_variable = head().any(|word| is_variable(word));
    let is_followed = words.iter().skip(1).take(8).any(|word| is_command(word));
    is_named && (is_quoted || is_variable || is_followed)
        || is_signed && (ignores_case || is_variable || is_followed && (is_quoted || negates))
}

/// `%1`, `%~1` or `%name%`, with or without quotes or brackets; not a modulo, as in `x % 2`.
fn is_variable(word: &[u8]) -> bool {
    let opens = |byte: &&u8| matches!(byte, b'"' | b'[' | b'{' | b'(' | b'\'');
    let bare = word.get(word.iter().take_while(opens).count()..);
    matches!(bare, Some([b'%', next, ..]) if next.is_ascii_alphanumeric() || matches!(next, b'~' | b'%'))
}

fn is_command(word: &[u8]) -> bool {
    let bare = word.strip_prefix(b"(").unwrap_or(word);
    bare.is_empty() || COMMANDS.contains(&bare)
}

/// The words of a squeezed text.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b' ')
}
