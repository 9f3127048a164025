//! A rule's tables as data.
//!
//! In: a frame and a rule. Out: [`Picture`]. Atoms are one for each site (a letter is of exactly one), then what is asked of letters. A cube has a character an
//! atom: `0`, `1`, or `-` where the answer does not matter or is not asked.
//! A limit is shown as the chain that its counter stands for, up to [`CHAIN`] states; a longer one has no table.
//! Source: contracts section 4.

use leverframe_runtime::frame::{
    Automaton, Body, Frame, Gauge, LetterKind, Measure, Operation, RegisterKind, Rule, RuleId, Site, Test, gauge_class,
};
use serde::Serialize;

use super::paths::{Path, tests_of, ways};
use super::words::Words;

/// The most states of the chain that a limit is shown as.
const CHAIN: u32 = 256;

/// A rule, to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The rule's name.
    pub name: String,
    /// What is asked of letters.
    pub atoms: Vec<String>,
    /// The classes of letters that the rule tells apart.
    pub classes: Vec<Class>,
    /// How many states there are.
    pub states: u32,
    /// The first state.
    pub initial: u32,
    /// `delta[q][c]`: the next state, if the letter is admitted. Empty where a limit is too long to be shown.
    pub delta: Vec<Vec<u32>>,
    /// `deny[q][c]`: whether the rule judges the call.
    pub deny: Vec<Vec<bool>>,
    /// What is kept beside the state.
    pub registers: Vec<Register>,
}

/// Letters that the rule does not tell apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Class {
    /// Its number.
    pub id: u16,
    /// Conjunctions of atoms, one of which holds; a character an atom.
    pub cubes: Vec<String>,
    /// Whether there are cubes beyond those listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// A letter of the class; none where one would need arguments or a past.
    pub example: Option<Example>,
}

/// A letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Example {
    /// `call`, `ok`, `failed`, `event` or `denied`.
    pub letter: &'static str,
    /// The tool, of a call or result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The host event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The persona, where it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona: Option<String>,
    /// Whether the call was asked and approved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// The labels of the result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// What is kept beside the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Register {
    /// `time` or `position` of a letter; `count` or `times` of a limit's letters, its different `values`, its `sum`.
    pub holds: &'static str,
    /// How many are kept, for `times` and `values`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
    /// When it changes.
    pub updates: Vec<RegisterUpdate>,
}

/// A change of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegisterUpdate {
    /// In this state
    pub state: u32,
    /// at letters of this class:
    pub class: u32,
    /// `now`, `max_call`, `latest_beginning` or `clear`.
    pub operation: &'static str,
}

/// Describes a rule; none where the frame has no such rule.
#[must_use]
pub fn describe(frame: &Frame, rule: RuleId) -> Option<Picture> {
    let rule = frame.rules.get(rule.index())?;
    let words = Words { frame, rule };
    let atoms = Atoms::of(rule);
    let tabled = matches!(rule.body, Body::Automaton(_));
    // A limit's classes are sets of bits; those that no letter has are not shown.
    let used = ways(&rule.alphabet).into_iter().zip(0_u16..).filter(|(ways, id)| tabled || *id == 0 || !ways.paths.is_empty());
    let (used, bits): (Vec<_>, Vec<u16>) = used.unzip();
    let classes = used.into_iter().zip(0..).map(|(ways, id)| Class {
        id,
        cubes: ways.paths.iter().map(|path| atoms.cube(path)).collect(),
        more: ways.more,
        example: ways.paths.iter().find_map(|path| example(frame, rule, path)),
    });
    let picture = Picture {
        name: rule.name.clone(),
        atoms: atoms.names(&words),
        classes: classes.collect(),
        states: 0,
        initial: 0,
        delta: Vec::new(),
        deny: Vec::new(),
        registers: Vec::new(),
    };
    Some(match &rule.body {
        Body::Automaton(automaton) => table(picture, automaton, usize::from(rule.alphabet.classes)),
        Body::Gauge(gauge) => chain(picture, gauge, &bits),
    })
}

fn table(picture: Picture, automaton: &Automaton, classes: usize) -> Picture {
    let classes = classes.max(1);
    let delta = automaton.delta.chunks(classes).map(|row| row.iter().map(|to| u32::from(*to)).collect()).collect();
    let deny = automaton.deny.chunks(classes).map(<[bool]>::to_vec).collect();
    let registers = automaton.registers.iter().zip(0_u8..).map(|(kind, index)| register(automaton, *kind, index, classes)).collect();
    Picture { states: u32::from(automaton.states), delta, deny, registers, ..picture }
}

fn register(automaton: &Automaton, kind: RegisterKind, index: u8, classes: usize) -> Register {
    let holds = match kind {
        RegisterKind::Time => "time",
        RegisterKind::Position => "position",
    };
    let mut updates = Vec::new();
    for (state, row) in (0..).zip(automaton.updates.chunks(classes)) {
        for (class, set) in (0..).zip(row) {
            let of_register = automaton.update_sets.get(usize::from(*set)).into_iter().flatten().filter(|update| update.register == index);
            updates.extend(of_register.map(|update| RegisterUpdate { state, class, operation: operation(&update.operation) }));
        }
    }
    Register { holds, slots: None, updates }
}

fn operation(operation: &Operation) -> &'static str {
    match operation {
        Operation::Now => "now",
        Operation::MaxCall => "max_call",
        Operation::Clear => "clear",
        Operation::Latest { .. } => "latest_beginning",
    }
}

/// State N: N letters (or different values) are counted. A sum has no chain.
fn chain(picture: Picture, gauge: &Gauge, bits: &[u16]) -> Picture {
    let (holds, most) = match gauge.measure {
        Measure::Count { most } if gauge.window_ms.is_some() => ("times", Some(most)),
        Measure::Count { most } => ("count", Some(most)),
        Measure::Distinct { most } => ("values", Some(most)),
        Measure::Sum { .. } => ("sum", None),
    };
    let register = Register { holds, slots: most.filter(|_| holds != "count"), updates: Vec::new() };
    let states = most.map_or(1, |most| most.saturating_add(1));
    let shown = if most.is_some() && states <= CHAIN { states } else { 0 };
    let next = |state: u32, class: u16| if class & gauge_class::COUNTS == 0 { state } else { state.saturating_add(1).min(states - 1) };
    let judged = |state: u32, class: u16| (class & gauge_class::JUDGED != 0 && state + 1 == states) || class & gauge_class::REFUSED != 0;
    let delta = (0..shown).map(|state| bits.iter().map(|class| next(state, *class)).collect()).collect();
    let deny = (0..shown).map(|state| bits.iter().map(|class| judged(state, *class)).collect()).collect();
    Picture { states, delta, deny, registers: vec![register], ..picture }
}

/// One atom for each site, then one for each thing asked; guards are asked of one subject each.
struct Atoms<'a> {
    sites: &'a [Site],
    tests: Vec<(Test, Option<(LetterKind, u32)>)>,
}

impl<'a> Atoms<'a> {
    fn of(rule: &'a Rule) -> Self {
        let mut tests = Vec::new();
        for site in &rule.alphabet.sites {
            tests.extend(tests_of(&rule.alphabet, site).into_iter().map(|test| (test, subject(test, site))));
        }
        tests.sort_unstable();
        tests.dedup();
        Self { sites: &rule.alphabet.sites, tests }
    }

    fn names(&self, words: &Words<'_>) -> Vec<String> {
        let sites = self.sites.iter().map(|site| format!("{}={}", words.kind(site.kind), words.subject(site.kind, site.subject)));
        sites.chain(self.tests.iter().map(|(test, subject)| words.atom(*test, *subject))).collect()
    }

    fn cube(&self, path: &Path) -> String {
        let sites = (0..self.sites.len()).map(|site| if site == path.site { '1' } else { '0' });
        let site = self.sites.get(path.site);
        let tests = self.tests.iter().map(|(test, of)| {
            let asked = path.tests.iter().find(|(asked, _)| asked == test && site.is_some_and(|site| *of == subject(*test, site)));
            match asked {
                Some((_, true)) => '1',
                Some((_, false)) => '0',
                None => '-',
            }
        });
        sites.chain(tests).collect()
    }
}

/// Whose guard it is: calls and results share theirs.
fn subject(test: Test, site: &Site) -> Option<(LetterKind, u32)> {
    let kind = if site.kind == LetterKind::Event { LetterKind::Event } else { LetterKind::Call };
    matches!(test, Test::Guard { .. }).then_some((kind, site.subject))
}

/// A letter for a path that asks nothing of arguments and of the past.
fn example(frame: &Frame, rule: &Rule, path: &Path) -> Option<Example> {
    let site = rule.alphabet.sites.get(path.site)?;
    let words = Words { frame, rule };
    let name = words.subject(site.kind, site.subject);
    let mut example = Example { letter: words.kind(site.kind), ..Example::default() };
    if site.kind == LetterKind::Event {
        example.event = Some(name);
    } else {
        example.tool = Some(name);
    }
    for (test, answer) in &path.tests {
        match (test, answer) {
            (Test::Approved, answer) => example.approved = *answer,
            (Test::By(persona), true) if example.persona.is_none() => {
                example.persona = frame.personas.get(persona.index()).map(|persona| persona.name.clone())
            }
            (Test::Label(label), true) => example.labels.extend(frame.labels.get(label.index()).cloned()),
            (Test::Label(_), false) => {}
            _ => return None,
        }
    }
    Some(example)
}
