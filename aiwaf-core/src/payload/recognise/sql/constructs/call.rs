//! Calls of functions: `sleep(5)`, `char(97,98)`.

use super::*;

/// A call: the newest token is the parenthesis, and the one before it is the name.
pub(super) fn call(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let open = window.back(0);
    let name = window.back(1);
    let word = lexer.text(name);
    let adjacent = open.start() == name.end();
    let is_attack = is_attack_function(word);
    let is_common = adjacent && is_common_function(word);
    if !(is_attack || is_common) || is(word, "sleep") && is_method(lexer, window) {
        return;
    }
    let mut ahead = lexer.clone();
    let next = ahead.next();
    if is_attack && (adjacent || next.kind == Kind::Number && ahead.next().kind == Kind::RightParen)
    {
        // In prose or code, a function of that name has no SQL argument: `sleep(ing)`.
        let word_alone = next.kind == Kind::Word && ahead.next().kind == Kind::RightParen;
        // `(load_file(`: cut off by a person who tries it. Nobody writes such a name with a bracket
        // after it.
        let cut_off = next.kind == Kind::End && word.contains(&b'_');
        let argument = !word_alone
            && (cut_off
                || matches!(
                    next.kind,
                    Kind::Number
                        | Kind::Quote
                        | Kind::Word
                        | Kind::LeftParen
                        | Kind::Operator
                        | Kind::Variable
                        | Kind::Unary
                        | Kind::RightParen
                ));
        if argument && !(is_geometry(word) && holds_coordinates(lexer)) {
            report(&FUNCTION, word);
        }
    } else if is_common && is_sql_argument(lexer, &mut ahead, next, window) {
        report(&CALL, word);
    }
}

/// The functions that share their names with kinds of geometry.
fn is_geometry(word: &[u8]) -> bool {
    [
        "geometrycollection",
        "multipolygon",
        "multilinestring",
        "multipoint",
        "linestring",
        "polygon",
        "point",
    ]
    .iter()
    .any(|name| is(word, name))
}

/// Whether the bracket that was just opened holds a geometry as text: `LINESTRING(0 0, 1 1)`. It has
/// nothing but numbers and the names of other kinds, and at least two numbers with a blank between
/// them, which is no list of arguments.
fn holds_coordinates(lexer: &Lexer<'_>) -> bool {
    /// Each byte is read once for each bracket around it.
    const DEEPEST: usize = 8;
    let mut depth = 1;
    let mut has_pair = false;
    let mut last = b'(';
    let mut rest = lexer.rest();
    while let Some((&byte, tail)) = rest.split_first() {
        let (word, behind) = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic());
                rest.split_at(letters.count())
            }
            _ => (b"".as_slice(), tail),
        };
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b' ' => has_pair |= last.is_ascii_digit() && begins_number(tail),
            b'0'..=b'9' | b'.' | b',' | b'-' => {}
            _ if !is_geometry(word) => return false,
            _ => {}
        }
        if depth == 0 || depth > DEEPEST {
            return depth == 0 && has_pair;
        }
        last = byte;
        rest = behind;
    }
    has_pair
}

/// Whether a number begins a text, perhaps with a sign.
fn begins_number(text: &[u8]) -> bool {
    matches!(text, [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..])
}

/// Whether the name before the bracket is a member of something that no database has:
/// `time.sleep(1)`, `thread::sleep(x)`.
fn is_method(lexer: &Lexer<'_>, window: &Window) -> bool {
    let (mark, owner) = (window.back(2), window.back(3));
    let name = lexer.text(owner);
    let is_package = name.get(..5).is_some_and(|head| is(head, "dbms_"));
    (mark.kind == Kind::Dot || lexer.text(mark) == b"::") && owner.kind == Kind::Word && !is_package
}

/// Whether the argument of a common function, or its position, distinguishes SQL from other
/// languages.
fn is_sql_argument(lexer: &Lexer<'_>, ahead: &mut Lexer<'_>, next: Token, window: &Window) -> bool {
    let outer = window.back(2);
    let after_operator = matches!(
        outer.kind,
        Kind::Logic | Kind::Compare | Kind::Quote | Kind::Unary
    ) || outer.kind == Kind::Operator;
    match next.kind {
        // `substr((select`, `length(database()`, `ascii(substr(`
        Kind::LeftParen => is(lexer.text(ahead.next()), "select"),
        Kind::Word => {
            let word = lexer.text(next);
            let nested = ahead.next();
            is(word, "select") || nested.kind == Kind::LeftParen && is_function(word)
        }
        // `char(97,98)`, `chr(97)||chr(98)`, `and char(97)=`
        Kind::Number => {
            let number = lexer.text(next);
            let after = ahead.next();
            let name = lexer.text(window.back(1));
            let character = is(name, "char")
                || is(name, "chr")
                || is(name, "nchar")
                || is(name, "unhex")
                || is(name, "concat");
            number.starts_with(b"0x") && number.len() > 3
                || character && (after.kind == Kind::Comma || after_operator)
                || after_operator && after.kind == Kind::Comma && is(name, "if")
                || (is(name, "if") || is(name, "iif"))
                    && after.kind == Kind::Compare
                    && matches!(ahead.next().kind, Kind::Number | Kind::End)
        }
        Kind::RightParen => {
            let name = lexer.text(window.back(1));
            let identity = is(name, "database")
                || is(name, "version")
                || is(name, "user")
                || is(name, "current_user")
                || is(name, "db_name")
                || is(name, "system_user")
                || is(name, "session_user");
            identity && after_operator
        }
        _ => false,
    }
}
