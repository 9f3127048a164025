//! What is asked about sessions, as rules that observe.
//!
//! In: formulas. Out: a core form with a rule for each of them behind its own. Invariant: the policy decides every call as before. Left out: what comes of them.
//! Source: verification section 3; language section 7.

use leverframe_compiler::core::{
    Action, Body, Case, Clause, Cond, Core, Formula, Key, LetterKind, Pattern, PatternCases, PatternPart, Rule, RuleKind, Scope, ToolId,
};

use super::machine::RuleIndex;

/// A core form with claims behind its rules.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    pub(crate) core: Core,
}

/// A claim that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) when: When,
    pub(crate) key: Key,
    pub(crate) capacity: Option<u32>,
    pub(crate) formula: Formula,
}

/// When a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// From when the formula has held.
    Happened,
    /// After letters at which the formula holds as a state.
    Reached,
    /// At calls at which the formula holds.
    Judged,
}

impl Wanted {
    /// Adds it.
    pub(crate) fn add(&self, claims: &mut Claims) -> RuleIndex {
        let add = match self.when {
            When::Happened => Claims::happened,
            When::Reached => Claims::reached,
            When::Judged => Claims::judged,
        };
        add(claims, self.key, self.capacity, self.formula.clone())
    }
}

/// How the names of claims begin. No name of a policy has a space in it.
const CLAIM: &str = "claim ";

/// Whether a rule is a claim.
pub(crate) fn is_claim(rule: &Rule) -> bool {
    rule.name.starts_with(CLAIM)
}

impl Claims {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone() }
    }

    /// Adds a claim that a formula has come to hold.
    pub(crate) fn happened(&mut self, key: Key, capacity: Option<u32>, formula: Formula) -> RuleIndex {
        let ever = Formula::Prev(Box::new(formula), Clause::default());
        self.judged(key, capacity, Formula::And(vec![Formula::Match(any_call(&self.core)), ever]))
    }

    /// Adds a claim that a state holds after some letter.
    pub(crate) fn reached(&mut self, key: Key, capacity: Option<u32>, state: Formula) -> RuleIndex {
        self.judged(key, capacity, Formula::And(vec![Formula::Match(any_call(&self.core)), state]))
    }

    /// Adds a claim that a formula holds at a call.
    pub(crate) fn judged(&mut self, key: Key, capacity: Option<u32>, formula: Formula) -> RuleIndex {
        let (name, kind, scope, action) = (String::new(), RuleKind::Forbid, Scope::All, Action::Observe);
        self.observed(&Rule { kind, name, key, scope, action, why: None, body: Body::Deny(formula), capacity })
    }

    /// Adds a rule as a claim: that it judges a call.
    pub(crate) fn observed(&mut self, rule: &Rule) -> RuleIndex {
        let index = RuleIndex(self.core.rules.len());
        let name = format!("{CLAIM}{}", index.0);
        self.core.rules.push(Rule { name, action: Action::Observe, ..rule.clone() });
        index
    }
}

/// Every call of every tool.
pub(crate) fn any_call(core: &Core) -> Pattern {
    let names = (0..u32::try_from(core.tools.len()).unwrap_or(u32::MAX)).map(ToolId).collect();
    calls(vec![Case { names, guard: Cond::Const(true) }])
}

/// Calls of these cases.
pub(crate) fn calls(cases: Vec<Case<ToolId>>) -> Pattern {
    part(LetterKind::Call, None, cases)
}

/// Results of any tool that carry the label.
pub(crate) fn carrying(core: &Core, label: leverframe_compiler::core::LabelId) -> Pattern {
    let names = (0..u32::try_from(core.tools.len()).unwrap_or(u32::MAX)).map(ToolId).collect();
    part(LetterKind::Result, Some(label), vec![Case { names, guard: Cond::Const(true) }])
}

fn part(kind: LetterKind, label: Option<leverframe_compiler::core::LabelId>, cases: Vec<Case<ToolId>>) -> Pattern {
    let cases = PatternCases::Tools(cases);
    Pattern { parts: vec![PatternPart { kind, approved: false, by: None, label, unknown: false, bindings: Vec::new(), cases }] }
}

/// All steps of a formula but the last, where it has several.
pub(crate) fn trigger(formula: &Formula) -> Option<Formula> {
    match formula {
        Formula::Prev(body, _) => Some((**body).clone()),
        Formula::And(parts) => parts.iter().find_map(trigger),
        Formula::Span(ms, body) => trigger(body).map(|body| Formula::Span(*ms, Box::new(body))),
        Formula::From(body) => trigger(body).map(|body| Formula::From(Box::new(body))),
        Formula::Or(parts) => {
            let all: Option<Vec<Formula>> = parts.iter().map(trigger).collect();
            all.map(Formula::Or)
        }
        Formula::Start | Formula::Match(_) | Formula::Not(_) | Formula::Met { .. } => None,
    }
}
