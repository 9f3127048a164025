//! Tables of rules without variables, laid out for the step: one cell says all that a letter of a class does in a state.
//!
//! In: a validated frame's automata. Out: [`Cells`], and for each rule where its own begin. Invariant: a cell says what the automaton's tables say; the
//! tables stay where they are, and registers are updated from them.
//! Source: verification section 1.

use alloc::vec::Vec;

use crate::frame::{Automaton, Body, Rule};
use crate::state::State;

/// What a letter of a class does in a state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Whether a call of this class is judged.
    pub(crate) judges: bool,
    /// Whether the state or a register may change.
    pub(crate) moves: bool,
}

/// A rule that takes no letter is judged by this: what the tables do not have cannot be let through.
const MISSING: Cell = Cell { judges: true, moves: true };

/// Where the cells of a rule are, and where its state stands in its key's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flat {
    first: usize,
    length: usize,
    classes: usize,
    control: usize,
}

/// The cells of all rules.
#[derive(Debug, Default)]
pub(crate) struct Cells(Vec<Cell>);

impl Cells {
    /// Adds a rule's cells; none for a rule with variables, or a limit.
    pub(crate) fn add(&mut self, rule: &Rule, control: Option<usize>) -> Option<Flat> {
        let (Body::Automaton(automaton), None, Some(control)) = (&rule.body, &rule.slots, control) else { return None };
        let flat = Flat { first: self.0.len(), length: automaton.delta.len(), classes: usize::from(rule.alphabet.classes), control };
        let own = (0..automaton.delta.len()).map(|index| cell(automaton, index, flat.classes)).collect::<Option<Vec<Cell>>>()?;
        self.0.extend(own);
        Some(flat)
    }

    /// What a letter of a class does to the rule now.
    pub(crate) fn get(&self, flat: Flat, class: u16, state: &State) -> Cell {
        let control = state.control.get(flat.control).copied().unwrap_or(0);
        let offset = usize::from(control) * flat.classes + usize::from(class);
        // Beyond it are the cells of another rule.
        if offset < flat.length { self.0.get(flat.first + offset).copied().unwrap_or(MISSING) } else { MISSING }
    }
}

fn cell(automaton: &Automaton, index: usize, classes: usize) -> Option<Cell> {
    let next = usize::from(*automaton.delta.get(index)?);
    let judges = *automaton.deny.get(index)?;
    let updates = automaton.update_sets.get(usize::from(*automaton.updates.get(index)?))?;
    let stays = index.checked_div(classes)? == next;
    Some(Cell { judges, moves: !stays || !updates.is_empty() })
}
