//! Tests of the automata: against definitions over whole histories, against known state counts, and against an independent minimality check.

mod counts;
mod engine;
mod exhaustive;
mod history;
mod machine;
mod minimal;
mod random;
pub(crate) mod sequence;

use crate::core::cond::{CompareOp, TypeTag};
use crate::core::formula::{Case, PatternPart};
use crate::core::*;

use super::{Compiled, Guards};

/// Tools of the test world, by position: `a`, `b`, `c`, `d`.
pub(crate) const A: u32 = 0;
pub(crate) const B: u32 = 1;
pub(crate) const C: u32 = 2;
pub(crate) const D: u32 = 3;

/// Four tools and two host events, each with an optional `n: int`; two labels; two personas that may do everything.
pub(crate) fn world(rules: Vec<Rule>) -> Core {
    let field = Field { name: "n".into(), ty: Type::Int { lo: i64::MIN, hi: i64::MAX }, required: false, nullable: false, default: None };
    let args = Record { open: false, fields: vec![field] };
    let label = |name: &str, kind| Label { name: name.into(), kind };
    let tool = |name: &str| Tool {
        name: name.into(),
        args: args.clone(),
        result: None,
        returns: vec![],
        sends: Cond::Const(false),
        destroys: Cond::Const(false),
    };
    let allow =
        |name: &str| Answer { verdict: Verdict::Allow, name: format!("{name}.otherwise"), cond: Cond::Const(true), who: None, why: None };
    let persona = |name: &str| Persona { name: name.into(), otherwise: Some(allow(name)), tools: vec![] };
    Core {
        labels: vec![label("pii", LabelKind::Sensitive), label("outsider", LabelKind::Untrusted)],
        context: vec![],
        events: vec![Event { name: "e".into(), args: args.clone() }, Event { name: "f".into(), args: args.clone() }],
        tools: ["a", "b", "c", "d"].map(tool).to_vec(),
        everyone: vec![],
        personas: vec![persona("p"), persona("q")],
        rules,
        detectors: vec![],
        scans: vec![],
    }
}

pub(crate) fn rule(body: Body) -> Rule {
    let kind = match body {
        Body::Limit(_) => RuleKind::Limit,
        Body::Protocol(_) => RuleKind::Protocol,
        Body::Deny(_) => RuleKind::Forbid,
    };
    Rule { kind, name: "r".into(), key: Key::Session, scope: Scope::All, action: Action::Observe, why: None, body, capacity: None }
}

pub(crate) fn compiled(formula: &Formula) -> (Core, Guards, Compiled) {
    let core = world(vec![rule(Body::Deny(formula.clone()))]);
    let guards = Guards::collect(&core);
    let compiled = super::rule(&core, &guards, &core.rules[0]).unwrap();
    (core, guards, compiled)
}

pub(crate) fn automaton(compiled: &Compiled) -> &leverframe_runtime::frame::Automaton {
    match &compiled.body {
        leverframe_runtime::frame::Body::Automaton(automaton) => automaton,
        other => panic!("no table: {other:?}"),
    }
}

/// A pattern of tools, all with one guard.
pub(crate) fn tools(kind: LetterKind, names: &[u32], guard: Cond) -> Pattern {
    let case = Case { names: names.iter().map(|name| ToolId(*name)).collect(), guard };
    Pattern { parts: vec![part(kind, PatternCases::Tools(vec![case]))] }
}

pub(crate) fn call(tool: u32) -> Pattern {
    tools(LetterKind::Call, &[tool], Cond::Const(true))
}

pub(crate) fn ok(tool: u32) -> Pattern {
    tools(LetterKind::Ok, &[tool], Cond::Const(true))
}

pub(crate) fn labelled(names: &[u32], label: u32) -> Pattern {
    let mut pattern = tools(LetterKind::Result, names, Cond::Const(true));
    pattern.parts[0].label = Some(LabelId(label));
    pattern
}

pub(crate) fn event(event: u32, guard: Cond) -> Pattern {
    let case = Case { names: vec![EventId(event)], guard };
    Pattern { parts: vec![part(LetterKind::Event, PatternCases::Events(vec![case]))] }
}

fn part(kind: LetterKind, cases: PatternCases) -> PatternPart {
    PatternPart { kind, approved: false, by: None, label: None, unknown: false, bindings: vec![], cases }
}

/// A limit of calls.
pub(crate) fn limit(count: u32, window_ms: Option<u64>, event: Pattern) -> Body {
    Body::Limit(Limit { measure: Measure::Count(count), window_ms, event, judged: None })
}

/// `n == value`, which cannot be evaluated where `n` is absent.
pub(crate) fn equals(value: i64) -> Cond {
    Cond::Compare(CompareOp::Eq, TypeTag::Int, Term::Arg(vec!["n".into()]), Term::Literal(Scalar::Int(value)))
}

pub(crate) fn gap() -> Clause {
    Clause::default()
}

pub(crate) fn within(ms: u64) -> Clause {
    Clause { within_ms: Some(ms), ..Clause::default() }
}

pub(crate) fn unless(patterns: &[Pattern]) -> Clause {
    Clause { unless: patterns.to_vec(), ..Clause::default() }
}

pub(crate) fn next() -> Clause {
    Clause { next: true, ..Clause::default() }
}

pub(crate) fn require(prerequisites: &[Pattern], target: Pattern, within_ms: Option<u64>, reset: Option<&Pattern>) -> Formula {
    let met = |pattern: &Pattern| Formula::Met { pattern: pattern.clone(), within_ms, reset: reset.cloned() };
    let all = match prerequisites {
        [one] => met(one),
        several => Formula::And(several.iter().map(met).collect()),
    };
    Formula::And(vec![Formula::Match(target), Formula::Not(Box::new(all))])
}
