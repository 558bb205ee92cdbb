//! Conditions after a number, which need no quote to break out.

use super::expression::{self, End, Expression};
use super::lexer::{Kind, Lexer, Token};
use super::window::Window;
use super::{Report, TAUTOLOGY, cut, is};
use crate::payload::squeeze::is_word;

/// Assumes that the value stood in place of a number, and checks whether this `or` is part of a
/// condition that cannot fail.
pub(super) fn condition(
    src: &[u8],
    logic: Token,
    plus_is_space: bool,
    window: &Window,
    report: &mut Report<'_>,
) {
    // `<span>and</span> <span>`: code with colours.
    if src
        .get(logic.end()..)
        .is_some_and(|rest| rest.starts_with(b"</"))
    {
        return;
    }
    let lexer = |at| Lexer::new(src, at, true, plus_is_space);
    let mut from_here = lexer(logic.start());
    let first = from_here.next();
    let Some(found) = expression::continuation(&mut from_here, first, None) else {
        return;
    };
    if found.end == End::Value && is_measured(src, window, lexer(logic.end())) {
        return;
    }
    if found.end == End::Value && is_sum(src, window.back(1), logic) {
        return;
    }
    let before = window.back(1).kind;
    let after_operand = matches!(
        before,
        Kind::Number | Kind::RightParen | Kind::End | Kind::Quote | Kind::Comment
    );
    // `9999 or true`
    let is_truth = found.literal
        && found.operators == 1
        && before == Kind::Number
        && window.seen == 2
        && found.end == End::Value
        && src
            .get(logic.end()..)
            .is_some_and(|rest| rest.trim_ascii().ends_with(b"true"));
    let filters = src.first().is_some_and(u8::is_ascii_digit)
        && matches!(before, Kind::Number | Kind::RightParen)
        && window.seen <= 4
        && found.operators >= 2
        && found.literal
        && matches!(found.end, End::Value | End::Comment)
        && is_filter(&mut lexer(logic.end()));
    // `1||lpad(user,7,1)`: only operators in symbols count; in words, it is a sentence.
    let joins = found.function
        && found.end == End::Value
        && before == Kind::Number
        && window.seen == 2
        && matches!(src.get(logic.start()..logic.end()), Some(b"||" | b"&&"))
        && reads_text(&mut lexer(logic.end()));
    let begins = matches!(src.first(), Some(b'0'..=b'9' | b')' | b'"' | b'\'' | b'-'));
    let is_sure = found.constant && (begins || !found.doubled)
        || found.function
            && after_operand
            && found.operators > 1
            && calls(src, lexer(0).text(logic));
    let is_cut_off = || found.end == End::Comment && is_cut_off(src, &found, before, after_operand);
    if filters || is_truth || joins || is_sure || is_cut_off() {
        report(&TAUTOLOGY, cut(src, logic.start(), 64));
    }
}

/// `4 and 4 = 8`: a sum in words. `1 and 1 = 2` is a condition that fails, and a usual probe.
fn is_sum(src: &[u8], before: Token, logic: Token) -> bool {
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.trim().parse::<u32>().ok();
    let first = src.get(before.start()..before.end()).and_then(number);
    let rest = src.get(logic.end()..).unwrap_or_default();
    let rest = rest.strip_suffix(b"?").unwrap_or(rest);
    let Some(at) = super::super::find(rest, b" = ") else {
        return false;
    };
    let (second, sum) = rest.split_at_checked(at).unwrap_or_default();
    let sum = number(sum.get(3..).unwrap_or_default());
    let is_and = src
        .get(logic.start()..logic.end())
        .is_some_and(|word| is(word, "and"));
    match (first, number(second), sum) {
        (Some(first), Some(second), Some(sum)) => {
            is_and && sum > 2 && first.checked_add(second) == Some(sum)
        }
        _ => false,
    }
}

/// Whether the next token is a string function, which programs and people do not combine with a
/// number.
fn reads_text(lexer: &mut Lexer<'_>) -> bool {
    const FUNCTIONS: [&str; 12] = [
        "lpad",
        "rpad",
        "substr",
        "substring",
        "mid",
        "ascii",
        "hex",
        "unhex",
        "ord",
        "version",
        "database",
        "user",
    ];
    let name = lexer.next();
    FUNCTIONS.iter().any(|known| is(lexer.text(name), known))
        && lexer.next().kind == Kind::LeftParen
}

/// Whether the comment after a condition is there to cut off a query and is not a remark of an
/// author.
fn is_cut_off(src: &[u8], found: &Expression, before: Kind, after_operand: bool) -> bool {
    let is_remark = before == Kind::Quote && ends_with_remark(src);
    found.literal
        && (after_operand && !is_remark
            // `x and f(null) is null-- y`: no author puts a dash directly after such a word.
            || found.compare && has_glued_comment(src))
}

/// `5 < 6 and 7 > 3`: two comparisons in a text about numbers.
fn is_measured(src: &[u8], window: &Window, mut rest: Lexer<'_>) -> bool {
    let sizes = |sign: Token| {
        matches!(
            src.get(sign.start()..sign.end()),
            Some(b"<" | b">" | b"<=" | b">=")
        )
    };
    let sign = window.back(2);
    sign.kind == Kind::Compare && sizes(sign) && sizes(compared(&mut rest))
}

/// Whether a condition follows, `id=`, `id>`, `id is null` or `68 like 64`, in a form that no
/// sentence has.
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
    if name.kind == Kind::Word && is(word, "in") {
        let opening = lexer.next();
        let value = lexer.next().kind;
        return opening.kind == Kind::LeftParen
            && (value == Kind::Text
                || value == Kind::Number && matches!(lexer.next().kind, Kind::Comma | Kind::End));
    }
    if name.kind != Kind::Word || sign.kind != Kind::Compare {
        return false;
    }
    let symbol = word.first().is_some_and(u8::is_ascii_punctuation) && sign.start() == name.end();
    if symbol || !is(word, "is") {
        return symbol;
    }
    let mut value = lexer.next();
    if value.kind == Kind::Unary {
        value = lexer.next();
    }
    is(lexer.text(value), "null")
}

/// Whether an operator compares text with a pattern, which nobody does with two numbers.
fn is_pattern(operator: &[u8]) -> bool {
    [b"like".as_slice(), b"rlike", b"regexp", b"glob"]
        .iter()
        .any(|known| operator.eq_ignore_ascii_case(known))
}

/// The first comparison that `lexer` reaches.
fn compared(lexer: &mut Lexer<'_>) -> Token {
    loop {
        let token = lexer.next();
        if matches!(token.kind, Kind::Compare | Kind::End) {
            return token;
        }
    }
}

/// Whether something in a value says that a function in its condition is called: `page 1 or done,
/// version (final)` is a sentence, in which a blank stands before the bracket.
fn calls(src: &[u8], logic: &[u8]) -> bool {
    let is_glued = |pair: &[u8; 2]| *pair == *b"()" || is_word(pair[0]) && pair[1] == b'(';
    matches!(src.first(), Some(b'0'..=b'9' | b')'))
        || matches!(logic, b"||" | b"&&")
        || src.array_windows().any(is_glued)
}

/// Whether two dashes directly follow a word or a bracket and are followed by a blank.
fn has_glued_comment(src: &[u8]) -> bool {
    src.array_windows::<4>()
        .any(|window| matches!(window, [end, b'-', b'-', b' '] if is_word(*end) || *end == b')'))
}

/// Whether a comment at the end of a text is a remark: `"A" and "B" -- two films`.
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
