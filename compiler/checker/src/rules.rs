//! Rules over histories that do nothing: those that nothing can trigger, and those that others say already.
//!
//! In: a policy. Out: LF0401, LF0404, LF0408, LF0409, LF0411. Invariant: they are said only where it is proved of every persona.
//! Source: verification section 3.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use leverframe_compiler::automata::Guards;
use leverframe_compiler::core::{
    Action, Body, Cond, Core, Formula, Key, LetterKind, Limit, Measure, Origins, PersonaId, Rule, RuleKind, Scope, Term, ToolId, Type,
    ValuePath, ValueStep,
};
use leverframe_runtime::frame;
use leverframe_syntax::{Code, Diagnostic};

use crate::question::{Answer, Goal, Questions, Subject};
use crate::report::{Finding, Report};
use crate::session::claim::{Wanted, When};
use crate::session::ground::{Claimed, Ground, Needed, Possible};
use crate::session::hunt::{Quarry, is_timed};
use crate::session::letter::tools;
use crate::session::machine::RuleIndex;
use crate::session::permit::{Permits, or};
use crate::session::values::may_lack;

/// Looks at every rule.
pub(crate) fn rules(ground: &Ground, origins: &Origins, questions: &mut Questions<'_>) -> Report {
    let mut report = Report::default();
    let untimed = Untimed::of(&ground.core);
    let mut reduced: Option<Ground> = None;
    let mut kept: BTreeSet<RuleIndex> = (0..ground.core.rules.len()).map(RuleIndex).collect();
    // From the last: what an earlier rule says again is no reason to drop that one as well.
    for (at, rule) in ground.core.rules.iter().enumerate().rev() {
        let left = reduced.as_ref().unwrap_or(ground);
        let before = questions.begin();
        let mut needed = Needed::new();
        let dead = of_no_use(left, (RuleIndex(at), rule), &untimed, questions, &mut needed);
        let adds = |questions: &mut Questions<'_>| {
            may_fail(&ground.core, &kept, RuleIndex(at), questions) || needs_key(ground, &kept, RuleIndex(at))
        };
        let dead = dead.filter(|(code, ..)| *code != Code::LF0404 || !adds(questions));
        let dead = dead.filter(|_| rule.action != Action::EndSession || !judges_what_is_denied(ground, RuleIndex(at), questions));
        let queries = questions.end(before);
        if dead.as_ref().is_some_and(|(code, ..)| *code == Code::LF0404)
            && let Ok(without) = without(&left.core, at)
        {
            reduced = Some(without);
            kept.remove(&RuleIndex(at));
        }
        let found = [evaded(rule), fresh_session(rule)];
        report.findings.extend(found.into_iter().flatten().filter_map(|said| made(origins, rule, said, Needed::new())));
        let dead = dead.and_then(|said| made(origins, rule, said, needed));
        report.findings.extend(dead.map(|finding| finding.resting_on(queries)));
    }
    report
}

/// Whether a rule that ends sessions judges calls that permissions deny, too: no search looks at those.
fn judges_what_is_denied(ground: &Ground, rule: RuleIndex, questions: &mut Questions<'_>) -> bool {
    let (core, frame) = (&ground.core, ground.policy().frame());
    let sites = || frame.rules.get(rule.0).into_iter().flat_map(|rule| &rule.alphabet.sites);
    let heard = |kind: frame::LetterKind| sites().any(|site| site.kind == kind && site.named);
    let personas = core.rules.get(rule.0).map_or_else(Vec::new, |rule| judged(core, rule));
    heard(frame::LetterKind::Denied)
        || personas.into_iter().any(|persona| {
            sites().filter(|site| site.kind == frame::LetterKind::Call && site.named).any(|site| {
                let tool = ToolId(site.subject);
                let permits = Permits::of(core, persona, tool);
                let evaluable = permits.evaluated.iter().chain(ground.guards().tool(tool.index())).collect();
                let goal = Goal { holds: vec![permits.deny], evaluable };
                !matches!(questions.ask(Subject::Tool(tool), &goal), Answer::Impossible(_))
            })
        })
}

/// Whether only this rule, of those that are kept, has calls of some tool name its key: without the rule a call that names none is not denied for that.
fn needs_key(ground: &Ground, kept: &BTreeSet<RuleIndex>, rule: RuleIndex) -> bool {
    let rules = &ground.policy().frame().rules;
    let Some(own) = rules.get(rule.0) else { return false };
    let speaks = |other: &frame::Rule, tool: u32| {
        other.alphabet.sites.iter().any(|site| site.kind == frame::LetterKind::Call && site.named && site.subject == tool)
    };
    let others = || kept.iter().filter(|other| **other != rule).filter_map(|other| rules.get(other.0)).filter(|other| other.key == own.key);
    let named = own.alphabet.sites.iter().filter(|site| site.kind == frame::LetterKind::Call && site.named);
    own.key != frame::Key::Session && named.map(|site| site.subject).any(|tool| !others().any(|other| speaks(other, tool)))
}

/// Whether a condition that only this rule reads, of those that are kept, may fail on a call which permissions admit, or for want of what the gateway supplies: that
/// call is denied, and without the rule it is not.
fn may_fail(core: &Core, kept: &BTreeSet<RuleIndex>, rule: RuleIndex, questions: &mut Questions<'_>) -> bool {
    let of = |rules: &dyn Fn(RuleIndex) -> bool| {
        let rules = core.rules.iter().enumerate().filter(|(at, _)| rules(RuleIndex(*at))).map(|(_, rule)| rule.clone()).collect();
        Guards::collect(&Core { rules, ..core.clone() })
    };
    let (with, without) = (of(&|at| kept.contains(&at)), of(&|at| at != rule && kept.contains(&at)));
    let personas = || (0..core.personas.len()).filter_map(|at| u32::try_from(at).ok()).map(PersonaId);
    tools(core).any(|tool| {
        let others = without.tool(tool.index());
        let own: Vec<Cond> = with.tool(tool.index()).iter().filter(|cond| !others.contains(cond)).cloned().collect();
        let supplied = |cond: &Cond| cond.has_term(&|term| matches!(term, Term::Context(_)));
        own.iter().any(supplied)
            || personas().any(|persona| {
                let permits = Permits::of(core, persona, tool);
                let evaluable = permits.evaluated.iter().chain(others).collect();
                let goal = Goal { holds: vec![or(vec![permits.allow, permits.ask])], evaluable };
                !matches!(questions.ask_some_failing(Subject::Tool(tool), &goal, &own), Answer::Impossible(_))
            })
    })
}

/// The policy with a rule that only observes, so that it refuses nothing more.
fn without(core: &Core, at: usize) -> Result<Ground, String> {
    let mut core = core.clone();
    if let Some(rule) = core.rules.get_mut(at) {
        rule.action = Action::Observe;
    }
    Ground::new(&core, |_| ()).map(|(ground, ())| ground)
}

/// A code, what is wrong, and what to do.
type Said = (Code, String, &'static str);

fn made(origins: &Origins, rule: &Rule, (code, message, note): Said, needed: Needed) -> Option<Finding> {
    let span = *origins.rules.get(&rule.name)?;
    let mut diagnostic = Diagnostic::new(code, span, message).note(note);
    if let Some(most) = rule.capacity.filter(|_| code != Code::LF0408 && code != Code::LF0411) {
        diagnostic =
            diagnostic.note(format!("so long as it keeps all values apart: after more than {most} in one history it judges otherwise"));
    }
    let mut finding = Finding::new(diagnostic);
    finding.rules.push(rule.name.clone());
    Some(match stated(code, rule.name.clone()) {
        Some(what) => finding.stating(what, needed),
        None => finding,
    })
}

/// What a finding with this code states of a rule.
fn stated(code: Code, name: String) -> Option<frame::Finding> {
    match code {
        Code::LF0401 => Some(frame::Finding::NeverTriggers(name)),
        Code::LF0404 => Some(frame::Finding::Implied(name)),
        Code::LF0409 => Some(frame::Finding::NeverFull(name)),
        Code::LF0411 => Some(frame::Finding::Evaded(name)),
        _ => None,
    }
}

fn evaded(rule: &Rule) -> Option<Said> {
    let Body::Deny(formula) = &rule.body else { return None };
    (rule.kind == RuleKind::Forbid && next(formula)).then(|| {
        let message = format!("any call in between evades `{}`, which says `then[next]`", rule.name);
        (Code::LF0411, message, "leave `next` out, or say with `unless` which call makes the later one harmless")
    })
}

fn next(formula: &Formula) -> bool {
    match formula {
        Formula::Prev(body, clause) => clause.next || next(body),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().any(next),
        Formula::Not(part) | Formula::Span(_, part) | Formula::From(part) => next(part),
        Formula::Start | Formula::Match(_) | Formula::Met { .. } => false,
    }
}

fn fresh_session(rule: &Rule) -> Option<Said> {
    let Body::Limit(Limit { window_ms: Some(_), .. }) = &rule.body else { return None };
    (rule.key == Key::Session).then(|| {
        let message = format!("a fresh session starts the count of `{}` anew", rule.name);
        (
            Code::LF0408,
            message,
            "say `per principal`, `per agent` or `per tenant`, which the agent cannot choose; or `per session` where that is meant",
        )
    })
}

/// What a rule can do that no other does, in no persona's sessions; `needed` has then the rules for which that is so.
fn of_no_use(
    ground: &Ground,
    (index, rule): (RuleIndex, &Rule),
    untimed: &Untimed<'_>,
    questions: &mut Questions<'_>,
    needed: &mut Needed,
) -> Option<Said> {
    if let Some(found) = never_so_many(&ground.core, rule) {
        return Some(found);
    }
    let personas = judged(&ground.core, rule);
    let mut impossible = |questions: &mut Questions<'_>, alone: bool| {
        let quarry = Quarry::Triggers { rule: index, alone };
        // What an earlier check found costs least.
        let known = personas.iter().any(|persona| ground.known_to_come_to(questions, *persona, &quarry));
        !known && personas.iter().all(|persona| ground.never(questions, *persona, &quarry, needed))
    };
    let judges = rule.action != Action::Observe;
    // A session in which it judges alone answers both questions.
    if judges && !impossible(questions, ALONE) {
        return None;
    }
    if impossible(questions, ANY) {
        return match rule.kind {
            RuleKind::Limit => {
                let message = format!("the count of `{}` cannot be met", rule.name);
                Some((
                    Code::LF0409,
                    message,
                    "what it counts never happens so often: lower the count, widen the window, or take the limit out",
                ))
            }
            RuleKind::Forbid if untimed.triggers(index, &personas, questions) => {
                let message = format!("the windows of `{}` cannot be met", rule.name);
                Some((Code::LF0409, message, "other rules keep its steps further apart: widen its windows, or take it out"))
            }
            RuleKind::Forbid => {
                let message = format!("no session can trigger `{}`", rule.name);
                Some((
                    Code::LF0401,
                    message,
                    "the personas that it judges cannot take all of its steps: take it out, or correct its events",
                ))
            }
            RuleKind::Require | RuleKind::Protocol => None,
        };
    }
    judges.then(|| {
        let what = match rule.action {
            Action::Ask(_) => "asks about nothing that the other rules do not ask about or deny",
            Action::EndSession => "ends no session that the other rules do not end",
            Action::Deny | Action::Observe => "denies nothing that the other rules do not deny",
        };
        let message = format!("`{}` {what}", rule.name);
        (Code::LF0404, message, "take it out, or say what it should add")
    })
}

const ANY: bool = false;
const ALONE: bool = true;

/// Claims of rules that forbid in windows, as if these were open for ever; made when the first of them is asked for.
struct Untimed<'c> {
    core: &'c Core,
    claims: OnceCell<BTreeMap<RuleIndex, Claimed>>,
}

impl<'c> Untimed<'c> {
    fn of(core: &'c Core) -> Self {
        Self { core, claims: OnceCell::new() }
    }

    /// Whether the rule has windows, and would trigger without them.
    fn triggers(&self, rule: RuleIndex, personas: &[PersonaId], questions: &mut Questions<'_>) -> bool {
        let claims = self.claims.get_or_init(|| self.made());
        let Some(Ok((ground, claim))) = claims.get(&rule) else { return false };
        let quarry = Quarry::Triggers { rule: *claim, alone: ANY };
        personas.iter().any(|persona| ground.comes_to(questions, *persona, &quarry) == Possible::Yes)
    }

    fn made(&self) -> BTreeMap<RuleIndex, Claimed> {
        let timed = self.core.rules.iter().enumerate().filter(|(_, rule)| rule.kind == RuleKind::Forbid && is_timed(rule));
        let (indices, wanted): (Vec<RuleIndex>, Vec<Wanted>) = timed
            .filter_map(|(at, rule)| {
                let Body::Deny(formula) = &rule.body else { return None };
                let (key, capacity, formula) = (rule.key, rule.capacity, untimed(formula));
                Some((RuleIndex(at), Wanted { when: When::Judged, key, capacity, formula }))
            })
            .unzip();
        indices.into_iter().zip(Ground::each(self.core, &wanted)).collect()
    }
}

fn untimed(formula: &Formula) -> Formula {
    let all = |parts: &[Formula]| parts.iter().map(untimed).collect();
    match formula {
        Formula::Span(_, body) | Formula::From(body) => untimed(body),
        Formula::Prev(body, clause) => {
            let mut clause = clause.clone();
            clause.within_ms = None;
            Formula::Prev(Box::new(untimed(body)), clause)
        }
        Formula::And(parts) => Formula::And(all(parts)),
        Formula::Or(parts) => Formula::Or(all(parts)),
        Formula::Not(part) => Formula::Not(Box::new(untimed(part))),
        Formula::Start | Formula::Match(_) | Formula::Met { .. } => formula.clone(),
    }
}

/// Whose calls the rule judges.
fn judged(core: &Core, rule: &Rule) -> Vec<PersonaId> {
    match &rule.scope {
        Scope::All => (0..u32::try_from(core.personas.len()).unwrap_or(u32::MAX)).map(PersonaId).collect(),
        Scope::Personas(personas) => personas.clone(),
    }
}

/// A limit on different values of which there are no more.
fn never_so_many(core: &Core, rule: &Rule) -> Option<Said> {
    let Body::Limit(Limit { measure: Measure::Distinct(most, path), event, .. }) = &rule.body else { return None };
    let names = event.parts.iter().flat_map(|part| match &part.cases {
        leverframe_compiler::core::PatternCases::Tools(cases) => cases.iter().flat_map(|case| case.names.clone()).collect(),
        leverframe_compiler::core::PatternCases::Events(_) => Vec::new(),
    });
    let mut sizes = Vec::new();
    for name in names {
        let tool = core.tools.get(name.index()).filter(|_| !path.result)?;
        // A call without a value is judged, whatever was counted.
        if path.steps.contains(&ValueStep::Each) || may_lack(Some(&tool.args), &path.steps) {
            return None;
        }
        sizes.push(domain(&Type::Record(tool.args.clone()), path)?);
    }
    // A refused attempt may have no value whatever its tool declares. The names of two tools' values are one set where their types are.
    let attempts = event.parts.iter().any(|part| part.kind != LetterKind::Call);
    let all: u64 = sizes.iter().sum::<u64>() + u64::from(attempts);
    (all <= u64::from(*most)).then(|| {
        let message = format!("there are no more than {all} different values for `{}` to count", rule.name);
        (Code::LF0409, message, "lower the count, or take the limit out")
    })
}

/// How many values a path leads to; nothing where there is no end of them.
fn domain(ty: &Type, path: &ValuePath) -> Option<u64> {
    let mut at = ty;
    for step in &path.steps {
        at = match (step, at) {
            (ValueStep::Field(name), Type::Record(record)) => &record.fields.iter().find(|field| field.name == *name)?.ty,
            (ValueStep::Each, Type::List(element)) => element,
            _ => return None,
        };
    }
    match at {
        Type::Bool => Some(2),
        Type::Enum(names) => Some(names.len() as u64),
        Type::Int { lo, hi } => u64::try_from(hi.checked_sub(*lo)?).ok()?.checked_add(1),
        _ => None,
    }
}
