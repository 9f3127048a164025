//! `test` blocks as plain data that a runner can put to the engine.
//!
//! In: `tree::Test` and the [`Symbols`]. Out: [`Test`], with names resolved and argument values written as JSON.
//! Invariants: every tool, event, persona, label and rule that a step names exists; every argument list is one JSON object whose
//! members stand as written. Left out: whether the arguments fit the tool's types, which the engine says (`malformed_arguments`
//! is a verdict that a test may expect). Source: `lang-spec/catalogs.md`, [names.spaces].

use leverframe_syntax::tree::{self, ExpectedVerdict, TestStepKind, Value, ValueField, ValueKind};
use leverframe_syntax::{Diagnostic, Span};

use super::rule::Names;
use super::suggest::suggest;
use super::symbols::Symbols;
use super::{json, report};
use crate::core::{EventId, LabelId, PersonaId, ToolId, Verdict};

/// A test.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What happens, in order.
    pub steps: Vec<TestStep>,
}

/// A step of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// What happens.
    pub kind: StepKind,
    /// Where it stands.
    pub span: Span,
}

/// The steps of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Calls from here on are of this persona's session (a second `as` begins another session).
    As(PersonaId),
    /// Time passes: milliseconds.
    Wait(u64),
    /// The gateway reports something.
    Event {
        /// What.
        event: EventId,
        /// Its fields, a JSON object.
        args: String,
    },
    /// A call, with what is expected of it.
    Call(Box<TestCall>),
}

/// A call of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestCall {
    /// The persona of the latest `as`.
    pub persona: PersonaId,
    /// The tool.
    pub tool: ToolId,
    /// Its arguments, a JSON object.
    pub args: String,
    /// The verdict it must get.
    pub verdict: Verdict,
    /// Where the verdict stands.
    pub verdict_span: Span,
    /// The rule that must decide it, by its full name.
    pub rule: Option<RuleName>,
    /// Labels of its result beside the declared ones.
    pub returns: Vec<LabelId>,
    /// Whether its result is a failure.
    pub fails: bool,
    /// Whether it is approved when asked about.
    pub approved: bool,
}

/// A rule as decisions name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Resolves a test; steps with a fault are reported and left out.
pub(super) fn resolve(test: &tree::Test, symbols: &Symbols, rules: &Names, found: &mut Vec<Diagnostic>) -> Test {
    let mut resolver = Resolver { symbols, rules, persona: None, found };
    let steps = test.steps.iter().filter_map(|step| {
        let kind = resolver.step(step)?;
        Some(TestStep { kind, span: step.span })
    });
    Test { name: test.name.value.clone(), span: test.name.span, steps: steps.collect() }
}

struct Resolver<'a> {
    symbols: &'a Symbols,
    rules: &'a Names,
    /// The persona of the latest `as`; inside, whether there is one of that name.
    persona: Option<Option<PersonaId>>,
    found: &'a mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn step(&mut self, step: &tree::TestStep) -> Option<StepKind> {
        match &step.kind {
            TestStepKind::As(name) => {
                let persona = self.symbols.persona(name);
                let persona = self.keep(persona);
                self.persona = Some(persona);
                persona.map(StepKind::As)
            }
            TestStepKind::Wait(duration) => Some(StepKind::Wait(duration.millis)),
            TestStepKind::Event { event, arguments } => {
                let event = self.symbols.event(event);
                let event = self.keep(event);
                let args = self.object(arguments);
                self.persona(step.span)?;
                Some(StepKind::Event { event: event?, args: args? })
            }
            TestStepKind::Call(call) => self.call(call, step.span).map(|call| StepKind::Call(Box::new(call))),
        }
    }

    fn call(&mut self, call: &tree::TestCall, span: Span) -> Option<TestCall> {
        let tool = self.symbols.tool(&call.tool);
        let tool = self.keep(tool);
        let args = self.object(&call.arguments);
        let rule = call.rule.as_ref().map(|rule| self.rule(rule));
        let mut returns = Vec::new();
        for name in &call.returns {
            let label = self.symbols.label(name);
            returns.extend(self.keep(label));
        }
        Some(TestCall {
            persona: self.persona(span)?,
            tool: tool?,
            args: args?,
            verdict: match call.verdict {
                ExpectedVerdict::Allow => Verdict::Allow,
                ExpectedVerdict::Ask => Verdict::Ask,
                ExpectedVerdict::Deny => Verdict::Deny,
            },
            verdict_span: call.verdict_span,
            rule,
            returns,
            fails: call.fails.is_some(),
            approved: call.approved.is_some(),
        })
    }

    fn rule(&mut self, rule: &tree::RuleReference) -> RuleName {
        if !self.rules.all.contains(&rule.text) {
            let near = suggest(&rule.text, self.rules.all.iter().map(String::as_str));
            self.found.push(report::unknown_rule(&rule.text, rule.span, near));
        }
        RuleName { text: rule.text.clone(), span: rule.span }
    }

    fn persona(&mut self, span: Span) -> Option<PersonaId> {
        self.persona.unwrap_or_else(|| {
            self.found.push(report::nobody(span));
            // One finding a test is enough.
            self.persona = Some(None);
            None
        })
    }

    fn object(&mut self, fields: &[ValueField]) -> Option<String> {
        let mut members = Vec::new();
        for field in fields {
            let value = self.value(&field.value);
            members.push(value.map(|value| format!("{}:{value}", json::string(&field.name.text))));
        }
        let members: Option<Vec<String>> = members.into_iter().collect();
        Some(format!("{{{}}}", members?.join(",")))
    }

    fn value(&mut self, value: &Value) -> Option<String> {
        match &value.kind {
            ValueKind::Literal(literal) => Some(json::literal(&literal.kind)),
            ValueKind::Const(name) => {
                let found = self.symbols.constant_of(name).map(|constant| json::literal(&constant.value.kind));
                self.keep(found)
            }
            ValueKind::List(elements) => {
                let elements: Vec<Option<String>> = elements.iter().map(|element| self.value(element)).collect();
                let elements: Option<Vec<String>> = elements.into_iter().collect();
                Some(format!("[{}]", elements?.join(",")))
            }
            ValueKind::Record(fields) => self.object(fields),
        }
    }

    fn keep<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|fault| self.found.push(fault)).ok()
    }
}
