//! What functions made of a call's arguments, so that a URL's host is found once however many conditions ask for it.
//!
//! In: a function and the text of an argument. Out: what it made of it. Invariants: entries are of the letter at hand alone; there are never more than
//! [`MOST`], so that looking one up costs no more than making it.

use alloc::string::String;
use alloc::vec::Vec;

use super::Failure;
use crate::frame::Function;
use crate::values::TextSpan;

/// How many are kept: conditions apply few functions to few fields, and elements of lists are not kept.
const MOST: usize = 16;

/// What a function makes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Int(i64),
    /// A range of the text that was made.
    Text(usize, usize),
}

/// What was made of arguments of the letter at hand.
#[derive(Debug, Default)]
pub(super) struct Derived {
    text: String,
    entries: Vec<(Function, TextSpan, Result<Made, Failure>)>,
}

impl Derived {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
    }

    /// What was made before.
    pub(super) fn get(&self, function: Function, of: TextSpan) -> Option<Result<Made, Failure>> {
        self.entries.iter().find(|(made_by, span, _)| *made_by == function && *span == of).map(|(_, _, made)| *made)
    }

    /// Keeps what was made, where there is room; `text` is what a range is of.
    pub(super) fn keep(
        &mut self,
        function: Function,
        of: TextSpan,
        made: Result<Made, Failure>,
        text: &str,
    ) -> Option<Result<Made, Failure>> {
        if self.entries.len() >= MOST {
            return None;
        }
        let kept = match made {
            Ok(Made::Text(start, end)) => {
                let at = self.text.len();
                self.text.push_str(text.get(start..end).unwrap_or(""));
                Ok(Made::Text(at, self.text.len()))
            }
            other => other,
        };
        self.entries.push((function, of, kept));
        Some(kept)
    }

    pub(super) fn text(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or("")
    }
}
