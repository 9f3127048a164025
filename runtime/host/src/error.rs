//! What went wrong, as the bindings say it: a stable code and words.
//!
//! In: nothing. Out: [`HostError`]. Invariants: an error is never an answer to a call: nothing may be done because of one.
//! Source: `runtime/host/README.md` ("Errors").

use leverframe_runtime::{LoadError, RecordError};
use leverframe_store::{ChangeError, Unavailable};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The frame was not loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No session of this number is open.
    #[error("no session of this number is open")]
    UnknownSession,
    /// Too many sessions are open.
    #[error("too many sessions are open: close some")]
    TooManyOpen,
    /// The policy declares no such host event.
    #[error("the policy declares no event `{0}`")]
    UnknownEvent(String),
    /// The policy declares no such label.
    #[error("the policy declares no label `{0}`")]
    UnknownLabel(String),
    /// A part of a result is no JSON.
    #[error("the result's {0} is not one JSON value")]
    MalformedResult(&'static str),
    /// The result of this call was recorded before.
    #[error("the result of this call was recorded before; the first one counts")]
    RecordedBefore,
    /// The states cannot be had.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The engine does not take it.
    #[error(transparent)]
    Refused(#[from] RecordError),
}

impl HostError {
    /// The stable code: `LFxxxx` where the frame was not loaded, else a word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Load(error) => error.code(),
            Self::UnknownSession => "unknown_session",
            Self::TooManyOpen => "too_many_open",
            Self::UnknownEvent(_) => "unknown_event",
            Self::UnknownLabel(_) => "unknown_label",
            Self::MalformedResult(_) => "malformed_result",
            Self::RecordedBefore => "recorded_before",
            Self::Unavailable(_) => "state_unavailable",
            Self::Refused(_) => "refused",
        }
    }
}

impl From<ChangeError> for HostError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unavailable(reason) => Self::Unavailable(reason),
            ChangeError::Refused(reason) => Self::Refused(reason),
        }
    }
}
