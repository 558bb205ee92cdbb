//! The settings of the `payload` protection.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::serde_duration;
use super::prefix::lies_under;
use super::types::OnFailure;
use crate::carriers::Limits;
use crate::payload::Paranoia;
use crate::protection::Mode;

/// Attacks in any carrier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PayloadSettings {
    /// Default `block`.
    pub mode: Mode,
    /// How little evidence is enough, 1 to 4. Default 1; `strict` 2.
    pub paranoia: u8,
    /// Bytes of a body that are inspected. Default 2 MiB.
    pub body_limit: usize,
    /// How long a client may take to send them; then 408. Default 30 s.
    #[serde(with = "serde_duration")]
    pub body_deadline: Duration,
    /// What becomes of a longer body. Default `refuse`, with 413.
    pub oversize: Oversize,
    /// What becomes of a request with more values or levels than are inspected, or one that backends read in
    /// different ways. Default `refuse`.
    pub spent: OnFailure,
    /// Fields in which some attacks are what people are meant to write. Default none.
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
    /// The paranoia as the detector knows it.
    pub fn paranoia(&self) -> Paranoia {
        Paranoia::from_level(self.paranoia).unwrap_or_default()
    }

    /// The bounds of what is split, where a body of this many bytes is inspected.
    pub fn limits(&self, body_limit: usize) -> Limits {
        let mut limits = Limits::default();
        limits.inflated = body_limit;
        limits
    }
}

/// What becomes of a body that is longer than what is inspected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oversize {
    /// Refuse it with 413.
    #[default]
    Refuse,
    /// Inspect the first part and let the rest pass unseen.
    Pass,
}

/// A field that may hold what would be an attack elsewhere: the text of a forum post about SQL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PayloadExemption {
    /// The prefix of the normalised path, case ignored: `/forum` is for `/forum` and `/forum/new`, not for `/forums`; `/` is for
    /// every path, as is no path at all.
    pub path: String,
    /// Names of parameters, form fields, parts or JSON keys (`post.text`), case ignored. Empty for every field.
    pub fields: Vec<String>,
    /// Categories (`sqli`, `xss`, …) that are allowed in them. Empty for every category.
    pub categories: Vec<String>,
}

impl PayloadExemption {
    /// Whether it is for this normalised path.
    pub fn covers(&self, path: &[u8]) -> bool {
        lies_under(path, self.path.as_bytes())
    }

    /// Whether it is for a field of this name.
    pub fn names(&self, field: &[u8]) -> bool {
        self.fields.is_empty()
            || self
                .fields
                .iter()
                .any(|name| name.as_bytes().eq_ignore_ascii_case(field))
    }

    /// Whether it is for this category.
    pub fn spares(&self, category: &str) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|name| name == category)
    }
}
