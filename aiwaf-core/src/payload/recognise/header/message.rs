//! Whole messages of protocols: requests, mails, commands of caches and mail servers.

use super::names::begins;
use crate::payload::recognise::find;

/// Commands of mail servers that stand alone on a line, in their usual spelling.
const MAIL: [&[u8]; 8] = [
    b"QUIT",
    b"RSET",
    b"DATA",
    b"NOOP",
    b"VRFY",
    b"EXPN",
    b"LOGOUT",
    b"CAPABILITY",
];

/// The beginnings of a request.
const METHODS: [&[u8]; 8] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"TRACE ",
    b"CONNECT ",
];

/// Whether a complete request stands after the first bytes of a value, or a command of a cache. The
/// line break before it is at `at`, and its first byte is `mark`.
pub(super) fn begins_message(at: usize, mark: u8, line: &[u8]) -> bool {
    let is_request = || {
        let head = line.get(..256).unwrap_or(line);
        METHODS.iter().any(|method| line.starts_with(method)) && find(head, b" HTTP/").is_some()
    };
    at < 16 && is_request() || mark == b'\r' && stores(line)
}

/// Whether the whole value is a mail message, as passed on by services that receive mail: it begins
/// like one and has a date and an id.
pub(super) fn is_message(view: &[u8]) -> bool {
    const HEAD: usize = 8192;
    const FIRST: [&[u8]; 20] = [
        b"arc-",
        b"comment:",
        b"content-transfer-encoding:",
        b"content-type:",
        b"envelope-to:",
        b"in-reply-to:",
        b"list-",
        b"authentication-results:",
        b"dkim-signature:",
        b"reply-to:",
        b"subject:",
        b"x-",
        b"received:",
        b"from:",
        b"return-path:",
        b"delivered-to:",
        b"date:",
        b"message-id:",
        b"mime-version:",
        b"to:",
    ];
    let head = view.get(..HEAD).unwrap_or(view);
    let mut lines = head.split(|byte| *byte == b'\n');
    let has = |name: &[u8]| lines.clone().any(|line| begins(line, &[name]));
    // Some of the names are only the beginnings of one.
    let is_field = |line: &[u8]| {
        let len = line
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
            .count();
        begins(line, &FIRST) && line.get(len) == Some(&b':')
    };
    has(b"message-id:") && has(b"date:") && lines.next().is_some_and(is_field)
}

/// The longest command of a cache, whose keys have at most 250 bytes.
const MAX_LINE: usize = 300;

/// A cache command after a line break, with its numbers: `set key 0 10 10`.
fn stores(line: &[u8]) -> bool {
    let line = line.get(..MAX_LINE).unwrap_or(line);
    let end = find(line, b"\r\n").unwrap_or_default();
    let mut words = line
        .get(..end)
        .unwrap_or_default()
        .split(|byte| *byte == b' ');
    let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    matches!(words.next(), Some(b"set" | b"add" | b"replace" | b"append"))
        && words.next().is_some_and(|key| !key.is_empty())
        && words
            .by_ref()
            .take(3)
            .filter(|word| is_number(word))
            .count()
            == 3
        && words.next().is_none()
}

/// Whether a value is only a command of a mail server on a separate line.
pub(super) fn is_mail_command(view: &[u8]) -> bool {
    matches!(view, [b'\r' | b'\n', ..]) && MAIL.contains(&view.trim_ascii())
}
