//! Decisions as JSON Lines.
//!
//! In: a decided line. Out: one JSON object. What a decision owes to the policy alone is written once for each way in which calls are decided, and kept.
//! Invariant: what is kept is bounded by [`KEPT_REASONS`].
//! Source: `lang-spec/traces.md`, [trace.decision].

use hashbrown::HashMap;
use leverframe_runtime::Verdict;
use serde::Serialize;

use super::judge::Decided;
use crate::limits::KEPT_REASONS;
use crate::trace::time::Written;

/// The version of the form.
const VERSION: u32 = 1;

/// The members that a decision begins with, in the order in which they are written.
#[derive(Serialize)]
struct Beginning<'a> {
    version: u32,
    line: u64,
    id: Option<&'a str>,
    session: &'a str,
    step: u64,
    tool: &'a str,
}

/// Those that come next: what the policy says.
#[derive(Serialize)]
struct Reason<'a> {
    verdict: &'static str,
    rule: Option<&'a str>,
    rules: &'a [&'a str],
    observed: &'a [&'a str],
    code: &'static str,
    message: Option<&'a str>,
    who: &'a [String],
    labels: &'a [&'a str],
}

/// Those that a decision ends with.
#[derive(Serialize)]
struct End<'a> {
    frame: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

/// Writes decisions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    /// `"frame":…}`, which is the same for all.
    end: Vec<u8>,
    times: Written,
    /// `"verdict":… ,"labels":[…]` by what they are made of.
    reasons: HashMap<Vec<usize>, Vec<u8>>,
    /// The key of the reason at hand.
    key: Vec<usize>,
}

impl Writer {
    /// A writer of decisions by the frame of this digest; `file` where several are replayed.
    ///
    /// # Errors
    /// What the JSON's writer says.
    pub(crate) fn new(frame: &str, file: Option<&str>) -> serde_json::Result<Self> {
        let end = serde_json::to_vec(&End { frame, file })?.split_off(1);
        Ok(Self { end, ..Self::default() })
    }

    /// Adds the decision of a line, and the line's end.
    ///
    /// # Errors
    /// What the JSON's writer says.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, decided: &Decided<'_, '_>, line: u64) -> serde_json::Result<()> {
        let Decided { call, step, .. } = decided;
        let beginning = Beginning { version: VERSION, line, id: call.id.as_deref(), session: &call.session, step: *step, tool: &call.tool };
        serde_json::to_writer(&mut *out, &beginning)?;
        out.pop();
        out.push(b',');
        self.reason(out, decided)?;
        // A time has nothing to escape.
        out.extend_from_slice(b",\"at\":\"");
        out.extend_from_slice(self.times.write(decided.at).as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(&self.end);
        out.push(b'\n');
        Ok(())
    }

    fn reason(&mut self, out: &mut Vec<u8>, decided: &Decided<'_, '_>) -> serde_json::Result<()> {
        self.key.clear();
        key(&mut self.key, decided);
        if let Some(known) = self.reasons.get(self.key.as_slice()) {
            out.extend_from_slice(known);
            return Ok(());
        }
        let Decided { verdict, rule, rules, observed, code, message, who, labels, .. } = *decided;
        let reason = Reason { verdict: verdict_word(verdict), rule, rules, observed, code, message, who, labels };
        let mut text = serde_json::to_vec(&reason)?.split_off(1);
        text.pop();
        out.extend_from_slice(&text);
        if self.reasons.len() >= KEPT_REASONS {
            self.reasons.clear();
        }
        self.reasons.insert(self.key.clone(), text);
        Ok(())
    }
}

/// What tells reasons apart. The names are the policy's own texts, so their addresses do; the deciding rule has one message, and the rules say who is asked.
fn key(key: &mut Vec<usize>, decided: &Decided<'_, '_>) {
    let verdict = match decided.verdict {
        Verdict::Allow => 0,
        Verdict::Ask => 1,
        Verdict::Deny => 2,
    };
    key.extend([verdict, decided.rules.len(), decided.observed.len()]);
    key.extend(identity(decided.code));
    key.extend(decided.rule.map_or([0, 0], identity));
    for names in [decided.rules, decided.observed, decided.labels] {
        key.extend(names.iter().flat_map(|name| identity(name)));
    }
}

fn identity(text: &str) -> [usize; 2] {
    [text.as_ptr() as usize, text.len()]
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
