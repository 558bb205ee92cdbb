//! Markup that does nothing: output of text editors, and XML documents that are not pages.

use super::super::find;
use super::attribute::{OF_PAGES, attribute};
use super::page::{
    condition, describes, describes_a_service, doctype, links_to_a_page, names_a_font, style,
};
use super::{is_active, is_frame, is_page_part};
use crate::payload::squeeze::is_word;

/// Tags that show text and pictures.
fn is_shown(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"abbr"
            | b"b"
            | b"big"
            | b"blockquote"
            | b"br"
            | b"caption"
            | b"center"
            | b"cite"
            | b"code"
            | b"col"
            | b"colgroup"
            | b"dd"
            | b"del"
            | b"div"
            | b"dl"
            | b"dt"
            | b"em"
            | b"figcaption"
            | b"figure"
            | b"font"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"hr"
            | b"i"
            | b"img"
            | b"ins"
            | b"kbd"
            | b"li"
            | b"mark"
            | b"ol"
            | b"p"
            | b"pre"
            | b"q"
            | b"s"
            | b"section"
            | b"small"
            | b"span"
            | b"strong"
            | b"sub"
            | b"sup"
            | b"table"
            | b"tbody"
            | b"td"
            | b"tfoot"
            | b"th"
            | b"thead"
            | b"time"
            | b"tr"
            | b"u"
            | b"ul"
    )
}

/// Elements of drawings and formulas that only show something.
pub(super) fn is_drawn(name: &[u8]) -> bool {
    matches!(
        name,
        b"svg"
            | b"g"
            | b"path"
            | b"circle"
            | b"ellipse"
            | b"rect"
            | b"line"
            | b"polyline"
            | b"polygon"
            | b"defs"
            | b"lineargradient"
            | b"radialgradient"
            | b"stop"
            | b"math"
            | b"mi"
            | b"mn"
            | b"mo"
            | b"mrow"
            | b"mfrac"
            | b"msup"
            | b"msub"
            | b"msubsup"
            | b"msqrt"
            | b"mroot"
            | b"mover"
            | b"munder"
            | b"munderover"
            | b"mtable"
            | b"mtr"
            | b"mtd"
            | b"mspace"
            | b"mstyle"
            | b"semantics"
            | b"use"
            | b"image"
            | b"text"
            | b"tspan"
            | b"textpath"
            | b"clippath"
            | b"mask"
            | b"pattern"
            | b"symbol"
            | b"marker"
            | b"desc"
            | b"metadata"
            | b"filter"
            | b"fegaussianblur"
            | b"feoffset"
            | b"feblend"
            | b"feflood"
            | b"fecomposite"
            | b"fecolormatrix"
            | b"femerge"
            | b"femergenode"
            | b"fedropshadow"
    )
}

/// Whether a tag that belongs to a page does nothing with these attributes:
/// `<input type="checkbox" checked>` in a list of tasks, `<meta charset="utf-8">` before a text from
/// the clipboard, a link to a font, a title, what surrounds the settings of an office program.
fn is_of_a_text(name: &[u8], attributes: &[u8]) -> bool {
    match name {
        b"input" => attributes.starts_with(b" type=\"checkbox\""),
        b"meta" => describes(attributes),
        b"link" => names_a_font(attributes),
        b"label" | b"title" => true,
        b"xml" | b"noscript" => attributes == b">",
        _ => false,
    }
}

/// Elements that make an XML document a program.
fn is_of_a_stylesheet(name: &[u8]) -> bool {
    matches!(
        name,
        b"stylesheet"
            | b"transform"
            | b"include"
            | b"import"
            | b"template"
            | b"output"
            | b"copy-of"
            | b"value-of"
    )
}

/// What follows the declaration of XML, if there is one. A page would take its first bracket for its
/// end.
fn behind_declaration(text: &[u8]) -> Option<&[u8]> {
    let Some(declaration) = text.strip_prefix(b"<?xml ") else {
        return Some(text);
    };
    let end = memchr::memchr2(b'<', b'>', declaration)?;
    let (inner, after) = declaration.split_at_checked(end)?;
    (inner.ends_with(b"?") && after.first() == Some(&b'>')).then(|| after.get(1..))?
}

/// Whether a squeezed text has tags, none of the tags does anything, and there is no code between
/// them.
///
/// Linear: each byte is read once, except the ends of attributes, which are short.
pub(in crate::payload) fn is_plain_markup(text: &[u8]) -> bool {
    const FEEDS: [&[u8]; 4] = [b"<rss", b"<feed ", b"<opml", b"<urlset "];
    let is_xml = text.starts_with(b"<?xml ") || FEEDS.iter().any(|root| text.starts_with(root));
    let Some(mut rest) = behind_declaration(text) else {
        return false;
    };
    let (mut tags, mut draws) = (0, false);
    while let Some(at) = memchr::memchr(b'<', rest) {
        let (before, from) = rest.split_at(at);
        let Some(after) = tag(from).or_else(|| is_xml.then(|| data_tag(from))?) else {
            return false;
        };
        // What stands before the first tag may stand in another one.
        if has_code(before) || tags == 0 && before.contains(&b'>') {
            return false;
        }
        tags += usize::from(!from.starts_with(b"<!"));
        draws |= name(from.get(1..).unwrap_or_default()).is_some_and(|(name, _)| is_drawn(name));
        rest = after;
    }
    tags > 0 && !has_code(rest) && (!draws || has_drawing(text))
}

/// Whether a squeezed text is such markup and a drawing from its first tag to its last.
pub(in crate::payload) fn is_plain_drawing(text: &[u8]) -> bool {
    text.starts_with(b"<") && text.ends_with(b"</svg>") && is_plain_markup(text)
}

/// Whether a drawing or a formula ends in a text. A part of one is no content of an editor.
pub(super) fn has_drawing(text: &[u8]) -> bool {
    find(text, b"</svg>").is_some() || find(text, b"</math>").is_some()
}

/// Whether a text between tags ends a tag that it did not begin, calls something, or names a scheme
/// that runs script.
fn has_code(text: &[u8]) -> bool {
    ends_tag(text) || calls(text) || find(text, b"script:").is_some()
}

/// Whether a word is followed by a parenthesis; but `item(s)` is a plural.
fn calls(text: &[u8]) -> bool {
    const PLURALS: [&[u8]; 2] = [b"(s) ", b"(es) "];
    // What a script may call with one name.
    const CALLED: [&[u8]; 7] = [
        b"eval", b"alert", b"fetch", b"prompt", b"confirm", b"atob", b"import",
    ];
    memchr::memchr_iter(b'(', text).any(|at| {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let is_plural = || {
            PLURALS.iter().any(|plural| after.starts_with(plural))
                && !CALLED.iter().any(|name| before.ends_with(name))
        };
        before.last().is_some_and(|byte| is_word(*byte)) && !is_plural()
    })
}

/// Whether a text begins with the end tag of an element that only shows something. A shell would
/// redirect input from a file of that name at the root, and there is none.
pub(in crate::payload::recognise) fn closes_shown_tag(text: &[u8]) -> bool {
    let inner = text.strip_prefix(b"</").and_then(name);
    inner.is_some_and(|(name, rest)| is_shown(name) && rest.first() == Some(&b'>'))
}

/// What follows a comment in which nothing is hidden, such as the comments by which an editor
/// recognises its blocks.
fn comment(text: &[u8]) -> Option<&[u8]> {
    let (inner, after) = text.split_at_checked(find(text, b"-->")?)?;
    // A condition (`[if IE]>`) and an early end of a comment (`<!-->`) contain a sign that ends a tag.
    let is_plain = memchr::memchr(b'<', inner).is_none() && !ends_tag(inner);
    is_plain.then(|| after.get(3..))?
}

/// Whether a text has a sign that may end a tag or a comment, and is no arrow: `a->b`, as the
/// programs that draw graphs write.
fn ends_tag(text: &[u8]) -> bool {
    memchr::memchr_iter(b'>', text).any(|at| {
        let before = text.get(..at).unwrap_or_default();
        !matches!(before, [.., name, b'-'] if is_word(*name))
    })
}

/// A tag whose attributes do nothing.
struct Tag<'a> {
    name: &'a [u8],
    /// From the name to the end of the tag.
    attributes: &'a [u8],
    /// Whether it ends an element.
    closes: bool,
    after: &'a [u8],
}

impl<'a> Tag<'a> {
    /// Reads the tag behind its bracket.
    fn read(text: &'a [u8]) -> Option<Self> {
        let (text, closes) = match text {
            [b'/', rest @ ..] => (rest, true),
            _ => (text, false),
        };
        let (name, attributes) = name(text)?;
        let after = end_of_tag(name, attributes, closes)?;
        let attributes = attributes.get(..attributes.len() - after.len())?;
        Some(Self {
            name,
            attributes,
            closes,
            after,
        })
    }
}

/// What follows a tag that does nothing.
pub(super) fn tag(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"<")?;
    if let Some(after) = condition(text).or_else(|| doctype(text)) {
        return Some(after);
    }
    if let Some(inner) = text.strip_prefix(b"!--") {
        return comment(inner);
    }
    let Tag {
        name,
        attributes,
        closes,
        after,
    } = Tag::read(text)?;
    if name == b"style" && !closes {
        return style(after);
    }
    let is_plain = match memchr::memchr(b':', name) {
        // In an XML document. A page may have such tags too, but with names of its own.
        Some(colon) => {
            let local = name.get(colon + 1..).unwrap_or_default();
            !is_active(local) && !is_page_part(local) && !is_of_a_stylesheet(local)
        }
        None => {
            is_shown(name) || is_frame(name) || is_drawn(name) || is_of_a_text(name, attributes)
        }
    };
    is_plain.then_some(after)
}

/// Elements of drawings that name another document, which a converter opens, or run script.
fn is_opened_by_programs(name: &[u8]) -> bool {
    matches!(
        name,
        b"tref"
            | b"font-face-uri"
            | b"color-profile"
            | b"cursor"
            | b"altglyph"
            | b"mpath"
            | b"handler"
            | b"listener"
            | b"foreignobject"
    )
}

/// Whether a tag is named like one of a page but belongs to another language, as its prefix says:
/// `<soap:Body>`, `<dc:title>`, `<w:style>`. `attribute` lets no other prefixes stand for pages and
/// drawings than their usual ones.
fn is_of_another_language(name: &[u8], local: &[u8]) -> bool {
    let prefix = name
        .strip_suffix(local)
        .and_then(|name| name.strip_suffix(b":"));
    prefix.is_some_and(|prefix| !OF_PAGES.iter().any(|(usual, _)| prefix == *usual))
        && matches!(
            local,
            b"body" | b"head" | b"title" | b"style" | b"form" | b"link" | b"input" | b"select"
        )
}

/// What follows a tag of a document that is XML by its own account, if no page has such a tag, or
/// it links the document like a feed or describes a service: `<item>`, `<link>http://...</link>`,
/// `<input message="tns:a"/>`.
fn data_tag(text: &[u8]) -> Option<&[u8]> {
    let Tag {
        name,
        attributes,
        closes,
        after,
    } = Tag::read(text.strip_prefix(b"<")?)?;
    let local = name.rsplit(|byte| *byte == b':').next()?;
    if is_active(local) || is_opened_by_programs(local) {
        return None;
    }
    let is_of_a_page = is_page_part(local) || is_of_a_stylesheet(local) || loads(local);
    let is_known = || match local {
        b"link" => links_to_a_page(attributes),
        b"import" | b"include" | b"input" | b"output" => closes || describes_a_service(attributes),
        _ => false,
    };
    (!is_of_a_page || is_of_another_language(name, local) || is_known()).then_some(after)
}

/// What follows a tag whose attributes, at the start of `rest`, do nothing.
fn end_of_tag<'a>(element: &[u8], mut rest: &'a [u8], closes: bool) -> Option<&'a [u8]> {
    loop {
        rest = rest.trim_ascii_start();
        match rest {
            [b'>', after @ ..] => return Some(after),
            [b'/', b'>', after @ ..] if !closes => return Some(after),
            _ if closes => return None,
            _ => rest = attribute(element, rest)?,
        }
    }
}

/// A name and what follows it.
pub(super) fn name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.');
    let len = text.iter().take_while(part).count();
    let starts = text.first().is_some_and(u8::is_ascii_alphabetic);
    starts.then(|| text.split_at_checked(len))?
}

/// XML languages of documents that services accept in a query: map filters, sign-in requests.
const LANGUAGES: [&[u8]; 2] = [b"http://www.opengis.net/", b"urn:oasis:names:tc:saml:"];

/// The first tag of such a document where it may leave its language out: filters of maps and of
/// business applications.
const ROOTS: [&[u8]; 3] = [b"filter>", b"ogc:filter>", b"fetch "];

/// Whether a text begins with one of those tags, or with one that names one of those languages. A
/// browser reads neither, so each tag has to be checked as well.
pub(super) fn is_document(text: &[u8]) -> bool {
    const HEAD: usize = 512;
    let head = text.get(..HEAD).unwrap_or(text);
    let tag = behind_declaration(head).and_then(|head| head.trim_ascii_start().strip_prefix(b"<"));
    let end = tag.and_then(|tag| memchr::memchr(b'>', tag).and_then(|end| tag.get(..end)));
    tag.is_some_and(|tag| ROOTS.iter().any(|root| tag.starts_with(root)))
        || end.is_some_and(|tag| {
            LANGUAGES.iter().any(|language| {
                find(tag, language)
                    .and_then(|at| tag.get(..at)?.strip_suffix(b"\""))
                    .is_some_and(|before| {
                        find(before, b" xmlns").is_some() && before.ends_with(b"=")
                    })
            })
        })
}

/// Tags that load a picture, a video or a sound.
fn loads(name: &[u8]) -> bool {
    matches!(
        name,
        b"image" | b"picture" | b"source" | b"track" | b"video" | b"audio" | b"use" | b"feimage"
    )
}

/// Whether neither the tag of such a document nor its few attributes belong to a page.
pub(super) fn is_data(text: &[u8]) -> bool {
    const LONGEST: usize = 1024;
    let text = text.get(..LONGEST).unwrap_or(text);
    let Some((name, mut rest)) = text.strip_prefix(b"<").and_then(name) else {
        return false;
    };
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    if is_shown(local)
        || loads(local)
        || is_active(local)
        || is_page_part(local)
        || is_of_a_stylesheet(local)
    {
        return false;
    }
    loop {
        rest = rest.trim_ascii_start();
        if matches!(rest, [b'>', ..] | [b'/', b'>', ..] | [b'?', b'>', ..]) {
            return true;
        }
        let Some(after) = attribute(name, rest) else {
            return false;
        };
        // `hx-get`, `v-on.x`
        let is_of_a_page = self::name(rest).is_none_or(|(name, _)| {
            name == b"style" || name.iter().any(|byte| matches!(byte, b'-' | b'.'))
        });
        if is_of_a_page {
            return false;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_of_known_documents_are_data() {
        let map = b"<filter xmlns:gml=\"http://www.opengis.net/gml\">";
        assert!(is_document(map) && is_data(map));
        let fetch = b"<fetch version=\"1.0\"><entity name=\"account\"/></fetch>";
        assert!(is_document(fetch) && is_data(fetch));
        assert!(is_document(b"<filter><and/></filter>") && !is_document(b"<filters>"));
        assert!(is_document(
            b"<samlp:a xmlns:samlp=\"urn:oasis:names:tc:saml:2.0:protocol\">"
        ));
        for text in [
            "<x xmlns=\"q\">",
            "<x a=\"http://www.opengis.net/gml\">",
            "x <a xmlns:gml=\"http://www.opengis.net/gml\">",
            "<b xmlns:y=z>http://www.opengis.net/",
        ] {
            assert!(!is_document(text.as_bytes()), "{text}");
        }
        for text in [
            "<a xmlns=\"http://www.opengis.net/gml\" href=\"https://x.test\">",
            "<y oncommand=\"a.b\">",
            "<y onxx=a>",
            "<y hx-get=\"//x.test/x\">",
            "<y @click=\"x\">",
            "<y style=\"x:y\">",
            "<g:p a=\"x\">",
            "<y a=\"x",
            "<image src=\"//x.test/b\">",
            "<video src=\"//x.test/b\">",
        ] {
            assert!(!is_data(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_an_editor_writes_is_plain_and_what_runs_is_not() {
        for text in [
            "<a href=\"http://www.example.com/\">x</a>",
            "hello <b>you</b> (all of you), is it <i>true</i>?",
            "<b>x",
            "<p><img src=\"data:image/png;base64,ivborw0kggo=\"></p>",
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>x</title><style>@media (max-width: 6px) {a{color:rgb(1,2,3)}}</style></head><body class=a>x</body></html>",
            "<!doctype html public \"-//w3c//dtd xhtml 1.0//en\" \"http://www.w3.org/tr/x.dtd\"><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\" /><p>x</p>",
            "<!--[if mso]><xml><o:a><o:allowpng/></o:a></xml><![endif]--><!--[if !mso]><!--><b>x</b><!--<![endif]-->",
            "<link href=\"https://fonts.googleapis.com/css?family=a\" rel=\"stylesheet\"><p>x</p>",
            "<svg xmlns:xlink=\"http://www.w3.org/1999/xlink\"><defs><path id=\"a\"/></defs><use xlink:href=\"#a\" fill=\"url(#b)\" transform=\"matrix(1 0 0 1 2 3)\"/></svg>",
            "<svg><image xlink:href=\"data:image/png;base64,ivborw0kggo=\" width=\"1\"/></svg>",
            "<style media=\"screen\">@import url(https://fonts.googleapis.com/css2?family=a:wght@400;700); a{b:c}</style><b>x</b>",
            "<!--[if mso | ie]><noscript><xml><o:a/></xml></noscript><![endif]--><p>x</p>",
            "<p>your item(s) shipped</p><table border=0 width=100%><tr><td>x</td></tr></table>",
            "<div style=\"background-image:url('/a.png');color:rgb(1,2,3)\">x</div>",
            "<svg width=\"10\"><circle cx=\"5\" r=\"4\" fill=\"red\"/></svg>",
            "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>",
            "<ul><li><label><input type=\"checkbox\" checked><span>a</span></label></li></ul>",
            "<meta charset=\"utf-8\"><p>pasted</p>",
            "<img src='https://example.com/a.png' alt=\"\" />",
            "<div><div> <h1>x</h1></div><br/></div>",
            "<!-- wp:image {\"id\":812,\"size\":\"large\"} --> <figure class=\"wp-image\"><img src=\"https://example.com/a.jpg\" alt=\"a &amp; b\"/></figure> <!-- /wp:image -->",
            "<!-- x --><b>y</b>",
            "<!-- a->b --><b>a->b</b>",
            "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><link>http://a.example/</link><item><guid>1</guid></item></channel></rss>",
            "<feed xmlns=\"http://www.w3.org/2005/atom\"><link href=\"/a\" rel=\"alternate\"/><title>a</title></feed>",
            "<?xml version=\"1.0\"?><a xmlns:dc=\"http://purl.org/dc/\"><dc:title>x</dc:title></a>",
            "<?xml version=\"1.0\"?><soap:envelope xmlns:soap=\"urn:a\"><soap:body>x</soap:body></soap:envelope>",
            "<?xml version=\"1.0\"?><urlset xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"><xhtml:link rel=\"alternate\" hreflang=\"de\" href=\"http://a.example/de\"/></urlset>",
            "<?xml version=\"1.0\"?><wsdl:import namespace=\"a\" location=\"b.wsdl\"/>",
            "<?xml version=\"1.0\"?><operation><input message=\"tns:a\"/></operation>",
            "<?xml version=\"1.0\"?><glyph name=\"a\"><point x=\"1\" y=\"2\"/></glyph>",
            "<div style=\"color:red\">x</div>",
            "<style type=\"text/css\"> body {background-color: red;} </style> <p>hello</p>",
            "<html><head><style><!-- .b{color:#333} --></style></head><body>x</body></html>",
            "<?xml version=\"1.0\"?><samlp:response xmlns:samlp=\"urn:oasis\"><saml:issuer>x</saml:issuer></samlp:response>",
        ] {
            assert!(is_plain_markup(text.as_bytes()), "{text}");
        }
        for text in [
            "no tags",
            "a < b",
            "<img src=x onerror=alert(1)>",
            "<img src=\"x\" onerror=\"x\">",
            "<a href=\"javascript:x\">y</a>",
            "<a href=\"java script:x\">y</a>",
            "<a href=\"data:text/html,x\">y</a>",
            "<div style=\"x:expression(y)\">z</div>",
            "<img src=\"data:image/svg+xml;base64,ivborw0kggo=\">",
            "<a href=\"data:image/png;base64,ivborw0kggo=\">x</a>",
            "<div style=\"width:expression(x)\">x</div>",
            "<div style=\"x:url(a);width:expression(x)\">x</div>",
            "<svg onload=\"x\"></svg>",
            "<svg><script>x</script></svg>",
            "<svg><animate/></svg>",
            "<svg>",
            "<path d=\"m0\"/>",
            "<div style=\"background:url(/a;b/*/c.jpg)\">x</div>",
            "<input type=\"checkbox\" onfocus=\"x\">",
            "<input type=\"checkbox\" formaction=\"x\">",
            "<input type=\"text\">",
            "<input name=\"p\" title=' type=\"checkbox\"'>",
            "<meta charset=\"iso-2022-jp\">",
            "<meta charset=\"utf-8\" http-equiv=\"refresh\">",
            "<meta http-equiv=\"refresh\">",
            "<style>@import '//x.test'</style>",
            "<style>a{background:url(//x.test)}</style>",
            "<style>a{}</style><script>x</script>",
            "<style>a{}<b></style>",
            "<style onload=\"x\">a{}</style>",
            "<style>a{}",
            "<body onload=\"x\">y</body>",
            "<script>x</script>",
            "<svg:script>x</svg:script>",
            "<b>x</b>alert(1)",
            "\"><b>x</b>",
            "<b x='<'>y</b>",
            "<b <i>>y</b>",
            "<!--><b>x</b>-->",
            "<!--[if ie]><script>x</script><![endif]-->",
            "<!--[if x]> --><b>y</b>",
            "<!--[if x<]><b>y</b>",
            "<!doctype html [<!entity x \"y\">]><b>x</b>",
            "<meta content=\">\" http-equiv=\"refresh\">",
            "<meta http-equiv=\"content-type\" content=\"text/html; charset=utf-7\"><b>x</b>",
            "<meta http-equiv=\"content-type\" content=\"text/html; charset = utf-7\"><b>x</b>",
            "<meta http-equiv=\"content-type\" http-equiv=\"refresh\">",
            "<meta http-equiv = \"refresh\">",
            "<link rel=\"stylesheet\" href=\"https://fonts.googleapis.com.x.test/\">",
            "<link rel=\"import\" href=\"//x.test\">",
            "<style>a[b^=c]{background:url(\"//x.test\")}</style>",
            "<style>a{width:expression(b)}</style>",
            "<svg><use xlink:href=\"data:image/svg+xml;base64,phn2\"/></svg>",
            "<svg><use href=\"//x.test/a.svg#b\"/></svg>",
            "<svg><rect fill=\"url(#a);b(c)\"/></svg>",
            "<style>@import url(https://fonts.googleapis.com.x.test/css);</style>",
            "<style>@import url(https://fonts.googleapis.com/css);@import url(//x.test);</style>",
            "<style>@import url(https://fonts.googleapis.com/css);a{b:url(//x.test)}</style>",
            "<noscript><p title=\"</noscript><img src=x onerror=x>\"></noscript>",
            "<b>x</b>eval(s) <b>y</b>",
            "<svg><image xlink:href=\"http://127.0.0.1:9200/\"/></svg>",
            "<svg><pattern xlink:href=\"//x.test/a\"/></svg>",
            "<svg xmlns:s=\"http://www.w3.org/2000/svg\"><s:use xlink:href=\"//x.test/a.svg#b\"/></svg>",
            "<link rel=preload as=image imagesrcset=\"//x.test/a\" data-href=\"https://fonts.googleapis.com/\">",
            "<meta name=\"referrer\" content=\"unsafe-url\"><b>x</b>",
            "<body x-data x-init=\"location=name\">x</body>",
            "<body hx-get=\"//x.test/y\" hx-trigger=\"load\">x</body>",
            "<noscript class=\"a\">x</noscript>",
            "<xml src=\"#x\"></xml><b>y</b>",
            "<html manifest=\"//x.test/x\"><p>x</p></html>",
            "<b class=a/onclick=b>x</b>",
            "<a href=javascript:x>y</a>",
            "<!-- x",
            "<!--->-->",
            "<!-- x--><b>-->",
            "a-><b>x</b>",
            "<glyph name=\"a\"></glyph>",
            "<?xml version=\"1.0\"?><script>x</script>",
            "<?xml version=\"1.0\"?><a:script>x</a:script>",
            "<?xml version=\"1.0\"?><glyph onclick=\"x\"/>",
            "<?xml version=\"1.0\"?><glyph a=\"javascript:x\"/>",
            "<?xml version=\"1.0\"?><video src=\"//x.test\"/>",
            "<?xml version=\"1.0\"?><stylesheet/>",
            "<?xml version=\"1.0\"?><xsl:import href=\"//x.test/a\"/>",
            "<?xml version=\"1.0\"?><xi:include name=\"a\" href=\"//x.test/a\"/>",
            "<?xml version=\"1.0\"?><input name=\"a\" type=\"image\"/>",
            "<?xml version=\"1.0\"?><a xmlns:w=\"http://www.w3.org/1999/xhtml\"><w:style>@import '//x.test'</w:style></a>",
            "<?xml version=\"1.0\"?><w:script>x</w:script>",
            "<?xml version=\"1.0\"?><xhtml:style>@import '//x.test'</xhtml:style>",
            "<?xml version=\"1.0\"?><svg:style>@import '//x.test'</svg:style>",
            "<?xml version=\"1.0\"?><a xmlns:w=\"http://www.w3.org/2000/svg\"><w:style>@import '//x.test'</w:style></a>",
            "<?xml version=\"1.0\"?><a xmlns:w=\"&#104;ttp://www.w3.org/2000/svg\"><w:style>x</w:style></a>",
            "<?xml version=\"1.0\"?><w:animate a=\"x\"/>",
            "<?xml version=\"1.0\"?><link rel=\"stylesheet\" href=\"//x.test\"/>",
            "<?xml version=\"1.0\"?><link href=\"//x.test\" rel=\"alternate\" onload=\"x\"/>",
            "<?xml-stylesheet href=\"//x.test\"?><a>x</a>",
            "<?xml ><meta http-equiv=refresh content=\"0;url=//x.test\">?><b>x</b>",
            "<?xml <a?><b>x</b>",
            "<?xml version=\"1.0\"?><svg><text><tref xlink:href=\"http://169.254.169.254/x\"/></text></svg>",
            "<?xml version=\"1.0\"?><svg><font-face-uri xlink:href=\"//x.test\"/></svg>",
            "<?xml version=\"1.0\"?><h:style>@import '//x.test'</h:style>",
            "<!---->;location=name;<!---->",
            "<!-- x --!><b>y</b>-->",
        ] {
            assert!(!is_plain_markup(text.as_bytes()), "{text}");
        }
    }
}
