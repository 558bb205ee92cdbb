//! Code that ends the string in which it stands and cuts off the rest of the line: `x'); f(1); //`.

use super::super::{Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};

pub(super) static CUT_OFF: Rule = Rule::recognised(
    "code-cut-off",
    Category::Code,
    Severity::Critical,
    &[
        "abc'); process.exit(1); //",
        "value', isAdmin: true }; //",
        "' || 1==1//",
        "\";f(); //",
    ],
    &[
        "https://example.com//",
        "const x = require('y'); //",
        "class=\"row\"; //",
        "it's (see) //",
        "f('a','b') //",
        "say 'x', then //",
    ],
)
.only(
    Carriers::TARGET
        .without(Carrier::Header)
        .without(Carrier::Path)
        .with(Carrier::FormValue)
        .with(Carrier::JsonValue),
);

/// Judges a squeezed text that ends with the start of a comment.
pub(super) fn judge(text: &[u8], report: &mut Report<'_>) {
    let Some(code) = text.strip_suffix(b"//") else {
        return;
    };
    let ends = matches!(
        code.trim_ascii_end(),
        [.., b';' | b'}' | b')' | b'0'..=b'9']
    );
    // The quote that ends the string is unpaired and is followed by punctuation of code.
    let breaks_out = |quote: u8| {
        let mut places = memchr::memchr_iter(quote, code);
        match (places.next(), places.next()) {
            (Some(at), None) => {
                let after = code.get(at + 1..).unwrap_or_default().trim_ascii_start();
                matches!(
                    after,
                    [b')' | b';' | b',' | b'}' | b']', ..] | [b'|', b'|', ..] | [b'&', b'&', ..]
                )
            }
            _ => false,
        }
    };
    if ends && (breaks_out(b'\'') || breaks_out(b'"')) {
        report(&CUT_OFF, cut(text, 0, 64));
    }
}
