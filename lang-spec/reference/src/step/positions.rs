//! Protocols: a state is the set of the events that may have been last.
//!
//! In: an expression's events. Out: what a letter does. Invariants: position 0 is the beginning; a letter of which no event speaks leaves the state as it is;
//! the empty state is never left.
//! Source: language section 5 (`protocol`); V. M. Glushkov, "The abstract theory of automata", 1961.

use super::{Known, Letter, Mark, Open, Outcome, any};

/// The events of a protocol; the first has position 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    pub(super) events: Vec<Position>,
}

/// An event, by asks.
#[derive(Clone, Debug)]
pub(super) struct Position {
    /// It matches.
    pub(super) sure: usize,
    /// It matches, or its guard cannot be evaluated.
    pub(super) maybe: usize,
    pub(super) lacking: Option<usize>,
    pub(super) broken: Option<usize>,
    /// The positions that it may follow.
    pub(super) follows: Vec<usize>,
}

impl Positions {
    pub(super) fn step(&self, state: &[bool], letter: Letter<'_>) -> Result<Outcome, Open> {
        let asked = |ask: Option<usize>| -> Known { ask.map_or(Ok(false), |ask| letter.asks(ask)) };
        let named = any(self.events.iter().map(|event| letter.asks(event.sure)))?;
        // Of a call everything was read, or it was denied before.
        let unclear = !letter.call && any(self.events.iter().map(|event| self.unclear(event, letter)))?;
        let mut next = if named || unclear { vec![false; state.len()] } else { state.to_vec() };
        if named && !unclear {
            for (place, event) in next.iter_mut().skip(1).zip(&self.events) {
                *place = event.follows.iter().any(|before| state.get(*before) == Some(&true)) && letter.asks(event.sure)?;
            }
        }
        let left = named && !next.contains(&true);
        let judged = letter.call && (left || any(self.events.iter().map(|event| asked(event.lacking)))?);
        Ok(Outcome { next, judged, changes: Vec::new(), mark: Mark::None, overflow: false })
    }

    fn unclear(&self, event: &Position, letter: Letter<'_>) -> Known {
        let broken = event.broken.map_or(Ok(false), |broken| letter.asks(broken));
        let doubtful = letter.asks(event.maybe).and_then(|maybe| if maybe { letter.asks(event.sure).map(|sure| !sure) } else { Ok(false) });
        any([broken, doubtful].into_iter())
    }

    /// Which events may come next.
    pub(super) fn may_come(&self, state: &[bool]) -> Vec<bool> {
        self.events.iter().map(|event| event.follows.iter().any(|before| state.get(*before) == Some(&true))).collect()
    }
}
