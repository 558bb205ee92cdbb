//! SQL injection.
//!
//! Two readings of the same tokens. The first takes quotes as they come and looks for constructs
//! that make no sense outside a query: `union select`, a stacked statement, a call of `sleep`. The
//! second supposes that the value stands inside a string or a number and asks whether it breaks out
//! and goes on as a condition would.

mod expression;
mod lexer;
mod words;

use self::expression::{End, Expression};
use self::lexer::{Kind, Lexer, Token};
use self::words::{
    is, is_attack_function, is_common_function, is_function, is_object, is_statement,
};
use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::gate::VERBS;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static UNION: Rule = Rule::recognised(
    "sqli-union",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 union select 1,2,3",
        "-1' UNION ALL SELECT NULL,NULL-- -",
        "1/**/union/**/select/**/user",
        "1 uNiOn(select 1)",
        "1 /*!50000union*/ select 2",
    ],
    &[
        "The union selected a committee",
        "student union select committee",
        "European Union",
    ],
);
static STACKED: Rule = Rule::recognised(
    "sqli-stacked",
    Category::Sqli,
    Severity::Critical,
    &[
        "1; drop table users",
        "'; exec xp_cmdshell('dir')--",
        "1;declare @s varchar(9)",
        "1; waitfor delay '0:0:5'",
    ],
    &[
        "Come in; select a seat",
        "drop me a line; update me later",
        "a; b; c",
    ],
);
static FUNCTION: Rule = Rule::recognised(
    "sqli-function",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 and sleep(5)",
        "benchmark(5000000,md5(1))",
        "1;select pg_sleep(5)",
        "extractvalue(1,concat(0x7e,version()))",
    ],
    &[
        "I need sleep (8 hours)",
        "sleep well",
        "group_concat is slow",
    ],
);
static CALL: Rule = Rule::recognised(
    "sqli-call",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 and ascii(substr(database(),1,1))>64",
        "if(now()=sysdate(),1,0)",
        "1 and char(97)=char(97)",
        "' and substring(user(),1,1)='r",
    ],
    &["char(5)", "left(1)", "count(x)"],
);
static SELECT: Rule = Rule::recognised(
    "sqli-select",
    Category::Sqli,
    Severity::Critical,
    &[
        "(select password from users limit 1)",
        "select * from users where id=1",
        "1 and (select count(*) from t)>0",
    ],
    &[
        "select a plan from the list",
        "Please (select one)",
        "select me from the crowd",
    ],
);
static QUERY: Rule = Rule::recognised(
    "sqli-query-in-text",
    Category::Sqli,
    Severity::High,
    &["how to select * from users", "now select count(*) from c"],
    &["select a plan from the list"],
)
.only(Carriers::NO_HEADERS);
static STATEMENT: Rule = Rule::recognised(
    "sqli-statement",
    Category::Sqli,
    Severity::High,
    &[
        "insert into users values (1)",
        "drop table users",
        "delete from users where 1=1",
    ],
    &["drop us a line", "insert coins", "delete this post"],
)
.only(Carriers::NO_HEADERS);
static CLAUSE: Rule = Rule::recognised(
    "sqli-clause",
    Category::Sqli,
    Severity::Critical,
    &[
        "1' order by 10-- -",
        "1 order by 3#",
        "1 having 1=1",
        "1 procedure analyse(1)",
        "1 into outfile '/tmp/x'",
        "1' group by 1-- -",
    ],
    &[
        "order by phone",
        "sorted in order by 5 people",
        "having 2 children",
    ],
);
static BREAKOUT: Rule = Rule::recognised(
    "sqli-breakout",
    Category::Sqli,
    Severity::Critical,
    &[
        "' or '1'='1",
        "' or 1=1--",
        "\" or \"a\"=\"a",
        "admin') or ('1'='1'--",
        "'||'a'='a",
        "'-'",
        "' like '%",
        "'+(1)+'",
        "x' and 1=2 and 'a'='a",
    ],
    &[
        "O'Brien and 'sons'",
        "rock 'n' roll",
        "It's 5 o'clock and we're late",
        "\"foo\" AND \"bar\"",
        "RECLAIMED WOOD\" + \"SIGN\" + \"PRIMITIVE\"",
        "1/4\"-1/2\" WIDE RIBBON",
        "the dogs' & cats' home",
    ],
);
static COMMENT: Rule = Rule::recognised(
    "sqli-quote-comment",
    Category::Sqli,
    Severity::Critical,
    &["admin'--", "admin' #", "admin')/*", "x' -- -", "';--"],
    &[
        "citta' -- Dante Alighieri",
        "e' vero\n\t\t-- Totò",
        "the '90s -- best decade",
        "C# and F#",
    ],
);
static TAUTOLOGY: Rule = Rule::recognised(
    "sqli-tautology",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 or 1=1",
        "1) or (1=1",
        "5 and 'a'='a'",
        " or a = a",
        "1 or 2>1",
        "1 || 1=1",
        "or true--",
    ],
    &[
        "3 or 4 people",
        "black and white = classic",
        "a and b = c",
        "one or 2",
        "x = 1 and y = 2",
    ],
);
static TRUTH: Rule = Rule::recognised(
    "sqli-truth",
    Category::Sqli,
    Severity::High,
    &["' or 1", "' or true", "' and 5"],
    &["'n or 5", "ladies' or gents'"],
);
static CONDITIONAL: Rule = Rule::recognised(
    "sqli-conditional-comment",
    Category::Sqli,
    Severity::Critical,
    &["1 /*!or*/ 1=1", "/*!50000select*/ 1"],
    &["/* ! */", "/*! normalize.css v8 */"],
);
static VARIABLE: Rule = Rule::recognised(
    "sqli-variable",
    Category::Sqli,
    Severity::High,
    &["1 and @@version", "select @@hostname", "@@datadir"],
    &["a@@b", "me@example.com"],
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[
    &UNION,
    &STACKED,
    &FUNCTION,
    &CALL,
    &SELECT,
    &QUERY,
    &STATEMENT,
    &CLAUSE,
    &BREAKOUT,
    &COMMENT,
    &TAUTOLOGY,
    &TRUTH,
    &CONDITIONAL,
    &VARIABLE,
];

/// How many quotes of a value are tried as the end of a string.
const MAX_BREAKOUTS: usize = 6;
/// How many `or` and `and` of a value are read as conditions.
const MAX_CONDITIONS: usize = 12;

/// Judges `input` as SQL.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if input.field.carrier == Carrier::Path {
        // Each segment is a parameter of a route; a comment may hold the slash.
        if !input.bytes.any(
            Bytes::QUOTE
                .or(Bytes::SPACE)
                .or(Bytes::PAREN)
                .or(Bytes::PLUS)
                .or(Bytes::STAR)
                .or(Bytes::SEMICOLON),
        ) {
            return;
        }
        if !input.bytes.any(Bytes::STAR) {
            for segment in input.view.split(|&b| b == b'/') {
                read(segment, report);
            }
            return;
        }
    }
    read(input.view, report);
}

fn read(src: &[u8], report: &mut Report<'_>) {
    let spaces = src.contains(&b' ');
    let plus_is_space = !spaces
        && src
            .windows(3)
            .any(|w| matches!(w, [a, b'+', b] if is_word(*a) && is_word(*b)));
    let mut lexer = Lexer::new(src, 0, false, plus_is_space);
    let mut window = Window::default();
    let mut breakouts = 0;
    let mut conditions = 0;
    let mut quotes = Quotes::default();
    loop {
        let token = lexer.next();
        window.push(token);
        window.follow(&lexer);
        match token.kind {
            Kind::Quote if breakouts < MAX_BREAKOUTS && quotes.may_end(src, token) => {
                breakouts += 1;
                breakout(src, token, plus_is_space, report);
            }
            Kind::Logic if conditions < MAX_CONDITIONS => {
                conditions += 1;
                condition(src, token, plus_is_space, &window, report);
            }
            _ => {}
        }
        constructs(&lexer, &window, report);
        if token.kind == Kind::End {
            break;
        }
    }
}

/// Counts quotes of each kind: every second one closes what the one before it opened.
#[derive(Default)]
struct Quotes {
    seen: [usize; 2],
    last: usize,
}

impl Quotes {
    /// Whether the quote may be the one that ends the string in which the value stands.
    fn may_end(&mut self, src: &[u8], token: Token) -> bool {
        let Some(kind) = (match src.get(token.start) {
            Some(b'\'') => Some(0),
            Some(b'"') => Some(1),
            _ => None,
        }) else {
            return false;
        };
        let adjacent = self.last == token.start && self.last > 0;
        self.last = token.end;
        let Some(count) = self.seen.get_mut(kind) else {
            return false;
        };
        *count += 1;
        // After these a quote opens a string.
        let opens = token
            .start
            .checked_sub(1)
            .and_then(|i| src.get(i))
            .is_some_and(|b| matches!(b, b':' | b'=' | b'{' | b'['));
        !opens && *count % 2 == 1 || *count == 2 && adjacent
    }
}

/// The `select` that was read last.
#[derive(Clone, Copy, Default)]
struct Select {
    /// Its `from` may still come.
    open: bool,
    /// It stands where a query of the attacker's does: in parentheses, after a quote or a semicolon.
    framed: bool,
    /// It is the first word of the value.
    first: bool,
    /// More than words came after it: a list, a call, a constant.
    listed: bool,
    /// Tokens since.
    age: usize,
}

/// The last tokens, the newest at the end.
struct Window {
    tokens: [Token; SPAN],
    seen: usize,
    select: Select,
}

const SPAN: usize = 6;
/// How many tokens a `select` may list before its `from`.
const MAX_SELECT: usize = 200;
const NONE: Token = Token {
    kind: Kind::End,
    start: 0,
    end: 0,
};

impl Default for Window {
    fn default() -> Self {
        Self {
            tokens: [NONE; SPAN],
            seen: 0,
            select: Select::default(),
        }
    }
}

impl Window {
    fn push(&mut self, token: Token) {
        self.tokens.rotate_left(1);
        if let Some(last) = self.tokens.last_mut() {
            *last = token;
        }
        self.seen += 1;
    }

    /// Follows the select that is being read.
    fn follow(&mut self, lexer: &Lexer<'_>) {
        let now = self.back(0);
        if is(lexer.text(now), "select") {
            let before = self.back(1);
            self.select = Select {
                open: true,
                framed: matches!(before.kind, Kind::LeftParen | Kind::Semicolon | Kind::Quote)
                    || before.kind == Kind::Logic,
                first: self.seen == 1,
                listed: false,
                age: 0,
            };
            return;
        }
        let select = &mut self.select;
        select.age += 1;
        select.listed |= matches!(
            now.kind,
            Kind::Comma | Kind::LeftParen | Kind::Number | Kind::Variable | Kind::Quote
        ) || lexer.text(now) == b"*";
        if select.age > MAX_SELECT {
            select.open = false;
        }
    }

    /// The token `back` places before the newest.
    fn back(&self, back: usize) -> Token {
        if back >= self.seen {
            return NONE;
        }
        self.tokens.get(SPAN - 1 - back).copied().unwrap_or(NONE)
    }
}

/// The value stood in a string that ends at `quote`: does it go on as a condition?
fn breakout(src: &[u8], quote: Token, plus_is_space: bool, report: &mut Report<'_>) {
    let mut lexer = Lexer::new(src, quote.end, true, plus_is_space);
    let mut first = lexer.next();
    while first.kind == Kind::RightParen {
        first = lexer.next();
    }
    let text = cut(src, quote.start, 64);
    match first.kind {
        Kind::Comment
            if first.end + 2 >= src.len()
                && cuts_off(lexer.text(first), src.get(quote.end..first.start)) =>
        {
            report(&COMMENT, text)
        }
        Kind::Semicolon => {
            let next = lexer.next();
            if next.kind == Kind::Comment
                && cuts_off(lexer.text(next), src.get(first.end..next.start))
            {
                report(&COMMENT, text);
            }
        }
        Kind::Logic | Kind::Compare | Kind::Operator => {
            if let Some(found) =
                expression::continuation(&mut lexer, first, src.get(quote.start).copied())
            {
                let double = src.get(quote.start) == Some(&b'"');
                // `"LIKE" STAMP`: emphasis, not a comparison.
                let word = lexer
                    .text(first)
                    .first()
                    .is_some_and(u8::is_ascii_alphabetic);
                if !(double && word && first.kind == Kind::Compare) {
                    judge_breakout(&found, double, text, report);
                }
            }
        }
        _ => {}
    }
}

fn judge_breakout(found: &Expression, double: bool, text: &[u8], report: &mut Report<'_>) {
    let certain = match found.end {
        // Inches and emphasis: `36" - 40"`, `SMALL "&" SIGN`.
        // `'and'`: quoted by somebody who searches for the word.
        End::Reopened if found.bare && found.operators == 1 && found.logic => false,
        End::Reopened => !double || found.logic || found.compare || found.function,
        End::Comment | End::Clause => found.logic || found.compare || found.function,
        End::Value => {
            found.logic && (found.constant || found.function || found.compare && found.literal)
                || found.function
        }
    };
    if certain {
        report(&BREAKOUT, text);
    } else if found.logic && found.literal {
        report(&TRUTH, text);
    }
}

/// The value stood where a number does: is this `or` part of a condition that cannot fail?
fn condition(
    src: &[u8],
    logic: Token,
    plus_is_space: bool,
    window: &Window,
    report: &mut Report<'_>,
) {
    let mut lexer = Lexer::new(src, logic.start, true, plus_is_space);
    let first = lexer.next();
    let Some(found) = expression::continuation(&mut lexer, first, None) else {
        return;
    };
    let before = window.back(1).kind;
    let after_operand = matches!(
        before,
        Kind::Number | Kind::RightParen | Kind::End | Kind::Quote | Kind::Comment
    );
    let cut_off = found.end == End::Comment && after_operand && found.literal;
    if found.constant || found.function && after_operand && found.operators > 1 || cut_off {
        report(&TAUTOLOGY, cut(src, logic.start, 64));
    }
}

/// Whether a comment is there to cut off a query, not to name an author or a colour.
fn cuts_off(comment: &[u8], gap: Option<&[u8]>) -> bool {
    if gap.unwrap_or_default().contains(&b'\n') {
        return false;
    }
    match comment {
        [b'/', ..] => true,
        [b'#', body @ ..] => !body.iter().any(|b| is_word(*b)),
        _ => {
            comment
                .iter()
                .filter(|b| b.is_ascii_alphabetic() || **b >= 0x80)
                .count()
                <= 2
        }
    }
}

/// Constructs that end with the newest token.
fn constructs(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let before = window.back(1);
    match now.kind {
        Kind::Conditional => return,
        Kind::LeftParen if before.kind == Kind::Word => call(lexer, window, report),
        Kind::Variable
            if lexer.text(now).starts_with(b"@@")
                && now.end - now.start > 4
                && (before.kind != Kind::Word || words::is_keyword(lexer.text(before))) =>
        {
            report(&VARIABLE, lexer.text(now));
        }
        _ => {}
    }
    if before.kind == Kind::Conditional
        && now.kind != Kind::Other
        && known_in_conditional(lexer, now)
    {
        report(&CONDITIONAL, lexer.text(now));
    }
    union(lexer, window, report);
    select(lexer, window, report);
    statement(lexer, window, report);
    clause(lexer, window, report);
}

fn known_in_conditional(lexer: &Lexer<'_>, now: Token) -> bool {
    let word = lexer.text(now);
    matches!(
        now.kind,
        Kind::Logic | Kind::Compare | Kind::Number | Kind::Unary
    ) || now.kind == Kind::Word
        && (words::is_keyword(word) || is_statement(word) || is_function(word) || is(word, "all"))
}

fn union(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let mut at = 1;
    if !is(lexer.text(window.back(at)), "select") {
        return;
    }
    at += 1;
    while at < SPAN
        && (matches!(
            window.back(at).kind,
            Kind::LeftParen | Kind::Unary | Kind::Comment | Kind::Conditional | Kind::Other
        ) || is(lexer.text(window.back(at)), "all"))
    {
        at += 1;
    }
    let text = lexer.text(window.back(at));
    if !(is(text, "union") || is(text, "except") || is(text, "intersect") || is(text, "minus")) {
        return;
    }
    // `union select committee` goes on with a word, and so may an attack, but that needs a comma,
    // a call or a `from` then, which the next tokens show.
    let foreign = now.kind == Kind::Word && !lexer.text(now).is_ascii();
    if !foreign
        && (now.kind != Kind::Word
            || window.back(at + 1).kind != Kind::Word
            || is_function(lexer.text(now)))
    {
        report(&UNION, lexer.text(now));
    }
}

fn select(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let before = window.back(1);
    // `(select f(`
    if now.kind == Kind::LeftParen
        && before.kind == Kind::Word
        && is(lexer.text(window.back(2)), "select")
        && window.back(3).kind == Kind::LeftParen
    {
        report(&SELECT, lexer.text(before));
    }
    // `(select` and what only a query has next.
    if is(lexer.text(before), "select") && window.back(2).kind == Kind::LeftParen {
        let text = lexer.text(now);
        let certain = matches!(
            now.kind,
            Kind::Number | Kind::Variable | Kind::LeftParen | Kind::Quote | Kind::Unary
        ) || lexer.text(now) == b"*"
            || now.kind == Kind::Word && (is(text, "case") || is(text, "top") || is(text, "null"));
        if certain {
            report(&SELECT, text);
        }
        return;
    }
    // `select * from x`, `select count(*) from x`, `select a,b from x`, `(select a from x`.
    if matches!(now.kind, Kind::Word | Kind::LeftParen | Kind::Quote)
        && is(lexer.text(before), "from")
        && window.select.open
    {
        let listed = window.select.listed
            || window.back(2).kind == Kind::RightParen
            || lexer.text(window.back(2)) == b"*";
        let framed = window.select.framed && !is(lexer.text(now), "the");
        if framed || listed && (window.select.first || window.select.framed) {
            report(&SELECT, lexer.text(now));
        } else if listed {
            report(&QUERY, lexer.text(now));
        }
    }
}

fn statement(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let verb = window.back(1);
    let word = lexer.text(verb);
    if verb.kind != Kind::Word || !is_statement(word) {
        return;
    }
    let object = now.kind == Kind::Word && is_object(lexer.text(now));
    let argument = matches!(now.kind, Kind::Variable)
        || is(word, "shutdown") && matches!(now.kind, Kind::End | Kind::Comment)
        || is(lexer.text(now), "delay")
        || (is(word, "exec") || is(word, "execute")) && lexer.text(now).get(2) == Some(&b'_')
        || is(word, "select")
            && (matches!(now.kind, Kind::Number | Kind::Quote | Kind::Variable)
                || lexer.text(now) == b"*"
                || now.kind == Kind::Word && is_function(lexer.text(now)))
        || is(word, "exec") && matches!(now.kind, Kind::LeftParen)
        || is(word, "declare") && now.kind == Kind::Variable
        || is(word, "begin") && is(lexer.text(now), "declare");
    if !(object || argument) {
        return;
    }
    let before = window.back(2).kind;
    let queried = is(word, "select") || is(lexer.text(now), "delay");
    if before == Kind::Semicolon
        || matches!(before, Kind::Number | Kind::Quote | Kind::RightParen) && argument && queried
        || is(word, "waitfor")
        || argument && now.kind == Kind::Variable && !is(word, "do")
    {
        report(&STACKED, word);
    } else if before == Kind::End
        && verb.start == 0
        && VERBS.iter().any(|known| word.eq_ignore_ascii_case(known))
    {
        report(&STATEMENT, word);
    }
}

fn clause(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let (one, two) = (window.back(1), window.back(2));
    let word = |token| lexer.text(token);
    // `order by 10`, cut off by a comment, or after a quote or a number.
    let by = |number: Token, by: Token, order: Token| {
        number.kind == Kind::Number
            && is(word(by), "by")
            && (is(word(order), "order") || is(word(order), "group"))
    };
    if by(one, two, window.back(3)) {
        let before = window.back(4).kind;
        let framed = matches!(
            before,
            Kind::Quote | Kind::Number | Kind::RightParen | Kind::End
        );
        if matches!(now.kind, Kind::Comment | Kind::Comma)
            || framed && matches!(now.kind, Kind::End | Kind::Semicolon)
        {
            report(&CLAUSE, word(two));
        }
    }
    let having = is(word(window.back(3)), "having")
        && matches!(two.kind, Kind::Number | Kind::Quote)
        && matches!(
            one.kind,
            Kind::Compare | Kind::Number | Kind::Quote | Kind::Word
        );
    // `case when 1=1`
    let case = is(word(window.back(3)), "case")
        && is(word(two), "when")
        && now.kind == Kind::Compare
        && matches!(one.kind, Kind::Number | Kind::Quote | Kind::Variable)
        || is(word(two), "case") && is(word(one), "when") && now.kind == Kind::LeftParen;
    let fulltext = is(word(two), "in") && is(word(one), "boolean") && is(word(now), "mode");
    let outfile = is(word(two), "into")
        && (is(word(one), "outfile") || is(word(one), "dumpfile"))
        && matches!(now.kind, Kind::Quote | Kind::Number | Kind::Variable);
    let analyse =
        is(word(two), "procedure") && (is(word(one), "analyse") || is(word(one), "analyze"));
    if having && one.kind == Kind::Compare || outfile || analyse || case || fulltext {
        report(&CLAUSE, word(two));
    }
}

/// A call: the newest token is the parenthesis, the one before it the name.
fn call(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let open = window.back(0);
    let name = window.back(1);
    let word = lexer.text(name);
    let adjacent = open.start == name.end;
    let mut ahead = lexer.clone();
    let next = ahead.next();
    if is_attack_function(word)
        && (adjacent || next.kind == Kind::Number && ahead.next().kind == Kind::RightParen)
    {
        // A function of that name in prose or code has no argument that is SQL.
        let argument = matches!(
            next.kind,
            Kind::Number
                | Kind::Quote
                | Kind::Word
                | Kind::LeftParen
                | Kind::Operator
                | Kind::Variable
                | Kind::Unary
                | Kind::RightParen
        );
        if argument {
            report(&FUNCTION, word);
        }
    } else if adjacent
        && is_common_function(word)
        && is_sql_argument(lexer, &mut ahead, next, window)
    {
        report(&CALL, word);
    }
}

/// Whether what a common function is called with, or where, tells SQL from other languages.
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
                    && ahead.next().kind == Kind::Number
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
