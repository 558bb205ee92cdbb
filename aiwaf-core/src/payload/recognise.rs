//! Recognisers: each reads a value as one language and judges what the value would do in it.

mod anchors;
mod batch;
mod doctype;
mod encoded;
mod header;
mod html;
mod ldap;
mod named;
mod names;
mod password;
mod path;
mod php;
mod script;
mod serialised;
mod shell;
mod sql;
mod template;
mod upload;
mod url;

use super::category::{Category, Severity};
use super::field::{Carrier, Field};
use super::rules::Rule;
use super::squeeze::Bytes;

/// One view of a value.
pub(super) struct Input<'a> {
    /// The field that the view belongs to.
    pub(super) field: Field<'a>,
    pub(super) view: &'a [u8],
    /// The view in the spelling of [`super::squeeze`].
    pub(super) squeezed: &'a [u8],
    /// Which bytes occur in the view.
    pub(super) bytes: Bytes,
}

pub(super) use self::anchors::{anchors, header_anchors};
pub(super) use self::doctype::declares_namespace;
pub(super) use self::encoded::{MANY_LETTERS, judge as judge_escapes};
pub(super) use self::html::{imports_as_usual, is_plain_drawing, is_plain_markup, names_a_place};
pub(super) use self::password::is_chance;
pub(super) use self::path::is_long_text;
pub(super) use self::shell::is_command;
pub(super) use self::sql::stacks_statement;
pub(super) use self::url::{LISTENERS, is_page, is_public_name};

static BUDGET_RULES: &[&Rule] = &[&BUDGET];

/// Takes a rule that holds and the text that shows it.
pub(super) type Report<'r> = dyn FnMut(&'static Rule, &[u8]) + 'r;

pub(super) static BUDGET: Rule = Rule::recognised(
    "evasion-encoding-depth",
    Category::Evasion,
    Severity::Critical,
    &["%2525252525252541"],
    &["100%25", "a%2520b"],
);

/// Reads an input. The buffer is for recognisers that rewrite the view.
type Recogniser = fn(&Input<'_>, &mut Vec<u8>, &mut Report<'_>);

/// All recognisers, in the order in which they run.
pub(super) static ALL: [Recogniser; 16] = [
    |input, _, report| names::judge(input, report),
    |input, _, report| named::judge(input, report),
    |input, _, report| {
        if input.field.carrier == Carrier::FileName {
            upload::judge(input, report);
        }
    },
    |input, _, report| sql::judge(input, report),
    |input, _, report| html::judge(input, report),
    |input, _, report| script::judge(input, report),
    path::judge,
    |input, _, report| url::judge(input, report),
    |input, _, report| header::judge(input, report),
    |input, _, report| php::judge(input, report),
    |input, _, report| ldap::judge(input, report),
    |input, _, report| serialised::judge(input, report),
    |input, _, report| doctype::judge(input, report),
    template::judge,
    |input, _, report| batch::judge(input, report),
    shell::judge,
];

/// The rules of all recognisers.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        BUDGET_RULES,
        encoded::RULES,
        names::RULES,
        named::RULES,
        upload::RULES,
        sql::RULES,
        html::RULES,
        script::RULES,
        path::RULES,
        url::RULES,
        header::RULES,
        php::RULES,
        ldap::RULES,
        serialised::RULES,
        doctype::RULES,
        template::RULES,
        batch::RULES,
        shell::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Where `needle` first occurs in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

/// `text` from `start`, at most `len` bytes.
fn cut(text: &[u8], start: usize, len: usize) -> &[u8] {
    let rest = text.get(start..).unwrap_or_default();
    rest.get(..len).unwrap_or(rest)
}
