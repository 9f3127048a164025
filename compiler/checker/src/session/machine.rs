//! Machines: rules as the search steps them.
//!
//! In: the core form. Out: a [`Machine`] for each rule, for one choice of the values of its variables. Invariants: a machine admits whatever its rule admits
//! in the history of those values; what it cannot model it leaves out, which only admits more. Left out: capacities, sums, different values.
//! Source: verification sections 1 and 3.

use std::collections::BTreeSet;

use leverframe_compiler::automata::{Compiled, Guards, patterns_of, rule as compile};
use leverframe_compiler::core::{self, Action, Core, Key, PersonaId, RuleKind, Scope};
use leverframe_runtime::frame::{
    Alphabet, Automaton, Body, Gauge, LetterKind, Measure, Operation, RegisterKind, Site, Target, Test, Update,
};
use serde::{Deserialize, Serialize};

use super::letter::{Held, Letter};
use crate::limits::{COUNTED, RING, WINDOW_MS};

/// A rule of a core form, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct RuleIndex(pub(crate) usize);

/// A rule compiled.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) rule: RuleIndex,
    pub(crate) kind: RuleKind,
    pub(crate) key: Key,
    pub(crate) scope: Scope,
    pub(crate) action: Action,
    /// The constants that its variables stand for; nothing for a rule without variables.
    pub(crate) slice: Vec<usize>,
    pub(crate) alphabet: Alphabet,
    pub(crate) body: MachineBody,
    /// By class: whether a letter of it can do anything, or be judged.
    does: Vec<bool>,
    /// The tools that rules which ask speak of.
    asking: BTreeSet<u32>,
}

/// What a machine does with classes.
#[derive(Clone, Debug)]
pub(crate) enum MachineBody {
    /// A table.
    Table(Box<Automaton>),
    /// So many letters of the whole history.
    Count(u32),
    /// So many letters in the last milliseconds: a register for each.
    Ring(u32, u64),
}

/// What counts as something that a letter does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effects {
    OnStates,
    AndJudgements,
}

impl Machine {
    /// The rule as a machine, its variables standing for those constants; nothing where the search has no model of it.
    pub(crate) fn new(core: &Core, guards: &Guards, index: RuleIndex, slice: Vec<usize>) -> Option<Self> {
        let rule = core.rules.get(index.0)?;
        let Compiled { alphabet, body, .. } = compile(core, guards, rule).ok()?;
        let body = match body {
            Body::Automaton(automaton) => MachineBody::Table(Box::new(automaton)),
            Body::Gauge(Gauge { measure: Measure::Count { most }, window_ms: None }) if most <= COUNTED => MachineBody::Count(most),
            Body::Gauge(Gauge { measure: Measure::Count { most }, window_ms: Some(ms) }) if most <= RING => MachineBody::Ring(most, ms),
            Body::Gauge(_) => return None,
        };
        if matches!(&rule.body, core::Body::Limit(limit) if matches!(limit.measure, core::Measure::Identical(_))) {
            return None;
        }
        let machine = Self {
            rule: index,
            kind: rule.kind,
            key: rule.key,
            scope: rule.scope.clone(),
            action: rule.action.clone(),
            slice,
            alphabet,
            body,
            does: Vec::new(),
            asking: asking(core),
        };
        let followed = machine.windows().into_iter().all(|ms| ms <= WINDOW_MS);
        followed.then(|| machine.with_effects(Effects::AndJudgements))
    }

    /// The same, for a search that asks which state it has come to and not what it judges there.
    pub(crate) fn judging_nothing(self) -> Self {
        self.with_effects(Effects::OnStates)
    }

    fn with_effects(mut self, effects: Effects) -> Self {
        self.does = (0..self.alphabet.classes).map(|class| self.does_something(class, effects)).collect();
        self
    }

    /// How many registers of time, and of places.
    pub(crate) fn registers(&self) -> usize {
        match &self.body {
            MachineBody::Table(automaton) => automaton.registers.len(),
            MachineBody::Count(_) => 0,
            MachineBody::Ring(most, _) => *most as usize,
        }
    }

    /// The site that letters of a kind and subject enter by.
    pub(crate) fn site(&self, kind: LetterKind, subject: u32) -> Option<&Site> {
        self.alphabet.sites.iter().find(|site| (site.kind, site.subject) == (kind, subject))
    }

    /// Every test that a site's letters are asked.
    pub(crate) fn tests(&self, site: &Site) -> Vec<Test> {
        let (mut found, mut todo, mut seen) = (Vec::new(), vec![site.root], BTreeSet::new());
        while let Some(target) = todo.pop() {
            let Target::Node(index) = target else { continue };
            let fresh = seen.insert(index);
            if let Some(node) = self.alphabet.nodes.get(usize::from(index)).filter(|_| fresh) {
                found.push(node.test);
                todo.extend([node.yes, node.no]);
            }
        }
        found
    }

    /// Whether a letter can do anything to it, or be judged by it.
    pub(crate) fn notices(&self, letter: &Letter) -> bool {
        let site = self.site(letter.kind, letter.subject).filter(|_| letter.in_history_of(self.key));
        site.is_some_and(|site| self.classes(site, |test| self.tells(site, test, letter)).into_iter().any(|class| self.does(class)))
    }

    /// Whether some letter of that kind and subject can do anything to it, or be judged by it.
    pub(crate) fn heeds(&self, kind: LetterKind, subject: u32) -> bool {
        self.site(kind, subject).is_some_and(|site| self.classes(site, |_| None).into_iter().any(|class| self.does(class)))
    }

    /// Whether it asks of a result when its call was.
    pub(crate) fn asks_when_called(&self, kind: LetterKind, subject: u32) -> bool {
        let Some(site) = self.site(kind, subject) else { return false };
        let asks = self.tests(site).iter().any(|test| matches!(test, Test::CallAfter { .. }));
        let MachineBody::Table(automaton) = &self.body else { return asks };
        let time = |update: &Update| automaton.registers.get(usize::from(update.register)) != Some(&RegisterKind::Position);
        let takes = |set: &u16| {
            let updates = automaton.update_sets.get(usize::from(*set)).map_or(&[][..], Vec::as_slice);
            updates.iter().any(|update| update.operation == Operation::MaxCall && time(update))
        };
        asks || self.classes(site, |_| None).into_iter().any(|class| {
            let classes = usize::from(self.alphabet.classes).max(1);
            automaton.updates.iter().skip(usize::from(class)).step_by(classes).any(takes)
        })
    }

    fn does(&self, class: u16) -> bool {
        self.does.get(usize::from(class)).copied().unwrap_or(true)
    }

    /// The classes that letters of a site may be of, as far as `told` tells.
    fn classes(&self, site: &Site, told: impl Fn(Test) -> Option<bool>) -> BTreeSet<u16> {
        let (mut todo, mut seen, mut found) = (vec![site.root], BTreeSet::new(), BTreeSet::new());
        while let Some(target) = todo.pop() {
            let index = match target {
                Target::Class(class) => {
                    found.insert(class);
                    continue;
                }
                Target::Node(index) => index,
            };
            let fresh = seen.insert(index);
            if let Some(node) = self.alphabet.nodes.get(usize::from(index)).filter(|_| fresh) {
                match told(node.test) {
                    Some(true) => todo.push(node.yes),
                    Some(false) => todo.push(node.no),
                    None => todo.extend([node.yes, node.no]),
                }
            }
        }
        found
    }

    fn does_something(&self, class: u16, effects: Effects) -> bool {
        let MachineBody::Table(automaton) = &self.body else { return class != 0 };
        let classes = usize::from(self.alphabet.classes);
        (0..usize::from(automaton.states)).any(|state| {
            let cell = state * classes + usize::from(class);
            let stays = automaton.delta.get(cell).is_some_and(|next| usize::from(*next) == state);
            let updates = automaton.updates.get(cell).is_some_and(|set| *set != 0);
            let judges = effects == Effects::AndJudgements && automaton.deny.get(cell).copied().unwrap_or(true);
            !stays || updates || judges
        })
    }

    /// What a test says of a letter whatever came before it, where that can be told.
    pub(crate) fn tells(&self, site: &Site, test: Test, letter: &Letter) -> Option<bool> {
        match test {
            Test::By(persona) => Some(letter.persona.map(|own| own.0) == Some(persona.0)),
            Test::Label(label) => Some(letter.labels & (1 << (label.0 & 63)) != 0),
            Test::Guard { guard, failed } if letter.failed.contains(&usize::from(guard)) => Some(failed),
            Test::Guard { guard, .. } => letter.guards.get(usize::from(guard)).copied().flatten(),
            Test::Binds { binding } => Some(binds(&site.bindings, binding, &self.slice, &letter.values)),
            Test::Approved if letter.asked => Some(true),
            // What nobody asks about is not approved. Whether a rule that could ask about the call does is not followed.
            Test::Approved if !self.asking.contains(&letter.subject) => Some(false),
            Test::Approved | Test::Within { .. } | Test::CallAfter { .. } => None,
            Test::Lacks { binding } | Test::Broken { binding } => {
                let values = site.bindings.get(usize::from(binding)).map_or(&[][..], Vec::as_slice);
                let lacks = values.iter().any(|value| letter.values.get(usize::from(*value)).is_some_and(|held| held.lacks));
                match test {
                    Test::Broken { .. } if lacks && letter.kind != LetterKind::Call => None,
                    Test::Broken { .. } => Some(false),
                    _ => Some(lacks),
                }
            }
        }
    }

    /// The labels that it asks results for.
    pub(crate) fn labels(&self) -> u64 {
        let asked = self.alphabet.nodes.iter().filter_map(|node| match node.test {
            Test::Label(label) => Some(1_u64 << (label.0 & 63)),
            _ => None,
        });
        asked.fold(0, |a, b| a | b)
    }

    /// Whether it judges the calls of a persona.
    pub(crate) fn judges(&self, persona: PersonaId) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Personas(personas) => personas.contains(&persona),
        }
    }

    /// The clock by which it measures windows, where it has any: each kind of key has one, and rules that hear refused attempts have another one.
    pub(crate) fn clock(&self) -> Option<(Key, bool)> {
        let hears_attempts = self.alphabet.sites.iter().any(|site| site.kind == LetterKind::Denied);
        (!self.windows().is_empty()).then_some((self.key, hears_attempts))
    }

    /// The longest window that it reads, in milliseconds.
    pub(crate) fn longest(&self) -> i64 {
        self.windows().into_iter().max().unwrap_or(0)
    }

    /// The windows that it reads, in milliseconds.
    pub(crate) fn windows(&self) -> Vec<i64> {
        let read = self.alphabet.nodes.iter().filter_map(|node| match node.test {
            Test::Within { ms, .. } => Some(ms),
            _ => None,
        });
        let own = match &self.body {
            MachineBody::Ring(_, ms) => Some(*ms),
            _ => None,
        };
        read.chain(own).map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)).collect()
    }
}

/// The tools that rules which ask speak of.
pub(super) fn asking(core: &Core) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for rule in core.rules.iter().filter(|rule| matches!(rule.action, Action::Ask(_))) {
        patterns_of(rule, &mut |pattern| {
            // What a requirement waits for is not what it asks about.
            let judged = |part: &&core::PatternPart| rule.kind != RuleKind::Require || part.kind == core::LetterKind::Call;
            for part in pattern.parts.iter().filter(judged) {
                if let core::PatternCases::Tools(cases) = &part.cases {
                    found.extend(cases.iter().flat_map(|case| &case.names).map(|tool| tool.0));
                }
            }
        });
    }
    found
}

/// The variables of a rule, by name, with what they compare as.
pub(crate) fn variables(rule: &core::Rule) -> Vec<(String, core::TypeTag)> {
    let mut found: Vec<(String, core::TypeTag)> = Vec::new();
    patterns_of(rule, &mut |pattern| {
        for binding in pattern.parts.iter().flat_map(|part| &part.bindings) {
            if !found.iter().any(|(name, _)| *name == binding.name) {
                found.push((binding.name.clone(), binding.value.tag));
            }
        }
    });
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Whether the constants that a machine's variables stand for are among the values of a site's binding.
fn binds(bindings: &[Vec<u16>], binding: u8, slice: &[usize], values: &[Held]) -> bool {
    let tuple = bindings.get(usize::from(binding)).map_or(&[][..], Vec::as_slice);
    let holds = |value: u16, constant: usize| values.get(usize::from(value)).is_some_and(|held| held.constants & (1_u32 << constant) != 0);
    tuple.len() == slice.len() && tuple.iter().zip(slice).all(|(value, constant)| holds(*value, *constant))
}
