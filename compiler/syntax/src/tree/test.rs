//! Assertions and tests, as written (language.md section 7).

use super::{Duration, Literal, Name, Path, Requirement, Sequence, Text};
use crate::span::Span;

/// `assert NAME ["why"] …`
#[derive(Clone, PartialEq, Debug)]
pub struct Assertion {
    /// Its name.
    pub name: Name,
    /// Why it should hold.
    pub why: Option<Text>,
    /// What it says.
    pub kind: AssertionKind,
}

/// What an assertion says.
#[derive(Clone, PartialEq, Debug)]
pub enum AssertionKind {
    /// `never { sequence } [for PERSONA, …] [without approval]`
    Never {
        /// What never happens.
        sequence: Sequence,
        /// Of which personas; of all where empty.
        personas: Vec<Name>,
        /// Where `without approval` stands, if it does.
        without_approval: Option<Span>,
    },
    /// `always { requirement } [for PERSONA, …]`
    Always {
        /// What always comes first.
        requirement: Requirement,
        /// Of which personas; of all where empty.
        personas: Vec<Name>,
    },
    /// `can PERSONA { sequence }`
    Can {
        /// Who.
        persona: Name,
        /// What can happen.
        sequence: Sequence,
    },
}

/// `test "name" { … }`
#[derive(Clone, PartialEq, Debug)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// Its steps, in source order.
    pub steps: Vec<TestStep>,
}

/// A step of a test.
#[derive(Clone, PartialEq, Debug)]
pub struct TestStep {
    /// What happens.
    pub kind: TestStepKind,
    /// Where it stands.
    pub span: Span,
}

/// The steps of a test.
#[derive(Clone, PartialEq, Debug)]
pub enum TestStepKind {
    /// `as PERSONA`: the calls from here on are those of a session of this persona.
    As(Name),
    /// `wait D`
    Wait(Duration),
    /// `EVENT(…)`: a host event.
    Event {
        /// The event.
        event: Path,
        /// Its fields.
        arguments: Vec<ValueField>,
    },
    /// `CALL => VERDICT …`
    Call(Box<TestCall>),
}

/// `TOOL(…) => VERDICT [by RULE] [, returns LABEL] [, fails] [, approved]`
#[derive(Clone, PartialEq, Debug)]
pub struct TestCall {
    /// The tool.
    pub tool: Path,
    /// Its arguments.
    pub arguments: Vec<ValueField>,
    /// The verdict it must get.
    pub verdict: ExpectedVerdict,
    /// Where the verdict stands.
    pub verdict_span: Span,
    /// The rule that must decide it.
    pub rule: Option<RuleReference>,
    /// The labels its result carries beside the declared ones.
    pub returns: Vec<Name>,
    /// Where `fails` stands, if it does: the call's result is a failure.
    pub fails: Option<Span>,
    /// Where `approved` stands, if it does: the call, when asked about, is approved.
    pub approved: Option<Span>,
}

/// The verdict that a test expects.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExpectedVerdict {
    /// `allow`
    Allow,
    /// `ask`
    Ask,
    /// `deny`
    Deny,
}

/// A rule, named as decisions name it: `ticket_first`, `support.inside`, `support.allow#2`, `support.on(crm.find)#1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleReference {
    /// The name without backticks.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// `field: value` in a test.
#[derive(Clone, PartialEq, Debug)]
pub struct ValueField {
    /// The field.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// Both.
    pub span: Span,
}

/// A whole value in a test.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// The value.
    pub kind: ValueKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a value.
#[derive(Clone, PartialEq, Debug)]
pub enum ValueKind {
    /// A literal.
    Literal(Literal),
    /// The value of a constant.
    Const(Name),
    /// `[a, b]`
    List(Vec<Value>),
    /// `{f: a, g: b}`
    Record(Vec<ValueField>),
}
