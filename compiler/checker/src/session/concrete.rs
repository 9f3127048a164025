//! A way through the product made a session that the runtime decides.
//!
//! In: letters one after the other. Out: a session in which each of them comes true, or the rules that keep it from coming true. Invariant: what is returned as a
//! session was decided by the runtime just so. Left out: every other way to choose values and times than the few that are tried; so no session is no proof.
//! Source: verification section 3 ("a refutation counts only after replay").

use std::collections::{BTreeMap, BTreeSet};

use leverframe_compiler::automata::{Guards, Value};
use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{Cond, Core, Key, Literal, PersonaId, Scalar, Term, ToolId, TypeTag, ValuePath, ValueStep};
use leverframe_runtime::Approval;
use leverframe_runtime::frame::LetterKind;
use serde_json::{Map, Value as Json, json};

use super::ground::Approvals;
use super::letter::{Constant, Held, Letter, example};
use super::moving::bits;
use super::permit::{Permits, negated};
use super::run::{Attempt, CameOut, OWN, Party, Run, SHARED, Said, party};
use super::search::Way;
use super::values::{equals, scalar};
use crate::question::{Example, Questions};
use crate::report::WitnessStep;

/// What became of a way.
#[derive(Clone, Debug)]
pub(crate) enum Concrete {
    /// It is this session, and the runtime said this of its last call.
    Session(Vec<WitnessStep>),
    /// These rules refused a call of it, whatever was tried.
    Refused(BTreeSet<String>),
    /// No values or times were found for it.
    Lost(String),
}

/// What a way is made concrete with.
pub(crate) struct Maker<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) guards: &'a Guards,
    pub(crate) policy: &'a leverframe_runtime::Policy,
    pub(crate) questions: &'a mut Questions<'c>,
    pub(crate) letters: &'a [Letter],
    pub(crate) constants: &'a [Constant],
    pub(crate) persona: PersonaId,
    pub(crate) approvals: Approvals,
}

/// An event with its values, at a time that is still open.
struct Event<'l> {
    letter: &'l Letter,
    place: usize,
    party: Party,
    example: Example,
    /// What it has to meet, where that depends on when it is.
    clocked: Option<Clocked>,
}

/// What an event has to meet whose conditions read the clock.
struct Clocked {
    letter: Letter,
    more: Vec<Cond>,
    evaluable: Vec<Cond>,
}

impl Clocked {
    /// Nothing where nothing reads the clock.
    fn of(letter: &Letter, more: &[Cond], evaluable: &[Cond]) -> Option<Self> {
        let mut all = letter.conds.iter().chain(&letter.fails).chain(more).chain(evaluable);
        all.any(Cond::reads_clock).then(|| Self { letter: letter.clone(), more: more.to_vec(), evaluable: evaluable.to_vec() })
    }

    /// The event at that time, or else as soon after it as it can be.
    fn from(&self, questions: &mut Questions<'_>, at: i64) -> Option<Example> {
        let mut when = |op: CompareOp| {
            let now = Cond::Compare(op, TypeTag::Timestamp, Term::At, Term::Literal(Scalar::Timestamp(at)));
            example(questions, &self.letter, self.more.iter().cloned().chain([now]).collect(), &self.evaluable)
        };
        when(CompareOp::Eq).or_else(|| when(CompareOp::Ge))
    }
}

/// Values of an event.
struct Made {
    example: Example,
    clocked: Option<Clocked>,
}

impl Made {
    fn of(questions: &mut Questions<'_>, letter: &Letter, more: Vec<Cond>, evaluable: &[Cond]) -> Option<Self> {
        let clocked = Clocked::of(letter, &more, evaluable);
        Some(Self { example: example(questions, letter, more, evaluable)?, clocked })
    }
}

/// Whether the session has come to what it should: given the last call's decision, and the means to ask on.
pub(crate) type Accept<'f> = &'f dyn Fn(&mut Run<'_>, Option<&Said>, i64) -> bool;

impl Maker<'_, '_> {
    /// Makes the way a session; `last` says what is expected of its last call.
    /// Also gives the longest session that stopped at a refused call, that call included.
    pub(crate) fn session(&mut self, way: &Way, last: LastCall, accept: Accept<'_>) -> (Concrete, Vec<WitnessStep>) {
        let events = match self.events(&way.letters) {
            Ok(events) => events,
            Err(why) => return (Concrete::Lost(why), Vec::new()),
        };
        let (mut refused, mut longest) = (BTreeSet::new(), Vec::new());
        for times in &way.times {
            match self.decide(&events, times, last, accept) {
                Ok(steps) => return (Concrete::Session(steps), longest),
                Err(stop) => {
                    if stop.steps.len() > longest.len() && !stop.rules.is_empty() {
                        longest = stop.steps;
                    }
                    refused.extend(stop.rules);
                }
            }
        }
        let lost = || Concrete::Lost("no choice of times and values comes to it".to_owned());
        (if refused.is_empty() { lost() } else { Concrete::Refused(refused) }, longest)
    }

    fn decide(&mut self, events: &[Event<'_>], times: &[i64], last: LastCall, accept: Accept<'_>) -> Result<Vec<WitnessStep>, Stop> {
        let mut run = Run::new(self.policy);
        let (mut at, mut said) = (0, None);
        // The whole session is when the first event can be that depends on it; what cannot be then comes later, with all after it.
        let first = events.iter().enumerate().find(|(_, event)| event.clocked.is_some());
        let mut shift = first.map_or(0, |(index, event)| (event.example.at - times.get(index).copied().unwrap_or(0)).max(0));
        let mut open: Vec<(usize, String)> = Vec::new();
        for (index, event) in events.iter().enumerate() {
            at = times.get(index).map_or(at + 1, |time| time.saturating_add(shift));
            let timely = match &event.clocked {
                None => None,
                Some(clocked) => {
                    let Some(example) = clocked.from(self.questions, at) else { return Err(Stop { rules: Vec::new(), steps: run.steps }) };
                    shift = shift.saturating_add(example.at - at);
                    at = example.at;
                    Some(example)
                }
            };
            let example = timely.as_ref().unwrap_or(&event.example);
            let end = index + 1 == events.len();
            let done = match event.letter.kind {
                LetterKind::Call => {
                    let now = run.call(&self.attempt(event, example, at), self.approval());
                    let fine = now.admitted || (end && last == LastCall::Judged);
                    let rules = if fine { Vec::new() } else { now.rules.clone() };
                    if now.admitted {
                        open.push((event.place, format!("c{}", run.steps.len())));
                    }
                    said = Some(now);
                    if fine { Ok(()) } else { Err(rules) }
                }
                LetterKind::Denied => {
                    let now = run.call(&self.attempt(event, example, at), Approval::Refused);
                    if now.admitted { Err(Vec::new()) } else { Ok(()) }
                }
                LetterKind::Event => {
                    let name = self.core.events.get(event.letter.subject as usize).map_or("", |event| event.name.as_str());
                    if run.event(&event.party, name, &example.args, at) { Ok(()) } else { Err(Vec::new()) }
                }
                LetterKind::Ok | LetterKind::Failed => self.result(&mut run, (event, example), &mut open, at),
            };
            if let Err(rules) = done {
                return Err(Stop { rules, steps: run.steps });
            }
        }
        if !accept(&mut run, said.as_ref(), at) {
            // Where it should be judged by one rule or by none, those are to blame that judge it.
            let to_blame = |said: &Said| !said.admitted || last != LastCall::Admitted;
            let rules = said.filter(to_blame).map_or(Vec::new(), |said| said.rules);
            return Err(Stop { rules, steps: run.steps });
        }
        run.close(at + 1);
        Ok(run.steps)
    }

    fn result(
        &self,
        run: &mut Run<'_>,
        (event, example): (&Event<'_>, &Example),
        open: &mut Vec<(usize, String)>,
        at: i64,
    ) -> Result<(), Vec<String>> {
        let of = event.letter.of.unwrap_or(usize::MAX);
        let Some(found) = open.iter().rposition(|(place, _)| *place == of) else { return Err(Vec::new()) };
        let (_, id) = open.remove(found);
        let declared = self.core.tools.get(event.letter.subject as usize).map_or(0, |tool| bits(&tool.returns));
        let ok = event.letter.kind == LetterKind::Ok;
        // What an effect declares comes by itself, with a success or any content.
        let named = if ok { event.letter.labels & !declared } else { event.letter.labels };
        let labels: Vec<String> = self
            .core
            .labels
            .iter()
            .enumerate()
            .filter(|(at, _)| named & (1_u64.checked_shl(u32::try_from(*at).unwrap_or(64)).unwrap_or(0)) != 0)
            .map(|(_, label)| label.name.clone())
            .collect();
        let came = CameOut { ok, labels, structured: example.result.clone() };
        if run.result(&id, &came, at) { Ok(()) } else { Err(Vec::new()) }
    }

    fn approval(&self) -> Approval {
        match self.approvals {
            Approvals::Given => Approval::Given,
            Approvals::Withheld => Approval::None,
        }
    }

    fn attempt<'e>(&'e self, event: &'e Event<'_>, example: &'e Example, at: i64) -> Attempt<'e> {
        let persona = event.letter.persona.unwrap_or(self.persona);
        Attempt {
            party: &event.party,
            persona: self.core.personas.get(persona.index()).map_or("", |persona| persona.name.as_str()),
            tool: self.core.tools.get(event.letter.subject as usize).map_or("?", |tool| tool.name.as_str()),
            example,
            at,
        }
    }

    /// The events of the way with their values. A constant is given a literal by the first event that has it, or by one which cannot have that of the first.
    fn events<'l>(&mut self, way: &[usize]) -> Result<Vec<Event<'l>>, String>
    where
        Self: Has<'l>,
    {
        let fixed: BTreeMap<usize, Literal> =
            self.constants.iter().enumerate().filter_map(|(at, constant)| Some((at, constant.literal.clone()?))).collect();
        let mut start = fixed.clone();
        loop {
            let mut literals = start.clone();
            let stuck = match self.events_with(way, &mut literals) {
                Ok(events) => return Ok(events),
                Err(letter) => letter,
            };
            let Some(letter) = stuck else { return Err("the way is none".to_owned()) };
            // Each constant has its literal changed once at most.
            let Some((at, literal)) = self.other_literal(letter, &literals, &start) else { return Err(self.no_example(letter)) };
            start.insert(at, literal);
        }
    }

    /// A literal that the letter can have for a constant which some event before it was free to choose one for.
    fn other_literal(
        &mut self,
        letter: &Letter,
        literals: &BTreeMap<usize, Literal>,
        start: &BTreeMap<usize, Literal>,
    ) -> Option<(usize, Literal)> {
        let held = letter.values.iter().fold(0, |held, value| held | value.constants);
        let chosen: Vec<usize> = literals.keys().copied().filter(|at| !start.contains_key(at) && held & (1 << at) != 0).collect();
        chosen.into_iter().find_map(|at| {
            let mut others = literals.clone();
            others.remove(&at);
            self.example(letter, &mut others)?;
            Some((at, others.remove(&at)?))
        })
    }

    /// The events of the way, or the letter that can have no values with what was chosen before it.
    fn events_with<'l>(&mut self, way: &[usize], literals: &mut BTreeMap<usize, Literal>) -> Result<Vec<Event<'l>>, Option<&'l Letter>>
    where
        Self: Has<'l>,
    {
        let letters = self.all();
        let mut events = Vec::new();
        for place in way {
            let letter = letters.get(*place).ok_or(None)?;
            let made = match letter.kind {
                LetterKind::Denied => self.refused(letter, literals),
                _ => self.example(letter, literals),
            };
            let Made { example, clocked } = made.ok_or(Some(letter))?;
            events.push(Event { letter, place: *place, party: self.party(letter), example, clocked });
        }
        Ok(events)
    }

    fn party(&self, letter: &Letter) -> Party {
        let session = if letter.own() { OWN.to_owned() } else { foreign(letter) };
        let mut party = party(self.core, &session, &|key| letter.in_history_of(key));
        if letter.kind != LetterKind::Event {
            // A call or an attempt that names another key would make that the session's, if it came first.
            for (name, key) in party.keys.iter_mut().zip(SHARED) {
                *name = name.take().filter(|_| !letter.elsewhere.contains(&key));
            }
        }
        party
    }

    fn no_example(&self, letter: &Letter) -> String {
        let name = self.core.tools.get(letter.subject as usize).map_or("an event", |tool| tool.name.as_str());
        format!("no concrete call of `{name}` was found that meets all conditions")
    }

    /// An attempt that is refused: by permissions, or because it is malformed.
    fn refused(&mut self, letter: &Letter, literals: &mut BTreeMap<usize, Literal>) -> Option<Made> {
        let tool = ToolId(letter.subject);
        let malformed = || {
            let example = Example { args: [("\u{1}".to_owned(), json!(0))].into_iter().collect(), ..Example::default() };
            Made { example, clocked: None }
        };
        let broken = letter.values.iter().all(|held| held.lacks) && !letter.values.is_empty();
        if self.core.tools.get(tool.index()).is_none() || broken {
            return Some(malformed());
        }
        let permits = Permits::of(self.core, letter.persona.unwrap_or(self.persona), tool);
        let wanted = Letter { conds: vec![permits.deny], ..letter.clone() };
        let plain = letter.values.iter().all(|held| *held == Held::default());
        self.example(&wanted, literals).or_else(|| plain.then(malformed))
    }

    fn example(&mut self, letter: &Letter, literals: &mut BTreeMap<usize, Literal>) -> Option<Made> {
        let event = letter.kind == LetterKind::Event;
        let index = letter.subject as usize;
        let values = if event { self.guards.event_values(index) } else { self.guards.tool_values(index) };
        let (mut more, mut open) = (Vec::new(), Vec::new());
        for (value, held) in values.iter().zip(&letter.values) {
            let Value::Path(path) = value else { continue };
            for (at, constant) in self.constants.iter().enumerate().filter(|(_, constant)| constant.may_be(path)) {
                let holds = held.constants & (1 << at) != 0;
                match literals.get(&at) {
                    Some(literal) if holds => more.push(holding(path, literal)?),
                    Some(literal) => more.extend(holding(path, literal).map(negated)),
                    None if holds => open.push((at, path.clone(), constant.tag)),
                    None => {}
                }
            }
        }
        let evaluable = if event { self.guards.event(index).to_vec() } else { self.evaluable(letter) };
        let Some((at, path, tag)) = open.into_iter().next() else { return Made::of(self.questions, letter, more, &evaluable) };
        // A value of its own, if there is one; else whatever fits.
        let taken: Vec<Literal> = literals.values().cloned().collect();
        for literal in candidates(tag, at).into_iter().filter(|literal| !taken.contains(literal)) {
            let mut conds = more.clone();
            conds.push(holding(&path, &literal)?);
            if example(self.questions, letter, conds, &evaluable).is_some() {
                literals.insert(at, literal);
                return self.example(letter, literals);
            }
        }
        let mut conds = more;
        conds.push(there(&path)?);
        conds.extend(taken.iter().filter(|literal| tag_of(literal, tag)).filter_map(|literal| holding(&path, literal)).map(negated));
        let found = example(self.questions, letter, conds, &evaluable)?;
        let literal = read(&found, &path, tag)?;
        literals.insert(at, literal);
        self.example(letter, literals)
    }

    fn evaluable(&self, letter: &Letter) -> Vec<Cond> {
        let tool = ToolId(letter.subject);
        let permits = Permits::of(self.core, letter.persona.unwrap_or(self.persona), tool);
        permits.evaluated.into_iter().chain(self.guards.tool(tool.index()).iter().cloned()).collect()
    }
}

/// The name of another session: one for each persona and each set of keys in common, since a session has its keys for good.
fn foreign(letter: &Letter) -> String {
    let persona = letter.persona.map_or(0, |persona| persona.0);
    let initial = |key: &Key| match key {
        Key::Principal => 'p',
        Key::Agent => 'a',
        Key::Tenant | Key::Session => 't',
    };
    match letter.foreign.as_slice() {
        [Key::Principal] => format!("o{persona}"),
        keys => format!("o{persona}-{}", keys.iter().map(initial).collect::<String>()),
    }
}

/// Lends the letters for longer than the maker is borrowed.
trait Has<'l> {
    fn all(&self) -> &'l [Letter];
}

impl<'l> Has<'l> for Maker<'l, '_> {
    fn all(&self) -> &'l [Letter] {
        self.letters
    }
}

/// What is expected of the last call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastCall {
    /// It is admitted, as all before it.
    Admitted,
    /// It is admitted, and nobody is asked about it.
    Unasked,
    /// Whatever is said of it.
    Judged,
}

/// A session that stopped being what it should, and whose fault that was.
struct Stop {
    rules: Vec<String>,
    steps: Vec<WitnessStep>,
}

/// Literals that stand for a constant.
pub(crate) fn candidates(tag: TypeTag, at: usize) -> Vec<Literal> {
    let number = i64::try_from(at).unwrap_or(0) + 1;
    match tag {
        TypeTag::String => vec![Scalar::String(format!("v{number}"))],
        TypeTag::Email => vec![Scalar::String(format!("v{number}@example.org"))],
        TypeTag::Url => vec![Scalar::String(format!("https://v{number}.example.org/"))],
        TypeTag::Path => vec![Scalar::String(format!("/v{number}"))],
        TypeTag::Ip => vec![Scalar::String(format!("192.0.2.{number}"))],
        TypeTag::Int => vec![Scalar::Int(number), Scalar::Int(number + 100)],
        TypeTag::Number => vec![Scalar::Number(number.to_string())],
        TypeTag::Bool => vec![Scalar::Bool(true), Scalar::Bool(false)],
        TypeTag::Timestamp => vec![Scalar::Timestamp(number)],
        TypeTag::Duration => vec![Scalar::Duration(number)],
    }
}

fn tag_of(literal: &Literal, tag: TypeTag) -> bool {
    match literal {
        Scalar::Bool(_) => tag == TypeTag::Bool,
        Scalar::Int(_) => tag == TypeTag::Int,
        Scalar::Number(_) => tag == TypeTag::Number,
        Scalar::String(_) => matches!(tag, TypeTag::String | TypeTag::Email | TypeTag::Url | TypeTag::Path | TypeTag::Ip),
        Scalar::Timestamp(_) => tag == TypeTag::Timestamp,
        Scalar::Duration(_) => tag == TypeTag::Duration,
    }
}

/// The variable of the quantifiers made here.
const ELEMENT: &str = "element";

/// That a path leads to a value, as a condition; nothing where the language has no such condition.
pub(crate) fn holding(path: &ValuePath, literal: &Literal) -> Option<Cond> {
    match scalar(path) {
        Some(term) => Some(equals(path.tag, term, literal.clone())),
        None => {
            let (list, rest) = listed(path)?;
            let element = Term::Var(ELEMENT.to_owned(), rest);
            let same = Cond::Compare(CompareOp::Eq, path.tag, element, Term::Literal(literal.clone()));
            Some(Cond::And(vec![Cond::Present(list.clone()), Cond::Some(ELEMENT.to_owned(), list, Box::new(same))]))
        }
    }
}

/// That a path leads to some value.
pub(crate) fn there(path: &ValuePath) -> Option<Cond> {
    match scalar(path) {
        Some(term) => Some(Cond::Present(term)),
        None => {
            let (list, _) = listed(path)?;
            Some(Cond::And(vec![Cond::Present(list.clone()), Cond::Some(ELEMENT.to_owned(), list, Box::new(Cond::Const(true)))]))
        }
    }
}

/// The list that a path goes through, and the way on from its elements.
fn listed(path: &ValuePath) -> Option<(Term, Vec<String>)> {
    let at = path.steps.iter().position(|step| *step == ValueStep::Each)?;
    let names = |steps: &[ValueStep]| -> Option<Vec<String>> {
        steps
            .iter()
            .map(|step| match step {
                ValueStep::Field(name) => Some(name.clone()),
                ValueStep::Each => None,
            })
            .collect()
    };
    let (before, after) = (names(path.steps.get(..at)?)?, names(path.steps.get(at + 1..)?)?);
    Some((if path.result { Term::Result(before) } else { Term::Arg(before) }, after))
}

/// The first value that a path leads to in an example.
fn read(example: &Example, path: &ValuePath, tag: TypeTag) -> Option<Literal> {
    let empty = Json::Object(Map::new());
    let args = Json::Object(example.args.clone());
    let mut at = if path.result { example.result.as_ref().unwrap_or(&empty) } else { &args };
    for step in &path.steps {
        at = match step {
            ValueStep::Field(name) => at.get(name)?,
            ValueStep::Each => at.get(0)?,
        };
    }
    Some(match tag {
        TypeTag::Bool => Scalar::Bool(at.as_bool()?),
        TypeTag::Int => Scalar::Int(at.as_i64()?),
        TypeTag::Number => Scalar::Number(at.to_string()),
        TypeTag::Timestamp | TypeTag::Duration => return None,
        _ => Scalar::String(at.as_str()?.to_owned()),
    })
}
