//! Objects in the serialisation format of PHP.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static OBJECT: Rule = Rule::recognised(
    "code-serialised-object",
    Category::Deserialization,
    Severity::Critical,
    &[
        "O:40:\"Illuminate\\Broadcasting\\PendingBroadcast\":1:{s:1:\"a\";i:1;}",
        "user|O:3:\"Foo\":0:{}",
        "C:11:\"ArrayObject\":21:{x:i:0;a:0:{};m:a:0:{}}",
    ],
    &[
        "a:1:{i:0;s:1:\"x\";}",
        "o:1:\"x\"",
        "O: 3 \"x\": 1",
        "ratio:3:\"a\":1:{",
    ],
)
.only(Carriers::NO_HEADERS.without(crate::payload::field::Carrier::FileContent));

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&OBJECT];

/// Judges `input` as an argument of `unserialize`.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if !(input.bytes.any(Bytes::QUOTE)
        && input.bytes.any(Bytes::BRACE)
        && input.bytes.any(Bytes::DIGIT))
    {
        return;
    }
    let text = input.squeezed;
    for at in memchr::memchr_iter(b':', text) {
        let head = text.get(..at).unwrap_or_default();
        let opens = match head {
            [b'o' | b'c'] => true,
            [.., before, b'o' | b'c'] => matches!(before, b';' | b'{' | b'}' | b'|'),
            _ => false,
        };
        if opens && names_a_class(text.get(at + 1..).unwrap_or_default()) {
            report(&OBJECT, cut(text, at - 1, 64));
            return;
        }
    }
}

/// `8:"stdclass":1:{`
fn names_a_class(rest: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let after = |text: &[u8], len: usize, sign: &[u8]| -> Option<usize> {
        (len > 0 && text.get(len..)?.starts_with(sign)).then_some(len + sign.len())
    };
    let read = || {
        let rest = rest.get(after(rest, digits(rest), b":\"")?..)?;
        let name = rest
            .iter()
            .take(128)
            .take_while(|b| is_word(**b) || **b == b'\\')
            .count();
        let rest = rest.get(after(rest, name, b"\":")?..)?;
        after(rest, digits(rest), b":{")
    };
    read().is_some()
}
