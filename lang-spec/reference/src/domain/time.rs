//! Instants and durations.
//!
//! Source: `lang-spec/domain-types.md`, [domain.time]; RFC 3339; language section 9 (`weekday` counts from 1, Monday).

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 of an RFC 3339 text.
pub(crate) fn timestamp(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-', &[4, 2, 2])?.try_into().ok()?;
    let days = days_since_1970(year, month, day)?;
    let (clock, offset) = match time.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let sign = time.rfind(['+', '-'])?;
            let (clock, offset) = time.split_at_checked(sign)?;
            let minutes = hour_and_minute(offset.get(1..)?)?;
            (clock, if offset.starts_with('-') { -minutes } else { minutes })
        }
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, digits)) => (clock, milliseconds(digits)?),
        None => (clock, 0),
    };
    let (minutes, seconds) = clock.rsplit_once(':')?;
    let [seconds] = numbers(seconds, ':', &[2])?.try_into().ok()?;
    (seconds < 60).then_some(())?;
    Some(days * DAY + (hour_and_minute(minutes)? - offset) * 60_000 + seconds * 1_000 + fraction)
}

/// Milliseconds of a duration in JSON.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at_checked(digits)?;
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(unit_ms(unit)?)
}

/// Milliseconds of a unit of durations.
pub(crate) fn unit_ms(unit: &str) -> Option<i64> {
    Some(match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => DAY,
        _ => return None,
    })
}

/// The hour of an instant in UTC.
pub(crate) fn hour(at: i64) -> i64 {
    at.rem_euclid(DAY) / 3_600_000
}

/// The weekday of an instant in UTC, 1 for Monday.
pub(crate) fn weekday(at: i64) -> i64 {
    // The first day of 1970 was a Thursday.
    (at.div_euclid(DAY) + 3).rem_euclid(7) + 1
}

/// Groups of exactly so many digits.
fn numbers(text: &str, separator: char, lengths: &[usize]) -> Option<Vec<i64>> {
    let parts: Vec<&str> = text.split(separator).collect();
    if parts.len() != lengths.len() {
        return None;
    }
    let number = |(part, length): (&&str, &usize)| {
        let plain = part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok())?
    };
    parts.iter().zip(lengths).map(number).collect()
}

fn hour_and_minute(text: &str) -> Option<i64> {
    let [hour, minute] = numbers(text, ':', &[2, 2])?.try_into().ok()?;
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

fn milliseconds(digits: &str) -> Option<i64> {
    let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| format!("{digits}00").get(..3).and_then(|digits| digits.parse().ok()))?
}

/// Counted year by year and month by month.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let months: [i64; 12] = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok()?;
    let length = *months.get(before)?;
    (1..=length).contains(&day).then_some(())?;
    let years: i64 = if year >= 1970 { (1970..year).map(year_days).sum() } else { -(year..1970).map(year_days).sum::<i64>() };
    Some(years + months.iter().take(before).sum::<i64>() + day - 1)
}

fn year_days(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_the_calendar() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T01:00:00.0019+01:00", 1),
            ("2026-11-23T10:00:00.003Z", 1_795_428_000_003),
            ("2000-02-29T00:00:00-00:00", 951_782_400_000),
            ("1969-12-31T23:59:59.9Z", -100),
        ] {
            assert_eq!(timestamp(text), Some(ms), "{text}");
        }
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-01-01t00:00:00z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00Z",
            "2026-01-01",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
        assert_eq!((hour(-1), weekday(0), weekday(-1)), (23, 4, 3));
    }

    #[test]
    fn durations_as_the_language_writes_them() {
        assert_eq!((duration("30s"), duration("0ms"), duration("7d")), (Some(30_000), Some(0), Some(604_800_000)));
        for text in ["030s", "1_000s", "s", "5", "5 s", "-5s", "5w", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
