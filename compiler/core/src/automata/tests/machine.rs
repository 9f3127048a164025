//! A plain interpreter of a rule's tables, as the frame format defines them.

use leverframe_runtime::frame::{Alphabet, Automaton, LetterKind, Operation, RegisterKind, Target, Test};

use super::super::Guards;
use super::history::{Happened, truth};
use crate::core;

/// The state of one automaton in one history.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Machine {
    pub(super) state: u16,
    pub(super) registers: Vec<Option<i64>>,
}

pub(super) fn kind(kind: core::LetterKind) -> LetterKind {
    match kind {
        core::LetterKind::Call => LetterKind::Call,
        core::LetterKind::Ok => LetterKind::Ok,
        core::LetterKind::Failed => LetterKind::Failed,
        core::LetterKind::Event => LetterKind::Event,
        core::LetterKind::Denied => LetterKind::Denied,
        core::LetterKind::Result => panic!("no letter is any result"),
    }
}

/// What a test answers at a letter.
pub(super) fn answer(test: Test, guards: &Guards, history: &[Happened], place: usize, registers: &[Option<i64>]) -> bool {
    let letter = &history[place];
    match test {
        Test::Approved => letter.approved,
        Test::By(persona) => persona.0 == letter.persona,
        Test::Label(label) => letter.labels & (1 << label.0) != 0,
        Test::Guard { guard, failed } => {
            let subject = letter.subject as usize;
            let list = if letter.kind == core::LetterKind::Event { guards.event(subject) } else { guards.tool(subject) };
            truth(&list[usize::from(guard)], letter.n).unwrap_or(failed)
        }
        Test::Within { register, ms } => registers[usize::from(register)].is_some_and(|then| letter.at - then <= ms as i64),
        Test::CallAfter { register } => registers[usize::from(register)].is_none_or(|position| letter.call as i64 > position),
        Test::Binds { .. } | Test::Lacks { .. } | Test::Broken { .. } => panic!("no rule of these tests has variables"),
    }
}

impl Machine {
    pub(super) fn new(automaton: &Automaton) -> Self {
        Self { state: 0, registers: vec![None; automaton.registers.len()] }
    }

    /// Takes the last letter of the history; whether the rule judges it.
    pub(super) fn step(&mut self, alphabet: &Alphabet, automaton: &Automaton, guards: &Guards, history: &[Happened]) -> bool {
        let place = history.len() - 1;
        let letter = &history[place];
        let Some(site) = alphabet.sites.iter().find(|site| (site.kind, site.subject) == (kind(letter.kind), letter.subject)) else {
            return false;
        };
        let mut target = site.root;
        let class = loop {
            match target {
                Target::Class(class) => break class,
                Target::Node(node) => {
                    let node = alphabet.nodes[usize::from(node)];
                    target = if answer(node.test, guards, history, place, &self.registers) { node.yes } else { node.no };
                }
            }
        };
        let cell = usize::from(self.state) * usize::from(alphabet.classes) + usize::from(class);
        let before = self.registers.clone();
        for update in &automaton.update_sets[usize::from(automaton.updates[cell])] {
            let register = usize::from(update.register);
            let now = if automaton.registers[register] == RegisterKind::Position { place as i64 } else { letter.at };
            self.registers[register] = match &update.operation {
                Operation::Now => Some(now),
                Operation::MaxCall => before[register].max(Some(history[letter.call].at)),
                Operation::Clear => None,
                Operation::Latest { keep, of } => {
                    let earliest =
                        |registers: &Vec<u8>| registers.iter().map(|r| before[usize::from(*r)].unwrap()).min().unwrap_or(letter.at);
                    let latest = of.iter().map(earliest).max();
                    latest.max(before[register].filter(|_| *keep))
                }
            };
        }
        self.state = automaton.delta[cell];
        automaton.deny[cell]
    }
}
