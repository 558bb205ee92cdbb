//! Constructs that make no sense outside a query, wherever they stand.

use super::*;

/// Text without which no clause is found that consists of words alone.
pub(in crate::payload::recognise) static ANCHORS: &[&[u8]] = &[
    b"outfile",
    b"dumpfile",
    b"procedure anal",
    b"in boolean mode",
    b"case when",
    b"having",
    b"order by",
    b"group by",
    // Behind a number without a blank: `0or true`.
    b"or true",
    b"and true",
    // A quote that ends a string, and a condition at once.
    b"'and ",
    b"\"and ",
    b"'or ",
    b"\"or ",
    b"'xor ",
    b"\"xor ",
];
/// Those of headers, in which an equals sign gives nothing away.
pub(in crate::payload::recognise) static HEADER_ANCHORS: &[&[u8]] = &[b"set ", b"where "];

/// Constructs that end with the newest token.
#[inline]
pub(super) fn constructs(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
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
    if window.has_word() {
        union(lexer, window, report);
        select(lexer, window, report);
        statement(lexer, window, report);
        clause(lexer, window, report);
    }
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
            || is(lexer.text(now), "null")
            || is_function(lexer.text(now)))
    {
        report(&UNION, lexer.text_between(window.back(at), now));
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
    // `select load_file(`, `select if(x`: the first words of the value.
    if now.kind == Kind::LeftParen
        && before.kind == Kind::Word
        && window.seen == 3
        && is(lexer.text(window.back(2)), "select")
        && now.start == before.end
        && is_function(lexer.text(before))
        && !is_summary(lexer.text(before))
    {
        report(&SELECT, lexer.text(before));
    }
    if before.kind == Kind::Word
        && now.kind == Kind::End
        && window.seen == 3
        && is(lexer.text(window.back(2)), "select")
        && is_attack_function(lexer.text(before))
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
    // `select 1234*5678`: what a scanner wants to see computed; a smaller one is the size of something.
    let is_drawn = |token: Token| token.kind == Kind::Number && token.end - token.start >= 4;
    if is_drawn(now)
        && lexer.text(before) == b"*"
        && is_drawn(window.back(2))
        && is(lexer.text(window.back(3)), "select")
    {
        report(&SELECT, lexer.text(window.back(3)));
    }
    // `* from x--`: what was selected before is cut off.
    if now.kind == Kind::Comment
        && window.seen == 4
        && now.end - now.start <= 4
        && now.start == before.end
        && lexer
            .text(now)
            .iter()
            .all(|byte| matches!(byte, b'-' | b' '))
        && is(lexer.text(window.back(2)), "from")
        && lexer.text(window.back(3)) == b"*"
    {
        report(&SELECT, lexer.text(before));
    }
    // `select * from x`, `select count(*) from x`, `select a,b from x`, `(select a from x`.
    if matches!(now.kind, Kind::Word | Kind::LeftParen | Kind::Quote)
        && is(lexer.text(before), "from")
        && window.select.open
    {
        let listed = window.select.listed
            || window.back(2).kind == Kind::RightParen
            || lexer.text(window.back(2)) == b"*";
        let is_article = [
            "the", "a", "an", "my", "our", "your", "their", "its", "this", "these",
        ]
        .iter()
        .any(|word| is(lexer.text(now), word));
        // A table that one database has for queries without a table.
        let framed = window.select.framed
            || is(lexer.text(now), "dual")
            || lexer.are_parted_oddly(before, now);
        if is_article && (!framed || is(lexer.text(now), "the")) {
            return;
        }
        // `union select w from w`, or a list: not all that a union may select from somewhere.
        let is_short = window.select.age == 3 || window.select.listed && window.select.age < 40;
        if window.select.unioned && is_short {
            report(&UNION, lexer.text_between(before, now));
        } else if framed || listed && (window.select.first || window.select.framed) {
            report(&SELECT, lexer.text_between(before, now));
        } else if listed {
            report(&QUERY, lexer.text_between(before, now));
        }
    }
}

/// Functions that people who talk about queries name too.
fn is_summary(word: &[u8]) -> bool {
    [
        "count", "max", "min", "sum", "now", "round", "left", "right",
    ]
    .iter()
    .any(|known| is(word, known))
}

fn statement(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let now = window.back(0);
    let verb = window.back(1);
    let word = lexer.text(verb);
    if verb.kind != Kind::Word || !is_statement(word) {
        return;
    }
    let object = now.kind == Kind::Word
            && is_object(lexer.text(now))
            // `insert data {` is of a query language for graphs.
            && !(window.is_graph && is(lexer.text(now), "data"))
        || is(word, "create") && is(lexer.text(now), "or");
    // `grant@example.com` is an address.
    let argument = now.kind == Kind::Variable && now.start > verb.end
        || is(word, "pragma") && now.kind == Kind::Word && window.back(2).kind == Kind::Semicolon
        || is(word, "shutdown") && matches!(now.kind, Kind::End | Kind::Comment)
        || is(lexer.text(now), "delay")
        || (is(word, "exec") || is(word, "execute")) && lexer.text(now).get(2) == Some(&b'_')
        || is(word, "select")
            && (matches!(now.kind, Kind::Number | Kind::Quote | Kind::Variable)
                || lexer.text(now) == b"*"
                || now.kind == Kind::Word && is_function(lexer.text(now))
                || is(lexer.text(now), "null")
                    && window.back(2).kind == Kind::Semicolon
                    && is_cut_off(lexer))
        || is(word, "exec") && matches!(now.kind, Kind::LeftParen)
        || is(word, "declare") && now.kind == Kind::Variable
        || is(word, "begin") && is(lexer.text(now), "declare");
    if !(object || argument) {
        return;
    }
    let before = window.back(2).kind;
    // `"SELECT"`: a word that somebody talks about.
    if before == Kind::Quote
        && now.kind == Kind::Quote
        && window.back(2).end == verb.start
        && now.start == verb.end
    {
        return;
    }
    let queried = is(word, "select") || is(lexer.text(now), "delay");
    if before == Kind::Semicolon
        || matches!(before, Kind::Number | Kind::Quote | Kind::RightParen) && argument && queried
        || is(word, "waitfor")
        || argument && now.kind == Kind::Variable && !is(word, "do")
    {
        report(&STACKED, word);
    } else if before == Kind::End
        && verb.start == 0
        // `shutdown` alone is a word.
        && now.kind != Kind::End
        && VERBS.iter().any(|known| word.eq_ignore_ascii_case(known))
    {
        report(&STATEMENT, word);
    }
}

/// `null-- -`, `null,null`: what is behind the first thing that a query selects, and is nothing that people select.
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
    // `order by -1`
    let sign = usize::from(word(two) == b"-");
    if by(one, window.back(2 + sign), window.back(3 + sign)) {
        let before = window.back(4 + sign).kind;
        let framed = matches!(
            before,
            Kind::Quote | Kind::Number | Kind::RightParen | Kind::End
        );
        let is_part = sign == 0
            && (now.kind == Kind::Comma
                || framed && matches!(now.kind, Kind::End | Kind::Semicolon));
        if now.kind == Kind::Comment || is_part {
            report(&CLAUSE, word(window.back(2 + sign)));
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
    // `case when a then b`
    let branch = is(word(window.back(3)), "case")
        && is(word(two), "when")
        && one.kind == Kind::Word
        && is(word(now), "then");
    // `having count(id) > 9`
    let counted = is(word(two), "having")
        && one.kind == Kind::Word
        && now.kind == Kind::LeftParen
        && is_function(word(one));
    let fulltext = is(word(two), "in") && is(word(one), "boolean") && is(word(now), "mode");
    let outfile = is(word(two), "into")
        && (is(word(one), "outfile") || is(word(one), "dumpfile"))
        && matches!(now.kind, Kind::Quote | Kind::Number | Kind::Variable);
    // `into @a,@b`
    let variables = is(word(two), "into")
        && one.kind == Kind::Variable
        && matches!(now.kind, Kind::Comma | Kind::Comment)
        && word(one).len() > 1
        && matches!(
            window.back(3).kind,
            Kind::Quote | Kind::Number | Kind::RightParen
        );
    let analyse =
        is(word(two), "procedure") && (is(word(one), "analyse") || is(word(one), "analyze"));
    // `delete from x where id=`, `update x set a=`.
    let assigns = (window.states || window.updates() && is(word(two), "set"))
        && (is(word(two), "where") || is(word(two), "set"))
        && one.kind == Kind::Word
        && word(now) == b"=";
    if assigns
        || variables
        || having && one.kind == Kind::Compare
        || outfile
        || analyse
        || case
        || branch
        || counted
        || fulltext
    {
        report(&CLAUSE, word(two));
    }
}

/// A call: the newest token is the parenthesis, the one before it the name.
fn call(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    let open = window.back(0);
    let name = window.back(1);
    let word = lexer.text(name);
    let adjacent = open.start == name.end;
    let is_attack = is_attack_function(word);
    let is_common = adjacent && is_common_function(word);
    if !(is_attack || is_common) || is(word, "sleep") && is_method(lexer, window) {
        return;
    }
    let mut ahead = lexer.clone();
    let next = ahead.next();
    if is_attack && (adjacent || next.kind == Kind::Number && ahead.next().kind == Kind::RightParen)
    {
        // A function of that name in prose or code has no argument that is SQL: `sleep(ing)`.
        let word_alone = next.kind == Kind::Word && ahead.next().kind == Kind::RightParen;
        // `(load_file(`: cut off by whoever tries it out. Nobody writes such a name with a bracket behind it.
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
        if argument {
            report(&FUNCTION, word);
        }
    } else if is_common && is_sql_argument(lexer, &mut ahead, next, window) {
        report(&CALL, word);
    }
}

/// Whether the name before the bracket belongs to what no database has: `time.sleep(1)`, `thread::sleep(x)`.
fn is_method(lexer: &Lexer<'_>, window: &Window) -> bool {
    let (mark, owner) = (window.back(2), window.back(3));
    let name = lexer.text(owner);
    let is_package = name.get(..5).is_some_and(|head| is(head, "dbms_"));
    (mark.kind == Kind::Dot || lexer.text(mark) == b"::") && owner.kind == Kind::Word && !is_package
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
