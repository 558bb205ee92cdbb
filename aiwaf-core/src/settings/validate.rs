//! Rejects settings that are well formed but not allowed.

use std::time::Duration;

use super::duration::format_duration;
use super::prefix::as_compared;
use super::size::format_size;
use super::types::Settings;
use crate::form_guard::FormGuard;
use crate::held::HELD_TOGETHER;
use crate::payload::Category;

/// A setting whose value is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} = {value}: {expected}")]
pub struct InvalidSetting {
    /// The dotted path of the setting.
    pub setting: String,
    /// The setting's value.
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

/// The upper bound is the memory for all bodies together: a larger body could never be held.
const BODY_LIMITS: &str =
    "expected 1,024 to 67,108,864 bytes (64 MiB, the memory for all bodies together)";

fn is_body_limit(bytes: usize) -> bool {
    (1024..=HELD_TOGETHER).contains(&bytes)
}

fn require_window(window: Duration, setting: impl Into<String>) -> Result<(), InvalidSetting> {
    let millis = window.as_millis();
    require(
        (100..=86_400_000).contains(&millis),
        setting,
        format!("{millis}ms"),
        "expected 100 ms to 24 h",
    )
}

/// Requires the spelling in which paths are compared. A path in any other spelling would never
/// match.
fn require_path(path: &str, setting: &str) -> Result<(), InvalidSetting> {
    require(
        path.starts_with('/'),
        setting,
        format!("{path:?}"),
        "expected a path that begins with a slash",
    )?;
    let compared = as_compared(path);
    let expected = match &compared {
        Some(compared) => format!("expected the normalised spelling {compared:?}"),
        None => {
            "expected a path without dot segments, parameters, empty segments or NULs".to_owned()
        }
    };
    let holds = compared.is_some_and(|compared| compared == path);
    require(holds, setting, format!("{path:?}"), expected)
}

impl Settings {
    /// Checks that all values are allowed, alone and in combination.
    ///
    /// # Errors
    /// The first setting that is not allowed.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        self.validate_rates()?;
        self.validate_client_ip()?;
        self.validate_bans()?;
        self.validate_payload()?;
        self.validate_state()?;
        self.validate_honeypot()?;
        self.validate_access_log()?;
        self.headers.validate()?;
        self.uuid.validate()?;
        self.validate_paths()
    }

    fn validate_rates(&self) -> Result<(), InvalidSetting> {
        let rate = &self.rate_limit;
        require_window(rate.window, "rate_limit.window")?;
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
            if let Some(window) = rule.rate_limit.window {
                require_window(window, format!("path_rules[{at}].rate_limit.window"))?;
            }
            require(
                rule.body_limit.is_none_or(is_body_limit),
                format!("path_rules[{at}].body_limit"),
                rule.body_limit.unwrap_or_default(),
                BODY_LIMITS,
            )?;
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

    fn validate_client_ip(&self) -> Result<(), InvalidSetting> {
        let prefix = self.client_ip.ipv6_prefix;
        require(
            (1..=128).contains(&prefix),
            "client_ip.ipv6_prefix",
            prefix,
            "expected 1 to 128",
        )
    }

    fn validate_bans(&self) -> Result<(), InvalidSetting> {
        let bans = &self.bans;
        require(
            !bans.durations.is_empty(),
            "bans.durations",
            "[]",
            "expected at least one duration",
        )?;
        let second = Duration::from_secs(1);
        let century = Duration::from_secs(100 * 366 * 86_400);
        let durations = bans.durations.iter().map(|each| ("bans.durations", *each));
        let others = [
            ("bans.memory", bans.memory),
            ("bans.half_life", bans.half_life),
        ];
        for (setting, duration) in durations.chain(others) {
            require(
                (second..=century).contains(&duration),
                setting,
                format_duration(duration),
                "expected 1 s to 100 years",
            )?;
        }
        require(
            bans.threshold > 0,
            "bans.threshold",
            bans.threshold,
            "expected at least 1",
        )
    }

    fn validate_payload(&self) -> Result<(), InvalidSetting> {
        let payload = &self.payload;
        require(
            (1..=4).contains(&payload.paranoia),
            "payload.paranoia",
            payload.paranoia,
            "expected 1 to 4",
        )?;
        require(
            is_body_limit(payload.body_limit),
            "payload.body_limit",
            payload.body_limit,
            BODY_LIMITS,
        )
    }

    fn validate_state(&self) -> Result<(), InvalidSetting> {
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
            let setting = format!("path_rules[{at}].prefix");
            require_path(&rule.prefix, &setting)?;
            let earlier = self.path_rules.iter().take(at);
            let twin = earlier
                .enumerate()
                .find(|(_, other)| other.prefix.eq_ignore_ascii_case(&rule.prefix));
            require(
                twin.is_none(),
                setting,
                format!("{:?}", rule.prefix),
                format!(
                    "expected one rule per prefix, but path_rules[{}] has this prefix too; merge the two",
                    twin.map_or(0, |(at, _)| at)
                ),
            )?;
        }
        for (at, exemption) in self.payload.exempt.iter().enumerate() {
            require_path(&exemption.path, &format!("payload.exempt[{at}].path"))?;
            let known = |name: &&String| Category::ALL.iter().any(|known| known.as_str() == **name);
            let unknown = exemption.categories.iter().find(|name| !known(name));
            require(
                unknown.is_none(),
                format!("payload.exempt[{at}].categories"),
                format!("{:?}", unknown.map_or("", String::as_str)),
                format!(
                    "expected one or more of {}",
                    Category::ALL.map(Category::as_str).join(", ")
                ),
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
