//! Statements: `; drop table x`, `waitfor delay`.

use super::*;

pub(super) fn statement(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let verb = window.back(1);
    let word = lexer.text(verb);
    if verb.kind != Kind::Word || !is_statement(word) {
        return;
    }
    let object = now.kind == Kind::Word
            && is_object(lexer.text(now))
            // `insert data {` belongs to a query language for graphs.
            && !(window.is_graph && is(lexer.text(now), "data"))
        || is(word, "create") && is(lexer.text(now), "or");
    // `grant@example.com` is an address.
    let argument = now.kind == Kind::Variable && takes_variable(lexer, window)
        || is(word, "pragma") && now.kind == Kind::Word && window.back(2).kind == Kind::Semicolon
        || is(word, "shutdown") && matches!(now.kind, Kind::End | Kind::Comment)
        || is(lexer.text(now), "delay")
        || (is(word, "exec") || is(word, "execute")) && lexer.text(now).get(2) == Some(&b'_')
        || is(word, "select")
            && (matches!(now.kind, Kind::Number | Kind::Quote)
                || lexer.text(now) == b"*"
                || now.kind == Kind::Word && is_function(lexer.text(now))
                || is(lexer.text(now), "null")
                    && window.back(2).kind == Kind::Semicolon
                    && is_cut_off(lexer))
        || is(word, "exec") && matches!(now.kind, Kind::LeftParen)
        || is(word, "begin") && is(lexer.text(now), "declare");
    if !(object || argument) {
        return;
    }
    let before = window.back(2).kind;
    // `"SELECT"`: a word that a text mentions.
    if before == Kind::Quote
        && now.kind == Kind::Quote
        && window.back(2).end() == verb.start()
        && now.start() == verb.end()
    {
        return;
    }
    let queried = is(word, "select") || is(lexer.text(now), "delay");
    if before == Kind::Semicolon
        || matches!(before, Kind::Number | Kind::Quote | Kind::RightParen) && argument && queried
        || is(word, "waitfor")
        || argument && now.kind == Kind::Variable
    {
        report(&STACKED, word);
    } else if before == Kind::End
        && verb.start() == 0
        // `shutdown` alone is a word.
        && now.kind != Kind::End
        && VERBS.iter().any(|known| word.eq_ignore_ascii_case(known))
    {
        report(&STATEMENT, word);
    }
}

/// `set @x=1`, `select @@version`, `declare @x int`: a statement with a variable. Texts name people
/// and packages in the same way: `please use @support`, `select @all`.
fn takes_variable(lexer: &Lexer<'_>, window: &Window) -> bool {
    const TYPES: [&str; 23] = [
        "as",
        "int",
        "bigint",
        "smallint",
        "tinyint",
        "bit",
        "float",
        "decimal",
        "numeric",
        "char",
        "nchar",
        "varchar",
        "nvarchar",
        "text",
        "binary",
        "varbinary",
        "table",
        "cursor",
        "datetime",
        "sysname",
        "xml",
        "uniqueidentifier",
        "sql_variant",
    ];
    let (variable, verb) = (window.back(0), window.back(1));
    let word = lexer.text(verb);
    let name = lexer.text(variable);
    if name.len() < 2 || variable.start() == verb.end() {
        return name.starts_with(b"@@") && (is(word, "select") || is(word, "set"));
    }
    let mut ahead = lexer.clone();
    let next = ahead.next();
    let sign = ahead.text(next);
    if is(word, "declare") {
        return TYPES.iter().any(|known| is(sign, known));
    }
    // Behind a number or another statement, it is no sentence.
    let begins = matches!(window.back(2).kind, Kind::Semicolon | Kind::Number);
    let assigns = sign == b"=" || sign == b":=";
    let ends = matches!(next.kind, Kind::Semicolon | Kind::Comment);
    let is_over = begins && next.kind == Kind::End;
    match () {
        () if name.starts_with(b"@@") => is(word, "select") || is(word, "set"),
        () if is(word, "set") => assigns,
        () if is(word, "select") => {
            is_over || assigns || ends || matches!(next.kind, Kind::Comma | Kind::Quote)
        }
        () if is(word, "exec") || is(word, "execute") => is_over || assigns || ends,
        () if is(word, "insert") || is(word, "delete") => begins,
        () => false,
    }
}

/// `null-- -`, `null,null`: the rest after the first column of a query, in a form that ordinary
/// queries do not have.
fn is_cut_off(lexer: &Lexer<'_>) -> bool {
    let mut ahead = lexer.clone();
    match ahead.next().kind {
        Kind::Comment => true,
        Kind::Comma => {
            let next = ahead.next();
            is(ahead.text(next), "null")
        }
        _ => false,
    }
}
