//! One line of a record.
//!
//! In: the bytes of a line. Out: a [`Line`] that borrows from them, or the reason why they are none. `args` and `context` stay the
//! text that they were: the runtime reads them byte for byte, so a duplicate key, a wide number or a lone surrogate in them is the
//! runtime's to judge and the line decides all the same.
//! Invariant: a line that [`plain`] can read says what `serde_json` would have read of it; whatever else a line holds, `serde_json` judges.
//! Source: `lang-spec/traces.md`, [trace.line].

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::plain;
use super::time::Times;

/// What kind of line a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A call to decide.
    #[default]
    Call,
    /// The result of an earlier line's call.
    Result,
    /// A host event.
    Event,
}

/// Whose histories a line belongs to, beside its session's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys<'a> {
    /// Who the agent acts for.
    pub(crate) principal: Option<Cow<'a, str>>,
    /// The agent.
    pub(crate) agent: Option<Cow<'a, str>>,
    /// The tenant.
    pub(crate) tenant: Option<Cow<'a, str>>,
}

/// A line of a record; what its kind does not have means nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) kind: Kind,
    /// What a line of a result names a call by.
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) session: Cow<'a, str>,
    pub(crate) persona: Cow<'a, str>,
    pub(crate) tool: Cow<'a, str>,
    /// The id of the call that a result is of.
    pub(crate) of: Cow<'a, str>,
    /// The host event's name.
    pub(crate) event: Cow<'a, str>,
    /// The arguments of a call or of a host event.
    pub(crate) args: &'a str,
    pub(crate) context: Option<&'a str>,
    pub(crate) keys: Keys<'a>,
    pub(crate) at: Option<i64>,
    pub(crate) approved: Option<bool>,
    /// What came of the call; a line of a result has it.
    pub(crate) result: Option<Outcome<'a>>,
    pub(crate) expect: Expected<'a>,
    /// Whether it is a line of a gateway's log that says nothing of calls, results and host events; then nothing else of it means anything.
    pub(crate) remark: bool,
}

/// What a line says that its decision should be, as text; read only where somebody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected<'a> {
    pub(crate) verdict: Option<&'a str>,
    pub(crate) rule: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
}

/// What came of a call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome<'a> {
    pub(crate) ok: bool,
    pub(crate) content: bool,
    pub(crate) labels: Vec<Cow<'a, str>>,
    /// Its content, as the text that it was.
    pub(crate) parts: Option<&'a str>,
    /// Its structured content, as the text that it was.
    pub(crate) structured: Option<&'a str>,
}

impl<'a> Outcome<'a> {
    pub(super) fn new(ok: bool, labels: Vec<Cow<'a, str>>, parts: Option<&'a str>, structured: Option<&'a str>) -> Self {
        Self { ok, content: parts.is_some_and(holds_something) || structured.is_some(), labels, parts, structured }
    }

    /// The result as MCP would have written it: what scans read. `out` is used again from line to line.
    pub(crate) fn message<'o>(&self, out: &'o mut String) -> &'o [u8] {
        out.clear();
        out.push('{');
        for (name, text) in [("\"content\":", self.parts), ("\"structuredContent\":", self.structured)] {
            let Some(text) = text else { continue };
            out.push_str(if out.len() > 1 { "," } else { "" });
            out.push_str(name);
            out.push_str(text);
        }
        out.push('}');
        out.as_bytes()
    }
}

/// Why a line is no record.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum LineError {
    /// It is no JSON object, or one of its members has another type than it should.
    #[error("{0}")]
    Json(String),
    /// It is JSON, but no object.
    #[error("a line must be a JSON object")]
    NotObject,
    /// It is none of the three kinds of line.
    #[error("a line needs `tool` (a call), `result_of` (a result) or `event` (a host event)")]
    NoKind,
    /// It is two of them at once.
    #[error("a line cannot have both `{0}` and `{1}`")]
    TwoKinds(&'static str, &'static str),
    /// A member that it must have is missing.
    #[error("{0} needs `{1}`")]
    Missing(&'static str, &'static str),
    /// It is of a gateway that logs arguments by their hash only.
    #[error("the log holds only the hash of this call's arguments: a gateway whose log is to be replayed has `arguments = \"full\"`")]
    HashOnly,
    /// `at` is no time.
    #[error("`at` must be an RFC 3339 time or an integer of milliseconds")]
    Time,
    /// What stands in a column of a Parquet file is not what it should be.
    #[cfg(feature = "parquet")]
    #[error("column `{0}`: {1}")]
    Column(&'static str, String),
    /// A member that must be an object is none.
    #[error("`{0}` must be an object")]
    MemberNotObject(&'static str),
}

/// The arguments of a host event that names none.
pub(super) const NO_ARGUMENTS: &str = "{}";

/// Reads a line: `text` where it is known to be UTF-8, else `bytes`.
///
/// # Errors
/// The first thing that is wrong with it; `line` then says nothing.
pub(crate) fn read<'a>(bytes: &'a [u8], text: Option<&'a str>, times: &mut Times, line: &mut Line<'a>) -> Result<(), LineError> {
    if text.is_some_and(|text| plain::read(text, times, line).is_some()) {
        return Ok(());
    }
    *line = Line::default();
    *line = by_serde(bytes, times)?;
    Ok(())
}

/// Reads any line.
fn by_serde<'a>(bytes: &'a [u8], times: &mut Times) -> Result<Line<'a>, LineError> {
    of_members(members(bytes)?, times)
}

/// The line that these members make.
pub(super) fn of_members<'a>(members: Members<'a>, times: &mut Times) -> Result<Line<'a>, LineError> {
    match members.audit.as_ref().map(|kind| kind.0.as_ref()) {
        None | Some("result") => {}
        Some("decision") if members.args.is_none() => return Err(LineError::HashOnly),
        Some("decision") => {}
        Some(_) => return Ok(Line { remark: true, ..Line::default() }),
    }
    match (&members.tool, &members.result_of, &members.event) {
        (Some(_), Some(_), _) => Err(LineError::TwoKinds("tool", "result_of")),
        (Some(_), _, Some(_)) => Err(LineError::TwoKinds("tool", "event")),
        (_, Some(_), Some(_)) => Err(LineError::TwoKinds("result_of", "event")),
        (Some(_), None, None) => call(members, times),
        (None, Some(_), None) => result(members, times),
        (None, None, Some(_)) => event(members, times),
        (None, None, None) => Err(LineError::NoKind),
    }
}

/// The id that a line of a result refers to, without reading the rest of it; nothing on any other line.
pub(crate) fn reference(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Reference<'a> {
        #[serde(borrow)]
        result_of: Option<Text<'a>>,
    }
    let line: Reference<'_> = serde_json::from_slice(bytes).ok()?;
    line.result_of.map(|id| id.0.into_owned())
}

/// The members of an object in their order, each value as its text. Nothing where `text` is no object.
pub(crate) fn shallow(text: &str) -> Option<Vec<(String, String)>> {
    struct Pairs;
    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                pairs.push((key, value.get().to_owned()));
            }
            Ok(pairs)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut reader, Pairs).ok()
}

/// Text that borrows from the line where it has no escapes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The members that mean something; others are ignored, a known one given twice is an error.
#[derive(Debug, Deserialize)]
pub(super) struct Members<'a> {
    /// What a line of a gateway's log is.
    #[serde(borrow)]
    pub(super) audit: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) session: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) persona: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) result_of: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) event: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "whatever_is_there")]
    pub(super) args: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) context: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) principal: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) agent: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tenant: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) at: Option<&'a RawValue>,
    pub(super) approved: Option<bool>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) expect: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "whatever_is_there")]
    pub(super) expect_rule: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) expect_code: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct ResultMembers<'a> {
    ok: Option<bool>,
    #[serde(borrow)]
    labels: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    structured: Option<&'a RawValue>,
}

/// Keeps an explicit `null`, which is not the same as nothing: arguments that are `null` are malformed, but they are there.
fn whatever_is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

fn members(bytes: &[u8]) -> Result<Members<'_>, LineError> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    // A reader of objects by name takes arrays for objects by position; a record has no such form.
    match serde_json::from_slice(bytes) {
        Ok(_) if first != Some(&b'{') => Err(LineError::NotObject),
        Ok(members) => Ok(members),
        Err(error) if error.is_data() && first != Some(&b'{') => Err(LineError::NotObject),
        Err(error) => Err(LineError::Json(words(&error))),
    }
}

/// The reader's words, its place told in columns: the line is the file's.
pub(super) fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(what) if error.column() > 0 => format!("{what} (column {})", error.column()),
        Some(what) => what.to_owned(),
        None => text,
    }
}

fn call<'a>(members: Members<'a>, times: &mut Times) -> Result<Line<'a>, LineError> {
    Ok(Line {
        kind: Kind::Call,
        id: members.id.map(|id| id.0),
        session: members.session.ok_or(LineError::Missing("a call", "session"))?.0,
        persona: members.persona.ok_or(LineError::Missing("a call", "persona"))?.0,
        tool: members.tool.ok_or(LineError::Missing("a call", "tool"))?.0,
        args: members.args.ok_or(LineError::Missing("a call", "args"))?.get(),
        context: members.context.map(|raw| object("context", raw)).transpose()?,
        keys: keys(members.principal, members.agent, members.tenant),
        at: members.at.map(|raw| instant(raw, times)).transpose()?,
        approved: members.approved,
        result: members.result.map(outcome).transpose()?,
        expect: Expected {
            verdict: members.expect.map(RawValue::get),
            rule: members.expect_rule.map(RawValue::get),
            code: members.expect_code.map(RawValue::get),
        },
        ..Line::default()
    })
}

fn result<'a>(members: Members<'a>, times: &mut Times) -> Result<Line<'a>, LineError> {
    Ok(Line {
        kind: Kind::Result,
        of: members.result_of.ok_or(LineError::NoKind)?.0,
        at: members.at.map(|raw| instant(raw, times)).transpose()?,
        result: Some(outcome(members.result.ok_or(LineError::Missing("a result", "result"))?)?),
        ..Line::default()
    })
}

fn event<'a>(members: Members<'a>, times: &mut Times) -> Result<Line<'a>, LineError> {
    Ok(Line {
        kind: Kind::Event,
        session: members.session.ok_or(LineError::Missing("a host event", "session"))?.0,
        event: members.event.ok_or(LineError::NoKind)?.0,
        args: members.args.map_or(NO_ARGUMENTS, RawValue::get),
        keys: keys(members.principal, members.agent, members.tenant),
        at: members.at.map(|raw| instant(raw, times)).transpose()?,
        ..Line::default()
    })
}

fn outcome(raw: &RawValue) -> Result<Outcome<'_>, LineError> {
    let text = object("result", raw)?;
    let members: ResultMembers<'_> = serde_json::from_str(text).map_err(|error| LineError::Json(words(&error)))?;
    let labels = members.labels.unwrap_or_default().into_iter().map(|label| label.0).collect();
    let ok = members.ok.ok_or(LineError::Missing("a result", "ok"))?;
    Ok(Outcome::new(ok, labels, members.content.map(RawValue::get), members.structured.map(RawValue::get)))
}

/// Whether content is more than an empty text or an empty list of parts.
fn holds_something(content: &str) -> bool {
    let mut bare = content.bytes().filter(|byte| !byte.is_ascii_whitespace());
    !matches!((bare.next(), bare.next(), bare.next()), (Some(b'"'), Some(b'"'), None) | (Some(b'['), Some(b']'), None))
}

fn keys<'a>(principal: Option<Text<'a>>, agent: Option<Text<'a>>, tenant: Option<Text<'a>>) -> Keys<'a> {
    Keys { principal: principal.map(|text| text.0), agent: agent.map(|text| text.0), tenant: tenant.map(|text| text.0) }
}

fn instant(raw: &RawValue, times: &mut Times) -> Result<i64, LineError> {
    times.read(raw.get()).ok_or(LineError::Time)
}

fn object<'a>(name: &'static str, raw: &'a RawValue) -> Result<&'a str, LineError> {
    if raw.get().starts_with('{') { Ok(raw.get()) } else { Err(LineError::MemberNotObject(name)) }
}

#[cfg(test)]
mod tests;
