//! A call that is to be decided, and what became of it.
//!
//! In: nothing. Out: [`Asked`], [`Admitted`], [`Refused`]. Invariants: an [`Admitted`] is made of a decision that is in the log, and is used up by recording its result.
//! Source: contracts section 2.

use std::time::Instant;

use leverframe_host::Decided;
use serde::Serialize;

use super::order::Stripes;
use crate::identity::Identity;

/// A call that is to be decided.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who calls.
    pub who: &'a Identity,
    /// In which session.
    pub session: &'a str,
    /// Which tool, by its name in the policy.
    pub tool: &'a str,
    /// With what: raw JSON of an object.
    pub args: &'a [u8],
    /// The trace that it is part of.
    pub trace: Option<&'a str>,
    /// Why it is denied whatever the policy says: a code and words.
    pub refused_before: Option<(&'static str, &'a str)>,
}

/// A call that may go on.
#[derive(Debug)]
#[must_use = "what came of an admitted call has to be recorded"]
pub struct Admitted {
    pub(super) decided: Decided,
    /// The id of its decision.
    pub id: String,
    pub(super) begun: Instant,
    pub(super) stripes: Stripes,
}

impl Admitted {
    /// The arguments to go on with, where scans have taken something out of them.
    #[must_use]
    pub fn redacted(&self) -> Option<&[u8]> {
        self.decided.redacted.as_deref()
    }
}

/// A call that must not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The code.
    pub code: String,
    /// The deciding rule.
    pub rule: Option<String>,
    /// The author's words, or the gateway's.
    pub message: Option<String>,
    /// The id of the decision, where it is in the log.
    #[serde(rename = "decision_id")]
    pub id: Option<String>,
    /// Who is asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<String>,
    /// The id under which the call waits for an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
    /// Whether the same call may be let go on later without anything else having happened: only once it is approved.
    pub retryable: bool,
}

impl Refused {
    pub(super) fn of(decided: &Decided, id: String) -> Box<Self> {
        Box::new(Self {
            code: decided.code.as_str().to_owned(),
            rule: decided.rule.clone(),
            message: decided.message.clone(),
            id: Some(id),
            who: decided.who.clone(),
            pending: None,
            retryable: false,
        })
    }

    /// By the gateway itself.
    #[must_use]
    pub fn by_gateway(code: &str, words: &str) -> Box<Self> {
        let (code, message) = (code.to_owned(), Some(words.to_owned()));
        Box::new(Self { code, rule: None, message, id: None, who: Vec::new(), pending: None, retryable: false })
    }

    /// In one sentence, for a model to read.
    #[must_use]
    pub fn sentence(&self) -> String {
        let what = match (&self.pending, &self.who[..]) {
            (Some(pending), []) => format!("The call waits for an approval ({pending}). Make the same call again once it is approved"),
            (Some(pending), who) => {
                format!("The call waits for an approval by {} ({pending}). Make the same call again once it is approved", who.join(" and "))
            }
            (None, _) => "The call was denied by policy".to_owned(),
        };
        let why = match (&self.rule, &self.message) {
            (Some(rule), Some(message)) => format!(" ({rule}: {message})"),
            (Some(rule), None) => format!(" ({rule})"),
            (None, Some(message)) => format!(" ({}: {message})", self.code),
            (None, None) => format!(" ({})", self.code),
        };
        format!("{what}{why}.")
    }
}
