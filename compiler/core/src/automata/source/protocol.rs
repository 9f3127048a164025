//! Protocols: a regular expression over events as the set of its events that may have been last (Glushkov's automaton).
//!
//! In: a protocol. Out: [`Positions`]. Invariants: position 0 is the beginning; a letter that no event of the expression matches leaves the set as it is; the empty set is final.
//! Source: Glushkov, "The abstract theory of automata" (1961); language section 5 (`protocol`).

use leverframe_runtime::frame::Mark;

use super::super::explore::Letter;
use super::{Outcome, value};

/// The positions of a protocol.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Positions {
    /// By position; the beginning has none.
    pub(super) events: Vec<PositionEvent>,
}

/// An event of a protocol.
#[derive(Clone, Debug)]
pub(super) struct PositionEvent {
    /// The condition that it matches.
    pub(super) matches: usize,
    /// The condition that it matches or its guard cannot be evaluated.
    pub(super) doubtful: usize,
    /// The conditions that it matches but lacks a value, or that one is broken.
    pub(super) lacks: Option<usize>,
    pub(super) broken: Option<usize>,
    /// The positions that may come just before.
    pub(super) after: Vec<usize>,
}

impl Positions {
    /// The meaning of a letter.
    pub(super) fn step(&self, state: &[bool], letter: &Letter) -> Outcome {
        let holds = |condition: Option<usize>| condition.is_some_and(|condition| letter.holds(condition));
        let named = self.events.iter().any(|event| letter.holds(event.matches));
        let lacking = self.events.iter().any(|event| holds(event.lacks));
        let unclear = self.events.iter().any(|event| letter.holds(event.doubtful) && !letter.holds(event.matches) || holds(event.broken));
        // Of a call everything was read, or it was denied before.
        let left_in_doubt = unclear && !letter.call;
        let next: Vec<bool> = if named || left_in_doubt { self.next(state, letter, left_in_doubt) } else { state.to_vec() };
        let left = named && !next.contains(&true);
        Outcome { deny: letter.call && (left || lacking), next, updates: Vec::new(), mark: Mark::None, overflow: false }
    }

    /// Which events may come next.
    pub(super) fn next_events(&self, state: &[bool]) -> Vec<bool> {
        self.events.iter().map(|event| event.after.iter().any(|before| value(state, *before))).collect()
    }

    fn next(&self, state: &[bool], letter: &Letter, left: bool) -> Vec<bool> {
        let reached =
            |event: &PositionEvent| !left && letter.holds(event.matches) && event.after.iter().any(|before| value(state, *before));
        std::iter::once(false).chain(self.events.iter().map(reached)).collect()
    }
}
