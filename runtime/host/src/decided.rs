//! A call that was decided, and its JSON line.
//!
//! In: the engine's decision. Out: [`Decided`]. Invariants: the line is, byte for byte, what `leverframe replay --format jsonl` writes of the same decision;
//! the ticket leaves it once.
//! Source: `lang-spec/traces.md`, [trace.decision].

use std::sync::Arc;

use jiff::Timestamp;
use leverframe_runtime::{Code, LabelSet, Policy, Ticket, Verdict};
use serde::Serialize;

use crate::session::Session;

/// The version of the line's form.
const VERSION: u32 = 1;

/// A decided call.
#[derive(Debug)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub struct Decided {
    /// The number of the line that it stands in, or of the decision in its host.
    pub line: u64,
    /// What the caller names the call by.
    pub id: Option<String>,
    /// The session's name; empty where the number was no open session's.
    pub session: Arc<str>,
    /// The number of the call in its session, from 1; 0 where there is none.
    pub step: u64,
    /// The tool's name, as it was given.
    pub tool: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub code: Code,
    /// The deciding rule.
    pub rule: Option<String>,
    /// All rules that had the winning verdict.
    pub rules: Vec<String>,
    /// The `observe` rules that would have judged the call.
    pub observed: Vec<String>,
    /// The deciding rule's why.
    pub message: Option<String>,
    /// Who is asked.
    pub who: Vec<String>,
    /// The session's labels before the call.
    pub labels: Vec<String>,
    /// Its time in milliseconds.
    pub at: i64,
    /// Whether the call may go on: allowed, or asked and approved.
    pub admitted: bool,
    /// The arguments to go on with, where a scan has taken something out of them: those that were decided.
    pub redacted: Option<Vec<u8>>,
    /// Why the session's states could not be had, for the operator.
    pub unavailable: Option<String>,
    pub(crate) frame: Arc<str>,
    pub(crate) left: Option<(Ticket, Arc<Session>)>,
}

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    line: u64,
    id: Option<&'a str>,
    session: &'a str,
    step: u64,
    tool: &'a str,
    verdict: &'static str,
    rule: Option<&'a str>,
    rules: &'a [String],
    observed: &'a [String],
    code: &'static str,
    message: Option<&'a str>,
    who: &'a [String],
    labels: &'a [String],
    at: String,
    frame: &'a str,
}

impl Decided {
    /// The decision as a JSON object in one line, without a line's end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let line = Line {
            version: VERSION,
            line: self.line,
            id: self.id.as_deref(),
            session: &self.session,
            step: self.step,
            tool: &self.tool,
            verdict: self.verdict_word(),
            rule: self.rule.as_deref(),
            rules: &self.rules,
            observed: &self.observed,
            code: self.code.as_str(),
            message: self.message.as_deref(),
            who: &self.who,
            labels: &self.labels,
            at: time_text(self.at),
            frame: &self.frame,
        };
        // Text and numbers have no way to fail; an empty line says nothing in favour of anybody.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// `allow`, `ask` or `deny`.
    #[must_use]
    pub fn verdict_word(&self) -> &'static str {
        match self.verdict {
            Verdict::Allow => "allow",
            Verdict::Ask => "ask",
            Verdict::Deny => "deny",
        }
    }

    /// The digest of the frame that decided, as `sha256:…`.
    #[must_use]
    pub fn frame(&self) -> &str {
        &self.frame
    }
}

/// A time as decisions write it: RFC 3339 in UTC with milliseconds, or the plain number where no calendar reaches.
fn time_text(at: i64) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(instant) => format!("{instant:.3}"),
        Err(_) => at.to_string(),
    }
}

/// A frame's digest as decisions name it.
#[must_use]
pub fn digest_text(digest: &[u8; 32]) -> String {
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The names of labels, in the order of the policy.
pub(crate) fn label_names(policy: &Policy, set: LabelSet) -> Vec<String> {
    let has = |index: usize| u32::try_from(index).ok().and_then(|index| set.0.checked_shr(index)).is_some_and(|bits| bits & 1 == 1);
    policy.frame().labels.iter().enumerate().filter(|(index, _)| has(*index)).map(|(_, name)| name.clone()).collect()
}
