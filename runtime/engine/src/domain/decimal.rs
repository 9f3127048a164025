//! Numbers as the exact decimals of their JSON text.
//!
//! In: the text of a JSON number. Out: a view of it that compares exactly, without rounding and without allocating.
//! Invariants: the view is sign, significant digits without zeros at either end, and a power of ten, so two texts of one
//! number (`50`, `50.0`, `5e1`, `-0` and `0`) are equal; the order is that of the numbers.
//! Left out on purpose: arithmetic, which the language has for integers only.
//! Source: clauses 3 and 9 of the language; the grammar of RFC 8259, section 6.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt::Write;

use super::DomainError;
use crate::limits::{NUMBER_DIGITS, NUMBER_EXPONENT};

/// An exact decimal number that borrows the digits of its text.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<'a> {
    negative: bool,
    /// The significant digits, in two pieces because a point may have stood between them.
    whole: &'a str,
    fraction: &'a str,
    /// The number is 0.DIGITS times ten to this power.
    magnitude: i32,
}

impl<'a> Decimal<'a> {
    /// Reads the text of a JSON number.
    ///
    /// # Errors
    /// [`DomainError::NotNumber`] where the text is no JSON number; [`DomainError::OutOfRange`] beyond the limits.
    ///
    /// # Limits
    /// [`NUMBER_DIGITS`] digits before the exponent and an exponent of [`NUMBER_EXPONENT`], both as written.
    pub fn parse(text: &'a str) -> Result<Self, DomainError> {
        Self::parse_within(text, NUMBER_EXPONENT)
    }

    /// Reads what [`Decimal::write_normal`] wrote, whose exponent may be larger than that of any source text.
    ///
    /// # Errors
    /// Those of [`Decimal::parse`].
    pub fn parse_normal(text: &'a str) -> Result<Self, DomainError> {
        let digits = i32::try_from(NUMBER_DIGITS).unwrap_or(i32::MAX);
        Self::parse_within(text, NUMBER_EXPONENT.saturating_add(digits))
    }

    /// Appends the normal form: an integer without trailing zeros, then `e` and the power of ten unless that is 0.
    pub fn write_normal(&self, out: &mut String) {
        if self.is_zero() {
            out.push('0');
            return;
        }
        if self.negative {
            out.push('-');
        }
        out.push_str(self.whole);
        out.push_str(self.fraction);
        let exponent = self.magnitude - self.digit_count();
        if exponent != 0 {
            // Writing to a string cannot fail.
            let _ = write!(out, "e{exponent}");
        }
    }

    /// The number as an integer of 64 bits.
    ///
    /// # Errors
    /// [`DomainError::NotInteger`] where it has a fraction, [`DomainError::OutOfRange`] beyond 64 bits.
    pub fn to_i64(&self) -> Result<i64, DomainError> {
        if self.is_zero() {
            return Ok(0);
        }
        if self.magnitude < self.digit_count() {
            return Err(DomainError::NotInteger);
        }
        // Counted down from zero, because the least integer has no positive counterpart.
        let places = usize::try_from(self.magnitude).map_err(|_| DomainError::NotInteger)?;
        let digits = self.digits().chain(core::iter::repeat(b'0')).take(places);
        let mut value = 0_i64;
        for digit in digits {
            value = value.checked_mul(10).and_then(|value| value.checked_sub(i64::from(digit - b'0'))).ok_or(DomainError::OutOfRange)?;
        }
        if self.negative { Ok(value) } else { value.checked_neg().ok_or(DomainError::OutOfRange) }
    }

    fn parse_within(text: &'a str, max_exponent: i32) -> Result<Self, DomainError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent, max_exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(DomainError::NotNumber),
            Some(pieces) => pieces,
            None => (mantissa, ""),
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !all_digits(whole) || !all_digits(fraction) {
            return Err(DomainError::NotNumber);
        }
        if whole.len() + fraction.len() > NUMBER_DIGITS {
            return Err(DomainError::OutOfRange);
        }
        Ok(Self::trimmed(negative, whole, fraction, exponent))
    }

    fn trimmed(negative: bool, whole: &'a str, fraction: &'a str, exponent: i32) -> Self {
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let (fraction, magnitude) = if whole.is_empty() {
            let significant = fraction.trim_start_matches('0');
            (significant, exponent - length(fraction) + length(significant))
        } else {
            (fraction, exponent + length(whole))
        };
        let whole = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
        let zero = whole.is_empty() && fraction.is_empty();
        Self { negative: negative && !zero, whole, fraction, magnitude: if zero { 0 } else { magnitude } }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn digits(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    fn digit_count(&self) -> i32 {
        length(self.whole) + length(self.fraction)
    }

    fn signum(&self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let sizes = || self.magnitude.cmp(&other.magnitude).then_with(|| self.digits().cmp(other.digits()));
        match self.signum().cmp(&other.signum()) {
            Ordering::Equal if self.negative => sizes().reverse(),
            Ordering::Equal => sizes(),
            unequal => unequal,
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal<'_> {}

fn parse_exponent(text: &str, max: i32) -> Result<i32, DomainError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !all_digits(digits) {
        return Err(DomainError::NotNumber);
    }
    let value: i32 = match digits.trim_start_matches('0') {
        "" => 0,
        digits => digits.parse().map_err(|_| DomainError::OutOfRange)?,
    };
    if value > max {
        return Err(DomainError::OutOfRange);
    }
    Ok(if negative { -value } else { value })
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The length of a piece that [`NUMBER_DIGITS`] bounds.
fn length(piece: &str) -> i32 {
    i32::try_from(piece.len()).unwrap_or(i32::MAX)
}
