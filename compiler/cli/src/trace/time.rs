//! The times of a record's lines.
//!
//! In: what stands at `at`, or nothing. Out: milliseconds of the epoch.
//! Invariant: a line without a time is one millisecond after the one before it in its file, the first at 0.
//! Source: `lang-spec/traces.md`, [trace.time].

use jiff::Timestamp;

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

/// Reads times as lines have them: RFC 3339 text, or integer milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// The beginning, up to its minute, of the last text that was read, and the milliseconds of that minute: the next text often shares them.
    minute: Option<([u8; UP_TO_MINUTE], i64)>,
}

impl Times {
    /// The time that a value stands for, given as its JSON text; nothing where it is none.
    pub(crate) fn read(&mut self, text: &str) -> Option<i64> {
        let Some(quoted) = text.strip_prefix('"') else { return text.parse().ok() };
        // What has an escape is read as JSON first.
        match quoted.strip_suffix('"') {
            Some(plain) if !plain.contains('\\') => self.instant(plain),
            _ => self.instant(&serde_json::from_str::<String>(text).ok()?),
        }
    }

    /// The time of RFC 3339 text.
    pub(crate) fn instant(&mut self, text: &str) -> Option<i64> {
        let parts = text.as_bytes().split_first_chunk().and_then(|(minute, rest)| Some((*minute, of_minute(rest)?)));
        if let (Some((minute, rest)), Some((known, start))) = (parts, self.minute)
            && minute == known
        {
            return Some(start + rest);
        }
        let at = text.parse::<Timestamp>().ok()?.as_millisecond();
        self.minute = parts.map(|(minute, rest)| (minute, at - rest));
        Some(at)
    }
}

/// The milliseconds that `SSZ` or `SS.fffZ` says, behind a time's minute.
fn of_minute(text: &[u8]) -> Option<i64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    let (tens, ones, fraction) = match *text {
        [tens @ b'0'..=b'5', ones, b'Z'] => (tens, ones, 0),
        [tens @ b'0'..=b'5', ones, b'.', a, b, c, b'Z'] => (tens, ones, digit(a)? * 100 + digit(b)? * 10 + digit(c)?),
        _ => return None,
    };
    Some(digit(tens)? * 10_000 + digit(ones)? * 1_000 + fraction)
}

/// Writes times as decisions have them: RFC 3339 in UTC with milliseconds, or the plain number where no calendar reaches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    text: String,
    /// The minute of the epoch that the text's beginning is of, which the next time often shares.
    minute: Option<i64>,
}

/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;
/// Characters of a time up to its minute: `2026-11-23T10:00:`.
const UP_TO_MINUTE: usize = 17;

impl Written {
    /// This time, as text.
    pub(crate) fn write(&mut self, at: i64) -> &str {
        use std::fmt::Write;
        let minute = Some(at.div_euclid(MINUTE));
        if self.minute != minute {
            self.text.clear();
            self.minute = None;
            let written = match Timestamp::from_millisecond(at) {
                Ok(instant) => write!(self.text, "{instant:.3}"),
                Err(_) => write!(self.text, "{at}"),
            };
            // Years beyond four digits have longer texts, and are written anew each time.
            if written.is_ok() && self.text.len() == "2026-11-23T10:00:00.000Z".len() && self.text.ends_with('Z') {
                self.minute = minute;
            }
            return &self.text;
        }
        self.text.truncate(UP_TO_MINUTE);
        let rest = at.rem_euclid(MINUTE);
        let digit = |unit: i64| char::from(b'0' + u8::try_from(rest / unit % 10).unwrap_or_default());
        self.text.extend([digit(10_000), digit(1_000), '.', digit(100), digit(10), digit(1), 'Z']);
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Times, Written};

    fn at(text: &str) -> Option<i64> {
        Times::default().read(text)
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
    fn times_of_one_minute_are_read_as_each_alone() {
        let mut times = Times::default();
        let minutes =
            ["2026-11-23T10:00:", "2026-11-23T10:01:", "2026-11-23 10:01:", "2026-11-23T10:00", "2026-13-01T10:00:", "1969-12-31T23:59:"];
        let rests = [
            "00Z",
            "59.999Z",
            "60Z",
            "07.12Z",
            "07.1234Z",
            "07.5z",
            "7Z",
            "00.000+01:00",
            "00+00:00",
            "0a.000Z",
            "00.00xZ",
            "-1Z",
            "00",
            "",
        ];
        for round in 0..3 {
            for (minute, rest) in minutes.iter().flat_map(|minute| rests.iter().map(move |rest| (minute, rest))) {
                let text = format!("\"{minute}{rest}\"");
                assert_eq!(times.read(&text), at(&text), "{text}, round {round}");
            }
        }
        assert_eq!(times.read("\"1969-12-31T23:59:59.999Z\""), Some(-1));
        assert_eq!(times.read("\"1969-12-31T23:59:00.001Z\""), Some(-59_999));
        assert_eq!(times.read("\"1969-12-31T23:59:00.00\\u0031Z\""), Some(-59_999));
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
        let mut written = Written::default();
        for (at, text) in [
            (1_795_428_000_003, "2026-11-23T10:00:00.003Z"),
            (1_795_428_059_999, "2026-11-23T10:00:59.999Z"),
            (1_795_428_060_000, "2026-11-23T10:01:00.000Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (-59_999, "1969-12-31T23:59:00.001Z"),
            (i64::MAX, "9223372036854775807"),
            (i64::MAX - 1, "9223372036854775806"),
        ] {
            assert_eq!(written.write(at), text);
        }
    }

    #[test]
    fn times_of_one_minute_are_written_as_each_alone() {
        let mut written = Written::default();
        for step in 0..200_000_i64 {
            let at = 1_795_428_000_000 + step * 7_919 % 1_000_000;
            assert_eq!(written.write(at), Written::default().write(at));
        }
    }
}
