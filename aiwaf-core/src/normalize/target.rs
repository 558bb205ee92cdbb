//! Splitting a request-target, without a general URL parser.
//!
//! A URL parser reads `//x` as an authority, which has let attackers hide a path from a firewall. A
//! request-target has one of four forms (RFC 9112, section 3.2), and only the absolute form has an
//! authority.

/// The form of a request-target, one of the four of RFC 9112.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetForm {
    /// `/path?query`
    Origin,
    /// `http://host/path?query`
    Absolute,
    /// `*`, for OPTIONS
    Asterisk,
    /// `host:port`, for CONNECT, and anything else that does not begin with a slash.
    Authority,
}

/// A request-target split into path and query. Nothing is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The target's form.
    pub form: TargetForm,
    /// The raw path, or empty if the form has none.
    pub path: &'a [u8],
    /// The raw query after the first `?`.
    pub query: Option<&'a [u8]>,
}

/// Splits a raw request-target.
///
/// ```
/// use aiwaf_core::normalize::split_target;
/// assert_eq!(split_target(b"//x/y?a=b?c").path, b"//x/y");
/// assert_eq!(split_target(b"http://shop.example/y").path, b"/y");
/// ```
pub fn split_target(raw: &[u8]) -> Target<'_> {
    let (form, rest) = match raw {
        [b'/', ..] => (TargetForm::Origin, raw),
        b"*" => (TargetForm::Asterisk, raw),
        _ => match after_authority(raw) {
            Some(rest) => (TargetForm::Absolute, rest),
            None => (TargetForm::Authority, raw),
        },
    };
    // A client must not send a fragment. It belongs to no query and no route.
    let end = memchr::memchr(b'#', rest).unwrap_or(rest.len());
    let rest = rest.get(..end).unwrap_or(rest);
    match memchr::memchr(b'?', rest) {
        Some(at) => {
            let (path, query) = rest.split_at(at);
            Target {
                form,
                path,
                query: query.get(1..),
            }
        }
        None => Target {
            form,
            path: rest,
            query: None,
        },
    }
}

/// The text after `scheme://authority`, if the target begins with that.
fn after_authority(raw: &[u8]) -> Option<&[u8]> {
    let colon = raw.iter().position(|byte| *byte == b':')?;
    let (scheme, rest) = raw.split_at(colon);
    if !scheme.first()?.is_ascii_alphabetic()
        || !scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
    {
        return None;
    }
    let authority = rest.strip_prefix(b"://")?;
    let end = authority
        .iter()
        .position(|byte| b"/?#".contains(byte))
        .unwrap_or(authority.len());
    authority.get(end..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_told_apart() {
        for (raw, form, path, query) in [
            ("/", TargetForm::Origin, "/", None),
            ("//x", TargetForm::Origin, "//x", None),
            ("/a?b", TargetForm::Origin, "/a", Some("b")),
            ("/a%3fb", TargetForm::Origin, "/a%3fb", None),
            ("/a?", TargetForm::Origin, "/a", Some("")),
            ("/a?b?c#d", TargetForm::Origin, "/a", Some("b?c")),
            ("/a#?b", TargetForm::Origin, "/a", None),
            ("http://h/a?b", TargetForm::Absolute, "/a", Some("b")),
            ("HTTP://h", TargetForm::Absolute, "", None),
            ("http://h?b", TargetForm::Absolute, "", Some("b")),
            ("*", TargetForm::Asterisk, "*", None),
            ("h:443", TargetForm::Authority, "h:443", None),
            ("", TargetForm::Authority, "", None),
            ("1a://h/x", TargetForm::Authority, "1a://h/x", None),
        ] {
            let target = split_target(raw.as_bytes());
            let expected = Target {
                form,
                path: path.as_bytes(),
                query: query.map(str::as_bytes),
            };
            assert_eq!(target, expected, "{raw}");
        }
    }
}
