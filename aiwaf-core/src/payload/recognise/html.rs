//! Markup that runs script: tags, event handlers, attributes that take a URL.

mod plain;

pub(super) use self::plain::closes_shown_tag;
pub(in crate::payload) use self::plain::is_plain_markup;
use super::{Input, Report, cut};
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
        "\"><SCRIPT SRC=//x.test>",
        "<iframe src=//x.test>",
        "<object data=x>",
        "<embed/src=x>",
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
    ],
);
static MARKUP: Rule = Rule::recognised(
    "xss-markup",
    Category::Xss,
    Severity::High,
    &[
        "<meta http-equiv=refresh>",
        "<link rel=stylesheet href=x>",
        "<style>a{}</style>",
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
    ],
    &["<b>bold</b>", "a < b", "x<y and z>w", "<user@example.com>"],
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

/// Tags that no editor for visitors lets through.
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

/// What stands around a text that some interfaces take as markup, and does nothing without attributes: `<body>text</body>`.
fn is_frame(name: &[u8]) -> bool {
    matches!(name, b"html" | b"head" | b"body")
}

/// Judges `input` as HTML.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let text = input.squeezed;
    let mut in_tag = false;
    if input.bytes.any(Bytes::ANGLE) {
        for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b'<') {
            in_tag |= tag(input, text, at, report);
            if is_spaced_tag(text.get(at + 1..).unwrap_or_default()) {
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

/// The longest text that follows a tag which is talked about.
const MAX_TALK: usize = 256;

/// How many signs may stand between a bracket and the name of its tag.
const MAX_SKIPPED: usize = 32;

/// Judges the tag at `at`, and says whether there is one.
fn tag(input: &Input<'_>, text: &[u8], at: usize, report: &mut Report<'_>) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    // A run of brackets is read from each of them: none may go through all that follow.
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
    // Whole pages and drawings may be uploaded; what runs in them is still looked for.
    let file = input.field.carrier == Carrier::FileContent;
    if is_active(name) && !file {
        let closing = text.get(at + 1) == Some(&b'/') && name == b"iframe";
        if !closing && !is_video(rest) && !is_talked_about(text, at, rest) {
            report(&TAG, cut(text, at, 64));
        }
    } else if is_page_part(name) {
        if !(next == b'>' && is_frame(name)) {
            report(&MARKUP, cut(text, at, 64));
        }
        report(&TARGET, cut(text, at, 64));
    } else if next == b' '
        && input.bytes.any(Bytes::EQUALS)
        && rest
            .get(len..)
            .is_some_and(|tail| tail.iter().take(64).any(|&b| b == b'='))
    {
        // A tag with attributes: nobody searches for that.
        report(&TARGET, cut(text, at, 64));
    }
    true
}

/// Whether a tag is written with blanks in it, which filters read and nobody writes: `f o r m`, ` x: script`.
fn is_spaced_tag(text: &[u8]) -> bool {
    let near = text.get(..12).unwrap_or(text);
    if let Some((space, name)) = near
        .array_windows()
        .position(|pair| pair == b": ")
        .and_then(|colon| Some((text.get(..colon)?, text.get(colon + 2..)?)))
    {
        let is_prefix = space.trim_ascii_start().iter().all(|byte| is_word(*byte));
        return is_prefix && name.starts_with(b"script");
    }
    // Most tags have no blank behind their first letter and a letter behind that.
    if !matches!(text, [_, b' ' | b'>' | b'/', next, ..] if next.is_ascii_alphabetic()) {
        return false;
    }
    let mut letters = [0_u8; 6];
    let mut spaced = text
        .iter()
        .step_by(2)
        .zip(text.iter().skip(1).step_by(2).chain(b" "));
    for slot in &mut letters {
        match spaced.next() {
            Some((letter, b' ' | b'>' | b'/')) if letter.is_ascii_alphabetic() => *slot = *letter,
            Some((letter, _)) if letter.is_ascii_alphabetic() => {
                *slot = *letter;
                break;
            }
            _ => break,
        }
    }
    matches!(
        &letters,
        b"form\0\0"
            | b"script"
            | b"iframe"
            | b"object"
            | b"embed\0"
            | b"style\0"
            | b"applet"
            | b"dialog"
            | b"svg\0\0\0"
    )
}

/// `how to use the <script> tag`: a word for what it is behind it, and nothing that a script could do: no call, no assignment,
/// no string, no address.
fn is_talked_about(text: &[u8], at: usize, tag: &[u8]) -> bool {
    let inner = tag.strip_prefix(b"script>");
    let Some(inner) = inner.filter(|_| text.get(at..at + 2) == Some(b"<s")) else {
        return false;
    };
    let inner = cut(inner, 0, MAX_TALK + 1);
    let is_prose =
        |byte: &u8| is_word(*byte) || matches!(byte, b' ' | b',' | b'.' | b'?' | b'!' | b'-');
    const NOUNS: [&[u8]; 3] = [b" tag", b" element", b" block"];
    let before = text.get(..at).unwrap_or_default();
    inner.len() <= MAX_TALK
        && NOUNS.iter().any(|noun| inner.starts_with(noun))
        && inner.iter().all(is_prose)
        && memchr::memchr2(b'<', b'>', before).is_none()
}

/// A frame of one of the players that editors embed.
fn is_video(rest: &[u8]) -> bool {
    let rest = rest.get(..512).unwrap_or(rest);
    let end = rest.iter().position(|&b| b == b'>').unwrap_or(rest.len());
    let tag = rest.get(..end).unwrap_or_default();
    tag.starts_with(b"iframe")
        && [
            b"//www.youtube.com/embed/".as_slice(),
            b"//www.youtube-nocookie.com/embed/",
            b"//player.vimeo.com/video/",
        ]
        .iter()
        .any(|host| super::find(tag, host).is_some())
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
    }
}

/// The names that event handlers begin with, after `on`.
const EVENTS: [&[u8]; 92] = [
    b"abort",
    b"activate",
    b"after",
    b"animation",
    b"auxclick",
    b"before",
    b"begin",
    b"blur",
    b"bounce",
    b"cancel",
    b"canplay",
    b"cellchange",
    b"change",
    b"click",
    b"close",
    b"contentvisibility",
    b"contextmenu",
    b"controlselect",
    b"copy",
    b"cuechange",
    b"cut",
    b"dataavailable",
    b"dataset",
    b"dblclick",
    b"deactivate",
    b"drag",
    b"drop",
    b"durationchange",
    b"emptied",
    b"end",
    b"error",
    b"filterchange",
    b"finish",
    b"focus",
    b"formdata",
    b"fullscreen",
    b"gotpointer",
    b"hashchange",
    b"help",
    b"input",
    b"invalid",
    b"key",
    b"languagechange",
    b"layoutcomplete",
    b"load",
    b"losecapture",
    b"lostpointer",
    b"media",
    b"message",
    b"mouse",
    b"move",
    b"mozfullscreen",
    b"offline",
    b"open",
    b"outofsync",
    b"page",
    b"paste",
    b"pause",
    b"play",
    b"pointer",
    b"popstate",
    b"popover",
    b"progress",
    b"propertychange",
    b"ratechange",
    b"readystatechange",
    b"repeat",
    b"reset",
    b"resize",
    b"resume",
    b"reverse",
    b"row",
    b"scroll",
    b"search",
    b"seek",
    b"securitypolicy",
    b"select",
    b"show",
    b"slotchange",
    b"stalled",
    b"start",
    b"stop",
    b"storage",
    b"submit",
    b"suspend",
    b"timeupdate",
    b"toggle",
    b"touch",
    b"transition",
    b"unload",
    b"volumechange",
    b"wheel",
];

/// An attribute `on...` before the `=` at `at`.
fn handler(text: &[u8], at: usize, in_tag: bool, quoted: bool, report: &mut Report<'_>) {
    let head = text.get(..at).unwrap_or_default();
    let end = head
        .iter()
        .rposition(|b| !matches!(b, 0..=b' '))
        .map_or(0, |last| last + 1);
    let start = head
        .get(..end)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(28)
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    let name = head.get(end - start..end).unwrap_or_default();
    let Some(event) = name
        .strip_prefix(b"on")
        .or_else(|| (name == b"formaction").then_some(name))
    else {
        return;
    };
    let known = || {
        EVENTS.iter().any(|known| event.starts_with(known))
            || event.starts_with(b"webkit")
            || event.starts_with(b"unhandled")
            || event.starts_with(b"waiting")
            || event.starts_with(b"online")
    };
    let before = end
        .checked_sub(start + 1)
        .and_then(|i| text.get(i))
        .copied();
    let value = text.get(at + 1..).unwrap_or_default();
    // `"onzoom=`: the quote closes what the value stands in, and is the only one.
    let breaks_out = before.is_some_and(|byte| matches!(byte, b'"' | b'\''))
        && end == at
        && event.len() >= 4
        && end - start == 1
        && text.iter().filter(|byte| Some(**byte) == before).count() == 1;
    let called = || {
        value
            .iter()
            .take(200)
            .any(|b| matches!(b, b'(' | b'`' | b'=' | b'&' | b'{' | b'['))
    };
    let found = breaks_out
        || if in_tag {
            event.len() >= 3 && (known() || called())
        } else {
            event.len() >= 3
                && before.is_some_and(|b| {
                    !is_word(b) && !matches!(b, b'-' | b'.' | b'?' | b'&' | b';' | b',' | b'$')
                })
                && known()
                && (quoted || called())
                || event.len() >= 3
                    && before.is_none()
                    && known()
                    && called()
                    && value.contains(&b'(')
        };
    if found {
        report(&HANDLER, cut(text, end - start, 64));
    }
}
