//! Lines and columns of bytes.
//!
//! In: a text and an offset. Out: line and column, both from 1, the column in characters.

use serde::Serialize;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    /// From 0.
    pub(crate) byte: usize,
}

/// The place of a byte; one past the end of the text is its last place.
pub(crate) fn place(text: &str, byte: usize) -> Place {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = text.get(..byte).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    Place { line: before.matches('\n').count() + 1, column, byte }
}

#[cfg(test)]
mod tests {
    use super::{Place, place};

    #[test]
    fn columns_are_characters() {
        let text = "a\näö x\n";
        assert_eq!(place(text, 0), Place { line: 1, column: 1, byte: 0 });
        assert_eq!(place(text, 7), Place { line: 2, column: 4, byte: 7 });
        assert_eq!(place(text, 3), Place { line: 2, column: 1, byte: 2 });
        assert_eq!(place(text, 99), Place { line: 3, column: 1, byte: text.len() });
    }
}
