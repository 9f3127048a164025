//! Instants, durations, and the hour and weekday of an instant.
//!
//! In: an RFC 3339 timestamp, or a duration such as `10m`. Out: milliseconds, of an instant since 1970-01-01T00:00:00Z.
//! Invariants: the calendar is the proleptic Gregorian one, from year 0000 to 9999; a day has 86,400 seconds.
//! Choices, all to the strict side: `T` and `Z` are upper-case, an offset is required (`-00:00` is UTC), seconds are too, a
//! leap second (`:60`) fails, a fraction has one to nine digits of which those beyond milliseconds are cut off.
//! Left out on purpose: time zones. A local time comes in through `context`.
//! Source: clauses 2, 4 and 9 of the language; RFC 3339, section 5.6. The day count is the usual one by 400-year eras.

use super::DomainError;

/// Milliseconds in a second, a minute, an hour and a day.
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Days in 400 years, and from the first of March of year 0 to the first of January 1970.
const DAYS_OF_ERA: i64 = 146_097;
const DAYS_TO_EPOCH: i64 = 719_468;

/// The most digits that a fraction of a second may have.
const FRACTION_DIGITS: usize = 9;

/// Reads an RFC 3339 timestamp.
///
/// # Units
/// Milliseconds since the epoch.
///
/// # Errors
/// [`DomainError::NotTimestamp`], [`DomainError::NoSuchTime`] or [`DomainError::LeapSecond`].
pub fn parse_timestamp(text: &str) -> Result<i64, DomainError> {
    let mut cursor = Cursor(text.as_bytes());
    let date = cursor.date()?;
    cursor.byte(b'T')?;
    let time = cursor.time_of_day()?;
    let offset = cursor.offset()?;
    if cursor.0.is_empty() { Ok(date + time - offset) } else { Err(DomainError::NotTimestamp) }
}

/// Reads a duration: digits without a leading zero, and one of `ms`, `s`, `m`, `h`, `d`.
///
/// # Units
/// Milliseconds.
///
/// # Errors
/// [`DomainError::NotDuration`], or [`DomainError::OutOfRange`] beyond 64 bits.
pub fn parse_duration(text: &str) -> Result<i64, DomainError> {
    let end = text.find(|c: char| !c.is_ascii_digit()).ok_or(DomainError::NotDuration)?;
    let (digits, unit) = text.split_at_checked(end).ok_or(DomainError::NotDuration)?;
    let unit = match unit {
        "ms" => 1,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return Err(DomainError::NotDuration),
    };
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(DomainError::NotDuration);
    }
    let count: i64 = digits.parse().map_err(|_| DomainError::OutOfRange)?;
    count.checked_mul(unit).ok_or(DomainError::OutOfRange)
}

/// The hour of the day of an instant in UTC, 0 to 23.
#[must_use]
pub fn hour(at: i64) -> i64 {
    at.rem_euclid(DAY) / HOUR
}

/// The day of the week of an instant in UTC, 1 (Monday) to 7 (Sunday).
#[must_use]
pub fn weekday(at: i64) -> i64 {
    // 1970-01-01 was a Thursday, three days after a Monday.
    (at.div_euclid(DAY) + 3).rem_euclid(7) + 1
}

/// What is left of a timestamp.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn date(&mut self) -> Result<i64, DomainError> {
        let year = self.digits(4)?;
        self.byte(b'-')?;
        let month = self.digits(2)?;
        self.byte(b'-')?;
        let day = self.digits(2)?;
        if (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day) {
            Ok(days_since_epoch(year, month, day) * DAY)
        } else {
            Err(DomainError::NoSuchTime)
        }
    }

    fn time_of_day(&mut self) -> Result<i64, DomainError> {
        let minutes = self.hour_and_minute()?;
        self.byte(b':')?;
        let second = self.digits(2)?;
        match second {
            0..=59 => Ok(minutes + second * SECOND + self.fraction()?),
            60 => Err(DomainError::LeapSecond),
            _ => Err(DomainError::NoSuchTime),
        }
    }

    fn hour_and_minute(&mut self) -> Result<i64, DomainError> {
        let hour = self.digits(2)?;
        self.byte(b':')?;
        let minute = self.digits(2)?;
        if hour < 24 && minute < 60 { Ok(hour * HOUR + minute * MINUTE) } else { Err(DomainError::NoSuchTime) }
    }

    fn fraction(&mut self) -> Result<i64, DomainError> {
        let Some(rest) = self.0.strip_prefix(b".") else {
            return Ok(0);
        };
        let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 || count > FRACTION_DIGITS {
            return Err(DomainError::NotTimestamp);
        }
        self.0 = rest;
        let kept = count.min(3);
        let value = self.digits(kept)?;
        self.digits(count - kept)?;
        Ok((kept..3).fold(value, |value, _| value * 10))
    }

    fn offset(&mut self) -> Result<i64, DomainError> {
        match self.next()? {
            b'Z' => Ok(0),
            b'+' => self.hour_and_minute(),
            b'-' => Ok(-self.hour_and_minute()?),
            _ => Err(DomainError::NotTimestamp),
        }
    }

    fn digits(&mut self, count: usize) -> Result<i64, DomainError> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.next()?;
            if !byte.is_ascii_digit() {
                return Err(DomainError::NotTimestamp);
            }
            value = value * 10 + i64::from(byte - b'0');
        }
        Ok(value)
    }

    fn byte(&mut self, wanted: u8) -> Result<(), DomainError> {
        if self.next()? == wanted { Ok(()) } else { Err(DomainError::NotTimestamp) }
    }

    fn next(&mut self) -> Result<u8, DomainError> {
        let (first, rest) = self.0.split_first().ok_or(DomainError::NotTimestamp)?;
        self.0 = rest;
        Ok(*first)
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts days with the year beginning in March, so that a leap day is a year's last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_OF_ERA + day_of_era - DAYS_TO_EPOCH
}
