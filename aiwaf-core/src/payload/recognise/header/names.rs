//! The names of headers, and lines that begin with one.

use crate::payload::squeeze::is_word;

/// Headers that every multipart message has.
pub(super) const DESCRIBING: [&[u8]; 2] = [b"content-type:", b"mime-version:"];

/// Headers that change a message: its recipient, its type.
pub(super) const MAIL_HEADERS: [&[u8]; 2] = [b"bcc:", b"mime-version:"];

/// Headers of a message, which count directly behind an address: in a form, that is its recipient
/// or its sender.
pub(super) const ADDRESSING: [&[u8]; 6] = [
    b"cc:",
    b"to:",
    b"from:",
    b"reply-to:",
    b"sender:",
    b"subject:",
];

/// Headers that an attacker gains from adding to a response or a request.
pub(super) const HEADERS: [&[u8]; 14] = [
    b"set-cookie:",
    b"set-cookie2:",
    b"content-length:",
    b"content-type:",
    b"location: http",
    b"location:http",
    b"location: /",
    b"location:/",
    b"http/1.",
    b"http/2",
    b"x-forwarded-for:",
    b"x-xss-protection:",
    b"transfer-encoding:",
    b"refresh:",
];

/// More headers that an attacker gains from adding, but that people who paste a response write as
/// well. They count in places without text.
pub(super) const RESPONSE: [&[u8]; 22] = [
    b"access-control-",
    b"strict-transport-security:",
    b"content-security-policy",
    b"content-disposition:",
    b"content-encoding:",
    b"content-language:",
    b"clear-site-data:",
    b"cache-control:",
    b"x-frame-options:",
    b"x-content-type-options:",
    b"x-forwarded-host:",
    b"www-authenticate:",
    b"set-cookie ",
    b"trailer:",
    b"vary:",
    b"pragma:",
    b"link:<",
    b"link: <",
    b"etag:",
    b"p3p:",
    b"keep-alive:",
    b"proxy-",
];

/// Whether `line` begins with a custom header: `x-a: 1`, `X-Injected:`.
pub(super) fn is_own(line: &[u8]) -> bool {
    let Some(name) = line
        .get(2..)
        .filter(|_| line.get(..2).is_some_and(|x| x.eq_ignore_ascii_case(b"x-")))
    else {
        return false;
    };
    let len = name
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
        .count();
    len >= 4 && name.get(len) == Some(&b':')
}

/// Whether everything after a line break is a header of any name, and no white space stands before
/// the line break: `x\r\nEvil-Header: 1`. Text of several lines may have such lines too.
pub(super) fn is_titled(before: &[u8], line: &[u8]) -> bool {
    const LONGEST: usize = 40;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
    let len = line.iter().take(LONGEST).take_while(is_part).count();
    let name = line.get(..len).unwrap_or_default();
    let is_word = |word: &[u8]| matches!(word, [first, rest @ ..] if first.is_ascii_uppercase() && !rest.is_empty() && rest.iter().all(u8::is_ascii_lowercase));
    line.get(len) == Some(&b':')
        && name.contains(&b'-')
        && name.split(|byte| *byte == b'-').all(is_word)
        && !before.iter().any(u8::is_ascii_whitespace)
        && memchr::memchr2(b'\r', b'\n', line.trim_ascii_end()).is_none()
}

/// A cookie without bytes that hide its name from a filter: a tab that is still escaped
/// (`\r\n\tSet-Cookie:`), or the digits of a line break that appeared when another one was removed
/// (`%%0a0aSet-Cookie:`).
pub(super) fn unhidden(line: &[u8]) -> &[u8] {
    let [a, b, rest @ ..] = line else {
        return line;
    };
    let is_hidden = matches!(
        (a, b.to_ascii_lowercase()),
        (b'\\', b't') | (b'0', b'a' | b'd')
    );
    match is_hidden && begins(rest, &[b"set-cookie"]) {
        true => rest,
        false => line,
    }
}

/// `Location:www.x.test`: a host, where a list would have the name of a place. A list also has a
/// line before this one.
pub(super) fn is_elsewhere(line: &[u8]) -> bool {
    const NAME: &[u8] = b"location:";
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let rest = line.get(NAME.len()..).unwrap_or_default();
    let len = rest.iter().take_while(is_part).count();
    let host = rest.get(..len).unwrap_or_default();
    begins(line, &[NAME])
        && host
            .array_windows::<3>()
            .any(|[a, dot, b]| *dot == b'.' && is_word(*a) && is_word(*b))
}

/// Whether a line begins with one of the names, ignoring case.
pub(super) fn begins(line: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|name| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}
