//! Event patterns, read by the place that they stand in.
//!
//! In: an event pattern and its place. Out: a [`Pattern`] cut into cases tool by tool, since a guard is typed by the tool's own fields.
//! Invariant: the safe readings of plain calls are applied here and nowhere else. Source: language section 5, the table of safe readings, and section 9
//! ("Argument positions"); `lang-spec/core-form.md`, [core.pattern].

use std::collections::BTreeSet;

use crate::grammar::{Node, Rule};
use crate::literal;
use crate::policy::{Case, Cond, Kind, Op, Part, Pattern, Tag, Term};
use crate::refusal::Refusal;
use crate::types::{Literal, Record, Type};

use super::condition::{Site, condition};
use super::effects::{Effect, Effects};
use super::scope::Scope;
use super::term::plain_literal;
use super::tools;

/// Where a pattern stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Step of a forbid, event of a limit, target or reset of a require: counts when admitted.
    Admitted,
    /// Prerequisite, or `unless`: counts when it has succeeded.
    Succeeded,
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

impl Names<'_, '_> {
    /// Reads an event pattern.
    pub(super) fn pattern(&self, node: &Node<'_>, place: Place) -> Result<Pattern, Refusal> {
        if node.has(Rule::kw_start) {
            return Err(node.wrong("`start` stands only as a step that is not the last"));
        }
        let approved = match node.child(Rule::event_mode).map(|mode| mode.has(Rule::kw_denied)) {
            Some(true) => return Err(node.not_yet("`denied`")),
            Some(false) => true,
            None => false,
        };
        let outcome = self.outcome(node)?;
        let by = node.child(Rule::by_persona).map(|by| self.scope.persona(&by.need(Rule::name)?)).transpose()?;
        let (tools, events) = self.targets(&node.need(Rule::target)?)?;
        let mut parts = Vec::new();
        if !tools.is_empty() || events.is_empty() {
            let (kind, label) = letter(&outcome, place);
            parts.push(Part { kind, approved, by: by.clone(), label, cases: self.tool_cases(node, &tools, &outcome)? });
        }
        if !events.is_empty() {
            if approved || !matches!(outcome, Outcome::None) {
                return Err(node.wrong("a host event has no outcome and is not approved"));
            }
            parts.push(Part { kind: Kind::Event, approved, by, label: None, cases: self.event_cases(node, &events)? });
        }
        Ok(Pattern { parts })
    }

    fn outcome(&self, node: &Node<'_>) -> Result<Outcome, Refusal> {
        let Some(outcome) = node.child(Rule::outcome) else { return Ok(Outcome::None) };
        let outcome = outcome.only()?;
        if outcome.has(Rule::result_arguments) {
            return Err(outcome.not_yet("`with (…)`"));
        }
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

    fn tool_cases(&self, node: &Node<'_>, tools: &BTreeSet<String>, outcome: &Outcome) -> Result<Vec<Case>, Refusal> {
        let of_result = matches!(outcome, Outcome::Succeeds | Outcome::Fails | Outcome::Returns(_));
        let mut cases = Vec::new();
        for tool in tools {
            let effect = match outcome {
                Outcome::Effect(effect) => match self.effects.effect(*effect, tool) {
                    Some(when) => Some(when),
                    None => continue,
                },
                _ => None,
            };
            let site = Site { outcome: of_result, ..Site::call(self.scope, tool) };
            add(&mut cases, tool, guard(site, node, effect)?);
        }
        Ok(cases)
    }

    fn event_cases(&self, node: &Node<'_>, events: &BTreeSet<String>) -> Result<Vec<Case>, Refusal> {
        let mut cases = Vec::new();
        for event in events {
            let args = self.scope.event(event).map(|event| &event.args);
            let site = Site { scope: self.scope, args, event: true, outcome: false };
            add(&mut cases, event, guard(site, node, None)?);
        }
        Ok(cases)
    }
}

/// The table of safe readings.
fn letter(outcome: &Outcome, place: Place) -> (Kind, Option<String>) {
    match (outcome, place) {
        (Outcome::None | Outcome::Effect(_), Place::Admitted) => (Kind::Call, None),
        (Outcome::None | Outcome::Effect(_), Place::Succeeded) | (Outcome::Succeeds, _) => (Kind::Ok, None),
        (Outcome::Returns(label), Place::Admitted) => (Kind::Result, Some(label.clone())),
        (Outcome::Returns(label), Place::Succeeded) => (Kind::Ok, Some(label.clone())),
        (Outcome::Fails, _) => (Kind::Failed, None),
    }
}

/// Names with the same guard share a case.
fn add(cases: &mut Vec<Case>, name: &str, guard: Cond) {
    match cases.iter_mut().find(|case| case.guard == guard) {
        Some(case) => case.names.push(name.to_owned()),
        None => cases.push(Case { names: vec![name.to_owned()], guard }),
    }
}

/// Literal arguments, the effect's condition, the condition after `when`.
fn guard(site: Site<'_, '_>, node: &Node<'_>, effect: Option<Cond>) -> Result<Cond, Refusal> {
    let mut parts = Vec::new();
    for argument in node.child(Rule::arguments).iter().flat_map(|arguments| arguments.children(Rule::argument)) {
        parts.push(literal_argument(site, &argument)?);
    }
    parts.extend(effect.filter(|when| *when != Cond::Const(true)));
    if let Some(when) = node.child(Rule::event_condition) {
        parts.push(condition(site, &when.need(Rule::condition)?)?);
    }
    Ok(if parts.len() > 1 { Cond::And(parts) } else { parts.pop().unwrap_or(Cond::Const(true)) })
}

/// `field: literal`
fn literal_argument(site: Site<'_, '_>, node: &Node<'_>) -> Result<Cond, Refusal> {
    let field = node.need(Rule::argument_field)?;
    if field.has(Rule::each_mark) {
        return Err(field.not_yet("`field[]`"));
    }
    let value = node.need(Rule::argument_value)?.only()?;
    let literal = match value.rule() {
        Rule::variable => return Err(value.not_yet("variables")),
        Rule::literal => literal::literal(&value)?,
        _ => site.scope.consts.get(&value.name()).cloned().ok_or_else(|| value.wrong("no constant of that name"))?,
    };
    let path: Vec<String> = field.inner().map(|part| part.name()).collect();
    let (ty, may_be_absent) = site.args.and_then(|args| place(args, &path)).ok_or_else(|| field.wrong("there is no such field"))?;
    let (tag, literal): (Tag, Literal) = plain_literal(literal, &ty).ok_or_else(|| value.wrong("the literal is no value of the field"))?;
    let equal = Cond::Compare(Op::Eq, tag, Term::Arg(path.clone()), Term::Literal(literal));
    Ok(if may_be_absent { Cond::And(vec![Cond::Present(Term::Arg(path)), equal]) } else { equal })
}

/// The type at the end of a path of fields, and whether any part of the path may be absent.
fn place(record: &Record, path: &[String]) -> Option<(Type, bool)> {
    let (first, rest) = path.split_first()?;
    let field = record.field(first)?;
    if rest.is_empty() {
        return Some((field.ty.clone(), field.may_be_absent()));
    }
    let Type::Record(inner) = &field.ty else { return None };
    let (ty, below) = place(inner, rest)?;
    Some((ty, field.may_be_absent() || below))
}
