//! The judge: what a policy says of recorded sessions, straight from the text.
//!
//! In: a policy and the lines of a record. Out: a decision for each call. Invariants: histories are kept whole, as lists of letters, with what each
//! rule's patterns find in each; every rule is evaluated over the whole list each time, by the pair semantics (or, to compare, by bits).
//! Source: language sections 4, 5 and 9; `lang-spec/traces.md`.

mod accounts;
mod alone;
mod bits;
pub(crate) mod content;
mod decide;
mod detect;
mod detectors;
mod evaluate;
mod history;
mod kept;
mod memory;
mod permit;
mod protocol;
mod record;
pub(crate) mod regex;
mod rows;
mod rules;
mod sequences;
mod values;

use std::fmt;
use std::path::Path;

pub use alone::{Alone, Before, Values};
pub use content::labels_in;
pub use decide::{Code, Decision, Judge, decide};
pub use detect::languages;
pub use detectors::Check;
pub use evaluate::constant;
pub use record::{CallRecord, Content, EventRecord, Keys, Outcome, Record, RecordError, Recorded, ResultRecord, read_records};
pub use regex::parse as pattern;
pub use rules::Evaluator;

use crate::elaborate::elaborate;
use crate::refusal::Refusal;

/// Why a run has no decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The policy is refused.
    Policy(Refusal),
    /// The record cannot be read.
    Unreadable(String),
    /// A line of the record is in error.
    Record(RecordError),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(refusal) => write!(f, "{refusal}"),
            Self::Unreadable(path) => write!(f, "`{path}` cannot be read"),
            Self::Record(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Stop {}

/// Decides the record in one file by the policy in another.
///
/// # Errors
/// [`Stop`].
pub fn run(policy: &Path, record: &Path) -> Result<Vec<Decision>, Stop> {
    let policy = elaborate(policy).map_err(Stop::Policy)?;
    let bytes = std::fs::read(record).map_err(|_| Stop::Unreadable(record.display().to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| Stop::Unreadable(record.display().to_string()))?;
    let records = read_records(&text).map_err(Stop::Record)?;
    decide(&policy, &records).map_err(Stop::Record)
}
