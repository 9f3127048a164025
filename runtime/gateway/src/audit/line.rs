//! A line of the log.
//!
//! In: what happened. Out: JSON in one line. Invariants: a line begins with its version, its number and the hash of the line before it, so that its place is
//! part of what the next line binds; decisions and results are at the same time lines of a recorded session, which `leverframe replay` reads.
//! Source: contracts section 2; `runtime/gateway/README.md` ("The log").

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::VERSION;

/// What happened, without its place in the log.
#[derive(Debug, Serialize)]
#[serde(tag = "audit", rename_all = "snake_case")]
pub enum Body<'a> {
    /// A gateway has started.
    Start {
        /// When.
        at: i64,
        /// The program's version.
        program: &'static str,
        /// The digest of the frame.
        frame: &'a str,
        /// Bytes at the end of the log that were the beginning of a line; they were never acknowledged, and are gone.
        #[serde(skip_serializing_if = "Option::is_none")]
        torn: Option<String>,
    },
    /// A call was decided.
    Decision(Box<Decision<'a>>),
    /// A call was denied by the gateway itself, before any policy was asked.
    Refusal(Box<Decision<'a>>),
    /// A call has its result.
    Result {
        /// The id of its decision.
        result_of: &'a str,
        /// When.
        at: i64,
        /// What it was.
        result: ResultLine<'a>,
        /// Whether nothing of it was given on.
        withheld: bool,
        /// Whether something was taken out of it.
        redacted: bool,
        /// SHA-256 of the message as its server sent it.
        sha256: String,
        /// Microseconds since its call was decided.
        took_us: u64,
    },
    /// An approval was given or refused.
    Approval {
        /// When.
        at: i64,
        /// The id of the decision that asked.
        approval_of: &'a str,
        /// Who said so.
        approver: &'a str,
        /// As whom.
        roles: &'a [String],
        /// Whether it was given.
        given: bool,
    },
    /// Somebody was stopped, or let go on.
    Stop {
        /// When.
        at: i64,
        /// `persona`, `principal` or `agent`.
        kind: &'a str,
        /// The name.
        name: &'a str,
        /// Whether it is stopped now.
        stopped: bool,
    },
    /// Another frame decides from now on, or was refused.
    Reload {
        /// When.
        at: i64,
        /// The digest of the frame that decides now.
        frame: &'a str,
        /// Why another was refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// The log can be written again, after a line could not be.
    Resumed {
        /// When.
        at: i64,
    },
    /// All before this line is signed.
    Checkpoint {
        /// When.
        at: i64,
        /// The first bytes of the public key, in hexadecimal digits.
        key: &'a str,
        /// The signature over the hash of the line before, in hexadecimal digits.
        signature: &'a str,
    },
    /// A gateway has ended as it should.
    End {
        /// When.
        at: i64,
    },
}

/// A decided call, as a recorded session writes it, and why.
#[derive(Debug, Serialize)]
pub struct Decision<'a> {
    /// When.
    pub at: i64,
    /// The session.
    pub session: &'a str,
    /// Whose rules judged it.
    pub persona: &'a str,
    /// On whose behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<&'a str>,
    /// Which agent.
    pub agent: &'a str,
    /// Of which tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<&'a str>,
    /// The tool.
    pub tool: &'a str,
    /// The arguments that were decided, where they are logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<&'a RawValue>,
    /// SHA-256 of the arguments as they came.
    pub args_sha256: &'a str,
    /// What was known of the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<&'a RawValue>,
    /// Whether a human has approved or refused it; none: nobody has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// The decision that asked, where somebody has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_of: Option<&'a str>,
    /// Who has answered.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub approved_by: &'a [String],
    /// The verdict.
    pub verdict: &'a str,
    /// Why.
    pub code: &'a str,
    /// The deciding rule.
    pub rule: Option<&'a str>,
    /// All rules that had the winning verdict.
    pub rules: &'a [String],
    /// Rules that observe and would have judged it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub observed: &'a [String],
    /// The author's words.
    pub message: Option<&'a str>,
    /// Who is asked.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub who: &'a [String],
    /// The session's labels before the call.
    pub labels: &'a [String],
    /// Whether something was taken out of the arguments.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// Why the session's states could not be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<&'a str>,
    /// The trace that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<&'a str>,
    /// Microseconds that the decision took.
    pub took_us: u64,
    /// The digest of the frame.
    pub frame: &'a str,
}

/// A result, as a recorded session writes it.
#[derive(Debug, Serialize)]
pub struct ResultLine<'a> {
    /// Whether it succeeded.
    pub ok: bool,
    /// The labels that scans found in it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub labels: &'a [String],
    /// Its content, where it is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a RawValue>,
    /// Its structured content, where it is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structured: Option<&'a RawValue>,
}

/// A line without its place.
#[derive(Debug)]
pub struct Line(String);

impl Line {
    /// Of what happened.
    #[must_use]
    pub fn of(body: &Body<'_>) -> Self {
        // Text, numbers and raw JSON have no way to fail; a line that says nothing would not be valid and end the log.
        Self(serde_json::to_string(body).unwrap_or_default())
    }

    /// At its place: its text, without a line's end.
    #[must_use]
    pub fn at(&self, name: &str, seq: u64, before: &str) -> String {
        let rest = self.0.strip_prefix('{').unwrap_or_default();
        format!("{{\"version\":{VERSION},\"seq\":{seq},\"before\":\"{before}\",\"id\":\"{name}-{seq}\",{rest}")
    }
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}
