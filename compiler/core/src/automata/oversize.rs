//! Which part of a policy passed which bound, as data for a diagnostic.
//!
//! In: a bound and what was given. Out: [`Oversize`]. Invariant: the code is that of the bound's constant.
//! Source: language section 8.

use std::fmt;

/// What is too large.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The policy as a whole.
    Policy,
    /// A tool.
    Tool(String),
    /// A host event.
    Event(String),
    /// A rule over histories.
    Rule(String),
    /// An answer of a permission.
    Answer(String),
    /// A detector.
    Detector(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy => out.write_str("the policy"),
            Self::Tool(name) => write!(out, "tool `{name}`"),
            Self::Event(name) => write!(out, "host event `{name}`"),
            Self::Rule(name) => write!(out, "rule `{name}`"),
            Self::Answer(name) => write!(out, "`{name}`"),
            Self::Detector(name) => write!(out, "detector `{name}`"),
        }
    }
}

/// A bound that a policy passed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} of {subject}: {} given, at most {bound} allowed", Given(*.given, *.at_least))]
pub struct Oversize {
    /// The code of the bound, `LF07xx`.
    pub code: &'static str,
    /// Whose it is.
    pub subject: Subject,
    /// What is bounded.
    pub what: &'static str,
    /// The most that is allowed.
    pub bound: u64,
    /// What was given.
    pub given: u64,
    /// Whether counting stopped there, so that it may be more.
    pub at_least: bool,
}

struct Given(u64, bool);

impl fmt::Display for Given {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.1 { "at least " } else { "" };
        write!(out, "{prefix}{}", self.0)
    }
}

/// A bound passed, before it is known whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) code: &'static str,
    pub(crate) what: &'static str,
    pub(crate) bound: usize,
    pub(crate) given: usize,
    pub(crate) at_least: bool,
}

impl Bound {
    pub(crate) fn of(self, subject: Subject) -> Oversize {
        let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let Self { code, what, bound, given, at_least } = self;
        Oversize { code, subject, what, bound: count(bound), given: count(given), at_least }
    }

    /// Refuses more than the bound.
    pub(crate) fn check(code: &'static str, what: &'static str, bound: usize, given: usize) -> Result<(), Self> {
        if given <= bound { Ok(()) } else { Err(Self { code, what, bound, given, at_least: false }) }
    }

    /// Refuses where counting had to stop.
    pub(crate) fn stop(code: &'static str, what: &'static str, bound: usize, given: usize) -> Result<(), Self> {
        Self::check(code, what, bound, given).map_err(|bound| Self { at_least: true, ..bound })
    }
}

impl Oversize {
    /// Refuses more than the bound.
    pub(crate) fn check(code: &'static str, subject: &Subject, what: &'static str, bound: usize, given: usize) -> Result<(), Self> {
        Bound::check(code, what, bound, given).map_err(|bound| bound.of(subject.clone()))
    }

    /// The core names something that it does not declare: a defect of the compiler, never of the policy.
    pub(crate) fn contradiction(subject: &Subject, what: &'static str) -> Self {
        Bound { code: "LF0748", what, bound: 0, given: 1, at_least: false }.of(subject.clone())
    }
}
