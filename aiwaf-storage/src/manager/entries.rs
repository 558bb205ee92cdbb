//! Parses what people enter into the values that the lists keep.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use aiwaf_core::client::{canonical_network, host_network};
use aiwaf_core::policy::ExemptPath;
use ipnet::IpNet;

use super::Width;

/// The longest keyword, in bytes. A longer one cannot match anything that a request carries in a
/// path.
const LONGEST_KEYWORD: usize = 1024;

/// A value that no list accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEntry {
    /// Neither an address nor a network.
    #[error(
        "{0:?} is not an address or network; expected for example 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32"
    )]
    Network(String),
    /// A network that contains more addresses than anybody lists by hand on purpose.
    #[error("{network} is too wide; a network wider than /{floor} must be forced")]
    TooWide {
        /// The network.
        network: IpNet,
        /// The shortest prefix length that is accepted without force.
        floor: u8,
    },
    /// A keyword that is empty or too long.
    #[error("{0:?} is not a keyword; expected 1 to 1024 bytes that are not all white space")]
    Keyword(String),
    /// Not an exempt path.
    #[error("{0:?} is not an exempt path; expected /path, /directory/ or *.extension")]
    Path(String),
    /// A pattern that covers every path.
    #[error(
        "{0:?} would exempt every path; if that is intended, add it to exempt_paths in the settings"
    )]
    EveryPath(String),
    /// Not a country code.
    #[error("{0:?} is not a country; expected a code of two letters, such as FR")]
    Country(String),
    /// A ban whose duration is zero or more than a thousand years.
    #[error("a ban of {0:?} is not allowed; expected more than zero and at most 1000 years")]
    Duration(Duration),
}

/// A thousand years. A longer ban is invalid; a permanent one has no duration.
const LONGEST_BAN: Duration = Duration::from_secs(1000 * 365 * 86_400);

pub(super) fn end(began: SystemTime, duration: Duration) -> Result<SystemTime, InvalidEntry> {
    if duration.is_zero() || duration > LONGEST_BAN {
        return Err(InvalidEntry::Duration(duration));
    }
    began
        .checked_add(duration)
        .ok_or(InvalidEntry::Duration(duration))
}

pub(super) fn parse_network(text: &str, width: Width) -> Result<IpNet, InvalidEntry> {
    let text = text.trim();
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(host_network))
        .map(canonical_network)
        .map_err(|_| InvalidEntry::Network(text.to_owned()))?;
    let floor = match network {
        IpNet::V4(_) => 8,
        IpNet::V6(_) => 16,
    };
    if width == Width::Ordinary && network.prefix_len() < floor {
        return Err(InvalidEntry::TooWide { network, floor });
    }
    Ok(network)
}

pub(super) fn parse_keyword(text: &str) -> Result<String, InvalidEntry> {
    let keyword = text.trim();
    if keyword.is_empty() || keyword.len() > LONGEST_KEYWORD {
        return Err(InvalidEntry::Keyword(text.to_owned()));
    }
    Ok(keyword.to_owned())
}

/// The common form of keywords that match the same text: letter case and the amount of white space
/// do not matter.
pub(super) fn folded_keyword(keyword: &str) -> String {
    let words: Vec<String> = keyword.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// The common form of exempt paths that mean the same. Files written by hand may use any letter
/// case.
/// Text that is no pattern keeps its spelling, so that it can be removed.
pub(super) fn folded_path(path: &str) -> String {
    match ExemptPath::parse(path) {
        Ok(pattern) => pattern.to_string(),
        Err(_) => path.trim().to_ascii_lowercase(),
    }
}

/// The spelling that is stored: lower case, as it is matched.
pub(super) fn parse_path(text: &str) -> Result<String, InvalidEntry> {
    match ExemptPath::parse(text) {
        Ok(_) => Ok(folded_path(text)),
        Err(_) => Err(InvalidEntry::Path(text.to_owned())),
    }
}

pub(super) fn parse_country(text: &str) -> Result<String, InvalidEntry> {
    let code = text.trim();
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(InvalidEntry::Country(text.to_owned()));
    }
    Ok(code.to_ascii_uppercase())
}
