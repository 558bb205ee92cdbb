//! `geo_block`: which countries are served.

use serde::{Deserialize, Serialize};

use crate::geo::Country;
use crate::protection::Mode;

/// The countries to serve or refuse. Countries in the store are blocked too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeoSettings {
    /// Default `block`.
    pub mode: Mode,
    /// A MaxMind DB file. It is read at startup and again whenever it changes. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Countries that are refused. Default none.
    pub block: Vec<Country>,
    /// If not empty, only these countries are served. Default none.
    pub allow: Vec<Country>,
    /// How to treat addresses whose country is unknown, private ones included. Default `allow`;
    /// with an allow list, `block`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<UnknownCountry>,
}

/// How to treat addresses whose country is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCountry {
    /// Serve them.
    Allow,
    /// Refuse them.
    Block,
}

impl GeoSettings {
    /// The setting that cannot be enforced without a database, if there is one.
    pub(crate) fn list_in_need(&self) -> Option<&'static str> {
        match (self.block.is_empty(), self.allow.is_empty()) {
            _ if self.mode == Mode::Off => None,
            (false, _) => Some("geo.block"),
            (_, false) => Some("geo.allow"),
            // Without a database, every country is unknown.
            _ if self.unknown == Some(UnknownCountry::Block) => Some("geo.unknown"),
            (true, true) => None,
        }
    }

    /// Whether the settings can refuse a client for its country.
    pub fn blocks(&self) -> bool {
        self.list_in_need().is_some()
    }
}
