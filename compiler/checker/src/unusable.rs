//! Permissions that no session can use, and requirements that no session can meet.
//!
//! In: a policy. Out: LF0402, LF0403. Invariants: they are said only where it is proved; a requirement that explains an unusable permission is said instead of it.
//! Source: verification section 3.

use std::collections::BTreeSet;
use std::rc::Rc;

use leverframe_compiler::core::{
    Body, Cond, Core, Formula, Origins, Pattern, PatternCases, PersonaId, Rule, RuleKind, Scope, ToolId, Verdict,
};
use leverframe_runtime::frame;
use leverframe_syntax::{Code, Diagnostic};

use crate::question::{Answer, Goal, Questions, Subject};
use crate::report::{Finding, Report};
use crate::session::claim::{Wanted, When};
use crate::session::ground::{Claimed, Ground, Needed};
use crate::session::hunt::Quarry;
use crate::session::machine::RuleIndex;
use crate::session::permit::{Permits, and, answers, members, or};

/// Looks at the permissions and requirements of every persona.
pub(crate) fn unusable(ground: &Ground, origins: &Origins, questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    let core = &ground.core;
    let met = Met::new(core);
    for persona in (0..core.personas.len()).filter_map(|at| u32::try_from(at).ok()).map(PersonaId) {
        let mut found = Vec::new();
        for rule in core.rules.iter().filter(|rule| rule.kind == RuleKind::Require && in_scope(rule, persona)) {
            let before = questions.begin();
            let unmet = unmet(ground, origins, &met, rule, persona, questions);
            let queries = questions.end(before);
            found.extend(unmet.map(|unmet| Unmet { finding: unmet.finding.resting_on(queries), ..unmet }));
        }
        let explained: BTreeSet<ToolId> = found.iter().flat_map(|unmet| unmet.refused.iter().copied()).collect();
        report.findings.extend(causes(found).into_iter().map(|unmet| unmet.finding));
        report.findings.extend(unused(ground, origins, persona, &explained, questions));
    }
    report
}

fn in_scope(rule: &Rule, persona: PersonaId) -> bool {
    match &rule.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.contains(&persona),
    }
}

/// A requirement that is never met.
struct Unmet {
    finding: Finding,
    /// The tools whose calls it refuses for that.
    refused: Vec<ToolId>,
    /// The tools that it waits for.
    awaited: Vec<ToolId>,
}

/// Those that are there not only because of another one: what they wait for is no call that another one refuses, or they wait for themselves in a circle.
fn causes(found: Vec<Unmet>) -> Vec<Unmet> {
    let waits_for = |a: &Unmet, b: &Unmet| a.awaited.iter().any(|tool| b.refused.contains(tool));
    let is_cause = |at: usize, unmet: &Unmet| {
        let refused = |tool: &ToolId| found.iter().any(|other| other.refused.contains(tool));
        if unmet.awaited.is_empty() || !unmet.awaited.iter().all(refused) {
            return true;
        }
        let (mut todo, mut seen) = (vec![at], BTreeSet::new());
        while let Some(next) = todo.pop().and_then(|next| found.get(next)) {
            for (other, _) in found.iter().enumerate().filter(|(_, other)| waits_for(next, other)) {
                if other == at {
                    return true;
                }
                todo.extend(seen.insert(other).then_some(other));
            }
        }
        false
    };
    let kept: Vec<bool> = found.iter().enumerate().map(|(at, unmet)| is_cause(at, unmet)).collect();
    found.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(unmet, _)| unmet).collect()
}

/// A requirement of which the persona can never meet a prerequisite.
fn unmet(ground: &Ground, origins: &Origins, met: &Met, rule: &Rule, persona: PersonaId, questions: &mut Questions<'_>) -> Option<Unmet> {
    let core = &ground.core;
    let Body::Deny(formula) = &rule.body else { return None };
    let refused: Vec<ToolId> =
        target(formula)?.into_iter().filter(|tool| permitted(ground, persona, *tool, Cond::Const(true), questions)).collect();
    if refused.is_empty() {
        return None;
    }
    let mut asked = Vec::new();
    prerequisites(formula, &mut asked);
    let mut needed = Needed::new();
    let (number, never) = (0..).zip(asked).find(|(_, prerequisite)| {
        let made = met.of(&wanted(rule, prerequisite));
        needed.clear();
        made.is_some_and(|(ground, claim)| ground.never(questions, persona, &Quarry::Claim(*claim), &mut needed))
    })?;
    let span = *origins.rules.get(&rule.name)?;
    let who = core.personas.get(persona.index()).map_or_else(String::new, |persona| persona.name.clone());
    let what = named(core, &never);
    let message = format!("`{who}` can never meet the requirement `{}`", rule.name);
    let diagnostic = Diagnostic::new(Code::LF0403, span, message)
        .label(format!("{what} never comes to count in a session of `{who}`"))
        .note("permit what it asks for, or break the circle of requirements");
    let mut finding = Finding { persona: Some(who), ..Finding::new(diagnostic) };
    finding.rules.push(rule.name.clone());
    let of = frame::PersonaId(persona.0);
    let finding = finding.stating(frame::Finding::NeverCounts { persona: of, rule: rule.name.clone(), prerequisite: number }, needed);
    Some(Unmet { finding, refused, awaited: awaited(&never) })
}

/// For each prerequisite of each requirement the claim that it is met.
struct Met {
    wanted: Vec<Wanted>,
    claimed: Vec<Claimed>,
}

impl Met {
    fn new(core: &Core) -> Self {
        let mut all: Vec<Wanted> = Vec::new();
        for rule in core.rules.iter().filter(|rule| rule.kind == RuleKind::Require) {
            let mut found = Vec::new();
            if let Body::Deny(formula) = &rule.body {
                prerequisites(formula, &mut found);
            }
            for wanted in found.iter().map(|prerequisite| wanted(rule, prerequisite)) {
                if !all.contains(&wanted) {
                    all.push(wanted);
                }
            }
        }
        let claimed = Ground::each(core, &all);
        Self { wanted: all, claimed }
    }

    fn of(&self, wanted: &Wanted) -> Option<&(Rc<Ground>, RuleIndex)> {
        let at = self.wanted.iter().position(|known| known == wanted)?;
        self.claimed.get(at)?.as_ref().ok()
    }
}

fn wanted(rule: &Rule, prerequisite: &Formula) -> Wanted {
    Wanted { when: When::Reached, key: rule.key, capacity: rule.capacity, formula: prerequisite.clone() }
}

/// The tools of the call that a requirement guards.
fn target(formula: &Formula) -> Option<Vec<ToolId>> {
    let Formula::And(parts) = formula else { return None };
    match parts.first()? {
        Formula::Match(pattern) => Some(tools(pattern)),
        _ => None,
    }
}

fn tools(pattern: &Pattern) -> Vec<ToolId> {
    let of = |cases: &PatternCases| match cases {
        PatternCases::Tools(cases) => cases.iter().flat_map(|case| case.names.clone()).collect(),
        PatternCases::Events(_) => Vec::new(),
    };
    pattern.parts.iter().flat_map(|part| of(&part.cases)).collect()
}

/// The prerequisites of a requirement, without their windows.
fn prerequisites(formula: &Formula, found: &mut Vec<Formula>) {
    match formula {
        Formula::Met { pattern, reset, .. } => {
            found.push(Formula::Met { pattern: pattern.clone(), within_ms: None, reset: reset.clone() });
        }
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| prerequisites(part, found)),
        Formula::Not(part) => prerequisites(part, found),
        _ => {}
    }
}

/// The tools that a prerequisite speaks of.
fn awaited(prerequisite: &Formula) -> Vec<ToolId> {
    match prerequisite {
        Formula::Met { pattern, .. } => tools(pattern),
        _ => Vec::new(),
    }
}

fn named(core: &Core, prerequisite: &Formula) -> String {
    match awaited(prerequisite).as_slice() {
        [tool] => format!("`{}`", core.tools.get(tool.index()).map_or("?", |tool| tool.name.as_str())),
        _ => "its prerequisite".to_owned(),
    }
}

/// Whether the persona's permissions let some call of the tool pass on which this holds.
fn permitted(ground: &Ground, persona: PersonaId, tool: ToolId, cond: Cond, questions: &mut Questions<'_>) -> bool {
    let permits = Permits::of(&ground.core, persona, tool);
    let evaluable = permits.evaluated.iter().chain(ground.guards().tool(tool.index())).collect();
    let goal = Goal { holds: vec![cond, or(vec![permits.allow, permits.ask])], evaluable };
    !matches!(questions.ask(Subject::Tool(tool), &goal), Answer::Impossible(_))
}

/// The statements of a persona that permit calls of which none is ever admitted.
fn unused(
    ground: &Ground,
    origins: &Origins,
    persona: PersonaId,
    explained: &BTreeSet<ToolId>,
    questions: &mut Questions<'_>,
) -> Vec<Finding> {
    let core = &ground.core;
    let Some(owner) = core.personas.get(persona.index()) else { return Vec::new() };
    let mut statements: Vec<(&str, Vec<(ToolId, Cond)>)> = Vec::new();
    for rules in &owner.tools {
        for (answer, cond) in answers(members(&owner.tools, rules.tool)) {
            if answer.verdict == Verdict::Deny {
                continue;
            }
            match statements.iter_mut().find(|(name, _)| *name == answer.name) {
                Some((_, calls)) => calls.push((rules.tool, cond)),
                None => statements.push((&answer.name, vec![(rules.tool, cond)])),
            }
        }
    }
    let mut found = Vec::new();
    for (name, calls) in statements {
        if calls.iter().any(|(tool, _)| explained.contains(tool)) {
            continue;
        }
        let permits = |(tool, cond): &(ToolId, Cond)| {
            let permits = Permits::of(core, persona, *tool);
            and(vec![cond.clone(), or(vec![permits.allow, permits.ask])])
        };
        let before = questions.begin();
        let open = |call: &&(ToolId, Cond)| permitted(ground, persona, call.0, call.1.clone(), questions);
        let possible: Vec<(ToolId, Cond)> = calls.iter().filter(open).map(|call| (call.0, permits(call))).collect();
        let admitted: Vec<Quarry> = possible.iter().map(|(tool, cond)| Quarry::Admitted(*tool, cond.clone())).collect();
        let known = admitted.iter().any(|quarry| ground.known_to_come_to(questions, persona, quarry));
        let mut needed = Needed::new();
        let never = |quarry: &Quarry| ground.never(questions, persona, quarry, &mut needed);
        let useless = !known && !admitted.is_empty() && admitted.iter().all(never);
        let queries = questions.end(before);
        if useless {
            let finding = finding(core, origins, &owner.name, name, possible.first().map(|(tool, _)| *tool));
            let what = frame::Finding::NeverUsed(frame::Statement { persona: Some(frame::PersonaId(persona.0)), name: name.to_owned() });
            found.extend(finding.map(|finding| finding.stating(what, needed).resting_on(queries)));
        }
    }
    found
}

fn finding(core: &Core, origins: &Origins, persona: &str, rule: &str, tool: Option<ToolId>) -> Option<Finding> {
    let span = *origins.rules.get(rule)?;
    let tool = tool.and_then(|tool| core.tools.get(tool.index())).map(|tool| tool.name.clone());
    let diagnostic = Diagnostic::new(Code::LF0402, span, format!("no session of `{persona}` can ever use `{rule}`"))
        .label("permitted here, and denied by other rules in every session")
        .note("loosen the rules that stand against it, or take the permission out");
    let mut finding = Finding { persona: Some(persona.to_owned()), tool, ..Finding::new(diagnostic) };
    finding.rules.push(rule.to_owned());
    Some(finding)
}
