//! Tables: an automaton of the frame, against the steps of the rule's source.
//!
//! In: a rule, its automaton, and from the certificate the states of the source with the table's state of each, and the registers. Out: whether, for every state of
//! the source and every letter, the step leads to a state of the list, whose table state is the table's next one, with the same judgement and the same changes
//! of registers; whether the list is exactly what can be reached.
//! Then table and source say the same of every history.
//! Proof: `Agreement.v`, `mealy_agrees`; `Agreement.v`, `registers_agree`; `ProtocolTable.v`, `protocol_table_exact`.
//! Source: verification section 2; `lang-spec/certificate.md`, [cert.tables].

use std::collections::{BTreeSet, HashMap};

use leverframe_reference::policy::Rule;
use leverframe_reference::step::{Ask, Change, Closing, Holds, Letter, Mark, Open, Outcome, Source, binds};
use leverframe_runtime::frame::{self, Automaton, LetterKind, Operation, Overflow, RegisterKind, SourceState, Test, Update};
use sha2::{Digest, Sha256};

use crate::letter::{Question, Site, sites};
use crate::limits::{LETTERS_PER_RULE, STEPS_PER_RULE};
use crate::paths::Known;
use crate::{Checked, Checker, as_many, equal, require};

/// Registers of the source as those of the table.
struct Registers<'c> {
    to: &'c [u8],
}

/// A letter as the table and the source see it: the class, whether it is a call, and the answers.
type Seen = (u16, bool, Vec<Option<bool>>);

/// A rule's table beside its source.
struct Table<'a> {
    source: Source<'a>,
    registers: Registers<'a>,
    states: Vec<Vec<bool>>,
    place_of: HashMap<Vec<bool>, usize>,
    origins: &'a [SourceState],
    automaton: &'a Automaton,
    classes: usize,
    marks: Option<&'a [frame::Mark]>,
    /// Which states were reached.
    edges: Vec<BTreeSet<usize>>,
    steps: usize,
}

impl<'a> Checker<'a> {
    pub(crate) fn table(
        &mut self,
        rule: &'a Rule,
        other: &'a frame::Rule,
        automaton: &'a Automaton,
        origin: (&'a [u8], &'a [SourceState]),
    ) -> Checked {
        self.report.tables += 1;
        let source = Source::of(&rule.body).ok_or("it has no table")?;
        let mut table = Table::of(source, other, automaton, origin)?;
        self.overflow(rule, other)?;
        let letters = self.letters(rule, other, &table)?;
        table.steps_agree(&letters)?;
        table.windows_agree()?;
        table.nothing_else(&letters)?;
        self.report.states += table.states.len();
        self.report.steps += table.steps;
        Ok(())
    }

    /// All letters that the rule tells apart.
    fn letters(&self, rule: &'a Rule, other: &frame::Rule, table: &Table<'a>) -> Checked<BTreeSet<Seen>> {
        let patterns = table.source.asks.iter().filter_map(|ask| match ask {
            Ask::Pattern { pattern, .. } => Some(*pattern),
            _ => None,
        });
        let expected = sites(self.subjects, rule.key, patterns, table.source.hears_every_call());
        as_many("letters that it reads", expected.len(), other.alphabet.sites.len())?;
        let mut letters = BTreeSet::new();
        for ((at, named), place) in expected.into_iter().zip(&other.alphabet.sites) {
            equal("a letter that it reads", &at, &(place.kind, place.subject))?;
            equal("what it measures", &None, &place.measure)?;
            let mut site = Site::new(self.subjects, at);
            let asks = table.asks(&mut site)?;
            let call = at.0 == LetterKind::Call;
            letters.extend(
                self.at_site(&site, place, named, &other.alphabet, asks)?.into_iter().map(|(class, answers)| (class, call, answers)),
            );
            require(letters.len() <= LETTERS_PER_RULE, || format!("it tells more than {LETTERS_PER_RULE} letters apart"))?;
        }
        Ok(letters)
    }
}

impl<'a> Table<'a> {
    fn of(
        source: Source<'a>,
        rule: &'a frame::Rule,
        automaton: &'a Automaton,
        (registers, origins): (&'a [u8], &'a [SourceState]),
    ) -> Checked<Self> {
        let registers = Registers::of(&source, automaton, registers)?;
        let mut states = Vec::new();
        let mut place_of = HashMap::new();
        for (place, origin) in origins.iter().enumerate() {
            let bits = unpack(&origin.bits, source.bits()).ok_or("a state of the certificate has other bits than the rule")?;
            require(place_of.insert(bits.clone(), place).is_none(), || "a state stands twice in the certificate".to_owned())?;
            require(origin.state < automaton.states, || "a state of the certificate has no state of the table".to_owned())?;
            states.push(bits);
        }
        let marks = match rule.slots.as_ref().map(|slots| &slots.overflow) {
            Some(Overflow::Evict { marks, .. }) => Some(marks.as_slice()),
            _ => None,
        };
        require(states.first() == Some(&source.initial()), || "the certificate does not begin with the initial state".to_owned())?;
        require(origins.first().is_some_and(|origin| origin.state == 0), || "the initial state is not the table's".to_owned())?;
        let edges = vec![BTreeSet::new(); states.len()];
        let classes = usize::from(rule.alphabet.classes);
        Ok(Self { source, registers, states, place_of, origins, automaton, classes, marks, edges, steps: 0 })
    }

    /// What decides each ask at a site.
    fn asks(&self, site: &mut Site<'a>) -> Checked<Vec<Known>> {
        let of_result = matches!(site.kind, LetterKind::Ok | LetterKind::Failed);
        let known = |ask: &Ask<'a>| match *ask {
            Ask::Pattern { pattern, doubt, of } => Ok(Known::of(site.cubes(Question { pattern, doubt, of: Some(of) })?)),
            Ask::Open { register, ms } => {
                Ok(Known::PutOff(Test::Within { register: self.registers.get(register)?, ms: ms.cast_unsigned() }))
            }
            // What is no result lies where it stands, after everything that a register holds.
            Ask::After { .. } if !of_result => Ok(Known::Answer(true)),
            Ask::After { register } => Ok(Known::PutOff(Test::CallAfter { register: self.registers.get(register)? })),
        };
        self.source.asks.iter().map(known).collect()
    }

    fn state(&self, place: usize) -> Checked<usize> {
        self.origins.get(place).map(|origin| usize::from(origin.state)).ok_or_else(|| "a state is absent".to_owned())
    }

    fn place(&self, bits: &[bool]) -> Checked<usize> {
        self.place_of.get(bits).copied().ok_or_else(|| "the certificate leaves out a state that can be reached".to_owned())
    }

    /// Every step of the source is one of the table: letters of one class that do the same in every state are one to it.
    ///
    /// Proof: `Agreement.v`, `class_by_class`.
    fn steps_agree(&mut self, letters: &BTreeSet<Seen>) -> Checked {
        for place in 0..self.states.len() {
            for (class, call, answers) in letters {
                self.step_agrees(place, usize::from(*class), *call, answers)?;
            }
        }
        Ok(())
    }

    /// A step that depends on an answer that is open must agree with either answer.
    fn step_agrees(&mut self, place: usize, class: usize, call: bool, answers: &[Option<bool>]) -> Checked {
        self.steps += 1;
        require(self.steps <= STEPS_PER_RULE, || format!("it has more than {STEPS_PER_RULE} steps"))?;
        let bits = self.states.get(place).ok_or("a state is absent")?;
        match self.source.step(bits, Letter { call, answers }) {
            Ok(outcome) => self.cell_agrees(place, class, &outcome),
            Err(Open(ask)) => [true, false].into_iter().try_for_each(|answer| {
                let mut more = answers.to_vec();
                *more.get_mut(ask).ok_or("an ask is absent")? = Some(answer);
                self.step_agrees(place, class, call, &more)
            }),
        }
    }

    fn cell_agrees(&mut self, place: usize, class: usize, outcome: &Outcome) -> Checked {
        let next = self.place(&outcome.next)?;
        let (state, to) = (self.state(place)?, self.state(next)?);
        self.edges.get_mut(place).ok_or("a state is absent")?.insert(next);
        let cell = state * self.classes + class;
        let of = |what: &str| format!("{what} in state {state} at class {class}");
        equal(&of("the next state"), &Some(to), &self.automaton.delta.get(cell).map(|to| usize::from(*to)))?;
        equal(&of("the judgement"), &Some(&outcome.judged), &self.automaton.deny.get(cell))?;
        let overflow = self.automaton.overflows.get(cell).copied().unwrap_or(false);
        equal(&of("the overflow"), &outcome.overflow, &overflow)?;
        if let Some(marks) = self.marks {
            equal(&of("the mark"), &Some(&mark(outcome.mark)), &marks.get(cell))?;
        }
        let set = self.automaton.updates.get(cell).and_then(|set| self.automaton.update_sets.get(usize::from(*set)));
        let changes =
            outcome.changes.iter().map(|(register, change)| self.registers.update(*register, change)).collect::<Checked<Vec<Update>>>()?;
        let (changes, set) = (sorted(&changes), sorted(set.ok_or("a set of updates is absent")?));
        require(changes == set, || format!("{} is {set:?} in the frame and {changes:?} in the policy", of("what happens to registers")))
    }

    /// Of a rule with variables: windows close as the source says, and values are kept apart that the source keeps apart.
    ///
    /// Proof: `Closing.v`, `closed_formula_is_alike`; `Requirement.v`, `closing_is_invisible`; `Slicing.v`, `slicing_judges`.
    fn windows_agree(&mut self) -> Checked {
        let sliced = self.source.asks.iter().any(|ask| matches!(ask, Ask::Pattern { pattern, .. } if binds(pattern)));
        if !sliced {
            return require(self.automaton.expiry.is_empty(), || "windows close in a rule without variables".to_owned());
        }
        let mut memories: HashMap<Vec<bool>, usize> = HashMap::new();
        let mut of_state: HashMap<usize, Vec<bool>> = HashMap::new();
        for place in 0..self.states.len() {
            let bits = self.states.get(place).cloned().unwrap_or_default();
            let state = self.state(place)?;
            let memory = self.source.memory(&bits);
            let alike =
                *memories.entry(memory.clone()).or_insert(state) == state && *of_state.entry(state).or_insert(memory.clone()) == memory;
            require(alike, || format!("state {state} does not keep apart the values that the policy does"))?;
            let expected =
                self.source.closings(&bits).iter().map(|closing| self.closing(place, closing)).collect::<Checked<Vec<frame::Expiry>>>()?;
            let mut expected: Vec<frame::Expiry> = expected;
            expected.sort_by_key(|expiry| (expiry.register, expiry.ms, expiry.to));
            equal(&format!("the windows that close in state {state}"), &Some(&expected), &self.automaton.expiry.get(state))?;
        }
        Ok(())
    }

    fn closing(&mut self, from: usize, closing: &Closing) -> Checked<frame::Expiry> {
        let next = self.place(&closing.next)?;
        self.edges.get_mut(from).ok_or("a state is absent")?.insert(next);
        let mut clears = closing.clears.iter().map(|register| self.registers.get(*register)).collect::<Checked<Vec<u8>>>()?;
        clears.sort_unstable();
        let to = u16::try_from(self.state(next)?).map_err(|_| "a state is absent")?;
        Ok(frame::Expiry { register: self.registers.get(closing.register)?, ms: closing.ms.cast_unsigned(), to, clears })
    }

    /// The certificate and the table hold nothing that cannot be reached, and states are named by what they remember.
    fn nothing_else(&self, letters: &BTreeSet<Seen>) -> Checked {
        let (mut reached, mut to_do) = (BTreeSet::from([0]), vec![0]);
        while let Some(place) = to_do.pop() {
            to_do.extend(self.edges.get(place).into_iter().flatten().filter(|next| reached.insert(**next)));
        }
        require(reached.len() == self.states.len(), || "the certificate has a state that cannot be reached".to_owned())?;
        let classes: BTreeSet<usize> = letters.iter().map(|(class, ..)| usize::from(*class)).collect();
        require(classes.len().max(1) == self.classes, || "the frame has a class without letters".to_owned())?;
        let mut members: Vec<Vec<&Vec<bool>>> = vec![Vec::new(); usize::from(self.automaton.states)];
        for (bits, origin) in self.states.iter().zip(self.origins) {
            members.get_mut(usize::from(origin.state)).ok_or("a state is absent")?.push(bits);
        }
        require(members.iter().all(|members| !members.is_empty()), || "the table has a state that cannot be reached".to_owned())?;
        let names: Vec<i64> = members.into_iter().map(name).collect();
        equal("the list of the names of states", &names, &self.automaton.names)
    }
}

impl<'c> Registers<'c> {
    fn of(source: &Source<'_>, automaton: &Automaton, to: &'c [u8]) -> Checked<Self> {
        as_many("registers", source.registers.len(), automaton.registers.len())?;
        as_many("registers in the certificate", source.registers.len(), to.len())?;
        let different: BTreeSet<u8> = to.iter().copied().collect();
        require(different.len() == to.len(), || "the certificate takes two registers for one".to_owned())?;
        for (holds, register) in source.registers.iter().zip(to) {
            let kind = match holds {
                Holds::Time => RegisterKind::Time,
                Holds::Place => RegisterKind::Position,
            };
            equal("what a register holds", &Some(&kind), &automaton.registers.get(usize::from(*register)))?;
        }
        Ok(Self { to })
    }

    fn get(&self, register: usize) -> Checked<u8> {
        self.to.get(register).copied().ok_or_else(|| "a register is absent".to_owned())
    }

    /// A change of the source as the table has it.
    ///
    /// Proof: `Registers.v`, `apply_same`.
    fn update(&self, register: usize, change: &Change) -> Checked<Update> {
        let operation = match change {
            Change::Now => Operation::Now,
            Change::LaterCall => Operation::MaxCall,
            Change::Unset => Operation::Clear,
            Change::Latest { keep, of } => {
                let all = |registers: &Vec<usize>| registers.iter().map(|register| self.get(*register)).collect::<Checked<Vec<u8>>>();
                Operation::Latest { keep: *keep, of: of.iter().map(all).collect::<Checked<Vec<Vec<u8>>>>()? }
            }
        };
        Ok(Update { register: self.get(register)?, operation })
    }
}

/// Updates in an order of their own; a list in which a register stands twice is equal to none of the source's.
fn sorted(updates: &[Update]) -> Vec<Update> {
    let mut updates = updates.to_vec();
    for update in &mut updates {
        if let Operation::Latest { of, .. } = &mut update.operation {
            of.iter_mut().for_each(|registers| registers.sort_unstable());
            of.sort_unstable();
        }
    }
    updates.sort_unstable();
    updates
}

fn mark(mark: Mark) -> frame::Mark {
    match mark {
        Mark::None => frame::Mark::None,
        Mark::Met => frame::Mark::Met,
        Mark::Reset => frame::Mark::Reset,
    }
}

/// The bits of a state; nothing where there are others than those.
fn unpack(bytes: &[u8], count: usize) -> Option<Vec<bool>> {
    let bit = |index: usize| bytes.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1);
    let exact = bytes.len() == count.div_ceil(8) && !(count..bytes.len() * 8).any(bit);
    exact.then(|| (0..count).map(bit).collect())
}

/// A state's name: 64 bits of SHA-256 over the states that it is.
fn name(mut members: Vec<&Vec<bool>>) -> i64 {
    members.sort_unstable();
    let mut hash = Sha256::new();
    for member in members {
        hash.update(member.iter().map(|bit| u8::from(*bit)).chain([2]).collect::<Vec<u8>>());
    }
    let whole = hash.finalize();
    i64::from_be_bytes(std::array::from_fn(|index| whole.get(index).copied().unwrap_or(0)))
}
