//! SQL injection.
//!
//! Two readings of the same tokens. The first takes quotes as they come and looks for constructs
//! that make no sense outside a query: `union select`, a stacked statement, a call of `sleep`. The
//! second supposes that the value stands inside a string or a number and asks whether it breaks out
//! and goes on as a condition would.

mod constructs;
mod expression;
mod lexer;
mod rules;
mod window;
mod words;

use self::constructs::constructs;
pub(super) use self::constructs::{ANCHORS, HEADER_ANCHORS};
use self::expression::{End, Expression};
use self::lexer::{Kind, Lexer, Token};
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
/// How many `or` and `and` of a value are read as conditions.
const MAX_CONDITIONS: usize = 12;

/// Judges `input` as SQL.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if input.field.carrier == Carrier::Path {
        // Each segment is a parameter of a route; a comment may hold the slash.
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
    // A header's lists have such ends.
    if !matches!(input.field.carrier, Carrier::Header | Carrier::PartHeader) {
        ends_statement(input, report);
    }
    // What is in a comment is executed once something before it closes that.
    if let Some(inner) = input.view.strip_prefix(b"/*") {
        read(inner, report);
    }
    if input.bytes.any(Bytes::QUOTE) && input.bytes.any(Bytes::PAREN) {
        signs(input.view, report);
    }
}

/// `1=1`, `42 like 42`: two constants compared, and nothing else.
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
    // `<=>` is read as two signs where the second may be another one.
    if right.kind == Kind::Compare {
        right = lexer.next();
    }
    let is_constant = |token: Token| matches!(token.kind, Kind::Number | Kind::Text);
    let compares = sign.kind == Kind::Compare
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

/// Ten signs that end strings, lists and calls, one of them each kind of quote: what a scanner draws to see whether the
/// query breaks.
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

/// Whether a verb of SQL follows a semicolon, of which headers are full.
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
    let mut lexer = Lexer::new(src, 0, false, plus_is_space);
    let mut window = Window::default();
    let mut breakouts = 0;
    let mut conditions = 0;
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
            _ => {}
        }
        constructs(&lexer, &window, report);
        if token.kind == Kind::End {
            break;
        }
    }
}

/// Counts quotes of each kind: every second one closes what the one before it opened.
#[derive(Default)]
struct Quotes {
    seen: [usize; 2],
    last: usize,
}

impl Quotes {
    /// Whether the quote may be the one that ends the string in which the value stands.
    fn may_end(&mut self, src: &[u8], token: Token) -> bool {
        let Some(kind) = (match src.get(token.start) {
            Some(b'\'') => Some(0),
            Some(b'"') => Some(1),
            _ => None,
        }) else {
            return false;
        };
        let adjacent = self.last == token.start && self.last > 0;
        self.last = token.end;
        let Some(count) = self.seen.get_mut(kind) else {
            return false;
        };
        *count += 1;
        // After these a quote opens a string.
        let opens = token
            .start
            .checked_sub(1)
            .and_then(|i| src.get(i))
            .is_some_and(|b| matches!(b, b':' | b'=' | b'{' | b'['));
        !opens && *count % 2 == 1 || *count == 2 && adjacent
    }
}

/// The value stood in a string that ends at `quote`: does it go on as a condition?
fn breakout(src: &[u8], quote: Token, plus_is_space: bool, report: &mut Report<'_>) {
    let mut lexer = Lexer::new(src, quote.end, true, plus_is_space);
    let mut first = lexer.next();
    while first.kind == Kind::RightParen {
        first = lexer.next();
    }
    // `File "<stdin>", line 1`: a name in brackets, and the quotes around both.
    let mark = src.get(quote.start);
    let inner = src.get(quote.end..).unwrap_or_default();
    let name = inner
        .iter()
        .skip(1)
        .take_while(|byte| is_word(**byte))
        .count();
    if inner.first() == Some(&b'<')
        && inner.get(name + 1) == Some(&b'>')
        && inner.get(name + 2) == mark
    {
        return;
    }
    let text = cut(src, quote.start, 64);
    match first.kind {
        Kind::Comment
            if first.end + 2 >= src.len()
                && cuts_off(lexer.text(first), src.get(quote.end..first.start)) =>
        {
            report(&COMMENT, text)
        }
        Kind::Semicolon => {
            let next = lexer.next();
            if next.kind == Kind::Comment
                && cuts_off(lexer.text(next), src.get(first.end..next.start))
            {
                report(&COMMENT, text);
            }
        }
        Kind::Logic if is_quoted_word(src, quote, first) => {}
        Kind::Compare if is_quoted_sign(src, quote, first) => {}
        Kind::Logic | Kind::Compare | Kind::Operator => {
            if let Some(found) =
                expression::continuation(&mut lexer, first, src.get(quote.start).copied())
            {
                let double = src.get(quote.start) == Some(&b'"');
                // `"LIKE" STAMP`: emphasis, not a comparison.
                let word = lexer
                    .text(first)
                    .first()
                    .is_some_and(u8::is_ascii_alphabetic);
                if !(double && word && first.kind == Kind::Compare) {
                    judge_breakout(&found, double, text, report);
                }
            }
        }
        _ => {}
    }
}

/// Whether a word stands in double quotes of its own, behind other words: `more than one "and" in a sentence`.
fn is_quoted_word(src: &[u8], quote: Token, word: Token) -> bool {
    let before = src.get(..quote.start).unwrap_or_default();
    let after = src.get(word.end..).unwrap_or_default();
    let closes = matches!(after, [b'"'] | [b'"', b' ' | b',' | b'.' | b'?' | b'!', ..]);
    let opens = src.get(quote.start) == Some(&b'"') && before.last() == Some(&b' ');
    closes
        && opens
        && quote.end == word.start
        && before.split(|byte| *byte == b' ').take(4).count() > 3
}

/// `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`: what browsers say of a page where they expected JSON.
fn is_quoted_sign(src: &[u8], quote: Token, sign: Token) -> bool {
    let before = src.get(..quote.start).unwrap_or_default();
    let after = src.get(quote.start..).unwrap_or_default();
    quote.end == sign.start
        && before.ends_with(b"nexpected token ")
        && after.starts_with(b"'<', \"<")
}

/// Whether two dashes follow a word or a bracket at once, and a blank follows them.
fn has_glued_comment(src: &[u8]) -> bool {
    src.array_windows::<4>()
        .any(|window| matches!(window, [end, b'-', b'-', b' '] if is_word(*end) || *end == b')'))
}

/// Whether a comment at the end of a text says something: `"A" and "B" -- two films`.
fn ends_with_remark(src: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(src, b"-- ") else {
        return false;
    };
    let words = src
        .get(at + 3..)
        .unwrap_or_default()
        .split(|byte| *byte == b' ');
    let is_word = |word: &&[u8]| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic);
    words.filter(is_word).take(2).count() == 2
}

fn judge_breakout(found: &Expression, double: bool, text: &[u8], report: &mut Report<'_>) {
    let certain = match found.end {
        // Inches and emphasis: `36" - 40"`, `SMALL "&" SIGN`.
        // `'and'`: quoted by somebody who searches for the word.
        End::Reopened if found.bare && found.operators == 1 && found.logic => false,
        End::Reopened => !double || found.logic || found.compare || found.function,
        End::Comment | End::Clause => found.logic || found.compare || found.function,
        End::Value => {
            found.logic && (found.constant || found.function || found.compare && found.literal)
                || found.function
        }
    };
    if certain {
        report(&BREAKOUT, text);
    } else if found.logic && found.literal {
        report(&TRUTH, text);
    }
}

/// `admin';`: a word, the end of a string that it did not open, and the end of the statement; a comment between them.
fn ends_statement(input: &Input<'_>, report: &mut Report<'_>) {
    let Some(text) = input.view.trim_ascii_end().strip_suffix(b";") else {
        return;
    };
    fn is_quote(byte: &u8) -> bool {
        matches!(byte, b'\'' | b'"' | b'`')
    }
    let Some(quote) = text.iter().position(is_quote) else {
        return;
    };
    let (word, rest) = text.split_at_checked(quote).unwrap_or_default();
    let between = rest.get(1..).unwrap_or_default().trim_ascii();
    let is_commented = between.starts_with(b"/*") && between.ends_with(b"*/");
    if !word.is_empty()
        && !word.iter().any(u8::is_ascii_whitespace)
        && (between.is_empty() || is_commented)
        && !between.iter().any(is_quote)
    {
        report(&COMMENT, cut(rest, 0, 64));
    }
}

/// The value stood where a number does: is this `or` part of a condition that cannot fail?
fn condition(
    src: &[u8],
    logic: Token,
    plus_is_space: bool,
    window: &Window,
    report: &mut Report<'_>,
) {
    let mut lexer = Lexer::new(src, logic.start, true, plus_is_space);
    let first = lexer.next();
    let Some(found) = expression::continuation(&mut lexer, first, None) else {
        return;
    };
    let before = window.back(1).kind;
    let after_operand = matches!(
        before,
        Kind::Number | Kind::RightParen | Kind::End | Kind::Quote | Kind::Comment
    );
    let cut_off = found.end == End::Comment
        && after_operand
        && found.literal
        && !(before == Kind::Quote && ends_with_remark(src))
        // `x and f(null) is null-- y`: no writer puts a dash behind a word like that.
        || found.end == End::Comment && found.compare && found.literal && has_glued_comment(src);
    // `5 < 6 and 7 > 3`: two comparisons that somebody writes about numbers.
    let measured = window.back(2).kind == Kind::Compare
        && [
            window.back(2),
            compared(&mut Lexer::new(src, logic.end, true, plus_is_space)),
        ]
        .iter()
        .all(|sign| {
            matches!(
                src.get(sign.start..sign.end),
                Some(b"<" | b">" | b"<=" | b">=")
            )
        });
    if measured && found.end == End::Value {
        return;
    }
    // `9999 or true`
    let truth = found.literal
        && found.operators == 1
        && before == Kind::Number
        && window.seen == 2
        && found.end == End::Value
        && src
            .get(logic.end..)
            .is_some_and(|rest| rest.trim_ascii().ends_with(b"true"));
    let filter = src.first().is_some_and(u8::is_ascii_digit)
        && matches!(before, Kind::Number | Kind::RightParen)
        && window.seen <= 4
        && found.operators >= 2
        && found.literal
        && matches!(found.end, End::Value | End::Comment)
        && is_filter(&mut Lexer::new(src, logic.end, true, plus_is_space));
    let begins = matches!(src.first(), Some(b'0'..=b'9' | b')' | b'"' | b'\'' | b'-'));
    if filter
        || truth
        || found.constant && (begins || !found.doubled)
        || found.function && after_operand && found.operators > 1
        || cut_off
    {
        report(&TAUTOLOGY, cut(src, logic.start, 64));
    }
}

/// Whether what comes next is `id=`, `id>`, `id is null` or `68 like 64` of a condition, written as nobody writes a sentence.
fn is_filter(lexer: &mut Lexer<'_>) -> bool {
    let name = lexer.next();
    let sign = lexer.next();
    let word = lexer.text(sign);
    // `'{"a":1}'::jsonb`, `1::int=1`
    if matches!(name.kind, Kind::Text | Kind::Number) && word == b"::" {
        return true;
    }
    if name.kind == Kind::Number && is_pattern(word) {
        return lexer.next().kind == Kind::Number;
    }
    if name.kind != Kind::Word || sign.kind != Kind::Compare {
        return false;
    }
    let symbol = word.first().is_some_and(u8::is_ascii_punctuation) && sign.start == name.end;
    if symbol || !is(word, "is") {
        return symbol;
    }
    let mut value = lexer.next();
    if value.kind == Kind::Unary {
        value = lexer.next();
    }
    is(lexer.text(value), "null")
}

/// Whether an operator compares text with a pattern: nobody says so of two numbers.
fn is_pattern(operator: &[u8]) -> bool {
    [b"like".as_slice(), b"rlike", b"regexp", b"glob"]
        .iter()
        .any(|known| operator.eq_ignore_ascii_case(known))
}

/// The first comparison that `lexer` comes to.
fn compared(lexer: &mut Lexer<'_>) -> Token {
    loop {
        let token = lexer.next();
        if matches!(token.kind, Kind::Compare | Kind::End) {
            return token;
        }
    }
}

/// Whether a comment is there to cut off a query, not to name an author or a colour.
fn cuts_off(comment: &[u8], gap: Option<&[u8]>) -> bool {
    if gap.unwrap_or_default().contains(&b'\n') {
        return false;
    }
    match comment {
        [b'/', ..] => true,
        [b'#', body @ ..] => !body.iter().any(|b| is_word(*b)),
        _ => {
            comment
                .iter()
                .filter(|b| b.is_ascii_alphabetic() || **b >= 0x80)
                .count()
                <= 2
        }
    }
}
