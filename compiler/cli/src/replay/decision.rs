//! Decisions as JSON Lines.
//!
//! In: a decided line. Out: one JSON object.
//! Source: `lang-spec/traces.md`, [trace.decision].

use leverframe_runtime::Verdict;
use serde::Serialize;

use super::judge::Decided;
use crate::trace::time::Written;

/// The version of the form.
const VERSION: u32 = 1;

/// A decision, its members in the order in which they are written.
#[derive(Serialize)]
struct Decision<'a> {
    version: u32,
    line: u64,
    id: Option<&'a str>,
    session: &'a str,
    step: u64,
    tool: &'a str,
    verdict: &'static str,
    rule: Option<&'a str>,
    rules: &'a [&'a str],
    observed: &'a [&'a str],
    code: &'static str,
    message: Option<&'a str>,
    who: &'a [String],
    labels: &'a [&'a str],
    at: &'a str,
    frame: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

/// Writes decisions.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    frame: String,
    file: Option<String>,
    times: Written,
}

impl Writer {
    /// A writer of decisions by the frame of this digest; `file` where several are replayed.
    pub(crate) fn new(frame: &str, file: Option<&str>) -> Self {
        Self { frame: frame.to_owned(), file: file.map(str::to_owned), times: Written::default() }
    }

    /// Adds the decision of a line, and the line's end.
    ///
    /// # Errors
    /// What the JSON's writer says.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, decided: &Decided<'_, '_>, line: u64) -> serde_json::Result<()> {
        let decision = Decision {
            version: VERSION,
            line,
            id: decided.call.id.as_deref(),
            session: &decided.call.session,
            step: decided.step,
            tool: &decided.call.tool,
            verdict: verdict_word(decided.verdict),
            rule: decided.rule,
            rules: decided.rules,
            observed: decided.observed,
            code: decided.code,
            message: decided.message,
            who: decided.who,
            labels: decided.labels,
            at: self.times.write(decided.at),
            frame: &self.frame,
            file: self.file.as_deref(),
        };
        serde_json::to_writer(&mut *out, &decision)?;
        out.push(b'\n');
        Ok(())
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
