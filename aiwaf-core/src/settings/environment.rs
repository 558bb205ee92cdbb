//! The environment variables, and the setting of each.

use std::collections::BTreeMap;

use toml::Value;

/// How the text of a variable is converted to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Flag,
    /// A comma-separated list.
    List,
    /// A JSON value. TOML's inline tables and arrays cover nearly all of JSON, but not `:` and
    /// `null`.
    Json,
    /// A JSON value, a comma-separated list, or the single word that stands for a default.
    JsonOrList(&'static str),
    /// Read together with another variable or by the program. Sets nothing itself.
    Nothing,
    /// A comma-separated list, added to the default secret names: the predecessor's list was of
    /// headers only.
    Redact,
    /// The predecessor's variables for choosing CSV files.
    UseCsv,
    DataDir,
}

/// An environment variable that sets a setting.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// The variable's name.
    pub name: &'static str,
    /// The dotted path of the setting.
    pub setting: &'static str,
    kind: Kind,
}

const fn variable(name: &'static str, setting: &'static str, kind: Kind) -> Variable {
    Variable {
        name,
        setting,
        kind,
    }
}

/// Every variable that is read.
pub const VARIABLES: &[Variable] = &[
    variable("AIWAF_CONFIG", "", Kind::Nothing),
    variable("AIWAF_DATA_DIR", "", Kind::DataDir),
    variable("AIWAF_USE_CSV", "store", Kind::UseCsv),
    variable("AIWAF_PRESET", "preset", Kind::Text),
    variable("AIWAF_STORE", "store", Kind::Text),
    variable("AIWAF_ENABLE", "protections.enable", Kind::List),
    variable("AIWAF_DISABLE", "protections.disable", Kind::List),
    variable(
        "AIWAF_TRUSTED_PROXIES",
        "client_ip.trusted_proxies",
        Kind::List,
    ),
    variable("AIWAF_CLIENT_IP_HEADER", "client_ip.header", Kind::Text),
    variable("AIWAF_RATE_WINDOW", "rate_limit.window", Kind::Text),
    variable("AIWAF_RATE_MAX", "rate_limit.max", Kind::Integer),
    variable("AIWAF_RATE_FLOOD", "rate_limit.flood", Kind::Integer),
    variable(
        "AIWAF_RATE_CLIENT_MAX",
        "rate_limit.client_max",
        Kind::Integer,
    ),
    variable(
        "AIWAF_RATE_CLIENT_FLOOD",
        "rate_limit.client_flood",
        Kind::Integer,
    ),
    variable("AIWAF_EXEMPT_KEYWORDS", "keywords.exempt", Kind::List),
    variable(
        "AIWAF_ALLOWED_PATH_KEYWORDS",
        "keywords.allowed_in_paths",
        Kind::List,
    ),
    variable(
        "AIWAF_REQUIRED_HEADERS",
        "headers.required",
        Kind::JsonOrList("browsers"),
    ),
    variable("AIWAF_PAYLOAD_MODE", "payload.mode", Kind::Text),
    variable(
        "AIWAF_PAYLOAD_MAX_BYTES",
        "payload.body_limit",
        Kind::Integer,
    ),
    variable("AIWAF_FORM_KEYS", "honeypot.keys", Kind::List),
    variable("AIWAF_MIN_FORM_TIME", "honeypot.min_form_time", Kind::Text),
    variable(
        "AIWAF_HONEYPOT_SKIP_AUTHENTICATED",
        "honeypot.skip_authenticated",
        Kind::Flag,
    ),
    variable("AIWAF_GEOIP_DB_PATH", "geo.database", Kind::Text),
    variable("AIWAF_GEO_BLOCK_COUNTRIES", "geo.block", Kind::List),
    variable("AIWAF_GEO_ALLOW_COUNTRIES", "geo.allow", Kind::List),
    variable("AIWAF_EXEMPT_PATHS", "exempt_paths", Kind::List),
    variable("AIWAF_PATH_RULES", "path_rules", Kind::Json),
    variable(
        "AIWAF_CAPTURE_EXTENDED_REQUEST_INFO",
        "record_requests.enabled",
        Kind::Flag,
    ),
    variable(
        "AIWAF_EXTENDED_REQUEST_INFO_MAX_BYTES",
        "record_requests.max_bytes",
        Kind::Integer,
    ),
    variable(
        "AIWAF_EXTENDED_REQUEST_INFO_HEADERS",
        "record_requests.headers",
        Kind::List,
    ),
    variable(
        "AIWAF_EXTENDED_REQUEST_INFO_REDACT_HEADERS",
        "redact",
        Kind::Redact,
    ),
    variable("AIWAF_ENABLE_LOGGING", "access_log.enabled", Kind::Flag),
    variable("AIWAF_LOG_DIR", "access_log.dir", Kind::Text),
    variable("AIWAF_LOG_FORMAT", "access_log.format", Kind::Text),
];

/// The variable that was probably meant by a name spelled like the path of a setting:
/// `AIWAF_RATE_LIMIT__MAX`.
pub(super) fn meant(name: &str) -> Option<&'static Variable> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(['.', '_']).filter(|word| !word.is_empty());
        words.map(str::to_ascii_uppercase).collect()
    };
    let wanted = words(name.strip_prefix("AIWAF_")?);
    VARIABLES
        .iter()
        .find(|variable| !variable.setting.is_empty() && words(variable.setting) == wanted)
}

impl Variable {
    /// Whether a setting in the file overrides the variable.
    pub(super) fn gives_way(&self) -> bool {
        self.kind == Kind::DataDir
    }

    /// The setting's path and value, or `None` if the variable sets nothing by itself.
    pub(super) fn read(
        &self,
        text: &str,
        all: &BTreeMap<String, String>,
    ) -> Result<Option<(&'static str, Value)>, String> {
        let value = match self.kind {
            Kind::Nothing => return Ok(None),
            Kind::DataDir => return Ok(data_dir(text, all).map(|store| ("store", store))),
            Kind::UseCsv => return Ok(use_csv(text, all)?.map(|store| (self.setting, store))),
            Kind::Text => Value::String(text.to_owned()),
            Kind::Integer => Value::Integer(
                text.trim()
                    .parse()
                    .map_err(|_| "expected a whole number".to_owned())?,
            ),
            Kind::Flag => Value::Boolean(parse_flag(text)?),
            Kind::List => list(text),
            Kind::Redact => redact(text),
            Kind::Json => json(text)?,
            Kind::JsonOrList(word) if text.trim() == word => Value::String(word.to_owned()),
            Kind::JsonOrList(_) if text.trim_start().starts_with(['{', '[']) => json(text)?,
            Kind::JsonOrList(_) => list(text),
        };
        Ok(Some((self.setting, value)))
    }
}

fn parse_flag(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" | "" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// `AIWAF_DATA_DIR` alone selects the files in that directory, as with the predecessor, which used
/// files unless told otherwise.
fn data_dir(directory: &str, all: &BTreeMap<String, String>) -> Option<Value> {
    let is_said_otherwise = ["AIWAF_STORE", "AIWAF_USE_CSV"]
        .iter()
        .any(|name| all.contains_key(*name));
    let directory = directory.trim();
    (!is_said_otherwise && !directory.is_empty()).then(|| Value::String(format!("csv:{directory}")))
}

/// `AIWAF_USE_CSV=true` means `csv:` and the data directory, unless `AIWAF_STORE` is set.
fn use_csv(text: &str, all: &BTreeMap<String, String>) -> Result<Option<Value>, String> {
    if !parse_flag(text)? || all.contains_key("AIWAF_STORE") {
        return Ok(None);
    }
    let directory = all
        .get("AIWAF_DATA_DIR")
        .map_or("aiwaf_data", String::as_str);
    Ok(Some(Value::String(format!("csv:{directory}"))))
}

fn redact(text: &str) -> Value {
    let mut names = super::Settings::default().redact;
    let more = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    for name in more {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    Value::Array(names.into_iter().map(Value::String).collect())
}

fn list(text: &str) -> Value {
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("expected JSON: {error}"))
}
