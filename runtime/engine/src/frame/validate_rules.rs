//! Validation of the rules over histories: alphabets, tables, registers.
//!
//! In: a decoded [`Frame`]. Out: nothing, or the first thing that is wrong.
//! Source: `lang-spec/frame-format.md`, [frame.valid].

use alloc::vec::Vec;

use super::model::{Frame, ToolId};
use super::program::Kind;
use super::rule::{
    Alphabet, Automaton, Body, Expiry, Gauge, LetterKind, Measure, Operation, Overflow, RegisterKind, Rule, Scope, Site, Slots, Target,
    Test, Update, gauge_class,
};
use super::validate::{Check, Invalid, label_in_range, require};
use super::validate_values::{each, values_of};
use crate::limits;

pub(super) fn validate_rules(frame: &Frame) -> Check {
    frame.rules.iter().try_for_each(|rule| one(frame, rule))
}

fn one(frame: &Frame, rule: &Rule) -> Check {
    scope(frame, &rule.scope)?;
    let registers = match &rule.body {
        Body::Automaton(automaton) => {
            table(automaton, rule.alphabet.classes)?;
            automaton.registers.as_slice()
        }
        Body::Gauge(gauge) => {
            measured(gauge, &rule.alphabet)?;
            &[]
        }
    };
    alphabet(frame, &rule.alphabet, registers)?;
    rule.alphabet.sites.iter().try_for_each(|site| measure(frame, rule, site))?;
    match &rule.slots {
        Some(slots) => slotted(frame, rule, slots),
        None => require(!overflows(&rule.body), "a rule without variables overflows"),
    }
}

pub(super) fn scope(frame: &Frame, scope: &Scope) -> Check {
    let Scope::Personas(personas) = scope else { return Ok(()) };
    require(personas.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "a scope is not sorted")?;
    require(personas.iter().all(|id| id.index() < frame.personas.len()), "a scope's persona is out of range")
}

fn measured(gauge: &Gauge, alphabet: &Alphabet) -> Check {
    require(alphabet.classes == gauge_class::CLASSES, "a limit has not eight classes")?;
    require(gauge.window_ms != Some(0), "a limit's window is empty")?;
    match gauge.measure {
        Measure::Count { most } if gauge.window_ms.is_some() => {
            require((1..=limits::RING).contains(&most), "a limit's ring is too large or empty")
        }
        Measure::Count { .. } => Ok(()),
        Measure::Sum { most } => require(most >= 0, "a limit lets less than nothing through"),
        Measure::Distinct { most } => require((1..=limits::DISTINCT).contains(&most), "a limit counts no or too many different values"),
    }
}

/// What a limit measures must be there on each letter that it may count.
fn measure(frame: &Frame, rule: &Rule, site: &Site) -> Check {
    let wanted = match &rule.body {
        Body::Gauge(Gauge { measure: Measure::Sum { .. } | Measure::Distinct { .. }, .. }) => true,
        Body::Gauge(_) | Body::Automaton(_) => false,
    };
    let unknown = site.kind == LetterKind::Denied && site.subject == ToolId::UNKNOWN.0;
    let Some(measure) = site.measure else { return require(!wanted || unknown, "a limit's site measures nothing") };
    require(wanted, "a site measures what nothing counts")?;
    let source = values_of(frame, site).and_then(|values| values.get(usize::from(measure)));
    let source = source.ok_or(Invalid { what: "a measure is out of range" })?;
    let amount = !matches!(&rule.body, Body::Gauge(Gauge { measure: Measure::Sum { .. }, .. })) || source.kind == Kind::Int;
    require(amount, "an amount is no int")
}

fn overflows(body: &Body) -> bool {
    matches!(body, Body::Automaton(automaton) if automaton.overflows.contains(&true))
}

fn slotted(frame: &Frame, rule: &Rule, slots: &Slots) -> Check {
    require((1..=limits::CAPACITY).contains(&slots.capacity), "a rule keeps no or too many values")?;
    one_type(frame, rule)?;
    match (&slots.overflow, &rule.body) {
        (Overflow::Evict { marks, .. }, Body::Automaton(automaton)) => {
            require(!overflows(&rule.body), "a rule that forgets values overflows")?;
            require(marks.len() == automaton.delta.len(), "marks have not the size of their table")
        }
        (Overflow::Absorb(absorb), Body::Automaton(_)) => {
            require(absorb.classes == 2, "an overflowed rule has not two classes")?;
            let plain = |test: &Test| matches!(test, Test::Approved | Test::By(_) | Test::Label(_) | Test::Guard { .. });
            require(absorb.nodes.iter().all(|node| plain(&node.test)), "an overflowed rule asks for values or registers")?;
            let own = &rule.alphabet.sites;
            let asked = |site: &Site| own.binary_search_by_key(&(site.kind, site.subject), |own| (own.kind, own.subject)).is_ok();
            require(absorb.sites.iter().all(asked), "an overflowed rule asks for letters that reach it nowhere")?;
            alphabet(frame, absorb, &[])
        }
        (Overflow::Share, Body::Gauge(_)) => Ok(()),
        _ => Err(Invalid { what: "an overflow does not fit its rule" }),
    }
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
    require(automaton.names.len() == states && distinct(&automaton.names), "a rule's states are not named, each by its own name")?;
    let sets = automaton.update_sets.len();
    require(automaton.updates.iter().all(|set| usize::from(*set) < sets), "a register update is absent")?;
    require(automaton.update_sets.first().is_some_and(alloc::vec::Vec::is_empty), "the first update set is not empty")?;
    automaton.update_sets.iter().flatten().try_for_each(|entry| update(automaton, entry))?;
    require(automaton.overflows.is_empty() || automaton.overflows.len() == size, "overflows have not the size of their table")?;
    require(automaton.expiry.is_empty() || automaton.expiry.len() == states, "closing windows have not the size of their states")?;
    automaton.expiry.iter().flatten().try_for_each(|entry| expiry(automaton, entry))
}

fn distinct(names: &[i64]) -> bool {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
}

fn update(automaton: &Automaton, update: &Update) -> Check {
    let kind = |register: u8| automaton.registers.get(usize::from(register)).copied().ok_or(Invalid { what: "a register is out of range" });
    let own = kind(update.register)?;
    match &update.operation {
        Operation::Now | Operation::Clear => Ok(()),
        Operation::MaxCall => require(own == RegisterKind::Time, "a position register takes a time"),
        Operation::Latest { of, .. } => {
            require(own == RegisterKind::Time, "a position register takes a time")?;
            for register in of.iter().flatten() {
                require(kind(*register)? == RegisterKind::Time, "a time register takes a position")?;
            }
            Ok(())
        }
    }
}

fn expiry(automaton: &Automaton, expiry: &Expiry) -> Check {
    require(automaton.registers.get(usize::from(expiry.register)) == Some(&RegisterKind::Time), "a window is measured from no time")?;
    require(expiry.clears.contains(&expiry.register), "a closing window keeps its time")?;
    let known = expiry.clears.iter().all(|register| usize::from(*register) < automaton.registers.len());
    require(known, "a closing window unsets a register that is absent")?;
    require(expiry.to < automaton.states, "a closing window leads nowhere")
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
            Test::Approved | Test::Guard { .. } | Test::Binds { .. } | Test::Lacks { .. } | Test::Broken { .. } => {}
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
    let guards = guards_of(frame, site).ok_or(Invalid { what: "a site's subject is out of range" })?;
    let read = reach(alphabet, site.root);
    require(read.guards <= guards, "a decision reads a guard that its subject does not have")?;
    require(read.bindings <= site.bindings.len(), "a decision reads a binding that its site does not have")?;
    require(site.bindings.len() <= limits::BINDINGS_PER_SITE, "a site has too many bindings")?;
    site.bindings.iter().try_for_each(|binding| tuple(frame, site, binding))
}

fn tuple(frame: &Frame, site: &Site, binding: &[u16]) -> Check {
    require(!binding.is_empty(), "a binding is empty")?;
    let values = values_of(frame, site).ok_or(Invalid { what: "a site's subject is out of range" })?;
    let mut lists = 0;
    for index in binding {
        let source = values.get(usize::from(*index)).ok_or(Invalid { what: "a binding is out of range" })?;
        lists += usize::from(each(source));
    }
    require(lists <= 1, "a binding has more than one list")
}

/// Values are compared across all letters of a rule, so its tuples must be made alike.
fn one_type(frame: &Frame, rule: &Rule) -> Check {
    let mut first: Option<Vec<Kind>> = None;
    for site in &rule.alphabet.sites {
        let values = values_of(frame, site).unwrap_or(&[]);
        for binding in &site.bindings {
            let kinds = binding.iter().filter_map(|index| values.get(usize::from(*index))).map(|source| source.kind).collect();
            let known = first.get_or_insert_with(|| Vec::clone(&kinds));
            require(*known == kinds, "a rule compares values of different types")?;
        }
    }
    Ok(())
}

/// How many guards a decision on letters of this site may read; none where there is no such subject.
fn guards_of(frame: &Frame, site: &Site) -> Option<usize> {
    let subject = site.subject as usize;
    let tool = frame.tools.get(subject);
    match site.kind {
        LetterKind::Event => frame.events.get(subject).map(|event| event.guards.len()),
        LetterKind::Denied if site.subject == ToolId::UNKNOWN.0 => Some(0),
        LetterKind::Call | LetterKind::Denied => tool.map(|tool| tool.guards.len()),
        LetterKind::Ok | LetterKind::Failed => tool.map(|tool| tool.guards.len() + tool.result_guards.len()),
    }
}

/// One more than the greatest guard and binding that some path reads.
#[derive(Default)]
struct Reach {
    guards: usize,
    bindings: usize,
}

/// What the paths from `root` read; nodes point downwards, so one backward sweep marks them all.
fn reach(alphabet: &Alphabet, root: Target) -> Reach {
    let mut most = Reach::default();
    let Target::Node(first) = root else { return most };
    let mut marked = alloc::vec![false; usize::from(first) + 1];
    if let Some(mark) = marked.last_mut() {
        *mark = true;
    }
    for index in (0..marked.len()).rev() {
        let (Some(true), Some(node)) = (marked.get(index), alphabet.nodes.get(index)) else { continue };
        match node.test {
            Test::Guard { guard, .. } => most.guards = most.guards.max(usize::from(guard) + 1),
            Test::Binds { binding } | Test::Lacks { binding } | Test::Broken { binding } => {
                most.bindings = most.bindings.max(usize::from(binding) + 1);
            }
            Test::Approved | Test::By(_) | Test::Label(_) | Test::Within { .. } | Test::CallAfter { .. } => {}
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
