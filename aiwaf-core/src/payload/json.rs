//! JSON in a value: a parameter, a cookie or a form field that holds a document.
//!
//! The punctuation of a document is not a payload: to say more than `{"page":{"id":7}}`, an
//! attacker needs a string. So the keys and strings are passed on with their escapes decoded.

use crate::carriers::find::find2;
use crate::carriers::json::unescape;

/// How deep arrays and objects may nest: each level takes one bit of a word.
const MAX_DEPTH: u32 = 64;

/// Whether `text` is one object or array as in the standard (RFC 8259). Up to the first error,
/// `take` is called with the non-empty keys (`true`) and strings (`false`). `buffer` is for strings
/// with escapes.
pub(super) fn each_string(
    text: &[u8],
    buffer: &mut Vec<u8>,
    mut take: impl FnMut(bool, &[u8]),
) -> bool {
    let mut reader = Reader {
        rest: text,
        objects: 0,
        depth: 0,
    };
    let mut take = |is_key, (raw, has_escapes): (&[u8], bool)| {
        let string = if has_escapes {
            unescape(raw, buffer);
            buffer.as_slice()
        } else {
            raw
        };
        if !string.is_empty() {
            take(is_key, string);
        }
    };
    reader.space();
    let mut next = match reader.rest.first() {
        Some(b'{' | b'[') => Some(Next::Value),
        _ => None,
    };
    loop {
        next = match next {
            Some(Next::Key) => reader.key(&mut take),
            Some(Next::Value) => reader.value(&mut take),
            Some(Next::End) => return reader.rest.is_empty(),
            None => return false,
        };
    }
}

/// What must come next for the text to be a document.
enum Next {
    Key,
    Value,
    End,
}

/// The unread text, and the open arrays and objects: a set bit is an object.
struct Reader<'a> {
    rest: &'a [u8],
    objects: u64,
    depth: u32,
}

impl<'a> Reader<'a> {
    /// Reads a key and its colon.
    fn key(&mut self, take: &mut impl FnMut(bool, (&[u8], bool))) -> Option<Next> {
        take(true, self.string()?);
        self.space();
        self.eat(b':').then_some(())?;
        self.space();
        Some(Next::Value)
    }

    /// Reads a value; of an array or object that is not empty, only its start.
    fn value(&mut self, take: &mut impl FnMut(bool, (&[u8], bool))) -> Option<Next> {
        match self.rest.first()? {
            b'"' => take(false, self.string()?),
            open @ (b'{' | b'[') => {
                self.open(*open == b'{').then_some(())?;
                self.space();
                if !self.eat_end() {
                    return Some(self.inside());
                }
            }
            _ => self.literal().then_some(())?,
        }
        self.behind_a_value()
    }

    /// Reads a comma, unless the enclosing array or object ends.
    fn behind_a_value(&mut self) -> Option<Next> {
        loop {
            self.space();
            if self.depth == 0 {
                return Some(Next::End);
            }
            if !self.eat_end() {
                break;
            }
        }
        self.eat(b',').then_some(())?;
        self.space();
        Some(self.inside())
    }

    const fn inside(&self) -> Next {
        if self.in_object() {
            Next::Key
        } else {
            Next::Value
        }
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 != 0
    }

    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Opens an object or an array; false if that nests too deep.
    fn open(&mut self, is_object: bool) -> bool {
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.objects = self.objects << 1 | u64::from(is_object);
        self.depth += 1;
        self.depth < MAX_DEPTH
    }

    /// Closes the innermost object or array, if its closing bracket comes next.
    fn eat_end(&mut self) -> bool {
        let end = if self.in_object() { b'}' } else { b']' };
        let is_end = self.depth > 0 && self.eat(end);
        if is_end {
            self.objects >>= 1;
            self.depth -= 1;
        }
        is_end
    }

    /// The content of a string, and whether it has escapes; `None` if no string begins here or it
    /// does not end.
    fn string(&mut self) -> Option<(&'a [u8], bool)> {
        let open = self.rest.strip_prefix(b"\"")?;
        let mut at = 0;
        let mut has_escapes = false;
        loop {
            let next = at + find2(b'"', b'\\', open.get(at..)?)?;
            if open.get(next) == Some(&b'"') {
                self.rest = open.get(next + 1..)?;
                return Some((open.get(..next)?, has_escapes));
            }
            has_escapes = true;
            at = next + 2;
        }
    }

    /// Skips a number, `true`, `false` or `null`.
    fn literal(&mut self) -> bool {
        let ends = |byte: &&u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
        let len = self.rest.iter().take_while(|byte| !ends(byte)).count();
        let (word, rest) = self.rest.split_at_checked(len).unwrap_or_default();
        self.rest = rest;
        matches!(word, b"true" | b"false" | b"null") || is_number(word)
    }
}

/// Whether a word is a number, with signs and points only where the standard allows them.
fn is_number(word: &[u8]) -> bool {
    let digits = |text: &mut &[u8]| {
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *text = text.get(count..).unwrap_or_default();
        count > 0
    };
    let mut rest = word.strip_prefix(b"-").unwrap_or(word);
    if !digits(&mut rest) {
        return false;
    }
    if let Some(mut fraction) = rest.strip_prefix(b".") {
        if !digits(&mut fraction) {
            return false;
        }
        rest = fraction;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let mut power = match exponent {
            [b'+' | b'-', power @ ..] => power,
            _ => exponent,
        };
        return digits(&mut power) && power.is_empty();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// The strings of a document, if it is accepted.
    fn strings(text: &[u8]) -> Option<Vec<(bool, String)>> {
        let mut seen = Vec::new();
        let taken = each_string(text, &mut Vec::new(), |is_key, string| {
            seen.push((is_key, String::from_utf8_lossy(string).into_owned()));
        });
        taken.then_some(seen)
    }

    fn by_serde(value: &Value, all: &mut Vec<(bool, String)>) {
        match value {
            Value::String(text) if !text.is_empty() => all.push((false, text.clone())),
            Value::Array(values) => values.iter().for_each(|value| by_serde(value, all)),
            Value::Object(members) => {
                for (key, value) in members {
                    if !key.is_empty() {
                        all.push((true, key.clone()));
                    }
                    by_serde(value, all);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_key_and_string_is_seen() {
        let text = br#" {"a":["b",{"c\u0027":"d\n"}, {}, [], -1.5e+3, true],"e" : null , "":""} "#;
        let seen: Vec<_> = strings(text).unwrap();
        let seen: Vec<_> = seen
            .iter()
            .map(|(key, text)| (*key, text.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (true, "a"),
                (false, "b"),
                (true, "c'"),
                (false, "d\n"),
                (true, "e")
            ]
        );
    }

    #[test]
    fn what_is_no_document_is_not_taken() {
        for text in [
            "",
            "7",
            "\"a\"",
            "{",
            "[",
            "[1",
            "{]",
            "[}",
            "[]]",
            "[] []",
            "[]x",
            "{a:1}",
            "{'a':1}",
            "[1,]",
            "{\"a\":1,}",
            "[,1]",
            "{,}",
            "{\"a\"}",
            "{\"a\" 1}",
            "{\"a\":}",
            "[1 2]",
            "[1--2]",
            "[1-1]",
            "[+1]",
            "[1.]",
            "[.5]",
            "[1e]",
            "[1or 1=1]",
            "[NaN]",
            "[\"a]",
            "[\"a\\\"]",
            "{1:2}",
            "{[]:1}",
            "{{}}",
            "{{7*7}}",
            "[[7*7]]",
            "[true false]",
            "[/**/1]",
        ] {
            assert_eq!(strings(text.as_bytes()), None, "{text}");
        }
        let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(strings(deep(63).as_bytes()).is_some());
        assert_eq!(strings(deep(64).as_bytes()), None);
        assert_eq!(strings(deep(100_000).as_bytes()), None);
    }

    proptest! {
        /// Whatever this parser accepts, another parser accepts too, and no string is skipped.
        #[test]
        fn takes_what_serde_takes(text in r#"[\[\]{},:"a1\\u0 e.-]{0,14}"#) {
            if let Some(seen) = strings(text.as_bytes()) {
                let value: Value = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
                let mut theirs = Vec::new();
                by_serde(&value, &mut theirs);
                for known in theirs {
                    prop_assert!(seen.contains(&known), "{known:?} of {text}");
                }
            }
        }
    }
}
