//! Constructs that make no sense outside a query, wherever they stand.

mod call;
mod clause;
mod select;
mod statement;

use self::call::call;
use self::clause::clause;
use self::select::select;
use self::statement::statement;
use super::*;

/// Text that every clause made only of words contains.
pub(in crate::payload::recognise) static ANCHORS: &[&[u8]] = &[
    b"outfile",
    b"dumpfile",
    b"procedure anal",
    b"in boolean mode",
    b"case when",
    b"having",
    b"order by",
    b"group by",
    // After a number without a blank: `0or true`.
    b"or true",
    b"and true",
    // A query without `select`.
    b"union table",
    b"union values",
    b"union all table",
    b"union all values",
    b"except table",
    b"except values",
    b"intersect table",
    b"intersect values",
    // Statements behind a number.
    b"truncate table",
    b"exec sp_",
    b"exec xp_",
    b"execute sp_",
    b"execute xp_",
    b"exec as ",
    b"execute as ",
    b"exec (",
    b"execute (",
    b"shutdown with",
    // A quote that ends a string, directly followed by a condition.
    b"'and ",
    b"\"and ",
    b"'or ",
    b"\"or ",
    b"'xor ",
    b"\"xor ",
    b"'div ",
    b"\"div ",
    b"'mod ",
    b"\"mod ",
    b"'collate ",
    b"\"collate ",
];
/// The anchors for headers, where an equals sign is no signal.
pub(in crate::payload::recognise) static HEADER_ANCHORS: &[&[u8]] = &[b"set ", b"where "];

/// Constructs that end with the newest token.
#[inline]
pub(super) fn constructs(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let (now, before) = (window.back(0).kind, window.back(1).kind);
    let is_call = now == Kind::LeftParen && before == Kind::Word;
    if is_call || now == Kind::Variable || before == Kind::Conditional || window.has_word() {
        ending(lexer, window, report);
    }
}

/// [`constructs`], where one may end.
#[inline(never)] // most tokens end none
fn ending(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let before = window.back(1);
    match now.kind {
        Kind::Conditional => return,
        Kind::LeftParen if before.kind == Kind::Word => call(lexer, window, report),
        Kind::Variable
            if lexer.text(now).starts_with(b"@@")
                && now.end() - now.start() > 4
                && (before.kind != Kind::Word || words::is_keyword(lexer.text(before))) =>
        {
            report(&VARIABLE, lexer.text(now));
        }
        _ => {}
    }
    if before.kind == Kind::Conditional
        && now.kind != Kind::Other
        && known_in_conditional(lexer, now)
    {
        report(&CONDITIONAL, lexer.text(now));
    }
    if window.has_word() {
        union(lexer, window, report);
        select(lexer, window, report);
        statement(lexer, window, report);
        clause(lexer, window, report);
    }
}

fn known_in_conditional(lexer: &Lexer<'_>, now: Token) -> bool {
    let word = lexer.text(now);
    matches!(
        now.kind,
        Kind::Logic | Kind::Compare | Kind::Number | Kind::Unary
    ) || now.kind == Kind::Word
        && (words::is_keyword(word) || is_statement(word) || is_function(word) || is(word, "all"))
}

fn union(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let mut at = 1;
    let query = lexer.text(window.back(at));
    let (is_select, is_table) = (
        is(query, "select"),
        is(query, "table") || is(query, "values"),
    );
    if !is_select && !is_table {
        return;
    }
    at += 1;
    let mut parens = 0;
    while at < SPAN
        && (matches!(
            window.back(at).kind,
            Kind::LeftParen | Kind::Unary | Kind::Comment | Kind::Conditional | Kind::Other
        ) || is(lexer.text(window.back(at)), "all"))
    {
        parens += usize::from(window.back(at).kind == Kind::LeftParen);
        at += 1;
    }
    let text = lexer.text(window.back(at));
    if !(is(text, "union") || is(text, "except") || is(text, "intersect") || is(text, "minus")) {
        return;
    }
    // `1union`, `x'union`: the gate does not see them.
    let (joint, before) = (window.back(at), window.back(at + 1));
    let is_parted = before.kind == Kind::RightParen
        || before.start() == 0 && before.kind == Kind::Quote
        || before.end() < joint.start();
    let is_listed = !is(text, "minus");
    if is_table && !(is_listed && is_parted && unites_rows(lexer, now, query, before, parens > 0)) {
        return;
    }
    // `union select committee` continues with a word. An attack may do so too, but then it needs a
    // comma, a call or a `from`, which the next tokens show.
    let foreign = now.kind == Kind::Word && !lexer.text(now).is_ascii();
    if !foreign
        && (now.kind != Kind::Word
            || window.back(at + 1).kind != Kind::Word
            || is(lexer.text(now), "null")
            || is_function(lexer.text(now)))
    {
        report(&UNION, lexer.text_between(window.back(at), now));
    }
}

/// `union table x`, `union values(1)`, `union values row(1)`: a query without `select`, behind a
/// number or a string, and nothing after its table.
fn unites_rows(
    lexer: &Lexer<'_>,
    now: Token,
    query: &[u8],
    before: Token,
    in_parens: bool,
) -> bool {
    if !matches!(before.kind, Kind::Number | Kind::Quote | Kind::RightParen) {
        return false;
    }
    if is(query, "values") {
        return now.kind == Kind::LeftParen || is(lexer.text(now), "row");
    }
    let next = lexer.clone().next();
    now.kind == Kind::Word
        && (in_parens
            || is(lexer.text(now), "only")
            || matches!(next.kind, Kind::End | Kind::Comment | Kind::Semicolon))
}
