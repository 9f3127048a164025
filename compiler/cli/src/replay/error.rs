//! Why a line of a record cannot be taken.
//!
//! Source: `lang-spec/traces.md`, [trace.error].

use crate::trace::line::LineError;
use crate::trace::references::ReferenceError;

/// Why a line cannot be taken.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// It is no line of a record.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Its id or reference does not fit the lines before.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It is too long.
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
    /// A result carries a label that the policy does not declare.
    #[error("the policy declares no label `{0}`")]
    Label(String),
    /// A host event that the policy does not declare.
    #[error("the policy declares no event `{0}`")]
    Event(String),
    /// A host event whose arguments do not fit its declaration.
    #[error("the event `{0}` cannot be taken: {1}")]
    Report(String, leverframe_runtime::RecordError),
    /// A result that the runtime does not take.
    #[error("the result cannot be taken: {0}")]
    Result(leverframe_runtime::RecordError),
    /// A decision that is no JSON.
    #[error("the decision cannot be written: {0}")]
    Decision(String),
}
