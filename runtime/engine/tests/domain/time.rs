//! Timestamps and durations, held against another implementation of the calendar.

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::time::{hour, parse_duration, parse_timestamp, weekday};

#[test]
fn timestamps_are_milliseconds_of_utc() {
    for (text, wanted) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.1Z", 100),
        ("1970-01-01T00:00:00.12Z", 120),
        ("1970-01-01T00:00:00.123456789Z", 123),
        ("1970-01-01T00:00:00.000999Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("2000-02-29T00:00:00Z", 951_782_400_000),
        ("2026-11-22T10:00:00Z", 1_795_341_600_000),
        ("2026-11-22T10:00:00.000+00:00", 1_795_341_600_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] {
        assert_eq!(parse_timestamp(text), Ok(wanted), "{text}");
    }
}

#[test]
fn other_spellings_of_time_fail() {
    for text in [
        "",
        "2026",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22T10:00Z",
        "2026-11-22T10Z",
        "2026-11-22 10:00:00Z",
        "2026-11-22t10:00:00Z",
        "2026-11-22T10:00:00z",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00,5Z",
        "2026-11-22T10:00:00.1234567890Z",
        "2026-11-22T10:00:00+0100",
        "2026-11-22T10:00:00+01",
        "2026-11-22T10:00:00+1:00",
        "2026-11-22T10:00:00Z ",
        " 2026-11-22T10:00:00Z",
        "2026-11-22T10:00:00ZZ",
        "2026-11-22T10:00:00Z\0",
        "26-11-22T10:00:00Z",
        "+2026-11-22T10:00:00Z",
        "-0001-11-22T10:00:00Z",
        "12026-11-22T10:00:00Z",
        "20261122T100000Z",
        "2026-W47-7T10:00:00Z",
        "2026-11-22T10:00:00[Europe/Berlin]",
        "1795341600000",
        "\u{ff12}026-11-22T10:00:00Z",
    ] {
        assert_eq!(parse_timestamp(text), Err(E::NotTimestamp), "{text:?}");
    }
}

#[test]
fn times_that_do_not_exist_fail() {
    for text in [
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+00:60",
    ] {
        assert_eq!(parse_timestamp(text), Err(E::NoSuchTime), "{text}");
    }
    assert_eq!(parse_timestamp("2016-12-31T23:59:60Z"), Err(E::LeapSecond));
}

#[test]
fn days_of_ten_thousand_years_agree_with_another_implementation() {
    let mut day: jiff::civil::Date = jiff::civil::date(0, 1, 1);
    let last = jiff::civil::date(9999, 12, 30);
    let mut days = 0;
    loop {
        let text = format!("{day}T13:14:15.016Z");
        let instant: jiff::Timestamp = text.parse().unwrap();
        let at = instant.as_millisecond();
        assert_eq!(parse_timestamp(&text), Ok(at), "{text}");
        assert_eq!(weekday(at), i64::from(day.weekday().to_monday_one_offset()));
        assert_eq!(hour(at), 13);
        days += 1;
        let next = day.checked_add(jiff::Span::new().days(17));
        let Some(next) = next.ok().filter(|next| *next <= last) else {
            break;
        };
        day = next;
    }
    assert!(days > 200_000);
}

#[test]
fn hours_and_weekdays_hold_before_the_epoch_and_at_the_ends() {
    assert_eq!((hour(0), weekday(0)), (0, 4));
    assert_eq!((hour(-1), weekday(-1)), (23, 3));
    assert_eq!((hour(3_599_999), hour(3_600_000)), (0, 1));
    assert_eq!((weekday(86_399_999), weekday(86_400_000)), (4, 5));
    for at in [i64::MIN, i64::MAX] {
        assert!((0..24).contains(&hour(at)));
        assert!((1..=7).contains(&weekday(at)));
    }
}

#[test]
fn durations_are_digits_and_one_unit() {
    for (text, wanted) in [
        ("0s", Ok(0)),
        ("500ms", Ok(500)),
        ("30s", Ok(30_000)),
        ("10m", Ok(600_000)),
        ("2h", Ok(7_200_000)),
        ("7d", Ok(604_800_000)),
        ("9223372036854775807ms", Ok(i64::MAX)),
        ("9223372036854775808ms", Err(E::OutOfRange)),
        ("106751991168d", Err(E::OutOfRange)),
        ("", Err(E::NotDuration)),
        ("s", Err(E::NotDuration)),
        ("10", Err(E::NotDuration)),
        ("10 s", Err(E::NotDuration)),
        ("-1s", Err(E::NotDuration)),
        ("+1s", Err(E::NotDuration)),
        ("1.5h", Err(E::NotDuration)),
        ("01s", Err(E::NotDuration)),
        ("1S", Err(E::NotDuration)),
        ("1w", Err(E::NotDuration)),
        ("1h30m", Err(E::NotDuration)),
        ("\u{661}s", Err(E::NotDuration)),
    ] {
        assert_eq!(parse_duration(text), wanted, "{text:?}");
    }
}
