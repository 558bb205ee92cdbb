//! Markup that runs script: tags, event handlers, attributes that take a URL.

mod attribute;
mod handler;
mod location;
mod page;
mod plain;
mod player;
mod spelling;

use std::cell::OnceCell;

use self::handler::handler;
pub(in crate::payload) use self::location::names_a_place;
pub(super) use self::plain::closes_shown_tag;
use self::plain::{has_drawing, is_data, is_document};
pub(in crate::payload) use self::plain::{is_plain_drawing, is_plain_markup};
use self::player::is_player;
use self::spelling::{is_of_office, is_spaced_tag, is_talked_about};
use super::{Input, Report, cut, find};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static TAG: Rule = Rule::recognised(
    "xss-tag",
    Category::Xss,
    Severity::Critical,
    &[
        "<script>alert(1)</script>",
        "< x: script>1",
        "\"><SCRIPT SRC=//x.test>",
        "<iframe src=//x.test>",
        "<object data=x>",
        "<embed/src=x>",
        "<meta http-equiv=refresh content=0>",
        "<svg><use href=\"//x.test/a.svg#b\"/></svg>",
        "</script>",
        "%3Cscript%3E",
        "&lt;script&gt;x",
    ],
    &[
        "<b>bold</b>",
        "a < script",
        "<p>script</p>",
        "I <3 scripts",
        "<scripture>",
        "<!--[if gte mso 9]><xml>\n<o:AllowPNG/>\n</xml><![endif]-->",
    ],
);
static MARKUP: Rule = Rule::recognised(
    "xss-markup",
    Category::Xss,
    Severity::High,
    &[
        "<meta name=x onx=y>",
        "<link rel=stylesheet href=x>",
        "<style>@import x</style>",
        "<svg xmlns=x>",
        "<form action=x>",
    ],
    &[
        "<p>meta</p>",
        "<body>a <b>brief</b></body>",
        "<a href=\"https://example.com/\">link</a>",
        "<img src=\"https://example.com/a.png\" alt=\"\">",
    ],
)
.only(Carriers::ALL.without(Carrier::FileContent));
static TARGET: Rule = Rule::recognised(
    "xss-markup-in-target",
    Category::Xss,
    Severity::Critical,
    &[
        "<meta http-equiv=refresh>",
        "<div style=\"x:y\">",
        "<img src=x>",
        "\">x<P>y",
    ],
    &[
        "<b>bold</b>",
        "a < b",
        "x<y and z>w",
        "<user@example.com>",
        "<Filter xmlns:gml=\"http://www.opengis.net/gml\"><gml:Point srsName=\"EPSG:4326\"/></Filter>",
        "\"> John Doe <john@example.com> wrote:",
    ],
)
.only(Carriers::TARGET);
static HANDLER: Rule = Rule::recognised(
    "xss-event-handler",
    Category::Xss,
    Severity::Critical,
    &[
        "<img src=x onerror=alert(1)>",
        "\" onmouseover=alert(1) x=\"",
        "<x/onclick = y>",
        "<svg onload=alert`1`>",
        "' autofocus onfocus='x()",
    ],
    &[
        "one=1",
        "online=true&only=2",
        "season=3",
        "the option=x",
        "<a href=\"/?on=1\">",
        "seasonload=1",
    ],
);
static BREAKOUT: Rule = Rule::recognised(
    "xss-attribute-breakout",
    Category::Xss,
    Severity::Medium,
    &["\"><b", "'><a", "\"/><i", "'>\"><x"],
    &["<a href=\"x\"><b>y</b></a>", "a > b", "<b>"],
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&TAG, &MARKUP, &TARGET, &HANDLER, &BREAKOUT];

/// Tags that no editor for visitors allows.
fn is_active(name: &[u8]) -> bool {
    matches!(
        name,
        b"script"
            | b"iframe"
            | b"object"
            | b"embed"
            | b"applet"
            | b"frameset"
            | b"frame"
            | b"isindex"
            | b"vmlframe"
            | b"bgsound"
            | b"layer"
            | b"ilayer"
            | b"xss"
            | b"noscript"
            | b"portal"
            | b"marquee"
            | b"fencedframe"
            | b"xml"
            | b"blink"
            | b"plaintext"
            | b"listing"
    )
}

/// Tags that belong to whole pages.
fn is_page_part(name: &[u8]) -> bool {
    matches!(
        name,
        b"meta"
            | b"link"
            | b"base"
            | b"style"
            | b"form"
            | b"body"
            | b"html"
            | b"head"
            | b"svg"
            | b"math"
            | b"input"
            | b"button"
            | b"textarea"
            | b"title"
            | b"template"
            | b"select"
            | b"keygen"
            | b"dialog"
            | b"animate"
            | b"set"
    )
}

/// The frame around a text for interfaces that expect markup. It does nothing without attributes:
/// `<body>text</body>`.
fn is_frame(name: &[u8]) -> bool {
    matches!(name, b"html" | b"head" | b"body")
}

/// Whether a text begins with a rule that loads a font which many pages load, or a sheet from beside
/// it.
pub(in crate::payload) fn imports_as_usual(text: &[u8]) -> bool {
    page::import_of_a_font(text).is_some() || page::imports_a_neighbour(text)
}

/// Judges `input` as HTML.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    let mut in_tag = false;
    if input.bytes.any(Bytes::ANGLE) {
        let has_colon = input.bytes.any(Bytes::COLON);
        let whole = Whole {
            is_document: input.field.carrier == Carrier::QueryValue && is_document(text),
            has_drawing: has_drawing(text),
            is_plain: OnceCell::new(),
        };
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b'<') {
            in_tag |= tag(input, text, at, &whole, report);
            if is_spaced_tag(text.get(at + 1..).unwrap_or_default(), has_colon) {
                report(&TAG, cut(text, at, 64));
            }
        }
        breakout(text, report);
    }
    if input.bytes.any(Bytes::EQUALS) {
        let quoted = input.bytes.any(Bytes::QUOTE.or(Bytes::BACKTICK));
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b'=') {
            handler(text, at, in_tag, quoted, report);
        }
    }
}

/// What is known of the whole text around a tag.
struct Whole {
    /// It is a document of a language that no browser shows.
    is_document: bool,
    /// A drawing or a formula ends in it.
    has_drawing: bool,
    /// All of it is markup that does nothing; read once, where it matters.
    is_plain: OnceCell<bool>,
}

/// How many bytes may stand between a bracket and the name of its tag.
const MAX_SKIPPED: usize = 32;

/// How much of a tag is read to see that it does nothing. There may be one at each bracket.
const MAX_TAG: usize = 1024;

/// Judges the tag at `at`, and returns whether there is one.
fn tag(input: &Input<'_>, text: &[u8], at: usize, whole: &Whole, report: &mut Report<'_>) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    // Reading starts at every bracket of a run, so none of them may go through the whole run.
    let skipped = rest
        .iter()
        .take(MAX_SKIPPED)
        .take_while(|b| matches!(b, b'/' | 0..=0x1f | b'<' | b'\\'))
        .count();
    let rest = rest.get(skipped..).unwrap_or_default();
    let len = rest
        .iter()
        .take(32)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b':'))
        .count();
    let name = rest.get(..len).unwrap_or_default();
    let name = name.rsplit(|&b| b == b':').next().unwrap_or_default();
    if !name.first().is_some_and(u8::is_ascii_alphabetic) {
        return matches!(rest.first(), Some(b'!' | b'?' | b'%'));
    }
    let next = rest.get(len).copied().unwrap_or(b' ');
    if is_word(next) || next == b'-' || next == b'@' || next == b'.' {
        return true;
    }
    // Whole pages and drawings may be uploaded. Scripts in them are still reported.
    let file = input.field.carrier == Carrier::FileContent;
    let is_plain = || *whole.is_plain.get_or_init(|| is_plain_markup(text));
    if is_active(name) && !file {
        let closing = text.get(at + 1) == Some(&b'/') && name == b"iframe";
        let is_spared = is_player(rest)
            || is_talked_about(text, at, rest)
            || is_of_office(text, at, name)
            || matches!(name, b"xml" | b"noscript") && is_plain();
        if !closing && !is_spared {
            report(&TAG, cut(text, at, 64));
        }
    } else if is_page_part(name) {
        let is_harmless = next == b'>' && is_frame(name)
            || match name {
                b"svg" | b"math" => {
                    whole.has_drawing && plain::tag(cut(text, at, MAX_TAG)).is_some()
                }
                b"input" | b"meta" => plain::tag(cut(text, at, MAX_TAG)).is_some(),
                _ => false,
            }
            || is_plain();
        if !is_harmless {
            let tag = cut(text, at, MAX_TAG);
            let redirects = !file && name == b"meta" && find(tag, b"http-equiv").is_some();
            report(if redirects { &TAG } else { &MARKUP }, cut(text, at, 64));
        }
        report(&TARGET, cut(text, at, 64));
    } else if !file && draws_from_elsewhere(name, cut(text, at, MAX_TAG)) {
        report(&TAG, cut(text, at, 64));
    } else if next == b' '
        && input.bytes.any(Bytes::EQUALS)
        && !(whole.is_document && is_data(text.get(at..).unwrap_or_default()))
        && rest
            .get(len..)
            .is_some_and(|tail| tail.iter().take(64).any(|&b| b == b'='))
    {
        // A tag with attributes, which nobody searches for.
        report(&TARGET, cut(text, at, 64));
    }
    true
}

/// Whether a tag draws another document, with what that does, or makes a converter open one.
fn draws_from_elsewhere(name: &[u8], from: &[u8]) -> bool {
    // The name comes first: most tags have another one, and there may be one at each bracket.
    matches!(
        name,
        b"use" | b"image" | b"feimage" | b"pattern" | b"textpath" | b"filter" | b"mask"
    ) && {
        let end = memchr::memchr(b'>', from).unwrap_or(from.len());
        let tag = from.get(..end).unwrap_or_default();
        find(tag, b"href").is_some() && plain::tag(from).is_none()
    }
}

/// `"><` where the quote closes an attribute that the value did not open.
fn breakout(text: &[u8], report: &mut Report<'_>) {
    let Some(first) = text.iter().position(|b| matches!(b, b'<' | b'>')) else {
        return;
    };
    let head = text.get(..first).unwrap_or_default();
    let rest = text.get(first..).unwrap_or_default();
    let head = head.strip_suffix(b"/").unwrap_or(head);
    let head = head.strip_suffix(b" ").unwrap_or(head);
    if rest.starts_with(b">") && matches!(head.last(), Some(b'"' | b'\'')) && rest.contains(&b'<') {
        report(&BREAKOUT, cut(text, first.saturating_sub(1), 32));
        // The quote comes first in the value, and a tag follows.
        let opens = |pair: &[u8; 2]| matches!(pair, [b'<', letter] if letter.is_ascii_alphabetic());
        let is_glued =
            matches!(text, [b'"', b'>', next, ..] if next.is_ascii_alphanumeric() || *next == b'<');
        if is_glued && rest.array_windows().any(opens) {
            report(&TARGET, cut(text, 0, 32));
        }
    }
}
