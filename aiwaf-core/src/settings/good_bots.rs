//! The origins of a good bot: networks, and domains in which its addresses have names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a good bot's requests come from. In a file, both kinds are strings: `"66.249.64.0/19"`,
/// `"googlebot.com"`.
///
/// ```
/// use aiwaf_core::settings::BotOrigin;
/// assert!(matches!("66.249.64.0/19".parse(), Ok(BotOrigin::Network(_))));
/// assert_eq!(".GoogleBot.com".parse(), Ok(BotOrigin::Domain("googlebot.com".to_owned())));
/// assert!("66.249.64.0/99".parse::<BotOrigin>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotOrigin {
    /// A network that the bot's operator publishes.
    Network(IpNet),
    /// A domain, in lower case. The bot's addresses have names in it, and those names resolve back
    /// to the addresses. This requires a lookup, see
    /// [`FirewallBuilder::bot_lookup`](crate::FirewallBuilder::bot_lookup).
    Domain(String),
}

/// The text is neither a network nor a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is neither a network nor a domain; expected for example \"66.249.64.0/19\" or \"googlebot.com\""
)]
pub struct BotOriginError(String);

impl FromStr for BotOrigin {
    type Err = BotOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let domain = text.strip_prefix('.').unwrap_or(text);
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        if !is_domain(domain) {
            return Err(BotOriginError(text.to_owned()));
        }
        Ok(Self::Domain(domain.to_ascii_lowercase()))
    }
}

/// Requires at least two labels and a last label that is not a number: nobody owns a whole
/// top-level domain, and `10.0.0` is a typo.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(is_label)
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Display for BotOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

impl Serialize for BotOrigin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BotOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_addresses_and_domains_are_told_apart() {
        for (text, shown) in [
            ("66.249.64.0/19", "66.249.64.0/19"),
            ("2001:4860:4801::/48", "2001:4860:4801::/48"),
            ("66.249.66.1", "66.249.66.1/32"),
            ("search.msn.com", "search.msn.com"),
            (" .Crawl.Yahoo.NET. ", "crawl.yahoo.net"),
        ] {
            assert_eq!(text.parse::<BotOrigin>().unwrap().to_string(), shown);
        }
        for text in [
            "",
            ".",
            "com",
            ".com",
            "10.0.0",
            "1.2.3.4/99",
            "a..b",
            "a b.com",
            "*.googlebot.com",
        ] {
            let error = text.parse::<BotOrigin>().unwrap_err().to_string();
            assert!(error.contains("neither a network nor a domain"), "{error}");
        }
    }
}
