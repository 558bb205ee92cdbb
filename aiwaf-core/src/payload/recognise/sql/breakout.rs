//! Strings that the value ends: after the quote comes the rest of a condition, or a comment cuts
//! off the query.

use super::appended::behind_string;
use super::expression::{self, End, Expression};
use super::lexer::{Kind, Lexer, Token};
use super::{BREAKOUT, COMMENT, Input, Report, TRUTH, cut, is};
use crate::payload::squeeze::is_word;

/// Counts quotes of each kind: every second one closes the string that the previous one opened.
#[derive(Default)]
pub(super) struct Quotes {
    seen: [usize; 2],
    last: usize,
}

impl Quotes {
    /// Whether the quote may be the one that ends the string in which the value stands.
    pub(super) fn may_end(&mut self, src: &[u8], token: Token) -> bool {
        let Some(kind) = (match src.get(token.start()) {
            Some(b'\'') => Some(0),
            Some(b'"') => Some(1),
            _ => None,
        }) else {
            return false;
        };
        let adjacent = self.last == token.start() && self.last > 0;
        self.last = token.end();
        let Some(count) = self.seen.get_mut(kind) else {
            return false;
        };
        *count += 1;
        // After these tokens, a quote opens a string.
        let opens = token
            .start()
            .checked_sub(1)
            .and_then(|i| src.get(i))
            .is_some_and(|b| matches!(b, b':' | b'=' | b'{' | b'['));
        !opens && *count % 2 == 1 || *count == 2 && adjacent
    }
}

/// Assumes that the value stood in a string that ends at `quote`, and checks whether it continues
/// as a condition or cuts off the rest.
pub(super) fn breakout(src: &[u8], quote: Token, plus_is_space: bool, report: &mut Report<'_>) {
    if quotes_a_name(src, quote) {
        return;
    }
    let mut lexer = Lexer::new(src, quote.end(), true, plus_is_space);
    let mut first = lexer.next();
    while first.kind == Kind::RightParen {
        first = lexer.next();
    }
    let text = cut(src, quote.start(), 64);
    behind_string(src, quote, &lexer, first, report);
    if shows_operator(src, quote) {
        return;
    }
    match first.kind {
        Kind::Comment if first.end() + 2 >= src.len() && cuts_off(src, quote, first) => {
            report(&COMMENT, text);
        }
        Kind::Semicolon => {
            let next = lexer.next();
            if next.kind == Kind::Comment && cuts_off(src, first, next) {
                report(&COMMENT, text);
            }
        }
        Kind::Logic if is_quoted_word(src, quote, first) => {}
        Kind::Logic if src.starts_with(b"'") && quote.start() == 0 && asks(&lexer) => {
            report(&BREAKOUT, text)
        }
        Kind::Word if quote.start() == 0 && selects_from(&lexer, first) => report(&BREAKOUT, text),
        Kind::Compare if is_quoted_sign(src, quote, first) || ends_tag(src, quote, first) => {}
        Kind::Logic | Kind::Compare | Kind::Operator => {
            goes_on(&mut lexer, first, text, report);
        }
        Kind::Unary
            if (quote.start() == 0 || first.start() > quote.end())
                && compares_again(&lexer, first, src) =>
        {
            goes_on(&mut lexer, first, text, report);
        }
        _ => {}
    }
}

/// `' not like '`: a negated comparison with a string that the value leaves open. Words in quotes
/// have no blank before their second quote.
fn compares_again(lexer: &Lexer<'_>, not: Token, src: &[u8]) -> bool {
    let mut ahead = lexer.clone();
    let compare = ahead.next();
    let mut string = ahead.next();
    if is(ahead.text(string), "to") {
        string = ahead.next();
    }
    let gap = src.get(..string.start()).and_then(<[u8]>::last);
    is(lexer.text(not), "not")
        && compare.kind == Kind::Compare
        && string.kind == Kind::Open
        && gap == Some(&b' ')
}

/// `File "<stdin>", line 1`: a name in brackets, with quotes around them.
fn quotes_a_name(src: &[u8], quote: Token) -> bool {
    let inner = src.get(quote.end()..).unwrap_or_default();
    let letters = inner.iter().skip(1);
    let name = letters.take_while(|byte| is_word(**byte)).count();
    name > 0
        && inner.first() == Some(&b'<')
        && inner.get(name + 1) == Some(&b'>')
        && inner.get(name + 2) == src.get(quote.start())
}

/// `' from users/*`: names the table of a query in whose list of columns the value stood, with a
/// comment without an end that cuts off the rest. Titles have other characters after a word:
/// `'From C# to Rust'`.
fn selects_from(lexer: &Lexer<'_>, word: Token) -> bool {
    let mut ahead = lexer.clone();
    let table = ahead.next();
    let end = ahead.next();
    let comment = lexer.text(end);
    is(lexer.text(word), "from")
        && table.kind == Kind::Word
        && end.start() == table.end()
        && comment.starts_with(b"/*")
        && !comment.ends_with(b"*/")
}

/// `'or select *`, `' or (exists)`: a new query after the logic, even if only part of it remains.
fn asks(lexer: &Lexer<'_>) -> bool {
    let mut ahead = lexer.clone();
    let word = ahead.next();
    let next = ahead.next();
    match word.kind {
        Kind::LeftParen => is(ahead.text(next), "exists"),
        _ => is(ahead.text(word), "select") && ahead.text(next) == b"*",
    }
}

/// Reports the condition that begins with the operator `first` after the quote at the start of
/// `text`.
fn goes_on(lexer: &mut Lexer<'_>, first: Token, text: &[u8], report: &mut Report<'_>) {
    let quote = text.first().copied();
    let Some(found) = expression::continuation(lexer, first, quote) else {
        return;
    };
    let operator = lexer.text(first);
    // `'::int--`: a cast, with the rest cut off.
    let casts = operator == b"::" && found.end == End::Comment;
    // `'|1=1`
    let joins = matches!(operator, b"|" | b"^") && found.constant && found.compare;
    if casts || joins {
        report(&BREAKOUT, text);
        return;
    }
    let double = quote == Some(b'"');
    let is_word = operator.first().is_some_and(u8::is_ascii_alphabetic);
    // `a 'div'`, `a'in'`: a word in quotes. A division by an empty string yields nothing, and
    // nothing is `in` one.
    let leaves_nothing = is_word && first.kind == Kind::Operator || is(operator, "in");
    if leaves_nothing && found.bare && found.operators == 1 {
        return;
    }
    // `"LIKE" STAMP`: emphasis, not a comparison.
    if !(double && is_word && first.kind == Kind::Compare) {
        judge_breakout(&found, double, text, report);
    }
}

/// Whether a word stands in its own double quotes, after other words:
/// `more than one "and" in a sentence`.
fn is_quoted_word(src: &[u8], quote: Token, word: Token) -> bool {
    let before = src.get(..quote.start()).unwrap_or_default();
    let after = src.get(word.end()..).unwrap_or_default();
    let closes = matches!(after, [b'"'] | [b'"', b' ' | b',' | b'.' | b'?' | b'!', ..]);
    let opens = src.get(quote.start()) == Some(&b'"') && before.last() == Some(&b' ');
    closes
        && opens
        && quote.end() == word.start()
        && before.split(|byte| *byte == b' ').take(4).count() > 3
}

/// `Press '+' to zoom in`, `use "AND" or "OR" here`: an operator that a sentence shows, with nothing
/// glued to its quotes. A short text could be an attack of the same form (`x '=' y`), so there must
/// be four words around it, or one behind it that says what it is.
fn shows_operator(src: &[u8], quote: Token) -> bool {
    const LONGEST: usize = 8;
    const AROUND: usize = 64;
    let (before, after) = src.split_at_checked(quote.start()).unwrap_or_default();
    let Some((sign, inner)) = after.split_first() else {
        return false;
    };
    let len = inner.iter().take(LONGEST).position(|byte| byte == sign);
    let (shown, rest) = inner
        .split_at_checked(len.unwrap_or_default())
        .unwrap_or_default();
    let rest = rest.get(1..).unwrap_or_default();
    let rest = rest.get(..AROUND).unwrap_or(rest);
    let before = before
        .get(before.len().saturating_sub(AROUND)..)
        .unwrap_or(before);
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80;
    let is_operator = shown.iter().all(|byte| byte.is_ascii_punctuation())
        || shown.iter().all(u8::is_ascii_alphabetic);
    let opens = match before.last() {
        None => is_named(rest),
        Some(byte) => matches!(byte, b' ' | b'\n' | b'('),
    };
    let closes = match rest {
        [] | [b'.' | b',' | b'?' | b'!' | b':' | b')'] => true,
        [b'.' | b',' | b'?' | b'!' | b':' | b')', b' ', next, ..] | [b' ' | b'\n', next, ..] => {
            is_letter(next) || matches!(next, b'(' | b'\'' | b'"')
        }
        _ => false,
    };
    let cuts_off = || rest.contains(&b'#') || super::super::find(rest, b"--").is_some();
    let words = |text: &[u8]| {
        let words = text.split(|byte| !is_letter(byte));
        words.filter(|word| word.len() > 1).take(4).count()
    };
    !shown.is_empty()
        && is_operator
        && opens
        && closes
        && !cuts_off()
        && (is_named(rest) || words(before) + words(rest) > 3)
}

/// Whether the word after something in quotes says what it is: `'+' button`.
fn is_named(rest: &[u8]) -> bool {
    const SIGNS: [&str; 14] = [
        "sign",
        "signs",
        "symbol",
        "operator",
        "key",
        "keys",
        "button",
        "buttons",
        "character",
        "token",
        "separator",
        "gate",
        "mark",
        "element",
    ];
    let word = rest.strip_prefix(b" ").unwrap_or_default();
    let word = word.split(|byte| !byte.is_ascii_alphabetic()).next();
    SIGNS
        .iter()
        .any(|known| is(word.unwrap_or_default(), known))
}

/// `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`: the message of a browser that got a
/// page where it expected JSON.
fn is_quoted_sign(src: &[u8], quote: Token, sign: Token) -> bool {
    let before = src.get(..quote.start()).unwrap_or_default();
    let after = src.get(quote.start()..).unwrap_or_default();
    quote.end() == sign.start()
        && before.ends_with(b"nexpected token ")
        && after.starts_with(b"'<', \"<")
}

/// `<div style="font-family:'Segoe UI'">Hi`: the end of a tag after the value of its last
/// attribute.
fn ends_tag(src: &[u8], quote: Token, sign: Token) -> bool {
    let before = src.get(..quote.start()).unwrap_or_default();
    let tag = memchr::memrchr(b'<', before).and_then(|at| before.get(at + 1..));
    let attributes = tag.unwrap_or_default();
    src.get(quote.start()..sign.end()) == Some(b"\">")
        && attributes.first().is_some_and(u8::is_ascii_alphabetic)
        && !attributes.contains(&b'>')
        && memchr::memchr_iter(b'"', attributes).count() % 2 == 1
        && memchr::memchr(b'"', attributes)
            .and_then(|at| attributes.get(..at))
            .is_some_and(|name| name.ends_with(b"="))
}

/// Reports what follows a quote, with a rule for how certainly it is a condition.
fn judge_breakout(found: &Expression, double: bool, text: &[u8], report: &mut Report<'_>) {
    let certain = match found.end {
        // Inches and emphasis: `36" - 40"`, `SMALL "&" SIGN`. `'and'`: quoted by somebody who
        // searches for the word.
        End::Reopened if found.bare && found.operators == 1 && found.logic && !found.negated => {
            false
        }
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

/// `admin';`: a word, the end of a string that it did not open, and the end of the statement,
/// possibly with a comment between them.
pub(super) fn ends_statement(input: &Input<'_>, report: &mut Report<'_>) {
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

/// Whether a comment is there to cut off a query, not to name an author or a colour.
pub(super) fn cuts_off(src: &[u8], before: Token, comment: Token) -> bool {
    let gap = src.get(before.end()..comment.start()).unwrap_or_default();
    if gap.contains(&b'\n') {
        return false;
    }
    match src.get(comment.start()..comment.end()).unwrap_or_default() {
        [b'/', ..] => true,
        [b'#', body @ ..] => !body.iter().any(|b| is_word(*b)),
        body => {
            let is_letter = |byte: &&u8| byte.is_ascii_alphabetic() || **byte >= 0x80;
            body.iter().filter(is_letter).count() <= 2
        }
    }
}
