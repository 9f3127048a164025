//! A reading of redacted messages that shares nothing with the engine: serde_json decodes the strings, and what lies between strings is compared
//! as bytes.

use leverframe_runtime::Policy;

use crate::policy::result;

const MARK: &str = "[redacted:";

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece<'a> {
    /// A string with its quotes.
    Literal(&'a str),
    /// A number.
    Number(&'a str),
    /// Anything between.
    Other(&'a str),
}

/// Redacts a result and checks all that can be checked without knowing where the finds are; the redacted message.
pub(crate) fn assert_redacted(policy: &Policy, raw: &str) -> String {
    let scanned = result(policy, raw);
    assert!(!scanned.withheld && scanned.denied_by.is_empty(), "{raw}");
    let Some(redacted) = scanned.redacted.clone() else {
        assert!(scanned.found.is_empty(), "{raw}");
        return raw.to_owned();
    };
    assert!(!scanned.found.is_empty(), "{raw}");
    let redacted = String::from_utf8(redacted).unwrap();
    assert_only_finds_changed(raw, &redacted);
    let again = result(policy, &redacted);
    assert_eq!((again.redacted, again.found.len(), again.labels.0), (None, 0, 0), "something survives in {redacted} of {raw}");
    redacted
}

/// The decoded strings of a message, names of members included, in order; and its numbers.
pub(crate) fn strings(raw: &str) -> Vec<String> {
    let texts = pieces(raw).into_iter().filter_map(|piece| match piece {
        Piece::Literal(literal) => Some(serde_json::from_str(literal).unwrap()),
        Piece::Number(number) => Some(number.to_owned()),
        Piece::Other(_) => None,
    });
    texts.collect()
}

fn assert_only_finds_changed(raw: &str, redacted: &str) {
    serde_json::from_str::<serde::de::IgnoredAny>(redacted).unwrap_or_else(|error| panic!("{error} in {redacted} of {raw}"));
    let (before, after) = (pieces(raw), pieces(redacted));
    assert_eq!(before.len(), after.len(), "{redacted} of {raw}");
    for pair in before.iter().zip(&after) {
        match pair {
            (Piece::Literal(before), Piece::Literal(after)) if before != after => assert_literal(before, after),
            (Piece::Number(before), Piece::Literal(after)) => {
                assert!(after.contains(MARK), "{after}");
                assert_kept(before, &serde_json::from_str::<String>(after).unwrap());
            }
            (before, after) => assert_eq!(before, after, "{redacted} of {raw}"),
        }
    }
}

fn assert_literal(before: &str, after: &str) {
    if !after.contains(MARK) {
        let decoded = [before, after].map(|literal| String::from_utf8(base64(literal)).unwrap());
        return assert_kept(&decoded[0], &decoded[1]);
    }
    assert_kept(before, after);
    let [before, after] = [before, after].map(|literal| serde_json::from_str::<String>(literal).unwrap());
    assert_kept(&before, &after);
}

/// What stands between the replacements stood in the text before, in this order, at its beginning and at its end.
fn assert_kept(before: &str, after: &str) {
    let mut kept =
        after.split(MARK).enumerate().map(|(at, piece)| if at == 0 { piece } else { piece.split_once(']').unwrap().1 }).peekable();
    let first = kept.next().unwrap();
    let mut rest = before.strip_prefix(first).unwrap_or_else(|| panic!("{after:?} of {before:?}"));
    while let Some(piece) = kept.next() {
        let one = rest.chars().next().map_or_else(|| panic!("{after:?} of {before:?}"), char::len_utf8);
        let taken =
            if kept.peek().is_none() { rest.len().checked_sub(piece.len()).unwrap() } else { one + rest[one..].find(piece).unwrap() };
        assert!(taken >= one, "{after:?} of {before:?}");
        assert!(rest[taken..].starts_with(piece), "{after:?} of {before:?}");
        rest = &rest[taken + piece.len()..];
    }
    assert!(rest.is_empty(), "{after:?} of {before:?}");
}

fn pieces(raw: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        let numeric = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let (length, make): (usize, fn(&str) -> Piece<'_>) = match first {
            '"' => (literal(rest), |text| Piece::Literal(text)),
            '-' | '0'..='9' => (rest.find(|c| !numeric(c)).unwrap_or(rest.len()), |text| Piece::Number(text)),
            _ => (rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()).unwrap_or(rest.len()), |text| Piece::Other(text)),
        };
        pieces.push(make(&rest[..length]));
        rest = &rest[length..];
    }
    pieces
}

fn literal(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    panic!("a string without an end: {text}")
}

/// Decodes base64 bit by bit.
fn base64(literal: &str) -> Vec<u8> {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let text: String = serde_json::from_str(literal).unwrap();
    let bits: Vec<usize> = text
        .chars()
        .filter(|character| *character != '=')
        .map(|character| alphabet.iter().position(|known| *known == character).unwrap())
        .flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1))
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | u8::try_from(*bit).unwrap())).collect()
}
