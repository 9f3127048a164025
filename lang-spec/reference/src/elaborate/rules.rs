//! Rules over histories: `forbid`, `require`, `protocol`, `limit`.
//!
//! In: the declarations. Out: the rules in deciding order: all forbids, then requires, then protocols, then limits, each in module and source order, wherever they stand.
//! Invariant: a rule written in a persona judges that persona and all that extend it. Source: language sections 4, 5 and 9; `lang-spec/core-form.md`,
//! [core.rule] and the names of [core.file].

use std::collections::BTreeSet;

use crate::grammar::{Node, Rule as Grammar};
use crate::limits::CAPACITY;
use crate::literal;
use crate::policy::{Action, Body, Expression, Key, Kind, Measure, Pattern, Rule, Tag};
use crate::refusal::Refusal;

use super::effects::Effects;
use super::measure;
use super::pattern::{Names, Place};
use super::personas::Personas;
use super::scope::Scope;
use super::sequence::sequence;

/// Where a rule is written.
#[derive(Clone, Copy)]
pub(super) enum Owner<'p> {
    Top,
    Everyone,
    Persona(&'p str),
}

struct Rules<'s, 'a> {
    names: Names<'s, 'a>,
    personas: &'s Personas<'a>,
    forbids: Vec<Rule>,
    requires: Vec<Rule>,
    protocols: Vec<Rule>,
    limits: Vec<Rule>,
    taken: BTreeSet<String>,
    /// Limits so far at top level and in `everyone`.
    counted: (usize, usize),
}

/// Reads the rules of a policy.
pub(super) fn read<'a>(
    scope: &Scope<'a>,
    effects: &Effects,
    personas: &Personas<'a>,
    declarations: &[Node<'a>],
) -> Result<Vec<Rule>, Refusal> {
    let names = Names { scope, effects };
    let mut rules = Rules {
        names,
        personas,
        forbids: vec![],
        requires: vec![],
        protocols: vec![],
        limits: vec![],
        taken: BTreeSet::new(),
        counted: (0, 0),
    };
    for node in declarations {
        match node.rule() {
            Grammar::persona_declaration => {
                let persona = node.need(Grammar::persona_head)?.child_name()?;
                rules.block(node, Owner::Persona(&persona))?;
            }
            Grammar::everyone_declaration => rules.block(node, Owner::Everyone)?,
            _ => rules.rule(node, Owner::Top, &mut 0)?,
        }
    }
    let mut all = [rules.forbids, rules.requires, rules.protocols, rules.limits].concat();
    all.iter_mut().for_each(Rule::number_patterns);
    Ok(all)
}

impl Rules<'_, '_> {
    fn block(&mut self, block: &Node<'_>, owner: Owner<'_>) -> Result<(), Refusal> {
        let mut limits = 0;
        block.inner().try_for_each(|item| self.rule(&item, owner, &mut limits))
    }

    fn rule(&mut self, node: &Node<'_>, owner: Owner<'_>, limits_of_block: &mut usize) -> Result<(), Refusal> {
        match node.rule() {
            Grammar::forbid_rule => {
                let body = Body::Forbid(sequence(self.names, &node.need(Grammar::sequence)?)?);
                let rule = self.headed(node, owner, body)?;
                self.forbids.push(rule);
            }
            Grammar::require_rule => {
                let (target, body) = requirement(self.names, &node.need(Grammar::requirement)?)?;
                if let Body::Require { target: pattern, .. } = &body
                    && pattern.parts.iter().any(|part| part.kind != Kind::Call)
                {
                    return Err(target.wrong("only a call can be denied"));
                }
                let rule = self.headed(node, owner, body)?;
                self.requires.push(rule);
            }
            Grammar::limit_rule => {
                let number = match owner {
                    Owner::Persona(_) => &mut *limits_of_block,
                    Owner::Everyone => &mut self.counted.1,
                    Owner::Top => &mut self.counted.0,
                };
                *number += 1;
                let number = *number;
                let rule = self.limit(node, owner, number)?;
                self.limits.push(rule);
            }
            Grammar::protocol_rule => {
                let body = Body::Protocol(self.expression(&node.need(Grammar::protocol_body)?)?);
                let rule = self.headed(node, owner, body)?;
                self.protocols.push(rule);
            }
            _ => {}
        }
        Ok(())
    }

    /// A forbid or a require, with its head.
    fn headed(&mut self, node: &Node<'_>, owner: Owner<'_>, body: Body) -> Result<Rule, Refusal> {
        let head = node.need(Grammar::rule_head)?;
        let name = head.child_name()?;
        self.take_name(&head, &name)?;
        let per = head.child(Grammar::per_key);
        let key = per.as_ref().map(|per| per.need(Grammar::key).map(|node| key(&node))).transpose()?.unwrap_or(Key::Session);
        let why = literal::optional_text(&head)?;
        let rule = Rule { name, key, scope: self.personas.scope_of(owner), action: action(node)?, why, body, capacity: None };
        kept_apart(rule, node, per.and_then(|per| per.child(Grammar::capacity)))
    }

    fn take_name(&mut self, node: &Node<'_>, name: &str) -> Result<(), Refusal> {
        let fresh = self.taken.insert(name.to_owned());
        if fresh { Ok(()) } else { Err(node.wrong(format!("two rules are called `{name}`"))) }
    }

    fn expression(&self, node: &Node<'_>) -> Result<Expression, Refusal> {
        let items: Result<Vec<Expression>, Refusal> = node.children(Grammar::protocol_item).map(|item| self.item(&item)).collect();
        let mut items = items?;
        if node.has(Grammar::kw_or) {
            return Ok(Expression::Or(items));
        }
        if items.len() > 1 {
            return Ok(Expression::Then(items));
        }
        items.pop().ok_or_else(|| node.wrong("nothing here"))
    }

    fn item(&self, node: &Node<'_>) -> Result<Expression, Refusal> {
        let Some(group) = node.child(Grammar::protocol_group) else {
            return self.names.pattern(&node.need(Grammar::event)?, Place::Admitted).map(Expression::Event);
        };
        let inner = self.expression(&group.need(Grammar::protocol_body)?)?;
        let Some(repeat) = group.child(Grammar::protocol_repeat) else { return Ok(inner) };
        let make = match repeat.only()?.rule() {
            Grammar::kw_many => Expression::Many,
            Grammar::kw_some => Expression::Some,
            _ => Expression::Maybe,
        };
        Ok(make(Box::new(inner)))
    }

    fn limit(&mut self, node: &Node<'_>, owner: Owner<'_>, number: usize) -> Result<Rule, Refusal> {
        let (limit, measure) = measure::read(node)?;
        let written = limit.need(Grammar::event)?;
        let event = self.names.pattern(&written, Place::Step)?;
        if event.parts.iter().any(|part| part.kind == Kind::Event) {
            return Err(limit.wrong("a limit on a host event"));
        }
        let judged = match event.parts.iter().all(|part| part.kind == Kind::Call) {
            true => None,
            false => Some(self.names.pattern(&written, Place::Judged)?),
        };
        if event.parts.iter().flat_map(|part| &part.binds).any(|bind| bind.path.of_result) {
            return Err(limit.wrong("the call to come has no result whose field a variable could take"));
        }
        let measure = measure::typed(self.names.scope, measure, &event, &limit)?;
        let period = limit.need(Grammar::limit_period)?;
        let per = period.child(Grammar::limit_key).map(|per| per.need(Grammar::key).map(|node| key(&node))).transpose()?;
        let window = period.child(Grammar::duration).map(|duration| literal::duration(&duration)).transpose()?;
        if window.is_none() && per.is_some_and(|key| key != Key::Session) {
            return Err(period.wrong("`per session` takes no other key"));
        }
        let name = match node.child(Grammar::permission_name) {
            Some(name) => {
                let written = name.child_name()?;
                self.take_name(&name, &written)?;
                written
            }
            None => unnamed(owner, number),
        };
        let body = Body::Limit { measure, window, event, judged };
        let key = per.unwrap_or(Key::Session);
        let rule = Rule { name, key, scope: self.personas.scope_of(owner), action: action(node)?, why: None, body, capacity: None };
        kept_apart(rule, node, period.child(Grammar::capacity))
    }
}

/// What a `require` says, and where its target stands.
pub(super) fn requirement<'n>(names: Names<'_, '_>, node: &Node<'n>) -> Result<(Node<'n>, Body), Refusal> {
    let mut events: Vec<Node<'n>> = node.children(Grammar::event).collect();
    let target = events.pop().ok_or_else(|| node.wrong("a target is missing"))?;
    let prerequisites = events.iter().map(|event| names.pattern(event, Place::Succeeded)).collect::<Result<Vec<Pattern>, Refusal>>()?;
    let reset = match node.child(Grammar::reset_clause) {
        Some(clause) => Some(names.pattern(&clause.need(Grammar::event)?, Place::Admitted)?),
        None => None,
    };
    let within = node.child(Grammar::duration).map(|duration| literal::duration(&duration)).transpose()?;
    let pattern = names.pattern(&target, Place::Admitted)?;
    Ok((target, Body::Require { prerequisites, target: pattern, within, reset }))
}

/// The rule with its capacity, if it keeps values apart; all its uses of variables agree.
pub(super) fn kept_apart(rule: Rule, node: &Node<'_>, capacity: Option<Node<'_>>) -> Result<Rule, Refusal> {
    let patterns = rule.patterns();
    let of_pattern = |pattern: &&Pattern| {
        let binds = pattern.parts.first().into_iter().flat_map(|part| &part.binds);
        binds.map(|bind| (bind.variable.clone(), bind.tag)).collect::<Vec<_>>()
    };
    let uses: Vec<Vec<(String, Tag)>> = patterns.iter().map(of_pattern).filter(|uses| !uses.is_empty()).collect();
    if uses.windows(2).any(|pair| matches!(pair, [a, b] if a != b)) {
        return Err(node.wrong("every pattern that has variables has all of them, each of one type"));
    }
    let (is_limit, identical) = match &rule.body {
        Body::Limit { measure, .. } => (true, matches!(measure, Measure::Identical(_))),
        _ => (false, false),
    };
    let mut written = Vec::new();
    variables(node, &mut written);
    if uses.len() == 1 && !is_limit && written.iter().any(|one| written.iter().filter(|other| *other == one).count() == 1) {
        return Err(node.wrong("a variable is used once"));
    }
    let given = capacity.as_ref().map(|capacity| literal::count(&capacity.need(Grammar::natural)?)).transpose()?;
    match (given, written.is_empty() && !identical) {
        (Some(_), true) => Err(node.wrong("`capacity` on a rule without variables")),
        (_, true) => Ok(rule),
        (given, false) => Ok(Rule { capacity: Some(given.unwrap_or(CAPACITY)), ..rule }),
    }
}

/// The variables of a rule, as often as they are written. A pattern that stands on no tool binds nothing, and its variables are there all the same.
fn variables<'a>(node: &Node<'a>, written: &mut Vec<&'a str>) {
    if node.rule() == Grammar::variable {
        written.push(node.text());
    }
    node.inner().for_each(|inner| variables(&inner, written));
}

fn unnamed(owner: Owner<'_>, number: usize) -> String {
    match owner {
        Owner::Persona(persona) => format!("{persona}.limit#{number}"),
        Owner::Everyone => format!("everyone.limit#{number}"),
        Owner::Top => format!("limit#{number}"),
    }
}

fn key(node: &Node<'_>) -> Key {
    if node.has(Grammar::kw_principal) {
        Key::Principal
    } else if node.has(Grammar::kw_agent) {
        Key::Agent
    } else if node.has(Grammar::kw_tenant) {
        Key::Tenant
    } else {
        Key::Session
    }
}

fn action(node: &Node<'_>) -> Result<Action, Refusal> {
    let Some(clause) = node.child(Grammar::action_clause) else { return Ok(Action::Deny) };
    let action = clause.need(Grammar::action)?;
    Ok(if action.has(Grammar::kw_ask) {
        Action::Ask(action.child(Grammar::by_whom).map(|by| literal::text(&by.need(Grammar::string)?)).transpose()?)
    } else if action.has(Grammar::end_session) {
        Action::EndSession
    } else if action.has(Grammar::kw_observe) {
        Action::Observe
    } else {
        Action::Deny
    })
}
