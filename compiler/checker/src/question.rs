//! Questions about one letter: is there a call (or a host event, or a result) on which all of these conditions hold?
//!
//! In: conditions of the core form. Out: an [`Answer`], with a concrete example where there is one. Invariants: `Impossible` is said only where no letter
//! at all does; an example has all arguments that its tool requires, in the form in which a call carries them. Left out: histories.
//! Source: verification section 3 ("Decision procedures").

use std::time::Duration;

use leverframe_compiler::core::{Cond, Core, EventId, LabelId, ToolId};
use serde_json::{Map, Value};

use crate::report::Basis;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A call of a tool, or its result.
    Tool(ToolId),
    /// A host event.
    Event(EventId),
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Goal<'a> {
    /// All of these hold.
    pub holds: Vec<Cond>,
    /// All of these can be evaluated (as are those of `holds`): none fails on the letter.
    pub evaluable: Vec<&'a Cond>,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub enum Answer {
    /// There is no such letter.
    Impossible(Basis),
    /// There is one.
    Possible(Box<Example>),
    /// It is not known, and why.
    Unknown(String),
}

/// A letter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example {
    /// Its arguments.
    pub args: Map<String, Value>,
    /// What the gateway supplies: every context field of the policy.
    pub context: Map<String, Value>,
    /// The labels that the session has before it, those that the goal speaks of.
    pub has: Vec<LabelId>,
    /// The labels that its arguments carry, those that the goal speaks of.
    pub carries: Vec<LabelId>,
    /// When, in milliseconds since 1970; not negative.
    pub at: i64,
    /// The structured content of its result, where the goal speaks of that.
    pub result: Option<Value>,
}

/// A query that the solver was asked, so that another solver can repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What it is about, and its number.
    pub name: String,
    /// SMT-LIB 2, with the command to check it.
    pub text: String,
    /// `sat`, `unsat` or `unknown`.
    pub answer: &'static str,
}

/// Whoever answers questions about one policy.
pub struct Questions<'c> {
    core: &'c Core,
    timeout: Duration,
}

impl<'c> Questions<'c> {
    /// Answers questions about `core`, each in `timeout`.
    #[must_use]
    pub fn new(core: &'c Core, timeout: Duration) -> Self {
        Self { core, timeout }
    }

    /// Is there such a letter?
    pub fn ask(&mut self, subject: Subject, goal: &Goal<'_>) -> Answer {
        let _ = (self.core, self.timeout, subject, goal);
        Answer::Unknown("not asked".to_owned())
    }
}
