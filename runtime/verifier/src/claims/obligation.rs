//! What has to be shown for a claim: conditions that no call meets together.
//!
//! In: a policy and a persona. Out: the obligations of a claim, in order; of each its tests and what they make of it. Invariant: nothing depends on a certificate.
//! Source: `lang-spec/certificate.md`, [cert.claims] and [cert.tests].

use std::collections::BTreeMap;

use leverframe_reference::Policy;
use leverframe_reference::policy::{Answer, Cond, Member, Op, Persona, ToolRules, Verdict};

/// Conditions and what each would have to come to.
pub(super) type Parts<'p> = Vec<(&'p Cond, bool)>;

/// Something that has to be shown to be impossible: that all parts come to what they should on one call of the tool.
pub(crate) struct Obligation<'p> {
    pub(super) tool: &'p str,
    /// The two answers that would contradict each other, or the one that it is about; none of a gap.
    answers: Vec<&'p str>,
    parts: Parts<'p>,
}

/// An answer, and when it is given.
pub(super) struct Ruling<'p> {
    pub(super) member: usize,
    pub(super) answer: &'p Answer,
    pub(super) when: Parts<'p>,
}

/// For each tool the pairs of answers of different members with different verdicts.
pub(super) fn conflicts<'p>(policy: &'p Policy, persona: &'p Persona) -> Vec<Obligation<'p>> {
    let mut found = Vec::new();
    for rules in &persona.tools {
        let rulings = rulings(&rules.members);
        let house = silent(members(&policy.everyone, &rules.tool));
        for (at, one) in rulings.iter().enumerate() {
            for other in rulings.iter().skip(at + 1) {
                if one.member != other.member && one.answer.verdict != other.answer.verdict {
                    let answers = vec![one.answer.name.as_str(), other.answer.name.as_str()];
                    let parts = [one.when.as_slice(), &other.when, &house].concat();
                    found.push(Obligation { tool: &rules.tool, answers, parts });
                }
            }
        }
    }
    found
}

/// For each tool of the policy that nobody answers, unless there is an `otherwise`.
pub(super) fn gaps<'p>(policy: &'p Policy, persona: &'p Persona) -> Vec<Obligation<'p>> {
    if persona.otherwise.is_some() {
        return Vec::new();
    }
    let open = |tool: &'p leverframe_reference::policy::Tool| {
        let parts = [silent(members(&persona.tools, &tool.name)), silent(members(&policy.everyone, &tool.name))].concat();
        Obligation { tool: &tool.name, answers: Vec::new(), parts }
    };
    policy.tools.iter().map(open).collect()
}

/// For each answer of one of these verdicts, what must be so for it to be given to a call of the tool; `given` is what is known of that call.
pub(crate) fn admitted<'p>(
    policy: &'p Policy,
    persona: &'p Persona,
    tool: &'p str,
    verdicts: &[Verdict],
    given: &[(&'p Cond, bool)],
) -> Vec<Obligation<'p>> {
    let own = members(&persona.tools, tool);
    let always = unrefused(policy, own, tool, given);
    let rulings = rulings(own).into_iter().filter(|ruling| verdicts.contains(&ruling.answer.verdict)).map(|ruling| ruling.when);
    let otherwise = persona.otherwise.iter().filter(|answer| verdicts.contains(&answer.verdict)).map(|_| silent(own));
    rulings.chain(otherwise).map(|when| Obligation { tool, answers: Vec::new(), parts: [when, always.clone()].concat() }).collect()
}

/// For each answer of this name, what must be so for it to be given to a call of the tool that nothing refuses.
pub(super) fn answered<'p>(
    policy: &'p Policy,
    persona: &'p Persona,
    tool: &'p str,
    name: &str,
    given: &[(&'p Cond, bool)],
) -> Vec<Obligation<'p>> {
    let own = members(&persona.tools, tool);
    let always = unrefused(policy, own, tool, given);
    let named = rulings(own).into_iter().filter(|ruling| ruling.answer.name == name);
    named.map(|ruling| Obligation { tool, answers: Vec::new(), parts: [ruling.when, always.clone()].concat() }).collect()
}

/// What is given, and that no rule of these members and of `everyone` denies.
fn unrefused<'p>(policy: &'p Policy, own: &'p [Member], tool: &str, given: &[(&'p Cond, bool)]) -> Parts<'p> {
    let refused = own.iter().filter_map(|member| match member {
        Member::Rule(answer) if answer.verdict == Verdict::Deny => Some((&answer.cond, false)),
        _ => None,
    });
    given.iter().copied().chain(refused).chain(silent(members(&policy.everyone, tool))).collect()
}

/// Whether an answer of a tool has this name.
pub(super) fn has_statement(rules: &ToolRules, name: &str) -> bool {
    rules.members.iter().flat_map(arms).any(|answer| answer.name == name)
}

pub(super) fn members<'p>(rules: &'p [ToolRules], tool: &str) -> &'p [Member] {
    rules.iter().find(|rules| rules.tool == tool).map_or(&[], |rules| rules.members.as_slice())
}

fn arms(member: &Member) -> &[Answer] {
    match member {
        Member::Rule(answer) => std::slice::from_ref(answer),
        Member::On(arms) => arms,
    }
}

/// An arm answers where its condition holds and no earlier one of its member does.
pub(super) fn rulings(members: &[Member]) -> Vec<Ruling<'_>> {
    let mut found = Vec::new();
    for (member, rule) in members.iter().enumerate() {
        let mut before: Parts<'_> = Vec::new();
        for answer in arms(rule) {
            let when = before.iter().copied().chain([(&answer.cond, true)]).collect();
            found.push(Ruling { member, answer, when });
            before.push((&answer.cond, false));
        }
    }
    found
}

/// That no member answers: no condition of any holds.
pub(super) fn silent(members: &[Member]) -> Parts<'_> {
    members.iter().flat_map(arms).map(|answer| (&answer.cond, false)).collect()
}

/// A condition over numbered tests.
enum Formula {
    Const(bool),
    Test(usize),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    Not(Box<Formula>),
}

/// An obligation over its tests.
pub(crate) struct Question<'p> {
    /// In the order in which they are first read; two that read the same are one.
    pub(super) tests: Vec<&'p Cond>,
    /// How many parts it has in all.
    pub(super) size: usize,
    parts: Vec<(Formula, bool)>,
}

impl<'p> Obligation<'p> {
    /// That an answer, on calls of a tool, has no call on which all of these come to what they should.
    pub(super) fn of(tool: &'p str, answer: &'p Answer, parts: Parts<'p>) -> Self {
        Self { tool, answers: vec![&answer.name], parts }
    }

    /// What it is about, for people.
    pub(super) fn what(&self) -> String {
        match self.answers.as_slice() {
            [] => format!("no answer to a call of `{}`", self.tool),
            [one] => format!("`{one}` on a call of `{}`", self.tool),
            several => format!("`{}` on a call of `{}`", several.join("` and `"), self.tool),
        }
    }

    /// It over its tests.
    pub(crate) fn question(&self) -> Result<Question<'p>, String> {
        let mut question = Question { tests: Vec::new(), size: 0, parts: Vec::new() };
        let mut known = BTreeMap::new();
        for (cond, wanted) in &self.parts {
            let formula = question.read(cond, &mut known);
            question.parts.push((formula, *wanted));
        }
        let few = question.tests.len() <= usize::from(u16::MAX);
        few.then_some(question).ok_or_else(|| "it has more tests than can be numbered".to_owned())
    }
}

impl<'p> Question<'p> {
    /// Whether no truth of the tests makes it so, found within so many steps; nothing is known of the tests but what they are.
    pub(crate) fn is_contradictory(&self, steps: &mut usize) -> bool {
        self.closes(&mut vec![None; self.tests.len()], 0, steps)
    }

    fn closes(&self, decided: &mut Vec<Option<bool>>, next: usize, steps: &mut usize) -> bool {
        if self.is_false(decided) {
            return true;
        }
        let Some(left) = steps.checked_sub(1).filter(|_| next < self.tests.len()) else { return false };
        *steps = left;
        let closed = [true, false].into_iter().all(|value| {
            decided.get_mut(next).into_iter().for_each(|test| *test = Some(value));
            self.closes(decided, next + 1, steps)
        });
        decided.get_mut(next).into_iter().for_each(|test| *test = None);
        closed
    }

    fn read(&mut self, cond: &'p Cond, known: &mut BTreeMap<String, usize>) -> Formula {
        self.size += 1;
        match cond {
            Cond::Const(value) => Formula::Const(*value),
            Cond::And(parts) => Formula::And(parts.iter().map(|part| self.read(part, known)).collect()),
            Cond::Or(parts) => Formula::Or(parts.iter().map(|part| self.read(part, known)).collect()),
            Cond::Not(part) => Formula::Not(Box::new(self.read(part, known))),
            // What holds of some element is what the contrary of does not hold of all.
            Cond::Some(name, list, body) => {
                let contrary = Cond::All(name.clone(), list.clone(), Box::new(inwards(body, false)));
                Formula::Not(Box::new(self.test(cond, contrary.to_string(), known)))
            }
            Cond::All(..) => self.test(cond, inwards(cond, true).to_string(), known),
            test => self.test(test, test.to_string(), known),
        }
    }

    fn test(&mut self, test: &'p Cond, text: String, known: &mut BTreeMap<String, usize>) -> Formula {
        Formula::Test(*known.entry(text).or_insert_with(|| {
            self.tests.push(test);
            self.tests.len() - 1
        }))
    }

    /// Whether it is false, whatever the tests that are not decided come to.
    pub(super) fn is_false(&self, decided: &[Option<bool>]) -> bool {
        self.parts.iter().any(|(formula, wanted)| formula.truth(decided) == Some(!wanted))
    }
}

/// The condition, or its contrary, with every `not` inside of all it can be; it fails just where the condition does.
fn inwards(cond: &Cond, holds: bool) -> Cond {
    let parts = |parts: &[Cond]| parts.iter().map(|part| inwards(part, holds)).collect();
    let body = |body: &Cond| Box::new(inwards(body, holds));
    match (cond, holds) {
        (Cond::Const(value), _) => Cond::Const(*value == holds),
        (Cond::Not(part), _) => inwards(part, !holds),
        (Cond::And(all), true) | (Cond::Or(all), false) => Cond::And(parts(all)),
        (Cond::Or(all), true) | (Cond::And(all), false) => Cond::Or(parts(all)),
        (Cond::All(name, list, part), true) | (Cond::Some(name, list, part), false) => Cond::All(name.clone(), list.clone(), body(part)),
        (Cond::Some(name, list, part), true) | (Cond::All(name, list, part), false) => Cond::Some(name.clone(), list.clone(), body(part)),
        (Cond::Compare(op, tag, left, right), false) => Cond::Compare(contrary(*op), *tag, left.clone(), right.clone()),
        (test, true) => test.clone(),
        (test, false) => Cond::Not(Box::new(test.clone())),
    }
}

fn contrary(op: Op) -> Op {
    match op {
        Op::Eq => Op::Ne,
        Op::Ne => Op::Eq,
        Op::Lt => Op::Ge,
        Op::Ge => Op::Lt,
        Op::Le => Op::Gt,
        Op::Gt => Op::Le,
    }
}

impl Formula {
    fn truth(&self, decided: &[Option<bool>]) -> Option<bool> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Test(test) => decided.get(*test).copied().flatten(),
            Self::And(parts) => all(parts, decided, true),
            Self::Or(parts) => all(parts, decided, false),
            Self::Not(part) => part.truth(decided).map(|value| !value),
        }
    }
}

/// This value if all have it, the other one as soon as one has that.
fn all(parts: &[Formula], decided: &[Option<bool>], value: bool) -> Option<bool> {
    let mut found = Some(value);
    for part in parts {
        match part.truth(decided) {
            Some(truth) if truth != value => return Some(!value),
            Some(_) => {}
            None => found = None,
        }
    }
    found
}
