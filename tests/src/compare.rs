//! The two sides on one policy and one record.
//!
//! In: text and events. Out: nothing, or the first difference.

use leverframe_reference::Evaluator;

use crate::decided::Story;
use crate::engine::{self, Compiled};
use crate::reference::{self, Elaborated};
use crate::trace::Event;

/// A policy as both sides have it.
#[derive(Debug)]
pub struct Both {
    /// What the engine runs.
    pub compiled: Compiled,
    elaborated: Elaborated,
}

/// How a policy fared before any record was decided.
#[derive(Debug)]
pub enum Read {
    /// Both sides read it, and read the same.
    Same(Box<Both>),
    /// The compiler refuses it.
    Refused(Vec<String>),
    /// The sides read it differently.
    Difference(Difference),
}

/// What the sides do not agree on.
#[derive(Clone, Debug)]
pub enum Difference {
    /// Whether the policy is one.
    Acceptance(String),
    /// The core form: both lines at the first place where they differ.
    Core(String, String),
    /// A decision.
    Decision(String, String),
}

impl Difference {
    /// Whether the other one is a difference of the same kind: shrinking keeps to one.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Reads a policy with both sides.
#[must_use]
pub fn read(text: &str) -> Read {
    let compiled = match engine::compile(text) {
        Ok(compiled) => compiled,
        Err(refused) if refused.iter().any(|words| words.starts_with(engine::INVALID)) => {
            return Read::Difference(Difference::Acceptance(refused.join("; ")));
        }
        Err(refused) => return Read::Refused(refused),
    };
    let elaborated = match reference::elaborate(text) {
        Ok(elaborated) => elaborated,
        Err(refused) => {
            return Read::Difference(Difference::Acceptance(format!("the compiler takes it, the reference does not: {refused}")));
        }
    };
    match first_difference(&compiled.core, &elaborated.core) {
        Some((ours, theirs)) => Read::Difference(Difference::Core(ours, theirs)),
        None => Read::Same(Box::new(Both { compiled, elaborated })),
    }
}

/// Reads a policy with both sides, where each must refuse what the other refuses.
#[must_use]
pub fn read_alike(text: &str) -> Read {
    match read(text) {
        Read::Refused(found) if reference::elaborate(text).is_ok() => {
            Read::Difference(Difference::Acceptance(format!("the reference takes it, the compiler does not: {}", found.join("; "))))
        }
        read => read,
    }
}

/// The first line in which two texts differ, as both have it.
#[must_use]
pub fn first_difference(one: &str, other: &str) -> Option<(String, String)> {
    if one == other {
        return None;
    }
    let (mut ones, mut others) = (one.split('\n'), other.split('\n'));
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) if one == other => {}
            (one, other) => return Some((one.unwrap_or("(ends)").to_owned(), other.unwrap_or("(ends)").to_owned())),
        }
    }
}

impl Both {
    /// Decides a record with both sides, the reference by pairs and by bits; what the engine says, and where the reference differs.
    #[must_use]
    pub fn decide(&self, events: &[Event]) -> (Story, Option<Difference>) {
        let ours = engine::run(&self.compiled, events);
        let by = |evaluator| differ(&ours, &reference::run(&self.elaborated, events, evaluator));
        let difference = by(Evaluator::Pairs).or_else(|| by(Evaluator::Bits));
        (ours, difference)
    }
}

fn differ(ours: &Story, theirs: &Story) -> Option<Difference> {
    let pairs = ours.decisions.iter().zip(&theirs.decisions);
    if let Some((one, other)) = pairs.into_iter().find(|(one, other)| one != other) {
        return Some(Difference::Decision(one.to_string(), other.to_string()));
    }
    if ours.decisions.len() != theirs.decisions.len() || ours.error != theirs.error {
        let told = |story: &Story| format!("{} decisions, error in line {:?}", story.decisions.len(), story.error);
        return Some(Difference::Decision(told(ours), told(theirs)));
    }
    None
}
