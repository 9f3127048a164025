//! Tables of rules without variables, laid out for the step: one cell says all that a letter of a class does in a state.
//!
//! In: a validated frame's automata. Out: [`Cells`], and for each rule where its own begin. Invariant: a cell says what the automaton's tables say; the
//! tables stay where they are, and registers are updated from them.
//! Source: verification section 1.

use alloc::vec::Vec;

use crate::frame::{Automaton, Body, Key, Rule};
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

/// In which states of a rule a letter may be judged or move anything: what most letters do not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    pub(crate) key: Key,
    control: u32,
    /// A bit for each of the first states.
    stirs: u64,
}

impl Glance {
    /// Of a rule that has to be asked in every state.
    pub(crate) fn any(key: Key) -> Self {
        Self { key, control: u32::MAX, stirs: u64::MAX }
    }

    /// Whether the rule, as it stands, neither judges the letter nor is moved by it.
    #[inline]
    pub(crate) fn is_quiet(self, state: &State) -> bool {
        state.control.get(self.control as usize).is_some_and(|control| *control < 64 && self.stirs >> control & 1 == 0)
    }
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

    /// In which states a letter that has one of these classes may do anything to the rule.
    pub(crate) fn glance(&self, key: Key, flat: Flat, classes: &[u16]) -> Glance {
        let Ok(control) = u32::try_from(flat.control) else { return Glance::any(key) };
        let states = flat.length.checked_div(flat.classes).unwrap_or(0);
        let mut stirs = 0;
        for state in (0..64_u8).take_while(|state| usize::from(*state) < states) {
            let stirred = classes.iter().map(|class| self.at(flat, *class, state)).any(|cell| cell.judges || cell.moves);
            stirs |= u64::from(stirred) << state;
        }
        Glance { key, control, stirs: stirs | u64::MAX.checked_shl(u32::try_from(states).unwrap_or(64)).unwrap_or(0) }
    }

    /// What a letter of a class does to the rule now.
    pub(crate) fn get(&self, flat: Flat, class: u16, state: &State) -> Cell {
        self.at(flat, class, state.control.get(flat.control).copied().unwrap_or(0))
    }

    fn at(&self, flat: Flat, class: u16, control: u8) -> Cell {
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
