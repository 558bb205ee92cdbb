//! Settings: types, presets, layers and validation.
//!
//! Later layers override earlier ones: the preset's defaults, the file `aiwaf.toml`, the
//! environment, the builder. An unknown key, a wrong type or a value that is not allowed is an
//! error that names the place, the value and what was expected.

mod duration;
mod environment;
mod geo;
mod good_bots;
mod headers;
mod honeypot;
mod layers;
mod payload;
mod prefix;
mod preset;
mod size;
mod told;
mod types;
mod uuid;
mod validate;

#[cfg(test)]
mod tests;

pub use duration::{DurationError, format_duration, parse_duration};
pub use environment::{VARIABLES, Variable};
pub use geo::{GeoSettings, UnknownCountry};
pub use good_bots::{BotOrigin, BotOriginError};
pub use headers::{GenericClients, HeaderSettings, RequiredHeaders};
pub use honeypot::HoneypotSettings;
pub use layers::{Layers, SettingsError};
pub use payload::{Oversize, PayloadExemption, PayloadSettings};
pub(crate) use prefix::{as_compared, lies_under};
pub use preset::{DEFAULT_REDACTED, Preset};
pub use size::{SizeError, format_size, parse_size};
pub use types::{
    AccessLogSettings, BanSettings, ClientIpSettings, FailureSettings, KeywordSettings,
    MissingPeer, OnFailure, PathRule, ProtectionSettings, RateLimitSettings, RateOverride,
    RecordRequestsSettings, ResponseFormat, ResponseSettings, Settings, StateSettings,
    TrustedProxy,
};
pub use uuid::{OtherIds, UuidSettings, UuidSpelling};
pub use validate::InvalidSetting;
