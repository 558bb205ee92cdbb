//! The settings of the `honeypot` protection.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::serde_duration;
use crate::protection::Mode;

/// Forms that come back sooner than a person can fill them in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HoneypotSettings {
    /// Default `block`.
    pub mode: Mode,
    /// How long a person takes at least, from the page to the post. Default 1 s; `strict` 2 s.
    #[serde(with = "serde_duration")]
    pub min_form_time: Duration,
    /// The same on login routes, told by their names, where password managers fill in and send in a moment; never more
    /// than `min_form_time`. Default 0.3 s. `classic` knows no such routes.
    #[serde(with = "serde_duration")]
    pub min_login_time: Duration,
    /// Whether clients who have logged in are left alone. Default true.
    pub skip_authenticated: bool,
}

impl Default for HoneypotSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            min_form_time: Duration::from_secs(1),
            min_login_time: Duration::from_millis(300),
            skip_authenticated: true,
        }
    }
}
