//! Literals written as JSON, for the calls of tests.
//!
//! In: literals of the language. Out: JSON text that the engine reads as the same value. Invariant: the text is valid JSON.
//! Source: language section 2 (literals) and 3 (types).

use std::fmt::Write;

use leverframe_syntax::tree::LiteralKind;

/// A literal as JSON: durations and timestamps as the strings that stand for them in arguments.
pub(super) fn literal(kind: &LiteralKind) -> String {
    match kind {
        LiteralKind::String(text) => string(text),
        LiteralKind::Timestamp(text) => string(text),
        LiteralKind::Int(value) => value.to_string(),
        LiteralKind::Decimal(text) => number(text),
        LiteralKind::Bool(value) => value.to_string(),
        LiteralKind::Null => "null".to_owned(),
        LiteralKind::Duration(ms) => format!("\"{ms}ms\""),
    }
}

/// A JSON string.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// JSON allows no zeros before the first digit that counts.
fn number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let plain = digits.trim_start_matches('0');
    let zero = if plain.is_empty() || plain.starts_with('.') { "0" } else { "" };
    format!("{sign}{zero}{plain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        assert_eq!(literal(&LiteralKind::Decimal("007.50".into())), "7.50");
        assert_eq!(literal(&LiteralKind::Decimal("-00.5".into())), "-0.5");
        assert_eq!(literal(&LiteralKind::String("a\"\\\u{1}\u{1f600}".into())), "\"a\\\"\\\\\\u0001\u{1f600}\"");
        assert_eq!(literal(&LiteralKind::Duration(90_000)), "\"90000ms\"");
    }
}
