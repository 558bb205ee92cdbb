//! `location="..."` where it names a place and does not take the page elsewhere.

use super::attribute::attribute;
use super::plain::name;
use crate::payload::squeeze::is_word;

/// Whether a squeezed text that continues with `from` names a place there: an argument
/// (`location="us-east1"`), or an attribute in a tag that is otherwise plain
/// (`<soap:address location="http://a.example/b"/>`).
pub(in crate::payload) fn names_a_place(before: &[u8], from: &[u8]) -> bool {
    from.strip_prefix(b"location=")
        .is_some_and(|value| is_name(value) || is_in_a_tag(before, from))
}

/// Whether a quoted value is a name, which leads nowhere, and is not the first part of another text.
fn is_name(value: &[u8]) -> bool {
    const LONGEST: usize = 64;
    let Some((quote, value)) = value.split_first() else {
        return false;
    };
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b' ' | b'-' | b',');
    let len = value.iter().take(LONGEST).take_while(is_part).count();
    match value.get(len..) {
        Some([end, after @ ..]) if end == quote => {
            let after = after.trim_ascii_start();
            len > 0 && !matches!(after.first(), Some(b'+' | b'.' | b'[' | b'`' | b'('))
        }
        _ => false,
    }
}

/// Whether `from` begins with an attribute, and everything between it and the bracket of its tag is
/// plain too.
fn is_in_a_tag(before: &[u8], from: &[u8]) -> bool {
    // The word may stand anywhere in a text and often.
    const MAX_TAG: usize = 256;
    let start = before.len().saturating_sub(MAX_TAG);
    let near = before.get(start..).unwrap_or_default();
    let open = memchr::memrchr(b'<', near).and_then(|at| near.get(at + 1..));
    let Some((element, mut rest)) = open.and_then(name) else {
        return false;
    };
    while !rest.trim_ascii_start().is_empty() {
        match attribute(element, rest.trim_ascii_start()) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest == b" " && attribute(element, from).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_are_spared() {
        for (before, from, is_place) in [
            ("", "location=\"us-east1\"", true),
            ("resource(", "location='berlin, mitte')", true),
            ("", "location=\"a\"+\"b\"", false),
            ("", "location=\"a\".b", false),
            ("", "location=\"\"", false),
            ("", "location=\"//x.test\"", false),
            ("", "location=\"javascript:x\"", false),
            ("", "location=\"a\\x3a\"", false),
            ("", "location=\"a", false),
            ("<soap:address ", "location=\"http://a.example/b\"/>", true),
            ("<x:import namespace=\"a\" ", "location='b.wsdl'/>", true),
            ("<a ", "location=\"javascript:x\">", false),
            ("<svg onload=\"x\" ", "location=\"//x.test\">", false),
            ("<svg onload=x;", "location=\"//x.test\">", false),
            ("<svg/onload=", "location=\"//x.test\">", false),
            ("<script> ", "location=\"//x.test\"", false),
            ("<a b=\"", "location='//x.test'\">", false),
            ("<!-- ", "location=\"//x.test\"", false),
            ("x ", "location=\"//x.test\"", false),
            ("", "location.href=\"a\"", false),
        ] {
            let found = names_a_place(before.as_bytes(), from.as_bytes());
            assert_eq!(found, is_place, "{before}{from}");
        }
    }
}
