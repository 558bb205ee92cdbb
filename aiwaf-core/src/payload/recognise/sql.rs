//! SQL injection.
//!
//! The same tokens are read in two ways. The first reading takes quotes as they come and looks for
//! constructs that make no sense outside a query: `union select`, a stacked statement, a call of
//! `sleep`. The second reading assumes that the value stands inside a string or a number, and
//! checks whether the value breaks out of it and continues like a condition.

mod appended;
mod breakout;
mod condition;
mod constructs;
mod expression;
mod foreign;
mod lexer;
mod question;
mod row;
mod rules;
mod shapes;
mod window;
mod words;

use self::appended::{behind_number, behind_semicolon};
use self::breakout::{Quotes, breakout, ends_statement};
use self::condition::condition;
use self::constructs::constructs;
pub(super) use self::constructs::{ANCHORS, HEADER_ANCHORS};
use self::foreign::{is_filter, is_formula};
use self::lexer::{Kind, Lexer, Token};
use self::row::continues_row;
pub(super) use self::rules::RULES;
use self::rules::*;
use self::window::{SPAN, Window};
use self::words::{
    is, is_attack_function, is_common_function, is_function, is_object, is_statement,
};
use super::{Input, Report, cut};
use crate::payload::field::Carrier;
use crate::payload::gate::VERBS;
use crate::payload::squeeze::{Bytes, is_word};

/// How many quotes of a value are tried as the end of a string.
const MAX_BREAKOUTS: usize = 6;
/// How many semicolons of a value are read as the end of a statement.
const MAX_STATEMENTS: usize = 6;
/// How many `or` and `and` of a value are read as conditions.
const MAX_CONDITIONS: usize = 12;

/// Judges `input` as SQL.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if input.bytes.any(Bytes::EQUALS) && is_filter(input.view) {
        return;
    }
    let is_formula = input.bytes.any(Bytes::EQUALS) && is_formula(input.view);
    judge_text(input, &mut |rule, text| {
        if !(is_formula && rule.id == CALL.id) {
            report(rule, text);
        }
    });
}

fn judge_text(input: &Input<'_>, report: &mut Report<'_>) {
    if input.field.carrier == Carrier::Path {
        // Each segment is a parameter of a route. A comment may contain the slash.
        if !input.bytes.any(
            Bytes::QUOTE
                .or(Bytes::SPACE)
                .or(Bytes::PAREN)
                .or(Bytes::PLUS)
                .or(Bytes::STAR)
                .or(Bytes::SEMICOLON),
        ) {
            return;
        }
        if !input.bytes.any(Bytes::STAR) {
            for segment in input.view.split(|&b| b == b'/') {
                read(segment, report);
            }
            return;
        }
    }
    read(input.view, report);
    compares_constants(input.view, report);
    if input.bytes.any(Bytes::QUOTE) && continues_row(input.view) {
        report(&ROW, input.view);
    }
    // Lists in headers have such ends.
    if !matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader) {
        ends_statement(input, report);
    }
    // The content of a comment is executed if something before it closes the comment.
    if let Some(inner) = input.view.strip_prefix(b"/*") {
        read(inner, report);
    }
    if input.bytes.any(Bytes::QUOTE) && input.bytes.any(Bytes::PAREN) {
        signs(input.view, report);
    }
}

/// `1=1`, `42 like 42`, `1 or 1`: two equal constants, compared or joined, and nothing else.
fn compares_constants(text: &[u8], report: &mut Report<'_>) {
    const LONGEST: usize = 64;
    if text.len() > LONGEST
        || !text
            .first()
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'\'')
    {
        return;
    }
    let mut lexer = Lexer::new(text, 0, true, false);
    let [left, sign, mut right] = [lexer.next(), lexer.next(), lexer.next()];
    // `<=>` is read as two tokens, of which the second may be another operator.
    if right.kind == Kind::Compare {
        right = lexer.next();
    }
    let is_constant = |token: Token| matches!(token.kind, Kind::Number | Kind::Text);
    // `1 or 1` is true too. `1 and 1` is the name of a company.
    let joins = sign.kind == Kind::Logic
        && is(lexer.text(sign), "or")
        && lexer.text(left).iter().all(u8::is_ascii_digit)
        && text.get(left.end()) == Some(&b' ');
    let compares = joins
        || sign.kind == Kind::Compare
            && !matches!(lexer.text(sign), b"<" | b">" | b"<=" | b">=" | b":=");
    if is_constant(left)
        && compares
        && is_constant(right)
        && lexer.text(left) == lexer.text(right)
        && lexer.next().kind == Kind::End
    {
        report(&TAUTOLOGY, text);
    }
}

/// Ten characters that end strings, lists and calls, including one of each kind of quote: a scanner
/// draws them at random to see whether the query breaks.
fn signs(text: &[u8], report: &mut Report<'_>) {
    const DRAWN: usize = 10;
    let is_sign = |byte: &u8| matches!(byte, b'"' | b'\'' | b'(' | b')' | b',' | b'.');
    for run in text.split(|byte| !is_sign(byte)) {
        let count = |sign: u8| run.iter().filter(|byte| **byte == sign).count();
        if run.len() == DRAWN
            && count(b'"') == 1
            && count(b'\'') == 1
            && count(b'(') + count(b')') > 1
        {
            report(&SIGNS, run);
            return;
        }
    }
}

/// Whether an SQL verb follows a semicolon. Headers are full of semicolons.
pub(in crate::payload) fn stacks_statement(value: &[u8]) -> bool {
    memchr::memchr_iter(b';', value).any(|at| {
        let rest = value.get(at + 1..).unwrap_or_default().trim_ascii_start();
        let len = rest
            .iter()
            .take(10)
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        len > 1
            && rest.get(len).is_some_and(u8::is_ascii_whitespace)
            && is_statement(rest.get(..len).unwrap_or_default())
    })
}

fn read(src: &[u8], report: &mut Report<'_>) {
    let spaces = memchr::memchr(b' ', src).is_some();
    let plus_is_space = !spaces
        && memchr::memchr_iter(b'+', src).any(|at| {
            let near = at.checked_sub(1).and_then(|at| src.get(at..));
            matches!(near, Some([a, _, b, ..]) if is_word(*a) && is_word(*b))
        });
    behind_number(src, plus_is_space, report);
    let mut lexer = Lexer::new(src, 0, false, plus_is_space);
    let mut window = Window::default();
    let mut breakouts = 0;
    let mut conditions = 0;
    let mut statements = 0;
    let mut quotes = Quotes::default();
    loop {
        let token = lexer.next();
        window.push(token);
        window.follow(&lexer);
        match token.kind {
            Kind::Quote if breakouts < MAX_BREAKOUTS && quotes.may_end(src, token) => {
                breakouts += 1;
                breakout(src, token, plus_is_space, report);
            }
            Kind::Logic if conditions < MAX_CONDITIONS => {
                conditions += 1;
                condition(src, token, plus_is_space, &window, report);
            }
            Kind::Semicolon if statements < MAX_STATEMENTS => {
                statements += 1;
                behind_semicolon(src, token, window.back(1), plus_is_space, report);
            }
            _ => {}
        }
        constructs(&lexer, &window, report);
        if token.kind == Kind::End {
            break;
        }
    }
}
