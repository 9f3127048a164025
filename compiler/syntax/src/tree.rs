//! The syntax tree: plain data, one type a construct, as the author wrote it.
//!
//! In: what [`crate::parse`] read. Out: what name resolution starts from.
//! Invariants: every node has a span in its file; declarations, items and steps stand in source order; redundant
//! parentheses leave no node. Names are unresolved text, and nothing here has been checked beyond the grammar: a
//! [`Path`] may name a tool, a group or an event, a call in a condition may name a built-in function or a `define`.
//! Left out: comments and layout, which live in the token stream. Source: `lang-spec/grammar.pest`.

#![allow(clippy::large_enum_variant, reason = "a tree is made once and matched often; boxes would only hide its shape")]

mod condition;
mod declaration;
mod permission;
mod sequence;
mod test;
mod types;

pub use condition::{ArithmeticOperator, CompareOperator, Expr, ExprKind, Literal, LiteralKind, Quantifier};
pub use declaration::{
    Const, ContextBlock, DeclKind, Declaration, Define, Detector, DetectorPart, Effect, EffectKind, Event, Everyone, Group, Import,
    ImportKind, Label, LabelKind, Persona, Refine, Tool,
};
pub use permission::{
    Arm, ItemKind, OnBlock, Otherwise, OtherwiseVerdict, Permission, PersonaItem, ToolPattern, Tools, Verb, Verdict, VerdictKind,
};
pub use sequence::{
    Action, ActionKind, Argument, ArgumentField, ArgumentStep, ArgumentValue, EventPattern, Forbid, Gap, GapClause, GapClauseKind, Key,
    KeyKind, Limit, LimitKind, Mode, ModeKind, Outcome, OutcomeKind, Period, Protocol, ProtocolItem, ProtocolKind, ProtocolNode, Repeat,
    Require, Requirement, Rule, RuleHead, Scan, ScanAction, ScanPlace, Sequence, SequenceKind, Target, TargetKind, ThenStep,
};
pub use test::{
    Assertion, AssertionKind, ExpectedVerdict, RuleReference, Test, TestCall, TestStep, TestStepKind, Value, ValueField, ValueKind,
};
pub use types::{Field, TypeExpr, TypeKind};

use crate::span::Span;

/// A whole module.
#[derive(Clone, PartialEq, Debug)]
pub struct File {
    /// The version of the `language` line; `None` only in a file with errors.
    pub language: Option<Number>,
    /// The declarations that could be read, in source order.
    pub declarations: Vec<Declaration>,
    /// The whole file.
    pub span: Span,
}

/// A simple name; for a name in backticks the text between them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Where it stands, with its backticks.
    pub span: Span,
}

/// A dotted name such as `crm.get_customer`: at least one segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// The parts between the dots.
    pub segments: Vec<Name>,
    /// Where it stands.
    pub span: Span,
}

impl Path {
    /// The name as the run time spells it: the segments joined by dots, no backticks.
    pub fn text(&self) -> String {
        let parts: Vec<&str> = self.segments.iter().map(|segment| segment.text.as_str()).collect();
        parts.join(".")
    }

    /// The only segment, where there is one only.
    pub fn single(&self) -> Option<&Name> {
        match self.segments.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }
}

/// A string literal where only a string may stand, escapes resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// What the string says.
    pub value: String,
    /// Where it stands, with its quotes.
    pub span: Span,
}

/// A number that may not be negative: a version, a count, a capacity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number {
    /// Its value.
    pub value: u64,
    /// Where it stands.
    pub span: Span,
}

/// A length of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Duration {
    /// Milliseconds.
    pub millis: u64,
    /// Where it stands.
    pub span: Span,
}

/// One `///` comment line in front of what it documents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doc {
    /// The line without its slashes and without one leading space.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}
