//! Calls of a function that proves an injection, with a typical argument, in a place where code may
//! stand.

use super::{CALL, MENTION, Report, cut};
use crate::payload::squeeze::is_word;

/// The longest name of such a function, and of its argument.
const MAX_NAME: usize = 24;
const MAX_ARGUMENT: usize = 23;

/// Typical arguments of such functions, except punctuation and numbers.
const ARGUMENTS: [&[u8]; 24] = [
    b"document",
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
];

/// Judges the bracket or back-quote at `at`, which may open the argument of a call.
pub(super) fn call(text: &[u8], at: usize, report: &mut Report<'_>) {
    let Some(call) = Call::read(text, at) else {
        return;
    };
    if call.is_named() || call.is_written_out() || !call.is_plausible() {
        return;
    }
    // After a word, the call is only talk about code.
    let rule = match call.is_code() {
        true => &CALL,
        false => &MENTION,
    };
    report(rule, cut(text, call.before.len(), 48));
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
            | b"atob"
            | b"unescape"
            | b"fetch"
            | b"importscripts"
            | b"msgbox"
    )
}

/// A call of a probe function.
struct Call<'a> {
    /// What stands before the name.
    before: &'a [u8],
    name: &'a [u8],
    /// What stands between the name and the opening of the argument: `(alert)(1)`, `alert (1)`,
    /// `alert/**/(1)`, `alert?.(1)`.
    gap: &'a [u8],
    opens: u8,
    argument: &'a [u8],
}

impl<'a> Call<'a> {
    fn read(text: &'a [u8], at: usize) -> Option<Self> {
        let head = text.get(..at)?;
        let trimmed = head.strip_suffix(b" ").unwrap_or(head);
        let trimmed = trimmed.strip_suffix(b"/**/").unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix(b"?.").unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix(b")").unwrap_or(trimmed);
        let letters = trimmed.iter().rev().take(MAX_NAME);
        let len = letters.take_while(|byte| is_word(**byte)).count();
        let (before, name) = trimmed.split_at_checked(trimmed.len() - len)?;
        let argument = text.get(at + 1..)?;
        is_probe(name).then_some(Self {
            before,
            name,
            gap: head.get(trimmed.len()..)?,
            opens: *text.get(at)?,
            argument: argument.strip_prefix(b" ").unwrap_or(argument),
        })
    }

    /// `eval() is evil`: only the name of the function, which does nothing without an argument.
    fn is_named(&self) -> bool {
        self.name == b"eval"
            && matches!(self.argument, [b')', b' ', letter, ..] if letter.is_ascii_alphabetic())
    }

    /// `setTimeout(() => save(), 300)`: the code that it runs is written out and is judged by
    /// itself.
    fn is_written_out(&self) -> bool {
        const BEGINS: [&[u8]; 3] = [b"() =>", b"()=>", b"function ("];
        matches!(self.name, b"settimeout" | b"setinterval")
            && BEGINS.iter().any(|begin| self.argument.starts_with(begin))
    }

    /// Whether the argument is typical of such a function. After a blank, a bracket may hold a
    /// remark of the author.
    fn is_plausible(&self) -> bool {
        let first = self.argument.first();
        let is_spaced = self.gap.ends_with(b" ");
        if is_spaced && !matches!(first, Some(b'0'..=b'9' | b'\'' | b'"' | b'`' | b'd')) {
            return false;
        }
        let is_sign = |byte: &u8| {
            let signs = b")'\"/`([{&\\!";
            signs.contains(byte) || byte.is_ascii_digit()
        };
        first.is_none_or(is_sign)
            || ARGUMENTS.iter().any(|name| self.argument.starts_with(name))
            || self.before.ends_with(b"=>")
            || is_expression(self.argument)
            || self.is_evaluated()
            || self.is_tagged()
    }

    /// `;eval(data)`: a word that is evaluated where a statement begins.
    fn is_evaluated(&self) -> bool {
        let begins = |byte: &u8| matches!(byte, b';' | b'{' | b'}' | b')' | b'=' | b',');
        let letters = self.argument.iter().take(MAX_ARGUMENT);
        let len = letters.take_while(|byte| is_word(**byte)).count();
        self.name == b"eval"
            && self.before.trim_ascii_end().last().is_none_or(begins)
            && len > 0
            && self.argument.get(len) == Some(&b')')
            // `eval(uation)`
            && !self.argument.starts_with(b"uat")
    }

    /// `-confirm`x`-`: a short string between two operators. If a back-quote stands before it, its
    /// first back-quote ends the string that the earlier one opened: `--confirm` in a text about a
    /// command.
    fn is_tagged(&self) -> bool {
        const LONGEST: usize = 16;
        const NEAR: usize = 64;
        let operator = |byte: &u8| b"-+*^;=,".contains(byte);
        let joins = |byte: &u8| operator(byte) || b"\"')/".contains(byte);
        let near = self.before.len().saturating_sub(NEAR);
        let string = cut(self.argument, 0, LONGEST);
        let end = memchr::memchr(b'`', string);
        self.opens == b'`'
            && self.gap.is_empty()
            && self.before.last().is_some_and(operator)
            && !cut(self.before, near, NEAR).contains(&b'`')
            && end.is_some_and(|end| self.argument.get(end + 1).is_none_or(joins))
    }

    /// Whether the call stands where code does: at the start of a value, directly after an
    /// operator, or after an operator and a blank.
    fn is_code(&self) -> bool {
        // `` `ctx.prompt()` ``: a method in a text about code.
        let path = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'@');
        let len = self
            .before
            .iter()
            .rev()
            .take(MAX_NAME)
            .take_while(path)
            .count();
        let object = self.before.len() - len;
        let is_shown = |before: &[u8]| matches!(before, [b'`'] | [.., b' ' | b'`', b'`']);
        if len > 1
            && self.argument.starts_with(b")")
            && self.before.get(..object).is_some_and(is_shown)
        {
            return false;
        }
        let is_bracketed = self.gap.ends_with(b")") && self.before.ends_with(b",");
        let is_operator = |byte: &u8| b";={}>+-|&/\"'(*".contains(byte);
        is_bracketed
            || match self.before {
                [] => true,
                [before @ .., b' '] => before.last().is_some_and(is_operator),
                [.., byte] => !is_word(*byte) && !matches!(byte, b',' | b'`' | b':'),
            }
    }
}

/// Whether the argument of a function is code: `e.data`, `b)`, `parseInt("1")`.
fn is_expression(argument: &[u8]) -> bool {
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
