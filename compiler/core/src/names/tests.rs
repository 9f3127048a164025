//! `test` blocks as plain data that a runner can put to the engine.
//!
//! In: `tree::Test` and the [`Symbols`]. Out: [`Test`], with names resolved and argument values written as JSON.
//! Invariants: every tool, event, persona, label and rule that a step names exists; every argument list is one JSON object whose
//! members stand as written. Left out: whether the arguments fit the tool's types, which the engine says (`malformed_arguments`
//! is a verdict that a test may expect). Source: `lang-spec/catalogs.md`, [names.spaces].

use leverframe_syntax::Span;

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
