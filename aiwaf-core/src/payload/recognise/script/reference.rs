//! Functions that are passed as values instead of called.

use super::super::find;
use super::{CALL, Report, cut};
use crate::payload::squeeze::is_word;

/// Functions that prove an injection, when they are passed by name.
const PROBES: [&[u8]; 4] = [b"alert", b"prompt", b"confirm", b"eval"];

/// The longest name of a caller.
const MAX_CALLER: usize = 32;

/// What has been read before a mention of a probe, so that the next mention does not read it again.
#[derive(Default)]
struct Before {
    /// How far the text has been read.
    end: usize,
    /// Where the last opening bracket is.
    open: Option<usize>,
    /// Whether an arrow function has begun.
    arrow: bool,
}

impl Before {
    /// Continues reading up to `end`.
    fn read_to(&mut self, end: usize, text: &[u8]) {
        let start = self.end.saturating_sub(1);
        let part = text.get(start..end).unwrap_or_default();
        self.arrow |= find(part, b"=>").is_some();
        self.open = memchr::memrchr(b'(', part).map_or(self.open, |at| Some(start + at));
        self.end = end;
    }
}

/// A probe that is passed as a value instead of called: `[1].map(alert)`, `a=alert,a(1)`,
/// `alert.call(x)`.
pub(super) fn references(text: &[u8], header: bool, report: &mut Report<'_>) {
    let mut seen = Before::default();
    for (at, &byte) in text.iter().enumerate() {
        if !matches!(byte, b'a' | b'p' | b'c' | b'e') {
            continue;
        }
        let (head, rest) = text.split_at(at);
        if head.last().is_some_and(|before| is_word(*before)) {
            continue;
        }
        let Some(tail) = PROBES.iter().find_map(|name| rest.strip_prefix(*name)) else {
            continue;
        };
        seen.read_to(at, text);
        if is_reference(head, &seen, tail, header) {
            report(&CALL, cut(text, at.saturating_sub(8), 48));
            return;
        }
    }
}

fn is_reference(head: &[u8], seen: &Before, tail: &[u8], header: bool) -> bool {
    let called = [b".call(".as_slice(), b".apply(", b".bind("]
        .iter()
        .any(|method| tail.starts_with(method));
    let free = head.last().is_none_or(|b| !is_word(*b) && *b != b' ');
    if called {
        return free;
    }
    match (head, tail) {
        // `.map(alert)`, `setTimeout(alert)`, `(x=>x(1))(alert)`
        ([before @ .., b'('], [b')', ..]) => is_caller(before, seen),
        // `replace(/x/,alert)`, `setTimeout(alert,`
        ([.., b','], [b')', ..]) => seen
            .open
            .and_then(|open| head.get(..open))
            .is_some_and(|before| is_caller(before, seen)),
        ([before @ .., b'('], [b',', ..]) => is_caller(before, seen),
        // `[alert].forEach(`, `new Set([alert])`, `of [alert])`
        ([.., b'['], [b']', b'.', method, ..]) => method.is_ascii_alphabetic(),
        ([before @ .., b'['], [b']', b')' | b']', ..]) => {
            before.ends_with(b"of ")
                || before
                    .strip_suffix(b"(")
                    .or_else(|| before.strip_suffix(b"[1,"))
                    .is_some_and(|name| name.last().is_some_and(|b| is_word(*b) || *b == b'['))
        }
        ([.., b','], [b']', b'[' | b']', ..]) => true,
        // `{get:alert}`
        ([before @ .., b':'], [b'}', ..]) if !header => [
            b"get".as_slice(),
            b"set",
            b"tojson",
            b"tostring",
            b"valueof",
            b"then",
            b"handleevent",
        ]
        .iter()
        .any(|key| before.ends_with(key)),
        // `a=alert,a(1)`, `x=alert;x(1)`
        ([.., variable, b'='], [b',' | b';', rest @ ..]) if is_word(*variable) => {
            rest.first() == Some(variable) && rest.get(1) == Some(&b'(')
        }
        _ => false,
    }
}

/// Whether `head` ends with something that calls the function passed to it: a method, a timer, an
/// arrow function in brackets.
fn is_caller(head: &[u8], seen: &Before) -> bool {
    if head.ends_with(b")") {
        return seen.arrow;
    }
    let letters = head.iter().rev().take(MAX_CALLER);
    let len = letters.take_while(|b| is_word(**b)).count();
    let start = head.len() - len;
    let name = head.get(start..).unwrap_or_default();
    len > 0 && start.checked_sub(1).and_then(|at| head.get(at)) == Some(&b'.')
        || matches!(
            name,
            b"settimeout"
                | b"setinterval"
                | b"setimmediate"
                | b"requestanimationframe"
                | b"queuemicrotask"
                | b"requestidlecallback"
                | b"addeventlistener"
        )
}
