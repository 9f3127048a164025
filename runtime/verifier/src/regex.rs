//! Regular expressions: an automaton of the frame, against one made here of the policy's text.
//!
//! In: the text of an expression and a serialised sparse automaton. Out: whether the bytes are those of the automaton that regex-automata makes of it. Equal
//! bytes are asked for, since an automaton carries more than its language (what it accelerates, what it does with empty matches).
//! Source: `lang-spec/frame-format.md`, [frame.policy] (regexes, detectors).

use leverframe_reference::pattern;
use regex_automata::MatchKind;
use regex_automata::dfa::{StartKind, dense};
use regex_automata::nfa::thompson;

use crate::limits::AUTOMATON_BYTES;
use crate::{Checked, Checker, require};

/// How an automaton reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Anchored, forward.
    Forward,
    /// Not anchored, from the end.
    Reverse,
}

impl Checker<'_> {
    /// Whether the automaton is that of the expression, read forward.
    pub(crate) fn expression(&mut self, text: &str, bytes: &[u8]) -> Checked {
        self.report.expressions += 1;
        require(automaton(text, Way::Forward)? == bytes, || format!("the automaton of `{text}` is another one"))
    }
}

/// The automaton that reports the ends (read from the end: the beginnings) of all of the expression's matches.
pub(crate) fn automaton(text: &str, way: Way) -> Checked<Vec<u8>> {
    made(text, way).ok_or_else(|| format!("the automaton of `{text}` cannot be made within {AUTOMATON_BYTES} bytes"))
}

fn made(text: &str, way: Way) -> Option<Vec<u8>> {
    let config = thompson::Config::new()
        .reverse(way == Way::Reverse)
        .which_captures(thompson::WhichCaptures::None)
        .nfa_size_limit(Some(AUTOMATON_BYTES));
    let nfa = thompson::Compiler::new().configure(config).build_from_hir(&pattern(text)?).ok()?;
    let config = dense::Config::new()
        .start_kind(if way == Way::Forward { StartKind::Anchored } else { StartKind::Unanchored })
        .match_kind(MatchKind::All)
        .accelerate(false)
        .dfa_size_limit(Some(AUTOMATON_BYTES))
        .determinize_size_limit(Some(AUTOMATON_BYTES));
    let dense = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
    Some(dense.to_sparse().ok()?.to_bytes_little_endian())
}
