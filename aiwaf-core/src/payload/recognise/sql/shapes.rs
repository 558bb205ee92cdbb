//! The beginnings of statements and clauses, as data: enough of each to know that it is no sentence.

use super::lexer::{Kind, Lexer, Token};
use super::words::is;

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
    Paren,
    /// `=`, `<` and the like.
    Compare,
    /// An asterisk.
    Star,
    /// The end of the statement.
    Over,
}

use Step::{Compare, Maybe, Name, Number, Over, Paren, Star, SystemName, Text, Value, Word};

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
    &[Word(&["drop"]), Word(OBJECTS), Word(&["if"])],
    &[Word(&["drop", "reassign"]), Word(&["owned"]), Word(&["by"])],
    &[Word(&["truncate"]), Word(&["table"]), Name, Over],
    &[
        Word(&["alter"]),
        Word(OBJECTS),
        Name,
        Word(&[
            "add",
            "drop",
            "column",
            "modify",
            "rename",
            "enable",
            "disable",
            "with",
            "owner",
            "set",
            "change",
            "identified",
            "nologin",
        ]),
    ],
    &[
        Word(&["create"]),
        Word(OBJECTS),
        Name,
        Word(&[
            "with",
            "identified",
            "password",
            "as",
            "from",
            "without",
            "superuser",
        ]),
    ],
    &[Word(&["create"]), Word(OBJECTS), Name, Paren],
    &[Word(&["delete"]), Word(&["from"]), Name, Over],
    &[Word(&["delete"]), Word(&["from"]), Name, Word(&["where"])],
    &[
        Word(&["insert", "replace"]),
        Maybe(&["into"]),
        Name,
        Word(&["values", "select", "set"]),
    ],
    &[Word(&["insert", "replace"]), Word(&["into"]), Name, Paren],
    &[Word(&["update"]), Name, Word(&["set"]), Name, Compare],
    &[Word(&["bulk"]), Word(&["insert"]), Name, Word(&["from"])],
    &[Word(&["exec", "execute"]), SystemName],
    &[Word(&["exec", "execute"]), Paren, Value],
    &[
        Word(&["exec", "execute"]),
        Word(&["as"]),
        Word(&["login", "user", "owner"]),
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
    ],
    &[Word(&["dbcc"]), Name],
    &[
        Word(&["grant", "revoke", "deny"]),
        Word(&[
            "all", "control", "alter", "select", "insert", "update", "delete", "execute",
        ]),
        Maybe(&["privileges"]),
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
    ],
    &[Word(&["handler"]), Name, Word(&["open", "read", "close"])],
    &[Word(&["call"]), Name, Paren, Over],
    &[Word(&["prepare"]), Name, Word(&["from"])],
    &[Word(&["install"]), Word(&["plugin", "component"])],
    &[Word(&["import"]), Word(&["table"]), Word(&["from"])],
    &[Word(&["lock"]), Word(&["table", "tables"]), Name],
    &[Word(&["security"]), Word(&["label"]), Word(&["on"])],
    &[Word(&["attach"]), Maybe(&["database"]), Text, Word(&["as"])],
    &[
        Word(&["for"]),
        Word(&["json"]),
        Word(&["auto", "path", "raw", "explicit"]),
    ],
    &[Word(&["reconfigure"]), Over],
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
        Word(&[
            "delete", "truncate", "table", "exec", "execute", "vacuum", "listen",
        ]),
        Name,
        Over,
    ],
    &[Word(&["table"]), Word(&["only"]), Name, Over],
    &[Word(&["kill"]), Number, Over],
    &[Word(&["vacuum", "shutdown"]), Over],
    &[Word(&["load"]), Text],
    &[Word(&["exec", "execute"]), Name, Text],
    &[
        Word(&["grant", "revoke", "deny"]),
        Name,
        Word(&["to", "from"]),
        Name,
        Over,
    ],
];

/// Clauses that count only behind a string that the value ends, and if a comment cuts off the query
/// behind them.
const CLAUSES: &[Shape] = &[
    &[Word(&["limit", "offset", "having"]), Number],
    &[Word(&["group", "order"]), Word(&["by"])],
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
];

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
    shapes.iter().any(|shape| begins(shape, lexer, first))
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
                let named = token.kind == Kind::Word || text.first() == Some(&b'`');
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
