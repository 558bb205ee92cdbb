//! The settings of the `payload` protection.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::serde_duration;
use super::prefix::lies_under;
use super::types::OnFailure;
use crate::carriers::Limits;
use crate::payload::Paranoia;
use crate::protection::Mode;

/// Detects attacks in any carrier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PayloadSettings {
    /// Default `block`.
    pub mode: Mode,
    /// The paranoia level, 1 to 4. At a higher level, less evidence is enough. Default 1; `strict`
    /// 2.
    pub paranoia: u8,
    /// How many bytes of a body are inspected. Default 2 MiB.
    pub body_limit: usize,
    /// How long a client may take to send those bytes. After that, the response is 408. Default 30
    /// s.
    #[serde(with = "serde_duration")]
    pub body_deadline: Duration,
    /// How to treat a longer body. Default `refuse`, with 413.
    pub oversize: Oversize,
    /// How to treat a request with more values or levels than are inspected, or one that backends
    /// parse in different ways. Default `refuse`.
    pub spent: OnFailure,
    /// Fields in which some attacks are legitimate content. Default none.
    pub exempt: Vec<PayloadExemption>,
}

impl Default for PayloadSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            paranoia: 1,
            body_limit: 2 * 1024 * 1024,
            body_deadline: Duration::from_secs(30),
            oversize: Oversize::Refuse,
            spent: OnFailure::Refuse,
            exempt: Vec::new(),
        }
    }
}

impl PayloadSettings {
    /// The paranoia level as the detector's type.
    pub fn paranoia(&self) -> Paranoia {
        Paranoia::from_level(self.paranoia).unwrap_or_default()
    }

    /// The limits for splitting a request whose body is inspected up to this many bytes.
    pub fn limits(&self, body_limit: usize) -> Limits {
        let mut limits = Limits::default();
        limits.inflated = body_limit;
        limits
    }
}

/// How to treat a body that is longer than the inspected part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oversize {
    /// Refuse it with 413.
    #[default]
    Refuse,
    /// Inspect the first part and let the rest pass uninspected.
    Pass,
}

/// A field that may contain what would be an attack elsewhere, such as a forum post about SQL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PayloadExemption {
    /// The prefix of the normalised path, ignoring case. `/forum` covers `/forum` and `/forum/new`,
    /// but not `/forums`. `/` covers every path.
    pub path: String,
    /// Names of parameters, form fields, parts or JSON keys (`post.text`), ignoring case. Empty for
    /// every field.
    pub fields: Vec<String>,
    /// Categories (`sqli`, `xss`, …) that are allowed in these fields. Empty for every category.
    pub categories: Vec<String>,
}

impl PayloadExemption {
    /// Whether the exemption covers this normalised path.
    pub fn covers(&self, path: &[u8]) -> bool {
        lies_under(path, self.path.as_bytes())
    }

    /// Whether the exemption covers a field of this name.
    pub fn names(&self, field: &[u8]) -> bool {
        self.fields.is_empty()
            || self
                .fields
                .iter()
                .any(|name| name.as_bytes().eq_ignore_ascii_case(field))
    }

    /// Whether the exemption covers this category.
    pub fn spares(&self, category: &str) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|name| name == category)
    }
}
