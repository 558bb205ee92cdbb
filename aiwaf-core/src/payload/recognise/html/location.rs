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

/// Whether a quoted value is a name, which leads to a page of the same site at most, and is the whole
/// of an expression.
fn is_name(value: &[u8]) -> bool {
    const LONGEST: usize = 64;
    let Some((quote, value)) = value.split_first() else {
        return false;
    };
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b' ' | b'-' | b',');
    let len = value.iter().take(LONGEST).take_while(is_part).count();
    match value.get(len..) {
        Some([end, after @ ..]) if end == quote => {
            let ends = |byte: &u8| byte.is_ascii_alphabetic() || b",)}]>".contains(byte);
            let after = after.trim_ascii_start();
            len > 0 && (after.starts_with(b"/>") || after.first().is_none_or(ends))
        }
        _ => false,
    }
}

/// Whether `from` begins with an attribute in a tag of a schema or of the description of a service,
/// and everything between it and the bracket is plain too.
fn is_in_a_tag(before: &[u8], from: &[u8]) -> bool {
    // The word may stand anywhere in a text and often.
    const MAX_TAG: usize = 256;
    let start = before.len().saturating_sub(MAX_TAG);
    let near = before.get(start..).unwrap_or_default();
    let Some((before, tag)) = memchr::memrchr(b'<', near).and_then(|at| near.split_at_checked(at))
    else {
        return false;
    };
    let Some((element, mut rest)) = tag.strip_prefix(b"<").and_then(name) else {
        return false;
    };
    // `1<name`, and a new line that ends the comparison.
    let is_between_tags = matches!(before.trim_ascii_end(), [] | [.., b'>']);
    if !is_between_tags || !(element.contains(&b':') || matches!(element, b"import" | b"include")) {
        return false;
    }
    while !rest.trim_ascii_start().is_empty() {
        match attribute(element, rest.trim_ascii_start()) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    // Only an element without content ends so, and no script goes on with these signs.
    rest == b" " && ends_empty(element, from)
}

/// Whether a tag ends with `/>` behind a few more attributes.
fn ends_empty(element: &[u8], from: &[u8]) -> bool {
    const MAX_ATTRIBUTES: usize = 8;
    let mut rest = from;
    for _ in 0..MAX_ATTRIBUTES {
        let Some(after) = attribute(element, rest) else {
            return false;
        };
        rest = after.trim_ascii_start();
        if rest.starts_with(b"/>") {
            return true;
        }
    }
    false
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
            ("", "location=\"1\"?name:0", false),
            ("", "location=\"1\"&&name", false),
            ("", "location=\"javas\"/**/+\"cript:\"", false),
            ("1<a:b ", "location=\"//x.test\"/>", false),
            ("1<name ", "location=\"//x.test\"", false),
            ("\";1<a:b ", "location=\"//x.test\"", false),
            ("\";//><import ", "location=\"//x.test\";x=\"", false),
            ("<a:b ", "location=\"//x.test\" x=\"1\">1", false),
            ("<a:b ", "location=\"//x.test\" c=\"d\" />", true),
            ("<name ", "location=\"//x.test\"", false),
            ("<b>x</b> <a:b ", "location=\"/x\"/>", true),
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
