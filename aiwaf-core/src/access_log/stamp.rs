//! Timestamps in UTC, formatted without a time library, in the three notations that the logs use.

use std::time::{SystemTime, UNIX_EPOCH};

/// A moment in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    year: u64,
    month: u64,
    day: u64,
    second_of_day: u64,
}

const DAY: u64 = 86_400;
/// 9999-12-31T23:59:59Z, the last second with a four-digit year.
const LAST: u64 = 253_402_300_799;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl From<SystemTime> for Stamp {
    /// The timestamp of a moment. Times before 1970 become the start of 1970.
    fn from(wall: SystemTime) -> Self {
        let seconds = wall
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs()
            .min(LAST);
        let (year, month, day) = date(seconds / DAY);
        Self {
            year,
            month,
            day,
            second_of_day: seconds % DAY,
        }
    }
}

/// Year, month and day for a number of days since 1970-01-01. The algorithm is Howard Hinnant's
/// `civil_from_days`: years begin in March, so that the leap day is the last day of a year, and 400
/// years always have 146,097 days.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as u64;
    (year, month, day)
}

impl Stamp {
    /// `2025-09-14T15:02:41`
    pub(crate) fn iso(self, out: &mut Vec<u8>) {
        self.date_and_time(b'T', out);
    }

    /// `2025-09-14 15:02:41`
    pub(crate) fn spaced(self, out: &mut Vec<u8>) {
        self.date_and_time(b' ', out);
    }

    /// `14/Sep/2025:15:02:41 +0000`
    pub(crate) fn common_log(self, out: &mut Vec<u8>) {
        let month = usize::try_from(self.month.saturating_sub(1)).unwrap_or_default();
        two(self.day, out);
        out.push(b'/');
        out.extend_from_slice(MONTHS.get(month).unwrap_or(&"Jan").as_bytes());
        out.push(b'/');
        self.year(out);
        out.push(b':');
        self.time(out);
        out.extend_from_slice(b" +0000");
    }

    fn date_and_time(self, between: u8, out: &mut Vec<u8>) {
        self.year(out);
        out.push(b'-');
        two(self.month, out);
        out.push(b'-');
        two(self.day, out);
        out.push(between);
        self.time(out);
    }

    fn year(self, out: &mut Vec<u8>) {
        two(self.year / 100, out);
        two(self.year % 100, out);
    }

    fn time(self, out: &mut Vec<u8>) {
        two(self.second_of_day / 3600, out);
        out.push(b':');
        two(self.second_of_day / 60 % 60, out);
        out.push(b':');
        two(self.second_of_day % 60, out);
    }
}

/// Writes a number below 100 in two digits.
fn two(number: u64, out: &mut Vec<u8>) {
    let digit = |number: u64| b'0' + (number % 10) as u8;
    out.extend_from_slice(&[digit(number / 10), digit(number)]);
}

/// Writes a number in decimal digits.
pub(super) fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn iso(seconds: u64) -> String {
        let mut out = Vec::new();
        Stamp::from(UNIX_EPOCH + Duration::from_secs(seconds)).iso(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn known_moments() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (951_868_800, "2000-03-01T00:00:00"),
            (1_757_862_161, "2025-09-14T15:02:41"),
            (4_107_542_399, "2100-02-28T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"),
            (u64::MAX >> 2, "9999-12-31T23:59:59"),
        ] {
            assert_eq!(iso(seconds), expected);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        let leap = |year: u64| {
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
        };
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for number in 0..292_194 {
            assert_eq!(date(number), (year, month, day));
            let length = match month {
                2 => 28 + u64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    #[test]
    fn decimals() {
        for number in [0, 7, 10, 403, u64::MAX] {
            let mut out = Vec::new();
            decimal(number, &mut out);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
