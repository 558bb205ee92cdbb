//! Names of classes and functions in reports: exceptions, stack frames, warnings, a function named
//! with its brackets.
//!
//! Texts are squeezed: lower case, each run of white space a single space. Nothing that could be
//! called counts as a mere name: evaluated code may begin with words and end with a comment.

use super::super::recognise::find;
use super::super::squeeze::is_word;

/// How much of a frame is read to find its end, and of a name around the match.
const MAX_FRAME: usize = 160;

/// How much of a sentence is searched for calls.
const MAX_SENTENCE: usize = 400;

/// Functions that do nothing without an argument, so that `md5()` is only their name and not a
/// call.
const WITH_ARGUMENTS: [&[u8]; 23] = [
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
    b"os.system",
    b"os.popen",
    b"subprocess.run",
    b"subprocess.call",
    b"subprocess.popen",
];

/// What stands before the name of a function in an error message.
const COMPLAINTS: [&[u8]; 5] = [
    b"warning: ",
    b"notice: ",
    b"deprecated: ",
    b"error: ",
    b"undefined function ",
];

/// Whether the match from `start` to `end` is in a report; or, if the text is one line, in a
/// sentence that `speaks` before the match or begins with the name of a class.
pub(super) fn is_named(text: &[u8], start: usize, end: usize, is_line: bool, speaks: bool) -> bool {
    let (name_start, name_end) = name(text, start, end);
    let name = text.get(name_start..name_end).unwrap_or_default();
    let head = text.get(..name_start).unwrap_or_default();
    let tail = text.get(name_end..).unwrap_or_default();
    is_exception(name, tail)
        || is_frame(head, name, tail)
        || is_complaint(head, tail)
        || is_bare(name, tail)
        || is_line && (speaks && is_over(tail) || goes_on(name, tail)) && calls_nothing(tail)
}

/// `java.util.scanner throws`: a class, and a verb.
fn goes_on(name: &[u8], tail: &[u8]) -> bool {
    name.contains(&b'.') && matches!(tail, [b' ', letter, ..] if letter.is_ascii_alphabetic())
}

/// The dotted name around the match.
fn name(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let part = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'$');
    let head = text.get(..start).unwrap_or_default();
    let before = head.iter().rev().take(MAX_FRAME).take_while(part).count();
    let found = text.get(start..end).unwrap_or_default();
    let own = found.strip_suffix(b"(").unwrap_or(found).len();
    let tail = text.get(start + own..).unwrap_or_default();
    let after = tail.iter().take(MAX_FRAME).take_while(part).count();
    let end = start + own + after;
    // A full stop that ends the sentence does not belong to the name.
    let stop = usize::from(after > 0 && text.get(end - 1) == Some(&b'.'));
    (start - before, end - stop)
}

/// Whether a name ends here without a bracket after it.
const fn is_over(tail: &[u8]) -> bool {
    matches!(
        tail,
        [] | [b'.'] | [b' ' | b',' | b'?' | b'!' | b':', ..] | [b'.', b' ', ..]
    )
}

/// Whether all brackets in `tail` are empty and no punctuation of a programming language occurs.
fn calls_nothing(tail: &[u8]) -> bool {
    let tail = tail.get(..MAX_SENTENCE).unwrap_or(tail);
    let mut pairs = tail.iter().zip(tail.iter().skip(1).chain(b" "));
    pairs.all(|(byte, next)| match byte {
        b'(' => *next == b')',
        b'=' | b';' | b'{' | b'[' | b'$' | b'`' | b'<' | b'|' | b'\\' => false,
        _ => true,
    })
}

/// `java.io.ioexception: no such file`.
fn is_exception(name: &[u8], tail: &[u8]) -> bool {
    let is_named = name.ends_with(b"exception") || name.ends_with(b"error");
    let is_over = matches!(
        tail,
        [] | [b' ' | b':' | b',' | b')' | b';' | b']' | b'.', ..]
    );
    is_named && is_over
}

/// `at java.lang.class.forname0(native method)`, `at system.io.file.readalltext(string path)`.
fn is_frame(head: &[u8], name: &[u8], tail: &[u8]) -> bool {
    let tail = tail.strip_prefix(b".<init>").unwrap_or(tail);
    let Some(arguments) = tail.strip_prefix(b"(") else {
        return false;
    };
    let plain = |byte: &&u8| {
        is_word(**byte) || matches!(byte, b' ' | b'.' | b':' | b',' | b'[' | b']' | b'$')
    };
    let len = arguments.iter().take(MAX_FRAME).take_while(plain).count();
    let (place, rest) = arguments.split_at_checked(len).unwrap_or_default();
    let is_place = place == b"native method"
        || place == b"unknown source"
        || [b".java".as_slice(), b".kt", b".scala", b".groovy"]
            .iter()
            .any(|file| find(place, file).is_some());
    // Types and names of parameters.
    let is_typed = name.starts_with(b"system.") && place.contains(&b' ') && !place.contains(&b'.');
    let head = without_module(head);
    (head == b"at " || head.ends_with(b" at ")) && rest.starts_with(b")") && (is_place || is_typed)
}

/// What stands before the module of a class: `at java.base@21/`.
fn without_module(head: &[u8]) -> &[u8] {
    let Some(module) = head.strip_suffix(b"/") else {
        return head;
    };
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'@' | b'-');
    let len = module.iter().rev().take(MAX_FRAME).take_while(is_part);
    let start = module.len() - len.count();
    module.get(..start).unwrap_or_default()
}

/// `warning: fopen(/tmp/x): failed`.
fn is_complaint(head: &[u8], tail: &[u8]) -> bool {
    let Some(arguments) = tail.strip_prefix(b"(") else {
        return false;
    };
    let plain =
        |byte: &&u8| is_word(**byte) || matches!(byte, b'/' | b'.' | b'-' | b':' | b'\\' | b' ');
    let len = arguments.iter().take(MAX_FRAME).take_while(plain).count();
    let rest = arguments.get(len..).unwrap_or_default();
    COMPLAINTS.iter().any(|words| head.ends_with(words)) && rest.starts_with(b"): ")
        || head.ends_with(b"undefined function ") && rest.starts_with(b")")
}

/// `md5() returns`.
fn is_bare(name: &[u8], tail: &[u8]) -> bool {
    tail.strip_prefix(b"()").is_some_and(is_over) && WITH_ARGUMENTS.contains(&name)
}

#[cfg(test)]
mod tests {
    fn is_named(text: &str, found: &str) -> bool {
        let start = text.find(found).unwrap();
        super::is_named(text.as_bytes(), start, start + found.len(), false, false)
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
                "x at java.base@21/java.io.fileinputstream.open0(native method)",
                "java.io.",
            ),
            ("why does md5() return it?", "md5("),
            ("php warning: fopen(/tmp/x): failed to open", "fopen("),
            ("call to undefined function md5() in x.php", "md5("),
        ] {
            assert!(is_named(text, found), "{text}");
        }
        for (text, found) in [
            ("new java.io.file('x')", "java.io."),
            ("t(java.lang.runtime).getruntime()", "java.lang.runtime"),
            ("java.lang.runtime", "java.lang.runtime"),
            ("at java.lang.runtime.exec('id')", "java.lang.runtime"),
            ("at java.lang.runtime.exec(f(1))", "java.lang.runtime"),
            ("x/java.io.file.listroots(native method)", "java.io."),
            ("# at os.system(x)", "os.system("),
            ("error: passthru('id');#): x", "passthru("),
            ("error: readfile(.env);#): x", "readfile("),
            ("phpinfo()", "phpinfo("),
            ("md5(1)", "md5("),
            ("x;fopen('/tmp/x')", "fopen("),
        ] {
            assert!(!is_named(text, found), "{text}");
        }
    }

    #[test]
    fn a_sentence_names_what_it_does_not_call() {
        let in_sentence = |text: &str, found: &str| {
            let start = text.find(found).unwrap();
            super::is_named(text.as_bytes(), start, start + found.len(), true, true)
        };
        assert!(in_sentence("prefer subprocess.run over it.", "subprocess."));
        assert!(in_sentence(
            "java.util.scanner throws when i call nextint() twice",
            "java.util.scanner"
        ));
        for (text, found) in [
            ("not not not os.popen('id').read()", "os.popen("),
            (
                "import java.lang.processbuilder as p new p('id').start()",
                "java.lang.processbuilder",
            ),
            (
                "m process.mainmodule m.require('f'+'s')",
                "process.mainmodule",
            ),
            ("use java.lang.runtime as x; x", "java.lang.runtime"),
            ("return not not not os.execute('id')", "os.execute("),
        ] {
            assert!(!in_sentence(text, found), "{text}");
        }
    }
}
