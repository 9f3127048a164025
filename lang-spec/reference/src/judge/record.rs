//! The lines of a record.
//!
//! In: JSON Lines. Out: [`Record`]s. Invariant: `args` and `context` are kept as they stand, faults and all, because a fault in them is something to decide.
//! Left out: compressed files. Source: `lang-spec/traces.md`; language section 9.

use std::fmt;

use crate::domain::time;
use crate::json::{self, Json};

/// A line of a record.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number, from 1.
    pub line: usize,
    /// Its time in milliseconds since 1970, where it gives one.
    pub at: Option<i64>,
    /// What it records.
    pub what: Recorded,
}

/// What a line records.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// A call.
    Call(CallRecord),
    /// The result of an earlier line's call.
    Result(ResultRecord),
    /// A host event.
    Event(EventRecord),
}

/// A JSON value as it stood in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(pub(crate) Json);

/// Whose histories a line belongs to, beside its session's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Keys {
    pub principal: Option<String>,
    pub agent: Option<String>,
    pub tenant: Option<String>,
}

/// A call.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct CallRecord {
    pub id: Option<String>,
    pub session: String,
    pub persona: String,
    pub tool: String,
    pub args: Content,
    pub context: Content,
    pub keys: Keys,
    pub approved: Option<bool>,
    pub result: Option<Outcome>,
}

/// The result of an earlier call.
#[derive(Clone, Debug)]
pub struct ResultRecord {
    /// The call's id.
    pub of: String,
    /// How it came out.
    pub outcome: Outcome,
}

/// How a call came out.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Whether it succeeded.
    pub ok: bool,
    /// The labels that the line adds.
    pub labels: Vec<String>,
    /// Its text or content parts, where it has any.
    pub content: Option<Content>,
    /// Its structured content.
    pub structured: Option<Content>,
}

impl Outcome {
    /// Whether it has any content.
    #[must_use]
    pub fn has_content(&self) -> bool {
        self.content.is_some() || self.structured.is_some()
    }
}

/// A host event.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct EventRecord {
    pub session: String,
    pub event: String,
    pub args: Content,
    pub keys: Keys,
}

/// A line that is in error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for RecordError {}

/// Reads the lines of a record; blank ones are skipped.
///
/// # Errors
/// The first line that is in error.
pub fn read_records(text: &str) -> Result<Vec<Record>, RecordError> {
    let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            record(line)
                .map_or_else(|what| Err(RecordError { line: index + 1, what }), |(at, what)| Ok(Record { line: index + 1, at, what }))
        })
        .collect()
}

const MEMBERS: [&str; 17] = [
    "id",
    "session",
    "persona",
    "tool",
    "result_of",
    "event",
    "args",
    "context",
    "principal",
    "agent",
    "tenant",
    "at",
    "approved",
    "result",
    "expect",
    "expect_rule",
    "expect_code",
];

fn record(line: &str) -> Result<(Option<i64>, Recorded), String> {
    let line = json::parse(line).filter(|line| matches!(line, Json::Object(_))).ok_or("the line is no JSON object")?;
    no_member_twice(&line, &MEMBERS)?;
    let at = there(&line, "at").map(|at| time_of(at).ok_or("`at` is no time")).transpose()?;
    let kinds = ["tool", "result_of", "event"].map(|kind| there(&line, kind).is_some());
    let what = match kinds {
        [true, false, false] => Recorded::Call(call(&line)?),
        [false, true, false] => Recorded::Result(ResultRecord {
            of: need(&line, "result_of")?,
            outcome: outcome(there(&line, "result").ok_or("`result` is missing")?)?,
        }),
        [false, false, true] => Recorded::Event(EventRecord {
            session: need(&line, "session")?,
            event: need(&line, "event")?,
            args: Content(there(&line, "args").cloned().unwrap_or(Json::Object(Vec::new()))),
            keys: keys(&line)?,
        }),
        _ => return Err("the line is not exactly one of call, result and event".into()),
    };
    Ok((at, what))
}

fn call(line: &Json) -> Result<CallRecord, String> {
    let approved = match there(line, "approved") {
        None => None,
        Some(Json::Bool(approved)) => Some(*approved),
        Some(_) => return Err("`approved` is no truth value".into()),
    };
    Ok(CallRecord {
        id: text(line, "id")?,
        session: need(line, "session")?,
        persona: need(line, "persona")?,
        tool: need(line, "tool")?,
        // Arguments that are null are there, and are malformed.
        args: Content(line.get("args").cloned().ok_or("`args` is missing")?),
        context: Content(there(line, "context").cloned().unwrap_or(Json::Object(Vec::new()))),
        keys: keys(line)?,
        approved,
        result: there(line, "result").map(outcome).transpose()?,
    })
}

fn outcome(result: &Json) -> Result<Outcome, String> {
    no_member_twice(result, &["ok", "labels", "content", "structured"])?;
    let Some(Json::Bool(ok)) = there(result, "ok") else { return Err("a result needs `ok`".into()) };
    let labels = match there(result, "labels") {
        None => Some(Vec::new()),
        Some(labels) => labels.items().and_then(|labels| labels.iter().map(|label| label.text().map(str::to_owned)).collect()),
    };
    let empty =
        |content: &Json| matches!(content, Json::String(Some(text)) if text.is_empty()) || content.items().is_some_and(<[Json]>::is_empty);
    let content = there(result, "content").filter(|content| !empty(content)).cloned().map(Content);
    let structured = there(result, "structured").cloned().map(Content);
    Ok(Outcome { ok: *ok, labels: labels.ok_or("`labels` is no list of texts")?, content, structured })
}

fn keys(line: &Json) -> Result<Keys, String> {
    Ok(Keys { principal: text(line, "principal")?, agent: text(line, "agent")?, tenant: text(line, "tenant")? })
}

fn no_member_twice(object: &Json, names: &[&str]) -> Result<(), String> {
    let twice = names.iter().find(|name| object.members().filter(|(key, _)| key == *name).count() > 1);
    twice.map_or(Ok(()), |name| Err(format!("`{name}` is given twice")))
}

/// A member that is there and is not null.
fn there<'j>(object: &'j Json, name: &str) -> Option<&'j Json> {
    object.get(name).filter(|value| **value != Json::Null)
}

fn text(line: &Json, name: &str) -> Result<Option<String>, String> {
    let text = |value: &Json| value.text().map(str::to_owned).ok_or_else(|| format!("`{name}` is no text"));
    there(line, name).map(text).transpose()
}

fn need(line: &Json, name: &str) -> Result<String, String> {
    text(line, name)?.ok_or_else(|| format!("`{name}` is missing"))
}

fn time_of(at: &Json) -> Option<i64> {
    match at {
        Json::Number(text) => text.parse().ok(),
        at => time::timestamp(at.text()?),
    }
}
