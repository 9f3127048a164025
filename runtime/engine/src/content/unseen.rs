//! Characters that are not seen, and texts without them.
//!
//! In: a text. Out: the text without them, and which stretch of the text a stretch of that stands for.
//! Source: `lang-spec/content.md`, [content.text].

use alloc::string::String;
use alloc::vec::Vec;

/// A text without its unseen characters.
#[derive(Debug, Default)]
pub(super) struct Seen {
    text: String,
    /// Where something was left out: the position in the text that is left, and how many bytes have been left out up to there.
    gaps: Vec<(usize, usize)>,
}

impl Seen {
    /// Leaves out of `text` what is not seen; false where there is nothing of that kind.
    pub(super) fn fill(&mut self, text: &str) -> bool {
        if text.is_ascii() || !text.chars().any(is_unseen) {
            return false;
        }
        self.text.clear();
        self.gaps.clear();
        let mut left_out = 0;
        for character in text.chars() {
            if is_unseen(character) {
                left_out += character.len_utf8();
                self.gap(left_out);
            } else {
                self.text.push(character);
            }
        }
        true
    }

    fn gap(&mut self, left_out: usize) {
        let at = self.text.len();
        match self.gaps.last_mut() {
            Some((last, sum)) if *last == at => *sum = left_out,
            _ => self.gaps.push((at, left_out)),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The stretch of the whole text that a stretch of the seen one stands for, with what was left out inside it.
    pub(super) fn whole(&self, start: usize, end: usize) -> (usize, usize) {
        (
            start + self.left_out(self.gaps.partition_point(|gap| gap.0 <= start)),
            end + self.left_out(self.gaps.partition_point(|gap| gap.0 < end)),
        )
    }

    fn left_out(&self, gaps: usize) -> usize {
        gaps.checked_sub(1).and_then(|last| self.gaps.get(last)).map_or(0, |gap| gap.1)
    }
}

fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn stretches_are_mapped_back() {
        let text = "\u{200b}ab\u{200b}\u{feff}c\u{ad}d";
        let mut seen = Seen::default();
        assert!(seen.fill(text));
        assert_eq!(seen.text(), "abcd");
        let piece = |start, end| {
            let (start, end) = seen.whole(start, end);
            &text[start..end]
        };
        assert_eq!(piece(0, 4), "ab\u{200b}\u{feff}c\u{ad}d");
        assert_eq!(piece(0, 2), "ab");
        assert_eq!(piece(2, 3), "c");
        assert_eq!(piece(1, 3), "b\u{200b}\u{feff}c");
        assert!(!seen.fill("caf\u{e9}"));
    }
}
