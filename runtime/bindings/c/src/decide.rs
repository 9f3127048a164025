//! Deciding calls, one or many.
//!
//! In: calls. Out: decisions behind pointers. Invariants: a function that fails has given out no decision; null is a denial.
//! Source: `runtime/bindings/c/README.md`.

use leverframe_host::{Approval, Request};

use crate::answer::lf_decision;
use crate::bytes::{array, at, lf_bytes, put};
use crate::error::{Problem, guarded, lf_status};
use crate::load::lf_host;
use crate::types::{LF_APPROVED, LF_DISAPPROVED, LF_UNANSWERED, lf_call, lf_session};

/// # Safety
/// The pointers in the call are null or lead to what they say.
unsafe fn request(call: &lf_call) -> Result<Request<'_>, Problem> {
    let approval = match call.approved {
        LF_UNANSWERED => Approval::None,
        LF_APPROVED => Approval::Given,
        LF_DISAPPROVED => Approval::Refused,
        _ => return Err(Problem::Number("approved")),
    };
    Ok(Request {
        // SAFETY: the caller's promise.
        tool: unsafe { call.tool.needed("tool") }?,
        // SAFETY: the caller's promise.
        args: unsafe { call.args.get() }?.unwrap_or_default(),
        // SAFETY: the caller's promise.
        context: unsafe { call.context.get() }?,
        at: call.at,
        approval,
        // SAFETY: the caller's promise.
        id: unsafe { call.id.text("id") }?,
        line: (call.line > 0).then_some(call.line),
    })
}

/// Decides a call. The decision is freed with `lf_decision_free`.
///
/// # Safety
/// `host` is null or a host that was not freed; pointers are null or lead to what they say; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_decide(host: *const lf_host, call: *const lf_call, out: *mut *mut lf_decision) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe { put(out, std::ptr::null_mut(), "out") }?;
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        // SAFETY: the caller's promise.
        let call = unsafe { at(call, "call") }?;
        // SAFETY: the caller's promise.
        let request = unsafe { request(call) }?;
        let decision = lf_decision::new(host.host.decide(call.session, &request));
        // SAFETY: the caller's promise.
        unsafe { put(out, Box::into_raw(Box::new(decision)), "out") }
    })
}

/// Decides `len` calls, one after the other, into `len` places at `out`: all of them, or none. No result of one is known to another; each decision is freed
/// with `lf_decision_free`.
///
/// # Safety
/// `host` is null or a host that was not freed; pointers are null or lead to what they say; `len` places at `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_decide_many(host: *const lf_host, calls: *const lf_call, len: usize, out: *mut *mut lf_decision) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise; the pointers are not read.
        unsafe { array(out.cast_const(), len, "out") }?;
        for place in 0..len {
            // SAFETY: one of the `len` places that may be written to.
            unsafe { put(out.wrapping_add(place), std::ptr::null_mut(), "out") }?;
        }
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        // SAFETY: the caller's promise.
        let calls = unsafe { array(calls, len, "calls") }?;
        let mut requests = Vec::with_capacity(len);
        for call in calls {
            // SAFETY: the caller's promise.
            requests.push((call.session, unsafe { request(call) }?));
        }
        for (place, decided) in host.host.decide_many(requests).into_iter().enumerate() {
            let decision = Box::into_raw(Box::new(lf_decision::new(decided)));
            // SAFETY: one of the `len` places that may be written to.
            unsafe { put(out.wrapping_add(place), decision, "out") }?;
        }
        Ok(())
    })
}

/// Reports a host event of a session. `args` is raw JSON of an object, or absent.
///
/// # Safety
/// `host` is null or a host that was not freed; pointers are null or lead to what they say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_report(host: *const lf_host, session: lf_session, event: lf_bytes, args: lf_bytes, at_ms: i64) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        // SAFETY: the caller's promise.
        let event = unsafe { event.needed("event") }?;
        // SAFETY: the caller's promise.
        let args = unsafe { args.get() }?;
        Ok(host.host.report(session, event, args, at_ms)?)
    })
}
