//! What is well formed and still impossible.

use std::time::Duration;

use super::duration::format_duration;
use super::size::format_size;
use super::types::Settings;
use crate::form_guard::FormGuard;

/// A setting whose value is impossible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} = {value}: {expected}")]
pub struct InvalidSetting {
    /// The dotted path of the setting.
    pub setting: String,
    /// Its value.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

pub(super) fn require(
    holds: bool,
    setting: impl Into<String>,
    value: impl ToString,
    expected: impl Into<String>,
) -> Result<(), InvalidSetting> {
    if holds {
        return Ok(());
    }
    Err(InvalidSetting {
        setting: setting.into(),
        value: value.to_string(),
        expected: expected.into(),
    })
}

impl Settings {
    /// Whether the values can hold together.
    ///
    /// # Errors
    /// The first setting that is impossible.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        self.validate_rates()?;
        self.validate_bounds()?;
        self.validate_honeypot()?;
        self.validate_access_log()?;
        self.headers.validate()?;
        self.uuid.validate()?;
        self.validate_paths()
    }

    fn validate_rates(&self) -> Result<(), InvalidSetting> {
        let rate = &self.rate_limit;
        let window = rate.window.as_millis();
        require(
            (100..=86_400_000).contains(&window),
            "rate_limit.window",
            format!("{window}ms"),
            "expected 100 ms to 24 h",
        )?;
        require(
            rate.max > 0,
            "rate_limit.max",
            rate.max,
            "expected at least 1",
        )?;
        require(
            rate.flood >= rate.max,
            "rate_limit.flood",
            rate.flood,
            format!("expected at least rate_limit.max ({})", rate.max),
        )?;
        require(
            rate.client_flood == 0 || rate.client_flood >= rate.client_max,
            "rate_limit.client_flood",
            rate.client_flood,
            format!(
                "expected 0 or at least rate_limit.client_max ({})",
                rate.client_max
            ),
        )?;
        for (at, rule) in self.path_rules.iter().enumerate() {
            let (max, flood) = (rule.rate_limit.max, rule.rate_limit.flood);
            require(
                max != Some(0),
                format!("path_rules[{at}].rate_limit.max"),
                0,
                "expected at least 1",
            )?;
            if let Some(flood) = flood {
                let max = max.unwrap_or(rate.max);
                require(
                    flood >= max,
                    format!("path_rules[{at}].rate_limit.flood"),
                    flood,
                    format!("expected at least the rule's max ({max})"),
                )?;
            }
        }
        Ok(())
    }

    fn validate_bounds(&self) -> Result<(), InvalidSetting> {
        let prefix = self.client_ip.ipv6_prefix;
        require(
            (1..=128).contains(&prefix),
            "client_ip.ipv6_prefix",
            prefix,
            "expected 1 to 128",
        )?;
        require(
            !self.bans.durations.is_empty(),
            "bans.durations",
            "[]",
            "expected at least one duration",
        )?;
        require(
            self.bans.threshold > 0,
            "bans.threshold",
            self.bans.threshold,
            "expected at least 1",
        )?;
        require(
            !self.bans.half_life.is_zero(),
            "bans.half_life",
            "0s",
            "expected more than nothing",
        )?;
        let payload = &self.payload;
        require(
            (1..=4).contains(&payload.paranoia),
            "payload.paranoia",
            payload.paranoia,
            "expected 1 to 4",
        )?;
        require(
            (1024..=1 << 30).contains(&payload.body_limit),
            "payload.body_limit",
            payload.body_limit,
            "expected 1,024 to 1,073,741,824 bytes",
        )?;
        let range = 1_000..=50_000_000;
        for (setting, value) in [
            ("state.max_clients", self.state.max_clients),
            ("state.max_bans", self.state.max_bans),
        ] {
            require(
                range.contains(&value),
                setting,
                value,
                "expected 1,000 to 50,000,000",
            )?;
        }
        Ok(())
    }

    fn validate_honeypot(&self) -> Result<(), InvalidSetting> {
        let hour = Duration::from_secs(3600);
        for (setting, value) in [
            ("honeypot.min_form_time", self.honeypot.min_form_time),
            ("honeypot.min_login_time", self.honeypot.min_login_time),
        ] {
            require(
                value <= hour,
                setting,
                format_duration(value),
                "expected at most 1 h",
            )?;
        }
        let keys = &self.honeypot.keys;
        if !keys.is_empty()
            && let Err(error) = FormGuard::from_settings(keys)
        {
            return Err(InvalidSetting {
                setting: "honeypot.keys".to_owned(),
                value: format!("{} keys", keys.len()),
                expected: error.to_string(),
            });
        }
        require(
            self.honeypot.max_page_time > self.honeypot.min_form_time,
            "honeypot.max_page_time",
            format_duration(self.honeypot.max_page_time),
            "expected more than honeypot.min_form_time",
        )
    }

    fn validate_access_log(&self) -> Result<(), InvalidSetting> {
        let kept = self.record_requests.max_bytes;
        require(
            (64..=65_536).contains(&kept),
            "record_requests.max_bytes",
            kept,
            "expected 64 to 65,536",
        )?;
        let log = &self.access_log;
        require(
            log.dir.as_deref() != Some(""),
            "access_log.dir",
            "\"\"",
            "expected a directory",
        )?;
        require(
            log.max_size >= 64 * 1024,
            "access_log.max_size",
            format_size(log.max_size),
            "expected at least 64 KiB",
        )?;
        require(
            log.keep <= 1000,
            "access_log.keep",
            log.keep,
            "expected at most 1,000",
        )
    }

    fn validate_paths(&self) -> Result<(), InvalidSetting> {
        for (at, rule) in self.path_rules.iter().enumerate() {
            require(
                rule.prefix.starts_with('/'),
                format!("path_rules[{at}].prefix"),
                format!("{:?}", rule.prefix),
                "expected a path that begins with a slash",
            )?;
        }
        let lists = [
            (
                "exempt_paths",
                self.exempt_paths.as_deref().unwrap_or_default(),
            ),
            ("exempt_paths_extra", self.exempt_paths_extra.as_slice()),
            (
                "honeypot.guarded_paths",
                self.honeypot.guarded_paths.as_slice(),
            ),
        ];
        for (setting, paths) in lists {
            for path in paths {
                crate::policy::ExemptPath::parse(path).map_err(|error| InvalidSetting {
                    setting: setting.to_owned(),
                    value: format!("{path:?}"),
                    expected: error.to_string(),
                })?;
            }
        }
        Ok(())
    }
}
