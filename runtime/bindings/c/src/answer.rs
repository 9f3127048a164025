//! Decisions, to look at and to free.
//!
//! In: a decision behind a pointer. Out: what it says. Invariants: null is a denial; what is looked at lives as long as the decision.
//! Source: `lang-spec/traces.md`, [trace.decision].

use std::sync::OnceLock;

use leverframe_host::{Decided, Verdict};

use crate::bytes::{at, lf_bytes, put};
use crate::error::{answered, guarded, lf_status};
use crate::types::{lf_verdict, lf_view};

/// A decision. Recording its result changes it, so that must not be done by two threads at once.
pub struct lf_decision {
    pub(crate) decided: Decided,
    json: OnceLock<String>,
}

impl lf_decision {
    pub(crate) fn new(decided: Decided) -> Self {
        Self { decided, json: OnceLock::new() }
    }

    fn verdict(&self) -> lf_verdict {
        match self.decided.verdict {
            Verdict::Allow => lf_verdict::LF_ALLOW,
            Verdict::Ask => lf_verdict::LF_ASK,
            Verdict::Deny => lf_verdict::LF_DENY,
        }
    }

    fn view(&self) -> lf_view {
        let text = |text: &Option<String>| lf_bytes::maybe_of(text.as_deref().map(str::as_bytes));
        let decided = &self.decided;
        lf_view {
            verdict: self.verdict(),
            admitted: decided.admitted,
            at: decided.at,
            step: decided.step,
            code: lf_bytes::of(decided.code.as_str().as_bytes()),
            rule: text(&decided.rule),
            message: text(&decided.message),
            args: lf_bytes::maybe_of(decided.redacted.as_deref()),
            unavailable: text(&decided.unavailable),
            json: lf_bytes::of(self.json.get_or_init(|| decided.to_json()).as_bytes()),
        }
    }
}

/// Whether the call may go on: allowed, or asked and approved. Null: no.
///
/// # Safety
/// `decision` is null or a decision that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_admitted(decision: *const lf_decision) -> bool {
    // SAFETY: the caller's promise.
    unsafe { at(decision, "decision") }.is_ok_and(|decision| decision.decided.admitted)
}

/// The verdict. Null: denied.
///
/// # Safety
/// `decision` is null or a decision that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_decision_verdict(decision: *const lf_decision) -> lf_verdict {
    // SAFETY: the caller's promise.
    unsafe { at(decision, "decision") }.map_or(lf_verdict::LF_DENY, lf_decision::verdict)
}

/// All that a decision says. Where this fails, `out` says a denial.
///
/// # Safety
/// `decision` is null or a decision that was not freed; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_decision_view(decision: *const lf_decision, out: *mut lf_view) -> lf_status {
    const DENIAL: lf_view = lf_view {
        verdict: lf_verdict::LF_DENY,
        admitted: false,
        at: 0,
        step: 0,
        code: lf_bytes::ABSENT,
        rule: lf_bytes::ABSENT,
        message: lf_bytes::ABSENT,
        args: lf_bytes::ABSENT,
        unavailable: lf_bytes::ABSENT,
        json: lf_bytes::ABSENT,
    };
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe { put(out, DENIAL, "out") }?;
        // SAFETY: the caller's promise.
        let decision = unsafe { at(decision, "decision") }?;
        // SAFETY: the caller's promise.
        unsafe { put(out, decision.view(), "out") }
    })
}

/// Frees a decision; null is fine.
///
/// # Safety
/// `decision` is null or a decision that was not freed and that nobody uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_decision_free(decision: *mut lf_decision) {
    if !decision.is_null() {
        answered((), || {
            // SAFETY: it came from `Box::into_raw`; that it is the last use is the caller's promise.
            drop(unsafe { Box::from_raw(decision) });
        });
    }
}
