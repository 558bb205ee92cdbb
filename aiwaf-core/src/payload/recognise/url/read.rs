//! The parts of a URL, and where the next URL may begin in a text.

use super::is_server_scheme;

/// A URL split into its parts.
pub(super) struct Url<'a> {
    pub(super) scheme: &'a [u8],
    /// What stands before the `@` of the host. Some readers take it for the host.
    pub(super) user: &'a [u8],
    pub(super) host: &'a [u8],
    pub(super) tail: &'a [u8],
    pub(super) whole: &'a [u8],
}

pub(super) fn next_candidate(text: &[u8]) -> Option<&[u8]> {
    let at = text
        .iter()
        .skip(1)
        .take(4096)
        .position(|b| matches!(b, b'=' | b'@' | b' ' | b'(' | b'"'))?
        + 2;
    text.get(at..)
}

/// What follows any number of slashes of either kind, of which a reader needs none.
fn without_slashes(text: &[u8]) -> &[u8] {
    let slashes = text.iter().take_while(|byte| matches!(byte, b'/' | b'\\'));
    text.get(slashes.count()..).unwrap_or_default()
}

pub(super) fn read(text: &[u8], first: bool) -> Option<Url<'_>> {
    let (scheme, after) = if first && text.starts_with(b"//") {
        (text.get(..0)?, text.get(2..)?)
    } else {
        let len = text
            .iter()
            .take(20)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-' | b'_'))
            .count();
        let scheme = text.get(..len)?;
        let rest = text.get(len..)?.strip_prefix(b":")?;
        match rest
            .strip_prefix(b"//")
            .or_else(|| rest.strip_prefix(b"\\\\"))
        {
            // `http:///host`, `http:/\\host`
            Some(after) if scheme.starts_with(b"http") => (scheme, without_slashes(after)),
            Some(after) => (scheme, after),
            // `http:/host`, `http:\\host`: one slash, or the other one.
            None if matches!(scheme, b"http" | b"https")
                && matches!(rest.first(), Some(b'/' | b'\\')) =>
            {
                (scheme, without_slashes(rest))
            }
            // `rmi:/host/x`, `file:/etc`
            None if is_server_scheme(scheme) && rest.starts_with(b"/") => (scheme, rest),
            None if matches!(scheme, b"jar" | b"netdoc" | b"expect" | b"http" | b"https")
                && rest.len() > 2 =>
            {
                (scheme, rest)
            }
            None => return None,
        }
    };
    let end = after
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#' | b'\\' | b' ' | b'"' | b'\''))
        .unwrap_or(after.len());
    let authority = after.get(..end)?;
    let host = authority.rsplit(|&b| b == b'@').next().unwrap_or_default();
    let user = authority
        .get(..authority.len().saturating_sub(host.len() + 1))
        .unwrap_or_default();
    let host = if host.starts_with(b"[") {
        let close = host
            .iter()
            .position(|&b| b == b']')
            .map_or(host.len(), |i| i + 1);
        host.get(..close)?
    } else {
        host.split(|&b| matches!(b, b':' | b'!'))
            .next()
            .unwrap_or_default()
    };
    Some(Url {
        scheme,
        user: user
            .split(|&b| matches!(b, b':' | b'@'))
            .next()
            .unwrap_or_default(),
        host,
        tail: after.get(end..)?,
        whole: text,
    })
}
