//! One line of a record.
//!
//! In: the bytes of a line. Out: a [`Record`] that borrows from them, or the reason why the line is none. `args` and `context` stay the
//! text that they were: the runtime reads them byte for byte, so a duplicate key, a wide number or a lone surrogate in them is the
//! runtime's to judge and the line decides all the same.
//! Source: `lang-spec/traces.md`, [trace.line].

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::time;

/// A line of a record.
#[derive(Debug)]
pub(crate) enum Record<'a> {
    /// A call to decide.
    Call(CallLine<'a>),
    /// The result of an earlier line's call.
    Result(ResultLine<'a>),
    /// A host event.
    Event(EventLine<'a>),
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

/// A call.
#[derive(Debug)]
pub(crate) struct CallLine<'a> {
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) session: Cow<'a, str>,
    pub(crate) persona: Cow<'a, str>,
    pub(crate) tool: Cow<'a, str>,
    pub(crate) args: &'a str,
    pub(crate) context: Option<&'a str>,
    pub(crate) keys: Keys<'a>,
    pub(crate) at: Option<i64>,
    pub(crate) approved: Option<bool>,
    pub(crate) result: Option<Outcome<'a>>,
    pub(crate) expect: Expected<'a>,
}

/// What a line says that its decision should be; read only where somebody asks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected<'a> {
    pub(crate) verdict: Option<&'a RawValue>,
    pub(crate) rule: Option<&'a RawValue>,
    pub(crate) code: Option<&'a RawValue>,
}

/// The result of an earlier call.
#[derive(Debug)]
pub(crate) struct ResultLine<'a> {
    pub(crate) of: Cow<'a, str>,
    pub(crate) at: Option<i64>,
    pub(crate) result: Outcome<'a>,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Outcome<'a> {
    pub(crate) ok: bool,
    pub(crate) content: bool,
    pub(crate) labels: Vec<Cow<'a, str>>,
    /// Its content, as the text that it was.
    pub(crate) parts: Option<&'a str>,
    /// Its structured content, as the text that it was.
    pub(crate) structured: Option<&'a str>,
}

impl Outcome<'_> {
    /// The result as MCP would have written it: what scans read.
    pub(crate) fn message(&self) -> String {
        let member = |name: &str, text: Option<&str>| text.map(|text| format!("{name:?}:{text}"));
        let members: Vec<String> =
            [member("content", self.parts), member("structuredContent", self.structured)].into_iter().flatten().collect();
        format!("{{{}}}", members.join(","))
    }
}

/// A host event.
#[derive(Debug)]
pub(crate) struct EventLine<'a> {
    pub(crate) session: Cow<'a, str>,
    pub(crate) event: Cow<'a, str>,
    pub(crate) args: &'a str,
    pub(crate) keys: Keys<'a>,
    pub(crate) at: Option<i64>,
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
    /// `at` is no time.
    #[error("`at` must be an RFC 3339 time or an integer of milliseconds")]
    Time,
    /// A member that must be an object is none.
    #[error("`{0}` must be an object")]
    MemberNotObject(&'static str),
}

/// Reads a line.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn read(bytes: &[u8]) -> Result<Record<'_>, LineError> {
    let members = members(bytes)?;
    match (&members.tool, &members.result_of, &members.event) {
        (Some(_), Some(_), _) => Err(LineError::TwoKinds("tool", "result_of")),
        (Some(_), _, Some(_)) => Err(LineError::TwoKinds("tool", "event")),
        (_, Some(_), Some(_)) => Err(LineError::TwoKinds("result_of", "event")),
        (Some(_), None, None) => call(members).map(Record::Call),
        (None, Some(_), None) => result(members).map(Record::Result),
        (None, None, Some(_)) => event(members).map(Record::Event),
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
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members that mean something; others are ignored, a known one given twice is an error.
#[derive(Debug, Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    session: Option<Text<'a>>,
    #[serde(borrow)]
    persona: Option<Text<'a>>,
    #[serde(borrow)]
    tool: Option<Text<'a>>,
    #[serde(borrow)]
    result_of: Option<Text<'a>>,
    #[serde(borrow)]
    event: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "whatever_is_there")]
    args: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    principal: Option<Text<'a>>,
    #[serde(borrow)]
    agent: Option<Text<'a>>,
    #[serde(borrow)]
    tenant: Option<Text<'a>>,
    #[serde(borrow)]
    at: Option<&'a RawValue>,
    approved: Option<bool>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    expect: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "whatever_is_there")]
    expect_rule: Option<&'a RawValue>,
    #[serde(borrow)]
    expect_code: Option<&'a RawValue>,
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
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(what) if error.column() > 0 => format!("{what} (column {})", error.column()),
        Some(what) => what.to_owned(),
        None => text,
    }
}

fn call(members: Members<'_>) -> Result<CallLine<'_>, LineError> {
    let keys = keys(members.principal, members.agent, members.tenant);
    Ok(CallLine {
        id: members.id.map(|id| id.0),
        session: members.session.ok_or(LineError::Missing("a call", "session"))?.0,
        persona: members.persona.ok_or(LineError::Missing("a call", "persona"))?.0,
        tool: members.tool.ok_or(LineError::Missing("a call", "tool"))?.0,
        args: members.args.ok_or(LineError::Missing("a call", "args"))?.get(),
        context: members.context.map(|raw| object("context", raw)).transpose()?,
        keys,
        at: members.at.map(instant).transpose()?,
        approved: members.approved,
        result: members.result.map(outcome).transpose()?,
        expect: Expected { verdict: members.expect, rule: members.expect_rule, code: members.expect_code },
    })
}

fn result(members: Members<'_>) -> Result<ResultLine<'_>, LineError> {
    Ok(ResultLine {
        of: members.result_of.ok_or(LineError::NoKind)?.0,
        at: members.at.map(instant).transpose()?,
        result: outcome(members.result.ok_or(LineError::Missing("a result", "result"))?)?,
    })
}

fn event(members: Members<'_>) -> Result<EventLine<'_>, LineError> {
    let keys = keys(members.principal, members.agent, members.tenant);
    Ok(EventLine {
        session: members.session.ok_or(LineError::Missing("a host event", "session"))?.0,
        event: members.event.ok_or(LineError::NoKind)?.0,
        args: members.args.map_or("{}", RawValue::get),
        keys,
        at: members.at.map(instant).transpose()?,
    })
}

fn outcome(raw: &RawValue) -> Result<Outcome<'_>, LineError> {
    let text = object("result", raw)?;
    let members: ResultMembers<'_> = serde_json::from_str(text).map_err(|error| LineError::Json(words(&error)))?;
    Ok(Outcome {
        ok: members.ok.ok_or(LineError::Missing("a result", "ok"))?,
        content: members.content.is_some_and(holds_something) || members.structured.is_some(),
        parts: members.content.map(RawValue::get),
        labels: members.labels.unwrap_or_default().into_iter().map(|label| label.0).collect(),
        structured: members.structured.map(RawValue::get),
    })
}

/// Whether content is more than an empty text or an empty list of parts.
fn holds_something(content: &RawValue) -> bool {
    let mut bare = content.get().bytes().filter(|byte| !byte.is_ascii_whitespace());
    !matches!((bare.next(), bare.next(), bare.next()), (Some(b'"'), Some(b'"'), None) | (Some(b'['), Some(b']'), None))
}

fn keys<'a>(principal: Option<Text<'a>>, agent: Option<Text<'a>>, tenant: Option<Text<'a>>) -> Keys<'a> {
    Keys { principal: principal.map(|text| text.0), agent: agent.map(|text| text.0), tenant: tenant.map(|text| text.0) }
}

fn instant(raw: &RawValue) -> Result<i64, LineError> {
    time::read(raw).ok_or(LineError::Time)
}

fn object<'a>(name: &'static str, raw: &'a RawValue) -> Result<&'a str, LineError> {
    if raw.get().starts_with('{') { Ok(raw.get()) } else { Err(LineError::MemberNotObject(name)) }
}

#[cfg(test)]
mod tests {
    use super::{LineError, Record, read, reference, shallow};

    fn call(text: &str) -> super::CallLine<'_> {
        match read(text.as_bytes()) {
            Ok(Record::Call(call)) => call,
            other => panic!("no call: {other:?}"),
        }
    }

    #[test]
    fn arguments_stay_the_text_that_they_were() {
        for args in [r#"{"n":1,"n":2}"#, r#"{"s":"a\ud83e"}"#, r#"{"n":100000000000000000000000}"#, r#"{"n":1e999}"#, "null", "[1]", "3"] {
            let text = format!(r#"{{"session":"s","persona":"p","tool":"t","args":{args}}}"#);
            assert_eq!(call(&text).args, args);
        }
    }

    #[test]
    fn deep_arguments_do_not_overflow_the_stack() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let text = format!(r#"{{"session":"s","persona":"p","tool":"t","args":{{"x":{deep}}}}}"#);
        assert_eq!(call(&text).args.len(), deep.len() + 6);
    }

    #[test]
    fn unknown_members_are_ignored_and_known_ones_given_twice_are_not() {
        let text = r#" {"foo":{"session":1},"session":"s","persona":"p","tool":"t","args":{},"context":null} "#;
        assert_eq!(call(text).session, "s");
        let twice = r#"{"session":"s","session":"t","persona":"p","tool":"t","args":{}}"#;
        assert!(matches!(read(twice.as_bytes()), Err(LineError::Json(words)) if words.contains("duplicate field `session`")));
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = |text: &str| read(text.as_bytes()).unwrap_err();
        assert_eq!(error(r#"{"session":"s","tool":"t","args":{}}"#), LineError::Missing("a call", "persona"));
        assert_eq!(error(r#"{"session":"s","persona":"p","tool":"t"}"#), LineError::Missing("a call", "args"));
        assert_eq!(error(r#"{"event":"e"}"#), LineError::Missing("a host event", "session"));
        assert_eq!(error(r#"{"result_of":"1"}"#), LineError::Missing("a result", "result"));
        assert_eq!(error(r#"{"result_of":"1","result":{}}"#), LineError::Missing("a result", "ok"));
        assert_eq!(error(r#"{"result_of":"1","result":[true]}"#), LineError::MemberNotObject("result"));
        assert_eq!(error(r#"{"session":"s"}"#), LineError::NoKind);
        assert_eq!(error(r#"{"tool":"t","event":"e"}"#), LineError::TwoKinds("tool", "event"));
        assert_eq!(error("[1]"), LineError::NotObject);
        assert_eq!(error("7"), LineError::NotObject);
        assert!(matches!(error("not json"), LineError::Json(_)));
        assert_eq!(error(r#"{"session":"s","persona":"p","tool":"t","args":{},"at":"noon"}"#), LineError::Time);
    }

    #[test]
    fn content_is_something_or_nothing() {
        let content = |result: &str| {
            let text = format!(r#"{{"result_of":"1","result":{result}}}"#);
            match read(text.as_bytes()) {
                Ok(Record::Result(line)) => line.result.content,
                other => panic!("no result: {other:?}"),
            }
        };
        assert!(content(r#"{"ok":true,"content":"x"}"#));
        assert!(content(r#"{"ok":true,"content":[{"type":"text","text":""}]}"#));
        assert!(content(r#"{"ok":true,"structured":{}}"#));
        assert!(!content(r#"{"ok":true,"content":""}"#));
        assert!(!content(r#"{"ok":true,"content":[ ]}"#));
        assert!(!content(r#"{"ok":true,"content":null}"#));
        assert!(!content(r#"{"ok":true}"#));
    }

    #[test]
    fn references_are_found_however_they_are_spelled() {
        assert_eq!(reference(br#"{"result_of":"1"}"#).as_deref(), Some("1"));
        assert_eq!(reference(br#"{"result\u005fof":"\u0031"}"#).as_deref(), Some("1"));
        assert_eq!(reference(br#"{"session":"s","args":{"result_of":"1"}}"#), None);
    }

    #[test]
    fn an_object_can_be_looked_at_one_deep() {
        let pairs = shallow(r#"{"a": [1, 2], "a":"x"}"#).unwrap();
        assert_eq!(pairs, [("a".to_owned(), "[1, 2]".to_owned()), ("a".to_owned(), "\"x\"".to_owned())]);
        assert_eq!(shallow("[1]"), None);
    }

    #[test]
    fn the_examples_of_the_page_are_lines() {
        let page = include_str!("../../../../lang-spec/traces.md");
        let examples: Vec<&str> = page.lines().filter(|line| line.starts_with('{') && !line.contains("\"version\"")).collect();
        assert!(examples.len() >= 8, "{examples:?}");
        for example in examples {
            assert!(read(example.as_bytes()).is_ok(), "{example}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_line() {
        let line = b"{\"session\":\"s\",\"persona\":\"p\",\"tool\":\"t\",\"args\":{\"x\":\"\xff\"}}";
        assert!(matches!(read(line), Err(LineError::Json(_))));
    }
}
