//! Base64, in its one canonical spelling.
//!
//! In: text, or bytes. Out: the bytes that it spells, or their spelling. Invariant: only what [`encode`] writes is decoded, so a reader that is
//! laxer meets nothing here that it would read differently.
//! Source: RFC 4648, section 4; `lang-spec/content.md`, [content.part].

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes; none where the text is not exactly their spelling.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut groups = text.as_bytes().chunks(4).peekable();
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    while let Some(group) = groups.next() {
        let group = <&[u8; 4]>::try_from(group).ok()?;
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && groups.peek().is_some()) {
            return None;
        }
        let digits = group.iter().take(4 - padding);
        let word =
            digits.map(|byte| value(*byte)).chain((0..padding).map(|_| Some(0))).try_fold(0, |word, digit| Some(word << 6 | digit?))?;
        let [_, bytes @ ..] = u32::to_be_bytes(word);
        let (kept, unused) = bytes.split_at_checked(3 - padding)?;
        if unused.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    Some(out)
}

/// The spelling of bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().chain([0, 0, 0].iter()).take(3).fold(0_usize, |word, byte| word << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = ALPHABET.get((word >> (18 - 6 * place)) & 63).filter(|_| place <= group.len());
            out.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
    out
}

fn value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_rfc() {
        for (text, spelled) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(encode(text.as_bytes()), spelled);
            assert_eq!(decode(spelled).as_deref(), Some(text.as_bytes()));
        }
    }

    #[test]
    fn other_spellings_are_none() {
        for text in ["Zg=", "Zg", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9v", "Zm9v\n", "Zm-_", "=Zm9"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
