//! Whether tokens continue a condition. Prose fails at its second word.

use std::ops::ControlFlow;

use super::lexer::{Kind, Lexer, Token};
use super::words::{is_function, is_keyword, is_type};

/// The longest expression that is read.
const MAX_TOKENS: usize = 40;

/// How a condition ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// With the end of the value.
    #[default]
    Value,
    /// With a comment that cuts off the rest of the query.
    Comment,
    /// Inside a string that the rest of the query closes.
    Reopened,
    /// With a semicolon or a clause of SQL.
    Clause,
}

/// The parts of a condition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expression {
    pub(super) end: End,
    /// Operators of any kind between two operands.
    pub(super) operators: usize,
    pub(super) logic: bool,
    pub(super) compare: bool,
    /// A comparison of constants, or of a name with itself.
    pub(super) constant: bool,
    /// A name compared with itself by `==`, as in one database and in most other languages.
    pub(super) doubled: bool,
    /// A call of a function that databases have.
    pub(super) function: bool,
    /// The string that is left open is empty.
    pub(super) bare: bool,
    /// An operand that is a constant.
    pub(super) literal: bool,
    /// An operand is negated by a symbol.
    pub(super) negated: bool,
    /// There is an operand in the braces of an ODBC escape, so a brace may close it.
    escaped: bool,
}

impl Expression {
    /// Whether constants are compared: nobody writes that, whatever follows.
    const fn cannot_fail(&self) -> bool {
        self.constant && self.logic
    }
}

/// Reads a condition that begins with the operator `first`. If the value broke out of a string with
/// `quote`, a string that it leaves open must have the same quote.
pub(super) fn continuation(
    lexer: &mut Lexer<'_>,
    first: Token,
    quote: Option<u8>,
) -> Option<Expression> {
    let mut out = Expression::default();
    let mut operator = first;
    let mut left: Option<Token> = None;
    // Whether the left side of a comparison is a remainder: `n % 10 == 0`, as translations choose
    // their plural.
    let mut is_computed = false;
    let begins = lexer.text(Token::new(Kind::End, 0, 1)).first().copied();
    let is_of_c = matches!(lexer.text(first), b"&&" | b"||")
        && !begins.is_some_and(|byte| byte.is_ascii_digit() || b"'\")".contains(&byte));
    for _ in 0..MAX_TOKENS {
        if (!out.logic || out.cannot_fail()) && lexer.ends_tag(operator) {
            return out.cannot_fail().then_some(out);
        }
        out.operators += 1;
        out.logic |= operator.kind == Kind::Logic;
        out.compare |= operator.kind == Kind::Compare;
        let (right, ended) = operand(lexer, &mut out)?;
        let is_of_a_program = is_computed && lexer.text(operator).starts_with(b"==");
        if let Some(left) = left.filter(|_| !is_of_a_program) {
            compare(lexer, [left, operator, right], quote, &mut out);
        }
        is_computed = is_of_c
            && lexer.text(operator) == b"%"
            && left.is_some_and(|left| is_name(lexer, left));
        if ended {
            let is_reopened = quote.is_none() || lexer.text(right).first().copied() == quote;
            out.bare = right.end() - right.start() == 1;
            out.end = End::Reopened;
            return is_reopened.then_some(out);
        }
        left = Some(right);
        operator = match next_operator(lexer, [operator, right], quote, &out) {
            ControlFlow::Continue(next) => next,
            ControlFlow::Break(end) => {
                out.end = end?;
                return Some(out);
            }
        };
    }
    Some(out)
}

/// Whether an operand is the name of something, and no constant in words.
fn is_name(lexer: &Lexer<'_>, operand: Token) -> bool {
    let word = lexer.text(operand).to_ascii_lowercase();
    operand.kind == Kind::Word && !matches!(word.as_slice(), b"true" | b"false" | b"null")
}

/// Records what is known of a comparison without the data.
fn compare(
    lexer: &Lexer<'_>,
    [left, operator, right]: [Token; 3],
    quote: Option<u8>,
    out: &mut Expression,
) {
    if operator.kind != Kind::Compare || !same_sort(lexer, left, right) {
        return;
    }
    let sign = lexer.text(operator);
    let is_word = sign.first().is_some_and(u8::is_ascii_alphabetic);
    // `` `a` in `b` ``: code in a sentence. In a query, a bracket follows the word.
    let is_code = |token: Token| lexer.text(token).starts_with(b"`");
    let is_glued = right.start() == operator.end() + 1;
    if sign.eq_ignore_ascii_case(b"in") && is_glued && is_code(left) && is_code(right) {
        return;
    }
    if left.kind == Kind::Text || quote.is_some() || !is_word {
        out.constant = true;
        out.doubled |= left.kind == Kind::Word && sign.starts_with(b"==");
    }
}

/// Reads from the operand `right` to the next operator. Breaks at the end of the condition, with
/// `None` if it is not a condition.
fn next_operator(
    lexer: &mut Lexer<'_>,
    [operator, right]: [Token; 2],
    quote: Option<u8>,
    read: &Expression,
) -> ControlFlow<Option<End>, Token> {
    // A condition that cannot fail counts, whatever follows it: nobody writes one otherwise.
    let unless_sure = || ControlFlow::Break(read.cannot_fail().then_some(End::Value));
    loop {
        let token = lexer.next();
        return match token.kind {
            Kind::RightParen => continue,
            Kind::Other if read.escaped && lexer.text(token) == b"}" => continue,
            // A test behind its operand: `1 notnull`.
            Kind::Word if is_test(lexer.text(token)) => {
                continue;
            }
            // `not in`, `not like`.
            Kind::Unary => ControlFlow::Continue(token),
            Kind::Logic | Kind::Compare | Kind::Operator | Kind::Comma => {
                ControlFlow::Continue(token)
            }
            Kind::End => ControlFlow::Break(Some(End::Value)),
            Kind::Comment => ControlFlow::Break(Some(End::Comment)),
            Kind::Semicolon if is_entity(lexer, operator, right, token) => unless_sure(),
            Kind::Word
                if quote.is_none()
                    && read.operators == 2
                    && is_algebra(lexer, operator, right, token) =>
            {
                ControlFlow::Break(None)
            }
            // `is made into one`: a sentence, where a query would have null, true or false.
            Kind::Word if says(lexer, operator, right, token) => unless_sure(),
            Kind::Semicolon | Kind::Conditional => ControlFlow::Break(Some(End::Clause)),
            Kind::Word if is_keyword(lexer.text(token)) => ControlFlow::Break(Some(End::Clause)),
            _ if is_foreign(lexer.text(token)) => ControlFlow::Break(None),
            _ => unless_sure(),
        };
    }
}

/// Whether a token begins with a letter beyond ASCII. Dashes and quotes that an editor converted
/// from ASCII still count as an attempt.
fn is_foreign(token: &[u8]) -> bool {
    match token {
        [0xe2, 0x80, 0x93..=0x99, ..] => false,
        _ => token.first().is_some_and(|byte| *byte >= 0x80),
    }
}

/// `0 < 2x`: a number with a factor, in a comparison by size. With `d`, `e` and `f`, databases read
/// a number.
fn is_algebra(lexer: &Lexer<'_>, operator: Token, number: Token, name: Token) -> bool {
    number.kind == Kind::Number
        && number.end() == name.start()
        && matches!(lexer.text(name), [b'a'..=b'c' | b'g'..=b'z'])
        && matches!(lexer.text(operator), b"<" | b">" | b"<=" | b">=")
}

/// `&rdquo;`: an HTML entity, not the end of a query.
fn is_entity(lexer: &Lexer<'_>, operator: Token, name: Token, end: Token) -> bool {
    let is_known = matches!(
        lexer.text(name),
        b"nbsp"
            | b"ldquo"
            | b"rdquo"
            | b"lsquo"
            | b"rsquo"
            | b"bdquo"
            | b"sbquo"
            | b"laquo"
            | b"raquo"
            | b"hellip"
            | b"ndash"
            | b"mdash"
            | b"middot"
            | b"bull"
            | b"shy"
            | b"auml"
            | b"ouml"
            | b"uuml"
            | b"szlig"
            | b"eacute"
            | b"egrave"
            | b"agrave"
            | b"ccedil"
            | b"ntilde"
    );
    is_known
        && lexer.text(operator) == b"&"
        && operator.end() == name.start()
        && name.end() == end.start()
}

/// Whether `is` stands before a word that cannot follow it in a query, and `into` before one that
/// names no file.
fn says(lexer: &Lexer<'_>, operator: Token, name: Token, into: Token) -> bool {
    let is = |token: Token, words: &[&str]| {
        let text = lexer.text(token);
        words
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
    };
    let next = lexer.clone().next();
    is(operator, &["is"])
        && name.kind == Kind::Word
        && !is(
            name,
            &["null", "true", "false", "unknown", "distinct", "of", "json"],
        )
        && is(into, &["into"])
        && next.kind == Kind::Word
        && !is(next, &["outfile", "dumpfile"])
}

/// Reads one operand. The flag is true for a string without an end.
fn operand(lexer: &mut Lexer<'_>, out: &mut Expression) -> Option<(Token, bool)> {
    let mut token = Token::new(Kind::End, 0, 0);
    for _ in 0..16 {
        let before = std::mem::replace(&mut token, lexer.next());
        match token.kind {
            Kind::Unary => out.negated |= lexer.text(token) == b"!",
            // `is distinct from`
            Kind::Word
                if lexer.text(token).eq_ignore_ascii_case(b"from")
                    && lexer.text(before).eq_ignore_ascii_case(b"distinct") => {}
            Kind::LeftParen | Kind::Operator | Kind::Conditional => {}
            // `is not`, `= any (`, `like binary`: an operator of two words.
            Kind::Compare => {}
            // `{`if` 1}`: an ODBC escape, which MySQL reads as its content. A block of a program
            // has no quoted name.
            Kind::Other if lexer.text(token) == b"{" => {
                out.escaped = true;
                let name = lexer.next();
                let kind = lexer.text(name);
                let is_known = [b"d".as_slice(), b"t", b"ts", b"fn"]
                    .iter()
                    .any(|known| kind.eq_ignore_ascii_case(known));
                if !is_known && kind.first() != Some(&b'`') {
                    return None;
                }
            }
            Kind::Number | Kind::Text | Kind::Variable => {
                out.literal = true;
                return Some((token, false));
            }
            Kind::Open => return Some((token, true)),
            Kind::Word => {
                let word = lexer.text(token);
                let mut ahead = lexer.clone();
                let next = ahead.next();
                match next.kind {
                    // `bool't'`: a constant of a type.
                    Kind::Text | Kind::Open if next.start() == token.end() && is_type(word) => {
                        *lexer = ahead;
                        out.literal = true;
                        return Some((next, next.kind == Kind::Open));
                    }
                    Kind::LeftParen => {
                        if is_function(word) {
                            out.function = true;
                        }
                        *lexer = ahead;
                        skip_arguments(lexer);
                    }
                    Kind::Dot => {
                        let name = ahead.next();
                        // The end of a sentence in HTML.
                        if lexer.ends_tag(name) {
                            return None;
                        }
                        *lexer = ahead;
                    }
                    _ => {}
                }
                if matches!(
                    word.to_ascii_lowercase().as_slice(),
                    b"true" | b"false" | b"null"
                ) {
                    out.literal = true;
                }
                if word.eq_ignore_ascii_case(b"select") {
                    out.function = true;
                }
                return Some((token, false));
            }
            _ => return None,
        }
    }
    None
}

/// Whether a word asks whether its operand is null.
fn is_test(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"notnull") || word.eq_ignore_ascii_case(b"isnull")
}

/// Skips to the parenthesis that closes the call, or to the limit of tokens.
fn skip_arguments(lexer: &mut Lexer<'_>) {
    let mut depth = 1usize;
    for _ in 0..MAX_TOKENS {
        match lexer.next().kind {
            Kind::LeftParen => depth += 1,
            Kind::RightParen => depth -= 1,
            Kind::End => return,
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Whether a comparison of the two is independent of the data: two constants, or a name with
/// itself.
fn same_sort(lexer: &Lexer<'_>, left: Token, right: Token) -> bool {
    let constant = |kind| matches!(kind, Kind::Number | Kind::Text | Kind::Open);
    constant(left.kind) && constant(right.kind)
        || left.kind == Kind::Word
            && right.kind == Kind::Word
            && lexer.text(left) == lexer.text(right)
}
