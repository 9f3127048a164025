//! Payment card numbers: known beginnings with their lengths, and Luhn's check digit.
//!
//! In: digits with separators between them. Out: whether they are such a number.
//! Source: `lang-spec/content.md`, [content.card]; ISO/IEC 7812-1 (annex B: the check digit).

/// Beginnings from one number to another (of so many digits), and the lengths that they have.
struct Issuer {
    digits: usize,
    from: u32,
    to: u32,
    lengths: Lengths,
}

/// Lengths that an issuer's numbers have.
enum Lengths {
    Between(usize, usize),
    OneOf(&'static [usize]),
}

const fn issuer(digits: usize, from: u32, to: u32, lengths: Lengths) -> Issuer {
    Issuer { digits, from, to, lengths }
}

use Lengths::{Between, OneOf};

const ISSUERS: &[Issuer] = &[
    issuer(1, 4, 4, OneOf(&[13, 16, 19])),
    issuer(2, 51, 55, OneOf(&[16])),
    issuer(4, 2221, 2720, OneOf(&[16])),
    issuer(2, 34, 34, OneOf(&[15])),
    issuer(2, 37, 37, OneOf(&[15])),
    issuer(3, 300, 305, Between(14, 19)),
    issuer(4, 3095, 3095, Between(14, 19)),
    issuer(2, 36, 36, Between(14, 19)),
    issuer(2, 38, 39, Between(14, 19)),
    issuer(4, 3528, 3589, Between(16, 19)),
    issuer(2, 60, 60, Between(16, 19)),
    issuer(2, 62, 62, Between(16, 19)),
    issuer(3, 644, 649, Between(16, 19)),
    issuer(2, 65, 65, Between(16, 19)),
    issuer(3, 636, 636, Between(16, 19)),
    issuer(4, 2200, 2204, Between(16, 19)),
    issuer(4, 5018, 5020, Between(12, 19)),
    issuer(4, 5038, 5038, Between(12, 19)),
    issuer(4, 5893, 5893, Between(12, 19)),
    issuer(4, 6304, 6304, Between(12, 19)),
    issuer(4, 6759, 6759, Between(12, 19)),
    issuer(4, 6761, 6763, Between(12, 19)),
    issuer(6, 506_099, 506_198, Between(16, 19)),
    issuer(2, 81, 82, Between(16, 19)),
    issuer(3, 508, 508, Between(16, 19)),
    issuer(4, 9792, 9792, Between(16, 19)),
];

/// Digits of the longest number.
const LONGEST: usize = 19;

/// Whether the digits of `piece` are a payment card's number.
pub(super) fn holds(piece: &str) -> bool {
    let mut digits = [0_u8; LONGEST];
    let mut count = 0;
    for byte in piece.bytes().filter(u8::is_ascii_digit) {
        let Some(place) = digits.get_mut(count) else { return false };
        *place = byte - b'0';
        count += 1;
    }
    let digits = digits.get(..count).unwrap_or(&[]);
    ISSUERS.iter().any(|issuer| issuer.has(digits)) && luhn(digits)
}

impl Issuer {
    fn has(&self, number: &[u8]) -> bool {
        let Some(beginning) = number.get(..self.digits) else { return false };
        let beginning = beginning.iter().fold(0_u32, |value, digit| value * 10 + u32::from(*digit));
        let length = match self.lengths {
            Between(least, most) => (least..=most).contains(&number.len()),
            OneOf(lengths) => lengths.contains(&number.len()),
        };
        length && (self.from..=self.to).contains(&beginning)
    }
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { u32::from(digit) * 2 - 9 } else { u32::from(digit) * 2 };
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(place, digit)| if place % 2 == 1 { doubled(*digit) } else { u32::from(*digit) }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn numbers_of_each_issuer() {
        for number in [
            "4111 1111 1111 1111",
            "4222222222222",
            "5555-5555-5555-4444",
            "2223003122003222",
            "378282246310005",
            "30569309025904",
            "36227206271667",
            "6011111111111117",
            "3530111333300000",
            "6200000000000005",
        ] {
            assert!(holds(number), "{number}");
        }
    }

    #[test]
    fn near_misses() {
        for number in ["4111 1111 1111 1112", "4111 1111 1111 111", "0000000000000000", "1111111111111117", "41111111111111111111", "", "4"]
        {
            assert!(!holds(number), "{number}");
        }
    }
}
