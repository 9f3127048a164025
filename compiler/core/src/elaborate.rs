//! From a typed policy to the core form.
//!
//! In: the symbol tables. Out of typing: [`Typed`] and findings. Out of elaboration: [`Core`] with its [`Origins`]. Invariants: every order is the
//! one that the page fixes; a [`Typed`] exists only where nothing is wrong, so elaboration refuses nothing but what is too large.
//! Source: `lang-spec/core-form.md`, [core.file] and [core.rule].

use leverframe_syntax::Diagnostic;

use crate::core::{Assertion, ContextField, Core, Event, Label, Origins, Persona, Rule, Tool, ToolRules};
use crate::names::symbols::Symbols;
use crate::permissions::{self, Places, Stated};
use crate::rules::assertion::TypedAssertion;
use crate::rules::{RuleChecker, TypedRules, formula};
use crate::types::Checker;

/// A policy whose every condition, pattern and rule is well typed.
#[derive(Debug)]
pub struct Typed<'a> {
    symbols: &'a Symbols,
    tools: Vec<Tool>,
    everyone: Vec<ToolRules>,
    personas: Vec<Persona>,
    rules: TypedRules,
    assertions: Vec<TypedAssertion>,
    places: Places,
}

/// A policy in core form, and what is beside it.
#[derive(Debug)]
pub struct Elaborated {
    /// What it means.
    pub core: Core,
    /// What should hold of all sessions, in module and source order.
    pub assertions: Vec<Assertion>,
    /// Where it was written.
    pub origins: Origins,
}

impl<'a> Typed<'a> {
    /// Types a policy: findings, and the typed policy where none of them is an error.
    #[must_use]
    pub fn new(symbols: &'a Symbols) -> (Option<Self>, Vec<Diagnostic>) {
        let mut checker = Checker::new(symbols);
        let mut places = Places::new();
        let tools = permissions::tools_with_effects(&mut checker);
        let everyone = permissions::by_tool(permissions::everyone(&mut checker, &mut places));
        let stated: Vec<Stated> = symbols.personas.iter().map(|persona| permissions::stated(&mut checker, persona, &mut places)).collect();
        let personas = permissions::personas(&mut checker, &stated);
        let mut of_rules = RuleChecker::new(&mut checker, &tools);
        let rules = of_rules.rules();
        let assertions = of_rules.assertions();
        places.extend(rules.rules.iter().map(|rule| (rule.name.clone(), rule.span)));
        places.extend(rules.scans.iter().map(|typed| (typed.scan.name.clone(), typed.span)));
        let found = once_a_place(checker.found);
        let sound = !found.iter().any(Diagnostic::is_error);
        (sound.then_some(Self { symbols, tools, everyone, personas, rules, assertions, places }), found)
    }

    /// The policy in core form with its assertions, and where its rules and scans were written.
    ///
    /// # Errors
    /// `LF0708` for each rule and assertion whose formula would be too large.
    pub fn elaborate(self) -> Result<Elaborated, Vec<Diagnostic>> {
        let mut rules = Vec::with_capacity(self.rules.rules.len());
        let mut too_large = Vec::new();
        for rule in self.rules.rules {
            match formula::body(&rule) {
                Ok(body) => rules.push(Rule {
                    kind: rule.kind,
                    name: rule.name,
                    key: rule.key,
                    scope: rule.scope,
                    action: rule.action,
                    why: rule.why,
                    body,
                    capacity: rule.capacity,
                }),
                Err(found) => too_large.push(found),
            }
        }
        let mut assertions = Vec::with_capacity(self.assertions.len());
        for assertion in self.assertions {
            match assertion.elaborate() {
                Ok(assertion) => assertions.push(assertion),
                Err(found) => too_large.push(found),
            }
        }
        if !too_large.is_empty() {
            return Err(too_large);
        }
        // Deciding order; within a kind the order of the source stays.
        rules.sort_by_key(|rule| rule.kind);
        let symbols = self.symbols;
        let core = Core {
            labels: symbols.labels.iter().map(|label| Label { name: label.name.text.clone(), kind: label.kind }).collect(),
            context: symbols.context.iter().map(|field| ContextField { name: field.name.text.clone(), ty: field.ty.clone() }).collect(),
            events: symbols.events.iter().map(|event| Event { name: event.name.clone(), args: event.args.clone() }).collect(),
            tools: self.tools,
            everyone: self.everyone,
            personas: self.personas,
            rules,
            detectors: self.rules.detectors,
            scans: self.rules.scans.into_iter().map(|typed| typed.scan).collect(),
        };
        Ok(Elaborated { core, assertions, origins: Origins { rules: self.places.into_iter().collect() } })
    }
}

/// One finding of a code at one place: a pattern on several tools is typed for each, and is wrong once.
fn once_a_place(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = std::collections::BTreeSet::new();
    found.into_iter().filter(|found| seen.insert((found.code, found.span()))).collect()
}
