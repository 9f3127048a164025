//! Calls that one policy answers less severely because a rule over histories of the other one is not its own.
//!
//! In: two policies. Out: for each such rule the shortest session that parts them. Invariant: of a rule nothing is said only where another one implies it, or a
//! search has ended without a session that it judges and the other policy admits, and nothing lies outside that search. Source: verification section 3.

use leverframe_compiler::automata::Guards;
use leverframe_compiler::core::cond::CompareOp;
use leverframe_compiler::core::{
    Action, Body, Case, Cond, Core, EventId, LetterKind, Limit, Measure, PatternCases, PersonaId, Rule, Scalar, ToolId, TypeTag,
};

use super::align::deciding;
use super::direction::{Looking, pairs};
use super::implied::implied;
use crate::limits::REPEATED;
use crate::question::{Answer, Goal, Subject};
use crate::report::{WitnessCall, WitnessStep};
use crate::session::ground::Ground;
use crate::session::hunt::{Hunted, Quarry, in_scope};
use crate::session::machine::RuleIndex;
use crate::session::permit::{Permits, or};
use crate::session::values::scalar;

impl Looking<'_> {
    /// Looks at every rule of `from` that no rule of `to` implies.
    pub(super) fn rules(&mut self) {
        let rules: Vec<&Rule> = deciding(self.from.core).filter(|rule| !deciding(self.to.core).any(|by| implied(rule, by))).collect();
        for rule in rules {
            self.rule(rule);
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let about = format!("the rule `{}`", rule.name);
        let (ground, claim) = match Ground::new(self.to.core, |claims| claims.observed(rule)) {
            Ok(made) => made,
            Err(why) => return self.doubt(about, why),
        };
        // What it asks about parts the policies where the other one allows it outright.
        let quarry = if matches!(rule.action, Action::Ask(_)) { Quarry::Allowed(claim) } else { Quarry::Passes(claim) };
        let mut doubt = None;
        for persona in self.judged(rule) {
            match ground.hunt(&mut self.questions, persona, &quarry) {
                Hunted::Impossible(_) => {}
                Hunted::Session(session) if self.take(&session, Some(&rule.name)) => return,
                Hunted::Session(_) => doubt = Some(super::calls::NOT_PARTED.to_owned()),
                Hunted::Unknown(why) => doubt = Some(why),
            }
        }
        if (doubt.is_some() && self.repeated(rule)) || (rule.action == Action::EndSession && self.ended(rule, &ground, claim)) {
            return;
        }
        if let Some(why) = doubt.or_else(|| self.beyond_search(rule)) {
            self.doubt(about, why);
        }
    }

    /// Whose calls it judges.
    fn judged(&self, rule: &Rule) -> Vec<PersonaId> {
        let all = (0..u32::try_from(self.to.core.personas.len()).unwrap_or(u32::MAX)).map(PersonaId);
        all.filter(|persona| in_scope(rule, *persona)).collect()
    }

    /// Why a rule may judge calls that no search for it looks at.
    fn beyond_search(&mut self, rule: &Rule) -> Option<String> {
        if let Some(capacity) = rule.capacity {
            return Some(format!("what it does beyond {capacity} values is not searched"));
        }
        if rule.action == Action::EndSession {
            return Some("it ends sessions, also at calls that are denied in any case; what follows those is not searched".to_owned());
        }
        self.may_fail(rule).then(|| "a condition of it on a result or a host event may be impossible to evaluate".to_owned())
    }

    /// Whether a condition on a result or a host event, which counts where it fails, can fail.
    fn may_fail(&mut self, rule: &Rule) -> bool {
        let alone = Core { rules: vec![rule.clone()], ..self.to.core.clone() };
        let guards = Guards::collect(&alone);
        let tools = (0..alone.tools.len()).map(|at| (u32::try_from(at).map(|at| Subject::Tool(ToolId(at))), guards.result(at)));
        let events = (0..alone.events.len()).map(|at| (u32::try_from(at).map(|at| Subject::Event(EventId(at))), guards.event(at)));
        tools.chain(events).filter(|(_, conds)| !conds.is_empty()).any(|(subject, conds)| {
            let Ok(subject) = subject else { return true };
            !matches!(self.questions.ask_some_failing(subject, &Goal::default(), conds), Answer::Impossible(_))
        })
    }

    /// A call after one that the rule judges: the session is over there, if the rule says so.
    fn ended(&mut self, rule: &Rule, ground: &Ground, claim: RuleIndex) -> bool {
        for persona in self.judged(rule) {
            let quarry = Quarry::Triggers { rule: claim, alone: false };
            let Hunted::Session(session) = ground.hunt(&mut self.questions, persona, &quarry) else { continue };
            let at = session.iter().map(time).max().unwrap_or(0).saturating_add(1);
            for (_, tool) in pairs(self.to.core).into_iter().filter(|(owner, _)| *owner == persona) {
                let permits = Permits::of(self.to.core, persona, tool);
                let goal = Goal { holds: vec![or(vec![permits.allow, permits.ask])], evaluable: permits.evaluated.iter().collect() };
                let Answer::Possible(example) = self.questions.ask(Subject::Tool(tool), &goal) else { continue };
                let (who, what) = self.names(persona, tool);
                let call = self.call(&who, &what, &example, at.max(example.at));
                let session: Vec<WitnessStep> =
                    session.iter().cloned().chain([WitnessStep::Call(WitnessCall { id: Some(NEXT.to_owned()), ..call })]).collect();
                if self.take(&session, Some(&rule.name)) {
                    return true;
                }
            }
        }
        false
    }

    /// One event again and again, until a limit is full that no search can count to.
    fn repeated(&mut self, rule: &Rule) -> bool {
        let Body::Limit(limit) = &rule.body else { return false };
        let (ground, personas) = (self.ground, self.judged(rule));
        for part in &limit.event.parts {
            let PatternCases::Tools(cases) = &part.cases else { continue };
            for (persona, (tool, guard)) in personas.iter().flat_map(|persona| counted(cases, limit).map(move |case| (*persona, case))) {
                let Hunted::Session(session) = ground.hunt(&mut self.questions, persona, &Quarry::Admitted(tool, guard)) else { continue };
                let session = again(&session, part.kind);
                if self.take(&session, Some(&rule.name)) {
                    return true;
                }
            }
        }
        false
    }
}

/// What a crafted call is named by.
const NEXT: &str = "next";

fn time(step: &WitnessStep) -> i64 {
    match step {
        WitnessStep::Call(call) => call.at,
        WitnessStep::Result { at, .. } | WitnessStep::Event { at, .. } => *at,
    }
}

/// The calls that a limit counts; of an amount, first those that make it full soonest.
fn counted<'l>(cases: &'l [Case<ToolId>], limit: &'l Limit) -> impl Iterator<Item = (ToolId, Cond)> + 'l {
    let amounts: Vec<Option<Cond>> = match &limit.measure {
        Measure::Sum(most, path) if path.tag == TypeTag::Int => {
            let parts = [1, 2, 10, 100, 1000].map(|part| (most / part).saturating_add(1));
            let least = |amount: i64| {
                let term = scalar(path)?;
                let literal = leverframe_compiler::core::Term::Literal(Scalar::Int(amount));
                Some(Cond::And(vec![Cond::Present(term.clone()), Cond::Compare(CompareOp::Ge, path.tag, term, literal)]))
            };
            parts.into_iter().map(least).collect()
        }
        _ => vec![None],
    };
    let each = move |case: &'l Case<ToolId>, tool: ToolId| {
        let conds: Vec<(ToolId, Cond)> =
            amounts.iter().map(|amount| (tool, Cond::And([case.guard.clone()].into_iter().chain(amount.clone()).collect()))).collect();
        conds
    };
    cases.iter().flat_map(move |case| case.names.iter().flat_map(|tool| each(case, *tool)).collect::<Vec<_>>())
}

/// The session up to its last call, and that call as often as the bound allows, each with its result where results count.
fn again(session: &[WitnessStep], kind: LetterKind) -> Vec<WitnessStep> {
    let call = session.iter().rev().find_map(|step| match step {
        WitnessStep::Call(call) => Some(call),
        _ => None,
    });
    let Some(call) = call else { return Vec::new() };
    let before = session.iter().take_while(|step| !matches!(step, WitnessStep::Call(other) if other == call));
    let mut steps: Vec<WitnessStep> = before.cloned().collect();
    for (turn, at) in (0..REPEATED).zip(call.at..) {
        let id = format!("{NEXT}{turn}");
        steps.push(WitnessStep::Call(WitnessCall { id: Some(id.clone()), at, ..call.clone() }));
        let ok = kind != LetterKind::Failed;
        if matches!(kind, LetterKind::Ok | LetterKind::Failed | LetterKind::Result) {
            steps.push(WitnessStep::Result { result_of: id, at, result: serde_json::json!({ "ok": ok }) });
        }
    }
    steps
}
