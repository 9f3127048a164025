//! Instants and durations as a call has them.
//!
//! In: milliseconds. Out: RFC 3339, or a number and a unit. Invariant: the runtime reads back what was written.
//! Source: the runtime's `time`; the day count is the usual one by 400-year eras.

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// The greatest instant and the least one that are written in UTC.
const UTC: (i64, i64) = (-62_167_219_200_000, 253_402_300_799_999);
/// Minutes of the largest offset.
const OFFSET: i64 = 23 * 60 + 59;

/// RFC 3339; with an offset where the year in UTC has no four digits.
pub(super) fn timestamp(at: i64) -> String {
    if at < UTC.0 {
        format!("{}+23:59", local(at + OFFSET * MINUTE))
    } else if at > UTC.1 {
        format!("{}-23:59", local(at - OFFSET * MINUTE))
    } else {
        format!("{}Z", local(at))
    }
}

fn local(at: i64) -> String {
    let (days, rest) = (at.div_euclid(DAY), at.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let (seconds, fraction) = (rest / 1_000, rest % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// Year, month and day of a day since 1970; years begin in March, so that a leap day is a year's last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The largest unit that does it without a fraction.
pub(super) fn duration(ms: i64) -> String {
    let units = [("d", DAY), ("h", 60 * MINUTE), ("m", MINUTE), ("s", 1_000)];
    let fitting = units.into_iter().find(|(_, size)| ms != 0 && ms % size == 0);
    fitting.map_or_else(|| format!("{ms}ms"), |(unit, size)| format!("{}{unit}", ms / size))
}

#[cfg(test)]
mod tests {
    use leverframe_runtime::domain::time::{parse_duration, parse_timestamp};

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut at = UTC.0 - OFFSET * MINUTE;
        while at <= UTC.1 + OFFSET * MINUTE {
            assert_eq!(parse_timestamp(&timestamp(at)), Ok(at));
            at += 86_399_999 * 211;
        }
        for at in [0, -1, UTC.0, UTC.1, UTC.0 - 1, UTC.1 + 1, 951_782_400_000, 1_764_547_200_001] {
            assert_eq!(parse_timestamp(&timestamp(at)), Ok(at));
        }
    }

    #[test]
    fn durations_are_read_back() {
        for ms in [0, 1, 999, 1_000, 60_000, 90_000, 3_600_000, 86_400_000, i64::MAX] {
            assert_eq!(parse_duration(&duration(ms)), Ok(ms));
        }
    }
}
