//! Letters: the events of a session, as far as the machines of a search can tell them apart.
//!
//! In: a policy, the machines, the constants. Out: for each tool and host event the letters that can be, each with the conditions that a concrete one of it
//! has to meet. Invariant: every event of every session is one of these letters (or steps no machine). A question without an answer counts as possible.
//! Left out: results of calls that were never admitted.
//! Source: verification sections 1 and 3.

use std::collections::BTreeSet;

use leverframe_compiler::automata::{Guards, Value};
use leverframe_compiler::core::{Cond, Core, EventId, Key, LabelId, PersonaId, Record, Term, ToolId, Type, TypeTag, ValuePath, ValueStep};
use leverframe_runtime::frame::{LetterKind, Test, ToolId as FrameTool};

use super::machine::Machine;
use super::moving::{moving, presences};
use super::permit::{Permits, negated};
use crate::limits::LETTERS_PER_SUBJECT;
use crate::question::{Answer, Example, Goal, Questions, Subject};

/// Something that all variables of a search may stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constant {
    pub(crate) tag: TypeTag,
    /// A value that the policy names; otherwise any.
    pub(crate) literal: Option<leverframe_compiler::core::Literal>,
    /// The fields that the policy compares the literal with: only of those it is asked whether they are it.
    pub(crate) fields: Vec<Vec<String>>,
}

impl Constant {
    /// Any value of that type.
    pub(crate) fn any(tag: TypeTag) -> Self {
        Self { tag, literal: None, fields: Vec::new() }
    }

    /// Whether values of that path may be it.
    pub(crate) fn may_be(&self, path: &ValuePath) -> bool {
        let compared = || matches!(scalar(path), Some(Term::Arg(fields)) if self.fields.contains(&fields));
        self.tag == path.tag && (self.literal.is_none() || compared())
    }
}

/// What a value of a letter is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Held {
    /// Which constants it is, or has among its elements, a bit each.
    pub(crate) constants: u32,
    /// Whether it is not there, or not whole.
    pub(crate) lacks: bool,
}

/// An event as the machines see it.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) kind: LetterKind,
    pub(crate) subject: u32,
    pub(crate) persona: Option<PersonaId>,
    /// The kinds of key whose histories it is in, other than the session at hand's own: none of them for an event of that session.
    pub(crate) foreign: Vec<Key>,
    /// Whether permissions ask about the call.
    pub(crate) asked: bool,
    /// By the numbers of the subject's guards, as far as machines read them.
    pub(crate) guards: Vec<Option<bool>>,
    /// By the numbers of the subject's values, as far as machines take them.
    pub(crate) values: Vec<Held>,
    /// The labels of a result.
    pub(crate) labels: u64,
    /// The labels of the session that it tells: which, and whether they are there.
    pub(crate) has: (u64, u64),
    /// The call that it is the result of, by its place among the letters.
    pub(crate) of: Option<usize>,
    /// What a concrete event of it has to meet.
    pub(crate) conds: Vec<Cond>,
    /// Whether it meets what the search looks for.
    pub(crate) probed: bool,
}

impl Letter {
    pub(crate) fn is_result(&self) -> bool {
        matches!(self.kind, LetterKind::Ok | LetterKind::Failed)
    }

    pub(crate) fn own(&self) -> bool {
        self.foreign.is_empty()
    }

    /// Whether a machine of that key has it in its history.
    pub(crate) fn in_history_of(&self, key: Key) -> bool {
        self.own() || self.foreign.contains(&key)
    }
}

/// What the letters are made for.
pub(crate) struct Alphabet<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) guards: &'a Guards,
    pub(crate) machines: &'a [Machine],
    pub(crate) constants: &'a [Constant],
    pub(crate) questions: &'a mut Questions<'c>,
    /// A condition on calls of one tool that the search asks about.
    pub(crate) probe: Option<&'a (ToolId, Cond)>,
}

/// Why there are no letters.
#[derive(Clone, Debug)]
pub(crate) struct TooMany(pub(crate) String);

/// A part of a subject's letters, on the way to being told apart.
#[derive(Clone)]
struct Part {
    conds: Vec<Cond>,
    truths: Vec<bool>,
}

impl Alphabet<'_, '_> {
    /// The letters of a session of `persona` that move something, calls before their results.
    pub(crate) fn letters(&mut self, persona: PersonaId) -> Result<Vec<Letter>, TooMany> {
        let every = self.every(persona)?;
        Ok(moving(every, self.machines, self.tracked(persona)))
    }

    /// All letters of a session of `persona`, those among them that move nothing.
    pub(crate) fn every(&mut self, persona: PersonaId) -> Result<Vec<Letter>, TooMany> {
        let mut letters = Vec::new();
        for tool in tools(self.core) {
            self.calls(tool, persona, &[], &mut letters)?;
        }
        self.others(&mut letters)?;
        for event in 0..self.core.events.len() {
            self.events(event, persona, &mut letters)?;
        }
        for tool in tools(self.core) {
            self.attempts(tool.0, persona, &mut letters);
        }
        self.attempts(FrameTool::UNKNOWN.0, persona, &mut letters);
        let tracked = self.tracked(persona);
        self.results(tracked, &mut letters)?;
        Ok(letters)
    }

    /// Calls of other sessions, where a history is not the session's alone.
    fn others(&mut self, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let keys: BTreeSet<usize> = self.machines.iter().filter_map(|machine| SHARED.iter().position(|key| *key == machine.key)).collect();
        let keys: Vec<Key> = keys.into_iter().filter_map(|at| SHARED.get(at).copied()).collect();
        // Each set of keys that another session may have in common with this one.
        for set in 1..(1_usize << keys.len()) {
            let shared: Vec<Key> = keys.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0).map(|(_, key)| *key).collect();
            for tool in tools(self.core) {
                let named = self.machines.iter().any(|machine| {
                    shared.contains(&machine.key)
                        && machine.alphabet.sites.iter().any(|site| site.subject == tool.0 && site.kind != LetterKind::Event)
                });
                for persona in (0..self.core.personas.len()).filter(|_| named) {
                    self.calls(tool, PersonaId(u32::try_from(persona).unwrap_or(u32::MAX)), &shared, letters)?;
                }
            }
        }
        Ok(())
    }

    fn calls(&mut self, tool: ToolId, persona: PersonaId, foreign: &[Key], letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let permits = Permits::of(self.core, persona, tool);
        let evaluable = self.evaluable(tool, &permits);
        let read = self.guards_read(&[LetterKind::Call, LetterKind::Ok, LetterKind::Failed], tool.0);
        let guards = self.guards.tool(tool.index());
        let at_call: Vec<usize> = read.into_iter().filter(|guard| *guard < guards.len()).collect();
        let mut asked: Vec<Cond> = at_call.iter().filter_map(|guard| guards.get(*guard).cloned()).collect();
        let probe = self.probe.filter(|(probed, _)| *probed == tool && foreign.is_empty()).map(|(_, cond)| cond.clone());
        asked.extend(probe.iter().cloned());
        let (equal, record) = (self.literals(tool), self.core.tools.get(tool.index()).map(|tool| &tool.args));
        asked.extend(equal.iter().map(|(.., cond)| cond.clone()));
        let labels =
            permits.evaluated.iter().chain(at_call.iter().filter_map(|guard| guards.get(*guard))).map(mentioned).fold(0, |a, b| a | b);
        asked.extend((0..64).filter(|label| labels & (1 << label) != 0).map(|label| Cond::Has(LabelId(label))));
        for (verdict, is_ask) in [(&permits.allow, false), (&permits.ask, true)] {
            let first = Part { conds: vec![verdict.clone()], truths: Vec::new() };
            for part in self.split(Subject::Tool(tool), first, &asked, &evaluable)? {
                let mut truths = vec![None; guards.len()];
                for (guard, holds) in at_call.iter().zip(&part.truths) {
                    truths.get_mut(*guard).into_iter().for_each(|place| *place = Some(*holds));
                }
                let probed = probe.is_some() && part.truths.get(at_call.len()).copied().unwrap_or(false);
                let known: Vec<bool> = part.truths.iter().skip(at_call.len() + usize::from(probe.is_some())).copied().collect();
                for values in self.values(tool, &equal, &known)? {
                    let there = presences(record, self.guards.tool_values(tool.index()), &values);
                    let conds: Vec<Cond> = part.conds.iter().chain(&there).cloned().collect();
                    if !there.is_empty() && !self.possible(Subject::Tool(tool), &conds, &evaluable) {
                        continue;
                    }
                    letters.push(Letter {
                        kind: LetterKind::Call,
                        subject: tool.0,
                        persona: Some(persona),
                        foreign: foreign.to_vec(),
                        asked: is_ask,
                        guards: truths.clone(),
                        values,
                        labels: 0,
                        // The labels of another session are not followed.
                        has: if foreign.is_empty() { told(&part.conds) } else { (0, 0) },
                        of: None,
                        conds,
                        probed,
                    });
                }
            }
        }
        Ok(())
    }

    fn events(&mut self, index: usize, persona: PersonaId, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let id = EventId(u32::try_from(index).unwrap_or(u32::MAX));
        if !self.machines.iter().any(|machine| machine.site(LetterKind::Event, id.0).is_some()) {
            return Ok(());
        }
        let guards = self.guards.event(index).to_vec();
        let read: Vec<usize> = self.guards_read(&[LetterKind::Event], id.0).into_iter().collect();
        let asked: Vec<Cond> = read.iter().filter_map(|guard| guards.get(*guard).cloned()).collect();
        let first = Part { conds: Vec::new(), truths: Vec::new() };
        let values = self.guards.event_values(index).len();
        let parts = self.split(Subject::Event(id), first, &asked, &guards)?;
        for part in parts {
            let mut truths = vec![None; guards.len()];
            for (guard, holds) in read.iter().zip(&part.truths) {
                truths.get_mut(*guard).into_iter().for_each(|place| *place = Some(*holds));
            }
            for values in self.choices(values, &|_| true)? {
                let (kind, labels, of) = (LetterKind::Event, 0, None);
                let (guards, conds, has) = (truths.clone(), part.conds.clone(), told(&part.conds));
                let persona = Some(persona);
                letters.push(Letter {
                    kind,
                    subject: id.0,
                    persona,
                    foreign: Vec::new(),
                    asked: false,
                    guards,
                    values,
                    labels,
                    has,
                    of,
                    conds,
                    probed: false,
                });
            }
        }
        Ok(())
    }

    /// An attempt can always be made, and be about anything: one whose arguments do not fit is refused, whatever the policy says.
    fn attempts(&self, subject: u32, persona: PersonaId, letters: &mut Vec<Letter>) {
        if !self.machines.iter().any(|machine| machine.site(LetterKind::Denied, subject).is_some()) {
            return;
        }
        let index = subject as usize;
        let (guards, values) = (self.guards.tool(index).len(), self.guards.tool_values(index).len());
        let everything = Held { constants: mask(self.constants.len()), lacks: true };
        for held in [everything, Held::default()] {
            letters.push(Letter {
                kind: LetterKind::Denied,
                subject,
                persona: Some(persona),
                foreign: Vec::new(),
                asked: false,
                guards: vec![None; guards],
                values: vec![held; values],
                labels: 0,
                has: (0, 0),
                of: None,
                conds: Vec::new(),
                probed: false,
            });
        }
    }

    fn results(&mut self, tracked: u64, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        for (place, call) in letters.clone().into_iter().enumerate().filter(|(_, letter)| letter.kind == LetterKind::Call) {
            let tool = ToolId(call.subject);
            let Some(declared) = self.core.tools.get(tool.index()) else { continue };
            let given = bits(&declared.returns);
            let scanned = scanned(self.core, tool, call.persona);
            for kind in [LetterKind::Ok, LetterKind::Failed] {
                for labels in label_sets(kind, given, scanned & tracked) {
                    let sites = self.machines.iter().any(|machine| machine.site(kind, call.subject).is_some());
                    if sites || (labels & tracked != 0 && call.own()) {
                        self.result(place, &call, kind, labels, letters)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn result(&mut self, place: usize, call: &Letter, kind: LetterKind, labels: u64, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let tool = ToolId(call.subject);
        let (at_call, at_result) = (self.guards.tool(tool.index()).len(), self.guards.result(tool.index()).to_vec());
        let read: Vec<usize> = self.guards_read(&[kind], tool.0).into_iter().filter(|guard| *guard >= at_call).collect();
        let asked: Vec<Cond> = read.iter().filter_map(|guard| at_result.get(guard - at_call).cloned()).collect();
        let first = Part { conds: call.conds.clone(), truths: Vec::new() };
        let parts = if asked.is_empty() { vec![first] } else { self.split(Subject::Tool(tool), first, &asked, &[])? };
        for part in parts {
            let mut guards = call.guards.clone();
            guards.resize(at_call + at_result.len(), None);
            for (guard, holds) in read.iter().zip(&part.truths) {
                guards.get_mut(*guard).into_iter().for_each(|place| *place = Some(*holds));
            }
            let of_result =
                |index: usize| matches!(self.guards.tool_values(tool.index()).get(index), Some(Value::Path(path)) if path.result);
            for mut values in self.choices(call.values.len(), &of_result)? {
                for (index, value) in values.iter_mut().enumerate().filter(|(index, _)| !of_result(*index)) {
                    *value = call.values.get(index).copied().unwrap_or_default();
                }
                let (has, foreign) = ((0, 0), call.foreign.clone());
                let (subject, persona, asked, conds) = (call.subject, call.persona, call.asked, part.conds.clone());
                letters.push(Letter {
                    kind,
                    subject,
                    persona,
                    foreign,
                    asked,
                    guards: guards.clone(),
                    values,
                    labels,
                    has,
                    of: Some(place),
                    conds,
                    probed: false,
                });
            }
        }
        Ok(())
    }

    /// The labels that some condition on the persona's calls asks its session for.
    fn tracked(&self, persona: PersonaId) -> u64 {
        let mut all = 0;
        for tool in tools(self.core) {
            let permits = Permits::of(self.core, persona, tool);
            all |= permits.evaluated.iter().map(mentioned).fold(0, |a, b| a | b);
            all |= self.guards.tool(tool.index()).iter().map(mentioned).fold(0, |a, b| a | b);
        }
        all
    }

    /// Every condition that is evaluated on a call of the tool.
    fn evaluable(&self, tool: ToolId, permits: &Permits) -> Vec<Cond> {
        permits.evaluated.iter().chain(self.guards.tool(tool.index())).cloned().collect()
    }

    /// The guards that some machine reads on letters of these kinds.
    fn guards_read(&self, kinds: &[LetterKind], subject: u32) -> BTreeSet<usize> {
        let mut read = BTreeSet::new();
        for machine in self.machines {
            for site in kinds.iter().filter_map(|kind| machine.site(*kind, subject)) {
                read.extend(machine.tests(site).into_iter().filter_map(|test| match test {
                    Test::Guard { guard, .. } => Some(usize::from(guard)),
                    _ => None,
                }));
            }
        }
        read
    }

    /// Tells the letters of a subject apart by conditions, as far as each combination is possible.
    fn split(&mut self, subject: Subject, first: Part, asked: &[Cond], evaluable: &[Cond]) -> Result<Vec<Part>, TooMany> {
        let mut parts = if self.possible(subject, &first.conds, evaluable) { vec![first] } else { Vec::new() };
        for cond in asked {
            let mut next = Vec::new();
            for part in parts {
                for (holds, also) in [(true, cond.clone()), (false, negated(cond.clone()))] {
                    let mut part = part.clone();
                    part.conds.push(also);
                    part.truths.push(holds);
                    if self.possible(subject, &part.conds, evaluable) {
                        next.push(part);
                    }
                }
            }
            if next.len() > LETTERS_PER_SUBJECT {
                return Err(TooMany(format!("more than {LETTERS_PER_SUBJECT} kinds of call of one tool would have to be told apart")));
            }
            parts = next;
        }
        Ok(parts)
    }

    fn possible(&mut self, subject: Subject, conds: &[Cond], evaluable: &[Cond]) -> bool {
        let goal = Goal { holds: conds.to_vec(), evaluable: evaluable.iter().collect() };
        !matches!(self.questions.ask(subject, &goal), Answer::Impossible(_))
    }

    /// For each constant that is a literal and each value of its type: whether they are equal, as a condition.
    fn literals(&self, tool: ToolId) -> Vec<(usize, usize, Cond)> {
        let mut found = Vec::new();
        for (index, value) in self.guards.tool_values(tool.index()).iter().enumerate().filter(|(index, _)| self.taken(tool, *index)) {
            let Value::Path(path) = value else { continue };
            let Some(term) = scalar(path) else { continue };
            for (number, constant) in self.constants.iter().enumerate().filter(|(_, constant)| constant.may_be(path)) {
                if let Some(literal) = &constant.literal {
                    found.push((index, number, equals(path.tag, term.clone(), literal.clone())));
                }
            }
        }
        found
    }

    /// Whether some machine takes the value.
    fn taken(&self, tool: ToolId, index: usize) -> bool {
        self.machines.iter().flat_map(|machine| &machine.alphabet.sites).any(|site| {
            site.kind != LetterKind::Event
                && site.subject == tool.0
                && site.bindings.iter().flatten().any(|value| usize::from(*value) == index)
        })
    }

    /// All that a call's values may be to the constants, given what is known of literals.
    fn values(&self, tool: ToolId, equal: &[(usize, usize, Cond)], known: &[bool]) -> Result<Vec<Vec<Held>>, TooMany> {
        let sources = self.guards.tool_values(tool.index());
        let taken = |index: usize| matches!(sources.get(index), Some(Value::Path(path)) if !path.result) && self.taken(tool, index);
        let mut all = self.choices(sources.len(), &taken)?;
        let record = self.core.tools.get(tool.index()).map(|tool| &tool.args);
        for values in &mut all {
            for ((index, constant, _), holds) in equal.iter().zip(known) {
                if let Some(value) = values.get_mut(*index) {
                    let bit = 1_u32 << constant;
                    value.constants = if *holds { value.constants | bit } else { value.constants & !bit };
                }
            }
        }
        all.retain(|values| {
            values.iter().enumerate().all(|(index, held)| match sources.get(index) {
                Some(Value::Path(path)) => fits(self.constants, record, path, *held),
                _ => true,
            })
        });
        all.sort_by_key(|values| values.iter().map(|held| (held.constants, held.lacks)).collect::<Vec<_>>());
        all.dedup();
        Ok(all)
    }

    /// Every way in which the values that `taken` names can be constants.
    fn choices(&self, values: usize, taken: &dyn Fn(usize) -> bool) -> Result<Vec<Vec<Held>>, TooMany> {
        let mut all = vec![Vec::new()];
        let each: Vec<Held> =
            (0..=mask(self.constants.len())).flat_map(|constants| [false, true].map(|lacks| Held { constants, lacks })).collect();
        for index in 0..values {
            let own: &[Held] = if taken(index) { &each } else { &[Held { constants: 0, lacks: false }] };
            all = all.iter().flat_map(|before| own.iter().map(move |held| [before.as_slice(), &[*held]].concat())).collect();
            if all.len() > 1 << 14 {
                return Err(TooMany("too many values would have to be told apart".to_owned()));
            }
        }
        Ok(all)
    }
}

/// The kinds of key that sessions share.
const SHARED: [Key; 3] = [Key::Principal, Key::Agent, Key::Tenant];

/// Whether a value of that path can be this to the constants.
fn fits(constants: &[Constant], record: Option<&Record>, path: &ValuePath, held: Held) -> bool {
    let mut own = constants.iter().enumerate().filter(|(at, _)| held.constants & (1 << at) != 0).map(|(_, constant)| constant);
    if own.clone().any(|constant| !constant.may_be(path)) {
        return false;
    }
    if scalar(path).is_none() {
        return true;
    }
    // One value is at most one literal, and one that is absent is none.
    if own.clone().filter(|constant| constant.literal.is_some()).count() > 1 {
        return false;
    }
    if held.lacks { own.next().is_none() && may_lack(record, &path.steps) } else { true }
}

pub(crate) fn may_lack(record: Option<&Record>, steps: &[ValueStep]) -> bool {
    let Some((ValueStep::Field(name), rest)) = steps.split_first() else { return false };
    let Some(field) = record.and_then(|record| record.fields.iter().find(|field| field.name == *name)) else { return true };
    let inner = match &field.ty {
        Type::Record(record) => Some(record),
        _ => None,
    };
    (!field.required && field.default.is_none()) || (!rest.is_empty() && may_lack(inner, rest))
}

/// The term of a path without lists.
pub(crate) fn scalar(path: &ValuePath) -> Option<Term> {
    let fields: Option<Vec<String>> = path
        .steps
        .iter()
        .map(|step| match step {
            ValueStep::Field(name) => Some(name.clone()),
            ValueStep::Each => None,
        })
        .collect();
    fields.map(|fields| if path.result { Term::Result(fields) } else { Term::Arg(fields) })
}

/// That a term is a literal; of a field that may be absent, that it is there and is it.
pub(crate) fn equals(tag: TypeTag, term: Term, literal: leverframe_compiler::core::Literal) -> Cond {
    let there = Cond::Present(term.clone());
    Cond::And(vec![there, Cond::Compare(leverframe_compiler::core::cond::CompareOp::Eq, tag, term, Term::Literal(literal))])
}

fn mask(constants: usize) -> u32 {
    (1_u32 << constants.min(31)) - 1
}

fn tools(core: &Core) -> impl Iterator<Item = ToolId> + use<> {
    (0..u32::try_from(core.tools.len()).unwrap_or(u32::MAX)).map(ToolId)
}

/// A bit a label.
pub(crate) fn bits(labels: &[LabelId]) -> u64 {
    labels.iter().fold(0, |set, label| set | 1_u64.checked_shl(label.0).unwrap_or(0))
}

/// The labels that scans can find in the tool's results.
pub(crate) fn scanned(core: &Core, tool: ToolId, persona: Option<PersonaId>) -> u64 {
    let in_scope = |scope: &leverframe_compiler::core::Scope| match scope {
        leverframe_compiler::core::Scope::All => true,
        leverframe_compiler::core::Scope::Personas(personas) => persona.is_some_and(|persona| personas.contains(&persona)),
    };
    let scans = core.scans.iter().filter(|scan| scan.results && scan.tools.contains(&tool) && in_scope(&scan.scope));
    scans.map(|scan| bits(&scan.labels)).fold(0, |a, b| a | b)
}

/// The labels that a result can come with: what the tool declares, unless it failed without content, and whatever scans find.
fn label_sets(kind: LetterKind, declared: u64, scanned: u64) -> Vec<u64> {
    let mut found: BTreeSet<u64> = BTreeSet::new();
    let mut subset = scanned;
    loop {
        found.insert(declared | subset);
        if kind == LetterKind::Failed {
            found.insert(0);
        }
        if subset == 0 || found.len() > 64 {
            return found.into_iter().collect();
        }
        subset = (subset - 1) & scanned;
    }
}

/// What conditions that hold tell of the session's labels, where they do so outright.
fn told(conds: &[Cond]) -> (u64, u64) {
    let (mut which, mut there) = (0, 0);
    let mut note = |label: LabelId, holds: bool| {
        let bit = bits(&[label]);
        which |= bit;
        there |= if holds { bit } else { 0 };
    };
    for cond in conds {
        outright(cond, &mut note);
    }
    (which, there)
}

fn outright(cond: &Cond, note: &mut impl FnMut(LabelId, bool)) {
    match cond {
        Cond::Has(label) => note(*label, true),
        Cond::And(parts) => parts.iter().for_each(|part| outright(part, note)),
        Cond::Not(part) => match &**part {
            Cond::Has(label) => note(*label, false),
            Cond::Or(parts) => parts.iter().for_each(|part| outright(&negated(part.clone()), note)),
            _ => {}
        },
        _ => {}
    }
}

/// The labels that a condition asks the session for.
pub(crate) fn mentioned(cond: &Cond) -> u64 {
    match cond {
        Cond::Has(label) => bits(&[*label]),
        Cond::And(parts) | Cond::Or(parts) => parts.iter().map(mentioned).fold(0, |a, b| a | b),
        Cond::Not(part) | Cond::All(_, _, part) | Cond::Some(_, _, part) => mentioned(part),
        _ => 0,
    }
}

/// An example of a letter that meets its conditions and these.
pub(crate) fn example(questions: &mut Questions<'_>, letter: &Letter, more: Vec<Cond>, evaluable: &[Cond]) -> Option<Example> {
    let subject = match letter.kind {
        LetterKind::Event => Subject::Event(EventId(letter.subject)),
        _ => Subject::Tool(ToolId(letter.subject)),
    };
    let holds = letter.conds.iter().cloned().chain(more).collect();
    match questions.ask(subject, &Goal { holds, evaluable: evaluable.iter().collect() }) {
        Answer::Possible(example) => Some(*example),
        Answer::Impossible(_) | Answer::Unknown(_) => None,
    }
}
