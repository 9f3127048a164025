//! Event patterns, read by the place that they stand in.
//!
//! In: an event pattern and its place. Out: a [`Pattern`] cut into cases tool by tool, since a guard is typed by the tool's own fields.
//! Invariant: the safe readings of plain calls are applied here and nowhere else. Source: language section 5, the table of safe readings, and section 9
//! ("Argument positions"); `lang-spec/core-form.md`, [core.pattern].

use std::collections::BTreeSet;

use crate::grammar::{Node, Rule};
use crate::policy::{Bind, Case, Cond, Kind, Part, Pattern};
use crate::refusal::Refusal;

use super::condition::{Site, condition};
use super::effects::{Effect, Effects};
use super::fields::{self, Value};
use super::scope::Scope;
use super::tools;

/// Where a pattern stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Step of a forbid, event of a limit: counts when admitted, and may be a refused attempt.
    Step,
    /// Event of a protocol, target or reset of a require: counts when admitted.
    Admitted,
    /// Prerequisite, or `unless`: counts when it has succeeded.
    Succeeded,
    /// The calls that a limit on results or attempts judges: what the pattern says of the call itself.
    Judged,
}

/// What patterns are read against.
#[derive(Clone, Copy)]
pub(super) struct Names<'s, 'a> {
    pub(super) scope: &'s Scope<'a>,
    pub(super) effects: &'s Effects,
}

/// What an OUTCOME asks for.
enum Outcome {
    None,
    Succeeds,
    Fails,
    Returns(String),
    Effect(Effect),
}

/// What stands before the target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Approved,
    Denied,
}

impl Names<'_, '_> {
    /// Reads an event pattern.
    pub(super) fn pattern(&self, node: &Node<'_>, place: Place) -> Result<Pattern, Refusal> {
        if node.has(Rule::kw_start) {
            return Err(node.wrong("`start` stands only as a step that is not the last"));
        }
        let mode = match node.child(Rule::event_mode).map(|mode| mode.has(Rule::kw_denied)) {
            Some(true) => Mode::Denied,
            Some(false) => Mode::Approved,
            None => Mode::Plain,
        };
        if mode == Mode::Denied && !matches!(place, Place::Step | Place::Judged) {
            return Err(node.wrong("`denied` stands only as a step of a forbid or in a limit"));
        }
        let outcome = self.outcome(node)?;
        if mode == Mode::Denied && matches!(outcome, Outcome::Succeeds | Outcome::Fails | Outcome::Returns(_)) {
            return Err(node.wrong("a refused attempt has no result"));
        }
        let by = node.child(Rule::by_persona).map(|by| self.scope.persona(&by.need(Rule::name)?)).transpose()?;
        let target = node.need(Rule::target)?;
        let (tools, events) = self.targets(&target)?;
        let mut parts = Vec::new();
        if !tools.is_empty() || events.is_empty() {
            let (kind, label) = letter(mode, &outcome, place);
            let (cases, binds) = self.tool_cases(node, &tools, &outcome, place)?;
            let approved = mode == Mode::Approved && place != Place::Judged;
            let unknown = kind == Kind::Denied && target.has(Rule::kw_any);
            parts.push(Part { kind, approved, unknown, by: by.clone(), label, binds, cases });
        }
        if !events.is_empty() {
            if mode != Mode::Plain || !matches!(outcome, Outcome::None) {
                return Err(node.wrong("a host event has no outcome, is not approved and not denied"));
            }
            let (cases, binds) = self.event_cases(node, &events)?;
            parts.push(Part { kind: Kind::Event, approved: false, unknown: false, by, label: None, binds, cases });
        }
        let same = |pair: &[Part]| matches!(pair, [a, b] if a.binds.iter().map(|bind| (&bind.variable, bind.tag)).eq(b.binds.iter().map(|bind| (&bind.variable, bind.tag))));
        if !parts.windows(2).all(same) {
            return Err(node.wrong("a variable has two types"));
        }
        Ok(Pattern { id: 0, parts })
    }

    fn outcome(&self, node: &Node<'_>) -> Result<Outcome, Refusal> {
        let Some(outcome) = node.child(Rule::outcome) else { return Ok(Outcome::None) };
        let outcome = outcome.only()?;
        Ok(match outcome.rule() {
            Rule::outcome_succeeds => Outcome::Succeeds,
            Rule::outcome_fails => Outcome::Fails,
            Rule::outcome_returns => Outcome::Returns(self.scope.label(&outcome.need(Rule::name)?)?),
            Rule::kw_sends => Outcome::Effect(Effect::Sends),
            _ => Outcome::Effect(Effect::Destroys),
        })
    }

    /// Tools and host events.
    fn targets(&self, target: &Node<'_>) -> Result<(BTreeSet<String>, BTreeSet<String>), Refusal> {
        let paths: Vec<Node<'_>> = match target.child(Rule::target_list) {
            Some(list) => list.children(Rule::path).collect(),
            None => target.children(Rule::path).collect(),
        };
        if target.has(Rule::kw_any) {
            return Ok((self.scope.tools.keys().cloned().collect(), BTreeSet::new()));
        }
        let (mut tools, mut events) = (BTreeSet::new(), BTreeSet::new());
        for path in paths {
            let name = path.name();
            if self.scope.event(&name).is_some() {
                events.insert(name);
            } else {
                tools.extend(tools::named(self.scope, &path, &mut Vec::new())?);
            }
        }
        Ok((tools, events))
    }

    fn tool_cases(
        &self,
        node: &Node<'_>,
        tools: &BTreeSet<String>,
        outcome: &Outcome,
        place: Place,
    ) -> Result<(Vec<Case>, Vec<Bind>), Refusal> {
        let of_result = matches!(outcome, Outcome::Succeeds | Outcome::Fails | Outcome::Returns(_));
        let mut cut = Cut::default();
        for tool in tools {
            let effect = match outcome {
                Outcome::Effect(effect) => match self.effects.effect(*effect, tool) {
                    Some(when) => Some(when),
                    None => continue,
                },
                _ => None,
            };
            let result = self.scope.results.get(tool).filter(|_| of_result);
            let site = Site { result, ..Site::call(self.scope, tool) };
            cut.add(tool, guard(site, node, effect, place)?, fields::binds(site, node)?, node)?;
        }
        Ok((cut.cases, cut.binds.unwrap_or_default()))
    }

    fn event_cases(&self, node: &Node<'_>, events: &BTreeSet<String>) -> Result<(Vec<Case>, Vec<Bind>), Refusal> {
        let mut cut = Cut::default();
        for event in events {
            let args = self.scope.event(event).map(|event| &event.args);
            let site = Site { scope: self.scope, args, event: true, result: None };
            cut.add(event, guard(site, node, None, Place::Step)?, fields::binds(site, node)?, node)?;
        }
        Ok((cut.cases, cut.binds.unwrap_or_default()))
    }
}

/// The cases so far, and what all of them bind.
#[derive(Default)]
struct Cut {
    cases: Vec<Case>,
    binds: Option<Vec<Bind>>,
}

impl Cut {
    /// Names with the same guard share a case.
    fn add(&mut self, name: &str, guard: Cond, binds: Vec<Bind>, node: &Node<'_>) -> Result<(), Refusal> {
        match self.cases.iter_mut().find(|case| case.guard == guard) {
            Some(case) => case.names.push(name.to_owned()),
            None => self.cases.push(Case { names: vec![name.to_owned()], guard }),
        }
        match self.binds.replace(binds.clone()) {
            Some(before) if before != binds => Err(node.wrong("a variable has two types")),
            _ => Ok(()),
        }
    }
}

/// The table of safe readings.
fn letter(mode: Mode, outcome: &Outcome, place: Place) -> (Kind, Option<String>) {
    if place == Place::Judged {
        return (Kind::Call, None);
    }
    match (outcome, place) {
        _ if mode == Mode::Denied => (Kind::Denied, None),
        (Outcome::None | Outcome::Effect(_), Place::Succeeded) | (Outcome::Succeeds, _) => (Kind::Ok, None),
        (Outcome::None | Outcome::Effect(_), _) => (Kind::Call, None),
        (Outcome::Returns(label), Place::Succeeded) => (Kind::Ok, Some(label.clone())),
        (Outcome::Returns(label), _) => (Kind::Result, Some(label.clone())),
        (Outcome::Fails, _) => (Kind::Failed, None),
    }
}

/// Literal arguments, literal fields of the result, the effect's condition, the condition after `when`.
fn guard(site: Site<'_, '_>, node: &Node<'_>, effect: Option<Cond>, place: Place) -> Result<Cond, Refusal> {
    let judged = place == Place::Judged;
    let mut parts = Vec::new();
    for argument in fields::arguments(node).filter(|argument| !judged || !argument.of_result) {
        if let Value::Literal(cond) = fields::value(site, &argument)? {
            parts.push(cond);
        }
    }
    parts.extend(effect.filter(|when| *when != Cond::Const(true)));
    if let Some(when) = node.child(Rule::event_condition) {
        let when = condition(site, &when.need(Rule::condition)?)?;
        parts.extend((!judged || !when.reads_result()).then_some(when));
    }
    Ok(if parts.len() > 1 { Cond::And(parts) } else { parts.pop().unwrap_or(Cond::Const(true)) })
}
