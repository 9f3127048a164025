//! Rules over histories: `forbid`, `require`, `limit`.
//!
//! In: the declarations. Out: the rules in deciding order: all forbids, then requires, then limits, each in module and source order, wherever they stand.
//! Invariant: a rule written in a persona judges that persona and all that extend it. Source: language sections 4, 5 and 9; `lang-spec/core-form.md`,
//! [core.rule] and the names of [core.file].

use std::collections::BTreeSet;

use crate::grammar::{Node, Rule as Grammar};
use crate::literal;
use crate::policy::{Action, Body, Key, Kind, Pattern, Rule};
use crate::refusal::Refusal;

use super::effects::Effects;
use super::pattern::{Names, Place};
use super::personas::Personas;
use super::scope::Scope;
use super::sequence::sequence;

/// Where a rule is written.
#[derive(Clone, Copy)]
enum Owner<'p> {
    Top,
    Everyone,
    Persona(&'p str),
}

struct Rules<'s, 'a> {
    names: Names<'s, 'a>,
    personas: &'s Personas<'a>,
    forbids: Vec<Rule>,
    requires: Vec<Rule>,
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
    let mut rules = Rules { names, personas, forbids: vec![], requires: vec![], limits: vec![], taken: BTreeSet::new(), counted: (0, 0) };
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
    Ok([rules.forbids, rules.requires, rules.limits].concat())
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
                let body = self.requirement(&node.need(Grammar::requirement)?)?;
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
            Grammar::protocol_rule => return Err(node.not_yet("`protocol`")),
            Grammar::scan_rule => return Err(node.not_yet("`scan`")),
            _ => {}
        }
        Ok(())
    }

    /// A forbid or a require, with its head.
    fn headed(&mut self, node: &Node<'_>, owner: Owner<'_>, body: Body) -> Result<Rule, Refusal> {
        let head = node.need(Grammar::rule_head)?;
        let name = head.child_name()?;
        self.take_name(&head, &name)?;
        let key = match head.child(Grammar::per_key) {
            Some(per) if per.has(Grammar::capacity) => return Err(per.not_yet("`capacity`")),
            Some(per) => key(&per.need(Grammar::key)?),
            None => Key::Session,
        };
        let why = literal::optional_text(&head)?;
        Ok(Rule { name, key, scope: self.scope_of(owner), action: action(node)?, why, body })
    }

    fn take_name(&mut self, node: &Node<'_>, name: &str) -> Result<(), Refusal> {
        let fresh = self.taken.insert(name.to_owned());
        if fresh { Ok(()) } else { Err(node.wrong(format!("two rules are called `{name}`"))) }
    }

    fn scope_of(&self, owner: Owner<'_>) -> Option<Vec<String>> {
        match owner {
            Owner::Persona(persona) => Some(self.personas.extending(persona)),
            Owner::Top | Owner::Everyone => None,
        }
    }

    fn requirement(&self, node: &Node<'_>) -> Result<Body, Refusal> {
        let mut events: Vec<Node<'_>> = node.children(Grammar::event).collect();
        let target = events.pop().ok_or_else(|| node.wrong("a target is missing"))?;
        let prerequisites: Result<Vec<Pattern>, Refusal> = events.iter().map(|event| self.names.pattern(event, Place::Succeeded)).collect();
        let reset = match node.child(Grammar::reset_clause) {
            Some(clause) => Some(self.names.pattern(&clause.need(Grammar::event)?, Place::Admitted)?),
            None => None,
        };
        let within = node.child(Grammar::duration).map(|duration| literal::duration(&duration)).transpose()?;
        let pattern = self.names.pattern(&target, Place::Admitted)?;
        if pattern.parts.iter().any(|part| part.kind != Kind::Call) {
            return Err(target.wrong("only a call can be denied"));
        }
        Ok(Body::Require { prerequisites: prerequisites?, target: pattern, within, reset })
    }

    fn limit(&mut self, node: &Node<'_>, owner: Owner<'_>, number: usize) -> Result<Rule, Refusal> {
        for (rule, construct) in [
            (Grammar::limit_sum, "`limit sum`"),
            (Grammar::limit_distinct, "`limit distinct`"),
            (Grammar::limit_identical, "`limit identical`"),
        ] {
            if node.has(rule) {
                return Err(node.not_yet(construct));
            }
        }
        let limit = node.need(Grammar::limit_count)?;
        let count = literal::count(&limit.need(Grammar::natural)?)?;
        let event = self.names.pattern(&limit.need(Grammar::event)?, Place::Admitted)?;
        for part in &event.parts {
            match part.kind {
                Kind::Call => {}
                Kind::Event => return Err(limit.wrong("a limit on a host event")),
                Kind::Ok | Kind::Failed | Kind::Result => return Err(limit.not_yet("a limit on results")),
            }
        }
        let period = limit.need(Grammar::limit_period)?;
        if period.has(Grammar::capacity) {
            return Err(period.not_yet("`capacity`"));
        }
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
        let body = Body::Limit { count, window, event };
        Ok(Rule { name, key: per.unwrap_or(Key::Session), scope: self.scope_of(owner), action: action(node)?, why: None, body })
    }
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
