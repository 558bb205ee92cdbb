//! The settings of the `honeypot` protection.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::serde_duration;
use crate::protection::Mode;

/// Detects forms that are submitted faster than a person can fill them in.
///
/// Neither `Debug` nor serialisation shows the keys, because anyone who can read them can sign
/// tokens.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HoneypotSettings {
    /// Default `block`.
    pub mode: Mode,
    /// The minimum time between the page and the post. Default 1 s; `strict` 2 s.
    #[serde(with = "serde_duration")]
    pub min_form_time: Duration,
    /// The same for login routes, which are recognised by name and where password managers fill in
    /// and submit within a moment. Never more than `min_form_time`. Default 0.3 s. `classic` does
    /// not distinguish such routes.
    #[serde(with = "serde_duration")]
    pub min_login_time: Duration,
    /// Whether logged-in clients are left alone. Default true.
    pub skip_authenticated: bool,
    /// The keys of the [form guard](crate::form_guard), of at least 16 bytes each. The first signs,
    /// all verify. `env:NAME` takes a key from an environment variable. Default none: a guard then
    /// uses a random key, and its tokens are not valid on another machine or after a restart.
    #[serde(serialize_with = "serialize_redacted")]
    pub keys: Vec<String>,
    /// The maximum age of a form guard's token. Older tokens are answered with 409. Default 24 h.
    #[serde(with = "serde_duration")]
    pub max_page_time: Duration,
    /// Paths to which every post must carry a form guard's token, in the syntax of exempt paths:
    /// `/contact`, `/forms/`. Default none.
    pub guarded_paths: Vec<String>,
}

/// Replaces a key wherever settings are shown. It is too short to be a valid key.
const REDACTED: &str = "[REDACTED]";

/// The keys as they are shown. The name of a variable is not secret.
fn redacted(keys: &[String]) -> Vec<&str> {
    keys.iter()
        .map(|key| {
            if key.starts_with("env:") {
                key
            } else {
                REDACTED
            }
        })
        .collect()
}

fn serialize_redacted<S: serde::Serializer>(
    keys: &[String],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    redacted(keys).serialize(serializer)
}

impl fmt::Debug for HoneypotSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HoneypotSettings")
            .field("mode", &self.mode)
            .field("min_form_time", &self.min_form_time)
            .field("min_login_time", &self.min_login_time)
            .field("skip_authenticated", &self.skip_authenticated)
            .field("keys", &redacted(&self.keys))
            .field("max_page_time", &self.max_page_time)
            .field("guarded_paths", &self.guarded_paths)
            .finish()
    }
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

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn keys_are_shown_nowhere() {
        let mut settings = Settings::default();
        settings.honeypot.keys = vec![
            "a secret of many bytes".to_owned(),
            "env:FORM_KEY".to_owned(),
        ];
        let json = serde_json::to_string(&settings).unwrap();
        for shown in [settings.to_toml(), json, format!("{settings:?}")] {
            assert!(!shown.contains("a secret"), "{shown}");
            assert!(shown.contains("[REDACTED]"), "{shown}");
            assert!(shown.contains("env:FORM_KEY"), "{shown}");
        }
        // The placeholder that is shown cannot be used as a key.
        settings.honeypot.keys = vec!["[REDACTED]".to_owned()];
        assert!(settings.validate().is_err());
    }
}
