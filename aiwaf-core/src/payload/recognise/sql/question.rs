//! Questions about another column behind a number: `1 and instr(password,'a')`. The page shows
//! whether the answer is yes.

use super::is;
use super::lexer::{Kind, Lexer, Token};
use super::words::{is_asking_function, is_niladic};

/// Whether a question follows the `and` or `or` behind the number with which the value begins.
pub(super) fn asks(src: &[u8], lexer: &Lexer<'_>, logic: Token) -> bool {
    let mut ahead = lexer.clone();
    let mut token = ahead.next();
    let is_glued = token.start() == logic.end();
    let in_letters = src.get(logic.start()).is_some_and(u8::is_ascii_alphabetic);
    let is_odd = is_parted_oddly(src, logic);
    if token.kind == Kind::Unary {
        let is_exists = is(ahead.text(token), "exists");
        token = ahead.next();
        if is_exists {
            let query = ahead.clone().next();
            let is_query = ["select", "values", "table"]
                .iter()
                .any(|word| is(ahead.text(query), word));
            return token.kind == Kind::LeftParen && (is_query || query.kind == Kind::LeftParen);
        }
    }
    match token.kind {
        Kind::Word => is_odd && is_over(&mut ahead.clone()) || asks_of(src, &mut ahead, token),
        Kind::Number if is_odd => is_over(&mut ahead),
        // `1 or 2 in database` is no question.
        Kind::Number => {
            let sign = ahead.next();
            ahead.text(sign) == b"=" && names_niladic(&mut ahead)
        }
        // `0 or(id>0)`
        Kind::LeftParen if is_glued && in_letters => {
            ahead.next().kind == Kind::Word && compares(&mut ahead)
        }
        _ => false,
    }
}

/// `1=user`, `1+@@version`, `1+db_name()`, `1 in(user)`: an operation on what only the database
/// knows, whose failure shows it.
pub(super) fn names_the_user(lexer: &Lexer<'_>, operator: Token) -> bool {
    let mut ahead = lexer.clone();
    let sign = ahead.text(operator);
    if is(sign, "in") {
        let opens = ahead.next().kind == Kind::LeftParen;
        let mut name = ahead.next();
        if is(ahead.text(name), "select") {
            name = ahead.next();
        }
        let is_user = ["user", "current_user", "session_user", "system_user"]
            .iter()
            .any(|user| is(ahead.text(name), user));
        return opens && is_user && ahead.next().kind == Kind::RightParen && is_over(&mut ahead);
    }
    match operator.kind {
        Kind::Compare => sign == b"=" && names_niladic(&mut ahead),
        // `3/user`: a price. `12-app_name`: a name.
        _ => {
            let mut call = ahead.clone();
            let name = call.next();
            let is_variable = name.kind == Kind::Variable;
            (is_variable || call.next().kind == Kind::LeftParen) && names_niladic(&mut ahead)
        }
    }
}

/// `user`, `@@version`, `db_name()`, and the end of the value.
fn names_niladic(ahead: &mut Lexer<'_>) -> bool {
    let name = ahead.next();
    let text = ahead.text(name);
    let is_variable = name.kind == Kind::Variable && text.starts_with(b"@@") && text.len() > 4;
    if !(is_variable || name.kind == Kind::Word && is_niladic(text)) {
        return false;
    }
    let mut next = ahead.next();
    if next.kind == Kind::LeftParen && ahead.next().kind == Kind::RightParen {
        next = ahead.next();
    }
    matches!(next.kind, Kind::End | Kind::Comment)
}

/// `instr(password,'a')`, `password like 's%'`, `name ~ '^s'`: a question about the column or
/// function `name`.
fn asks_of(src: &[u8], ahead: &mut Lexer<'_>, name: Token) -> bool {
    let word = ahead.text(name);
    let next = ahead.clone().next();
    if next.kind == Kind::LeftParen && next.start() == name.end() {
        return is_asking_function(word) && compares_call(src, next);
    }
    // `3 or more like "x"`, `7 or so`
    let is_amount = [
        "more", "less", "so", "over", "up", "under", "older", "above", "below", "higher",
    ]
    .iter()
    .any(|amount| is(word, amount));
    !is_amount && compares(ahead)
}

/// Whether the call whose bracket opens at `open` has more than one argument or is compared:
/// `3 or length(cm)` is a remark.
fn compares_call(src: &[u8], open: Token) -> bool {
    const LONGEST: usize = 128;
    let rest = src.get(open.end()..).unwrap_or_default();
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    let Some(close) = memchr::memrchr(b')', rest) else {
        return false;
    };
    let (inside, after) = rest.split_at_checked(close).unwrap_or_default();
    let sign = after.get(1..).unwrap_or_default().trim_ascii_start();
    !inside.is_empty()
        && (inside.contains(&b',')
            || inside.contains(&b'(')
            || matches!(sign, [b'=' | b'<' | b'>' | b'!' | b'&' | b'|', ..]))
}

/// Whether a comparison with a constant follows that no sentence has: `like 'a%'`, `~ '^s'`,
/// `between 0x73 and 0x74`, `collate x like 'a'`, `notnull`.
fn compares(ahead: &mut Lexer<'_>) -> bool {
    let mut sign = ahead.next();
    while sign.kind == Kind::RightParen {
        sign = ahead.next();
    }
    if is(ahead.text(sign), "collate") {
        ahead.next();
        sign = ahead.next();
    }
    if sign.kind == Kind::Unary && is(ahead.text(sign), "not") {
        sign = ahead.next();
    }
    let text = ahead.text(sign);
    if is(text, "notnull") || is(text, "isnull") {
        return is_over(ahead);
    }
    let by_pattern = ["like", "ilike", "rlike", "regexp", "glob"]
        .iter()
        .any(|word| is(text, word))
        || text == b"~";
    let value = ahead.next();
    let is_string = matches!(value.kind, Kind::Text | Kind::Open)
        || value.kind == Kind::Number && ahead.text(value).starts_with(b"0x");
    if by_pattern {
        return is_string;
    }
    if is(text, "between") {
        let and = ahead.next();
        let upper = ahead.next();
        return is_string && is(ahead.text(and), "and") && upper.kind == value.kind;
    }
    // `(id>0)`
    sign.kind == Kind::Compare
        && !text.first().is_some_and(u8::is_ascii_alphabetic)
        && value.kind == Kind::Number
        && ahead.next().kind == Kind::RightParen
}

/// Whether the value ends here, or a comment cuts off the rest.
fn is_over(ahead: &mut Lexer<'_>) -> bool {
    matches!(ahead.next().kind, Kind::End | Kind::Comment)
}

/// Whether a comment stands where a blank would, before a token: `1/**/or/**/id`.
fn is_parted_oddly(src: &[u8], token: Token) -> bool {
    let before = src.get(..token.start()).unwrap_or_default();
    let number = before
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    matches!(
        before.get(number..),
        Some([b'/', b'*', ..] | [b'-', b'-', ..] | [b'#', ..])
    )
}
