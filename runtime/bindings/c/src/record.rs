//! Recording what came of a call.
//!
//! In: a decision and its result. Out: what of it may be given on. Invariants: a result counts once; where this fails nothing may be given on, and `out` is null.
//! Source: `lang-spec/traces.md`, [trace.result].

use leverframe_host::{Came, Recorded};

use crate::answer::lf_decision;
use crate::bytes::{array, at, lf_bytes, put};
use crate::error::{Problem, answered, guarded, lf_status};
use crate::load::{flag, lf_host};
use crate::types::{lf_given, lf_result};

/// What of a result may be given on.
pub struct lf_record(Recorded);

/// Records what came of a call, once. `out` may be null where nothing is given on; else it is freed with `lf_record_free`. Where this fails nothing of the result
/// may be given on; if the result itself was at fault (`malformed_result`, `unknown_label`, `invalid_argument`), another may be recorded.
///
/// # Safety
/// `host` is null or a host that was not freed; `decision` is null or a decision that was not freed and that no other thread uses; pointers are null or lead to
/// what they say; `out` is null or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_record_result(
    host: *const lf_host,
    decision: *mut lf_decision,
    result: *const lf_result,
    out: *mut *mut lf_record,
) -> lf_status {
    guarded(|| {
        if !out.is_null() {
            // SAFETY: the caller's promise.
            unsafe { put(out, std::ptr::null_mut(), "out") }?;
        }
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        // SAFETY: the caller's promise.
        let result = unsafe { at(result, "result") }?;
        if !decision.is_aligned() {
            return Err(Problem::Length);
        }
        // SAFETY: aligned; the rest is the caller's promise.
        let decision = unsafe { decision.as_mut() }.ok_or(Problem::Null("decision"))?;
        // SAFETY: the caller's promise.
        let labels = unsafe { labels(result) }?;
        // SAFETY: the caller's promise.
        let content = unsafe { result.content.get() }?;
        // SAFETY: the caller's promise.
        let structured = unsafe { result.structured.get() }?;
        let came = Came { ok: flag(result.ok, "ok")?, content, structured, labels: &labels, at: result.at };
        let recorded = host.host.record(&mut decision.decided, &came)?;
        if out.is_null() {
            return Ok(());
        }
        // SAFETY: not null; the rest is the caller's promise.
        unsafe { put(out, Box::into_raw(Box::new(lf_record(recorded))), "out") }
    })
}

/// # Safety
/// The pointers in the result are null or lead to what they say.
unsafe fn labels(result: &lf_result) -> Result<Vec<&str>, Problem> {
    // SAFETY: the caller's promise.
    let labels: &[lf_bytes] = unsafe { array(result.labels, result.labels_len, "labels") }?;
    let mut names = Vec::with_capacity(labels.len());
    for label in labels {
        // SAFETY: the caller's promise.
        names.push(unsafe { label.needed("a label") }?);
    }
    Ok(names)
}

/// What of a result may be given on. Where this fails, `out` says that it is withheld.
///
/// # Safety
/// `record` is null or a record that was not freed; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_record_view(record: *const lf_record, out: *mut lf_given) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe { put(out, lf_given { withheld: true, content: lf_bytes::ABSENT, structured: lf_bytes::ABSENT }, "out") }?;
        // SAFETY: the caller's promise.
        let lf_record(recorded) = unsafe { at(record, "record") }?;
        let text = |text: &Option<String>| lf_bytes::maybe_of(text.as_deref().map(str::as_bytes));
        let given = lf_given { withheld: recorded.withheld, content: text(&recorded.content), structured: text(&recorded.structured) };
        // SAFETY: the caller's promise.
        unsafe { put(out, given, "out") }
    })
}

/// Frees a record; null is fine.
///
/// # Safety
/// `record` is null or a record that was not freed and that nobody uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_record_free(record: *mut lf_record) {
    if !record.is_null() {
        answered((), || {
            // SAFETY: it came from `Box::into_raw`; that it is the last use is the caller's promise.
            drop(unsafe { Box::from_raw(record) });
        });
    }
}
