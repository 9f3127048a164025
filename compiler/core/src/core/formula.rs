//! Event patterns and past-time formulas of the core form.
//!
//! In and out: plain data. Invariant: a letter of kind `Ok`, `Failed` or `Result` names tools only; `Event` names host events only.
//! Source: `lang-spec/core-form.md`, [core.pattern] and [core.formula].

use super::{Cond, EventId, LabelId, PersonaId, ToolId};

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
    /// Tools or host events with their guards.
    pub cases: PatternCases,
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
