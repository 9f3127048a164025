//! What came of a call, and what of it may be given on.
//!
//! In: a server's answer. Out: [`Given`], and its line in the log. Invariant: of a result that is withheld nothing is given on but that it is.
//! Source: language section 6.

use leverframe_host::Passed;
use serde_json::value::RawValue;

use crate::audit::{Body, ResultLine, sha256_hex};
use crate::config::Logged;
use crate::protocol::Members;

/// What came of a call.
#[derive(Clone, Copy, Debug)]
pub struct Came<'a> {
    /// The result as its server wrote it: an object of MCP, or the error of JSON-RPC.
    pub message: &'a [u8],
    /// Whether it is an error of JSON-RPC, or none came.
    pub failed: bool,
}

/// What of it may be given on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The message; none: it is withheld.
    pub message: Option<String>,
    /// Whether something was taken out of it.
    pub redacted: bool,
    /// The labels that scans found.
    pub labels: Vec<String>,
    failed: bool,
}

pub(super) fn given(came: &Came<'_>, passed: Passed) -> Given {
    let whole = || std::str::from_utf8(came.message).ok().map(str::to_owned);
    let redacted = passed.redacted.is_some();
    let message = match passed.redacted {
        _ if passed.withheld => None,
        // What is no text is not given on.
        Some(left) => String::from_utf8(left).ok(),
        None => whole(),
    };
    let says_so =
        |text: &str| Members::of(text).is_ok_and(|members| matches!(members.get("isError"), Ok(Some(flag)) if flag.get() == "true"));
    let failed = came.failed || message.as_deref().is_none_or(says_so);
    Given { message, redacted, labels: passed.labels, failed }
}

impl Given {
    pub(super) fn line<'a>(&'a self, (id, at, took_us): (&'a str, i64, u64), came: &Came<'_>, logged: Logged) -> Body<'a> {
        let members = match (&self.message, logged) {
            (Some(message), Logged::Full) => Members::of(message).unwrap_or_default(),
            _ => Members::default(),
        };
        let part = |name: &str| -> Option<&'a RawValue> { members.get(name).ok().flatten() };
        let result = ResultLine { ok: !self.failed, labels: &self.labels, content: part("content"), structured: part("structuredContent") };
        let sha256 = sha256_hex(came.message);
        Body::Result { result_of: id, at, result, withheld: self.message.is_none(), redacted: self.redacted, sha256, took_us }
    }
}
