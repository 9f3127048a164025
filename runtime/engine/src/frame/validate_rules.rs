//! Validation of the rules over histories: alphabets, tables, registers.
//!
//! In: a decoded [`Frame`]. Out: nothing, or the first thing that is wrong.
//! Source: `lang-spec/frame-format.md`, [frame.valid].

use super::model::{Alphabet, Automaton, Body, Frame, LetterKind, Operation, RegisterKind, Rule, Scope, Site, Target, Test};
use super::validate::{Check, Invalid, label_in_range, require};
use crate::limits;

pub(super) fn validate_rules(frame: &Frame) -> Check {
    frame.rules.iter().try_for_each(|rule| one(frame, rule))
}

fn one(frame: &Frame, rule: &Rule) -> Check {
    if let Scope::Personas(personas) = &rule.scope {
        require(personas.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "a scope is not sorted")?;
        require(personas.iter().all(|id| id.index() < frame.personas.len()), "a scope's persona is out of range")?;
    }
    let registers = match &rule.body {
        Body::Automaton(automaton) => {
            table(automaton, rule.alphabet.classes)?;
            automaton.registers.as_slice()
        }
        Body::Counter { .. } => counted(rule, 1)?,
        Body::Ring { count, .. } => counted(rule, *count)?,
    };
    alphabet(frame, &rule.alphabet, registers)
}

fn counted(rule: &Rule, ring: u32) -> Result<&'static [RegisterKind], Invalid> {
    require(rule.alphabet.classes == 2, "a limit has not two classes")?;
    require((1..=limits::RING).contains(&ring), "a limit's ring is too large or empty")?;
    Ok(&[])
}

fn table(automaton: &Automaton, classes: u16) -> Check {
    let (states, classes) = (usize::from(automaton.states), usize::from(classes));
    require((1..=limits::STATES_PER_RULE).contains(&states), "a rule has no or too many states")?;
    require((1..=limits::CLASSES_PER_RULE).contains(&classes), "a rule has no or too many classes")?;
    require(automaton.registers.len() <= limits::REGISTERS_PER_RULE, "a rule has too many registers")?;
    let size = states * classes;
    let sized = automaton.delta.len() == size && automaton.deny.len() == size && automaton.updates.len() == size;
    require(sized, "a table has not the size of its states and classes")?;
    require(automaton.delta.iter().all(|to| usize::from(*to) < states), "a transition leads nowhere")?;
    let sets = automaton.update_sets.len();
    require(automaton.updates.iter().all(|set| usize::from(*set) < sets), "a register update is absent")?;
    require(automaton.update_sets.first().is_some_and(alloc::vec::Vec::is_empty), "the first update set is not empty")?;
    for update in automaton.update_sets.iter().flatten() {
        let kind = automaton.registers.get(usize::from(update.register)).ok_or(Invalid { what: "a register is out of range" })?;
        let fits = update.operation != Operation::MaxCall || *kind == RegisterKind::Time;
        require(fits, "a position register takes a time")?;
    }
    Ok(())
}

fn alphabet(frame: &Frame, alphabet: &Alphabet, registers: &[RegisterKind]) -> Check {
    require(alphabet.nodes.len() <= limits::NODES_PER_RULE, "a rule has too many decision nodes")?;
    for (index, node) in alphabet.nodes.iter().enumerate() {
        target(alphabet, node.yes, index)?;
        target(alphabet, node.no, index)?;
        match node.test {
            Test::Label(label) => label_in_range(frame, label)?,
            Test::By(persona) => require(persona.index() < frame.personas.len(), "a persona is out of range")?,
            Test::Within { register, .. } => register_is(registers, register, RegisterKind::Time)?,
            Test::CallAfter { register } => register_is(registers, register, RegisterKind::Position)?,
            Test::Approved | Test::Guard { .. } => {}
        }
    }
    let ordered = alphabet.sites.windows(2).all(|pair| matches!(pair, [a, b] if (a.kind, a.subject) < (b.kind, b.subject)));
    require(ordered, "a rule's sites are not sorted")?;
    alphabet.sites.iter().try_for_each(|entry| site(frame, alphabet, entry))
}

fn target(alphabet: &Alphabet, to: Target, below: usize) -> Check {
    match to {
        Target::Node(node) => require(usize::from(node) < below, "a decision refers forward"),
        Target::Class(class) => require(class < alphabet.classes, "a class is out of range"),
    }
}

fn register_is(registers: &[RegisterKind], register: u8, kind: RegisterKind) -> Check {
    require(registers.get(usize::from(register)) == Some(&kind), "a decision reads a wrong register")
}

fn site(frame: &Frame, alphabet: &Alphabet, site: &Site) -> Check {
    target(alphabet, site.root, alphabet.nodes.len())?;
    let subject = site.subject as usize;
    let guards = match site.kind {
        LetterKind::Event => frame.events.get(subject).map(|event| event.guards.len()),
        _ => frame.tools.get(subject).map(|tool| tool.guards.len()),
    };
    let guards = guards.ok_or(Invalid { what: "a site's subject is out of range" })?;
    require(reachable_guards(alphabet, site.root) <= guards, "a decision reads a guard that its subject does not have")
}

/// One more than the greatest guard that any path from `root` reads; nodes point downwards, so one backward sweep marks them all.
fn reachable_guards(alphabet: &Alphabet, root: Target) -> usize {
    let Target::Node(first) = root else { return 0 };
    let mut marked = alloc::vec![false; usize::from(first) + 1];
    if let Some(mark) = marked.last_mut() {
        *mark = true;
    }
    let mut most = 0;
    for index in (0..marked.len()).rev() {
        let (Some(true), Some(node)) = (marked.get(index), alphabet.nodes.get(index)) else { continue };
        if let Test::Guard { guard, .. } = node.test {
            most = most.max(usize::from(guard) + 1);
        }
        for to in [node.yes, node.no] {
            if let Target::Node(to) = to
                && let Some(mark) = marked.get_mut(usize::from(to))
            {
                *mark = true;
            }
        }
    }
    most
}
