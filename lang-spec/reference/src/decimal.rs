//! Exact decimals.
//!
//! In: the text of a JSON number or of a literal. Out: a value that compares as the number it writes, without rounding.
//! Invariant: digits have no leading and no trailing zero; zero has no digits and no sign.
//! Source: language sections 3 and 9; `lang-spec/domain-types.md`, [domain.number].

use std::cmp::Ordering;

use crate::limits::{NUMBER_DIGITS, NUMBER_EXPONENT};

/// `digits` × 10^`exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a number; nothing where it has too many digits or too great an exponent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let written = whole.len() + fraction.len();
        if written == 0 || written > NUMBER_DIGITS || exponent.abs() > NUMBER_EXPONENT {
            return None;
        }
        Self::of_parts(negative, whole, fraction, exponent)
    }

    /// Reads a number in normal form, which may have more digits than a written one may.
    pub(crate) fn parse_plain(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Self::of_parts(negative, whole, fraction, 0)
    }

    fn of_parts(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Option<Self> {
        let all = format!("{whole}{fraction}");
        if !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let trimmed = all.trim_end_matches('0');
        let exponent = exponent - i64::try_from(fraction.len()).ok()? + i64::try_from(all.len() - trimmed.len()).ok()?;
        let digits = trimmed.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        Some(Self { negative, digits, exponent })
    }

    /// The int it is, if it has no fraction and fits 64 bits.
    pub(crate) fn to_int(&self) -> Option<i64> {
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| *zeros <= 20)?;
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        format!("{sign}{digits}{}", "0".repeat(zeros)).parse().ok()
    }

    /// Without an exponent, as the core form writes it.
    pub(crate) fn plain(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        if self.digits.is_empty() {
            return "0".into();
        }
        if let Ok(zeros) = usize::try_from(self.exponent) {
            return format!("{sign}{}{}", self.digits, "0".repeat(zeros));
        }
        let places = usize::try_from(-self.exponent).unwrap_or(0);
        let padded = format!("{}{}", "0".repeat((places + 1).saturating_sub(self.digits.len())), self.digits);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        format!("{sign}{whole}.{fraction}")
    }

    /// The place of the first digit, counted from the point.
    fn magnitude(&self) -> i64 {
        self.exponent + i64::try_from(self.digits.len()).unwrap_or(i64::MAX / 2)
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::parse(&value.to_string()).unwrap_or(Self { negative: false, digits: String::new(), exponent: 0 })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.sign().cmp(&other.sign());
        if order != Ordering::Equal || self.sign() == 0 {
            return order;
        }
        // Digits without leading zeros compare as texts once their first places are equal; a shorter text is less.
        let size = self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits));
        if self.negative { size.reverse() } else { size }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn ints_are_numbers_without_a_fraction() {
        for (text, int) in [("50.0", 50), ("5e1", 50), ("-0", 0), ("0.05e2", 5), ("9223372036854775807", i64::MAX), ("1000E-3", 1)] {
            assert_eq!(decimal(text).to_int(), Some(int), "{text}");
        }
        for text in ["50.5", "9223372036854775808", "1e400", "1e-1"] {
            assert_eq!(decimal(text).to_int(), None, "{text}");
        }
    }

    #[test]
    fn order_is_exact() {
        let ordered = ["-10", "-9.99", "-1e-300", "0", "1e-300", "0.1", "0.10000000000000000001", "1", "9.9", "10", "1e300"];
        for (a, one) in ordered.iter().enumerate() {
            for (b, other) in ordered.iter().enumerate() {
                assert_eq!(decimal(one).cmp(&decimal(other)), a.cmp(&b), "{one} {other}");
            }
        }
        assert_eq!(decimal("1.50"), decimal("15e-1"));
    }

    #[test]
    fn normal_form_has_no_exponent() {
        for (text, plain) in [("1.50", "1.5"), ("-0.0", "0"), ("1e3", "1000"), ("-5e-3", "-0.005"), ("0012.0", "12")] {
            assert_eq!(decimal(text).plain(), plain);
        }
    }

    #[test]
    fn sizes_are_bounded() {
        assert!(Decimal::parse("1e401").is_none());
        assert!(Decimal::parse(&"1".repeat(401)).is_none());
        assert!(Decimal::parse(&"1".repeat(400)).is_some());
    }
}
