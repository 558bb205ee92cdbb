//! Queries: `(select 1`, `select * from x`, `union select a from b`.

use super::*;
use crate::payload::rules::Rule;

/// Reports the query that the newest token confirms.
pub(super) fn select(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let before = window.back(1);
    if selects_call(lexer, window) {
        report(&SELECT, lexer.text(before));
    }
    // `(select`, followed by something that only a query has there.
    if is(lexer.text(before), "select") && window.back(2).kind == Kind::LeftParen {
        if begins_query(lexer, now) {
            report(&SELECT, lexer.text(now));
        }
        return;
    }
    if selects_product(lexer, window) {
        report(&SELECT, lexer.text(window.back(3)));
    }
    if is_cut_off(lexer, window) {
        report(&SELECT, lexer.text(before));
    }
    if matches!(now.kind, Kind::Word | Kind::LeftParen | Kind::Quote)
        && is(lexer.text(before), "from")
        && window.select.open
        && let Some(rule) = from(lexer, window)
    {
        report(rule, lexer.text_between(before, now));
    }
}

/// `(select f(`; at the start of the value also `select load_file(`, `select sleep`.
fn selects_call(lexer: &Lexer<'_>, window: &Window) -> bool {
    let (now, name) = (window.back(0), window.back(1));
    if name.kind != Kind::Word || !is(lexer.text(window.back(2)), "select") {
        return false;
    }
    let word = lexer.text(name);
    let is_first = window.seen == 3;
    match now.kind {
        Kind::LeftParen => {
            window.back(3).kind == Kind::LeftParen
                || is_first && now.start() == name.end() && is_function(word) && !is_summary(word)
        }
        Kind::End => is_first && is_attack_function(word),
        _ => false,
    }
}

/// Whether `next` continues a query in brackets, and not something else with that name.
fn begins_query(lexer: &Lexer<'_>, next: Token) -> bool {
    let text = lexer.text(next);
    match next.kind {
        Kind::Number | Kind::Variable | Kind::LeftParen | Kind::Quote | Kind::Unary => true,
        Kind::Word => ["case", "top", "null"].iter().any(|word| is(text, word)),
        _ => text == b"*",
    }
}

/// `select 1234*5678`: a scanner wants to see the product. Smaller products are the size of
/// something.
fn selects_product(lexer: &Lexer<'_>, window: &Window) -> bool {
    let is_drawn = |token: Token| token.kind == Kind::Number && token.end() - token.start() >= 4;
    is_drawn(window.back(0))
        && lexer.text(window.back(1)) == b"*"
        && is_drawn(window.back(2))
        && is(lexer.text(window.back(3)), "select")
}

/// `* from x--`: the rest of the query is cut off.
fn is_cut_off(lexer: &Lexer<'_>, window: &Window) -> bool {
    let (now, table) = (window.back(0), window.back(1));
    let is_dash = |byte: &u8| matches!(byte, b'-' | b' ');
    now.kind == Kind::Comment
        && window.seen == 4
        && now.end() - now.start() <= 4
        && now.start() == table.end()
        && lexer.text(now).iter().all(is_dash)
        && is(lexer.text(window.back(2)), "from")
        && lexer.text(window.back(3)) == b"*"
}

/// `select * from x`, `select count(*) from x`, `select a,b from x`, `(select a from x`: the newest
/// token is the table.
fn from(lexer: &Lexer<'_>, window: &Window) -> Option<&'static Rule> {
    const ARTICLES: [&str; 13] = [
        "the", "a", "an", "my", "our", "your", "their", "its", "this", "these", "all", "every",
        "each",
    ];
    let select = &window.select;
    let (table, what) = (window.back(0), window.back(2));
    let name = lexer.text(table);
    let listed = select.listed || what.kind == Kind::RightParen || lexer.text(what) == b"*";
    // A table that one database has for queries without a table.
    let framed = select.framed || is(name, "dual") || lexer.are_parted_oddly(window.back(1), table);
    let is_article = ARTICLES.iter().any(|word| is(name, word));
    if is_article && (!framed || is(name, "the")) {
        return None;
    }
    // `union select w from w`, or a list. Not every text in which a union selects something from
    // somewhere.
    let is_short = select.age == 3 || select.listed && select.age < 40;
    if select.unioned && is_short {
        Some(&UNION)
    } else if framed || listed && select.first {
        Some(&SELECT)
    } else {
        listed.then_some(&QUERY)
    }
}

/// Functions that people also name when they talk about queries.
fn is_summary(word: &[u8]) -> bool {
    [
        "count", "max", "min", "sum", "now", "round", "left", "right",
    ]
    .iter()
    .any(|known| is(word, known))
}
