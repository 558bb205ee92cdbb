//! Other languages that look like SQL. A value counts only if it is completely in such a language.

use super::super::find;
use super::is;
use super::lexer::{Kind, Lexer, Token};

/// The longest value that is read.
const LONGEST: usize = 2048;

/// `"Issue Type" = "Bug" AND ("status" = "closed" OR "status" = "done") ORDER BY updated`: the
/// language of a search form, in which names may be quoted like the values that they are compared
/// with. Each comparison is of two texts that differ in every database and under every collation,
/// so it cannot make a condition true.
pub(super) fn is_filter(text: &[u8]) -> bool {
    if text.len() > LONGEST
        || !matches!(text.first(), Some(b'"' | b'(' | b'a'..=b'z' | b'A'..=b'Z'))
    {
        return false;
    }
    let mut lexer = Lexer::new(text, 0, true, false);
    loop {
        let name = skip(&mut lexer, Kind::LeftParen);
        let sign = lexer.next();
        let value = lexer.next();
        let compares = lexer.text(sign) == b"=" && are_compared(&lexer, name, value);
        let next = skip(&mut lexer, Kind::RightParen);
        let joins = is(lexer.text(next), "and") || is(lexer.text(next), "or");
        if !compares {
            return false;
        }
        if next.kind == Kind::End {
            return true;
        }
        if !joins {
            return is(lexer.text(next), "order") && is_order(&mut lexer);
        }
    }
}

/// The first token of another kind.
fn skip(lexer: &mut Lexer<'_>, kind: Kind) -> Token {
    let mut token = lexer.next();
    while token.kind == kind {
        token = lexer.next();
    }
    token
}

/// Whether a name, bare or in double quotes, is compared with a different text in double quotes.
fn are_compared(lexer: &Lexer<'_>, name: Token, value: Token) -> bool {
    let (name_text, value_text) = (lexer.text(name), lexer.text(value));
    match name.kind {
        Kind::Word => quoted(value_text).is_some(),
        Kind::Text => match (quoted(name_text), quoted(value_text)) {
            (Some(name), Some(value)) => !name.eq_ignore_ascii_case(value),
            _ => false,
        },
        _ => false,
    }
}

/// The content of double quotes, if it is ASCII that every database compares in the same way.
fn quoted(text: &[u8]) -> Option<&[u8]> {
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" _.,:/@()[]-".contains(byte);
    let inner_is_plain = inner.iter().all(is_plain) && !inner.contains(&b'\\');
    (inner_is_plain && inner.first().is_some_and(u8::is_ascii_alphabetic))
        .then(|| inner.trim_ascii())
}

/// `by updated`, `by "Due date" desc`, and nothing else.
fn is_order(lexer: &mut Lexer<'_>) -> bool {
    let by = lexer.next();
    let name = lexer.next();
    let mut end = lexer.next();
    if is(lexer.text(end), "asc") || is(lexer.text(end), "desc") {
        end = lexer.next();
    }
    is(lexer.text(by), "by")
        && matches!(name.kind, Kind::Word | Kind::Text)
        && end.kind == Kind::End
}

/// `=IF(COUNT(E8:E37)=0,"",SUM(E8:E37))`: a spreadsheet formula over a range of cells, which has
/// functions of the same names as SQL. It ends with the bracket that its first function opens, and
/// no string begins or ends in it.
pub(super) fn is_formula(text: &[u8]) -> bool {
    let Some(formula) = text.strip_prefix(b"=").filter(|_| text.len() <= LONGEST) else {
        return false;
    };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"(),.:=<>+*/-&$! ".contains(byte);
    let plain = formula.split(|byte| *byte == b'"');
    // Quotes come in pairs, with nothing between them.
    let is_empty = |(at, part): (usize, &[u8])| at % 2 == 0 || part.is_empty();
    let has = |comment: &[u8]| find(formula, comment).is_some();
    let letters = formula
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    letters > 1
        && formula.get(letters) == Some(&b'(')
        && formula.iter().all(|byte| is_part(byte) || *byte == b'"')
        && plain.enumerate().all(is_empty)
        && !has(b"--")
        && !has(b"/*")
        && closes_at_the_end(formula)
        && has_range(formula)
}

/// Whether the last byte, and none before it, closes the first bracket.
fn closes_at_the_end(formula: &[u8]) -> bool {
    let mut depth = 0_usize;
    for (at, byte) in formula.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == formula.len();
                }
            }
            _ => {}
        }
    }
    false
}

/// `E8:E37`
fn has_range(formula: &[u8]) -> bool {
    let is_cell = |part: &[u8]| {
        let letters = part
            .iter()
            .take_while(|byte| byte.is_ascii_uppercase())
            .count();
        let (column, row) = part.split_at_checked(letters).unwrap_or_default();
        matches!(column.len(), 1..=3)
            && matches!(row.len(), 1..=7)
            && row.iter().all(u8::is_ascii_digit)
    };
    let words = formula.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b':');
    words.into_iter().any(|word| {
        let mut cells = word.split(|byte| *byte == b':');
        matches!((cells.next(), cells.next(), cells.next()), (Some(from), Some(to), None) if is_cell(from) && is_cell(to))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_one_from_its_first_byte_to_its_last() {
        for text in [
            "\"Issue Type\" = \"Bug\" OR \"Type\" = \"Service Request\" ORDER BY updated",
            "project=\"BOOKS\"AND\"type\"=\"Bug\"AND(\"status\"=\"closed\"OR\"status\"=\"done\")",
            "\"Due date\" = \"now\" order by \"Due date\" desc",
        ] {
            assert!(is_filter(text.as_bytes()), "{text}");
        }
        for text in [
            "1 or \"a\"=\"b\"",
            "1 or not \"a\"=\"b\"",
            "\"a\"=\"b\" or 1",
            "\"a\"=\"b\"=\"c\"",
            "\"a\"=\"a \"",
            "\"a\"=\"A\" or \"b\"=\"c\"",
            "\"a\"=\"\u{e1}\"",
            "\"a\"=\"\\a\"",
            "\"a\"=\"b\" is false",
            "not \"a\"=\"b\"",
            "\"a\"=\"b\" or id>0",
            "\"a\"=\"b\" -- x",
            "\"a\"=\"b\"; drop table x",
            "\" or \"1\"=\"1",
            "\"1\"=\"2\" or \"a\"=\"b\"",
            "x or \"a\"=\"b\"",
            "sleep(5)=\"b\" or \"a\"=\"b\"",
            "\"a\"=\"b\" order by sleep(5)",
        ] {
            assert!(!is_filter(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_formula_is_one_call_over_a_range() {
        assert!(is_formula(
            b"=IF(COUNT(E8:E37)=0,\"\",SUM(E8:E37)/COUNT(E8:E37))"
        ));
        assert!(is_formula(b"=SUM(A1:A3)"));
        for text in [
            "=A1',pass=concat(user(),1),z='",
            "=A1 or 1=user()",
            "=IF(1=1,1,1/0)",
            "=IF(A1:A2=1,1,0)',if(1=1,1,0),'",
            "=IF(A1:A2,\"x\",user())",
            "=IF(A1:A2,1,0) or (1=1)",
            "=IF(A1:A2,1,0)--",
            "IF(A1:A2,1,0)",
        ] {
            assert!(!is_formula(text.as_bytes()), "{text}");
        }
    }
}
