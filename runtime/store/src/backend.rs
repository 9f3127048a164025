//! Where states are kept beside this process's memory.
//!
//! In: names of states, and what they become. Out: what is kept. Invariants: `commit` changes all of a call's states or none, and only from the versions that
//! were given; it returns only after the change is where it must survive.
//! Source: `runtime/store/README.md`.

use std::fmt::Debug;

use crate::error::{OpenError, Unavailable};
use crate::keys::{KeyName, Kinds};

/// Which value of a state it is; no two values of a state ever have the same. All zero: there is none yet.
pub(crate) type Version = [u8; 16];

/// The version of a state that is not there.
pub(crate) const NOTHING: Version = [0; 16];

/// What is kept of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing: it has no history.
    Nothing,
    /// It has expired.
    Expired,
    /// A saved state.
    Kept(Version, Vec<u8>),
}

/// What a decision does to one state.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) name: KeyName,
    /// The value that the decision was made with.
    pub(crate) from: Version,
    /// What it becomes; none: it stays as it is, which has to be so still.
    pub(crate) to: Option<Vec<u8>>,
    /// When it was last used.
    pub(crate) used: i64,
}

/// What became of a commit.
#[derive(Debug)]
pub(crate) enum Committed {
    /// It holds; the version that all changed states have now.
    Done(Version),
    /// Some state had moved on; what they all are now, in the order of the changes.
    Moved(Vec<Found>),
}

/// Where states are kept.
pub(crate) trait Backend: Debug + Send + Sync {
    /// Whether anything is kept beside this process's memory.
    fn keeps(&self) -> bool;

    /// Whether others change what is kept, too.
    fn is_shared(&self) -> bool;

    /// The kinds of keys of which histories are kept, where the policy reads these.
    fn kinds(&self, read: Kinds) -> Kinds;

    /// What is kept of these states.
    ///
    /// # Errors
    /// [`Unavailable`] where that cannot be known.
    fn load(&self, names: &[KeyName]) -> Result<Vec<Found>, Unavailable>;

    /// Makes the changes of one call.
    ///
    /// # Errors
    /// [`Unavailable`] where it is not certain that they were made.
    fn commit(&self, changes: &[Change]) -> Result<Committed, Unavailable>;

    /// Notes that sessions have expired.
    ///
    /// # Errors
    /// [`Unavailable`] where it could not be noted; then they have not.
    fn expire(&self, name: KeyName, at: i64) -> Result<(), Unavailable>;

    /// Forgets that a session has expired.
    ///
    /// # Errors
    /// [`Unavailable`] where it could not be forgotten.
    fn forget(&self, name: KeyName) -> Result<(), Unavailable>;

    /// Asked when a call's names are first seen together: whether they may stand in one commit.
    ///
    /// # Errors
    /// [`Unavailable`] where they may not.
    fn admit(&self, names: &[Option<KeyName>; 4]) -> Result<(), Unavailable>;

    /// Takes note that from now on histories of these kinds of keys are kept, all of which were kept so far.
    ///
    /// # Errors
    /// [`OpenError`] where that cannot be noted, or divides what is kept otherwise.
    fn adopt(&self, kinds: Kinds) -> Result<(), OpenError>;
}
