//! Document types that the parser would fetch from elsewhere.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static PUBLIC: Rule = Rule::recognised(
    "xxe-public-dtd",
    Category::Xxe,
    Severity::Critical,
    &[
        "<!DOCTYPE a PUBLIC \"x\" \"http://x.test/a.dtd\">",
        "<?xml version=\"1.0\"?><!DOCTYPE a PUBLIC \"-//x//DTD//EN\" 'https://x.test/a.dtd'><a/>",
        "<!DOCTYPE a PUBLIC \"x\" \"http://x.test/w3.org/a.dtd\">",
        "<!DOCTYPE a PUBLIC \"x\" \"http://evilw3.org/a.dtd\">",
        "<!DOCTYPE a PUBLIC \"x\" \"http://www.w3.org@x.test/a.dtd\">",
    ],
    &[
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">",
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
        "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 3.1 Partwise//EN\" \"http://www.musicxml.org/dtds/partwise.dtd\">",
        "<!DOCTYPE PubmedArticleSet PUBLIC \"-//NLM//DTD PubMedArticle, 1st January 2019//EN\" \"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd\">",
        "<!DOCTYPE html>",
    ],
)
.only(Carriers::NO_HEADERS.without(crate::payload::field::Carrier::FileContent));

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&PUBLIC];

/// The hosts, with or without a name before them, that publish the document types of legitimate
/// documents.
const PUBLISHERS: [&[u8]; 22] = [
    b"w3.org",
    b"apple.com",
    b"sun.com",
    b"oasis-open.org",
    b"apache.org",
    b"hibernate.org",
    b"hibernate.sourceforge.net",
    b"docutils.sourceforge.net",
    b"mybatis.org",
    b"jboss.org",
    b"openoffice.org",
    b"springframework.org",
    b"netscape.com",
    b"wapforum.org",
    b"openmobilealliance.org",
    b"puppycrawl.com",
    b"checkstyle.org",
    b"docbook.org",
    b"www.freedesktop.org",
    b"musicxml.org",
    b"daisy.org",
    b"nlm.nih.gov",
];

/// Judges the document type in `input`.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if !input.bytes.any(Bytes::ANGLE) {
        return;
    }
    let text = input.squeezed;
    let Some(start) = memchr::memchr_iter(b'!', text)
        .filter_map(|mark| mark.checked_sub(1))
        .find(|&at| {
            text.get(at..)
                .is_some_and(|rest| rest.starts_with(b"<!doctype "))
        })
    else {
        return;
    };
    let declared = cut(text, start, 256);
    let end = memchr::memchr2(b'>', b'[', declared).unwrap_or(declared.len());
    let declared = declared.get(..end).unwrap_or_default();
    let Some(public) = memchr::memmem::find(declared, b" public ") else {
        return;
    };
    let named = declared.get(public..).unwrap_or_default();
    let mut hosts = memchr::memmem::find_iter(named, b"://").filter_map(|scheme| {
        let before = named.get(..scheme)?;
        let is_fetched = [b"\"http".as_slice(), b"\"https", b"'http", b"'https"]
            .iter()
            .any(|opening| before.ends_with(opening));
        let url = named.get(scheme + 3..)?;
        is_fetched.then(|| url.split(|byte| b"/?#\"'".contains(byte)).next())?
    });
    if hosts.any(|host| !is_publisher(host)) {
        report(&PUBLIC, cut(text, start, 64));
    }
}

/// Whether a host publishes document types.
fn is_publisher(host: &[u8]) -> bool {
    let ends = |of: &&[u8]| {
        host.strip_suffix(*of)
            .is_some_and(|name| matches!(name, [] | [.., b'.']))
    };
    PUBLISHERS.iter().any(ends)
        && host
            .iter()
            .all(|byte| is_word(*byte) || matches!(byte, b'.' | b'-'))
}

/// Whether a squeezed text begins with the declaration of an entity that stands for the name of a
/// namespace, perhaps behind the bracket that opens a document type:
/// `[ <!entity ns_ai "http://ns.adobe.com/adobeillustrator/10.0/">`. Programs that draw write a
/// handful of them.
pub(in crate::payload) fn declares_namespace(text: &[u8]) -> bool {
    const HOSTS: [&[u8]; 2] = [b"http://ns.adobe.com/", b"http://www.w3.org/"];
    let text = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    let Some(name) = text.strip_prefix(b"<!entity ns_") else {
        return false;
    };
    let len = name.iter().take_while(|byte| is_word(**byte)).count();
    let url = name.get(len..).and_then(|rest| rest.strip_prefix(b" \""));
    let path = url.and_then(|url| HOSTS.iter().find_map(|host| url.strip_prefix(*host)));
    path.is_some_and(|path| {
        let is_plain = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'/' | b'-');
        let len = path.iter().take_while(is_plain).count();
        path.get(len..).is_some_and(|end| end.starts_with(b"\">"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_namespaces_are_harmless() {
        for (text, is_harmless) in [
            (
                "<!entity ns_ai \"http://ns.adobe.com/adobeillustrator/10.0/\">",
                true,
            ),
            ("[ <!entity ns_svg \"http://www.w3.org/2000/svg\"> ]>", true),
            (
                "[<!entity ns_x \"http://ns.adobe.com/x/1.0/\"><!entity y \"z\">",
                true,
            ),
            ("<!entity y \"http://ns.adobe.com/x/1.0/\">", false),
            ("<!entity ns_y system \"http://ns.adobe.com/x\">", false),
            ("<!entity ns_y \"http://ns.adobe.com/&ns_x;\">", false),
            ("<!entity % ns_y \"http://ns.adobe.com/x\">", false),
            ("<!entity ns_y \"http://ns.adobe.com.x.test/x\">", false),
            ("[<!element a any>", false),
        ] {
            assert_eq!(declares_namespace(text.as_bytes()), is_harmless, "{text}");
        }
    }
}
