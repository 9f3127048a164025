//! Rules over histories typed: forbids, requirements, limits, and what is refused for now.
//!
//! In: the symbol tables and the tools with their effects. Out: rules whose patterns are those of the core form and whose sequences still have
//! their shape ([`Step`]). Invariants: a sequence that is returned ends in calls and has its gap clauses where they mean something; a rule that uses
//! what is not compiled yet is checked like any other and then refused by name.
//! Left out: formulas, which [`formula`] makes. Source: language section 5; `lang-spec/core-form.md`, [core.pattern] and [core.rule].

pub(crate) mod assertion;
mod content;
pub(crate) mod formula;
mod limit;
mod pattern;
mod problem;
mod requirement;
mod sequence;
mod shape;
mod variables;

use std::collections::BTreeSet;

use leverframe_syntax::{Diagnostic, Span, tree};

use crate::core::{Action, Clause, Key, Pattern, PersonaId, RuleKind, Scope, Tool};
use crate::names::report;
use crate::types::Checker;
use variables::Uses;

/// A rule with its patterns typed.
#[derive(Debug)]
pub(crate) struct TypedRule {
    pub(crate) kind: RuleKind,
    pub(crate) name: String,
    pub(crate) key: Key,
    pub(crate) scope: Scope,
    pub(crate) action: Action,
    pub(crate) why: Option<String>,
    pub(crate) body: TypedBody,
    pub(crate) span: Span,
}

/// What a rule says.
#[derive(Debug)]
pub(crate) enum TypedBody {
    /// A sequence that may not happen.
    Forbid(Step),
    /// What must have happened before what.
    Require(Requirement),
    /// How often something may happen.
    Limit {
        /// How many are let through.
        count: u32,
        /// Window in milliseconds; none: the whole history.
        window_ms: Option<u64>,
        /// What counts.
        event: Pattern,
    },
}

/// The body of a requirement.
#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) prerequisites: Vec<Pattern>,
    pub(crate) target: Pattern,
    pub(crate) within_ms: Option<u64>,
    pub(crate) reset: Option<Pattern>,
}

/// A sequence of events, or a part of one.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The beginning of the history.
    Start,
    /// One event.
    Event(Pattern),
    /// One after the other, each with the gap before it.
    Then(Box<Step>, Vec<(Clause, Step)>),
    /// Any of them.
    Or(Vec<Step>),
    /// All of them, in any order.
    And(Vec<Step>),
    /// So many, one after the other.
    Times(u64, Box<Step>),
}

/// Where an event pattern stands, which says what a plain call counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A step of a sequence.
    Step,
    /// What a limit counts.
    Limit,
    /// What a requirement guards.
    Target,
    /// What makes a requirement's memory forgotten.
    Reset,
    /// What a requirement asks for.
    Prerequisite,
    /// What a gap excludes.
    Unless,
}

/// Types the rules of a policy, one after the other.
pub(crate) struct RuleChecker<'c, 'a> {
    pub(crate) checker: &'c mut Checker<'a>,
    /// The tools with their effects.
    tools: &'c [Tool],
    /// Whose history the rule at hand reads.
    key: Key,
    /// Whether what is at hand denies; an assertion does not.
    denies: bool,
    /// The variables of the rule at hand.
    uses: Uses,
    /// What the rule at hand was refused for.
    refused: BTreeSet<&'static str>,
}

impl<'c, 'a> RuleChecker<'c, 'a> {
    pub(crate) fn new(checker: &'c mut Checker<'a>, tools: &'c [Tool]) -> Self {
        Self { checker, tools, key: Key::Session, denies: true, uses: Uses::default(), refused: BTreeSet::new() }
    }

    /// All rules, in module and source order, wherever they stand.
    pub(crate) fn rules(&mut self) -> Vec<TypedRule> {
        self.detectors();
        let symbols = self.checker.symbols;
        let mut blocks: Vec<(Owner, &'a tree::Rule, Span)> = Vec::new();
        blocks.extend(symbols.rules.iter().map(|rule| (Owner::Policy, &rule.rule, rule.span)));
        for everyone in &symbols.everyone {
            blocks.extend(items(&everyone.items).map(|(rule, span)| (Owner::Everyone, rule, span)));
        }
        for (at, persona) in symbols.personas.iter().enumerate() {
            let owner = Owner::Persona(PersonaId(u32::try_from(at).unwrap_or(u32::MAX)));
            blocks.extend(items(&persona.items).map(|(rule, span)| (owner, rule, span)));
        }
        let module = |span: Span| symbols.modules.iter().position(|module| module.file == span.file);
        blocks.sort_by_key(|(_, _, span)| (module(*span), span.start));
        let mut limits = limit::Numbers::default();
        blocks.into_iter().filter_map(|(owner, rule, span)| self.rule(owner, rule, span, &mut limits)).collect()
    }

    fn rule(&mut self, owner: Owner, rule: &tree::Rule, span: Span, limits: &mut limit::Numbers) -> Option<TypedRule> {
        self.begin(Key::Session);
        match rule {
            tree::Rule::Forbid(forbid) => {
                let head = self.head(&forbid.head);
                let body = self.forbidden(&forbid.sequence);
                self.finish(owner, RuleKind::Forbid, head, &forbid.action, TypedBody::Forbid(body?), span)
            }
            tree::Rule::Require(require) => {
                let head = self.head(&require.head);
                let body = self.requirement(&require.requirement);
                self.finish(owner, RuleKind::Require, head, &require.action, TypedBody::Require(body?), span)
            }
            tree::Rule::Limit(limit) => {
                let name = limits.name(self.checker.symbols, owner, limit);
                let body = self.limit(limit);
                let head = Head { name, why: None };
                self.finish(owner, RuleKind::Limit, head, &limit.action, body?, span)
            }
            tree::Rule::Protocol(protocol) => {
                self.head(&protocol.head);
                self.protocol(protocol);
                None
            }
            tree::Rule::Scan(scan) => {
                self.scan(scan, span);
                None
            }
        }
    }

    /// Forgets the rule before.
    pub(crate) fn begin(&mut self, key: Key) {
        self.key = key;
        self.uses = Uses::default();
        self.refused.clear();
    }

    fn head(&mut self, head: &tree::RuleHead) -> Head {
        self.key = head.key.map_or(Key::Session, |key| key_of(key.kind));
        if let Some(capacity) = head.capacity {
            self.refuse("`capacity`", capacity.span);
        }
        Head { name: head.name.text.clone(), why: head.why.as_ref().map(|why| why.value.clone()) }
    }

    fn finish(
        &mut self,
        owner: Owner,
        kind: RuleKind,
        head: Head,
        action: &Option<tree::Action>,
        body: TypedBody,
        span: Span,
    ) -> Option<TypedRule> {
        let scope = self.scope(owner);
        let action = action.as_ref().map_or(Action::Deny, action_of);
        let rule = TypedRule { kind, name: head.name, key: self.key, scope, action, why: head.why, body, span };
        self.refused.is_empty().then_some(rule)
    }

    /// A persona's rule judges its calls and those of all that extend it.
    fn scope(&self, owner: Owner) -> Scope {
        let Owner::Persona(owner) = owner else { return Scope::All };
        let personas = self.checker.symbols.personas.iter().enumerate();
        let heirs = personas.filter(|(_, persona)| persona.lineage.contains(&owner));
        Scope::Personas(heirs.map(|(at, _)| PersonaId(u32::try_from(at).unwrap_or(u32::MAX))).collect())
    }

    /// Refuses the rule at hand for a construct that is not compiled yet, once a construct.
    fn refuse(&mut self, construct: &'static str, span: Span) {
        if self.refused.insert(construct) {
            self.checker.report(report::not_compiled(construct, span));
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.checker.report(diagnostic);
    }
}

/// Name and reason of a rule.
struct Head {
    name: String,
    why: Option<String>,
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Policy,
    Everyone,
    Persona(PersonaId),
}

fn items(items: &[tree::PersonaItem]) -> impl Iterator<Item = (&tree::Rule, Span)> {
    items.iter().filter_map(|item| match &item.kind {
        tree::ItemKind::Rule(rule) => Some((rule, item.span)),
        _ => None,
    })
}

fn key_of(kind: tree::KeyKind) -> Key {
    match kind {
        tree::KeyKind::Session => Key::Session,
        tree::KeyKind::Principal => Key::Principal,
        tree::KeyKind::Agent => Key::Agent,
        tree::KeyKind::Tenant => Key::Tenant,
    }
}

fn action_of(action: &tree::Action) -> Action {
    match &action.kind {
        tree::ActionKind::Deny => Action::Deny,
        tree::ActionKind::Ask(who) => Action::Ask(who.as_ref().map(|who| who.value.clone())),
        tree::ActionKind::EndSession => Action::EndSession,
        tree::ActionKind::Observe => Action::Observe,
    }
}
