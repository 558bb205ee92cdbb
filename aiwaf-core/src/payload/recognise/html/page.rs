//! Parts of a whole page that do nothing: its head, its style sheet, and what only old programs
//! read. Mail templates and saved pages consist of them.

use super::super::{cut, find};
use super::attribute::calls_style;
use super::plain::name;
use crate::payload::squeeze::is_word;

/// What follows a document type that declares nothing: `!doctype html public "..." "...">`.
pub(super) fn doctype(text: &[u8]) -> Option<&[u8]> {
    const LONGEST: usize = 256;
    let inner = text.strip_prefix(b"!doctype ")?;
    let end = memchr::memchr(b'>', cut(inner, 0, LONGEST))?;
    let (inner, after) = inner.split_at_checked(end)?;
    let is_plain = |byte: &u8| {
        is_word(*byte) || matches!(byte, b' ' | b'"' | b'\'' | b'/' | b':' | b'.' | b'-' | b'+')
    };
    inner.iter().all(is_plain).then(|| after.get(1..))?
}

/// What follows a condition that only one program reads, or its end: `!--[if mso]>`,
/// `!--[if !mso]><!-->`, `![endif]-->`. For all others it is a comment or nothing. What it contains
/// is read like the rest.
pub(super) fn condition(text: &[u8]) -> Option<&[u8]> {
    const ENDS: [&[u8]; 3] = [b"![endif]-->", b"!--<![endif]-->", b"![endif]>"];
    const LONGEST: usize = 64;
    if let Some(after) = ENDS.iter().find_map(|end| text.strip_prefix(*end)) {
        return Some(after);
    }
    let inner = text.strip_prefix(b"!--[if ")?;
    // There may be one at each comment, so none may be looked for up to the end of the text.
    let end = memchr::memchr(b']', cut(inner, 0, LONGEST))?;
    let (inner, after) = inner.split_at_checked(end)?;
    let is_plain = |byte: &u8| {
        is_word(*byte) || matches!(byte, b' ' | b'!' | b'|' | b'&' | b'(' | b')' | b'.')
    };
    let after = after.strip_prefix(b"]>")?;
    // What follows is for all other programs.
    let after = after.strip_prefix(b"<!-->").unwrap_or(after);
    inner.iter().all(is_plain).then_some(after)
}

/// Character sets that hide nothing, and the beginnings of families of them.
const CHARSETS: [&[u8]; 11] = [
    b"utf-8",
    b"us-ascii",
    b"windows-125",
    b"iso-8859-",
    b"koi8-r",
    b"gb2312",
    b"gbk",
    b"big5",
    b"shift_jis",
    b"euc-jp",
    b"euc-kr",
];

/// What a page may tell the browser as if it were a header.
const HEADERS: [&[u8]; 6] = [
    b"content-type",
    b"content-language",
    b"x-ua-compatible",
    b"cache-control",
    b"pragma",
    b"expires",
];

/// Whether the attributes of a `meta` tag describe a page, and make the browser neither go elsewhere
/// nor read the page in another character set nor tell others its address.
pub(super) fn describes(attributes: &[u8]) -> bool {
    const WORD: &[u8] = b"charset";
    let names_charset = |text: &[u8]| CHARSETS.iter().any(|known| text.starts_with(known));
    // Browsers allow white space around the sign.
    let names_other = |text: &[u8]| {
        let text = text.trim_ascii_start().strip_prefix(b"=");
        text.is_some_and(|text| !names_charset(text.trim_ascii_start()))
    };
    each_attribute(attributes, |name, value| match name {
        b"http-equiv" => HEADERS.contains(&value),
        b"charset" => names_charset(value),
        b"name" => value != b"referrer",
        _ => !memchr::memmem::find_iter(value, WORD)
            .any(|at| value.get(at + WORD.len()..).is_some_and(names_other)),
    })
}

/// Whether the attributes of a `link` tag load a font from where many pages load theirs.
pub(super) fn names_a_font(attributes: &[u8]) -> bool {
    const HOSTS: [&[u8]; 2] = [
        b"https://fonts.googleapis.com",
        b"https://fonts.gstatic.com",
    ];
    let mut links = 0;
    let is_plain = each_attribute(attributes, |name, value| match name {
        b"href" => {
            links += 1;
            let after = HOSTS.iter().find_map(|host| value.strip_prefix(*host));
            after.is_some_and(|after| matches!(after.first(), None | Some(b'/')))
        }
        b"rel" => matches!(value, b"stylesheet" | b"preconnect"),
        b"crossorigin" | b"type" | b"media" => true,
        _ => false,
    });
    is_plain && links == 1
}

/// Whether the attributes of a `link` name another page, and nothing that a browser would load.
pub(super) fn links_to_a_page(attributes: &[u8]) -> bool {
    const TO_PAGES: [&[u8]; 6] = [b"alternate", b"self", b"next", b"first", b"last", b"hub"];
    each_attribute(attributes, |name, value| match name {
        b"rel" => TO_PAGES.contains(&value),
        b"href" | b"type" | b"title" | b"hreflang" | b"length" => true,
        _ => false,
    })
}

/// Whether these are attributes of a schema or of the description of a service, which XSLT and pages
/// do not know.
pub(super) fn describes_a_service(attributes: &[u8]) -> bool {
    let is_known = |name: &[u8]| {
        let local = name.rsplit(|byte| *byte == b':').next();
        matches!(
            local,
            Some(b"message" | b"namespace" | b"schemalocation" | b"location" | b"name" | b"action")
        )
    };
    each_attribute(attributes, |name, _| is_known(name))
}

/// Whether `is_plain` holds for the name and the value of each attribute of a tag that was read
/// before.
fn each_attribute(attributes: &[u8], mut is_plain: impl FnMut(&[u8], &[u8]) -> bool) -> bool {
    let mut rest = attributes.trim_ascii_start();
    while !matches!(rest, [] | [b'>', ..] | [b'/', b'>', ..]) {
        let Some((name, after)) = name(rest) else {
            return false;
        };
        let (value, after) = match after {
            [b'=', quote @ (b'"' | b'\''), value @ ..] => {
                let end = memchr::memchr(*quote, value).unwrap_or(value.len());
                let (value, after) = value.split_at(end);
                (value, after.get(1..).unwrap_or_default())
            }
            [b'=', value @ ..] => {
                let end = memchr::memchr2(b' ', b'>', value).unwrap_or(value.len());
                value.split_at(end)
            }
            after => (b"".as_slice(), after),
        };
        if !is_plain(name, value) {
            return false;
        }
        rest = after.trim_ascii_start();
    }
    true
}

/// What follows a style sheet that runs nothing and loads only fonts. `after` begins behind its tag.
pub(super) fn style(after: &[u8]) -> Option<&[u8]> {
    const END: &[u8] = b"</style>";
    let (sheet, after) = after.split_at_checked(find(after, END)?)?;
    // Old pages hide it from browsers that do not know style sheets.
    let inner = sheet.trim_ascii();
    let inner = inner.strip_prefix(b"<!--").unwrap_or(inner);
    let inner = inner.strip_suffix(b"-->").unwrap_or(inner);
    is_plain_sheet(inner).then(|| after.get(END.len()..))?
}

fn is_plain_sheet(mut sheet: &[u8]) -> bool {
    // A sheet that loads something tells its host what it applies to.
    let is_plain = |part: &[u8]| {
        memchr::memchr2(b'<', b'\\', part).is_none()
            && calls_style(part)
            && find(part, b"url(").is_none()
            && find(part, b"script:").is_none()
    };
    while let Some((before, import)) =
        find(sheet, b"@import").and_then(|at| sheet.split_at_checked(at))
    {
        match import_of_a_font(import) {
            Some(after) if is_plain(before) => sheet = after,
            _ => return false,
        }
    }
    is_plain(sheet)
}

/// Whether a style sheet imports another one from beside it: `@import url("theme/basic.css")`.
pub(super) fn imports_a_neighbour(text: &[u8]) -> bool {
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'-' | b'/');
    text.strip_prefix(b"@import url(").is_some_and(|path| {
        let (quote, path) = match path {
            [quote @ (b'"' | b'\''), path @ ..] => (Some(quote), path),
            path => (None, path),
        };
        let len = path.iter().take_while(is_part).count();
        let (path, after) = path.split_at_checked(len).unwrap_or_default();
        let ends = match quote {
            Some(quote) => after.starts_with(&[*quote, b')']),
            None => after.starts_with(b")"),
        };
        ends && path.ends_with(b".css") && path.first() != Some(&b'/')
    })
}

/// What follows `@import url(https://fonts.googleapis.com/...)`.
pub(super) fn import_of_a_font(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"@import url(")?;
    let quote = rest
        .first()
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let rest = rest.get(usize::from(quote.is_some())..)?;
    let query = rest.strip_prefix(b"https://fonts.googleapis.com/")?;
    let is_part = |byte: &&u8| {
        is_word(**byte)
            || matches!(
                byte,
                b'?' | b'=' | b':' | b',' | b'+' | b'|' | b'&' | b';' | b'.' | b'%' | b'@' | b'-'
            )
    };
    let len = query.iter().take_while(is_part).count();
    let after = query.get(len..)?;
    match quote {
        Some(quote) => after.strip_prefix(&[quote, b')']),
        None => after.strip_prefix(b")"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sheet_beside_this_one_is_a_neighbour() {
        for (text, is_near) in [
            ("@import url(basic.css);", true),
            ("@import url(\"theme/basic.css\") screen;", true),
            ("@import url('../basic.css')", true),
            ("@import url(//x.test/a.css)", false),
            ("@import url(/a.css)", false),
            ("@import url(http://x.test/a.css)", false),
            ("@import url(a.css?b)", false),
            ("@import url(\"a.css)", false),
            ("@import url(a.css", false),
            ("@import url(a)", false),
        ] {
            assert_eq!(imports_a_neighbour(text.as_bytes()), is_near, "{text}");
        }
    }
}
