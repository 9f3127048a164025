//! Rules over histories: which class a letter has, whether the rule judges it, and what it does to the rule's state.
//!
//! In: a letter and a key's state. Out: a class; a judgement; the state after. Invariants: asking changes nothing; a step is taken once for each letter
//! that enters the history; the cost does not depend on the history's length.
//! Source: verification section 1; language section 5.

use crate::evaluate::Truth;
use crate::frame::{Automaton, Body, Gauge, Measure, Operation, PersonaId, RegisterKind, Rule, RuleId, Target, Test, gauge_class};
use crate::limits::REGISTERS_PER_RULE;
use crate::policy::{Place, Policy, Touch};
use crate::state::{State, UNSET};

/// What a rule may read of a letter, beside its tool and kind.
pub(crate) struct Letter<'a> {
    pub(crate) persona: Option<PersonaId>,
    pub(crate) approved: bool,
    /// The labels of a result.
    pub(crate) labels: u64,
    /// The guards of the tool or host event, as they were at the call.
    pub(crate) guards: &'a [Truth],
    /// The time at which it counts in this key's history.
    pub(crate) at: i64,
    /// Where its call stands in this key's history; the letter's own place, if it is no result.
    pub(crate) call_position: i64,
    /// When its call counted; the letter's own time, if it is no result.
    pub(crate) call_at: i64,
}

/// A rule and the class that the letter has for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) rule: RuleId,
    pub(crate) class: u16,
}

impl Policy {
    pub(crate) fn rule(&self, id: RuleId) -> Option<(&Rule, Place)> {
        self.frame.rules.get(id.index()).zip(self.places.get(id.index()).copied())
    }

    /// The class that a letter has for the rule of `touch`.
    pub(crate) fn class(&self, touch: &Touch, letter: &Letter<'_>, state: &State) -> u16 {
        let Some((rule, place)) = self.rule(touch.rule) else { return 0 };
        let mut target = touch.root;
        loop {
            let node = match target {
                Target::Class(class) => return class,
                Target::Node(node) => node,
            };
            let Some(node) = rule.alphabet.nodes.get(usize::from(node)) else { return 0 };
            target = if ask(node.test, letter, state, place) { node.yes } else { node.no };
        }
    }

    /// Whether the rule judges a call of this class now.
    pub(crate) fn judges(&self, step: Step, state: &State, at: i64) -> bool {
        let Some((rule, place)) = self.rule(step.rule) else { return true };
        match &rule.body {
            Body::Automaton(automaton) => match cell(automaton, rule, place, state, step.class) {
                Some(index) => automaton.deny.get(index).copied().unwrap_or(true),
                None => true,
            },
            Body::Gauge(gauge) => {
                step.class & gauge_class::REFUSED != 0 || (step.class & gauge_class::JUDGED != 0 && is_full(gauge, state, place, at))
            }
        }
    }

    /// Takes the letter into the rule's state.
    pub(crate) fn step(&self, step: Step, letter: &Letter<'_>, state: &mut State) {
        let Some((rule, place)) = self.rule(step.rule) else { return };
        match &rule.body {
            Body::Automaton(automaton) => {
                if let Some(index) = cell(automaton, rule, place, state, step.class) {
                    transition(automaton, index, place, letter, state);
                }
            }
            Body::Gauge(gauge) if step.class & gauge_class::COUNTS != 0 => count(gauge, place, letter, state),
            Body::Gauge(_) => {}
        }
    }
}

fn is_full(gauge: &Gauge, state: &State, place: Place, at: i64) -> bool {
    match (gauge.measure, gauge.window_ms) {
        (Measure::Count { most }, None) => state.register(place.registers).max(0) >= i64::from(most),
        (Measure::Count { .. }, Some(window_ms)) => ring_is_full(state, place, window_ms, at),
        // Until amounts and values are measured every such call is judged.
        (Measure::Sum { .. } | Measure::Distinct { .. }, _) => true,
    }
}

fn count(gauge: &Gauge, place: Place, letter: &Letter<'_>, state: &mut State) {
    match (gauge.measure, gauge.window_ms) {
        (Measure::Count { .. }, None) => {
            let counted = state.register(place.registers).max(0).saturating_add(1);
            state.set_register(place.registers, counted);
        }
        (Measure::Count { most }, Some(_)) => {
            let head = state.register(place.registers).max(0);
            state.set_register(ring_slot(place, head), letter.at);
            state.set_register(place.registers, (head + 1) % i64::from(most.max(1)));
        }
        (Measure::Sum { .. } | Measure::Distinct { .. }, _) => {}
    }
}

fn ask(test: Test, letter: &Letter<'_>, state: &State, place: Place) -> bool {
    match test {
        Test::Approved => letter.approved,
        Test::By(persona) => letter.persona == Some(persona),
        Test::Label(label) => letter.labels & (1_u64 << (label.0 & 63)) != 0,
        Test::Guard { guard, failed } => match letter.guards.get(usize::from(guard)) {
            Some(Truth::Yes) => true,
            Some(Truth::No) => false,
            Some(Truth::Failed(_)) | None => failed,
        },
        Test::Within { register, ms } => {
            let then = state.register(place.registers + usize::from(register));
            then != UNSET && letter.at.saturating_sub(then) <= i64::try_from(ms).unwrap_or(i64::MAX)
        }
        // Without variables there is no value at hand, and nothing that could be lacking.
        Test::Binds { .. } | Test::Lacks { .. } | Test::Broken { .. } => false,
        Test::CallAfter { register } => letter.call_position > state.register(place.registers + usize::from(register)),
    }
}

fn cell(automaton: &Automaton, rule: &Rule, place: Place, state: &State, class: u16) -> Option<usize> {
    let control = usize::from(*state.control.get(place.control)?);
    let index = control * usize::from(rule.alphabet.classes) + usize::from(class);
    (index < automaton.delta.len()).then_some(index)
}

fn transition(automaton: &Automaton, index: usize, place: Place, letter: &Letter<'_>, state: &mut State) {
    let set = automaton.updates.get(index).and_then(|set| automaton.update_sets.get(usize::from(*set)));
    let mut before = [UNSET; REGISTERS_PER_RULE];
    let set = set.map_or(&[][..], alloc::vec::Vec::as_slice);
    if !set.is_empty() {
        let registers = state.registers.get(place.registers..).unwrap_or(&[]);
        before.iter_mut().zip(registers.iter().take(automaton.registers.len())).for_each(|(copy, value)| *copy = *value);
    }
    let value = |register: u8| before.get(usize::from(register)).copied().unwrap_or(UNSET);
    for update in set {
        let position = automaton.registers.get(usize::from(update.register)) == Some(&RegisterKind::Position);
        let value = match &update.operation {
            Operation::Now if position => state.position,
            Operation::Now => letter.at,
            Operation::MaxCall => value(update.register).max(letter.call_at),
            Operation::Clear => UNSET,
            Operation::Latest { keep, of } => {
                let own = if *keep { value(update.register) } else { UNSET };
                let earliest = |list: &alloc::vec::Vec<u8>| list.iter().map(|register| value(*register)).min().unwrap_or(letter.at);
                of.iter().map(earliest).fold(own, i64::max)
            }
        };
        state.set_register(place.registers + usize::from(update.register), value);
    }
    let next = automaton.delta.get(index).and_then(|to| u8::try_from(*to).ok());
    if let (Some(next), Some(control)) = (next, state.control.get_mut(place.control)) {
        *control = next;
    }
}

/// The head of a ring is its oldest slot: if that one still lies in (t − D, t], all of them do, since times never go back.
fn ring_is_full(state: &State, place: Place, window_ms: u64, at: i64) -> bool {
    let oldest = state.register(ring_slot(place, state.register(place.registers).max(0)));
    oldest != UNSET && at.saturating_sub(oldest) < i64::try_from(window_ms).unwrap_or(i64::MAX)
}

fn ring_slot(place: Place, head: i64) -> usize {
    place.registers + 1 + usize::try_from(head).unwrap_or(0)
}
