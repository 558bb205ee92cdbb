//! Clauses: `order by 10`, `case when 1=1`, `into outfile`.

use super::*;

/// Reports the clause that ends with the newest token.
pub(super) fn clause(lexer: &Lexer<'_>, window: &Window, report: &mut Report<'_>) {
    if let Some(order) = ordered(lexer, window) {
        report(&CLAUSE, lexer.text(order));
    }
    let last = Last::of(lexer, window);
    if last.is_case()
        || last.is_having()
        || last.is_in_boolean_mode()
        || last.goes_into()
        || last.is_analysis()
        || last.assigns(window)
    {
        report(&CLAUSE, last.words[2]);
    }
}

/// `order by 10`, `order by -1`: cut off by a comment, or after a quote or a number.
fn ordered(lexer: &Lexer<'_>, window: &Window) -> Option<Token> {
    let now = window.back(0);
    let word = |token| lexer.text(token);
    let sign = usize::from(word(window.back(2)) == b"-");
    let (by, order) = (window.back(2 + sign), window.back(3 + sign));
    let is_order = window.back(1).kind == Kind::Number
        && is(word(by), "by")
        && (is(word(order), "order") || is(word(order), "group"));
    if !is_order {
        return None;
    }
    let framed = matches!(
        window.back(4 + sign).kind,
        Kind::Quote | Kind::Number | Kind::RightParen
    );
    let is_part = sign == 0
        && (now.kind == Kind::Comma || framed && matches!(now.kind, Kind::End | Kind::Semicolon));
    (now.kind == Kind::Comment || is_part).then_some(by)
}

/// The last four tokens and their texts, the newest first.
struct Last<'a> {
    kinds: [Kind; 4],
    words: [&'a [u8]; 4],
}

impl<'a> Last<'a> {
    fn of(lexer: &Lexer<'a>, window: &Window) -> Self {
        let tokens = [0, 1, 2, 3].map(|back| window.back(back));
        Self {
            kinds: tokens.map(|token| token.kind),
            words: tokens.map(|token| lexer.text(token)),
        }
    }

    /// `case when 1=1`, `case when (`, `case when a then b`
    fn is_case(&self) -> bool {
        let [now, one, two, three] = self.words;
        let [kind, before, ..] = self.kinds;
        let is_constant = matches!(before, Kind::Number | Kind::Quote | Kind::Variable);
        is(two, "case") && is(one, "when") && kind == Kind::LeftParen
            || is(three, "case")
                && is(two, "when")
                && (kind == Kind::Compare && is_constant || before == Kind::Word && is(now, "then"))
    }

    /// `having 1=`, `having count(`
    fn is_having(&self) -> bool {
        let [_, one, two, three] = self.words;
        let [now, before, value, _] = self.kinds;
        is(three, "having")
            && matches!(value, Kind::Number | Kind::Quote)
            && before == Kind::Compare
            || is(two, "having")
                && before == Kind::Word
                && now == Kind::LeftParen
                && is_function(one)
    }

    fn is_in_boolean_mode(&self) -> bool {
        let [now, one, two, _] = self.words;
        is(two, "in") && is(one, "boolean") && is(now, "mode")
    }

    /// `into outfile '`, `into @a,@b`
    fn goes_into(&self) -> bool {
        let [_, one, two, _] = self.words;
        let [now, target, _, before] = self.kinds;
        let is_file = (is(one, "outfile") || is(one, "dumpfile"))
            && matches!(now, Kind::Quote | Kind::Number | Kind::Variable);
        let is_variable = target == Kind::Variable
            && matches!(now, Kind::Comma | Kind::Comment)
            && one.len() > 1
            && matches!(before, Kind::Quote | Kind::Number | Kind::RightParen);
        is(two, "into") && (is_file || is_variable)
    }

    fn is_analysis(&self) -> bool {
        let [_, one, two, _] = self.words;
        is(two, "procedure") && (is(one, "analyse") || is(one, "analyze"))
    }

    /// `delete from x where id=`, `update x set a=`
    fn assigns(&self, window: &Window) -> bool {
        let [now, _, two, table] = self.words;
        // `set volume=5`, `update set qty=2`: without a table, it is a note.
        let is_set = is(two, "set") && self.kinds[3] != Kind::End && !is(table, "update");
        (window.states || window.updates() && is_set)
            && (is(two, "where") || is_set)
            && self.kinds[1] == Kind::Word
            && now == b"="
    }
}
