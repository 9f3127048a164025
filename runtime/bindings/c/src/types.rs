//! What goes in and comes out, as C lays it out.
//!
//! Invariants: all zero is the strict choice, or a denial; no field is of a type of which some bits mean nothing (so whatever a caller writes is defined).
//! Source: `runtime/bindings/c/README.md`.

use crate::bytes::lf_bytes;

/// The number of an open session; 0 is none's.
pub type lf_session = u64;

/// Nobody has answered an ask.
pub const LF_UNANSWERED: i32 = 0;
/// A human has approved the call, for exactly these arguments.
pub const LF_APPROVED: i32 = 1;
/// A human has refused the call.
pub const LF_DISAPPROVED: i32 = 2;

/// What was decided.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum lf_verdict {
    /// The call must not happen.
    LF_DENY = 0,
    /// A human is asked; the call may happen only if `admitted`.
    LF_ASK = 1,
    /// The call may happen.
    LF_ALLOW = 2,
}

/// A public key that frames may be signed with.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_key {
    /// The ed25519 public key.
    pub public_key: [u8; 32],
    /// Whether it expires: 0 never, 1 at `expires_ms`.
    pub expires: u8,
    /// When it expires, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// How strict loading and keeping sessions is. All zero is the strict choice.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_options {
    /// 1: a frame that the checker has not proved is accepted.
    pub accept_unproven: u8,
    /// 1: a frame without a certificate is refused.
    pub require_certificate: u8,
    /// 1: `now_ms` says what time it is, which keys that expire need.
    pub has_now: u8,
    /// In milliseconds since 1970.
    pub now_ms: i64,
    /// The keys of which one must have signed the frame; none: no signature is asked for.
    pub keys: *const lf_key,
    /// How many there are.
    pub keys_len: usize,
    /// 32 secret bytes of the deployment, under which values of variables are told apart; null: zeros.
    pub value_key: *const u8,
    /// Milliseconds of idleness after which a session expires; 0: a day; less: never.
    pub idle_ms: i64,
    /// Sessions known at once; 0: a million.
    pub sessions: usize,
}

/// Whose calls a session's are.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_names {
    /// The session's own name; needed.
    pub session: lf_bytes,
    /// Whose rules judge it; needed. One that the policy does not know is denied.
    pub persona: lf_bytes,
    /// On whose behalf it acts, or absent.
    pub principal: lf_bytes,
    /// Which agent, or absent.
    pub agent: lf_bytes,
    /// Which tenant, or absent.
    pub tenant: lf_bytes,
}

/// A call to decide.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_call {
    /// Whose call it is; a number that is no open session's is denied.
    pub session: lf_session,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The number that the decision's JSON line names; 0: how many this host has decided.
    pub line: u64,
    /// `LF_UNANSWERED`, `LF_APPROVED` or `LF_DISAPPROVED`.
    pub approved: i32,
    /// The tool's name; needed.
    pub tool: lf_bytes,
    /// The arguments, raw JSON. Whatever is wrong with them is denied, their absence too.
    pub args: lf_bytes,
    /// What the host knows and the agent cannot choose: raw JSON of an object, or absent.
    pub context: lf_bytes,
    /// What the caller names the call by, or absent.
    pub id: lf_bytes,
}

/// A decision, to look at. Its bytes live as long as the decision.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_view {
    /// What was decided.
    pub verdict: lf_verdict,
    /// Whether the call may go on: allowed, or asked and approved.
    pub admitted: bool,
    /// Its time in milliseconds since 1970.
    pub at: i64,
    /// The number of the call in its session, from 1; 0 where there is none.
    pub step: u64,
    /// Why: `rule`, or what kept the rules from being asked.
    pub code: lf_bytes,
    /// The deciding rule, or absent.
    pub rule: lf_bytes,
    /// The deciding rule's why, or absent.
    pub message: lf_bytes,
    /// The arguments to go on with, where a scan has taken something out of them; absent: as they were.
    pub args: lf_bytes,
    /// Why the session's states could not be had, for the operator; or absent.
    pub unavailable: lf_bytes,
    /// The decision as one line of JSON (`lang-spec/traces.md`, [trace.decision]), without a line's end.
    pub json: lf_bytes,
}

/// What came of a call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_result {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// 1: it succeeded.
    pub ok: u8,
    /// Its content as JSON (text, or MCP content parts), or absent.
    pub content: lf_bytes,
    /// Its structured content as JSON, or absent.
    pub structured: lf_bytes,
    /// Names of labels that it carries beside those that its tool declares and scans find.
    pub labels: *const lf_bytes,
    /// How many there are.
    pub labels_len: usize,
}

/// What of a result may be given on. Its bytes live as long as the record.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lf_given {
    /// Whether nothing may be.
    pub withheld: bool,
    /// The content as JSON without what scans took out, or absent.
    pub content: lf_bytes,
    /// The structured content as JSON without what scans took out, or absent.
    pub structured: lf_bytes,
}
