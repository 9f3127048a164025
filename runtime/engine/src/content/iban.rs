//! International bank account numbers: a country's length, and the check digits.
//!
//! In: letters and digits with separators between them. Out: whether they are such a number. Left out: national formats and check digits.
//! Source: `lang-spec/content.md`, [content.iban]; ISO 13616-1, ISO/IEC 7064 (MOD 97-10).

/// Countries, sorted, and how many characters their numbers have.
const COUNTRIES: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// Characters of the longest number that is looked at.
const LONGEST: usize = 35;

/// Whether `piece` is an IBAN.
pub(super) fn holds(piece: &str) -> bool {
    let mut compact = [0_u8; LONGEST];
    let mut count = 0;
    for byte in piece.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(place) = compact.get_mut(count) else { return false };
        *place = byte.to_ascii_uppercase();
        count += 1;
    }
    let number = compact.get(..count).unwrap_or(&[]);
    length(number) == Some(count) && remainder(number) == Some(1)
}

fn length(number: &[u8]) -> Option<usize> {
    let country = number.first_chunk::<2>()?;
    let found = COUNTRIES.binary_search_by(|(known, _)| (*known).cmp(country)).ok()?;
    COUNTRIES.get(found).map(|(_, length)| *length)
}

/// The number with its first four characters moved to the end, letters as 10 to 35, modulo 97.
fn remainder(number: &[u8]) -> Option<u32> {
    let (head, rest) = number.split_at_checked(4)?;
    rest.iter().chain(head).try_fold(0_u32, |value, byte| {
        let digit = char::from(*byte).to_digit(36)?;
        let shift = if digit > 9 { 100 } else { 10 };
        Some((value * shift + digit) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_sorted() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn numbers_and_near_misses() {
        for number in ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NO9386011117947", "de89 3704 0044 0532 0130 00"] {
            assert!(holds(number), "{number}");
        }
        for number in
            ["GB82 WEST 1234 5698 7654 33", "DE8937040044053201300", "DE893704004405320130000", "XX89370400440532013000", "DE", ""]
        {
            assert!(!holds(number), "{number}");
        }
    }
}
