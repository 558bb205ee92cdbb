//! Dates: written as RFC 3339 in UTC, read in every form that the files have ever had.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `2025-09-14T10:30:00Z`, with microseconds if there are any.
pub(super) fn write(stamp: SystemTime) -> String {
    let past = stamp < SystemTime::UNIX_EPOCH;
    let end = if past { Timestamp::MIN } else { Timestamp::MAX };
    let stamp = Timestamp::try_from(stamp).unwrap_or(end);
    Timestamp::from_microsecond(stamp.as_microsecond())
        .unwrap_or(stamp)
        .to_string()
}

/// Reads RFC 3339, or ISO 8601 without an offset, which is taken as UTC.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let stamp = text.parse::<Timestamp>().ok().or_else(|| {
        let naive = text.parse::<DateTime>().ok()?;
        naive
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    })?;
    Some(stamp.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn every_form_is_read_and_one_is_written() {
        let at = UNIX_EPOCH + Duration::from_secs(1_757_845_800);
        for text in [
            "2025-09-14T10:30:00",
            "2025-09-14T10:30:00.000000",
            "2025-09-14 10:30:00",
            "2025-09-14T10:30:00Z",
            "2025-09-14T12:30:00+02:00",
        ] {
            assert_eq!(read(text), Some(at), "{text}");
        }
        assert_eq!(write(at), "2025-09-14T10:30:00Z");
        let fraction = at + Duration::from_micros(1500);
        assert_eq!(write(fraction), "2025-09-14T10:30:00.0015Z");
        assert_eq!(read(&write(fraction)), Some(fraction));
        assert_eq!(read("Rate limit exceeded"), None);
        assert_eq!(read(""), None);
    }
}
