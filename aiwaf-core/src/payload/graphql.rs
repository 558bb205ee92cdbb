//! GraphQL within a value: a query, of which the strings are what its author hands to the service.
//!
//! Read as one text, a string behind `couponCode:` is but a part of a sentence. What stands in it is a value like any other.

use crate::carriers::json::unescape;

/// The words that a document begins with, where it does not begin with a selection.
const KEYWORDS: [&[u8]; 4] = [b"query", b"mutation", b"subscription", b"fragment"];

/// The quotes around a string of several lines.
const BLOCK: &[u8] = b"\"\"\"";

/// Whether a text begins as a document does: with a word, or with a selection of names, where JSON has a string.
pub(super) fn may_be_document(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let ends = |rest: &[u8]| {
        rest.first()
            .is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'{' | b'('))
    };
    match text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start) {
        Some([name, ..]) => name.is_ascii_alphabetic() || matches!(name, b'_' | b'.' | b'#'),
        Some([]) => false,
        None => {
            let mut rests = KEYWORDS.iter().filter_map(|word| text.strip_prefix(*word));
            rests.any(ends)
        }
    }
}

/// Calls `take` with each string of a document (October 2021, section 2.9.4), escapes undone, but for empty ones. One that does not
/// end reaches to the end of the text. `buffer` is for strings with escapes.
pub(super) fn each_string(text: &[u8], buffer: &mut Vec<u8>, mut take: impl FnMut(&[u8])) {
    let mut rest = text;
    while let Some((_, inner)) = memchr::memchr(b'"', rest).and_then(|at| rest.split_at_checked(at))
    {
        let (string, after) = match inner.strip_prefix(BLOCK) {
            Some(block) => {
                let end = memchr::memmem::find(block, BLOCK).unwrap_or(block.len());
                (block.get(..end), block.get(end + BLOCK.len()..))
            }
            None => {
                let string = inner.get(1..).unwrap_or_default();
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
        ] {
            assert!(may_be_document(text.as_bytes()), "{text}");
        }
        for text in [
            "queryable { a }",
            "a query",
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

        /// However the strings are written, they are read as they were.
        #[test]
        fn what_is_written_is_read(parts in prop::collection::vec("[a-z'\"\\\\;|]{1,12}", 0..6)) {
            let written: Vec<String> = parts.iter().map(|part| serde_json::to_string(part).unwrap()).collect();
            let text = format!("query {{ f(a: {}) }}", written.join(", b: "));
            prop_assert_eq!(strings(&text), parts);
        }
    }
}
