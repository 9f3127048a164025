//! The times of a record's lines.
//!
//! In: what stands at `at`, or nothing. Out: milliseconds of the epoch.
//! Invariant: a line without a time is one millisecond after the one before it in its file, the first at 0.
//! Source: `lang-spec/traces.md`, [trace.time].

use jiff::Timestamp;
use serde_json::value::RawValue;

/// Gives every line of a file its time.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    last: Option<i64>,
}

impl Clock {
    /// The time of the next line, whose own `at` is given.
    pub(crate) fn next(&self, at: Option<i64>) -> i64 {
        at.unwrap_or_else(|| self.last.map_or(0, |last| last.saturating_add(1)))
    }

    /// A line of this time was taken.
    pub(crate) fn taken(&mut self, at: i64) {
        self.last = Some(at);
    }
}

/// Reads `at`: RFC 3339 text, or integer milliseconds. Nothing where it is neither.
pub(crate) fn read(raw: &RawValue) -> Option<i64> {
    let text = raw.get();
    if text.starts_with('"') {
        let text: String = serde_json::from_str(text).ok()?;
        let instant: Timestamp = text.parse().ok()?;
        Some(instant.as_millisecond())
    } else {
        text.parse().ok()
    }
}

/// A time as decisions write it: RFC 3339 in UTC with milliseconds, or the plain number where no calendar reaches.
pub(crate) fn write(at: i64) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(instant) => format!("{instant:.3}"),
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Clock, read, write};

    fn at(text: &str) -> Option<i64> {
        read(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn both_spellings_of_a_time() {
        assert_eq!(at("\"2026-11-23T10:00:00.000Z\""), Some(1_795_428_000_000));
        assert_eq!(at("\"2026-11-23T11:00:00+01:00\""), Some(1_795_428_000_000));
        assert_eq!(at("1795428000003"), Some(1_795_428_000_003));
        assert_eq!(at("-5"), Some(-5));
        assert_eq!(at("1.5"), None);
        assert_eq!(at("\"yesterday\""), None);
        assert_eq!(at("9223372036854775808"), None);
    }

    #[test]
    fn lines_without_a_time_follow_at_a_millisecond() {
        let mut clock = Clock::default();
        for (given, expected) in [(None, 0), (None, 1), (Some(50), 50), (None, 51), (Some(i64::MAX), i64::MAX), (None, i64::MAX)] {
            assert_eq!(clock.next(given), expected);
            clock.taken(expected);
        }
    }

    #[test]
    fn a_written_time_has_milliseconds() {
        assert_eq!(write(1_795_428_000_003), "2026-11-23T10:00:00.003Z");
        assert_eq!(write(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(write(i64::MAX), i64::MAX.to_string());
    }
}
