//! What stands around a command separator: an address or a file before it, the layout of a text.

use super::super::cut;
use super::super::html::closes_shown_tag;
use super::names::Command;
use crate::payload::squeeze::is_word;

/// How much of a text is read before a separator.
pub(super) const MAX_BEFORE: usize = 64;

/// `/tmp`, `/var/www`: a path that begins with a directory of a system.
pub(super) fn is_system_path(head: &[u8]) -> bool {
    let Some(path) = head.strip_prefix(b"/") else {
        return false;
    };
    let is_sign =
        |byte: &u8| matches!(byte, b'/' | b'.' | b'-' | b'_') || byte.is_ascii_alphanumeric();
    let first = path.split(|byte| *byte == b'/').next();
    path.iter().all(is_sign)
        && matches!(
            first,
            Some(b"tmp" | b"etc" | b"var" | b"home" | b"root" | b"usr" | b"opt" | b"proc" | b"dev")
        )
}

/// `a.txt`, `example.com`: what ends before the separator is one file or host, which a program is
/// started with.
pub(super) fn names_target(head: &[u8]) -> bool {
    const ENDS: [&[u8]; 22] = [
        b"txt", b"png", b"jpg", b"gif", b"pdf", b"csv", b"log", b"html", b"zip", b"gz", b"tar",
        b"mp4", b"mp3", b"doc", b"docx", b"xml", b"json", b"com", b"net", b"org", b"io", b"test",
    ];
    let is_sign = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'@')
    };
    let end = head.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    head.iter().all(is_sign) && end.len() < head.len() && ENDS.contains(&end)
}

/// Whether everything before the separator is an address, which is the input of a form for `ping`.
pub(super) fn is_address(head: Option<&[u8]>) -> bool {
    // A longer text is none, and there may be a separator at each of its bytes.
    let head = head.filter(|head| head.len() <= MAX_BEFORE);
    let head = head.and_then(|head| std::str::from_utf8(head.trim_ascii()).ok());
    head.is_some_and(|head| head.parse::<std::net::Ipv4Addr>().is_ok())
}

/// `ps: one more thing`, `passwd, and then`: the first word of the next line of a text. The Windows
/// shell takes a comma for a blank, so words must follow it; and no sign may follow with which the
/// line could do something else.
pub(super) fn is_next_line(rest: &[u8]) -> bool {
    let is_sign = |byte: &u8| b"<>`$|;&".contains(byte);
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || *byte >= 0x80;
    let goes_on = match rest {
        [b':', b' ', ..] => true,
        [b':', next, ..] => is_letter(next),
        [b',', b' ', text @ ..] => {
            let len = text.iter().take_while(|byte| is_letter(byte)).count();
            len > 0 && matches!(text.get(len..), Some([] | [b' ', ..]))
        }
        _ => false,
    };
    goes_on && !rest.iter().any(is_sign)
}

/// Whether there are line breaks around `at`, as in a table.
fn has_lines(text: &[u8], at: usize) -> bool {
    let around = text
        .get(at.saturating_sub(MAX_BEFORE)..)
        .unwrap_or_default();
    around
        .iter()
        .take(2 * MAX_BEFORE)
        .any(|byte| *byte == b'\n')
}

/// `` `id`, `name` ``, `` `date`: text ``: whether a name in back-quotes at the start of a text is
/// the first of several, or is explained. `rest` follows the name.
pub(super) fn begins_list(rest: &[u8]) -> bool {
    let Some((b'`', after)) = rest.split_first() else {
        return false;
    };
    let joints: [&[u8]; 6] = [b", `", b" and `", b" or `", b" / `", b" | `", b": "];
    joints.iter().any(|joint| after.starts_with(joint))
}

/// The roles of code and links in the markup of Python's documentation.
const ROLES: [&[u8]; 14] = [
    b"attr", b"class", b"command", b"data", b"doc", b"envvar", b"exc", b"file", b"func", b"meth",
    b"mod", b"program", b"ref", b"term",
];

/// Whether a text ends with the role of the code that follows in back-quotes, `` :meth:`eval` ``, or
/// begins a link of that name, `` .. _`python x`: ``.
pub(super) fn ends_in_role(before: &[u8]) -> bool {
    let from = before.len().saturating_sub(MAX_BEFORE);
    let near = before.get(from..).unwrap_or_default();
    if near.ends_with(b".. _") {
        return true;
    }
    let Some((b':', before)) = near.split_last() else {
        return false;
    };
    let is_letter = |byte: &&u8| byte.is_ascii_lowercase() || **byte == b':';
    let len = before.iter().rev().take_while(is_letter).count();
    let (before, role) = before.split_at(before.len() - len);
    let domains: [&[u8]; 3] = [b":py:", b":c:", b":js:"];
    let domain = domains.iter().find_map(|domain| role.strip_prefix(*domain));
    let role = domain
        .or_else(|| role.strip_prefix(b":"))
        .unwrap_or_default();
    matches!(before, [.., b' ' | b'\n' | b'(']) && ROLES.contains(&role)
}

/// `` `a` to true ``: what follows a word is the name of something in back-quotes, in a sentence.
pub(super) fn shows_a_name(rest: &[u8]) -> bool {
    let name = rest.strip_prefix(b" `").unwrap_or_default();
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b'-' | b'.');
    let len = name.iter().take(MAX_BEFORE).take_while(is_part).count();
    len > 0 && matches!(name.get(len..), Some([b'`', b' ', next, ..]) if next.is_ascii_lowercase())
}

/// `` `show c' for details. ``: what follows `type` in a notice of the GPL, up to the end of its
/// line. The apostrophe is none of the signs that a shell sees. Nothing behind it is a path.
pub(super) fn shows_a_licence(rest: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b" `show c for details", b" `show w for details"];
    let is_path = |pair: &[u8; 2]| {
        let [first, second] = *pair;
        b"/\\:%".contains(&second) || first == b'.' && is_word(second)
    };
    names.iter().any(|name| rest.starts_with(name)) && !rest.array_windows().any(is_path)
}

/// `.. |name| image:: x`: what follows a name in bars defines it, in the markup of Python's
/// documentation.
pub(super) fn defines_substitution(before: &[u8], rest: &[u8]) -> bool {
    const KINDS: [&[u8]; 4] = [b"image:: ", b"unicode:: ", b"replace:: ", b"date:: "];
    let name = cut(rest, 0, MAX_BEFORE);
    let is_part = |byte: &&u8| is_word(**byte) || matches!(byte, b' ' | b'-');
    let len = name.iter().take_while(is_part).count();
    let begins = before
        .strip_suffix(b".. ")
        .is_some_and(|line| matches!(line, [] | [.., b'\n']));
    let end = Some(len).filter(|at| begins && name.get(*at) == Some(&b'|'));
    let kind = end
        .and_then(|at| rest.get(at + 1..))
        .map(<[u8]>::trim_ascii_start);
    kind.is_some_and(|kind| KINDS.iter().any(|known| kind.starts_with(known)))
}

/// Whether the back-quote after `before` ends the code that another one on its line begins after a
/// blank, so that what follows is text: `` the `import` (python 3.10) ``.
pub(super) fn closes_code(before: &[u8]) -> bool {
    let from = before.len().saturating_sub(MAX_BEFORE);
    let near = before.get(from..).unwrap_or_default();
    let Some(open) = memchr::memrchr2(b'`', b'\n', near) else {
        return false;
    };
    let (head, code) = near.split_at(open);
    code.len() > 1 && code.first() == Some(&b'`') && matches!(head, [.., b' ' | b'\n'])
}

/// Whether the separator belongs to the layout of a text: an indented line of a trace, a cell of a
/// table, the end of an HTML entity.
pub(super) fn is_layout(text: &[u8], at: usize, kind: Command, rest: &[u8]) -> bool {
    let spaced = text.get(at + 1) == Some(&b' ');
    match text.get(at) {
        Some(b'\n') => spaced && kind != Command::Certain,
        Some(b'&') => {
            spaced && matches!(rest, [b'<', next, ..] if next.is_ascii_alphabetic())
                || closes_shown_tag(rest)
        }
        Some(b'|') => {
            let cells = text.iter().filter(|byte| **byte == b'|').take(4).count();
            // A row of a table, with or without blanks around its cells.
            let after = rest.trim_ascii();
            let begins = at == 0 || text.get(at - 1) == Some(&b'\n');
            let begins_cell = |joint: &[u8]| {
                let next = after.strip_prefix(joint).and_then(|cell| cell.first());
                begins && next.is_some_and(|byte| is_word(*byte))
            };
            spaced && cells > 3 && (after.starts_with(b"| ") || after == b"|")
                || kind != Command::Certain
                    && (cells > 2 && begins_cell(b"|")
                        || cells > 3 && after == b"|" && has_lines(text, at))
                || kind != Command::Certain && begins_cell(b"||") && after.ends_with(b"||")
        }
        Some(b';') => {
            let before = text.get(at.saturating_sub(8)..at).unwrap_or_default();
            let name = before
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
                .count();
            name > 1 && before.len() > name && before.get(before.len() - name - 1) == Some(&b'&')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_in_a_text_has_a_role_or_ends() {
        for (before, has_role) in [
            ("the :func:", true),
            ("see (:py:meth:", true),
            ("x\n.. _", true),
            (":func:", false),
            (" :a:", false),
            ("a:", false),
            ("::", false),
            ("x:a:", false),
            (":A:", false),
            ("", false),
        ] {
            assert_eq!(ends_in_role(before.as_bytes()), has_role, "{before}");
        }
        for (before, is_closed) in [
            ("the `import", true),
            ("`import", false),
            ("x`import", false),
            ("the `", false),
            ("the `import\nx", false),
            ("the import", false),
        ] {
            assert_eq!(closes_code(before.as_bytes()), is_closed, "{before}");
        }
        for (before, rest, is_defined) in [
            (".. ", "dd| unicode:: U+02146 .. dd", true),
            ("x\n.. ", "python versions|    image:: a.png", true),
            ("x.. ", "dd| unicode:: x", false),
            ("x", "nc| date:: y", false),
            (".. ", "wget x.test/a| image:: y", false),
            (".. ", "dd| x", false),
            (".. ", "dd unicode:: x", false),
            (".. ", "dd\n| unicode:: x", false),
        ] {
            let found = defines_substitution(before.as_bytes(), rest.as_bytes());
            assert_eq!(found, is_defined, "{before}|{rest}");
        }
        for (rest, is_shown) in [
            (" `a` to true", true),
            (" `a.b` and", true),
            (" `a`", false),
            (" `web.config", false),
            (" `a;b` x", false),
        ] {
            assert_eq!(shows_a_name(rest.as_bytes()), is_shown, "{rest}");
        }
        for (rest, is_shown) in [
            (" `show w for details.", true),
            (" `show c for details. the", true),
            (" `show c for details d:/site", false),
            (" `show c for details web.config", false),
            (" `b c d e", false),
        ] {
            assert_eq!(shows_a_licence(rest.as_bytes()), is_shown, "{rest}");
        }
    }

    #[test]
    fn an_address_is_short_and_alone() {
        assert!(is_address(Some(b"8.8.8.8")));
        assert!(is_address(Some(b" 127.0.0.1 ")));
        let far = [b" ".repeat(MAX_BEFORE).as_slice(), b"8.8.8.8"].concat();
        for head in [far.as_slice(), b"8.8.8", b"a 8.8.8.8", b"\xff8.8.8.8", b""] {
            assert!(!is_address(Some(head)), "{head:?}");
        }
        assert!(!is_address(None));
    }
}
