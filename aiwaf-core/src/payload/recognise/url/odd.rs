//! URLs that only browsers read as URLs of another site.

use super::super::{Input, find};
use super::host::STOP;
use crate::payload::field::Carrier;

/// Whether a redirect may take its target from this carrier; from paths, only with characters that
/// browsers drop.
pub(super) fn names_a_place(input: &Input<'_>) -> bool {
    match input.field.carrier {
        Carrier::QueryValue | Carrier::QueryFlag | Carrier::FormValue | Carrier::FormFlag => true,
        Carrier::Path => input.view.iter().any(u8::is_ascii_control),
        _ => false,
    }
}

/// Whether a URL is written in a way that only browsers read as another site, while a program that
/// compares it reads this site.
pub(super) fn is_odd(text: &[u8]) -> bool {
    is_mixed(text)
        || has_two_users(text)
        || has_many_slashes(text)
        || has_odd_scheme(text)
        || text.strip_prefix(b"/").is_some_and(is_host) && text.ends_with(b"//..")
}

/// Whether a text begins with the name of a host: `x.test`.
fn is_host(text: &[u8]) -> bool {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let len = text.iter().take_while(is_part).count();
    let name = text.get(..len).unwrap_or_default();
    let top = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    top.len() > 1 && top.len() + 1 < name.len() && top.iter().all(u8::is_ascii_alphabetic)
}

/// What follows `http` or `https`.
fn after_scheme(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"http")?;
    Some(rest.strip_prefix(b"s").unwrap_or(rest))
}

/// The slashes and blanks at the start of a URL after its scheme, the rest, and whether it had a
/// scheme.
fn parted(text: &[u8]) -> (&[u8], &[u8], bool) {
    // A blank between the slashes does not belong to a path, and browsers drop it: `/\t/x.test`.
    let is_mark = |byte: &&u8| matches!(byte, b'/' | b'\\' | b' ');
    let authority =
        after_scheme(text).map_or(text, |rest| rest.strip_prefix(b":").unwrap_or_default());
    let marks = authority.iter().take_while(is_mark).count();
    let (marks, rest) = authority.split_at_checked(marks).unwrap_or_default();
    (marks, rest, authority.len() < text.len())
}

/// `/\t/x.test`, `https:/\x.test`: a blank between the slashes, or both kinds of slashes.
fn is_mixed(text: &[u8]) -> bool {
    let (marks, rest, has_scheme) = parted(text);
    let is_parted = matches!(marks, [b'/' | b'\\', .., b'/' | b'\\']) && marks.contains(&b' ');
    // `https:\/\/x.test` is copied from JSON, and `http:\\x.test` is a typing mistake.
    let is_mixed = marks.contains(&b'\\') && marks != b"\\/\\/" && marks != b"\\\\";
    is_host(rest) && (is_parted || has_scheme && is_mixed)
}

/// `https://x.test\@y.test`: the first host for some readers, the second for others.
fn has_two_users(text: &[u8]) -> bool {
    let (_, rest, has_scheme) = parted(text);
    let authority = rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next();
    has_scheme && authority.is_some_and(|authority| find(authority, b"\\@").is_some())
}

/// `////x.test`, `/\x.test`: more slashes than begin a path or a host, or other slashes.
fn has_many_slashes(text: &[u8]) -> bool {
    let is_slash = |byte: &&u8| matches!(byte, b'/' | b'\\');
    let slashes = text.iter().take_while(is_slash).count();
    let (marks, rest) = text.split_at_checked(slashes).unwrap_or((text, b""));
    // The name of a network share begins only with backslashes.
    let is_strange = marks.contains(&b'/') && (slashes > 2 || marks.contains(&b'\\'));
    let named = rest.strip_prefix(b"@").unwrap_or(rest);
    let is_cut = || {
        find(rest, STOP).is_some_and(|at| {
            let host = rest.get(..at).unwrap_or_default();
            !host.is_empty() && !host.contains(&b'/')
        })
    };
    slashes > 1
        && (is_strange && (is_host(named) || is_address(rest)) || marks == b"//" && is_cut())
}

/// `https:x.test`, `https:///x.test/`, `http://a#@b.test/`: a scheme with too few or too many
/// slashes, or a malformed user.
fn has_odd_scheme(text: &[u8]) -> bool {
    let Some(rest) = after_scheme(text) else {
        return false;
    };
    let has_user = has_odd_user(rest, |host| is_host(host) || is_address(host));
    has_user
        || match rest {
            // A link with its slashes merged into one is a mistake, unless its query absorbs what
            // follows.
            [b':', b'/', host @ ..] if is_host(host) && text.ends_with(b".txt?") => true,
            [b':', b'/', b'/', b'/', host @ ..] => is_host(host),
            [b':', b'/', b'/', b':' | b'#' | b'@' | b'\\', ..] => true,
            [b':', next, ..] if next.is_ascii_alphanumeric() => rest.get(1..).is_some_and(is_host),
            _ => false,
        }
}

/// `http://a#@b.test/`: some readers take what follows the `@` for the host, others what precedes
/// it.
fn has_odd_user(rest: &[u8], is_host: impl Fn(&[u8]) -> bool) -> bool {
    const SIGNS: [&[u8]; 2] = [b"#@", b"&@"];
    let authority = rest
        .strip_prefix(b"://")
        .and_then(|rest| rest.split(|byte| matches!(byte, b'/' | b'?')).next());
    authority.is_some_and(|authority| {
        SIGNS.iter().any(|sign| {
            let at = find(authority, sign);
            let host = at.and_then(|at| authority.get(at + sign.len()..));
            host.is_some_and(&is_host)
        })
    })
}

/// Whether a text begins with four numbers between dots, followed only by a port or a path.
fn is_address(text: &[u8]) -> bool {
    let host = text
        .split(|byte| matches!(byte, b'/' | b':' | b'?' | b'#'))
        .next();
    let parts = host.unwrap_or_default().split(|byte| *byte == b'.');
    let is_number =
        |part: &[u8]| matches!(part.len(), 1..=3) && part.iter().all(u8::is_ascii_digit);
    parts.clone().count() == 4 && parts.into_iter().all(is_number)
}
