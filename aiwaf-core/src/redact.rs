//! Replacing the values of query parameters that must not be copied.

use std::borrow::Cow;

use crate::settings::Settings;

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// The names whose values are not copied, compared without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SecretNames {
    names: Vec<String>,
    /// Which lengths they have, a bit each: most names are told apart by that.
    lengths: u64,
}

const fn length_bit(length: usize) -> u64 {
    1 << if length < 63 { length } else { 63 }
}

/// Headers that carry credentials whatever the settings say.
const ALWAYS_SECRET: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

impl SecretNames {
    /// The names of the settings, and the headers that carry credentials.
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

    /// Whether a name, or a part of one, is among them: `password`, `user.password`, `user[password]`, `password[]`.
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

    /// A target or a URL with the values of secret parameters replaced. Names are compared as they are written:
    /// who hides the name of a secret of its own has only itself to blame.
    pub(crate) fn redact<'a>(&self, target: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(at) = memchr::memchr(b'?', target).filter(|_| !self.names.is_empty()) else {
            return Cow::Borrowed(target);
        };
        let (path, query) = target.split_at(at + 1);
        let is_secret = |pair: &[u8]| name_and_value(pair).is_some_and(|(name, _)| self.has(name));
        if !pairs(query).any(is_secret) {
            return Cow::Borrowed(target);
        }
        let mut out = path.to_vec();
        for pair in pairs(query) {
            match name_and_value(pair) {
                Some((name, value)) if self.has(name) => {
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
