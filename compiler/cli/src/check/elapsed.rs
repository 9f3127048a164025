//! A span of time in words.
//!
//! In: milliseconds. Out: text as the language writes durations, largest unit first: `1d 2h`, `30s`, `1500ms` as `1s 500ms`.

const UNITS: [(u64, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];

/// The words; no time at all is `0s`.
pub(super) fn elapsed(ms: u64) -> String {
    let mut rest = ms;
    let mut parts = Vec::new();
    for (unit, name) in UNITS {
        let whole = rest / unit;
        rest %= unit;
        if whole > 0 {
            parts.push(format!("{whole}{name}"));
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::elapsed;

    #[test]
    fn units_that_are_nought_are_left_out() {
        let cases = [(0, "0s"), (1, "1ms"), (1_500, "1s 500ms"), (3_600_000, "1h"), (90_000_000, "1d 1h"), (3_601_000, "1h 1s")];
        for (ms, words) in cases {
            assert_eq!(elapsed(ms), words);
        }
    }
}
