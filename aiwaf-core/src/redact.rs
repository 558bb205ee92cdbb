//! Replacing the values of query parameters that must not be copied.

use std::borrow::Cow;

use crate::normalize::{Buffer, percent_decode};
use crate::settings::Settings;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// The names whose values are not copied. Names are compared ignoring case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SecretNames {
    names: Vec<String>,
    /// The lengths of the names, one bit each. Most other names are ruled out by their length.
    lengths: u64,
}

const fn length_bit(length: usize) -> u64 {
    1 << if length < 63 { length } else { 63 }
}

/// Headers that carry credentials, whatever the settings say.
const ALWAYS_SECRET: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

impl SecretNames {
    /// The names from the settings, plus the headers that carry credentials.
    pub(crate) fn of(settings: &Settings) -> Self {
        let names = settings.redact.iter().map(String::as_str);
        Self::new(names.chain(ALWAYS_SECRET))
    }

    pub(crate) fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let lengths = names
            .iter()
            .fold(0, |lengths, name| lengths | length_bit(name.len()));
        Self { names, lengths }
    }

    /// Whether a name, or a part of it, is secret: `password`, `user.password`, `user[password]`,
    /// `password[]`.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        let is_part_end = |byte: &u8| matches!(byte, b'.' | b'[' | b']');
        self.is_one(name) || name.split(is_part_end).any(|part| self.is_one(part))
    }

    fn is_one(&self, name: &[u8]) -> bool {
        self.lengths & length_bit(name.len()) != 0
            && self
                .names
                .iter()
                .any(|secret| secret.as_bytes().eq_ignore_ascii_case(name))
    }

    /// Same as [`SecretNames::has`], for a name as encoded in a query: browsers write
    /// `user%5Bpassword%5D`.
    fn has_encoded(&self, name: &[u8]) -> bool {
        if memchr::memchr(b'%', name).is_none() {
            return self.has(name);
        }
        let mut decoded = Buffer::new();
        percent_decode(name, true, &mut decoded);
        self.has(&decoded)
    }

    /// Redacts a target or URL: the values of secret parameters, and the user part of a URL.
    pub(crate) fn redact<'a>(&self, target: &'a [u8]) -> Cow<'a, [u8]> {
        match user_of(target) {
            None => self.redact_query(target),
            Some((before, after)) => {
                let rest = self.redact_query(after);
                Cow::Owned([before, REDACTED.as_bytes(), &rest].concat())
            }
        }
    }

    fn redact_query<'a>(&self, target: &'a [u8]) -> Cow<'a, [u8]> {
        let query = memchr::memchr2(b'?', b'#', target);
        let Some(at) = query.filter(|_| !self.names.is_empty()) else {
            return Cow::Borrowed(target);
        };
        let (path, query) = target.split_at(at + 1);
        let is_secret =
            |pair: &[u8]| name_and_value(pair).is_some_and(|(name, _)| self.has_encoded(name));
        if !pairs(query).any(is_secret) {
            return Cow::Borrowed(target);
        }
        let mut out = path.to_vec();
        for pair in pairs(query) {
            match name_and_value(pair) {
                Some((name, value)) if self.has_encoded(name) => {
                    out.extend_from_slice(name);
                    out.push(b'=');
                    out.extend_from_slice(REDACTED.as_bytes());
                    out.extend(value.last().filter(|last| is_separator(**last)));
                }
                _ => out.extend_from_slice(pair),
            }
        }
        Cow::Owned(out)
    }
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'&' | b';' | b'#')
}

/// The parameters of a query, each with the separator that ends it.
fn pairs(query: &[u8]) -> impl Iterator<Item = &[u8]> {
    query.split_inclusive(|byte| is_separator(*byte))
}

/// The text before the user part of a URL (`http://user:password@host/`), and the text from the `@`
/// after it.
fn user_of(url: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = memchr::memmem::find(url, b"://")? + 3;
    let (before, rest) = url.split_at_checked(start)?;
    // In a target, a scheme can only occur in the query, where it is an ordinary value.
    if memchr::memchr3(b'/', b'?', b'#', before.get(..start - 2)?).is_some() {
        return None;
    }
    let authority = memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len());
    let at = memchr::memrchr(b'@', rest.get(..authority)?)?;
    Some((before, rest.get(at..)?))
}

fn name_and_value(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b'=', pair)?;
    Some((pair.get(..at)?, pair.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_names_are_replaced() {
        let names = SecretNames::new(["token", "Password"]);
        for (target, expected) in [
            ("/a", "/a"),
            ("/a?q=1", "/a?q=1"),
            ("/a?token=abc", "/a?token=[REDACTED]"),
            (
                "/a?q=1&TOKEN=a=b&password=x;y=2#token=z",
                "/a?q=1&TOKEN=[REDACTED]&password=[REDACTED];y=2#token=[REDACTED]",
            ),
            ("/a?token&token=", "/a?token&token=[REDACTED]"),
            ("/token=1", "/token=1"),
            (
                "/a?user%5Bpassword%5D=x&%74oken=y&a%5Db=z",
                "/a?user%5Bpassword%5D=[REDACTED]&%74oken=[REDACTED]&a%5Db=z",
            ),
            ("/a#token=x", "/a#token=[REDACTED]"),
            (
                "https://ann:x@shop.test/a?b=http://u:v@w/",
                "https://[REDACTED]@shop.test/a?b=http://u:v@w/",
            ),
            (
                "https://shop.test/@ann?token=x",
                "https://shop.test/@ann?token=[REDACTED]",
            ),
            ("/a?b=http://u:v@w/", "/a?b=http://u:v@w/"),
            ("http://u@", "http://[REDACTED]@"),
            (
                "/a?password[]=x&user[password][]=y&token.0=z&[token=w",
                "/a?password[]=[REDACTED]&user[password][]=[REDACTED]&token.0=[REDACTED]&[token=[REDACTED]",
            ),
            (
                "/a?user[password]=x&login.token=y&passwords=z",
                "/a?user[password]=[REDACTED]&login.token=[REDACTED]&passwords=z",
            ),
        ] {
            assert_eq!(names.redact(target.as_bytes()), expected.as_bytes());
        }
    }
}
