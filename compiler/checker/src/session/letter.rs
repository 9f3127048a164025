//! Letters: the events of a session, as far as the machines of a search can tell them apart.
//!
//! In: a policy, the machines, the constants. Out: for each tool and host event the letters that can be, each with the conditions that a concrete one of it
//! has to meet. Invariant: every event of every session is one of these letters (or steps no machine). A question without an answer counts as possible.
//! Left out: results of calls that were never admitted.
//! Source: verification sections 1 and 3.

use std::collections::BTreeSet;

use leverframe_compiler::automata::{Guards, Value};
use leverframe_compiler::core::{Cond, Core, EventId, Key, LabelId, PersonaId, ToolId, TypeTag, ValuePath};
use leverframe_runtime::frame::{LetterKind, Test, ToolId as FrameTool};

use super::alike::distinct;
use super::constants::Placed;
use super::machine::Machine;
use super::moving::{bits, label_sets, moving, presences, relevant, scanned};
use super::permit::{Permits, negated};
use super::values::mask;
use crate::limits::LETTERS_PER_SUBJECT;
use crate::question::{Answer, Example, Goal, Questions, Subject};

/// Something that all variables of a search may stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constant {
    pub(crate) tag: TypeTag,
    /// A value that the policy names; otherwise any.
    pub(crate) literal: Option<leverframe_compiler::core::Literal>,
    /// The values that the literal bears on: those that the quarry compares with it, and those that some variable makes equal to one of them. Only of these it
    /// is asked whether they are it.
    pub(crate) paths: Vec<ValuePath>,
}

impl Constant {
    /// Any value of that type.
    pub(crate) fn any(tag: TypeTag) -> Self {
        Self { tag, literal: None, paths: Vec::new() }
    }

    /// Whether values of that path may be it.
    pub(crate) fn may_be(&self, path: &ValuePath) -> bool {
        self.tag == path.tag && (self.literal.is_none() || self.paths.contains(path))
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
    /// The kinds of key whose histories an event or an attempt of the session at hand is not in: it names another key, or none.
    pub(crate) elsewhere: Vec<Key>,
    /// Whether permissions ask about the call.
    pub(crate) asked: bool,
    /// By the numbers of the subject's guards, as far as machines read them.
    pub(crate) guards: Vec<Option<bool>>,
    /// The guards that cannot be evaluated on it, by number.
    pub(crate) failed: Vec<usize>,
    /// By the numbers of the subject's values, as far as machines take them.
    pub(crate) values: Vec<Held>,
    /// The labels of a result.
    pub(crate) labels: u64,
    /// The labels of the session that it tells: which, and whether they are there.
    pub(crate) has: (u64, u64),
    /// The call that it is the result of, by its place among the letters.
    pub(crate) of: Option<usize>,
    /// Where that call has to have been.
    pub(crate) called: Called,
    /// Whether it moves anything by itself, or is there for its results alone.
    pub(crate) moves: bool,
    /// What a concrete event of it has to meet.
    pub(crate) conds: Vec<Cond>,
    /// What cannot be evaluated on it.
    pub(crate) fails: Vec<Cond>,
    /// Whether it meets what the search looks for.
    pub(crate) probed: bool,
}

/// Where the call of a result stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// Somewhere before.
    Before,
    /// Somewhere before, and some machine asks where.
    AtItsPlace,
    /// Right before it: nothing moves with the call, so that it can always be made there.
    JustNow,
    /// Anywhere before, and some machine asks where: nothing moves with the call, so that it can always have been made.
    Anywhere,
}

impl Letter {
    /// A letter of which no more is known.
    pub(crate) fn new(kind: LetterKind, subject: u32, persona: PersonaId) -> Self {
        Self {
            kind,
            subject,
            persona: Some(persona),
            foreign: Vec::new(),
            elsewhere: Vec::new(),
            asked: false,
            guards: Vec::new(),
            failed: Vec::new(),
            values: Vec::new(),
            labels: 0,
            has: (0, 0),
            of: None,
            called: Called::Before,
            moves: true,
            conds: Vec::new(),
            fails: Vec::new(),
            probed: false,
        }
    }

    /// Whether some machine asks where its call was.
    pub(crate) fn is_placed(&self) -> bool {
        matches!(self.called, Called::AtItsPlace | Called::Anywhere)
    }

    pub(crate) fn is_result(&self) -> bool {
        matches!(self.kind, LetterKind::Ok | LetterKind::Failed)
    }

    pub(crate) fn own(&self) -> bool {
        self.foreign.is_empty()
    }

    /// Whether a machine of that key has it in its history.
    pub(crate) fn in_history_of(&self, key: Key) -> bool {
        if self.own() { !self.elsewhere.contains(&key) } else { self.foreign.contains(&key) }
    }
}

/// What the letters are made for.
pub(crate) struct Alphabet<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) guards: &'a Guards,
    pub(crate) machines: &'a [Machine],
    pub(crate) constants: &'a [Constant],
    /// Which constant the call that comes to the goal has where.
    pub(crate) of_goal: &'a [Placed],
    pub(crate) questions: &'a mut Questions<'c>,
    /// A condition on calls of one tool that the search asks about.
    pub(crate) probe: Option<&'a (ToolId, Cond)>,
}

/// Why there are no letters.
#[derive(Clone, Debug)]
pub(crate) struct TooMany(pub(crate) String);

/// A part of a subject's letters, on the way to being told apart.
#[derive(Clone, Default)]
struct Part {
    conds: Vec<Cond>,
    fails: Vec<Cond>,
    /// Nothing where it fails.
    truths: Vec<Option<bool>>,
}

impl Part {
    /// What a letter knows of the guards that were asked: their truths by number, and which fail.
    fn guards(&self, read: &[usize], mut truths: Vec<Option<bool>>) -> (Vec<Option<bool>>, Vec<usize>) {
        let mut failed = Vec::new();
        for (guard, truth) in read.iter().zip(&self.truths) {
            truths.get_mut(*guard).into_iter().for_each(|place| *place = *truth);
            failed.extend(truth.is_none().then_some(*guard));
        }
        (truths, failed)
    }
}

/// Whether conditions may fail where letters are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failures {
    /// What fails is no such letter.
    None,
    /// What fails is a letter of its own.
    Some,
}

impl Alphabet<'_, '_> {
    /// The letters of a session of `persona` that move something, calls before their results.
    pub(crate) fn letters(&mut self, persona: PersonaId) -> Result<Vec<Letter>, TooMany> {
        let (tools, tracked) = relevant(self, persona);
        let letters = self.all(persona, &tools, tracked)?;
        Ok(distinct(moving(letters, self.machines, tracked), self.machines))
    }

    /// All letters of a session of `persona`, whether they move anything or not.
    pub(crate) fn every(&mut self, persona: PersonaId) -> Result<Vec<Letter>, TooMany> {
        let tools: Vec<ToolId> = tools(self.core).collect();
        let tracked = tools.iter().map(|tool| self.asked_of(*tool, persona)).fold(0, |a, b| a | b);
        self.all(persona, &tools, tracked)
    }

    fn all(&mut self, persona: PersonaId, tools: &[ToolId], tracked: u64) -> Result<Vec<Letter>, TooMany> {
        let mut letters = Vec::new();
        for tool in tools {
            self.calls(*tool, persona, &[], &mut letters)?;
        }
        self.others(&mut letters)?;
        for event in 0..self.core.events.len() {
            self.events(event, persona, &mut letters)?;
        }
        for tool in tools {
            self.attempts(tool.0, persona, &mut letters)?;
        }
        self.attempts(FrameTool::UNKNOWN.0, persona, &mut letters)?;
        self.results(tracked, &mut letters)?;
        for letter in letters.iter_mut().filter(|letter| letter.is_result()) {
            let asks = self.machines.iter().any(|machine| machine.asks_when_called(letter.kind, letter.subject));
            letter.called = if asks { Called::AtItsPlace } else { Called::Before };
        }
        Ok(letters)
    }

    /// Calls of other sessions, where a history is not the session's alone.
    fn others(&mut self, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let keys: BTreeSet<usize> = self.machines.iter().filter_map(|machine| SHARED.iter().position(|key| *key == machine.key)).collect();
        let keys: Vec<Key> = keys.into_iter().filter_map(|at| SHARED.get(at).copied()).collect();
        // Each set of keys that another session may have in common with this one.
        for shared in subsets(&keys).skip(1) {
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
        let read = permits.evaluated.iter().chain(at_call.iter().filter_map(|guard| guards.get(*guard))).chain(&probe);
        let labels = read.map(mentioned).fold(0, |a, b| a | b);
        asked.extend((0..64).filter(|label| labels & (1 << label) != 0).map(|label| Cond::Has(LabelId(label))));
        for (verdict, is_ask) in [(&permits.allow, false), (&permits.ask, true)] {
            let first = Part { conds: vec![verdict.clone()], ..Part::default() };
            for part in self.split(Subject::Tool(tool), first, &asked, (&evaluable, Failures::None))? {
                let (truths, _) = part.guards(&at_call, vec![None; guards.len()]);
                let probed = probe.is_some() && part.truths.get(at_call.len()).copied().flatten().unwrap_or(false);
                let known = part.truths.iter().skip(at_call.len() + usize::from(probe.is_some()));
                let known: Vec<bool> = known.map(|truth| truth.unwrap_or(false)).collect();
                for values in self.values(tool, &equal, &known)? {
                    let there = presences(record, self.guards.tool_values(tool.index()), &values);
                    let conds: Vec<Cond> = part.conds.iter().chain(&there).cloned().collect();
                    let exactly = Part { conds: conds.clone(), ..Part::default() };
                    if !there.is_empty() && !self.possible(Subject::Tool(tool), &exactly, &evaluable) {
                        continue;
                    }
                    let call = Letter {
                        foreign: foreign.to_vec(),
                        asked: is_ask,
                        guards: truths.clone(),
                        values,
                        // The labels of another session are not followed.
                        has: if foreign.is_empty() { told(&part.conds) } else { (0, 0) },
                        conds,
                        probed,
                        ..Letter::new(LetterKind::Call, tool.0, persona)
                    };
                    let nameless = if call.own() { self.nameless(tool.0) } else { Vec::new() };
                    letters.extend(subsets(&nameless).map(|elsewhere| Letter { elsewhere, ..call.clone() }));
                }
            }
        }
        Ok(())
    }

    /// The kinds of key that a call of the tool need not name, though rules with such keys hear it: none of them speaks of it.
    fn nameless(&self, tool: u32) -> Vec<Key> {
        let sites = |key: Key| {
            self.machines.iter().filter(move |machine| machine.key == key).filter_map(move |machine| machine.site(LetterKind::Call, tool))
        };
        SHARED.into_iter().filter(|key| sites(*key).next().is_some() && sites(*key).all(|site| !site.named)).collect()
    }

    fn events(&mut self, index: usize, persona: PersonaId, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let id = EventId(u32::try_from(index).unwrap_or(u32::MAX));
        if !self.machines.iter().any(|machine| machine.site(LetterKind::Event, id.0).is_some()) {
            return Ok(());
        }
        let guards = self.guards.event(index).to_vec();
        let read: Vec<usize> = self.guards_read(&[LetterKind::Event], id.0).into_iter().collect();
        let asked: Vec<Cond> = read.iter().filter_map(|guard| guards.get(*guard).cloned()).collect();
        let values = self.guards.event_values(index).len();
        let parts = self.split(Subject::Event(id), Part::default(), &asked, (&[], Failures::Some))?;
        for part in parts {
            let (truths, failed) = part.guards(&read, vec![None; guards.len()]);
            let own: Vec<u32> = (0..values).map(|value| self.mask(&[LetterKind::Event], id.0, value)).collect();
            for values in self.choices(&own, &|_| true)? {
                let (guards, failed) = (truths.clone(), failed.clone());
                let (conds, fails, has) = (part.conds.clone(), part.fails.clone(), told(&part.conds));
                let letter = Letter { guards, failed, values, has, conds, fails, ..Letter::new(LetterKind::Event, id.0, persona) };
                letters.extend(self.in_histories(&letter));
            }
        }
        Ok(())
    }

    /// An attempt can always be made, and be about anything: one whose arguments do not fit is refused, whatever the policy says.
    fn attempts(&self, subject: u32, persona: PersonaId, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        if !self.machines.iter().any(|machine| machine.site(LetterKind::Denied, subject).is_some()) {
            return Ok(());
        }
        let index = subject as usize;
        let (guards, values) = (self.guards.tool(index).len(), self.guards.tool_values(index).len());
        let own: Vec<u32> = (0..values).map(|value| self.mask(&[LetterKind::Denied], subject, value)).collect();
        let everything = Held { constants: mask(self.constants.len()), lacks: true };
        for values in std::iter::once(vec![everything; values]).chain(self.choices(&own, &|_| true)?) {
            let guards = vec![None; guards];
            letters.extend(self.in_histories(&Letter { guards, values, ..Letter::new(LetterKind::Denied, subject, persona) }));
        }
        Ok(())
    }

    /// The letter in all the histories that a host event or an attempt can be in: of the session at hand, of its keys, or of some of these only, as another
    /// session's or as one that names other keys.
    fn in_histories(&self, letter: &Letter) -> Vec<Letter> {
        let heeds =
            |key: &&Key| self.machines.iter().any(|machine| machine.key == **key && machine.site(letter.kind, letter.subject).is_some());
        let keys: Vec<Key> = SHARED.iter().filter(heeds).copied().collect();
        let own = subsets(&keys).map(|elsewhere| Letter { elsewhere, ..letter.clone() });
        // Another session may be any persona's. Its labels are not followed.
        let personas = || (0..self.core.personas.len()).filter_map(|at| u32::try_from(at).ok()).map(PersonaId);
        let of = |foreign: Vec<Key>| {
            personas().map(move |persona| Letter { foreign: foreign.clone(), persona: Some(persona), has: (0, 0), ..letter.clone() })
        };
        own.chain(subsets(&keys).skip(1).flat_map(of)).collect()
    }

    fn results(&mut self, tracked: u64, letters: &mut Vec<Letter>) -> Result<(), TooMany> {
        let read = self.machines.iter().map(Machine::labels).fold(tracked, |a, b| a | b);
        for (place, call) in letters.clone().into_iter().enumerate().filter(|(_, letter)| letter.kind == LetterKind::Call) {
            let tool = ToolId(call.subject);
            let Some(declared) = self.core.tools.get(tool.index()) else { continue };
            let (given, scanned) = (bits(&declared.returns), scanned(self.core, tool, call.persona));
            for kind in [LetterKind::Ok, LetterKind::Failed] {
                for labels in label_sets(kind, given, scanned & read)? {
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
        let first = Part { conds: call.conds.clone(), ..Part::default() };
        let parts = if asked.is_empty() { vec![first] } else { self.split(Subject::Tool(tool), first, &asked, (&[], Failures::Some))? };
        for part in parts {
            let mut guards = call.guards.clone();
            guards.resize(at_call + at_result.len(), None);
            let (guards, failed) = part.guards(&read, guards);
            let of_result =
                |index: usize| matches!(self.guards.tool_values(tool.index()).get(index), Some(Value::Path(path)) if path.result);
            let own: Vec<u32> = (0..call.values.len()).map(|value| self.mask(&[kind], tool.0, value)).collect();
            for mut values in self.choices(&own, &of_result)? {
                for (index, value) in values.iter_mut().enumerate().filter(|(index, _)| !of_result(*index)) {
                    *value = call.values.get(index).copied().unwrap_or_default();
                }
                let (guards, failed, of) = (guards.clone(), failed.clone(), Some(place));
                let (conds, fails) = (part.conds.clone(), part.fails.clone());
                letters.push(Letter { kind, guards, failed, values, labels, has: (0, 0), of, conds, fails, probed: false, ..call.clone() });
            }
        }
        Ok(())
    }

    /// The labels that conditions on the persona's calls of a tool ask its session for.
    pub(crate) fn asked_of(&self, tool: ToolId, persona: PersonaId) -> u64 {
        let permits = Permits::of(self.core, persona, tool);
        permits.evaluated.iter().chain(self.guards.tool(tool.index())).map(mentioned).fold(0, |a, b| a | b)
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
    fn split(
        &mut self,
        subject: Subject,
        first: Part,
        asked: &[Cond],
        (evaluable, failures): (&[Cond], Failures),
    ) -> Result<Vec<Part>, TooMany> {
        let mut parts = if self.possible(subject, &first, evaluable) { vec![first] } else { Vec::new() };
        for cond in asked {
            let mut next = Vec::new();
            for part in parts {
                for truth in [Some(true), Some(false), None].into_iter().filter(|truth| truth.is_some() || failures == Failures::Some) {
                    let mut part = part.clone();
                    match truth {
                        Some(true) => part.conds.push(cond.clone()),
                        Some(false) => part.conds.push(negated(cond.clone())),
                        None => part.fails.push(cond.clone()),
                    }
                    part.truths.push(truth);
                    if self.possible(subject, &part, evaluable) {
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

    fn possible(&mut self, subject: Subject, part: &Part, evaluable: &[Cond]) -> bool {
        let goal = Goal { holds: part.conds.clone(), evaluable: evaluable.iter().collect() };
        !matches!(self.questions.ask_failing(subject, &goal, &part.fails), Answer::Impossible(_))
    }
}

/// Every set of these keys, the empty one first.
fn subsets(keys: &[Key]) -> impl Iterator<Item = Vec<Key>> + '_ {
    let of = |set: usize| keys.iter().enumerate().filter(move |(at, _)| set & (1 << at) != 0).map(|(_, key)| *key).collect();
    (0..1_usize << keys.len()).map(of)
}

/// The kinds of key that sessions share.
const SHARED: [Key; 3] = [Key::Principal, Key::Agent, Key::Tenant];

pub(crate) fn tools(core: &Core) -> impl Iterator<Item = ToolId> + use<> {
    (0..u32::try_from(core.tools.len()).unwrap_or(u32::MAX)).map(ToolId)
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
    // What fails on the letter is not among what can be evaluated there.
    let evaluable = evaluable.iter().filter(|cond| !letter.fails.contains(cond)).collect();
    match questions.ask_failing(subject, &Goal { holds, evaluable }, &letter.fails) {
        Answer::Possible(example) => Some(*example),
        Answer::Impossible(_) | Answer::Unknown(_) => None,
    }
}
