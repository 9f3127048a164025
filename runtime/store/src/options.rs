//! What the operator of a store may choose.
//!
//! In: nothing. Out: [`Options`]. Invariants: what is not said is the strict choice.
//! Source: `runtime/store/README.md`.

use crate::limits;

/// What becomes of a call whose states cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUnavailable {
    /// It is denied by the code `state_unavailable`.
    #[default]
    Deny,
    /// While the store cannot be reached, a call that no history can concern is decided by the permissions alone; all others are denied. Such a call is of a
    /// tool that no rule over histories speaks of and whose results carry no labels, under a policy none of whose conditions reads the session's labels. What is given up:
    /// that the session may have ended or expired or belong to other keys, and that the call stands in the histories as one of which nothing is known.
    PermissionsOnly,
}

/// What is expected of a session's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A name that was never seen begins a session.
    Any,
    /// The session is there: otherwise it is refused ([`crate::Unavailable::Unknown`]). For a gateway that gives out the names itself.
    Known,
}

/// Bounds and choices of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sessions known at once; one more is refused unless another has expired.
    pub sessions: usize,
    /// Principals, agents and tenants known at once. They do not expire: one more is refused.
    pub keys: usize,
    /// Bytes of states in memory; beyond it no new session or key is taken.
    pub bytes: usize,
    /// Bytes of states that lie unpacked in memory. The others are packed, or only where they are kept.
    pub warm_bytes: usize,
    /// Milliseconds after its last call, result or event at which a session expires; none: never. An expired session does not begin anew.
    pub idle_ms: Option<i64>,
    /// Milliseconds after which the name of an expired session may begin anew: the operator's word that nobody comes back after it. None: never.
    pub forget_ms: Option<i64>,
    /// Names of expired sessions that are remembered; with more, nothing expires any more (and new sessions are refused, at last).
    pub expired: usize,
    /// What becomes of a call whose states cannot be had.
    pub on_unavailable: OnUnavailable,
    /// How often a decision is made again because another process changed its states.
    pub attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sessions: limits::SESSIONS,
            keys: limits::KEYS,
            bytes: limits::BYTES,
            warm_bytes: limits::WARM_BYTES,
            idle_ms: Some(limits::IDLE_MS),
            forget_ms: None,
            expired: limits::EXPIRED,
            on_unavailable: OnUnavailable::Deny,
            attempts: limits::ATTEMPTS,
        }
    }
}
