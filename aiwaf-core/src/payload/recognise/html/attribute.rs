//! Attributes of tags that do nothing.

use super::super::find;
use super::plain::{is_drawn, name};
use crate::payload::squeeze::is_word;

/// What follows an attribute that does nothing: a name, and possibly a value in quotes or a word.
pub(super) fn attribute<'a>(element: &[u8], text: &'a [u8]) -> Option<&'a [u8]> {
    let (name, rest) = name(text)?;
    // Attributes that a framework in the page would execute or fetch.
    const PREFIXES: [&[u8]; 10] = [
        b"on",
        b"hx-",
        b"v-on",
        b"v-html",
        b"v-bind",
        b"ng-",
        b"x-init",
        b"x-on",
        b"x-html",
        b"x-effect",
    ];
    if PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || matches!(name, b"srcdoc" | b"formaction" | b"manifest")
    {
        return None;
    }
    let Some(rest) = rest.strip_prefix(b"=") else {
        return Some(rest);
    };
    let (&quote, value) = rest.split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return word(rest);
    }
    let (value, rest) = value.split_at_checked(memchr::memchr(quote, value)?)?;
    if name
        .strip_prefix(b"xmlns:")
        .is_some_and(|prefix| hides_a_page(prefix, value))
    {
        return None;
    }
    let runs = |word: &[u8]| find(value, word).is_some();
    let calls = value.contains(&b'(') && !(is_styled(name) && calls_style(value));
    let is_link = name.rsplit(|byte| *byte == b':').next() == Some(b"href");
    let element = element
        .rsplit(|byte| *byte == b':')
        .next()
        .unwrap_or_default();
    let may_be_picture = name == b"src" || is_link && element == b"image";
    // A drawing may draw other documents, and who converts it opens them.
    if is_link
        && is_drawn(element)
        && !value.starts_with(b"#")
        && !(may_be_picture && is_picture(value))
    {
        return None;
    }
    let is_plain = !value.iter().any(|byte| matches!(byte, b'<' | b'`' | b'\\'))
        && !calls
        && !runs(b"script:")
        && (!value.trim_ascii_start().starts_with(b"data:") || may_be_picture && is_picture(value));
    is_plain.then(|| rest.get(1..))?
}

/// The usual prefixes of the languages of pages and drawings, and how the names of these languages
/// end.
pub(super) const OF_PAGES: [(&[u8], &[u8]); 4] = [
    (b"xhtml", b"/1999/xhtml"),
    (b"html", b"/1999/xhtml"),
    (b"h", b"/1999/xhtml"),
    (b"svg", b"/2000/svg"),
];

/// Whether a prefix stands for the language of pages or drawings, but not by a usual name, so that
/// any tag with it may be a tag of a page.
fn hides_a_page(prefix: &[u8], language: &[u8]) -> bool {
    let is_of_a_page = OF_PAGES.iter().any(|(_, end)| language.ends_with(end));
    let is_usual = OF_PAGES
        .iter()
        .any(|(usual, end)| prefix == *usual && language.ends_with(end));
    // Of entities, only those that drawings declare for namespaces stand for what they say.
    let is_hidden = language.contains(&b'&') && !language.starts_with(b"&ns_");
    is_hidden || is_of_a_page && !is_usual
}

/// What follows a value without quotes that is a word or a number: `border=0`.
fn word(text: &[u8]) -> Option<&[u8]> {
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'%' | b'-' | b'#');
    let len = text.iter().take_while(is_part).count();
    let after = text.get(len..)?;
    (len > 0 && matches!(after.first(), Some(b' ' | b'>'))).then_some(after)
}

/// Attributes whose value may call what styles.
fn is_styled(name: &[u8]) -> bool {
    matches!(
        name,
        b"style"
            | b"fill"
            | b"stroke"
            | b"transform"
            | b"gradienttransform"
            | b"patterntransform"
            | b"clip-path"
            | b"mask"
            | b"filter"
            | b"media"
            | b"marker-start"
            | b"marker-mid"
            | b"marker-end"
    )
}

/// Whether every call in a style is one that styles something, with a plain argument:
/// `rgb(0,0,0)`, `url('/a.png')`.
pub(super) fn calls_style(value: &[u8]) -> bool {
    const CALLS: [&[u8]; 24] = [
        b"url",
        b"rgb",
        b"rgba",
        b"hsl",
        b"hsla",
        b"calc",
        b"var",
        b"min",
        b"max",
        b"clamp",
        b"gradient",
        b"rotate",
        b"scale",
        b"translate",
        b"repeat",
        b"minmax",
        b"matrix",
        b"not",
        b"nth-child",
        b"nth-of-type",
        // `@media (max-width: 600px)`
        b"@media ",
        b"and ",
        b"or ",
        b"screen ",
    ];
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'(', rest) {
        let (name, inner) = rest.split_at(at);
        let end = memchr::memchr(b')', inner).unwrap_or(inner.len());
        let (argument, after) = inner.split_at(end);
        let is_known = CALLS.iter().any(|known| name.ends_with(known));
        let is_odd = |byte: &u8| matches!(byte, b';' | b'*' | b'#' | b'[' | b'@' | b'^');
        // A part of the same drawing.
        let is_part = || {
            let part = argument.strip_prefix(b"(#");
            part.is_some_and(|part| part.iter().all(|byte| is_word(*byte) || *byte == b'-'))
        };
        if !is_known || argument.iter().any(is_odd) && !is_part() {
            return false;
        }
        rest = after;
    }
    true
}

/// A picture within a text, as editors embed it: `data:image/png;base64,...`. One of a format that
/// holds no script.
fn is_picture(value: &[u8]) -> bool {
    const FORMATS: [&[u8]; 7] = [b"png", b"jpeg", b"jpg", b"gif", b"webp", b"bmp", b"avif"];
    let Some(rest) = value.strip_prefix(b"data:image/") else {
        return false;
    };
    let is_base64 =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b' ');
    FORMATS
        .iter()
        .filter_map(|format| rest.strip_prefix(*format)?.strip_prefix(b";base64,"))
        .any(|data| data.iter().all(is_base64))
}
