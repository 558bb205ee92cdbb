//! The beginnings of statements and clauses, as data: enough of each to know that it is no sentence.

use super::lexer::{Kind, Lexer, Token};
use super::words::{Shapes, is, lowered, word_set};

/// One token, or a few, of a beginning.
enum Step {
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or nothing.
    Maybe(&'static [&'static str]),
    /// The name of a table, a column, a user: `users`, `dbo.users`, `` `users` ``.
    Name,
    /// The name of a procedure of the system: `sp_who`, `xp_dirtree`.
    SystemName,
    Number,
    Text,
    /// A constant or a variable.
    Value,
    /// A string, a variable or a number in hexadecimal: what may hold a query.
    Code,
    /// `exists`, `not`.
    Unary,
    Paren,
    /// `=`, `<` and the like.
    Compare,
    /// An asterisk.
    Star,
    /// The end of the statement.
    Over,
}

use Step::{
    Code, Compare, Maybe, Name, Number, Over, Paren, Star, SystemName, Text, Unary, Value, Word,
};

/// The first steps of a statement or a clause.
type Shape = &'static [Step];

/// What `drop`, `alter` and `create` work on.
const OBJECTS: &[&str] = &[
    "table",
    "database",
    "schema",
    "view",
    "index",
    "procedure",
    "function",
    "trigger",
    "login",
    "user",
    "role",
    "column",
    "sequence",
    "extension",
];

/// Statements that no sentence resembles.
const STATEMENTS: &[Shape] = &[
    &[Word(&["drop"]), Word(OBJECTS), Name, Over],
    &[Word(&["drop"]), Word(OBJECTS), Word(&["if"]), Unary],
    &[Word(&["drop", "reassign"]), Word(&["owned"]), Word(&["by"])],
    &[Word(&["truncate"]), Word(&["table"]), Name, Over],
    &[
        Word(&["alter"]),
        Word(&["table"]),
        Name,
        Word(&["add", "drop", "modify", "rename", "change", "alter"]),
    ],
    &[
        Word(&["alter"]),
        Word(&["login", "user", "role"]),
        Name,
        Word(&["enable", "with", "identified", "password", "nologin"]),
    ],
    &[
        Word(&["create"]),
        Word(&["login", "user", "role"]),
        Name,
        Word(&["with", "identified"]),
        Word(&["password", "by"]),
    ],
    &[
        Word(&["create"]),
        Word(&["table", "view"]),
        Name,
        Word(&["as"]),
        Word(&["select"]),
    ],
    &[Word(&["delete"]), Word(&["from"]), Name, Over],
    &[
        Word(&["delete"]),
        Word(&["from"]),
        Name,
        Word(&["where"]),
        Name,
        Compare,
    ],
    &[
        Word(&["insert", "replace"]),
        Word(&["into"]),
        Name,
        Word(&["values", "select"]),
    ],
    &[
        Word(&["insert", "replace"]),
        Word(&["into"]),
        Name,
        Word(&["set"]),
        Name,
        Compare,
    ],
    &[Word(&["insert", "replace"]), Name, Word(&["values"]), Paren],
    &[
        Word(&["update"]),
        Name,
        Word(&["set"]),
        Name,
        Compare,
        Value,
    ],
    &[Word(&["bulk"]), Word(&["insert"]), Name, Word(&["from"])],
    &[Word(&["exec", "execute"]), SystemName],
    &[Word(&["exec", "execute"]), Paren, Code],
    &[
        Word(&["exec", "execute"]),
        Word(&["as"]),
        Word(&["login", "user"]),
        Compare,
    ],
    &[Word(&["shutdown"]), Word(&["with"]), Word(&["nowait"])],
    &[
        Word(&["restore", "backup"]),
        Word(&["filelistonly", "headeronly", "labelonly", "verifyonly"]),
    ],
    &[
        Word(&["restore", "backup"]),
        Word(&["database", "log"]),
        Name,
        Word(&["from", "to"]),
        Word(&["disk"]),
    ],
    &[Word(&["dbcc"]), Name],
    &[
        Word(&["grant", "revoke", "deny"]),
        Word(&[
            "control", "alter", "select", "insert", "update", "delete", "execute",
        ]),
        Word(&["to", "on", "from"]),
        Name,
        Over,
    ],
    &[
        Word(&["grant", "revoke"]),
        Word(&["all"]),
        Maybe(&["privileges"]),
        Word(&["on"]),
        Star,
    ],
    &[
        Word(&["use"]),
        Word(&["master", "tempdb", "msdb", "information_schema", "mysql"]),
        Over,
    ],
    &[
        Word(&["explain"]),
        Maybe(&["analyze", "verbose"]),
        Word(&["table", "select"]),
        Name,
        Over,
    ],
    &[Word(&["prepare"]), Name, Word(&["from"]), Code],
    &[
        Word(&["install"]),
        Word(&["plugin"]),
        Name,
        Word(&["soname"]),
    ],
    &[
        Word(&["lock"]),
        Word(&["table", "tables"]),
        Name,
        Word(&["read", "write", "in"]),
    ],
    &[Word(&["for"]), Word(&["json"]), Word(&["auto", "path"])],
    &[
        Word(&["connect"]),
        Word(&["by"]),
        Word(&["level", "prior", "rownum", "nocycle"]),
    ],
    &[
        Word(&["group"]),
        Word(&["by"]),
        Name,
        Word(&["with"]),
        Word(&["rollup", "cube"]),
    ],
    &[Word(&["waitfor"]), Word(&["delay", "time"]), Text],
];

/// Statements that count only if a comment cuts off the query behind them, or directly behind a
/// semicolon.
const SHORT_STATEMENTS: &[Shape] = &[
    &[
        Word(&["delete", "truncate", "table", "exec", "execute"]),
        Name,
        Over,
    ],
    &[Word(&["table"]), Word(&["only"]), Name, Over],
    &[Word(&["kill"]), Number, Over],
    &[Word(&["exec", "execute"]), Name, Text],
    &[Word(&["call"]), Name, Paren, Over],
    &[Word(&["handler"]), Name, Word(&["open", "read", "close"])],
    &[Word(&["attach"]), Maybe(&["database"]), Text, Word(&["as"])],
    &[Word(&["reconfigure"]), Over],
];

/// Clauses and statements that count only behind a string that the value ends, and if a comment
/// cuts off the query behind them.
const CLAUSES: &[Shape] = &[
    &[Word(&["limit", "offset", "having"]), Number],
    &[Word(&["group", "order"]), Word(&["by"]), Name],
    &[Word(&["group", "order"]), Word(&["by"]), Number],
    &[Word(&["for"]), Word(&["update", "share", "browse"])],
    &[Word(&["fetch"]), Word(&["first", "next"])],
    &[Word(&["window"]), Name, Word(&["as"])],
    &[Word(&["returning"]), Name, Over],
    &[Word(&["returning"]), Star],
    &[Word(&["connect"]), Word(&["by"])],
    &[Word(&["as"]), Word(&["of"]), Word(&["scn", "timestamp"])],
    &[Word(&["notnull", "isnull"])],
    &[Word(&["having"]), Name, Compare],
    &[Word(&["option"]), Paren],
    &[Word(&["vacuum", "shutdown"]), Over],
    &[Word(&["listen"]), Name, Over],
    &[
        Word(&["grant", "revoke", "deny"]),
        Name,
        Word(&["to", "from"]),
        Name,
        Over,
    ],
];

word_set! {
    /// The first words of all of these.
    is_first: b"drop" | b"reassign" | b"truncate" | b"alter" | b"create" | b"delete" | b"insert" | b"replace"
        | b"update" | b"bulk" | b"exec" | b"execute" | b"shutdown" | b"restore" | b"backup" | b"dbcc" | b"grant"
        | b"revoke" | b"deny" | b"use" | b"explain" | b"prepare" | b"install" | b"lock" | b"for" | b"connect"
        | b"group" | b"waitfor" | b"table" | b"kill" | b"call" | b"handler" | b"attach" | b"reconfigure"
        | b"limit" | b"offset" | b"having" | b"order" | b"fetch" | b"window" | b"returning" | b"as" | b"notnull"
        | b"isnull" | b"option" | b"vacuum" | b"listen"
}

/// Whether a statement begins with the word `first`, after which the lexer stands.
pub(super) fn is_statement(lexer: &Lexer<'_>, first: Token) -> bool {
    any(STATEMENTS, lexer, first)
}

/// Whether a statement begins that a sentence might resemble too.
pub(super) fn is_short_statement(lexer: &Lexer<'_>, first: Token) -> bool {
    any(SHORT_STATEMENTS, lexer, first)
}

/// Whether a clause begins.
pub(super) fn is_clause(lexer: &Lexer<'_>, first: Token) -> bool {
    any(CLAUSES, lexer, first)
}

fn any(shapes: &[Shape], lexer: &Lexer<'_>, first: Token) -> bool {
    is_first(lexer.text(first)) && shapes.iter().any(|shape| begins(shape, lexer, first))
}

/// Whether the tokens from `first` are those of a shape.
fn begins(shape: Shape, lexer: &Lexer<'_>, first: Token) -> bool {
    let mut ahead = lexer.clone();
    let mut token = first;
    for step in shape {
        let text = ahead.text(token);
        let is_one = |words: &[&str]| words.iter().any(|word| is(text, word));
        let matches = match step {
            Maybe(words) if !is_one(words) => continue,
            Word(words) | Maybe(words) => is_one(words),
            Name => {
                let named = token.kind == Kind::Word || matches!(text, [b'`' | b'"', ..]);
                while named && ahead.clone().next().kind == Kind::Dot {
                    ahead.next();
                    ahead.next();
                }
                named
            }
            SystemName => matches!(text, [b's' | b'S' | b'x' | b'X', b'p' | b'P', b'_', ..]),
            Number => token.kind == Kind::Number,
            Text => matches!(token.kind, Kind::Text | Kind::Open),
            Value => matches!(
                token.kind,
                Kind::Text | Kind::Open | Kind::Number | Kind::Variable
            ),
            Code => match token.kind {
                Kind::Number => text.starts_with(b"0x"),
                kind => matches!(kind, Kind::Text | Kind::Open | Kind::Variable),
            },
            Unary => token.kind == Kind::Unary,
            Paren => {
                let opens = token.kind == Kind::LeftParen;
                // `p()`: nothing but the end of the call may follow.
                let mut after = ahead.clone();
                if opens && after.next().kind == Kind::RightParen {
                    ahead = after;
                }
                opens
            }
            Compare => token.kind == Kind::Compare,
            Star => text == b"*",
            Over => matches!(token.kind, Kind::End | Kind::Comment | Kind::Semicolon),
        };
        if !matches {
            return false;
        }
        token = ahead.next();
    }
    true
}
