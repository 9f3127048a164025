//! A policy whose two tools exclude each other, and calls of it.
//!
//! In: names of tools and sessions. Out: decisions.
//! Source: `runtime/store/README.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use leverframe_compiler::pipeline::build;
use leverframe_runtime::{Approval, Call, Code, LabelSet, LoadOptions, Outcome, Policy, RawJson, Scratch, ToolId, Verdict, frame};
use leverframe_store::{Answer, ChangeError, Handle, Keys, Opening, Sessions, Unavailable};

/// In a session, and for a principal, neither half may follow the other.
pub const HALVES: &str = "language 1
label seen sensitive
tool s.a(id: string)
tool s.b(id: string)
tool p.a(id: string)
tool p.b(id: string)
tool t.label(id: string)
effect t.label returns seen
tool t.leak(id: string)
tool t.free(id: string)
persona p {
  allow s.a, s.b, p.a, p.b, t.label, t.leak, t.free
  otherwise deny
}
forbid s_ab { s.a then s.b }
forbid s_ba { s.b then s.a }
forbid p_ab per principal { p.a then p.b }
forbid p_ba per principal { p.b then p.a }
forbid leak { t.label returns seen then t.leak }
";

/// The same where only sessions have histories.
pub const SESSIONS_ONLY: &str = "language 1
tool s.a(id: string)
tool s.b(id: string)
tool t.free(id: string)
persona p {
  allow s.a, s.b, t.free
  otherwise deny
}
forbid s_ab { s.a then s.b }
forbid s_ba { s.b then s.a }
";

/// The tools of both, and no rule over principals.
pub const SESSIONS_AND_PRINCIPALS_TOOLS: &str = "language 1
tool s.a(id: string)
tool s.b(id: string)
tool p.a(id: string)
tool p.b(id: string)
persona p {
  allow s.a, s.b, p.a, p.b
  otherwise deny
}
forbid s_ab { s.a then s.b }
forbid s_ba { s.b then s.a }
";

/// Compiles a policy.
pub fn compile(text: &str) -> Arc<Policy> {
    let files = BTreeMap::from([("policy.lever".to_owned(), text.to_owned())]);
    let built = build("policy.lever", &files).unwrap_or_else(|error| panic!("{error:?}"));
    let bytes = frame::write(&built.frame, None).expect("a frame");
    Arc::new(Policy::load(&bytes, &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).expect("a policy"))
}

/// Opens a session of a principal.
pub fn open(sessions: &Sessions, session: &str, principal: Option<&str>, now: i64) -> Result<Handle, Unavailable> {
    sessions.open(&Keys { session, principal, ..Keys::default() }, Opening::Any, now)
}

/// Decides a call.
pub fn call<'s>(sessions: &'s Sessions, handle: &Handle, tool: &str, at: i64, scratch: &mut Scratch) -> Answer<'s> {
    let policy = sessions.policy();
    let call = Call {
        persona: policy.persona("p").expect("the persona"),
        tool: policy.tool(tool).unwrap_or(ToolId::UNKNOWN),
        args: &RawJson(br#"{"id":"1"}"#),
        context: &RawJson(b"{}"),
        at,
        approval: Approval::None,
        argument_labels: LabelSet(0),
    };
    sessions.decide(handle, &call, scratch)
}

/// The verdict and the code of a call, and its result if it was admitted.
pub fn decide(sessions: &Sessions, handle: &Handle, tool: &str, at: i64) -> (Verdict, Code) {
    let decision = call(sessions, handle, tool, at, &mut Scratch::default()).decision;
    (decision.verdict, decision.code)
}

/// Whether a call is admitted.
pub fn admitted(sessions: &Sessions, handle: &Handle, tool: &str, at: i64) -> bool {
    call(sessions, handle, tool, at, &mut Scratch::default()).decision.admitted
}

/// A call and its result.
pub fn complete(sessions: &Sessions, handle: &Handle, tool: &str, at: i64) -> Result<(), ChangeError> {
    let decision = call(sessions, handle, tool, at, &mut Scratch::default()).decision;
    let outcome = Outcome { ok: true, content: true, labels: LabelSet(0), at, structured: None };
    sessions.record(handle, decision.ticket, &outcome)
}
