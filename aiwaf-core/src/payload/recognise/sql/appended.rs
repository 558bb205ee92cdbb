//! Statements and clauses that continue the query in which the value stands, without a condition:
//! behind a number, behind a string that the value ends, behind a semicolon.

use super::breakout::cuts_off;
use super::lexer::{Kind, Lexer, Token};
use super::question::{asks, names_the_user};
use super::shapes::{is_clause, is_short_statement, is_statement};
use super::{APPENDED, Report, cut, is};

/// How many tokens are read up to the comment that cuts off the query.
const MAX_TOKENS: usize = 60;

/// `1 drop table x`: a statement behind the number with which the value begins.
pub(super) fn behind_number(src: &[u8], plus_is_space: bool, report: &mut Report<'_>) {
    if !matches!(src.first(), Some(b'0'..=b'9' | b'-')) {
        return;
    }
    let mut lexer = Lexer::new(src, 0, true, plus_is_space);
    let mut token = lexer.next();
    if lexer.text(token) == b"-" {
        token = lexer.next();
    }
    if token.kind != Kind::Number {
        return;
    }
    let end = token.end();
    token = lexer.next();
    // `0drop x`: the end of a name. Only a call needs no blank: `1exec('x')`.
    let is_glued =
        token.kind == Kind::Word && token.start() == end && src.get(token.end()) != Some(&b'(');
    while token.kind == Kind::RightParen {
        token = lexer.next();
    }
    let counts = match token.kind {
        _ if is_glued => false,
        Kind::Word => {
            is_statement(&lexer, token)
                || is_short_statement(&lexer, token) && is_cut_off(src, &lexer, token)
        }
        Kind::Logic => asks(src, &lexer, token),
        Kind::Compare | Kind::Operator => names_the_user(&lexer, token),
        _ => false,
    };
    if counts || plus_is_space && adds_the_user(src) {
        report(&APPENDED, cut(src, token.start(), 64));
    }
}

/// `1+db_name()`, where a plus sign between two words was taken for a blank.
fn adds_the_user(src: &[u8]) -> bool {
    let mut lexer = Lexer::new(src, 0, true, false);
    let number = lexer.next();
    let sign = lexer.next();
    number.kind == Kind::Number && sign.kind == Kind::Operator && names_the_user(&lexer, sign)
}

/// `1;table x`: a statement behind the semicolon that ends the query of the value.
pub(super) fn behind_semicolon(
    src: &[u8],
    semicolon: Token,
    before: Token,
    plus_is_space: bool,
    report: &mut Report<'_>,
) {
    let begins = matches!(src.first(), Some(b'0'..=b'9' | b'\'' | b'"' | b'-'));
    let ends_value = matches!(before.kind, Kind::Number | Kind::Quote | Kind::RightParen);
    if !(begins && ends_value) {
        return;
    }
    let mut lexer = Lexer::new(src, semicolon.end(), true, plus_is_space);
    let first = lexer.next();
    let is_glued = first.start() == semicolon.end();
    let counts = is_statement(&lexer, first)
        || is_short_statement(&lexer, first) && (is_glued || is_cut_off(src, &lexer, first));
    if first.kind == Kind::Word && counts {
        report(&APPENDED, cut(src, semicolon.start(), 64));
    }
}

/// `' drop table x--`, `' limit 1#`, `'-0#`: what begins with the token `first` behind the string
/// that ends at `quote`.
pub(super) fn behind_string(
    src: &[u8],
    quote: Token,
    lexer: &Lexer<'_>,
    first: Token,
    report: &mut Report<'_>,
) {
    let counts = match first.kind {
        Kind::Word => {
            is_statement(lexer, first) && (is_alone(src, quote) || is_cut_off(src, lexer, first))
                || (is_short_statement(lexer, first) || is_clause(lexer, first))
                    && is_cut_off(src, lexer, first)
        }
        Kind::Unary if !is(lexer.text(first), "not") => false,
        Kind::Operator | Kind::Compare | Kind::Logic | Kind::Unary => {
            is_alone(src, quote) && is_cut_off(src, lexer, first)
        }
        _ => false,
    };
    if counts {
        report(&APPENDED, cut(src, quote.start(), 64));
    }
}

/// Whether nothing but a word stands before the string's end: `admin'`. Half a character or a
/// backslash may disarm the escape before the quote. Behind a digit, a quote is a measure.
fn is_alone(src: &[u8], quote: Token) -> bool {
    let before = src.get(..quote.start()).unwrap_or_default();
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\\' | 0x80..);
    before.iter().all(in_word) && !before.last().is_some_and(u8::is_ascii_digit)
}

/// Whether a comment ends the value and cuts off what follows it in the query, and no sentence
/// stands before it: two words in a row that are none of SQL's.
fn is_cut_off(src: &[u8], lexer: &Lexer<'_>, first: Token) -> bool {
    let mut ahead = lexer.clone();
    let mut before = first;
    let mut words = 0;
    for _ in 0..MAX_TOKENS {
        let token = ahead.next();
        words = match token.kind {
            Kind::Comment => return cuts_off(src, before, token),
            Kind::End => return false,
            Kind::Word if joins(ahead.text(token)) => 0,
            // `array[1]`
            Kind::Word if ahead.text(token).first() == Some(&b'[') => 0,
            Kind::Word => words + 1,
            _ => 0,
        };
        if words > 1 {
            return false;
        }
        before = token;
    }
    false
}

/// Words of SQL that stand beside names.
fn joins(word: &[u8]) -> bool {
    const WORDS: [&str; 36] = [
        "from", "by", "as", "of", "on", "to", "with", "where", "when", "then", "else", "end",
        "case", "select", "table", "values", "set", "into", "null", "true", "false", "first",
        "next", "row", "rows", "only", "having", "limit", "offset", "rollup", "asc", "desc",
        "enable", "password", "column", "over",
    ];
    WORDS.iter().any(|known| is(word, known))
}
