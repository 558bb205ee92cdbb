//! Statements and clauses that continue the query in which the value stands, without a condition:
//! behind a number, behind a string that the value ends, behind a semicolon.

use super::breakout::cuts_off;
use super::lexer::{Kind, Lexer, Token};
use super::question::{asks, names_the_user};
use super::shapes::{is_clause, is_short_statement, is_statement};
use super::{APPENDED, Report, cut, is};

/// How many tokens are read up to the comment that cuts off the query.
const MAX_TOKENS: usize = 60;

/// `1 drop table x`: a statement, or a question, behind the number with which the value begins.
pub(super) fn behind_number(src: &[u8], plus_is_space: bool, report: &mut Report<'_>) {
    let src = src.trim_ascii_start();
    if !matches!(src.first(), Some(b'0'..=b'9' | b'-')) {
        return;
    }
    if plus_is_space {
        if adds_the_user(src) {
            report(&APPENDED, cut(src, 0, 64));
        }
        return;
    }
    let mut lexer = Lexer::new(src, 0, true, false);
    let mut number = lexer.next();
    if lexer.text(number) == b"-" {
        number = lexer.next();
    }
    // `1. Create`: an item of a list.
    if number.kind != Kind::Number || lexer.text(number).ends_with(b".") {
        return;
    }
    let mut token = lexer.next();
    let is_closed = token.kind == Kind::RightParen;
    while token.kind == Kind::RightParen {
        token = lexer.next();
    }
    let counts = match token.kind {
        // `0drop x`: the end of a name. Only a call needs no blank: `1exec('x')`.
        Kind::Word if token.start() == number.end() && src.get(token.end()) != Some(&b'(') => false,
        Kind::Word => {
            let is_cut_off = || is_dashed_off(src, &lexer, token);
            // Words that are too common for the gate to ask about.
            let is_common = ["create", "explain", "for", "connect"]
                .iter()
                .any(|word| is(lexer.text(token), word));
            let needs_end = is_closed || is_common;
            is_statement(&lexer, token) && (!needs_end || is_cut_off())
                || is_short_statement(&lexer, token) && is_cut_off()
        }
        Kind::Logic => asks(src, &lexer, token) || is_closed && opens_group(src, &lexer, token),
        Kind::Compare | Kind::Operator => names_the_user(&lexer, token),
        _ => false,
    };
    if counts {
        report(&APPENDED, cut(src, token.start(), 64));
    }
}

/// `1)or(1`: a group that the value opens for the bracket that it has closed.
fn opens_group(src: &[u8], lexer: &Lexer<'_>, logic: Token) -> bool {
    let mut ahead = lexer.clone();
    let opening = ahead.next();
    let operand = ahead.next();
    let before = src.get(..logic.start()).unwrap_or_default();
    before.ends_with(b")")
        && opening.start() == logic.end()
        && opening.kind == Kind::LeftParen
        && matches!(operand.kind, Kind::Number | Kind::Word)
        && ahead.next().kind == Kind::End
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
    let begins = matches!(src.first(), Some(b'0'..=b'9' | b'\'' | b'"' | b'-'))
        || before.kind == Kind::Quote && is_alone(src, before);
    let ends_value = matches!(before.kind, Kind::Number | Kind::Quote | Kind::RightParen);
    if !(begins && ends_value) {
        return;
    }
    let mut lexer = Lexer::new(src, semicolon.end(), true, plus_is_space);
    let first = lexer.next();
    // `7;Table lamp;29`: a list has more than one.
    let is_glued = || {
        let rest = src.get(first.end()..).unwrap_or_default();
        first.start() == semicolon.end()
            && (is(lexer.text(first), "handler") || !rest.contains(&b';'))
    };
    let counts = is_statement(&lexer, first)
        || is_short_statement(&lexer, first) && (is_glued() || is_cut_off(src, &lexer, first));
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
    // Without a blank, only the dashes of a comment show that this is no word.
    let is_shown = quote.start() == 0 || first.start() > quote.end();
    let counts = match first.kind {
        Kind::Comma => is_alone(src, quote) && sets_column(src, lexer),
        Kind::Word if is(lexer.text(first), "where") => {
            is_alone(src, quote) && sets_column(src, lexer)
        }
        Kind::Semicolon => is_alone(src, quote) && runs_to_comment(src, lexer),
        Kind::Word => {
            let is_known = is_statement(lexer, first)
                || is_short_statement(lexer, first)
                || is_clause(lexer, first);
            is_known
                && match is_shown {
                    true => is_cut_off(src, lexer, first),
                    false => is_dashed_off(src, lexer, first),
                }
        }
        Kind::Operator | Kind::Compare | Kind::Logic | Kind::Unary => {
            is_alone(src, quote) && takes_value(lexer, first) && is_cut_off(src, lexer, first)
        }
        _ => false,
    };
    if counts {
        report(&APPENDED, cut(src, quote.start(), 64));
    }
}

/// `, role='admin`, `,is_admin=1#`, `where id=1#`: another column, or the condition of the query,
/// which the value continues with a string that it leaves open or cuts off with a comment.
fn sets_column(src: &[u8], lexer: &Lexer<'_>) -> bool {
    let mut ahead = lexer.clone();
    let name = ahead.next();
    let sign = ahead.next();
    let text = lexer.text(name);
    let is_named = name.kind == Kind::Word && !ATTRIBUTES.iter().any(|known| is(text, known));
    let assigns = is_named && ahead.text(sign) == b"=";
    let mut after = ahead.clone();
    assigns && after.next().kind == Kind::Open
        || is_named
            && matches!(sign.kind, Kind::Compare | Kind::Comma)
            && is_cut_off(src, &ahead, sign)
}

/// Attributes that scraps of pages assign behind a quote: `x', value='y`.
const ATTRIBUTES: [&str; 13] = [
    "value",
    "title",
    "class",
    "style",
    "href",
    "src",
    "alt",
    "name",
    "type",
    "label",
    "width",
    "height",
    "placeholder",
];

/// `;vacuum full--`: a command of a database behind a semicolon, which a comment ends.
fn runs_to_comment(src: &[u8], lexer: &Lexer<'_>) -> bool {
    const MOST: usize = 6;
    const COMMANDS: [&str; 24] = [
        "vacuum",
        "listen",
        "unlisten",
        "notify",
        "lock",
        "checkpoint",
        "refresh",
        "flush",
        "reset",
        "stop",
        "start",
        "purge",
        "set",
        "analyze",
        "reindex",
        "cluster",
        "discard",
        "kill",
        "reconfigure",
        "dbcc",
        "load",
        "change",
        "begin",
        "commit",
    ];
    let mut ahead = lexer.clone();
    let mut before = ahead.next();
    let first = ahead.text(before);
    if before.kind != Kind::Word || !COMMANDS.iter().any(|known| is(first, known)) {
        return false;
    }
    for _ in 0..MOST {
        let token = ahead.next();
        match token.kind {
            Kind::Word => before = token,
            Kind::Comment => return cuts_off(src, before, token) && token.end() + 2 >= src.len(),
            _ => return false,
        }
    }
    false
}

/// Whether an operator has a constant or an expression behind it, which a sentence has not:
/// `'-0`, `'or (`, `' is distinct from`, `' not in`.
fn takes_value(lexer: &Lexer<'_>, operator: Token) -> bool {
    let mut ahead = lexer.clone();
    let next = ahead.next();
    let text = ahead.text(next);
    match next.kind {
        Kind::Number | Kind::LeftParen | Kind::Text | Kind::Open | Kind::Variable | Kind::Other => {
            true
        }
        Kind::Word if is(lexer.text(operator), "collate") => true,
        Kind::Word => ["true", "false", "null", "array", "case"]
            .iter()
            .any(|word| is(text, word)),
        Kind::Compare => operator.kind == Kind::Unary,
        Kind::Unary => is(text, "distinct") || text == b"!",
        Kind::Operator => text == b"-",
        _ => false,
    }
}

/// Whether nothing but a word stands before the string's end: `admin'`. Half a character or a
/// backslash may disarm the escape before the quote. Behind a number, a quote is a measure.
fn is_alone(src: &[u8], quote: Token) -> bool {
    let before = src.get(..quote.start()).unwrap_or_default();
    let in_word = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'\\' | b'_' | b'.' | b'@' | 0x80..)
    };
    before.iter().all(in_word)
        && (before.is_empty()
            || !before
                .iter()
                .all(|byte| byte.is_ascii_digit() || *byte == b'.'))
}

/// [`is_cut_off`] by a comment of two dashes, or one in brackets.
fn is_dashed_off(src: &[u8], lexer: &Lexer<'_>, first: Token) -> bool {
    let comment = comment_behind(src, lexer, first);
    comment.is_some_and(|comment| lexer.text(comment).first() != Some(&b'#'))
}

/// Whether a comment ends the value and cuts off what follows it in the query, and no sentence
/// stands before it: two words in a row that are none of SQL's.
fn is_cut_off(src: &[u8], lexer: &Lexer<'_>, first: Token) -> bool {
    comment_behind(src, lexer, first).is_some()
}

/// The comment that ends the value behind the token `first`, as [`is_cut_off`] describes it.
fn comment_behind(src: &[u8], lexer: &Lexer<'_>, first: Token) -> Option<Token> {
    let mut ahead = lexer.clone();
    let mut before = first;
    let mut words = 0;
    for _ in 0..MAX_TOKENS {
        let token = ahead.next();
        words = match token.kind {
            Kind::Comment => return cuts_off(src, before, token).then_some(token),
            Kind::End => return None,
            Kind::Word if joins(ahead.text(token)) => 0,
            // `array[1]`
            Kind::Word if ahead.text(token).first() == Some(&b'[') => 0,
            Kind::Word => words + 1,
            _ => 0,
        };
        if words > 1 {
            return None;
        }
        before = token;
    }
    None
}

/// Words of SQL that stand beside names.
fn joins(word: &[u8]) -> bool {
    const WORDS: [&str; 39] = [
        "json", "auto", "path", "from", "by", "as", "of", "on", "to", "with", "where", "when",
        "then", "else", "end", "case", "select", "table", "values", "set", "into", "null", "true",
        "false", "first", "next", "row", "rows", "only", "having", "limit", "offset", "rollup",
        "asc", "desc", "enable", "password", "column", "over",
    ];
    WORDS.iter().any(|known| is(word, known))
}
