//! XML, well-formed or not.
//!
//! Like the JSON reader, this is a tokenizer that refuses nothing. Mismatched tags, unquoted
//! attributes and stray `<` are read and reported as [`Shape::Loose`]. Text that is interrupted by
//! comments, CDATA sections or processing instructions is joined, as a backend does, so that
//! `uni<!-- -->on` is one word. Character references and the five predefined entities are decoded
//! once. Other entities are not expanded; their declarations are passed on as a whole as
//! [`Carrier::XmlDtd`]. Nothing is ever fetched.

use super::charset::Charset;
use super::cursor::Cursor;
use super::path::Path;
use super::text::Shape;
use super::{Carrier, Feed, Field, Halt, Scratch, Sink, Spent};
use memchr::memchr;

/// Splits a document in UTF-8 (or any other superset of ASCII) into texts, attributes and
/// declarations.
///
/// # Errors
///
/// [`Halt::Spent`] beyond [`Limits::depth`](super::Limits::depth) or
/// [`Limits::tree_fields`](super::Limits::tree_fields), [`Halt::Unsupported`] if the document
/// declares an encoding that hides ASCII, [`Halt::Stopped`] if the sink has seen enough.
pub fn split<S: Sink + ?Sized>(
    document: &[u8],
    scratch: &mut Scratch,
    feed: &mut Feed<'_, S>,
) -> Result<Shape, Halt> {
    scratch.path.clear();
    scratch.value.clear();
    let mut markup = Markup {
        rest: Cursor::new(document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document)),
        path: &mut scratch.path,
        text: &mut scratch.value,
        decoded: &mut scratch.name,
        shape: Shape::Strict,
    };
    while !markup.rest.is_empty() {
        let run = markup.rest.take_to(b'<');
        push_decoded(run, markup.text);
        if !markup.rest.is_empty() {
            markup.tag(feed)?;
        }
    }
    markup.flush(feed)?;
    if markup.path.depth() > 0 {
        markup.shape = Shape::Loose;
    }
    Ok(markup.shape)
}

/// The state of the tokenizer.
struct Markup<'d, 's> {
    rest: Cursor<'d>,
    path: &'s mut Path,
    /// The joined text since the last tag.
    text: &'s mut Vec<u8>,
    decoded: &'s mut Vec<u8>,
    shape: Shape,
}

impl<'d> Markup<'d, '_> {
    /// Reads markup that begins with `<`.
    fn tag<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        if self.rest.eat(b"<!--") {
            let comment = self.through(b"-->");
            self.hand(Carrier::XmlText, b"#comment", comment, feed)
        } else if self.rest.eat(b"<![CDATA[") {
            let section = self.through(b"]]>");
            self.text.extend_from_slice(section);
            Ok(())
        } else if self.rest.eat(b"<?") {
            let instruction = self.through(b"?>");
            self.instruction(instruction, feed)
        } else if self.rest.rest().starts_with(b"<!") {
            let declaration = self.declaration();
            self.hand(Carrier::XmlDtd, b"#dtd", declaration, feed)
        } else if self.rest.eat(b"</") {
            self.flush(feed)?;
            let (name, closed) = self.rest.take_through(b">");
            let name = name.trim_ascii();
            let outer = self.path.name().strip_suffix(name);
            let matches = name.len() > 64
                || outer.is_some_and(|outer| outer.is_empty() || outer.ends_with(b"."));
            if !self.path.leave() || !closed || !matches {
                self.shape = Shape::Loose;
            }
            Ok(())
        } else if self.rest.rest().get(1).is_some_and(|&byte| {
            byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
        }) {
            self.flush(feed)?;
            self.rest.skip();
            self.element(feed)
        } else {
            self.shape = Shape::Loose;
            self.text.extend_from_slice(self.rest.take(1));
            Ok(())
        }
    }

    /// Takes everything up to a mark. Without a mark it takes the rest, and the document has a
    /// fault.
    fn through(&mut self, mark: &[u8]) -> &'d [u8] {
        let (taken, found) = self.rest.take_through(mark);
        if !found {
            self.shape = Shape::Loose;
        }
        taken
    }

    fn hand<S: Sink + ?Sized>(
        &self,
        carrier: Carrier,
        name: &[u8],
        value: &[u8],
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        feed.hand(Field {
            carrier,
            name,
            value,
        })
    }

    /// Passes on the text that a tag ends.
    fn flush<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        let text = self.text.trim_ascii();
        if !text.is_empty() {
            if self.path.depth() == 0 {
                self.shape = Shape::Loose;
            }
            self.hand(Carrier::XmlText, self.path.name(), text, feed)?;
        }
        self.text.clear();
        Ok(())
    }

    /// Reads a processing instruction. Of an ordinary XML declaration only the encoding matters.
    fn instruction<S: Sink + ?Sized>(
        &mut self,
        instruction: &[u8],
        feed: &mut Feed<'_, S>,
    ) -> Result<(), Halt> {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" \t\r\n=\"'._-".contains(byte);
        if !(instruction.starts_with(b"xml")
            && instruction.len() < 128
            && instruction.iter().all(plain))
        {
            return self.hand(Carrier::XmlText, b"#instruction", instruction, feed);
        }
        if let Some(at) = memchr::memmem::find(instruction, b"encoding") {
            let mut rest = Cursor::new(instruction.get(at..).unwrap_or_default());
            rest.take_while(|byte| byte != b'"' && byte != b'\'');
            rest.skip();
            Charset::named(rest.take_while(|byte| byte != b'"' && byte != b'\''))?;
        }
        Ok(())
    }

    /// Reads a `<!…>`, including the internal subset of a document type. Quotes, comments and
    /// instructions within it may contain `>` and `]`.
    fn declaration(&mut self) -> &'d [u8] {
        let open = self.rest.rest();
        self.rest.take(2);
        let mut subset = false;
        loop {
            self.rest
                .take_while(|byte| !matches!(byte, b'>' | b'[' | b']' | b'"' | b'\'' | b'<'));
            if self.rest.eat(b"<!--") {
                self.through(b"-->");
            } else if self.rest.eat(b"<?") {
                self.through(b"?>");
            } else {
                match self.rest.peek() {
                    Some(quote @ (b'"' | b'\'')) => {
                        self.rest.skip();
                        self.through(&[quote]);
                        continue;
                    }
                    Some(b'[') => subset = true,
                    Some(b']') => subset = false,
                    None => self.shape = Shape::Loose,
                    _ => {}
                }
                let ends = !subset && self.rest.peek() == Some(b'>');
                self.rest.skip();
                if ends || self.rest.is_empty() {
                    break;
                }
            }
        }
        open.get(..open.len() - self.rest.rest().len())
            .unwrap_or(open)
    }

    /// Reads a start tag, after its `<`.
    fn element<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        let name = self.rest.take_while(|byte| {
            !matches!(byte, b'/' | b'>' | b'<' | b'=') && !byte.is_ascii_whitespace()
        });
        self.check_name(name);
        self.path.enter();
        self.path.set(name);
        let depth = feed.limits().depth;
        if self.path.depth() > depth as usize {
            return Err(Spent::Depth(depth).into());
        }
        loop {
            self.rest.skip_space();
            match self.rest.peek() {
                Some(b'>') => {
                    self.rest.skip();
                    return Ok(());
                }
                Some(b'/') => {
                    self.rest.skip();
                    if self.rest.eat(b">") {
                        self.path.leave();
                        return Ok(());
                    }
                    self.shape = Shape::Loose;
                }
                None | Some(b'<') => {
                    self.shape = Shape::Loose;
                    return Ok(());
                }
                Some(_) => self.attribute(feed)?,
            }
        }
    }

    /// Reads one attribute: quoted, unquoted or without a value. Takes at least one byte.
    fn attribute<S: Sink + ?Sized>(&mut self, feed: &mut Feed<'_, S>) -> Result<(), Halt> {
        let name = self
            .rest
            .take_while(|byte| !matches!(byte, b'/' | b'>' | b'=') && !byte.is_ascii_whitespace());
        self.check_name(name);
        self.rest.skip_space();
        if !self.rest.eat(b"=") {
            self.shape = Shape::Loose;
            return self.hand(Carrier::XmlAttribute, b"", name, feed);
        }
        self.rest.skip_space();
        let raw = match self.rest.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                self.rest.skip();
                self.through(&[quote])
            }
            _ => {
                self.shape = Shape::Loose;
                self.rest
                    .take_while(|byte| byte != b'>' && !byte.is_ascii_whitespace())
            }
        };
        if memchr(b'<', raw).is_some() {
            self.shape = Shape::Loose;
        }
        self.decoded.clear();
        push_decoded(raw, self.decoded);
        self.hand(Carrier::XmlAttribute, name, self.decoded, feed)
    }

    /// Records a fault if a name has bytes that are not allowed in XML names.
    fn check_name(&mut self, name: &[u8]) {
        let sound =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte) || *byte >= 0x80;
        if name.is_empty() || !name.iter().all(sound) {
            self.shape = Shape::Loose;
        }
    }
}

/// Appends text with its references decoded. Text that is not a reference, or that names an entity
/// defined by the document, stays.
fn push_decoded(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = Cursor::new(raw);
    loop {
        out.extend_from_slice(rest.take_to(b'&'));
        if rest.is_empty() {
            return;
        }
        // Every valid reference is much shorter. The bound keeps `&&&&…` linear.
        let near = rest.rest().get(..16).unwrap_or(rest.rest());
        let reference = memchr(b';', near).and_then(|end| near.get(1..end));
        if let Some((reference, character)) =
            reference.and_then(|name| Some((name, referred(name)?)))
        {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest.take(reference.len() + 2);
        } else {
            out.extend_from_slice(rest.take(1));
        }
    }
}

/// The character that a reference stands for.
fn referred(name: &[u8]) -> Option<char> {
    match name {
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    char::from_u32(u32::from_str_radix(digits, radix).ok()?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Limits, Unsupported};
    use super::*;
    use proptest::prelude::*;

    fn got(document: &[u8]) -> Got {
        collect(|scratch, feed| split(document, scratch, feed).map(drop))
    }

    fn shape(document: &str) -> Shape {
        let mut shape = Shape::Loose;
        collect(|scratch, feed| split(document.as_bytes(), scratch, feed).map(|seen| shape = seen));
        shape
    }

    #[test]
    fn hands_on_texts_and_attributes_with_their_names() {
        let document = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x='1 &amp; &#50;'>\n <b:c>t&lt;&#x75;<![CDATA[<&amp;]]></b:c><d/> tail </a>";
        assert_eq!(
            got(document).fields,
            [
                seen(Carrier::XmlAttribute, "x", "1 & 2"),
                seen(Carrier::XmlText, "a.b:c", "t<u<&amp;"),
                seen(Carrier::XmlText, "a", "tail"),
            ]
        );
    }

    #[test]
    fn text_that_is_interrupted_is_one_value() {
        let got = got(b"<a>att<!-- x -->ack1<![CDATA[mark]]><?p q?>er</a>");
        assert!(got.has_marker());
        assert_eq!(
            got.values(Carrier::XmlText),
            [" x ", "p q", "attack1marker"]
        );
    }

    #[test]
    fn a_document_type_is_handed_on_whole() {
        let dtd = "<!DOCTYPE a [<!ENTITY x \"]>\"> <!-- ' ]> --> <!ENTITY % y SYSTEM 'file:///etc/passwd'> %y;]>";
        let got = got(format!("{dtd}<a>&x;</a>").as_bytes());
        assert_eq!(got.values(Carrier::XmlDtd), [dtd]);
        assert_eq!(got.values(Carrier::XmlText), ["&x;"]);
        assert_eq!(
            self::got(b"<!ENTITY x 'y").values(Carrier::XmlDtd),
            ["<!ENTITY x 'y"]
        );
    }

    #[test]
    fn reads_what_is_not_well_formed() {
        for document in [
            "<a b=attack1marker>",
            "<a attack1marker>",
            "<a>attack1marker",
            "attack1marker",
            "<a b='attack1marker",
            "<!-- attack1marker",
            "<![CDATA[attack1marker",
            "<?attack1marker",
            "</a>attack1marker",
            "<a><b></a>attack1marker",
            "< attack1marker",
            "<a b='1'c='attack1marker'/>",
            "<a / b='attack1marker'>",
            "<a =attack1marker>",
            "<a <b c='attack1marker'>",
            "<!DOCTYPE a [attack1marker",
            "<!attack1marker>",
            "<a\n\tb\n=\n\"attack1marker\">",
            "&attack1marker;",
        ] {
            assert!(got(document.as_bytes()).has_marker(), "{document}");
        }
    }

    #[test]
    fn tells_strict_from_loose() {
        for strict in [
            "<a/>",
            "<?xml version='1.0'?><a b=\"c\">d<!-- e --></a>\n",
            "<!DOCTYPE a><a><b></b></a>",
            "<a xml:lang='x'/>",
        ] {
            assert_eq!(shape(strict), Shape::Strict, "{strict}");
        }
        for loose in [
            "<a>",
            "</a>",
            "x<a/>",
            "<a b=c/>",
            "<a b/>",
            "<a><</a>",
            "<a></b>",
            "<a b='<'/>",
            "<img src=x onerror=y>",
        ] {
            assert_eq!(shape(loose), Shape::Loose, "{loose}");
        }
    }

    #[test]
    fn an_encoding_that_hides_ascii_is_refused() {
        assert_eq!(
            got(b"<?xml version='1.0' encoding='UTF-7'?><a/>").end,
            Err(Unsupported::Charset.into())
        );
        assert_eq!(got(b"<?xml encoding = \"latin1\" ?><a/>").end, Ok(()));
    }

    #[test]
    fn depth_and_fields_are_bounded_and_said() {
        for depth in [63, 64, 65, 640] {
            let got = got(format!("{}{MARKER}", "<a>".repeat(depth)).as_bytes());
            assert_eq!(got.has_marker(), depth <= 64);
            assert_eq!(got.is_spent(), depth > 64);
        }
        let limits = Limits {
            tree_fields: 10,
            ..Limits::default()
        };
        for decoys in [9, 10, 11] {
            let document = format!("<a>{}<b>{MARKER}</b></a>", "<b>x</b>".repeat(decoys));
            let got = collect_within(limits, |scratch, feed| {
                split(document.as_bytes(), scratch, feed).map(drop)
            });
            assert_eq!(
                (got.has_marker(), got.is_spent()),
                (decoys < 10, decoys >= 10)
            );
        }
    }

    #[test]
    fn a_marker_is_seen_in_every_position() {
        for at in 0..502 {
            let value = |n| if n == at { MARKER } else { "v" };
            let texts: String = (0..502).map(|n| format!("<b>{}</b>", value(n))).collect();
            assert!(got(format!("<a>{texts}</a>").as_bytes()).has_marker());
            let attributes: String = (0..502).map(|n| format!(" a{n}='{}'", value(n))).collect();
            assert!(got(format!("<a{attributes}/>").as_bytes()).has_marker());
        }
    }

    #[test]
    fn hostile_documents_are_linear() {
        for unit in [
            "<",
            "<!",
            "<!--",
            "<![CDATA[",
            "<?",
            "</",
            "&",
            "&#x41;",
            "<a/>",
            "<a b='",
            "<!DOCTYPE[",
            "<a =",
            "<a x",
            "]]>",
            "<!\"<!--",
        ] {
            let document = unit.repeat(20_000);
            assert_linear(document.len(), || drop(got(document.as_bytes())));
        }
    }

    proptest! {
        #[test]
        fn is_linear_and_never_panics(document in soup(b"<>/!-[]?&;#x3='\"a D\n\xff", 400)) {
            assert_linear(document.len(), || drop(got(&document)));
        }

        #[test]
        fn sees_the_texts_and_attributes_it_is_given(texts in proptest::collection::vec("[ -~é]{1,20}", 1..20)) {
            let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;");
            let elements: String = texts.iter().map(|text| format!("<e a=\"{}\">{}</e>", escape(text), escape(text))).collect();
            let document = format!("<r>{elements}</r>");
            let got = got(document.as_bytes());
            prop_assert_eq!(shape(&document), Shape::Strict);
            prop_assert_eq!(got.values(Carrier::XmlAttribute), texts.clone());
            let texts: Vec<_> = texts.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
            prop_assert_eq!(got.values(Carrier::XmlText), texts);
        }
    }
}
