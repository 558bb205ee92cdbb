//! `header_validation`: which headers a request must have, and which clients are accepted.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::good_bots::BotOrigin;
use super::validate::{InvalidSetting, require};
use crate::headers::is_token;
use crate::protection::Mode;

/// Header validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderSettings {
    /// Default `block`.
    pub mode: Mode,
    /// The headers that a request must have. Default `browsers`; `classic`: `User-Agent` and
    /// `Accept`.
    pub required: RequiredHeaders,
    /// How to treat curl, python-requests and similar clients. Default `allow`; `strict` and
    /// `classic`: `refuse`.
    pub generic_clients: GenericClients,
    /// Good bots: the name in the user agent, and the bot's networks and the domains in which its
    /// addresses have names. Default none.
    pub good_bots: BTreeMap<String, Vec<BotOrigin>>,
    /// The maximum number of header lines. Default 100, which is four times what browsers were seen
    /// to send and equals HTTP servers' own limit.
    pub max_count: usize,
    /// The maximum size of all header lines in bytes. Default 64 KiB, because cookies and Kerberos
    /// tickets are long.
    pub max_bytes: usize,
    /// The maximum length of a user agent in bytes. Default 1024, three times what was seen;
    /// `classic`: 500.
    pub max_user_agent: usize,
}

impl Default for HeaderSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            required: RequiredHeaders::Browsers,
            generic_clients: GenericClients::Allow,
            good_bots: BTreeMap::new(),
            max_count: 100,
            max_bytes: 64 * 1024,
            max_user_agent: 1024,
        }
    }
}

/// How to treat programs that are not browsers and say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenericClients {
    /// Treat them like any other client.
    #[default]
    Allow,
    /// Refuse them.
    Refuse,
}

/// The headers that a request must have.
///
/// In a file: `"browsers"`, a list for all methods, or a table of lists by method. Methods that the
/// table does not name keep the preset's default. An empty list turns the whole check off for its
/// method.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RequiredHeaders {
    /// `Accept`, if the user agent claims to be a browser.
    #[default]
    Browsers,
    /// These headers, in lower case, for every method.
    All(Vec<String>),
    /// The headers for each method. Methods are in upper case.
    ByMethod(BTreeMap<String, Vec<String>>),
}

impl RequiredHeaders {
    fn names(&self) -> impl Iterator<Item = &String> {
        let (all, tables) = match self {
            Self::Browsers => (None, None),
            Self::All(names) => (Some(names), None),
            Self::ByMethod(methods) => (None, Some(methods.values().flatten())),
        };
        all.into_iter()
            .flatten()
            .chain(tables.into_iter().flatten())
    }
}

/// A header name in lower case. The predecessor's `HTTP_USER_AGENT` is `user-agent`.
fn header_name(name: &str) -> String {
    match name.strip_prefix("HTTP_") {
        Some(rest) => rest.replace('_', "-"),
        None => name.to_owned(),
    }
    .trim()
    .to_ascii_lowercase()
}

impl Serialize for RequiredHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Browsers => serializer.serialize_str("browsers"),
            Self::All(names) => serializer.collect_seq(names),
            Self::ByMethod(methods) => serializer.collect_map(methods),
        }
    }
}

impl<'de> Deserialize<'de> for RequiredHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RequiredVisitor)
    }
}

struct RequiredVisitor;

impl<'de> de::Visitor<'de> for RequiredVisitor {
    type Value = RequiredHeaders;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"browsers\", a list of header names, or a table of such lists by method")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "browsers" => Ok(RequiredHeaders::Browsers),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = items.next_element::<String>()? {
            names.push(header_name(&name));
        }
        Ok(RequiredHeaders::All(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut methods = BTreeMap::new();
        while let Some((method, names)) = entries.next_entry::<String, Vec<String>>()? {
            let names = names.iter().map(|name| header_name(name)).collect();
            methods.insert(method.to_ascii_uppercase(), names);
        }
        Ok(RequiredHeaders::ByMethod(methods))
    }
}

impl HeaderSettings {
    /// Whether any good bot is identified by its domain, which requires a name lookup.
    pub fn names_domains(&self) -> bool {
        let mut origins = self.good_bots.values().flatten();
        origins.any(|origin| matches!(origin, BotOrigin::Domain(_)))
    }

    pub(super) fn validate(&self) -> Result<(), InvalidSetting> {
        for name in self.required.names() {
            require(
                is_token(name.as_bytes()) && name != "browsers",
                "headers.required",
                format!("{name:?}"),
                "expected header names, for example \"Accept\"",
            )?;
        }
        for name in self.good_bots.keys() {
            require(
                name.trim().len() >= 3,
                "headers.good_bots",
                format!("{name:?}"),
                "expected at least three letters of the bot's user agent",
            )?;
        }
        for (setting, value, least) in [
            ("headers.max_count", self.max_count, 20),
            ("headers.max_bytes", self.max_bytes, 1024),
            ("headers.max_user_agent", self.max_user_agent, 200),
        ] {
            let expected = format!("expected at least {least}, because browsers send that much");
            require(value >= least, setting, value, expected)?;
        }
        Ok(())
    }
}
