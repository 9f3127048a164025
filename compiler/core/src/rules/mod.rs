//! Rules over histories typed: forbids, requirements, protocols, limits, scans.
//!
//! In: the symbol tables and the tools with their effects. Out: rules whose patterns are those of the core form and whose sequences still have
//! their shape ([`Step`]). Invariants: a sequence that is returned ends in calls and has its gap clauses where they mean something; a rule that is
//! returned has a capacity exactly where it keeps values apart.
//! Left out: formulas, which [`formula`] makes. Source: language section 5; `lang-spec/core-form.md`, [core.pattern] and [core.rule].

pub(crate) mod assertion;
mod content;
pub(crate) mod formula;
mod limit;
mod numbers;
mod pattern;
mod problem;
mod protocol;
mod reads;
mod requirement;
mod sequence;
mod shape;
mod uses;
mod variables;

use leverframe_runtime::limits::{CAPACITY, DEFAULT_CAPACITY};
use leverframe_syntax::{Diagnostic, Span, tree};

use crate::core::{self, Action, Clause, Detector, Key, Pattern, PersonaId, RuleKind, Scope, Tool};
use crate::types::Checker;
use numbers::Numbers;
use uses::Uses;

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
    pub(crate) capacity: Option<u32>,
    pub(crate) span: Span,
}

/// A scan with its place.
#[derive(Debug)]
pub(crate) struct TypedScan {
    pub(crate) scan: core::Scan,
    pub(crate) span: Span,
}

/// Everything of a policy that reads histories or content.
#[derive(Debug)]
pub(crate) struct TypedRules {
    /// In module and source order.
    pub(crate) rules: Vec<TypedRule>,
    /// In module and source order.
    pub(crate) detectors: Vec<Detector>,
    /// In module and source order.
    pub(crate) scans: Vec<TypedScan>,
}

/// What a rule says.
#[derive(Debug)]
pub(crate) enum TypedBody {
    /// A sequence that may not happen.
    Forbid(Step),
    /// What must have happened before what.
    Require(Requirement),
    /// What the history must be a beginning of.
    Protocol(core::Protocol),
    /// How often, or how much of it, something may happen.
    Limit(core::Limit),
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
    /// All of it in at most so many milliseconds.
    Within(u64, Box<Step>),
}

/// Where an event pattern stands, which says what a plain call counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A step of a sequence.
    Step,
    /// An event of a protocol.
    Protocol,
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
    /// The scans so far.
    scans: Vec<TypedScan>,
}

impl<'c, 'a> RuleChecker<'c, 'a> {
    pub(crate) fn new(checker: &'c mut Checker<'a>, tools: &'c [Tool]) -> Self {
        Self { checker, tools, key: Key::Session, denies: true, uses: Uses::default(), scans: Vec::new() }
    }

    /// All rules and scans, in module and source order, wherever they stand.
    pub(crate) fn rules(&mut self) -> TypedRules {
        let detectors = self.detectors();
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
        let mut numbers = Numbers::default();
        let rules = blocks.into_iter().filter_map(|(owner, rule, span)| self.rule(owner, rule, span, &mut numbers)).collect();
        TypedRules { rules, detectors, scans: std::mem::take(&mut self.scans) }
    }

    fn rule(&mut self, owner: Owner, rule: &tree::Rule, span: Span, numbers: &mut Numbers) -> Option<TypedRule> {
        self.begin(Key::Session);
        match rule {
            tree::Rule::Forbid(forbid) => {
                let head = self.head(&forbid.head);
                let body = self.forbidden(&forbid.sequence).map(TypedBody::Forbid);
                self.finish(owner, RuleKind::Forbid, head, &forbid.action, body, span)
            }
            tree::Rule::Require(require) => {
                let head = self.head(&require.head);
                let body = self.requirement(&require.requirement).map(TypedBody::Require);
                self.finish(owner, RuleKind::Require, head, &require.action, body, span)
            }
            tree::Rule::Limit(limit) => {
                let name = numbers.limit(self.checker.symbols, owner, limit);
                let body = self.limit(limit).map(TypedBody::Limit);
                let head = Head { name, why: None, capacity: limit.capacity };
                self.finish(owner, RuleKind::Limit, head, &limit.action, body, span)
            }
            tree::Rule::Protocol(protocol) => {
                let head = self.head(&protocol.head);
                let body = self.protocol(&protocol.body).map(TypedBody::Protocol);
                self.finish(owner, RuleKind::Protocol, head, &protocol.action, body, span)
            }
            tree::Rule::Scan(scan) => {
                let name = numbers.scan(self.checker.symbols, owner);
                let scope = self.scope(owner);
                let typed = self.scan(scan, name, scope);
                self.scans.extend(typed.map(|scan| TypedScan { scan, span }));
                None
            }
        }
    }

    /// Forgets the rule before.
    pub(crate) fn begin(&mut self, key: Key) {
        self.key = key;
        self.uses = Uses::default();
    }

    fn head(&mut self, head: &tree::RuleHead) -> Head {
        self.key = head.key.map_or(Key::Session, |key| key_of(key.kind));
        Head { name: head.name.text.clone(), why: head.why.as_ref().map(|why| why.value.clone()), capacity: head.capacity }
    }

    fn finish(
        &mut self,
        owner: Owner,
        kind: RuleKind,
        head: Head,
        action: &Option<tree::Action>,
        body: Option<TypedBody>,
        span: Span,
    ) -> Option<TypedRule> {
        let scope = self.scope(owner);
        let action = action.as_ref().map_or(Action::Deny, action_of);
        let capacity = self.capacity(head.capacity, body.as_ref());
        let body = body?;
        Some(TypedRule { kind, name: head.name, key: self.key, scope, action, why: head.why, body, capacity, span })
    }

    /// How many values the rule at hand keeps; none where it keeps none apart. Of a rule that could not be read only the number is judged.
    fn capacity(&mut self, written: Option<tree::Number>, body: Option<&TypedBody>) -> Option<u32> {
        let identical = matches!(body, Some(TypedBody::Limit(limit)) if matches!(limit.measure, core::Measure::Identical(_)));
        let apart = identical || self.uses.any();
        let Some(number) = written else { return apart.then_some(DEFAULT_CAPACITY) };
        match u32::try_from(number.value) {
            Ok(0) => self.report(problem::no_capacity(number.span)),
            Ok(capacity @ ..=CAPACITY) if apart => return Some(capacity),
            Ok(..=CAPACITY) if body.is_some() => self.report(problem::capacity_of_nothing(number.span)),
            Ok(..=CAPACITY) => {}
            _ => self.report(problem::capacity_bound(number.value, number.span)),
        }
        None
    }

    /// A persona's rule judges its calls and those of all that extend it.
    fn scope(&self, owner: Owner) -> Scope {
        let Owner::Persona(owner) = owner else { return Scope::All };
        let personas = self.checker.symbols.personas.iter().enumerate();
        let heirs = personas.filter(|(_, persona)| persona.lineage.contains(&owner));
        Scope::Personas(heirs.map(|(at, _)| PersonaId(u32::try_from(at).unwrap_or(u32::MAX))).collect())
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.checker.report(diagnostic);
    }
}

/// Name, reason and stated capacity of a rule.
struct Head {
    name: String,
    why: Option<String>,
    capacity: Option<tree::Number>,
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
