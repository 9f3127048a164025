//! A decision, in words that both sides have.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

/// What one side says of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Decided {
    /// The line of the record, from 1.
    pub line: usize,
    pub verdict: String,
    pub code: String,
    pub rule: Option<String>,
    pub rules: Vec<String>,
    pub observed: Vec<String>,
    pub message: Option<String>,
    pub who: Vec<String>,
    /// The session's labels before the call, by name.
    pub labels: Vec<String>,
}

/// What one side says of a whole record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Its decisions, in order.
    pub decisions: Vec<Decided>,
    /// The line, if any, that it could not take; nothing is decided after it.
    pub error: Option<usize>,
    /// What its scans did that no decision shows. Only the engine tells.
    pub scans: BTreeSet<&'static str>,
}

impl Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, verdict, code, .. } = self;
        write!(f, "line {line}: {verdict} ({code}) rule={} rules={:?}", self.rule.as_deref().unwrap_or("-"), self.rules)?;
        write!(f, " observed={:?} who={:?} labels={:?} message={:?}", self.observed, self.who, self.labels, self.message)
    }
}
