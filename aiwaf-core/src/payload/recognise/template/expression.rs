//! Expressions: the text between marks computes or accesses something, and is not just the name of
//! a field.

use super::find;
use crate::payload::squeeze::is_word;

/// Names of objects that give access to the interpreter.
pub(super) const OBJECTS: [&[u8]; 22] = [
    b"config",
    b"self",
    b"settings",
    b"request",
    b"app",
    b"_self",
    b"lipsum",
    b"cycler",
    b"joiner",
    b"namespace",
    b"_context",
    b"constructor",
    b"env",
    b"application",
    b"class",
    b"session",
    b"dump",
    b"root",
    b"process",
    b"global",
    b"get_flashed_messages",
    b"url_for",
];

/// Whether the text inside a mark is an expression.
pub(super) fn is_expression(open: &[u8], inner: &[u8], closed: bool) -> bool {
    let body = inner.trim_ascii();
    let body = body
        .strip_prefix(b"=")
        .or_else(|| body.strip_prefix(b"-"))
        .unwrap_or(body)
        .trim_ascii();
    if body.is_empty() {
        return false;
    }
    match open {
        b"<%" => is_page_code(inner, body, closed),
        b"{$" => closed && body.starts_with(b"smarty"),
        b"!{" | b"{@" => closed && arithmetic(body),
        b"@(" | b"[[" => closed && (arithmetic(body) || body.starts_with(b"${")),
        _ if !closed && !matches!(open, b"{{" | b"${" | b"%{") => false,
        _ => {
            arithmetic(body)
                || is_constant(body)
                || is_filtered(body, closed)
                || is_call(body)
                || is_static(body)
                || is_literal_call(body)
                || find(body, b"__").is_some()
                || find(body, b"class").is_some() && body.contains(&b'.')
                || open == b"@{" && body.starts_with(b"var ") && body.contains(&b';')
                || open == b"#{" && closed && runs_ruby(body)
                || matches!(open, b"${" | b"#{") && closed && names_a_scope(body)
                || open == b"{{" && reaches(body, closed)
        }
    }
}

/// `<%= 7*7 %>`: code in a page, except the placeholders for links in a newsletter.
fn is_page_code(inner: &[u8], body: &[u8], closed: bool) -> bool {
    let begins = matches!(
        inner.first(),
        Some(b' ' | b'=' | b'-' | b'@' | b'!' | b'\n' | b'#')
    );
    match closed {
        true => !matches!(inner, b" clickhere " | b" unsubscribe "),
        false => body.len() > 2 && begins,
    }
}

/// `config.x`, `this.constructor`, `.ReadFile "/x"`: an object that gives access to the
/// interpreter, or a method that gives access to a file or a command.
fn reaches(body: &[u8], closed: bool) -> bool {
    const METHODS: [&[u8]; 5] = [
        b".readfile ",
        b".readdir ",
        b".exec ",
        b".command ",
        b".system ",
    ];
    // `[config]`, `''~config`, `1,config`: brackets and operators hide the object from filters.
    let body = body.strip_prefix(b"''").unwrap_or(body);
    let is_wrapping = |byte: &u8| b"([{~,:".contains(byte) || byte.is_ascii_digit();
    let wrapping = body.iter().take_while(|byte| is_wrapping(byte)).count();
    let object = body.get(wrapping..).unwrap_or_default();
    let word = object.split(|b| !is_word(*b)).next().unwrap_or_default();
    let rest = object.get(word.len()..).unwrap_or_default();
    let ends = match rest {
        [] | [b'.' | b'|' | b'[' | b'(', ..] => true,
        [b')' | b']' | b'~', ..] => true,
        _ => rest.starts_with(b" or ") || rest.starts_with(b" if ") || rest.starts_with(b" -"),
    };
    // `this.name` is a field of a list.
    word == b"this" && find(body, b"constructor").is_some()
        || closed && OBJECTS.contains(&word) && ends
        || METHODS.iter().any(|method| find(body, method).is_some())
}

/// `system 'id'`, `ENV['x']`: a command or a file of Ruby, whose calls need no brackets.
fn runs_ruby(body: &[u8]) -> bool {
    const BEGINS: [&[u8]; 16] = [
        b"system ",
        b"spawn ",
        b"exec ",
        b"eval ",
        b"send ",
        b"load ",
        b"require ",
        b"kernel.",
        b"io.read",
        b"io.popen",
        b"file.read",
        b"dir[",
        b"env[",
        b"%x",
        b"process.kill",
        b"rails.application",
    ];
    BEGINS.iter().any(|begin| body.starts_with(begin))
}

/// `sessionScope.user`, `systemProperties['x']`: an object that Java hands to every page.
fn names_a_scope(body: &[u8]) -> bool {
    const SCOPES: [&[u8]; 8] = [
        b"sessionscope",
        b"applicationscope",
        b"requestscope",
        b"pagecontext",
        b"springmacrorequestcontext",
        b"systemproperties",
        b"systemenvironment",
        b"facescontext",
    ];
    let word = body.split(|b| !is_word(*b)).next().unwrap_or_default();
    SCOPES.contains(&word)
}

/// A call that has a closing bracket, or is a method of an object.
fn is_call(body: &[u8]) -> bool {
    let called = |pair: &[u8; 2]| matches!(pair, [name, b'('] if is_word(*name));
    (body.contains(&b')') || body.contains(&b'.')) && body.array_windows().any(called)
}

/// `T(java.lang.Runtime)`, `#a='x'`: access to a class by its name.
fn is_static(body: &[u8]) -> bool {
    body.starts_with(b"t(")
        || body.starts_with(b"(#")
        || body.starts_with(b"#") && body.contains(&b'=')
        || find(body, b"@java.").is_some()
}

/// `''.x`, `'7'*7`: an operation on a string.
fn is_literal_call(body: &[u8]) -> bool {
    matches!(body.first(), Some(b'\'' | b'"'))
        && body
            .array_windows::<2>()
            .any(|pair| matches!(pair, b"'." | b"\"." | b"'|" | b"'[" | b"\"[" | b"'*"))
}

/// `7|add:7`: a filter of a constant. `x|7*7`: a name with a computed default.
fn is_filtered(body: &[u8], closed: bool) -> bool {
    let digits = body.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = body.get(digits..).unwrap_or_default().trim_ascii_start();
    let last = body.iter().rposition(|b| *b == b'|');
    closed && digits > 0 && rest.len() > 1 && rest.starts_with(b"|")
        || last
            .and_then(|bar| body.get(bar + 1..))
            .is_some_and(arithmetic)
}

/// `"34"`: a constant, which needs no expression.
fn is_constant(body: &[u8]) -> bool {
    matches!(body, [b'"', digits @ .., b'"'] | [b'\'', digits @ .., b'\'']
        if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
}

/// `7*7`, `7*'7'`, `3 - 1`: an operator between constants.
pub(super) fn arithmetic(body: &[u8]) -> bool {
    let mut operators = 0;
    let mut digits = 0;
    for &byte in body {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'*' | b'+' | b'-' | b'/' | b'%' | b'^' => operators += 1,
            b' ' | b'\'' | b'"' | b'(' | b')' | b'.' => {}
            _ => return false,
        }
    }
    digits >= 2
        && operators >= 1
        && body
            .first()
            .is_some_and(|b| b.is_ascii_digit() || matches!(b, b'(' | b'\'' | b'"'))
}
