//! Event patterns and past-time formulas of the core form.
//!
//! In and out: plain data. Invariant: a letter of kind `Ok`, `Failed` or `Result` names tools only; `Event` names host events only.
//! Source: `lang-spec/core-form.md`, [core.pattern] and [core.formula].

use super::{Cond, EventId, LabelId, PersonaId, ToolId, TypeTag};

/// The kind of letter that a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LetterKind {
    /// An admitted call.
    Call,
    /// A succeeded result.
    Ok,
    /// A failed result.
    Failed,
    /// Any result.
    Result,
    /// A host event.
    Event,
    /// A refused attempt.
    Denied,
}

/// What an event pattern matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// One part, or two where the target mixes tools (first) and host events.
    pub parts: Vec<PatternPart>,
}

/// A pattern of one letter kind.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternPart {
    /// The kind of letter.
    pub kind: LetterKind,
    /// Only calls that were asked and approved.
    pub approved: bool,
    /// Only this persona's.
    pub by: Option<PersonaId>,
    /// Only results that carry this label.
    pub label: Option<LabelId>,
    /// Of denied attempts: also those on tools that the policy does not know.
    pub unknown: bool,
    /// The variables that it binds, by name.
    pub bindings: Vec<Binding>,
    /// Tools or host events with their guards.
    pub cases: PatternCases,
}

/// A variable and where its value stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The variable's name.
    pub name: String,
    /// Its value's place.
    pub value: ValuePath,
}

/// The place of a value, or of several, in a letter.
#[derive(Clone, Debug, PartialEq)]
pub struct ValuePath {
    /// What it compares as.
    pub tag: TypeTag,
    /// Whether it stands in the result; otherwise in the arguments.
    pub result: bool,
    /// The way to it.
    pub steps: Vec<ValueStep>,
}

/// A step of the way to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueStep {
    /// Into a field.
    Field(String),
    /// Into each element of a list.
    Each,
}

/// The cases of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternCases {
    /// Of tools, in the order of each case's first name.
    Tools(Vec<Case<ToolId>>),
    /// Of host events.
    Events(Vec<Case<EventId>>),
}

/// Names that share one guard.
#[derive(Clone, Debug, PartialEq)]
pub struct Case<Id> {
    /// By name.
    pub names: Vec<Id>,
    /// What must hold of the arguments.
    pub guard: Cond,
}

/// A past-time formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// The beginning of the history.
    Start,
    /// The letter matches.
    Match(Pattern),
    /// All of them.
    And(Vec<Formula>),
    /// Any of them.
    Or(Vec<Formula>),
    /// The contrary.
    Not(Box<Formula>),
    /// It held at an earlier letter, and the gap is as the clause says.
    Prev(Box<Formula>, Clause),
    /// The pattern matched an earlier letter since the last reset.
    Met {
        /// What must have happened.
        pattern: Pattern,
        /// At most so many milliseconds ago.
        within_ms: Option<u64>,
        /// What makes it forgotten.
        reset: Option<Pattern>,
    },
    /// It holds by way of a match that began at most so many milliseconds before.
    Span(u64, Box<Formula>),
    /// It holds; for the innermost span around it, a match begins here.
    From(Box<Formula>),
}

/// A regular expression over events.
#[derive(Clone, Debug, PartialEq)]
pub enum Protocol {
    /// One event.
    Event(Pattern),
    /// One after the other.
    Then(Vec<Protocol>),
    /// Any of them.
    Or(Vec<Protocol>),
    /// Zero times or more.
    Many(Box<Protocol>),
    /// Once or more.
    Some(Box<Protocol>),
    /// At most once.
    Maybe(Box<Protocol>),
}

/// What must hold of the gap of a `prev`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clause {
    /// At most so many milliseconds long.
    pub within_ms: Option<u64>,
    /// None of these inside.
    pub unless: Vec<Pattern>,
    /// No admitted call inside.
    pub next: bool,
}
