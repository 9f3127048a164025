//! Regular expressions: automata that the compiler made, read back and run in linear time.
//!
//! In: the bytes of a serialised sparse DFA. Out: whole-string matching. Nothing is compiled at run time.
//! Source: language section 9; regex-automata's documentation of serialised DFAs.

use alloc::vec::Vec;
use core::fmt;

use regex_automata::dfa::Automaton;
use regex_automata::dfa::sparse::DFA;
use regex_automata::{Anchored, Input};

/// A loaded automaton.
pub(crate) struct Regex(DFA<Vec<u8>>);

impl fmt::Debug for Regex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Regex").finish_non_exhaustive()
    }
}

impl Regex {
    /// Reads and validates an automaton; none where the bytes are not exactly one.
    pub(crate) fn load(bytes: &[u8]) -> Option<Self> {
        let (dfa, read) = DFA::from_bytes(bytes).ok()?;
        (read == bytes.len()).then(|| Self(dfa.to_owned()))
    }

    /// Whether the whole text matches; none where the automaton gave up, which decides nothing.
    pub(crate) fn matches(&self, text: &str) -> Option<bool> {
        let input = Input::new(text).anchored(Anchored::Yes);
        let end = self.0.try_search_fwd(&input).ok()?;
        Some(end.is_some_and(|half| half.offset() == text.len()))
    }
}
