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
    /// The keys of the [form guard](crate::form_guard), of 16 bytes at least: the first signs, all verify. `env:NAME` takes one from a variable. Default none: where a
    /// guard is used it has a random key, and its tokens hold neither on another machine nor after a restart.
    pub keys: Vec<String>,
    /// How old a form guard's token may be; then 409. Default 24 h.
    #[serde(with = "serde_duration")]
    pub max_page_time: Duration,
    /// Paths to which every post must carry a form guard's token, written as exempt paths are: `/contact`, `/forms/`. Default none.
    pub guarded_paths: Vec<String>,
}

impl Default for HoneypotSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            min_form_time: Duration::from_secs(1),
            min_login_time: Duration::from_millis(300),
            skip_authenticated: true,
            keys: Vec::new(),
            max_page_time: Duration::from_secs(24 * 3600),
            guarded_paths: Vec::new(),
        }
    }
}
