//! What is to be proved of a persona's permissions.
//!
//! In: a policy and a persona. Out: for each claim its obligations in the order that the specification fixes: conditions, and what each would have to come to, that
//! no call may have together. Source: `lang-spec/certificate.md`, [cert.claims] and [cert.tests].

use std::collections::{BTreeSet, HashMap};

use leverframe_compiler::core::{Answer, Cond, Core, Member, Persona, ToolId, ToolRules, print};

use super::numbers::contrary;
use crate::session::permit::members;

/// Conditions that may not come to these values on one call of the tool.
pub(super) struct Obligation<'a> {
    pub(super) tool: ToolId,
    pub(super) parts: Vec<(&'a Cond, bool)>,
}

/// Pairs of answers of different members and with different verdicts, tool by tool.
pub(super) fn conflicts<'a>(core: &'a Core, persona: &'a Persona) -> Vec<Obligation<'a>> {
    let mut all = Vec::new();
    for ToolRules { tool, members: own } in &persona.tools {
        let decided: Vec<_> = own.iter().enumerate().flat_map(|(index, member)| decisions(index, member)).collect();
        for (at, (member, answer, calls)) in decided.iter().enumerate() {
            let against = decided.iter().skip(at + 1).filter(|(other, second, _)| other != member && second.verdict != answer.verdict);
            all.extend(against.map(|(_, _, others)| {
                let parts = calls.iter().chain(others).copied().chain(undecided(members(&core.everyone, *tool)));
                Obligation { tool: *tool, parts: parts.collect() }
            }));
        }
    }
    all
}

/// Every tool without an answer, unless the persona answers whatever is left.
pub(super) fn gaps<'a>(core: &'a Core, persona: &'a Persona) -> Vec<Obligation<'a>> {
    let tools = if persona.otherwise.is_some() { 0 } else { u32::try_from(core.tools.len()).unwrap_or(u32::MAX) };
    let open = |tool: ToolId| {
        let own = undecided(members(&persona.tools, tool));
        Obligation { tool, parts: own.chain(undecided(members(&core.everyone, tool))).collect() }
    };
    (0..tools).map(ToolId).map(open).collect()
}

fn answers(member: &Member) -> &[Answer] {
    match member {
        Member::Rule(answer) => std::slice::from_ref(answer),
        Member::On(arms) => arms.as_slice(),
    }
}

pub(super) fn decisions(index: usize, member: &Member) -> impl Iterator<Item = (usize, &Answer, Vec<(&Cond, bool)>)> {
    let arms = answers(member);
    arms.iter().enumerate().map(move |(at, answer)| {
        let earlier = arms.iter().take(at).map(|arm| (&arm.cond, false));
        (index, answer, earlier.chain([(&answer.cond, true)]).collect())
    })
}

pub(super) fn undecided(members: &[Member]) -> impl Iterator<Item = (&Cond, bool)> {
    members.iter().flat_map(answers).map(|answer| (&answer.cond, false))
}

/// A set of tests.
pub(super) type Tests = BTreeSet<u16>;

/// An obligation over its tests.
pub(super) struct Goal<'a> {
    pub(super) tests: Vec<&'a Cond>,
    parts: Vec<(Form, bool)>,
}

enum Form {
    Const(bool),
    Test(u16),
    Not(Box<Form>),
    /// All of them, or (with `false`) any of them.
    Chain(bool, Vec<Form>),
}

impl<'a> Goal<'a> {
    /// The tests are numbered as they are first met; nothing where there are too many.
    pub(super) fn new(core: &Core, obligation: &Obligation<'a>) -> Option<Self> {
        let mut goal = Self { tests: Vec::new(), parts: Vec::new() };
        let mut numbers = HashMap::new();
        for (cond, wanted) in &obligation.parts {
            let form = goal.form(core, cond, &mut numbers)?;
            goal.parts.push((form, *wanted));
        }
        Some(goal)
    }

    fn form(&mut self, core: &Core, cond: &'a Cond, numbers: &mut HashMap<String, u16>) -> Option<Form> {
        let mut chain = |all: bool, parts: &'a [Cond]| {
            let parts: Option<Vec<Form>> = parts.iter().map(|part| self.form(core, part, numbers)).collect();
            Some(Form::Chain(all, parts?))
        };
        Some(match cond {
            Cond::Const(value) => Form::Const(*value),
            Cond::And(parts) => chain(true, parts)?,
            Cond::Or(parts) => chain(false, parts)?,
            Cond::Not(part) => Form::Not(Box::new(self.form(core, part, numbers)?)),
            Cond::All(..) => self.test(cond, print::cond(core, &normal(cond, false)), numbers)?,
            Cond::Some(..) => Form::Not(Box::new(self.test(cond, print::cond(core, &normal(cond, true)), numbers)?)),
            test => self.test(test, print::cond(core, test), numbers)?,
        })
    }

    fn test(&mut self, test: &'a Cond, text: String, numbers: &mut HashMap<String, u16>) -> Option<Form> {
        let next = u16::try_from(self.tests.len()).ok()?;
        let number = *numbers.entry(text).or_insert(next);
        if number == next {
            self.tests.push(test);
        }
        Some(Form::Test(number))
    }

    /// The tests that make it false; nothing where it may yet be true.
    pub(super) fn refuted(&self, decided: &[Option<bool>]) -> Option<Tests> {
        let part = self.parts.iter().find(|(form, wanted)| form.truth(decided) == Some(!wanted))?;
        let mut tests = Tests::new();
        part.0.reasons(decided, &mut tests);
        Some(tests)
    }

    /// The test to decide next: of a condition that should hold first, since such ones exclude most.
    pub(super) fn next(&self, decided: &[Option<bool>]) -> Option<u16> {
        let open = |holds: bool| self.parts.iter().filter(move |(_, wanted)| *wanted == holds).find_map(|(form, _)| form.open(decided));
        open(true).or_else(|| open(false))
    }
}

/// A condition, negated or not, in which `not` stands before single tests only: so that of quantifiers over one list the contrary reads the same.
fn normal(cond: &Cond, negated: bool) -> Cond {
    let all = |parts: &[Cond]| parts.iter().map(|part| normal(part, negated)).collect();
    match cond {
        Cond::Const(value) => Cond::Const(*value != negated),
        Cond::Not(part) => normal(part, !negated),
        Cond::And(parts) if negated => Cond::Or(all(parts)),
        Cond::Or(parts) if negated => Cond::And(all(parts)),
        Cond::And(parts) => Cond::And(all(parts)),
        Cond::Or(parts) => Cond::Or(all(parts)),
        Cond::All(name, list, body) | Cond::Some(name, list, body) => {
            let of_all = matches!(cond, Cond::All(..)) != negated;
            let made = if of_all { Cond::All } else { Cond::Some };
            made(name.clone(), list.clone(), Box::new(normal(body, negated)))
        }
        Cond::Compare(op, tag, a, b) if negated => Cond::Compare(contrary(*op), *tag, a.clone(), b.clone()),
        test if negated => Cond::Not(Box::new(test.clone())),
        test => test.clone(),
    }
}

impl Form {
    fn truth(&self, decided: &[Option<bool>]) -> Option<bool> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Test(test) => decided.get(usize::from(*test)).copied().flatten(),
            Self::Not(part) => Some(!part.truth(decided)?),
            Self::Chain(all, parts) => {
                let ends = parts.iter().any(|part| part.truth(decided) == Some(!all));
                let full = || parts.iter().all(|part| part.truth(decided).is_some());
                if ends { Some(!all) } else { full().then_some(*all) }
            }
        }
    }

    /// Tests by which it has its truth.
    fn reasons(&self, decided: &[Option<bool>], tests: &mut Tests) {
        match self {
            Self::Const(_) => {}
            Self::Test(test) => {
                tests.insert(*test);
            }
            Self::Not(part) => part.reasons(decided, tests),
            Self::Chain(all, parts) => match parts.iter().find(|part| part.truth(decided) == Some(!all)) {
                Some(part) => part.reasons(decided, tests),
                None => parts.iter().for_each(|part| part.reasons(decided, tests)),
            },
        }
    }

    /// The first test on which its truth may still depend.
    fn open(&self, decided: &[Option<bool>]) -> Option<u16> {
        if self.truth(decided).is_some() {
            return None;
        }
        match self {
            Self::Const(_) => None,
            Self::Test(test) => Some(*test),
            Self::Not(part) => part.open(decided),
            Self::Chain(_, parts) => parts.iter().find_map(|part| part.open(decided)),
        }
    }
}
