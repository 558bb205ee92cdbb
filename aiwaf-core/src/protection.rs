//! The names of the protections, and sets of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One protection. Its name is the same in settings, logs, events and the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Protection {
    /// IP lists, probes and keywords.
    IpKeywordBlock,
    /// Limits per client and route, and per client.
    RateLimit,
    /// Form timing and form traps.
    Honeypot,
    /// Required, conflicting and implausible headers; scanners by name.
    HeaderValidation,
    /// Countries.
    GeoBlock,
    /// Reserved for what a client does over time. Nothing runs under it yet.
    AiAnomaly,
    /// Malformed and guessed UUIDs.
    UuidTamper,
    /// Attacks in any carrier.
    Payload,
    /// The access log.
    Logging,
    /// Checks that the application registers itself.
    Custom,
}

impl Protection {
    /// Every protection.
    pub const ALL: [Self; 10] = [
        Self::IpKeywordBlock,
        Self::RateLimit,
        Self::Honeypot,
        Self::HeaderValidation,
        Self::GeoBlock,
        Self::AiAnomaly,
        Self::UuidTamper,
        Self::Payload,
        Self::Logging,
        Self::Custom,
    ];

    /// The name used in settings, logs and the tool.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IpKeywordBlock => "ip_keyword_block",
            Self::RateLimit => "rate_limit",
            Self::Honeypot => "honeypot",
            Self::HeaderValidation => "header_validation",
            Self::GeoBlock => "geo_block",
            Self::AiAnomaly => "ai_anomaly",
            Self::UuidTamper => "uuid_tamper",
            Self::Payload => "payload",
            Self::Logging => "logging",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not one of [`Protection::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown protection {0:?}; one of {names}", names = Protections::ALL)]
pub struct UnknownProtection(pub String);

impl FromStr for Protection {
    type Err = UnknownProtection;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|protection| protection.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownProtection(name.to_owned()))
    }
}

/// A set of protections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Protections(u16);

impl Protections {
    /// No protection.
    pub const NONE: Self = Self(0);
    /// Every protection.
    pub const ALL: Self = Self((1 << Protection::ALL.len()) - 1);

    /// The set of these protections.
    pub fn of(protections: impl IntoIterator<Item = Protection>) -> Self {
        protections.into_iter().fold(Self::NONE, Self::with)
    }

    /// This set with one more protection.
    #[must_use]
    pub const fn with(self, protection: Protection) -> Self {
        Self(self.0 | 1 << protection as u16)
    }

    /// Whether the set contains the protection.
    pub const fn contains(self, protection: Protection) -> bool {
        self.0 & 1 << protection as u16 != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The protections in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The protections in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The protections in this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The protections in the set, in their fixed order.
    pub fn iter(self) -> impl Iterator<Item = Protection> {
        Protection::ALL
            .into_iter()
            .filter(move |protection| self.contains(*protection))
    }
}

impl FromIterator<Protection> for Protections {
    fn from_iter<I: IntoIterator<Item = Protection>>(protections: I) -> Self {
        Self::of(protections)
    }
}

impl fmt::Display for Protections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, protection) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{protection}")?;
        }
        Ok(())
    }
}

impl Serialize for Protections {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Protections {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names
            .iter()
            .map(|name| name.parse().map_err(serde::de::Error::custom))
            .collect()
    }
}

/// What a protection does with its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The protection does not run.
    Off,
    /// The protection decides and records, but refuses nothing and strikes nobody.
    Monitor,
    /// The protection refuses requests.
    #[default]
    Block,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_back() {
        for protection in Protection::ALL {
            assert_eq!(protection.name().parse(), Ok(protection));
            assert!(Protections::ALL.contains(protection));
        }
        assert!("waf".parse::<Protection>().is_err());
    }

    #[test]
    fn sets_behave_like_sets() {
        let limits = Protections::of([Protection::RateLimit, Protection::Payload]);
        assert_eq!(limits.to_string(), "rate_limit, payload");
        assert!(
            !Protections::ALL
                .without(limits)
                .contains(Protection::Payload)
        );
        assert_eq!(limits.and(Protections::ALL), limits);
    }
}
