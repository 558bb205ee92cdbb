//! JSON, and what lenient parsers accept as JSON.
//!
//! This is a tokenizer rather than a parser. It never refuses a document, so it sees what any
//! parser that accepts the document sees. It reads duplicate keys, trailing commas, comments,
//! single quotes, unquoted words, `NaN`, several documents in sequence (NDJSON) and bytes that are
//! not UTF-8. A document that no strict parser would accept is reported as [`Shape::Loose`], and
//! [`body`](super::body) then also passes it on as text.
//!
//! `true`, `false`, `null` and plain numbers are skipped, because nothing can be written with their
//! alphabet (`0-9 + - . e E`). All other unquoted words are passed on.

use super::cursor::Cursor;
use super::find::find2;
use super::path::Path;
use super::text::Shape;
use super::{Carrier, Feed, Field, Halt, Scratch, Sink, Spent, percent, steps};

/// Splits a document in UTF-8 (or something like it) into keys and strings.
///
/// # Errors
///
/// [`Halt::Spent`] beyond [`Limits::depth`](super::Limits::depth) or
/// [`Limits::tree_fields`](super::Limits::tree_fields), [`Halt::Stopped`] if the sink has seen
/// enough.
pub fn split<S: Sink + ?Sized>(
    document: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<Shape, Halt> {
    scratch.path.clear();
    let mut tokens = Tokens {
        rest: Cursor::new(document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document)),
        path: &mut scratch.path,
        unescaped: &mut scratch.value,
        shape: Shape::Strict,
        after_value: false,
    };
    while tokens.next(feed)? {}
    if tokens.path.depth() > 0 {
        tokens.shape = Shape::Loose;
    }
    Ok(tokens.shape)
}

/// The state of the tokenizer.
struct Tokens<'d, 's> {
    rest: Cursor<'d>,
    path: &'s mut Path,
    unescaped: &'s mut Vec<u8>,
    shape: Shape,
    /// Whether the last token ended a value, so that a comma or a closing bracket must follow.
    after_value: bool,
}

impl<'d> Tokens<'d, '_> {
    /// Reads one token. Returns false at the end.
    #[inline]
    fn next<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<bool, Halt> {
        self.rest.skip_space();
        let Some(byte) = self.rest.peek() else {
            return Ok(false);
        };
        match byte {
            b',' | b':' => {
                self.rest.skip();
                self.after_value = false;
            }
            b'"' => self.string(b'"', feed)?,
            b'{' | b'[' => self.open(feed.limits().depth)?,
            b'}' | b']' => self.close(),
            b'\'' => {
                self.shape = Shape::Loose;
                self.string(b'\'', feed)?;
            }
            b'/' if self.comment() => {}
            _ => self.word(feed)?,
        }
        Ok(true)
    }

    fn open(&mut self, depth: u32) -> Result<(), Halt> {
        self.value_begins();
        self.rest.skip();
        self.after_value = false;
        self.path.enter();
        if self.path.depth() > depth as usize {
            return Err(Spent::Depth(depth).into());
        }
        Ok(())
    }

    fn close(&mut self) {
        self.rest.skip();
        if !self.path.leave() {
            self.shape = Shape::Loose;
        }
        self.after_value = true;
    }

    /// Records the start of a value. Two adjacent values are two documents at the root, and a fault
    /// elsewhere.
    fn value_begins(&mut self) {
        if self.after_value && self.path.depth() > 0 {
            self.shape = Shape::Loose;
        }
    }

    fn string<S: Sink + ?Sized>(&mut self, quote: u8, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        self.value_begins();
        self.rest.skip();
        let (raw, escaped) = self.quoted(quote);
        if escaped {
            unescape(raw, self.unescaped);
        }
        self.rest.skip_space();
        let text = if escaped {
            self.unescaped.as_slice()
        } else {
            raw
        };
        // The following punctuation is consumed here rather than as a separate token.
        let is_key = self.rest.eat(b":");
        self.after_value = !is_key && !self.rest.eat(b",");
        hand(text, is_key, self.path, feed)
    }

    /// The inside of a string, and whether it contains a backslash. Without a closing quote it is
    /// the rest of the document.
    #[inline]
    fn quoted(&mut self, quote: u8) -> (&'d [u8], bool) {
        let open = self.rest.rest();
        let mut from = 0;
        while let Some(at) = open.get(from..).and_then(|rest| find2(quote, b'\\', rest)) {
            steps::add(at + 1);
            let end = from + at;
            if let Some((raw, [mark, after @ ..])) = open.split_at_checked(end)
                && *mark == quote
            {
                self.rest = Cursor::new(after);
                let has_escapes = from > 0;
                return (raw, has_escapes);
            }
            from = end + 2;
        }
        self.shape = Shape::Loose;
        self.rest = Cursor::new(&[]);
        (open, from > 0)
    }

    /// A number, a literal, or any other text in place of a value. It extends to the next
    /// punctuation, so that `1 or 1=1` is one value.
    fn word<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        self.value_begins();
        let at_root = self.path.depth() == 0;
        let ends = |byte| matches!(byte, b',' | b']' | b'}' | b':') || (at_root && byte == b'\n');
        let word = self.rest.take_while(|byte| !ends(byte)).trim_ascii_end();
        self.after_value = true;
        let is_key = self.rest.peek() == Some(b':');
        if !is_key && is_literal(word) {
            return Ok(());
        }
        self.shape = Shape::Loose;
        hand(word, is_key, self.path, feed)
    }

    /// Skips a comment. Returns false if there is none.
    fn comment(&mut self) -> bool {
        if self.rest.eat(b"//") {
            self.rest.take_through(b"\n");
        } else if self.rest.eat(b"/*") {
            self.rest.take_through(b"*/");
        } else {
            return false;
        }
        self.shape = Shape::Loose;
        true
    }
}

#[inline]
/// Passes on a value, or a key, which also names what follows.
fn hand<S: Sink + ?Sized>(
    text: &[u8],
    is_key: bool,
    path: &mut Path,
    feed: &mut Feed<'_, S>,
) -> Result<(), Halt> {
    if is_key {
        path.set(text);
    }
    feed.hand(Field {
        carrier: if is_key {
            Carrier::JsonKey
        } else {
            Carrier::JsonValue
        },
        name: path.name(),
        value: text,
    })
}

/// Whether a word is `true`, `false`, `null` or made of the characters of numbers.
fn is_literal(word: &[u8]) -> bool {
    match word {
        b"true" | b"false" | b"null" => true,
        [b'0'..=b'9' | b'-', tail @ ..] => tail
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')),
        _ => false,
    }
}

/// Decodes the escapes of a string. An unknown escape stays as it is, including its backslash. Half
/// a surrogate pair becomes U+FFFD.
pub(crate) fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = Cursor::new(raw);
    loop {
        out.extend_from_slice(rest.take_to(b'\\'));
        let Some(&[_, kind]) = rest.rest().first_chunk() else {
            out.extend_from_slice(rest.rest());
            return;
        };
        let plain = match kind {
            b'"' | b'\\' | b'/' | b'\'' => kind,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' if let Some(unit) = unit(rest.rest()) => {
                rest.take(6);
                let character = character(unit, &mut rest);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            _ => {
                out.push(b'\\');
                kind
            }
        };
        out.push(plain);
        rest.take(2);
    }
}

/// The UTF-16 unit of a `\uhhhh`.
fn unit(escape: &[u8]) -> Option<u16> {
    let &[b'\\', b'u', a, b, c, d] = escape.first_chunk()? else {
        return None;
    };
    let digit = |digit| percent::hex(digit).map(u16::from);
    Some(digit(a)? << 12 | digit(b)? << 8 | digit(c)? << 4 | digit(d)?)
}

/// The character that starts with this unit, including the second half of a pair if it follows.
fn character(first: u16, rest: &mut Cursor<'_>) -> char {
    let pair = [first, unit(rest.rest()).unwrap_or(0)];
    match char::decode_utf16(pair).next() {
        Some(Ok(character)) => {
            rest.take(if character.len_utf16() == 2 { 6 } else { 0 });
            character
        }
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Limits, Spent};
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn got(document: &[u8]) -> Got {
        collect(|scratch, feed| split(document, scratch, feed).map(drop))
    }

    fn shape(document: &str) -> Shape {
        let mut shape = Shape::Loose;
        collect(|scratch, feed| split(document.as_bytes(), scratch, feed).map(|seen| shape = seen));
        shape
    }

    #[test]
    fn names_each_value_by_its_path() {
        let document = br#"{"a": ["x", {"b": "y", "c": {}}, "z"], "d": 1.5e3, "e": null, "f": "\u0041\ud83d\ude00\n\/"}"#;
        assert_eq!(
            got(document).fields,
            [
                seen(Carrier::JsonKey, "a", "a"),
                seen(Carrier::JsonValue, "a", "x"),
                seen(Carrier::JsonKey, "a.b", "b"),
                seen(Carrier::JsonValue, "a.b", "y"),
                seen(Carrier::JsonKey, "a.c", "c"),
                seen(Carrier::JsonValue, "a", "z"),
                seen(Carrier::JsonKey, "d", "d"),
                seen(Carrier::JsonKey, "e", "e"),
                seen(Carrier::JsonKey, "f", "f"),
                seen(Carrier::JsonValue, "f", "A\u{1f600}\n/"),
            ]
        );
    }

    #[test]
    fn reads_what_lenient_parsers_read() {
        for document in [
            "{'k': 'attack1marker'}",
            "{k: attack1marker}",
            "{\"k\": 1 or attack1marker}",
            "// c\n[\"attack1marker\"]",
            "/* \" */ [\"attack1marker\",]",
            "[NaN, \"attack1marker\"]",
            "{\"k\":1,\"k\":\"attack1marker\"}",
            "{\"k\":1}\n{\"k\":\"attack1marker\"}\n",
            "[[[\"attack1marker",
            "\u{feff}\"attack1marker\"",
            "]}]{\"a\" \"attack1marker\"}",
            "\"\\u0061ttack1marker\"",
            "attack1marker",
            "[\"\\q attack1marker\"]",
            "{\"attack1marker\" : 1}",
            "{attack1marker:1}",
            "[1 \"attack1marker\"]",
            "#\n\"attack1marker\"",
            "{\"a\":\"\\\\\",\"b\":\"attack1marker\"}",
        ] {
            assert!(got(document.as_bytes()).has_marker(), "{document}");
        }
        assert!(got(b"[\"\xff attack1marker \xfe\"]").has_marker());
    }

    #[test]
    fn tells_strict_from_loose() {
        for strict in [
            "{}",
            "[1, -2.5e+7, true,false , null]",
            "{\"a\":[{}],\"b\":\"\"}",
            "1\n2\n",
            "{\"a\":1}\n{\"a\":2}",
            " \"x\" ",
        ] {
            assert_eq!(shape(strict), Shape::Strict, "{strict}");
        }
        for loose in [
            "{'a':1}",
            "{a:1}",
            "[1 2]",
            "[1 or 1]",
            "{\"a\":1",
            "]",
            "[1] // c",
            "<x>",
            "a=1",
            "\"open",
            "{\"a\" \"b\"}",
            "[NaN]",
            "[1]]",
        ] {
            assert_eq!(shape(loose), Shape::Loose, "{loose}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_and_cut_escapes_do_not_hide_what_follows() {
        for (raw, text) in [
            ("\\ud800x", "\u{fffd}x"),
            ("\\ude00x", "\u{fffd}x"),
            ("\\ud800\\u0041", "\u{fffd}A"),
            ("\\u12", "\\u12"),
            ("\\x41", "\\x41"),
        ] {
            assert_eq!(
                got(format!("\"{raw}\"").as_bytes()).values(Carrier::JsonValue),
                [text],
                "{raw}"
            );
        }
    }

    #[test]
    fn depth_and_fields_are_bounded_and_said() {
        let nested =
            |depth: usize| format!("{}\"{MARKER}\"{}", "[".repeat(depth), "]".repeat(depth));
        assert!(got(nested(63).as_bytes()).has_marker());
        assert!(got(nested(64).as_bytes()).has_marker());
        assert_eq!(got(nested(65).as_bytes()).end, Err(Spent::Depth(64).into()));
        assert_eq!(
            got("{\"a\":".repeat(10_000).as_bytes()).end,
            Err(Spent::Depth(64).into())
        );

        let limits = Limits {
            tree_fields: 10,
            ..Limits::default()
        };
        for decoys in [8, 9, 10, 11] {
            let document = format!("[{}\"{MARKER}\"]", "\"x\",1,".repeat(decoys));
            let got = collect_within(limits, |scratch, feed| {
                split(document.as_bytes(), scratch, feed).map(drop)
            });
            assert_eq!(got.has_marker(), decoys < 10);
            assert_eq!(got.is_spent(), decoys >= 10);
        }
    }

    #[test]
    fn a_marker_is_seen_in_every_position() {
        for at in 0..502 {
            let entries: Vec<_> = (0..502)
                .map(|n| format!("\"k{n}\":\"{}\"", if n == at { MARKER } else { "v" }))
                .collect();
            assert!(got(format!("{{{}}}", entries.join(",")).as_bytes()).has_marker());
            let keys: Vec<_> = (0..502)
                .map(|n| format!("\"{}\":{n}", if n == at { MARKER } else { "v" }))
                .collect();
            assert!(got(format!("[{{{}}}]", keys.join(", ")).as_bytes()).has_marker());
        }
    }

    #[test]
    fn hostile_documents_are_linear() {
        let key = "k".repeat(50_000);
        for document in [
            "\"\\".repeat(50_000),
            "[]".repeat(50_000),
            "/*".repeat(50_000),
            "'\"".repeat(50_000),
            ": ,".repeat(50_000),
            format!("{{\"{key}\":[{}]}}", "\"v\",".repeat(20_000)),
            "\\".repeat(50_000),
            "1 ".repeat(50_000),
        ] {
            let mut named = 0;
            assert_linear(document.len(), || {
                named = got(document.as_bytes())
                    .fields
                    .iter()
                    .map(|field| field.name.len())
                    .sum();
            });
            assert!(
                named < 20 * document.len(),
                "the names together are {named} bytes"
            );
        }
    }

    /// All keys and strings of a value, as a strict parser sees them.
    fn strings(value: &Value, out: &mut Vec<(Carrier, String)>) {
        match value {
            Value::String(text) => out.push((Carrier::JsonValue, text.clone())),
            Value::Array(values) => values.iter().for_each(|value| strings(value, out)),
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                out.push((Carrier::JsonKey, key.clone()));
                strings(value, out);
            }),
            _ => {}
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\"\\\\/{}:,\\[\\]u0-9 \n]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|map| map.into_iter().collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn is_linear_and_never_panics(document in soup(b"{}[]\":,'\\/*u0d8a \n1\xff", 400)) {
            assert_linear(document.len(), || drop(got(&document)));
        }

        #[test]
        fn sees_all_that_serde_json_sees(value in json(), pretty: bool) {
            let document = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let ours = got(document.as_bytes());
            let mut theirs = Vec::new();
            strings(&value, &mut theirs);
            theirs.retain(|(_, text)| !text.is_empty());
            let ours: Vec<_> = ours.fields.into_iter().map(|field| (field.carrier, String::from_utf8(field.value).unwrap())).collect();
            prop_assert_eq!(ours, theirs, "{}", document);
            prop_assert_eq!(shape(&document), Shape::Strict);
        }

        #[test]
        fn sees_all_that_serde_json_sees_in_soup(document in soup(b"{}[]\":,\\u0d8a \n1", 24)) {
            if let Ok(value) = serde_json::from_slice::<Value>(&document) {
                let ours = got(&document);
                let mut theirs = Vec::new();
                strings(&value, &mut theirs);
                for (carrier, text) in theirs.into_iter().filter(|(_, text)| !text.is_empty()) {
                    prop_assert!(ours.values(carrier).contains(&text), "{text:?}");
                }
            }
        }
    }
}
