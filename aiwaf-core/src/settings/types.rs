//! The settings, with one section per protection. Every field's documentation states its default.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize};

use super::duration::{serde_duration, serde_duration_option, serde_durations};
use super::geo::GeoSettings;
use super::headers::HeaderSettings;
use super::honeypot::HoneypotSettings;
use super::payload::PayloadSettings;
use super::preset::Preset;
use super::size::serde_size;
use super::uuid::UuidSettings;
use crate::access_log::LogFormat;
use crate::client::ForwardingHeader;
use crate::protection::{Mode, Protections};

/// All settings. `Settings::default()` is the `balanced` preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The preset that supplies the other defaults. Default `balanced`.
    pub preset: Preset,
    /// Where records are kept: `memory`, `csv:DIR`, `sqlite:FILE`, or `env:NAME` to read it from an
    /// environment variable. Default `memory`.
    pub store: String,
    /// Which protections run.
    pub protections: ProtectionSettings,
    /// How clients are identified.
    pub client_ip: ClientIpSettings,
    /// Limits per client and route, and per client.
    pub rate_limit: RateLimitSettings,
    /// Probes and keywords (`ip_keyword_block`).
    pub keywords: KeywordSettings,
    /// Required, conflicting and implausible headers; scanners by name (`header_validation`).
    pub headers: HeaderSettings,
    /// Form timing (`honeypot`).
    pub honeypot: HoneypotSettings,
    /// Attacks in any carrier (`payload`).
    pub payload: PayloadSettings,
    /// Countries (`geo_block`).
    pub geo: GeoSettings,
    /// Malformed and guessed UUIDs (`uuid_tamper`).
    pub uuid: UuidSettings,
    /// Replaces the default exempt paths. Default: not set, which means
    /// [`DEFAULT_EXEMPT_PATHS`](crate::policy::DEFAULT_EXEMPT_PATHS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt_paths: Option<Vec<String>>,
    /// Exempt paths in addition to those of `exempt_paths`. Default none.
    pub exempt_paths_extra: Vec<String>,
    /// Whether a banned client is served on the operator's exempt paths. Default false.
    pub exempt_paths_serve_banned: bool,
    /// Rules for everything under a path prefix; the longest prefix wins. Default none.
    pub path_rules: Vec<PathRule>,
    /// Strikes and bans.
    pub bans: BanSettings,
    /// Limits on the state kept per client.
    pub state: StateSettings,
    /// What happens when something fails.
    pub failure: FailureSettings,
    /// Responses to refused requests.
    pub response: ResponseSettings,
    /// The access log.
    pub access_log: AccessLogSettings,
    /// What a ban records about the request that caused it.
    pub record_requests: RecordRequestsSettings,
    /// Names of headers and query parameters whose values are copied nowhere, neither to a log nor
    /// to the evidence of a ban. Case is ignored. `authorization`, `proxy-authorization`, `cookie`
    /// and `set-cookie` are always included. Default [`DEFAULT_REDACTED`](super::DEFAULT_REDACTED).
    pub redact: Vec<String>,
}

/// Which protections run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProtectionSettings {
    /// Only these protections run. Default all.
    pub enable: Protections,
    /// These protections do not run. Default none.
    pub disable: Protections,
}

/// How clients are identified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientIpSettings {
    /// Networks of proxies that may name the client; `unix` for a unix-socket peer. Default none.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The header in which proxies name the client, in any letter case. Default
    /// `x-forwarded-for`.
    #[serde(deserialize_with = "header_in_any_case")]
    pub header: ForwardingHeader,
    /// How many bits of an IPv6 address identify a client, 1 to 128. Default 64.
    pub ipv6_prefix: u8,
    /// What happens to a request without a peer address. Default `refuse`.
    pub missing: MissingPeer,
}

/// Names of header fields are case-insensitive.
fn header_in_any_case<'de, D: Deserializer<'de>>(from: D) -> Result<ForwardingHeader, D::Error> {
    let name = String::deserialize(from)?.to_ascii_lowercase();
    ForwardingHeader::deserialize(name.into_deserializer())
}

/// A network, one address, or `unix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedProxy {
    /// A network of proxies.
    Network(IpNet),
    /// Any peer that connects over a unix socket.
    Unix,
}

impl std::fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Unix => f.write_str("unix"),
        }
    }
}

impl std::str::FromStr for TrustedProxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(|network| Self::Network(crate::client::canonical_network(network)))
            .map_err(|_| format!("{text:?} is not a network; expected for example \"10.0.0.0/8\", \"::1\" or \"unix\""))
    }
}

impl Serialize for TrustedProxy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TrustedProxy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What happens to a request whose client is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingPeer {
    /// The response is 500, and the log says how to fix it.
    #[default]
    Refuse,
    /// Only the checks that need no client run.
    Allow,
}

/// Rate limits over sliding windows. See [`crate::state::RateTable`] for the counting error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimitSettings {
    /// Default `block`.
    pub mode: Mode,
    /// The length of the window. Default 60 s.
    #[serde(with = "serde_duration")]
    pub window: Duration,
    /// Allowed requests per client and route in a window. Above this, the response is 429. Default
    /// 100.
    pub max: u32,
    /// Above this, the response is 403 until the window slides. At least `max`. Default 200.
    pub flood: u32,
    /// Allowed requests per client over all routes. Above this, the response is 429. Default 1000;
    /// 0 for no ceiling.
    pub client_max: u32,
    /// Above this, the client is banned. At least `client_max`. Default 2000; 0 for no such limit.
    pub client_flood: u32,
}

/// Probes and keywords.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeywordSettings {
    /// Default `block`.
    pub mode: Mode,
    /// Keywords and probes that are never refused. Default none.
    pub exempt: Vec<String>,
    /// Words that are allowed in paths. Probes and keywords do not match a path segment that
    /// contains one. Default none.
    pub allowed_in_paths: Vec<String>,
    /// Whether the operator's keywords are searched for in bodies too. Default false.
    pub in_body: bool,
}

/// A rule for all paths under a prefix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathRule {
    /// The prefix of the normalised path, ignoring case: `/api/` for everything under it. To a path
    /// that a router may read in two ways (`/api/1;x`), only what is stricter than the general
    /// settings applies.
    pub prefix: String,
    /// Protections that do not run under the prefix.
    pub disable: Protections,
    /// Protections that run even if the path or the client is exempt.
    pub require: Protections,
    /// The mode of every protection under the prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Rate limits that override the general ones.
    #[serde(skip_serializing_if = "RateOverride::is_empty")]
    pub rate_limit: RateOverride,
    /// A limit on the body that overrides the general one, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_limit: Option<usize>,
}

/// The part of [`RateLimitSettings`] that a path rule changes. If only `max` is set, `flood`
/// changes in proportion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateOverride {
    /// Overrides the window.
    #[serde(
        with = "serde_duration_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub window: Option<Duration>,
    /// Overrides the maximum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Overrides the flood limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flood: Option<u32>,
}

impl RateOverride {
    /// Whether no limit is overridden.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Strikes and bans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BanSettings {
    /// How long a ban lasts, by the number of the offence within `memory`. The last duration
    /// applies to all further offences. Default 15 min, 1 h, 24 h.
    #[serde(with = "serde_durations")]
    pub durations: Vec<Duration>,
    /// How long an offence is remembered, counted from the start of its ban. Default 7 d.
    #[serde(with = "serde_duration")]
    pub memory: Duration,
    /// The score at which a client is banned. Default 95.
    pub threshold: u32,
    /// The time in which a score halves. Default 10 min.
    #[serde(with = "serde_duration")]
    pub half_life: Duration,
}

/// Limits on the state kept per client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StateSettings {
    /// How many clients are remembered at once. Default 100,000.
    pub max_clients: usize,
    /// How many automatic bans are held at once. Default 100,000.
    pub max_bans: usize,
}

/// What happens when something fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FailureSettings {
    /// How to treat a request during whose inspection something panicked. Default `refuse`, with
    /// 500.
    pub panic: OnFailure,
    /// How to treat a path that is still encoded after the last decoding round. Default `refuse`,
    /// with 403.
    pub spent: OnFailure,
}

/// The verdict for a request that could not be decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Refuse the request.
    #[default]
    Refuse,
    /// Let the request pass.
    Allow,
}

/// Responses to refused requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseSettings {
    /// Default `json`.
    pub format: ResponseFormat,
}

/// The access log: `access.log`, `error.log` and `aiwaf.log`, which the storage crate writes. Read
/// once, at startup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessLogSettings {
    /// Whether there is a log. Default: if `dir` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The directory of the files. Default: none, or `aiwaf_logs` if `enabled` is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// The format of a line of `access.log`. Default `combined`.
    pub format: LogFormat,
    /// The size at which a file is rotated. Default 100 MiB.
    #[serde(with = "serde_size")]
    pub max_size: u64,
    /// How many rotated files are kept. `access.log.1` is the newest. Default 5.
    pub keep: u32,
}

impl AccessLogSettings {
    /// The directory to write to, if there is a log.
    pub fn directory(&self) -> Option<&str> {
        match self.enabled {
            Some(false) => None,
            Some(true) => Some(self.dir.as_deref().unwrap_or("aiwaf_logs")),
            None => self.dir.as_deref(),
        }
    }
}

/// What a ban records about the request that caused it: URL, path, query, method, host and some
/// headers, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordRequestsSettings {
    /// Whether anything is recorded. Default false.
    pub enabled: bool,
    /// The headers that are recorded if the request has them. Values of those in
    /// [`Settings::redact`] are replaced. Default `User-Agent`, `Accept`, `Accept-Language`,
    /// `X-Forwarded-For`, `X-Real-IP`, `Referer`.
    pub headers: Vec<String>,
    /// The maximum size in bytes, 64 to 65,536. Parts that do not fit are left out one by one.
    /// Default 4,096.
    pub max_bytes: usize,
}

/// The format of a refusal's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseFormat {
    /// `{"error":"blocked"}`
    #[default]
    Json,
    /// `application/problem+json` (RFC 9457)
    Problem,
    /// A small HTML page.
    Html,
    /// HTML or problem details if the client asks for them, otherwise JSON.
    Auto,
}
