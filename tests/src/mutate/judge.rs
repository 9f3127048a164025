//! Whether a changed frame gets through, and whether what gets through means something else.
//!
//! In: a policy as the reference elaborates it, the frame that the compiler makes of it, a changed one. Out: a [`Class`].
//! Invariants: the verifier is called in one place, [`verdict`]; "means the same" is said only of the sessions that were tried.
//! Source: verification section 2.

use leverframe_reference::Policy as Source;
use leverframe_runtime::frame::{self, Certificate, Frame};
use leverframe_runtime::{LoadOptions, Policy};

use crate::decided::{Decided, Story};
use crate::engine::run_to_the_end;
use crate::trace::Event;

/// What is said of bytes.
#[derive(Debug)]
pub enum Verdict {
    /// The runtime does not load them: its code and words.
    NotLoaded(&'static str, String),
    /// The verifier refuses them: its codes.
    Refused(Vec<String>),
    /// They are taken.
    Accepted(Box<Policy>),
}

/// Loads and verifies. The one place in which the verifier is called.
#[must_use]
pub fn verdict(policy: &Source, bytes: &[u8]) -> Verdict {
    let loaded = match Policy::load(bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }) {
        Ok(loaded) => loaded,
        Err(error) => return Verdict::NotLoaded(error.code(), error.to_string()),
    };
    match leverframe_verifier::verify(policy, bytes) {
        Ok(_) => Verdict::Accepted(Box::new(loaded)),
        Err(problems) => Verdict::Refused(problems.iter().map(|problem| problem.code.to_owned()).collect()),
    }
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Validation refuses it.
    NotLoaded,
    /// The verifier refuses it.
    Refused,
    /// It is taken, and some call is decided otherwise.
    Verdict,
    /// It is taken; calls are decided alike, but other rules, reasons or people are named.
    Words,
    /// It is taken; the same is decided and said, but other bytes of state are left.
    State,
    /// It is taken, and nothing that was tried tells the two apart.
    Alike,
}

impl Class {
    /// All of them, in the order of the report's columns.
    pub const ALL: [Self; 6] = [Self::NotLoaded, Self::Refused, Self::Verdict, Self::Words, Self::State, Self::Alike];

    /// As the report says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotLoaded => "not loaded",
            Self::Refused => "refused",
            Self::Verdict => "VERDICT",
            Self::Words => "WORDS",
            Self::State => "state",
            Self::Alike => "alike",
        }
    }

    /// Whether it is an accepted frame that decides otherwise than its policy.
    #[must_use]
    pub fn harms(self) -> bool {
        matches!(self, Self::Verdict | Self::Words)
    }
}

/// A policy, its frame and sessions that tell frames apart.
pub struct Original<'s> {
    source: &'s Source,
    told: Vec<Told>,
}

/// A record and what the original frame makes of it.
struct Told {
    events: Vec<Event>,
    story: Story,
    states: std::collections::BTreeMap<String, Vec<u8>>,
}

impl<'s> Original<'s> {
    /// A frame that is what its policy says.
    #[must_use]
    pub fn new(source: &'s Source, policy: &Policy, records: Vec<Vec<Event>>) -> Self {
        let told = records.into_iter().map(|events| {
            let (story, states) = run_to_the_end(policy, &events);
            Told { events, story, states }
        });
        Self { source, told: told.collect() }
    }

    /// The class of a changed frame.
    #[must_use]
    pub fn judge(&self, frame: &Frame, certificate: &Certificate) -> (Class, String) {
        let bytes = match frame::write(frame, Some(certificate)) {
            Ok(bytes) => bytes,
            Err(error) => return (Class::NotLoaded, error.code().to_owned()),
        };
        match verdict(self.source, &bytes) {
            Verdict::NotLoaded(code, words) => (Class::NotLoaded, format!("{code} {words}")),
            Verdict::Refused(codes) => (Class::Refused, codes.join(" ")),
            Verdict::Accepted(policy) => self.compare(&policy),
        }
    }

    fn compare(&self, changed: &Policy) -> (Class, String) {
        let mut found = (Class::Alike, String::new());
        for told in &self.told {
            let (story, states) = run_to_the_end(changed, &told.events);
            let (class, words) = difference(told, &story, &states);
            if class < found.0 {
                found = (class, words);
            }
            if found.0 == Class::Verdict {
                break;
            }
        }
        found
    }
}

fn difference(told: &Told, story: &Story, states: &std::collections::BTreeMap<String, Vec<u8>>) -> (Class, String) {
    let verdict = |decided: &Decided| (decided.verdict.clone(), decided.code.clone());
    let mut pairs = told.story.decisions.iter().zip(&story.decisions);
    let words = |(ours, theirs): (&Decided, &Decided)| format!("{ours} / {theirs}");
    let lengths = told.story.decisions.len() != story.decisions.len() || told.story.error != story.error;
    if let Some(pair) = pairs.clone().find(|(ours, theirs)| verdict(ours) != verdict(theirs)) {
        return (Class::Verdict, words(pair));
    }
    if lengths {
        return (Class::Verdict, "a line of the record is taken by one of them only".to_owned());
    }
    if let Some(pair) = pairs.find(|(ours, theirs)| ours != theirs) {
        return (Class::Words, words(pair));
    }
    if told.story.scans != story.scans {
        return (Class::Words, "scans do something else".to_owned());
    }
    let class = if told.states == *states { Class::Alike } else { Class::State };
    (class, String::new())
}
