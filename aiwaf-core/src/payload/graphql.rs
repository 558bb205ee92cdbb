//! GraphQL in a value: a query whose strings are data that its author sends to the service.
//!
//! Read as one text, a string after `couponCode:` is only part of a sentence. The content of the
//! string is a value like any other.

use crate::carriers::json::unescape;

/// The words that a document begins with, unless it begins with a selection.
const KEYWORDS: [&[u8]; 4] = [b"query", b"mutation", b"subscription", b"fragment"];

/// The quotes around a multi-line string.
const BLOCK: &[u8] = b"\"\"\"";

/// Whether a text begins like a document: with a keyword, or with a selection of names. In the same
/// place, JSON has a string, and an object in a program has a name with a value.
pub(super) fn may_be_document(text: &[u8]) -> bool {
    let text = without_ignored(text);
    match text.strip_prefix(b"{").map(without_ignored) {
        Some(selection) if selection.starts_with(b"...") => true,
        Some(selection) => {
            let (name, rest) = name(selection);
            match without_ignored(rest) {
                _ if name.is_empty() => false,
                [b':', alias @ ..] => !self::name(without_ignored(alias)).0.is_empty(),
                [b'(' | b'{' | b'}' | b'@', ..] | [b'.', b'.', b'.', ..] => true,
                rest => !self::name(rest).0.is_empty(),
            }
        }
        None => {
            let (word, rest) = name(text);
            KEYWORDS.contains(&word) && memchr::memchr(b'{', rest).is_some()
        }
    }
}

/// A name, and what follows it.
fn name(text: &[u8]) -> (&[u8], &[u8]) {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let len = match text.first() {
        Some(first) if !first.is_ascii_digit() => text.iter().take_while(part).count(),
        _ => 0,
    };
    text.split_at_checked(len).unwrap_or_default()
}

/// What follows blanks, commas, comments and a byte order mark, which GraphQL ignores.
fn without_ignored(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        rest = match rest {
            [b' ' | b'\t' | b'\r' | b'\n' | b',', after @ ..] | [0xef, 0xbb, 0xbf, after @ ..] => {
                after
            }
            [b'#', ..] => match memchr::memchr2(b'\n', b'\r', rest).and_then(|end| rest.get(end..))
            {
                Some(after) => after,
                None => return b"",
            },
            _ => return rest,
        };
    }
}

/// Calls `take` with each non-empty string of a document (October 2021, sections 2.1 and 2.9.4),
/// with its escapes decoded. A string without an end reaches to the end of the text. `buffer` is
/// for strings with escapes.
pub(super) fn each_string(text: &[u8], buffer: &mut Vec<u8>, mut take: impl FnMut(&[u8])) {
    let mut rest = text;
    while let Some((_, sign)) =
        memchr::memchr2(b'"', b'#', rest).and_then(|at| rest.split_at_checked(at))
    {
        if sign.starts_with(b"#") {
            let end = memchr::memchr2(b'\n', b'\r', sign).unwrap_or(sign.len());
            rest = sign.get(end..).unwrap_or_default();
            continue;
        }
        let (string, after) = match sign.strip_prefix(BLOCK) {
            Some(block) => {
                let end = end_of_block(block);
                (block.get(..end), block.get(end + BLOCK.len()..))
            }
            None => {
                let string = sign.get(1..).unwrap_or_default();
                let end = end_of(string);
                (string.get(..end), string.get(end + 1..))
            }
        };
        let string = string.unwrap_or_default();
        if memchr::memchr(b'\\', string).is_some() {
            unescape(string, buffer);
            take(buffer);
        } else if !string.is_empty() {
            take(string);
        }
        rest = after.unwrap_or_default();
    }
}

/// Where a multi-line string ends: at the next three quotes without a backslash before them.
fn end_of_block(block: &[u8]) -> usize {
    let mut ends = memchr::memmem::find_iter(block, BLOCK);
    let is_escaped = |end: &usize| end.checked_sub(1).and_then(|at| block.get(at)) == Some(&b'\\');
    ends.find(|end| !is_escaped(end)).unwrap_or(block.len())
}

/// Where a string ends: at the next quote that is not escaped.
fn end_of(string: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = string
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        if string.get(at + found) == Some(&b'"') {
            return at + found;
        }
        at += found + 2;
    }
    string.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strings(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_string(text.as_bytes(), &mut Vec::new(), |string| {
            found.push(String::from_utf8_lossy(string).into_owned());
        });
        found
    }

    #[test]
    fn strings_of_a_query_are_told() {
        let text = r#"mutation { a(x: "one", y: "", z: "t\"wo\\", w: """th"ree""") { id } }"#;
        assert_eq!(strings(text), ["one", "t\"wo\\", "th\"ree"]);
        assert_eq!(strings(r#"{ a(x: "open) }"#), ["open) }"]);
        assert_eq!(strings("{ a(x: \"\"\"open"), ["open"]);
        assert_eq!(strings("{ # say \"hi\n a(x: \"y\") }"), ["y"]);
        assert_eq!(strings(r#"{ a(x: """q\"""r""") }"#), ["q\"\"\"r"]);
        assert!(strings("{ a { b } }").is_empty());
    }

    #[test]
    fn documents_begin_with_a_word_or_a_selection() {
        for text in [
            "{ a }",
            " query Q { a }",
            "mutation{a}",
            "subscription S($a: Int) { a }",
            "fragment F on T { a }",
            ",{ a(x: 1) }",
            "# c\nquery{a}",
            "\u{feff}query@d { a }",
            "{ a: b }",
            "{ ...F }",
            "{ #c\n a b }",
        ] {
            assert!(may_be_document(text.as_bytes()), "{text}");
        }
        for text in [
            "queryable { a }",
            "a query",
            "mutation (x) was",
            "{ a: \"b\" }",
            "{a:{\"b\":1}}",
            "{#if x}<a>",
            "{ console.log(1) }",
            "[1]",
            "",
            "{",
            "{\"a\": 1}",
            "{}",
        ] {
            assert!(!may_be_document(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[\"\\\\a{}(): \n]{0,60}") {
            strings(&text);
        }

        /// In every way of writing a string, the original text is read back.
        #[test]
        fn what_is_written_is_read(parts in prop::collection::vec("[a-z'\"\\\\;|]{1,12}", 0..6)) {
            let written: Vec<String> = parts.iter().map(|part| serde_json::to_string(part).unwrap()).collect();
            let text = format!("query {{ f(a: {}) }}", written.join(", b: "));
            prop_assert_eq!(strings(&text), parts);
        }
    }
}
