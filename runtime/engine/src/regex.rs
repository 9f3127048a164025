//! Regular expressions: automata that the compiler made, read back and run in linear time.
//!
//! In: the bytes of a serialised sparse DFA. Out: whole-string matching. Nothing is compiled at run time.
//! Source: language section 9; regex-automata's documentation of serialised DFAs.

use alloc::vec::Vec;
use core::fmt;

use regex_automata::dfa::Automaton;
use regex_automata::dfa::sparse::DFA;
use regex_automata::util::primitives::StateID;
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

    /// The state before the first byte of a text; none where there is none.
    pub(crate) fn start(&self) -> Option<StateID> {
        self.0.start_state_forward(&Input::new("").anchored(Anchored::Yes)).ok()
    }

    /// The state after a byte: inside, none where nothing can match any more; outside, none where the automaton gives up.
    pub(crate) fn step(&self, state: StateID, byte: u8) -> Option<Option<StateID>> {
        let next = self.0.next_state(state, byte);
        if self.0.is_quit_state(next) { None } else { Some((!self.0.is_dead_state(next)).then_some(next)) }
    }

    /// Whether a text that ends in a state matches.
    pub(crate) fn ends(&self, state: StateID) -> bool {
        self.0.is_match_state(self.0.next_eoi_state(state))
    }

    /// Whether the whole text matches; none where the automaton gave up, which decides nothing.
    pub(crate) fn matches(&self, text: &str) -> Option<bool> {
        let input = Input::new(text).anchored(Anchored::Yes);
        let end = self.0.try_search_fwd(&input).ok()?;
        Some(end.is_some_and(|half| half.offset() == text.len()))
    }
}
