//! Why a store was not opened, and why a state cannot be had.
//!
//! In: nothing. Out: [`OpenError`], [`Unavailable`], [`ChangeError`]. Invariants: whatever cannot be had is denied by the one code `state_unavailable`; these
//! words are for the operator.
//! Source: contracts section 2 ("Codes").

use leverframe_runtime::RecordError;

/// Why the states of a call cannot be had. Each denies the call by the code `state_unavailable`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The session was idle for longer than the operator allows; its name does not begin anew.
    #[error("the session has expired")]
    Expired,
    /// The session was to be one that is known, and is not.
    #[error("the session is not known here")]
    Unknown,
    /// There is no room for another session or key.
    #[error("the store has no room for another session or key")]
    Full,
    /// The store did not answer in time, or refused.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// The server may forget what it acknowledges, and the operator has not said that this is accepted.
    #[error("the store may forget what it has acknowledged: {0}")]
    Forgetful(String),
    /// Others changed the same states faster than this process could.
    #[error("others changed the same states each time before this decision could be kept")]
    Contended,
    /// The change is kept, but not by as many replicas as the operator asks for.
    #[error("the change was not acknowledged by enough replicas")]
    Unreplicated,
    /// What the store holds is not what was written there.
    #[error("the store has lost or damaged what was written to it: {0}")]
    Damaged(String),
    /// The key by which the store is laid out over a cluster is missing, or not the one that the session began with.
    #[error("the call lacks the key by which the store is divided, or it is another than before")]
    OtherKey,
    /// The handle is of another store, or the store goes on under another policy.
    #[error("the handle is not of this store, or the store goes on under another policy")]
    ForeignHandle,
}

/// Why a store was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is none, and it was not to be made: perhaps it was lost.
    #[error("there is no store at {0}: if it has never been there, create it; if it has, its histories are lost")]
    Absent(String),
    /// There is one where a new one was to be made.
    #[error("there is a store at {0} already")]
    Present(String),
    /// It cannot be reached or read.
    #[error("the store cannot be opened: {0}")]
    Unreachable(String),
    /// It has lost or damaged something.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Another version wrote it.
    #[error("the store is of version {0}, which this program does not read")]
    Version(String),
    /// It has kept no histories of a kind of key that the policy reads.
    #[error(
        "the store has kept no histories of {0}, which the policy reads: they would all begin as if nothing had happened; create a new store if that is meant"
    )]
    NotKept(String),
    /// It may forget what it acknowledged, and the operator has not said that this is accepted.
    #[error("the store may forget what it has acknowledged: {0}")]
    Forgetful(String),
    /// The options contradict themselves.
    #[error("{0}")]
    Options(String),
}

/// Why a result or a host event was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The states cannot be had, so nobody may act on what came: a result has to be withheld.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It does not fit.
    #[error(transparent)]
    Refused(#[from] RecordError),
}
