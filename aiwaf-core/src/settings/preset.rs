//! Presets: named sets of defaults for the other settings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::geo::GeoSettings;
use super::headers::{GenericClients, HeaderSettings, RequiredHeaders};
use super::honeypot::HoneypotSettings;
use super::payload::PayloadSettings;
use super::types::{
    AccessLogSettings, BanSettings, ClientIpSettings, FailureSettings, KeywordSettings,
    MissingPeer, OnFailure, ProtectionSettings, RateLimitSettings, RecordRequestsSettings,
    ResponseFormat, ResponseSettings, Settings, StateSettings,
};
use super::uuid::{OtherIds, UuidSettings};
use crate::access_log::LogFormat;
use crate::client::ForwardingHeader;
use crate::protection::{Mode, Protections};

/// A named set of defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Refuses requests for a cause. Strikes lead to a ban.
    #[default]
    Balanced,
    /// Uses lower thresholds. A refusal by keyword, payload, UUID or form timing bans at once.
    Strict,
    /// Decides and records everything, but refuses nothing and changes no list.
    Monitor,
    /// Follows the predecessor: its causes ban at once and permanently, and limits count per path.
    Classic,
}

impl Preset {
    /// The defaults of this preset.
    pub fn settings(self) -> Settings {
        let mut settings = Settings {
            preset: self,
            ..Settings::balanced()
        };
        match self {
            Self::Balanced | Self::Monitor => {}
            Self::Strict => {
                settings.rate_limit.client_max = 600;
                settings.rate_limit.client_flood = 1200;
                settings.bans.threshold = 50;
                settings.headers.generic_clients = GenericClients::Refuse;
                settings.uuid.other_ids = OtherIds::Refuse;
                settings.payload.paranoia = 2;
                settings.honeypot.min_form_time = Duration::from_secs(2);
            }
            Self::Classic => {
                settings.rate_limit.client_max = 0;
                settings.rate_limit.client_flood = 0;
                settings.headers.generic_clients = GenericClients::Refuse;
                settings.headers.required =
                    RequiredHeaders::All(["user-agent", "accept"].map(str::to_owned).to_vec());
                settings.headers.max_user_agent = 500;
            }
        }
        settings
    }

    /// Whether nothing is refused, whatever the mode of each protection.
    pub const fn only_monitors(self) -> bool {
        matches!(self, Self::Monitor)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Preset::Balanced.settings()
    }
}

impl Settings {
    fn balanced() -> Self {
        Self {
            preset: Preset::Balanced,
            store: "memory".to_owned(),
            protections: ProtectionSettings::default(),
            client_ip: ClientIpSettings::default(),
            rate_limit: RateLimitSettings::default(),
            keywords: KeywordSettings::default(),
            headers: HeaderSettings::default(),
            honeypot: HoneypotSettings::default(),
            payload: PayloadSettings::default(),
            geo: GeoSettings::default(),
            uuid: UuidSettings::default(),
            exempt_paths: None,
            exempt_paths_extra: Vec::new(),
            exempt_paths_serve_banned: false,
            path_rules: Vec::new(),
            bans: BanSettings::default(),
            state: StateSettings::default(),
            failure: FailureSettings::default(),
            response: ResponseSettings::default(),
            access_log: AccessLogSettings::default(),
            record_requests: RecordRequestsSettings::default(),
            redact: DEFAULT_REDACTED.map(str::to_owned).to_vec(),
        }
    }
}

impl Default for ProtectionSettings {
    fn default() -> Self {
        Self {
            enable: Protections::ALL,
            disable: Protections::NONE,
        }
    }
}

impl Default for ClientIpSettings {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            header: ForwardingHeader::XForwardedFor,
            ipv6_prefix: 64,
            missing: MissingPeer::Refuse,
        }
    }
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            window: Duration::from_secs(60),
            max: 100,
            flood: 200,
            client_max: 1000,
            client_flood: 2000,
        }
    }
}

impl Default for KeywordSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Block,
            exempt: Vec::new(),
            allowed_in_paths: Vec::new(),
            in_body: false,
        }
    }
}

impl Default for BanSettings {
    fn default() -> Self {
        Self {
            durations: [15, 60, 24 * 60]
                .map(|minutes| Duration::from_secs(minutes * 60))
                .to_vec(),
            memory: Duration::from_secs(7 * 24 * 3600),
            threshold: 95,
            half_life: Duration::from_secs(600),
        }
    }
}

impl Default for StateSettings {
    fn default() -> Self {
        Self {
            max_clients: 100_000,
            max_bans: 100_000,
        }
    }
}

impl Default for FailureSettings {
    fn default() -> Self {
        Self {
            panic: OnFailure::Refuse,
            spent: OnFailure::Refuse,
        }
    }
}

impl Default for ResponseSettings {
    fn default() -> Self {
        Self {
            format: ResponseFormat::Json,
        }
    }
}

impl Default for RecordRequestsSettings {
    fn default() -> Self {
        let headers = [
            "User-Agent",
            "Accept",
            "Accept-Language",
            "X-Forwarded-For",
            "X-Real-IP",
            "Referer",
        ];
        Self {
            enabled: false,
            headers: headers.map(str::to_owned).to_vec(),
            max_bytes: 4096,
        }
    }
}

impl Default for AccessLogSettings {
    fn default() -> Self {
        Self {
            enabled: None,
            dir: None,
            format: LogFormat::Combined,
            max_size: 100 * 1024 * 1024,
            keep: 5,
        }
    }
}

/// The names whose values are not copied unless [`Settings::redact`] replaces the list: headers and
/// query parameters that carry credentials by convention.
pub const DEFAULT_REDACTED: [&str; 14] = [
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "password",
    "passwd",
    "pwd",
    "token",
    "access_token",
    "id_token",
    "refresh_token",
    "api_key",
    "apikey",
    "secret",
    "client_secret",
];
