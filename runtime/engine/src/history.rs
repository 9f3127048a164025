//! Rules over histories: which class a letter has, whether the rule judges it, and what it does to the rule's state.
//!
//! In: a letter and a key's state. Out: a class; a judgement; the state after. Invariants: asking changes nothing; a step is taken once for each letter
//! that enters the history; the cost does not depend on the history's length. Rules with variables are in `slots`, accounts of limits in `gauge`.
//! Source: verification section 1; language section 5.
//! Proof: `Agreement.v`, `mealy_agrees`; `Closing.v`, `closed_formula_is_alike`; `Requirement.v`, `closing_is_invisible`.

use crate::evaluate::Truth;
use crate::found::{Bindings, Bound, Found};
use crate::frame::{
    Alphabet, Automaton, Body, Expiry, LetterKind, Operation, PersonaId, RegisterKind, Rule, RuleId, Target, Test, Update, gauge_class,
};
use crate::gauge;
use crate::layout::{Place, Touch};
use crate::limits::REGISTERS_PER_RULE;
use crate::policy::Policy;
use crate::slots::{Table, Work};
use crate::state::{State, UNSET};

/// What a rule may read of a letter, beside its tool.
pub(crate) struct Letter<'a> {
    pub(crate) kind: LetterKind,
    pub(crate) persona: Option<PersonaId>,
    pub(crate) approved: bool,
    /// The labels of a result.
    pub(crate) labels: u64,
    /// The guards of the tool or host event: as they were at the call, then those that read the result.
    pub(crate) guards: &'a [Truth],
    /// The time at which it counts in this key's history.
    pub(crate) at: i64,
    /// Its place in this key's history; that of the last letter, if it is a refused attempt.
    pub(crate) position: i64,
    /// Where its call stands in this key's history; the letter's own place, if it is no result.
    pub(crate) call_position: i64,
    /// When its call counted; the letter's own time, if it is no result.
    pub(crate) call_at: i64,
}

/// A letter as one site of a rule sees it.
pub(crate) struct Seen<'a> {
    pub(crate) touch: &'a Touch,
    pub(crate) letter: &'a Letter<'a>,
    pub(crate) bound: &'a Bound,
    pub(crate) found: &'a Found,
}

/// What a rule says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Silent,
    Judged,
    /// Judged because the rule could not keep all values apart.
    Overflowed,
}

impl Word {
    pub(crate) fn of(judged: bool) -> Self {
        if judged { Self::Judged } else { Self::Silent }
    }
}

impl Policy {
    pub(crate) fn rule(&self, id: RuleId) -> Option<(&Rule, Place)> {
        self.frame.rules.get(id.index()).zip(self.places.get(id.index()).copied())
    }

    /// The class of a call for a rule without variables, and what the rule says of it.
    pub(crate) fn judge_call(&self, seen: &Seen<'_>, state: &State) -> (u16, Word) {
        let Some((rule, place)) = self.rule(seen.touch.rule) else { return (0, Word::Judged) };
        if let Some(slots) = &rule.slots {
            let word = Table { rule, slots, seen }.judge(place.registers_of(state));
            return (0, word);
        }
        let registers = place.registers_of(state);
        let class = walk(&rule.alphabet, seen.touch.root, seen, registers, Bindings::NONE);
        let judged = match &rule.body {
            Body::Automaton(automaton) => cell(automaton, &rule.alphabet, place.control_of(state), class)
                .and_then(|index| automaton.deny.get(index))
                .copied()
                .unwrap_or(true),
            Body::Gauge(gauge) => {
                let measure = || seen.found.measured(measure(rule, seen.touch));
                class & gauge_class::REFUSED != 0
                    || (class & gauge_class::JUDGED != 0 && gauge::is_over(gauge, registers, seen.letter.at, &measure()))
            }
        };
        (class, Word::of(judged))
    }

    /// Takes a letter into a rule's state; `class` is that of a rule without variables, where it is known already.
    pub(crate) fn step(&self, seen: &Seen<'_>, class: Option<u16>, state: &mut State, work: &mut Work) {
        let Some((rule, place)) = self.rule(seen.touch.rule) else { return };
        if let Some(slots) = &rule.slots {
            Table { rule, slots, seen }.step(place.registers_of_mut(state), work);
            return;
        }
        let class = class.unwrap_or_else(|| walk(&rule.alphabet, seen.touch.root, seen, place.registers_of(state), Bindings::NONE));
        match &rule.body {
            Body::Automaton(automaton) => {
                let Some(index) = cell(automaton, &rule.alphabet, place.control_of(state), class) else { return };
                let next = transition(automaton, index, seen.letter, place.registers_of_mut(state));
                place.set_control(state, next);
            }
            Body::Gauge(gauge) if counts(class, seen.letter) => {
                let measured = seen.found.measured(measure(rule, seen.touch));
                gauge::count(gauge, place.registers_of_mut(state), seen.letter.at, &measured);
            }
            Body::Gauge(_) => {}
        }
    }
}

/// Whether a limit counts a letter of this class: also one that is no call and might be about anything.
pub(crate) fn counts(class: u16, letter: &Letter<'_>) -> bool {
    class & gauge_class::COUNTS != 0 || (class & gauge_class::REFUSED != 0 && letter.kind != LetterKind::Call)
}

/// What a limit measures at a site.
pub(crate) fn measure(rule: &Rule, touch: &Touch) -> Option<u16> {
    rule.alphabet.sites.get(touch.site).and_then(|site| site.measure)
}

/// The class that a letter has, seen from a value that `binds` binds and whose registers these are.
pub(crate) fn walk(alphabet: &Alphabet, root: Target, seen: &Seen<'_>, registers: &[i64], binds: Bindings) -> u16 {
    let mut target = root;
    loop {
        let node = match target {
            Target::Class(class) => return class,
            Target::Node(node) => node,
        };
        let Some(node) = alphabet.nodes.get(usize::from(node)) else { return 0 };
        target = if ask(node.test, seen, registers, binds) { node.yes } else { node.no };
    }
}

fn ask(test: Test, seen: &Seen<'_>, registers: &[i64], binds: Bindings) -> bool {
    let letter = seen.letter;
    let register = |index: u8| registers.get(usize::from(index)).copied().unwrap_or(UNSET);
    match test {
        Test::Approved => letter.approved,
        Test::By(persona) => letter.persona == Some(persona),
        Test::Label(label) => letter.labels & (1_u64 << (label.0 & 63)) != 0,
        Test::Guard { guard, failed } => match letter.guards.get(usize::from(guard)) {
            Some(Truth::Yes) => true,
            Some(Truth::No) => false,
            Some(Truth::Failed(_)) | None => failed,
        },
        Test::Within { register: index, ms } => {
            let then = register(index);
            then != UNSET && letter.at.saturating_sub(then) <= i64::try_from(ms).unwrap_or(i64::MAX)
        }
        Test::CallAfter { register: index } => letter.call_position > register(index),
        Test::Binds { binding } => binds.has(binding),
        Test::Lacks { binding } => seen.bound.lacks.has(binding),
        Test::Broken { binding } => seen.bound.broken.has(binding),
    }
}

/// Where a state and a class stand in the tables.
pub(crate) fn cell(automaton: &Automaton, alphabet: &Alphabet, control: usize, class: u16) -> Option<usize> {
    let index = control * usize::from(alphabet.classes) + usize::from(class);
    (index < automaton.delta.len()).then_some(index)
}

/// Takes a letter into registers, and gives the state after.
pub(crate) fn transition(automaton: &Automaton, index: usize, letter: &Letter<'_>, registers: &mut [i64]) -> u16 {
    let set = automaton.updates.get(index).and_then(|set| automaton.update_sets.get(usize::from(*set)));
    match set.map_or(&[][..], alloc::vec::Vec::as_slice) {
        [] => {}
        [update] => {
            let value = updated(automaton, update, letter, registers);
            write(registers, update, value);
        }
        set => {
            let mut before = [UNSET; REGISTERS_PER_RULE];
            before.iter_mut().zip(registers.iter()).for_each(|(copy, value)| *copy = *value);
            for update in set {
                let value = updated(automaton, update, letter, &before);
                write(registers, update, value);
            }
        }
    }
    automaton.delta.get(index).copied().unwrap_or(0)
}

fn write(registers: &mut [i64], update: &Update, value: i64) {
    if let Some(register) = registers.get_mut(usize::from(update.register)) {
        *register = value;
    }
}

/// What a register becomes; all updates of a letter read the values before it.
fn updated(automaton: &Automaton, update: &Update, letter: &Letter<'_>, before: &[i64]) -> i64 {
    let value = |register: u8| before.get(usize::from(register)).copied().unwrap_or(UNSET);
    let position = automaton.registers.get(usize::from(update.register)) == Some(&RegisterKind::Position);
    match &update.operation {
        Operation::Now if position => letter.position,
        Operation::Now => letter.at,
        Operation::MaxCall => value(update.register).max(letter.call_at),
        Operation::Clear => UNSET,
        Operation::Latest { keep, of } => {
            let own = if *keep { value(update.register) } else { UNSET };
            let earliest = |list: &alloc::vec::Vec<u8>| list.iter().map(|register| value(*register)).min().unwrap_or(letter.at);
            of.iter().map(earliest).fold(own, i64::max)
        }
    }
}

/// Closes the windows that are over at `at`, and gives the state after.
pub(crate) fn expire(automaton: &Automaton, control: usize, registers: &mut [i64], at: i64) -> usize {
    let mut control = control;
    // Each turn unsets the register that it asked, so there are no more turns than registers.
    loop {
        let over = |expiry: &&Expiry| {
            let then = registers.get(usize::from(expiry.register)).copied().unwrap_or(UNSET);
            then != UNSET && at.saturating_sub(then) > i64::try_from(expiry.ms).unwrap_or(i64::MAX)
        };
        let closed = automaton.expiry.get(control).and_then(|list| list.iter().find(over));
        let Some(closed) = closed else { return control };
        for register in closed.clears.iter().chain([&closed.register]) {
            if let Some(register) = registers.get_mut(usize::from(*register)) {
                *register = UNSET;
            }
        }
        control = usize::from(closed.to);
    }
}
