//! Decisions as JSON Lines.
//!
//! In: a decided line. Out: one JSON object.
//! Source: `lang-spec/traces.md`, [trace.decision].

use leverframe_runtime::Verdict;
use serde::Serialize;

use super::recording::Decided;
use crate::trace::time;

/// The version of the form.
const VERSION: u32 = 1;

/// A decision, its members in the order in which they are written.
#[derive(Serialize)]
pub(crate) struct Decision<'a> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

impl<'a> Decision<'a> {
    /// The decision of a line; `file` where several are replayed.
    pub(crate) fn new(decided: &'a Decided<'_>, line: u64, frame: &'a str, file: Option<&'a str>) -> Self {
        Self {
            version: VERSION,
            line,
            id: decided.call.id.as_deref(),
            session: &decided.call.session,
            step: decided.step,
            tool: &decided.call.tool,
            verdict: verdict_word(decided.verdict),
            rule: decided.rule.as_deref(),
            rules: &decided.rules,
            observed: &decided.observed,
            code: decided.code,
            message: decided.message.as_deref(),
            who: &decided.who,
            labels: &decided.labels,
            at: time::write(decided.at),
            frame,
            file,
        }
    }
}

/// A verdict's word.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}

/// A frame's digest as decisions name it.
pub(crate) fn digest_text(digest: &[u8; 32]) -> String {
    digest.iter().fold("sha256:".to_owned(), |mut text, byte| {
        use std::fmt::Write;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::digest_text;

    #[test]
    fn a_digest_is_named_by_its_function() {
        let text = digest_text(&[0x0f; 32]);
        assert_eq!(text.len(), "sha256:".len() + 64);
        assert!(text.starts_with("sha256:0f0f"));
    }
}
