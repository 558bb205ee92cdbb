//! Durations as people write them in a settings file: `60 s`, `15m`, `1h`, `7 d`, `100ms`, or a
//! number of seconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserializer, Serializer, de};

/// The text is not a valid duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration; expected a number with ms, s, m, h or d, for example \"15m\"")]
pub struct DurationError(String);

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Parses a duration. A number without a unit counts seconds.
///
/// # Errors
/// If the text is not a non-negative number with one of the known units, or if it is too large.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let bad = || DurationError(text.to_owned());
    let trimmed = text.trim();
    let digits = trimmed
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let unit = unit.trim();
    let millis = match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, millis)) => *millis,
        None if unit.is_empty() => 1000,
        None => return Err(bad()),
    };
    let number: f64 = number.parse().map_err(|_| bad())?;
    Duration::try_from_secs_f64(number * millis as f64 / 1000.0).map_err(|_| bad())
}

/// Formats a duration in the largest unit that divides it.
pub fn format_duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (unit, size) = UNITS
        .into_iter()
        .rev()
        .find(|(_, size)| millis != 0 && millis.is_multiple_of(*size))
        .unwrap_or(("s", 1000));
    format!("{}{unit}", millis / size)
}

/// For `#[serde(with)]`.
pub(crate) mod serde_duration {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(value: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format_duration(*value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        d.deserialize_any(DurationVisitor)
    }
}

/// For `#[serde(with)]` on a list.
pub(crate) mod serde_durations {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Item(#[serde(with = "super::serde_duration")] Duration);

    pub(crate) fn serialize<S: Serializer>(value: &[Duration], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(value.iter().map(|duration| Item(*duration)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Duration>, D::Error> {
        let items = Vec::<Item>::deserialize(d)?;
        Ok(items.into_iter().map(|Item(duration)| duration).collect())
    }
}

/// For `#[serde(with)]` on an optional value.
pub(crate) mod serde_duration_option {
    use super::*;
    use serde::Deserialize;

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(duration) => s.serialize_str(&format_duration(*duration)),
            None => s.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Duration>, D::Error> {
        #[derive(Deserialize)]
        struct Item(#[serde(with = "super::serde_duration")] Duration);
        Ok(Option::<Item>::deserialize(d)?.map(|Item(duration)| duration))
    }
}

struct DurationVisitor;

impl de::Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"15m\", or a number of seconds")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse_duration(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
        u64::try_from(seconds)
            .map(Duration::from_secs)
            .map_err(|_| E::custom(DurationError(seconds.to_string())))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds)
            .map_err(|_| E::custom(DurationError(seconds.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_write_back() {
        for (text, millis) in [
            ("60 s", 60_000),
            ("60", 60_000),
            ("1.5", 1500),
            ("15m", 900_000),
            ("24h", 86_400_000),
            ("7 d", 604_800_000),
            ("100ms", 100),
            ("0.3s", 300),
        ] {
            let duration = parse_duration(text).unwrap();
            assert_eq!(duration, Duration::from_millis(millis), "{text}");
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
        for bad in ["", "x", "-1s", "1 week", "s", "1e400", "1..2s"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
