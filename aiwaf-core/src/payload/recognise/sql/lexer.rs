//! SQL as databases read it: the union of what MySQL, PostgreSQL, SQL Server, Oracle and SQLite
//! accept.

use super::words::{is_comparison, is_logic, is_operator, is_unary};

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// A closed string, possibly empty.
    Text,
    /// A string without its end: the rest of the query closes it.
    Open,
    Word,
    Variable,
    /// `or`, `and`, `xor`, `||`, `&&`.
    Logic,
    /// `=`, `<>`, `like`, `in`, `between`...
    Compare,
    /// Arithmetic and bit operators.
    Operator,
    /// `not`, `!`, `~`, `exists`, `distinct`...
    Unary,
    LeftParen,
    RightParen,
    Comma,
    Semicolon,
    Comment,
    /// A comment that MySQL executes: `/*!50000 ...`.
    Conditional,
    Dot,
    /// A quote, if quotes are not paired.
    Quote,
    Other,
    End,
}

/// How many tags back the beginning of a tag is searched for.
const MAX_TAGS: usize = 16;

/// A token and its position.
///
/// There may be one for every byte, so it is made of two numbers, which are returned in registers.
/// Positions beyond four gigabytes are wrong; no value is as long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it starts, in the upper half, and where it ends.
    span: u64,
}

impl Token {
    pub(super) const fn new(kind: Kind, start: usize, end: usize) -> Self {
        let span = (start as u64) << 32 | end as u64 & 0xffff_ffff;
        Self { kind, span }
    }

    pub(super) const fn start(self) -> usize {
        (self.span >> 32) as usize
    }

    pub(super) const fn end(self) -> usize {
        (self.span & 0xffff_ffff) as usize
    }
}

/// Splits bytes into tokens.
#[derive(Clone)]
pub(super) struct Lexer<'a> {
    src: &'a [u8],
    at: usize,
    /// Whether quotes delimit strings; if not, each quote is a token.
    paired: bool,
    /// Whether `+` stands for a space, as in a query string that nobody decoded.
    plus_is_space: bool,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(src: &'a [u8], at: usize, paired: bool, plus_is_space: bool) -> Self {
        Self {
            src,
            at,
            paired,
            plus_is_space,
        }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.src.get(self.at..).unwrap_or_default()
    }

    pub(super) fn text(&self, token: Token) -> &'a [u8] {
        self.src.get(token.start()..token.end()).unwrap_or_default()
    }

    /// The text from the first token to the last one.
    pub(super) fn text_between(&self, first: Token, last: Token) -> &'a [u8] {
        let text = self.src.get(first.start()..last.end()).unwrap_or_default();
        super::cut(text, 0, 64)
    }

    /// Whether an HTML tag that began earlier ends at a token, with text or markup after it. No
    /// database query compares anything with a text that begins with a slash, and a document query
    /// continues with an operator.
    pub(super) fn ends_tag(&self, token: Token) -> bool {
        let (Some(before), Some([b'<', b'/', tag @ ..])) =
            (self.src.get(..token.start()), self.src.get(token.start()..))
        else {
            return false;
        };
        let len = run(tag, u8::is_ascii_alphanumeric);
        let (name, rest) = tag.split_at_checked(len).unwrap_or_default();
        let is_text = match rest {
            [b'>'] | [b'>', b'<' | b'\r' | b'\n' | b'a'..=b'z' | b'A'..=b'Z', ..] => true,
            [b'>', b'&', next, ..] => next.is_ascii_alphabetic(),
            [b'>', b' ', word @ ..] => {
                let len = run(word, u8::is_ascii_alphabetic);
                len > 0 && word_kind(word.get(..len).unwrap_or_default()) == Kind::Word
            }
            _ => false,
        };
        let begins = |at: usize| {
            let from = before.get(at + 1..).unwrap_or_default();
            from.get(..len) == Some(name) && matches!(from.get(len), Some(b'>' | b' '))
        };
        len > 0
            && is_text
            && memchr::memrchr_iter(b'<', before)
                .take(MAX_TAGS)
                .any(begins)
    }

    /// Whether two words are separated only by what databases take for a blank: a comment, a
    /// control character.
    pub(super) fn are_parted_oddly(&self, first: Token, second: Token) -> bool {
        let gap = self
            .src
            .get(first.end()..second.start())
            .unwrap_or_default();
        gap.first_chunk() == Some(b"/*")
            || gap
                .iter()
                .any(|byte| matches!(byte, 1..=8 | 0x0b | 0x0c | 0x0e..=0x1f))
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.src.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn is_space(&self, byte: u8) -> bool {
        matches!(byte, 0..=b' ' | 0xa0) || byte == b'+' && self.plus_is_space
    }

    /// The next token; always [`Kind::End`] after the last one.
    pub(super) fn next(&mut self) -> Token {
        self.skip_blank();
        let start = self.at;
        let Some(&byte) = self.src.get(start) else {
            return self.token(Kind::End, start, 0);
        };
        match byte {
            b'0'..=b'9' => self.number(start),
            b'.' if self.peek(1).is_ascii_digit() => self.number(start),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(start),
            b'\'' | b'"' | b'`' => self.quote(start, byte),
            b'(' => self.token(Kind::LeftParen, start, 1),
            b')' => self.token(Kind::RightParen, start, 1),
            b',' => self.token(Kind::Comma, start, 1),
            b';' => self.token(Kind::Semicolon, start, 1),
            b'.' => self.token(Kind::Dot, start, 1),
            // Operators of PostgreSQL for lists, documents and shapes.
            b'@' if matches!(self.peek(1), b'>' | b'?') => self.token(Kind::Compare, start, 2),
            b'@' => self.variable(start),
            b'#' => self.line_comment(start, 1),
            b'-' if self.peek(1) == b'-' => self.line_comment(start, 2),
            b'/' if self.peek(1) == b'*' => self.block_comment(start),
            b'[' => self.bracket(start),
            // `\N` is MySQL's spelling of NULL. It needs no blank after it.
            b'\\' if self.peek(1) == b'N' => self.token(Kind::Number, start, 2),
            _ => self.symbol(start, byte),
        }
    }

    /// Skips white space and what databases take for it: comments that have an end, and the end of
    /// a comment that MySQL executes. A loop, because a value may consist of nothing else.
    fn skip_blank(&mut self) {
        while let Some(&byte) = self.src.get(self.at) {
            if self.is_space(byte) {
                self.at += 1;
                continue;
            }
            if !matches!(byte, b'*' | b'/' | b'#' | b'-') {
                return;
            }
            match (byte, self.peek(1), self.peek(2)) {
                (b'*', b'/', _) => self.at += 2,
                (b'/', b'*', third) if third != b'!' => {
                    let rest = self.src.get(self.at + 2..).unwrap_or_default();
                    match super::super::find(rest, b"*/") {
                        Some(len) => self.at += 2 + len + 2,
                        None => return,
                    }
                }
                (b'#', ..) | (b'-', b'-', _) => match self.line_that_goes_on() {
                    Some(next) => self.at = next,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Where the next line begins, if it has more than white space: the part of the query that a
    /// comment leaves.
    fn line_that_goes_on(&self) -> Option<usize> {
        let rest = self.src.get(self.at..)?;
        let next = self.at + memchr::memchr(b'\n', rest)? + 1;
        let more = self
            .src
            .get(next..)?
            .iter()
            .any(|b| !b.is_ascii_whitespace());
        more.then_some(next)
    }

    fn token(&mut self, kind: Kind, start: usize, len: usize) -> Token {
        self.at = start + len;
        Token::new(kind, start, self.at)
    }

    fn number(&mut self, start: usize) -> Token {
        let text = self.src.get(start..).unwrap_or_default();
        // `1or 1=1` and `1e1union` need no space.
        let digits = match text {
            [b'0', b'x' | b'X' | b'b' | b'B', rest @ ..] => 2 + run(rest, u8::is_ascii_hexdigit),
            _ => run(text, |b| b.is_ascii_digit() || *b == b'.'),
        };
        let exponent = match text.get(digits..) {
            Some([b'e' | b'E', rest @ ..]) => match run(rest, u8::is_ascii_digit) {
                0 => 0,
                len => len + 1,
            },
            _ => 0,
        };
        self.token(Kind::Number, start, (digits + exponent).max(1))
    }

    // Its buffers would make room for themselves at every token.
    #[inline(never)]
    fn word(&mut self, start: usize) -> Token {
        let rest = self.src.get(start..).unwrap_or_default();
        // A byte A0 that does not continue a character is a Latin-1 blank, which MySQL accepts.
        let mut last = 0;
        let len = run(rest, |b| {
            let blank = *b == 0xa0 && last < 0x80;
            last = *b;
            is_name(*b) && !blank
        });
        // A prefixed string: N'..', x'..', b'..', e'..', q'..'.
        if len == 1
            && self.paired
            && self.peek(1) == b'\''
            && matches!(
                rest.first().map(u8::to_ascii_lowercase),
                Some(b'n' | b'x' | b'b' | b'e' | b'q')
            )
        {
            return self.quote(start + 1, b'\'');
        }
        let text = rest.get(..len).unwrap_or_default();
        self.token(word_kind(text), start, len)
    }

    fn quote(&mut self, start: usize, quote: u8) -> Token {
        if !self.paired {
            return self.token(Kind::Quote, start, 1);
        }
        let mut at = start + 1;
        while let Some(&byte) = self.src.get(at) {
            if byte == b'\\' {
                at += 1;
            } else if byte == quote {
                if self.src.get(at + 1) != Some(&quote) || at == start + 1 {
                    return self.token(Kind::Text, start, at + 1 - start);
                }
                at += 1;
            }
            at += 1;
        }
        self.token(Kind::Open, start, self.src.len() - start)
    }

    fn variable(&mut self, start: usize) -> Token {
        let rest = self.src.get(start..).unwrap_or_default();
        let marks = run(rest, |b| *b == b'@');
        let name = rest.get(marks..).unwrap_or_default();
        let len = run(name, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'`')
        });
        self.token(Kind::Variable, start, marks + len)
    }

    fn line_comment(&mut self, start: usize, mark: usize) -> Token {
        let rest = self.src.get(start + mark..).unwrap_or_default();
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        self.token(Kind::Comment, start, mark + len)
    }

    /// A comment that is executed, or one without an end.
    fn block_comment(&mut self, start: usize) -> Token {
        if self.peek(2) == b'!' {
            let rest = self.src.get(start + 3..).unwrap_or_default();
            let digits = run(rest, u8::is_ascii_digit);
            return self.token(Kind::Conditional, start, 3 + digits);
        }
        let len = self.src.len() - start;
        self.token(Kind::Comment, start, len)
    }

    fn bracket(&mut self, start: usize) -> Token {
        let rest = self.src.get(start + 1..).unwrap_or_default();
        let len = run(rest, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b' ')
        });
        if len > 0 && rest.get(len) == Some(&b']') {
            return self.token(Kind::Word, start, len + 2);
        }
        self.token(Kind::Other, start, 1)
    }

    fn symbol(&mut self, start: usize, byte: u8) -> Token {
        let next = self.peek(1);
        let (kind, len) = match (byte, next) {
            (b'|', b'|') | (b'&', b'&') => (Kind::Logic, 2),
            (b'=', b'=') | (b'!', b'=') | (b'<', b'>') | (b':', b'=') | (b'!', b'<' | b'>') => {
                (Kind::Compare, 2)
            }
            (b'<', b'@') | (b'^', b'@') => (Kind::Compare, 2),
            (b'<', b'=') if self.peek(2) == b'>' => (Kind::Compare, 3),
            (b'<' | b'>', b'=') => (Kind::Compare, 2),
            (b'<', b'<') | (b'>', b'>') | (b':', b':') => (Kind::Operator, 2),
            (b'=' | b'<' | b'>', _) => (Kind::Compare, 1),
            (b'!' | b'~', _) => (Kind::Unary, 1),
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'&' | b'|', _) => (Kind::Operator, 1),
            _ => (Kind::Other, 1),
        };
        self.token(kind, start, len)
    }
}

/// Whether a byte may stand in a name.
fn is_name(byte: u8) -> bool {
    NAME.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Letters, digits, `_`, `$` and everything beyond ASCII.
// The loop ends at the end of the table.
#[allow(clippy::indexing_slicing)]
static NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        table[byte] =
            letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'$') || byte >= 0x80;
        byte += 1;
    }
    table
};

/// How many bytes at the start of `text` satisfy `test`.
fn run(text: &[u8], mut test: impl FnMut(&u8) -> bool) -> usize {
    text.iter().take_while(|b| test(b)).count()
}

/// The kind of a bare word in an expression.
fn word_kind(word: &[u8]) -> Kind {
    if is_logic(word) {
        Kind::Logic
    } else if is_comparison(word) {
        Kind::Compare
    } else if is_operator(word) {
        Kind::Operator
    } else if is_unary(word) {
        Kind::Unary
    } else {
        Kind::Word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut lexer = Lexer::new(text.as_bytes(), 0, true, false);
        std::iter::from_fn(|| Some(lexer.next().kind))
            .take_while(|&kind| kind != Kind::End)
            .collect()
    }

    #[test]
    fn operators_need_no_space() {
        use Kind::{Compare, Logic, Number, Open, Text};
        assert_eq!(kinds("1or 1=1"), [Number, Logic, Number, Compare, Number]);
        assert_eq!(kinds("'a'||'b"), [Text, Logic, Open]);
        assert_eq!(kinds("''='"), [Text, Compare, Open]);
    }

    #[test]
    fn comments_are_white_space_unless_executed_or_last() {
        use Kind::{Comment, Conditional, Number, Word};
        assert_eq!(kinds("a/**/b"), [Word, Word]);
        assert_eq!(kinds("/*!50000union*/ 1"), [Conditional, Word, Number]);
        assert_eq!(kinds("1 -- x"), [Number, Comment]);
        assert_eq!(kinds("1 /* x"), [Number, Comment]);
    }
}
