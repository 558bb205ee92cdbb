//! Names of classes and functions in reports: exceptions, frames of a trace, warnings, a function named with its brackets.
//!
//! Texts are squeezed: in lower case, white space in single spaces.

use super::super::recognise::find;
use super::super::squeeze::is_word;

/// How much of a frame is read for its end.
const MAX_FRAME: usize = 160;

/// Functions that do nothing without an argument, so that `md5()` is their name and no call.
const WITH_ARGUMENTS: [&[u8]; 18] = [
    b"md5",
    b"base64_decode",
    b"fopen",
    b"readfile",
    b"file_get_contents",
    b"file_put_contents",
    b"call_user_func",
    b"call_user_func_array",
    b"mb_ereg_replace",
    b"array_filter",
    b"array_map",
    b"ini_set",
    b"curl_exec",
    b"move_uploaded_file",
    b"escapeshellcmd",
    b"str_rot13",
    b"create_function",
    b"require_once",
];

/// What stands before the name of a function that a program complains about.
const COMPLAINTS: [&[u8]; 5] = [
    b"warning: ",
    b"notice: ",
    b"deprecated: ",
    b"error: ",
    b"undefined function ",
];

/// Whether what stands from `start` to `end` is in a report.
pub(super) fn is_reported(text: &[u8], start: usize, end: usize) -> bool {
    let (name_start, name_end) = name(text, start, end);
    let name = text.get(name_start..name_end).unwrap_or_default();
    let head = text.get(..name_start).unwrap_or_default();
    let tail = text.get(name_end..).unwrap_or_default();
    is_exception(name, tail)
        || is_frame(head, tail)
        || name.contains(&b'.') && is_sentence(tail)
        || is_named_function(head, name, tail)
}

/// The dotted name around what was found.
fn name(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let part = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'$');
    let head = text.get(..start).unwrap_or_default();
    let before = head.iter().rev().take(MAX_FRAME).take_while(part).count();
    let found = text.get(start..end).unwrap_or_default();
    let own = found.strip_suffix(b"(").unwrap_or(found).len();
    let tail = text.get(start + own..).unwrap_or_default();
    let after = tail.iter().take(MAX_FRAME).take_while(part).count();
    (start - before, start + own + after)
}

/// `java.io.ioexception: no such file`.
fn is_exception(name: &[u8], tail: &[u8]) -> bool {
    let is_named = name.ends_with(b"exception") || name.ends_with(b"error");
    is_named
        && matches!(
            tail,
            [] | [b' ' | b':' | b',' | b')' | b';' | b']' | b'.', ..]
        )
}

/// `at java.lang.class.forname0(native method)`, `at system.io.file.readalltext(string path)`.
fn is_frame(head: &[u8], tail: &[u8]) -> bool {
    let tail = tail.strip_prefix(b"<init>").unwrap_or(tail);
    let Some(arguments) = tail.strip_prefix(b"(") else {
        return false;
    };
    let arguments = arguments.get(..MAX_FRAME).unwrap_or(arguments);
    let plain =
        |byte: &u8| is_word(*byte) || matches!(byte, b' ' | b'.' | b':' | b',' | b'[' | b'$');
    let closed = arguments.iter().position(|byte| !plain(byte));
    let after = closed.and_then(|at| arguments.get(at..));
    (head == b"at " || head.ends_with(b" at ")) && after.is_some_and(|rest| rest.starts_with(b")"))
}

/// `java.util.scanner throws`: the name of a class, and the sentence goes on.
const fn is_sentence(tail: &[u8]) -> bool {
    matches!(tail, [b' ', letter, ..] if letter.is_ascii_alphabetic())
}

/// `md5() returns`, `warning: fopen(x): failed`.
fn is_named_function(head: &[u8], name: &[u8], tail: &[u8]) -> bool {
    let ends = |tail: &[u8]| {
        matches!(
            tail,
            [] | [b' ' | b':' | b',' | b'.' | b'?' | b'!' | b')', ..]
        )
    };
    let is_bare = tail.strip_prefix(b"()").is_some_and(ends) && WITH_ARGUMENTS.contains(&name);
    let tail = tail.get(..MAX_FRAME).unwrap_or(tail);
    let complains = COMPLAINTS.iter().any(|words| head.ends_with(words));
    is_bare || complains && find(tail, b"): ").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_reported(text: &str, found: &str) -> bool {
        let start = text.find(found).unwrap();
        super::is_reported(text.as_bytes(), start, start + found.len())
    }

    #[test]
    fn reports_name_classes_and_functions() {
        for (text, found) in [
            ("java.io.filenotfoundexception: x", "java.io."),
            ("java.lang.classcastexception: foo", "java.lang.class"),
            (
                "x at java.lang.class.forname0(native method)",
                "java.lang.class",
            ),
            (
                "at java.io.fileinputstream.<init>(fileinputstream.java:138)",
                "java.io.",
            ),
            (
                "x at system.io.file.readalltext(string path)",
                "system.io.file",
            ),
            (
                "java.util.scanner throws when i call it",
                "java.util.scanner",
            ),
            ("why does md5() return it?", "md5("),
            ("php warning: fopen(/tmp/x): failed to open", "fopen("),
        ] {
            assert!(is_reported(text, found), "{text}");
        }
        for (text, found) in [
            ("new java.io.file('x')", "java.io."),
            ("t(java.lang.runtime).getruntime()", "java.lang.runtime"),
            ("java.lang.runtime", "java.lang.runtime"),
            ("at java.lang.runtime.exec('id')", "java.lang.runtime"),
            ("at java.lang.runtime.exec(f(1))", "java.lang.runtime"),
            ("phpinfo()", "phpinfo("),
            ("md5(1)", "md5("),
            ("x;fopen('/tmp/x')", "fopen("),
        ] {
            assert!(!is_reported(text, found), "{text}");
        }
    }
}
