//! Tokens that look generated.
//!
//! In: a token. Out: whether its characters are as evenly used and as mixed as a generator's.
//! Source: `lang-spec/content.md`, [content.secret]; W. F. Friedman, "The Index of Coincidence" (1920), for the fourth condition, which counts
//! pairs and so needs no logarithm.

/// Characters of the longest token that is looked at.
const LONGEST: usize = 256;
/// Two characters drawn at random are equal at most one time in so many.
const RARITY: u64 = 24;

/// Whether the byte can stand in a token.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-')
}

/// Whether the token looks generated.
pub(super) fn holds(token: &str) -> bool {
    let bytes = token.as_bytes();
    bytes.len() <= LONGEST && has_kinds(bytes) && is_even(bytes) && is_mixed(bytes)
}

/// Conditions 2 and 3: of which kinds its characters are.
fn has_kinds(bytes: &[u8]) -> bool {
    let count = |kind: fn(&u8) -> bool| bytes.iter().filter(|byte| kind(byte)).count();
    let (lower, upper, digits) = (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase), count(u8::is_ascii_digit));
    let beyond_hex = bytes.iter().any(|byte| !byte.is_ascii_hexdigit() && *byte != b'-');
    let has_both = lower > 0 && upper > 0;
    beyond_hex && lower + upper > 0 && digits >= 2 && (has_both || digits * 6 >= bytes.len())
}

/// Condition 4: how often two of its characters are equal.
fn is_even(bytes: &[u8]) -> bool {
    let mut counts = [0_u64; 128];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let equal: u64 = counts.iter().map(|count| count * count.saturating_sub(1)).sum();
    let length = bytes.len() as u64;
    RARITY * equal <= length * length.saturating_sub(1)
}

#[derive(PartialEq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

/// Condition 5: how often the kind changes.
fn is_mixed(bytes: &[u8]) -> bool {
    let kind = |byte: &u8| match byte {
        b'a'..=b'z' => Kind::Lower,
        b'A'..=b'Z' => Kind::Upper,
        b'0'..=b'9' => Kind::Digit,
        _ => Kind::Other,
    };
    let changes = bytes.iter().zip(bytes.iter().skip(1)).filter(|(a, b)| kind(a) != kind(b)).count();
    changes * 4 >= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn generated_tokens() {
        for token in [
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8h2L0vTe",
            "q7Zk2mXw9RtB4vLp8sYd",
            "k3j9x0q7w2m5z8r1t6v4b9n2",
            "AIzaSyD9x4Kf7Qe2Lm8Vb1Nc5Wr3Tg6Yh0Uj",
        ] {
            assert!(holds(token), "{token}");
        }
    }

    #[test]
    fn names_digests_and_paths() {
        for token in [
            "d41d8cd98f00b204e9800998ecf8427e",
            "550e8400-e29b-41d4-a716-446655440000",
            "getCustomerAccountById",
            "org/apache/commons/lang3/StringUtils",
            "usr/lib/x86_64-linux-gnu/libstdc",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "2024-11-22-quarterly-report-final-v2",
            "--------------------------------",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        ] {
            assert!(!holds(token), "{token}");
        }
    }
}
