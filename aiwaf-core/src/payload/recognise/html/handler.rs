//! Event handlers: attributes whose value is script.

use super::{HANDLER, Report, cut};
use crate::payload::squeeze::is_word;

/// The first letters of the names of event handlers, after `on`.
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

/// The longest name of an attribute, and how much of its value is read.
const MAX_NAME: usize = 28;
const MAX_VALUE: usize = 200;

/// Judges the name before the `=` at `at`: `onload=`.
pub(super) fn handler(text: &[u8], at: usize, in_tag: bool, quoted: bool, report: &mut Report<'_>) {
    let Some(attribute) = Attribute::read(text, at) else {
        return;
    };
    let handles = || match in_tag {
        true => attribute.is_known() || attribute.runs(),
        false => attribute.stands_free(quoted),
    };
    if attribute.event.len() >= 3 && handles() || attribute.breaks_out(text) {
        report(&HANDLER, cut(text, attribute.start, 64));
    }
}

/// An attribute that may handle an event.
struct Attribute<'a> {
    /// Where the name begins, and the byte before it.
    start: usize,
    before: Option<u8>,
    /// The name of the event.
    event: &'a [u8],
    /// Whether the equals sign directly follows the name.
    glued: bool,
    value: &'a [u8],
}

impl<'a> Attribute<'a> {
    fn read(text: &'a [u8], at: usize) -> Option<Self> {
        let head = text.get(..at)?;
        let end = head.iter().rposition(|byte| *byte > b' ')? + 1;
        let letters = head.get(..end)?.iter().rev().take(MAX_NAME);
        let letter = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let start = end - letters.take_while(letter).count();
        let name = head.get(start..end)?;
        let event = match name {
            b"formaction" => name,
            _ => name.strip_prefix(b"on")?,
        };
        Some(Self {
            start,
            before: start.checked_sub(1).and_then(|at| text.get(at)).copied(),
            event,
            glued: end == at,
            value: text.get(at + 1..)?,
        })
    }

    fn is_known(&self) -> bool {
        const FAMILIES: [&[u8]; 4] = [b"webkit", b"unhandled", b"waiting", b"online"];
        let mut names = EVENTS.iter().chain(&FAMILIES);
        names.any(|name| self.event.starts_with(name))
    }

    /// Whether the value does something: a call, an assignment, a string that is put together.
    fn runs(&self) -> bool {
        // An equals sign alone pads base64.
        let value = match self.value {
            b"=" => b"",
            value => cut(value, 0, MAX_VALUE),
        };
        let sign = |byte: &u8| matches!(byte, b'(' | b'`' | b'=' | b'&' | b'{' | b'[');
        value.iter().any(sign)
    }

    /// Whether the attribute is a handler although no tag is visible: the surrounding string closes
    /// before it, or it is the whole value. The name of no event has a digit, but many a token has.
    fn stands_free(&self, quoted: bool) -> bool {
        if !self.is_known() || !self.event.iter().all(u8::is_ascii_alphabetic) {
            return false;
        }
        let parts = |byte: u8| {
            !is_word(byte) && !matches!(byte, b'-' | b'.' | b'?' | b'&' | b';' | b',' | b'$')
        };
        match self.before {
            Some(before) => parts(before) && (quoted || self.runs()),
            None => self.runs() && self.value.contains(&b'('),
        }
    }

    /// `"onzoom=`: the quote closes the surrounding string and is the only one in the value.
    fn breaks_out(&self, text: &[u8]) -> bool {
        let quotes = |quote: u8| text.iter().filter(|byte| **byte == quote).count();
        self.start == 1
            && self.glued
            && self.event.len() >= 4
            && matches!(self.before, Some(quote @ (b'"' | b'\'')) if quotes(quote) == 1)
    }
}
