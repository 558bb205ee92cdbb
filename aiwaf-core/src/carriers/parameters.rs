//! Parameters of a media type or a disposition: `; name=value; name="value"`.

use super::cursor::Cursor;

/// One parameter, not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameter<'a> {
    /// The name, without white space. Empty if there is no `=`.
    pub(super) name: &'a [u8],
    /// The value between its quotes, escapes included, or the bare value without surrounding white
    /// space.
    pub(super) value: &'a [u8],
    /// Whether the value was quoted.
    pub(super) quoted: bool,
    /// Whether parsers disagree about where the value ends: a quote is not closed, text follows a
    /// closing quote, or a parser without escapes would take an escaped quote for the end.
    pub(super) ambiguous: bool,
}

impl<'a> Parameter<'a> {
    /// A parameter without quotes. If it contains a quote, some parsers would start a quoted string
    /// there.
    fn bare(name: &'a [u8], value: &'a [u8]) -> Self {
        Self {
            name,
            value,
            quoted: false,
            ambiguous: memchr::memchr(b'"', value).is_some(),
        }
    }

    /// Whether the parameter has this name, ignoring case. `name` is in lower case.
    pub(super) const fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The value before the first `;`, and the parameters after it.
pub(super) fn parse(value: &[u8]) -> (&[u8], Parameters<'_>) {
    let mut rest = Cursor::new(value);
    let head = rest.take_to(b';').trim_ascii();
    (head, Parameters { rest })
}

/// An iterator over the parameters.
#[derive(Debug, Clone)]
pub(super) struct Parameters<'a> {
    rest: Cursor<'a>,
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Parameter<'a>> {
        self.rest
            .take_while(|byte| byte == b';' || byte.is_ascii_whitespace());
        if self.rest.is_empty() {
            return None;
        }
        let name = self.rest.take_while(|byte| byte != b'=' && byte != b';');
        let name = name.trim_ascii();
        if !self.rest.eat(b"=") {
            return Some(Parameter::bare(b"", name));
        }
        self.rest.skip_space();
        Some(if self.rest.eat(b"\"") {
            self.quoted(name)
        } else {
            Parameter::bare(name, self.rest.take_to(b';').trim_ascii())
        })
    }
}

impl<'a> Parameters<'a> {
    /// Reads the rest of a parameter after its opening quote.
    fn quoted(&mut self, name: &'a [u8]) -> Parameter<'a> {
        let open = self.rest.rest();
        let mut ambiguous = false;
        loop {
            self.rest.take_while(|byte| byte != b'"' && byte != b'\\');
            if !self.rest.eat(b"\\") {
                break;
            }
            if self.rest.eat(b"\"") {
                let after = self.rest.rest().trim_ascii_start();
                ambiguous |= matches!(after.first(), None | Some(b';'));
            } else if self.rest.peek() == Some(b'\\') {
                self.rest.skip();
            }
        }
        let value = open
            .get(..open.len() - self.rest.rest().len())
            .unwrap_or(open);
        ambiguous |= !self.rest.eat(b"\"");
        ambiguous |= !self.rest.take_to(b';').trim_ascii().is_empty();
        Parameter {
            name,
            value,
            quoted: true,
            ambiguous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> Vec<(String, String, bool)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (_, parameters) = parse(value.as_bytes());
        parameters
            .map(|p| (text(p.name), text(p.value), p.ambiguous))
            .collect()
    }

    #[test]
    fn reads_what_lenient_parsers_read() {
        let triple = |n: &str, v: &str, a| (n.to_owned(), v.to_owned(), a);
        assert_eq!(parse(b" form-data ; a=1").0, b"form-data");
        assert_eq!(
            parsed(r#"x; a = 1 ;; b="c;\"d" ; e; f="#),
            [
                triple("a", "1", false),
                triple("b", r#"c;\"d"#, false),
                triple("", "e", false),
                triple("f", "", false)
            ]
        );
        assert_eq!(
            parsed(r#"x; f="C:\dir\n""#),
            [triple("f", r"C:\dir\n", false)]
        );
    }

    #[test]
    fn says_where_parsers_disagree() {
        for value in [
            r#"x; a="b"#,
            r#"x; a="b"c"#,
            r#"x; a="b\"; filename="c""#,
            r#"x; a=b"c"#,
        ] {
            assert!(parsed(value)[0].2, "{value}");
        }
    }
}
