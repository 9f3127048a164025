//! A rule's table as the compiler made it, stepped by letters of the oracles.
//!
//! In: a compiled rule. Out: what a letter does in a state, by the decision graph and the table alone. A limit is written out: its states are its counts.
//! Source: `lang-spec/frame-format.md`.

use leverframe_compiler::automata::{self, Compiled, Guards};
use leverframe_compiler::core::{Cond, Core, Rule};
use leverframe_runtime::frame::{Body, Gauge, LetterKind, Measure, Target, Test, gauge_class};

use super::alphabet::{Letter, Letters};
use super::mona_text::{APPROVED, guard_bit, label_bit, persona_bit, position_bit, window_bit};

/// A rule's table with its letters decided.
#[derive(Clone, Debug)]
pub struct Table {
    compiled: Compiled,
    /// By letter, in the order of [`Letters::all`]: the class, if the rule reads the letter.
    classes: Vec<Option<u16>>,
    /// The bits of a site.
    width: usize,
}

impl Table {
    /// Compiles a rule, and decides each letter.
    ///
    /// # Errors
    /// A test that the rule's formula does not make.
    ///
    /// # Panics
    /// Where the rule passes a bound of the compiler.
    pub fn new(core: &Core, rule: &Rule, letters: &Letters, named: &[Cond]) -> Result<Self, String> {
        let guards = Guards::collect(core);
        let compiled = automata::rule(core, &guards, rule).expect("rules of a test are small");
        let mut table = Self { compiled, classes: Vec::new(), width: letters.bits.len() };
        for letter in letters.all() {
            let class = table.class(&guards, letters, named, letter)?;
            table.classes.push(class);
        }
        Ok(table)
    }

    fn class(&self, guards: &Guards, letters: &Letters, named: &[Cond], letter: Letter) -> Result<Option<u16>, String> {
        let alphabet = &self.compiled.alphabet;
        let (kind, subject) = letters.sites[letter.site];
        let Some(site) = alphabet.sites.iter().find(|site| (site.kind, site.subject) == (kind, subject)) else { return Ok(None) };
        let list = if kind == LetterKind::Event { guards.event(subject as usize) } else { guards.tool(subject as usize) };
        let mut at = site.root;
        loop {
            match at {
                Target::Class(class) => return Ok(Some(class)),
                Target::Node(node) => {
                    let node = alphabet.nodes[usize::from(node)];
                    let name = bit(node.test, list, named);
                    let index = letters.bits.iter().position(|bit| *bit == name);
                    let index = index.ok_or(format!("the table tests {name}, which its formula does not: {:?}", node.test))?;
                    at = if letter.bits >> index & 1 == 1 { node.yes } else { node.no };
                }
            }
        }
    }

    /// Whether the table has registers, so that states may differ in what they do to those.
    #[must_use]
    pub fn has_registers(&self) -> bool {
        matches!(&self.compiled.body, Body::Automaton(automaton) if !automaton.registers.is_empty())
    }

    /// How many states the table has; of a limit that is written out.
    ///
    /// # Panics
    /// A limit in a window is not written out.
    #[must_use]
    pub fn states(&self) -> usize {
        match &self.compiled.body {
            Body::Automaton(automaton) => usize::from(automaton.states),
            Body::Gauge(gauge) => counted(gauge) + 1,
        }
    }

    /// The table with one cell changed, for each cell: its judgement turned, or another state after it.
    #[must_use]
    pub fn mutants(&self) -> Vec<Self> {
        let Body::Automaton(automaton) = &self.compiled.body else { return Vec::new() };
        let mut found = Vec::new();
        for cell in 0..automaton.delta.len() {
            let others = (0..automaton.states).filter(|state| *state != automaton.delta[cell]);
            for state in others.map(Some).chain([None]) {
                let mut mutant = self.clone();
                if let Body::Automaton(automaton) = &mut mutant.compiled.body {
                    match state {
                        Some(state) => automaton.delta[cell] = state,
                        None => automaton.deny[cell] ^= true,
                    }
                }
                found.push(mutant);
            }
        }
        found
    }

    /// The state after a letter, and whether the rule judges it.
    ///
    /// # Panics
    /// A limit in a window is not written out.
    #[must_use]
    pub fn step(&self, state: usize, letter: Letter) -> (usize, bool) {
        let Some(class) = self.classes[(letter.site << self.width) + letter.bits as usize].map(usize::from) else { return (state, false) };
        match &self.compiled.body {
            Body::Automaton(automaton) => {
                let cell = state * usize::from(self.compiled.alphabet.classes) + class;
                (usize::from(automaton.delta[cell]), automaton.deny[cell])
            }
            Body::Gauge(gauge) => {
                let full = state >= counted(gauge);
                let has = |bit: u16| class & usize::from(bit) != 0;
                (state + usize::from(has(gauge_class::COUNTS) && !full), has(gauge_class::JUDGED) && full)
            }
        }
    }
}

/// What a limit of a whole history counts to.
fn counted(gauge: &Gauge) -> usize {
    match gauge {
        Gauge { measure: Measure::Count { most }, window_ms: None } => usize::try_from(*most).expect("a small limit"),
        other => panic!("not written out: {other:?}"),
    }
}

fn bit(test: Test, guards: &[Cond], named: &[Cond]) -> String {
    match test {
        Test::Approved => APPROVED.to_owned(),
        Test::By(persona) => persona_bit(persona.0),
        Test::Label(label) => label_bit(label.0),
        Test::Guard { guard, failed } => {
            let cond = &guards[usize::from(guard)];
            named.iter().position(|known| known == cond).map_or(format!("an unknown guard {cond:?}"), |index| guard_bit(index, failed))
        }
        Test::Within { register, ms } => window_bit(register.into(), ms),
        Test::CallAfter { register } => position_bit(register.into()),
        Test::Binds { .. } | Test::Lacks { .. } | Test::Broken { .. } => "a value, of which these rules have none".to_owned(),
    }
}
