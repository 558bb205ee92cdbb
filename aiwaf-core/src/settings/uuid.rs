//! `uuid_tamper`: where UUIDs are expected, and how many wrong guesses are allowed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::serde_duration;
use super::validate::{InvalidSetting, require};
use crate::protection::Mode;

/// Where UUIDs are expected. Besides `params`, every route parameter whose name equals or ends with
/// `uuid` must be one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UuidSettings {
    /// Default `block`.
    pub mode: Mode,
    /// Query parameters that must be UUIDs. Default `uuid`.
    pub params: Vec<String>,
    /// The spellings that are accepted. Default all.
    pub spellings: Vec<UuidSpelling>,
    /// How to treat ids of another kind in `params`: sites use parameters of that name for numbers,
    /// hashes and visitor ids. Default `allow`; `strict`: `refuse`. In routes they are always
    /// refused.
    pub other_ids: OtherIds,
    /// How many ids that do not exist a client may ask for within `window`. Once this number is
    /// reached, requests with ids are refused. Requests that another site makes the client's browser
    /// send are counted apart, and their refusal strikes nobody. Default 5; 0 for any number.
    pub limit: u8,
    /// For how long a missing id counts. Default 60 s.
    #[serde(with = "serde_duration")]
    pub window: Duration,
}

/// A way to write a UUID (RFC 9562, sections 4 and 7). Letters may be in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UuidSpelling {
    /// `550e8400-e29b-41d4-a716-446655440000`
    Hyphenated,
    /// `550e8400e29b41d4a716446655440000`
    Simple,
    /// `{550e8400-e29b-41d4-a716-446655440000}`
    Braced,
    /// `urn:uuid:550e8400-e29b-41d4-a716-446655440000`
    Urn,
}

/// How to treat ids that are not UUIDs: sixteen or more letters, digits, dots, hyphens and
/// underscores, with at least one digit, and not in the shape of a UUID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherIds {
    /// Let them pass.
    #[default]
    Allow,
    /// Treat them as malformed.
    Refuse,
}

impl UuidSpelling {
    /// Every spelling.
    pub const ALL: [Self; 4] = [Self::Hyphenated, Self::Simple, Self::Braced, Self::Urn];
}

impl Default for UuidSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            params: vec!["uuid".to_owned()],
            spellings: UuidSpelling::ALL.to_vec(),
            other_ids: OtherIds::Allow,
            limit: 5,
            window: Duration::from_secs(60),
        }
    }
}

impl UuidSettings {
    pub(super) fn validate(&self) -> Result<(), InvalidSetting> {
        let window = self.window.as_millis();
        require(
            (1_000..=86_400_000).contains(&window),
            "uuid.window",
            format!("{window}ms"),
            "expected 1 s to 24 h",
        )?;
        require(
            !self.spellings.is_empty(),
            "uuid.spellings",
            "[]",
            "expected at least one spelling, for example \"hyphenated\"",
        )?;
        require(
            !self.params.iter().any(String::is_empty),
            "uuid.params",
            "\"\"",
            "expected names of query parameters",
        )
    }
}
