//! Results: scanned, recorded, and what of them may be given on.
//!
//! In: a decided call and what came of it. Out: [`Recorded`]. Invariants: a result that cannot be read is an error and leaves the call open, so that another
//! can be given; one that a scan withholds counts as failed and nothing of it is given on; where recording fails nothing may be given on.
//! Source: `lang-spec/traces.md`, [trace.result]; `lang-spec/content.md`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use leverframe_runtime::content::Memory;
use leverframe_runtime::{Arguments, LabelSet, Outcome, PersonaId, Policy, RawJson, ToolId};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decided::label_names;
use crate::error::HostError;

/// What came of a call.
#[derive(Clone, Copy, Debug)]
pub struct Came<'a> {
    /// Whether it succeeded.
    pub ok: bool,
    /// Its content as JSON: text, or MCP content parts.
    pub content: Option<&'a [u8]>,
    /// Its structured content as JSON.
    pub structured: Option<&'a [u8]>,
    /// Labels that it carries beside those that its tool declares and scans find.
    pub labels: &'a [&'a str],
    /// When it came, in milliseconds since 1970.
    pub at: i64,
}

/// What of a result may be given on. Nothing else of it may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Whether nothing may be: a scan denies it, or its call was not admitted.
    pub withheld: bool,
    /// The content as JSON, without what scans took out.
    pub content: Option<String>,
    /// The structured content as JSON, without what scans took out.
    pub structured: Option<String>,
    /// The labels that it brought by its host and by scans.
    pub labels: Vec<String>,
}

/// What of a result in its server's own words may be given on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Whether nothing may be: a scan denies it, or its call was not admitted.
    pub withheld: bool,
    /// The message where scans took something out of it; none: it may be given on as it came.
    pub redacted: Option<Vec<u8>>,
    /// The labels that scans found.
    pub labels: Vec<String>,
}

/// A result in its server's own words.
pub(crate) struct Whole<'a> {
    raw: &'a [u8],
    parts: Message<'a>,
}

/// A result that has been read.
pub(crate) struct Read<'a> {
    content: Option<&'a RawValue>,
    structured: Option<&'a RawValue>,
    labels: LabelSet,
}

/// A message as MCP writes it.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow, rename = "structuredContent")]
    structured: Option<&'a RawValue>,
    #[serde(default, rename = "isError")]
    failed: bool,
}

impl<'a> Whole<'a> {
    /// Reads a result.
    ///
    /// # Errors
    /// [`HostError::MalformedResult`].
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, HostError> {
        let parts = serde_json::from_slice(raw).map_err(|_| HostError::MalformedResult("message"))?;
        Ok(Self { raw, parts })
    }

    /// Scans the result, hands its outcome to `record`, and says what of it may be given on.
    ///
    /// # Errors
    /// That of `record`.
    pub(crate) fn take(
        &self,
        (policy, memory): (&Policy, &mut Memory),
        (persona, tool): (PersonaId, ToolId),
        (failed, at): (bool, i64),
        record: impl FnOnce(&Outcome<'_>) -> Result<(), HostError>,
    ) -> Result<Passed, HostError> {
        let scanned = policy.scan_result(persona, tool, self.raw, memory);
        let structured = self.parts.structured.map(|value| RawJson(value.get().as_bytes()));
        let structured = structured.as_ref().map(|value| value as &dyn Arguments);
        let ok = !failed && !self.parts.failed && !scanned.withheld;
        // Whatever else stands there is content, too.
        let more = serde_json::from_slice::<BTreeMap<Cow<'_, str>, &RawValue>>(self.raw).map_or(true, |members| {
            members.keys().any(|name| !["content", "structuredContent", "isError", "resultType"].contains(&name.as_ref()))
        });
        let parts = Read { content: self.parts.content, structured: self.parts.structured, labels: LabelSet(0) };
        // An error of JSON-RPC has words of its own.
        let content = failed || scanned.withheld || more || parts.holds_something();
        record(&Outcome { ok, content, labels: scanned.labels, at, structured })?;
        Ok(Passed { withheld: scanned.withheld, redacted: scanned.redacted, labels: label_names(policy, scanned.labels) })
    }
}

/// Reads a result.
///
/// # Errors
/// [`HostError::MalformedResult`] or [`HostError::UnknownLabel`].
pub(crate) fn read<'a>(policy: &Policy, came: &Came<'a>) -> Result<Read<'a>, HostError> {
    let content = part("content", came.content)?;
    let structured = part("structured content", came.structured)?;
    let mut labels = 0;
    for name in came.labels {
        let label = policy.label(name).ok_or_else(|| HostError::UnknownLabel((*name).to_owned()))?;
        labels |= 1_u64.checked_shl(label.0).unwrap_or(0);
    }
    Ok(Read { content, structured, labels: LabelSet(labels) })
}

fn part<'a>(what: &'static str, bytes: Option<&'a [u8]>) -> Result<Option<&'a RawValue>, HostError> {
    let Some(bytes) = bytes else { return Ok(None) };
    let value: &RawValue = serde_json::from_slice(bytes).map_err(|_| HostError::MalformedResult(what))?;
    Ok(if value.get() == "null" { None } else { Some(value) })
}

impl Read<'_> {
    /// The result as MCP would have written it: what scans read.
    fn message(&self) -> String {
        let member = |name: &str, value: Option<&RawValue>| value.map(|value| format!("\"{name}\":{}", value.get()));
        let members: Vec<String> =
            [member("content", self.content), member("structuredContent", self.structured)].into_iter().flatten().collect();
        format!("{{{}}}", members.join(","))
    }

    fn holds_something(&self) -> bool {
        let bare = |content: &RawValue| content.get().chars().filter(|c| !c.is_ascii_whitespace()).take(3).collect::<String>();
        self.structured.is_some() || self.content.is_some_and(|content| !matches!(bare(content).as_str(), "\"\"" | "[]" | "null"))
    }

    /// Scans the result, hands its outcome to `record`, and says what of it may be given on.
    ///
    /// # Errors
    /// That of `record`; [`HostError::MalformedResult`] where what a scan has left cannot be read again, which withholds it.
    pub(crate) fn take(
        &self,
        (policy, memory): (&Policy, &mut Memory),
        (persona, tool): (PersonaId, ToolId),
        (ok, at): (bool, i64),
        record: impl FnOnce(&Outcome<'_>) -> Result<(), HostError>,
    ) -> Result<Recorded, HostError> {
        let scanned = policy.scan_result(persona, tool, self.message().as_bytes(), memory);
        let labels = LabelSet(self.labels.0 | scanned.labels.0);
        let structured = self.structured.map(|value| RawJson(value.get().as_bytes()));
        let structured = structured.as_ref().map(|value| value as &dyn Arguments);
        let outcome = Outcome { ok: ok && !scanned.withheld, content: self.holds_something() || scanned.withheld, labels, at, structured };
        record(&outcome)?;
        let labels = label_names(policy, labels);
        if scanned.withheld {
            return Ok(Recorded { withheld: true, labels, ..Recorded::default() });
        }
        let text = |value: Option<&RawValue>| value.map(|value| value.get().to_owned());
        let (content, structured) = match &scanned.redacted {
            None => (text(self.content), text(self.structured)),
            Some(left) => {
                let left: Message<'_> = serde_json::from_slice(left).map_err(|_| HostError::MalformedResult("redacted content"))?;
                (text(left.content), text(left.structured))
            }
        };
        Ok(Recorded { withheld: false, content, structured, labels })
    }
}
