//! The last tokens, for recognising constructs.

use super::lexer::{Kind, Lexer, Token};
use super::words::{is, is_construct, is_statement};

/// The most recent `select`.
#[derive(Clone, Copy, Default)]
pub(super) struct Select {
    /// Its `from` may still come.
    pub(super) open: bool,
    /// It stands where a query of an attacker would: in parentheses, after a quote or a semicolon.
    pub(super) framed: bool,
    /// It is the first word of the value.
    pub(super) first: bool,
    /// `union` or `union all` stands before it.
    pub(super) unioned: bool,
    /// More than words followed it: a list, a call, a constant.
    pub(super) listed: bool,
    /// Number of tokens since then.
    pub(super) age: usize,
}

impl Select {
    /// Takes a token after the word.
    fn follow(&mut self, lexer: &Lexer<'_>, now: Token) {
        self.age += 1;
        self.listed |= matches!(
            now.kind,
            Kind::Comma
                | Kind::LeftParen
                | Kind::Number
                | Kind::Variable
                | Kind::Quote
                | Kind::Comment
        ) || lexer.text(now) == b"*";
        if self.age > MAX_SELECT {
            self.open = false;
        }
    }
}

/// The last tokens, the newest at the end.
pub(super) struct Window {
    tokens: [Token; RING],
    pub(super) seen: usize,
    /// The value of `seen` at the last word of a construct.
    last_word: Option<usize>,
    pub(super) select: Select,
    /// The value begins with the verb of a statement.
    pub(super) states: bool,
    /// The value begins like a graph query.
    pub(super) is_graph: bool,
    /// The value of `seen` at the last `update` after a semicolon.
    stacked: Option<usize>,
}

pub(super) const SPAN: usize = 6;
/// The next power of two: each token overwrites an old one.
const RING: usize = 8;
/// How many tokens a `select` may list before its `from`.
const MAX_SELECT: usize = 200;
const NONE: Token = Token::new(Kind::End, 0, 0);

impl Default for Window {
    fn default() -> Self {
        Self {
            tokens: [NONE; RING],
            seen: 0,
            last_word: None,
            select: Select::default(),
            states: false,
            is_graph: false,
            stacked: None,
        }
    }
}

impl Window {
    #[inline]
    pub(super) fn push(&mut self, token: Token) {
        if let Some(slot) = self.tokens.get_mut(self.seen % RING) {
            *slot = token;
        }
        self.seen += 1;
    }

    /// Whether a construct of words may end with the newest token: each contains a known word.
    pub(super) fn has_word(&self) -> bool {
        self.last_word.is_some_and(|seen| self.seen - seen < SPAN)
    }

    /// Whether a second statement changes a table here: `; update x set y =`.
    pub(super) fn updates(&self) -> bool {
        self.stacked.is_some_and(|seen| self.seen - seen < SPAN)
    }

    /// Updates the state of the statement and of the current `select`.
    #[inline]
    pub(super) fn follow(&mut self, lexer: &Lexer<'_>) {
        let now = self.back(0);
        let is_select = now.kind == Kind::Word && self.follow_word(lexer, now);
        if self.select.open && !is_select {
            self.select.follow(lexer, now);
        }
    }

    /// Updates the state for a word, and returns whether it is a `select`.
    #[inline(never)] // most tokens are none
    fn follow_word(&mut self, lexer: &Lexer<'_>, now: Token) -> bool {
        let word = lexer.text(now);
        if self.seen == 1 {
            self.states = is_statement(word);
            self.is_graph = is(word, "prefix") || is(word, "base");
        }
        if !is_construct(word) {
            return false;
        }
        self.last_word = Some(self.seen);
        let before = self.back(1);
        if before.kind == Kind::Semicolon && is(word, "update") {
            self.stacked = Some(self.seen);
        }
        if !is(word, "select") {
            return false;
        }
        self.select = Select {
            open: true,
            framed: matches!(before.kind, Kind::LeftParen | Kind::Semicolon | Kind::Quote)
                || before.kind == Kind::Logic,
            unioned: is(lexer.text(before), "union")
                || is(lexer.text(before), "all") && is(lexer.text(self.back(2)), "union"),
            first: self.seen == 1,
            listed: false,
            age: 0,
        };
        true
    }

    /// The token `back` places before the newest.
    pub(super) fn back(&self, back: usize) -> Token {
        let at = self.seen.checked_sub(back + 1);
        let token = at.and_then(|at| self.tokens.get(at % RING));
        token.copied().unwrap_or(NONE)
    }
}
