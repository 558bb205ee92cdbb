//! `geo_block`: which countries are served.

use serde::{Deserialize, Serialize};

use crate::geo::Country;
use crate::protection::Mode;

/// Countries. Those of the store are blocked too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeoSettings {
    /// Default `block`.
    pub mode: Mode,
    /// A MaxMind DB file. It is read at the start and again whenever it changes. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Countries that are refused. Default none.
    pub block: Vec<Country>,
    /// If there are any: no others than these are served. Default none.
    pub allow: Vec<Country>,
    /// What becomes of addresses whose country is not known, private ones among them. Default `allow`; with an allow
    /// list, `block`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<UnknownCountry>,
}

/// What becomes of addresses whose country is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCountry {
    /// They are served.
    Allow,
    /// They are refused.
    Block,
}

impl GeoSettings {
    /// The list that cannot hold without a database, if there is one.
    pub(crate) fn list_in_need(&self) -> Option<&'static str> {
        match (self.block.is_empty(), self.allow.is_empty()) {
            _ if self.mode == Mode::Off => None,
            (false, _) => Some("geo.block"),
            (_, false) => Some("geo.allow"),
            // Without one nothing is known of anybody.
            _ if self.unknown == Some(UnknownCountry::Block) => Some("geo.unknown"),
            (true, true) => None,
        }
    }

    /// Whether the settings refuse anybody for a country.
    pub fn blocks(&self) -> bool {
        self.list_in_need().is_some()
    }
}
