//! A tool call on its way: through the gate, to its server, and back through the gate.
//!
//! In: the parameters of `tools/call`. Out: a reply. Invariants: the arguments that are sent are those that were decided, byte for byte; the call is seen through and
//! its result recorded whether or not the client still waits; a result of which nothing could be recorded is not given on.
//! Source: MCP 2026-07-28, Tools; contracts section 2.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::{Caller, Mcp, Reply, Way};
use crate::config::Denials;
use crate::gate::{Admitted, Asked, Came, Refused};
use crate::limits;
use crate::protocol::{ErrorCode, Id, Malformed, Members, object, quoted};
use crate::serve::tell;
use crate::upstream::Answer;

/// The member of `_meta` that says why a call was denied.
const DENIAL: &str = "dev.leverframe/denial";

/// What of a call's parameters means anything here, taken out of their message so that the call can outlive it. Whatever else stands there is decided by nobody and
/// goes no further.
struct Wanted {
    exposed: String,
    args: String,
    trace: Option<String>,
}

impl Wanted {
    fn of(params: &Members<'_>) -> Result<Self, Malformed> {
        let exposed = params.text("name")?.ok_or_else(|| Malformed("`name` is missing".to_owned()))?;
        if exposed.len() > limits::NAME_BYTES {
            return Err(Malformed(format!("`name` is longer than {} bytes", limits::NAME_BYTES)));
        }
        let args = params.get("arguments")?.map_or("{}", RawValue::get);
        Members::of(args).map_err(|_| Malformed("`arguments` is no object".to_owned()))?;
        // An answer to what a server has asked would be data that no rule has seen.
        if params.get("requestState")?.is_some() || params.get("inputResponses")?.is_some() {
            return Err(Malformed("nothing was asked for, so there is nothing to be answered".to_owned()));
        }
        let trace = params.object("_meta")?.text("traceparent").ok().flatten().filter(|trace| is_trace(trace));
        Ok(Self { exposed, args: args.to_owned(), trace })
    }
}

/// Whether a text is a `traceparent` of W3C Trace Context: a form in which an agent has nothing to say.
fn is_trace(text: &str) -> bool {
    let hex = |part: Option<&str>, digits: usize| {
        part.is_some_and(|part| part.len() == digits && part.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')))
    };
    let mut parts = text.split('-');
    hex(parts.next(), 2) && hex(parts.next(), 32) && hex(parts.next(), 16) && hex(parts.next(), 2) && parts.next().is_none()
}

impl Mcp {
    pub(super) async fn call(self: &Arc<Self>, caller: Caller, id: Id<'_>, params: &Members<'_>) -> Reply {
        let wanted = match Wanted::of(params) {
            Ok(wanted) => wanted,
            Err(error) => return Reply::fault(Some(id.json()), ErrorCode::InvalidParams, &error.to_string(), None),
        };
        let Ok(permit) = self.calls.clone().try_acquire_owned() else {
            return self.denied(&caller, id, &Refused::by_gateway("busy", "too many calls are on their way"));
        };
        let (mcp, id) = (self.clone(), id.json().to_owned());
        // A client that goes away does not take its call with it: what the call has done must be recorded.
        let task = self.tasks.spawn(async move {
            let _permit = permit;
            let text = mcp.through(&caller, &wanted).await;
            mcp.replied(&caller, &id, text)
        });
        task.await.unwrap_or_else(|_| Reply::fault(None, ErrorCode::Internal, "the call has failed inside the gateway", None))
    }

    fn replied(&self, caller: &Caller, id: &str, text: Result<Said, Box<Refused>>) -> Reply {
        let id = IdText(id);
        match text {
            Ok(Said::Result(text)) => Reply { text: object([("jsonrpc", "\"2.0\""), ("id", id.0), ("result", &text)]), fault: None },
            Ok(Said::Error(text)) => Reply { text: object([("jsonrpc", "\"2.0\""), ("id", id.0), ("error", &text)]), fault: None },
            Err(refused) => self.denied_text(caller, id, &refused),
        }
    }

    async fn through(&self, caller: &Caller, wanted: &Wanted) -> Result<Said, Box<Refused>> {
        let tool = self.exposed.policy_name(&wanted.exposed);
        let behind = self.exposed.behind(&self.servers, &wanted.exposed).await;
        let pinned = behind.as_ref().map_or(Ok(()), |behind| self.pins.check(behind.server.alias(), &behind.tool));
        let refused_before = pinned.as_ref().err().map(|words| ("pin_mismatch", words.as_str()));
        let (args, trace) = (wanted.args.as_bytes(), wanted.trace.as_deref());
        let asked = Asked { who: &caller.who, session: &caller.session, tool: &tool, args, trace, refused_before };
        let admitted = self.decide(&asked)?;
        let Some(behind) = behind else {
            // Permitted by the policy and offered by nobody: it fails, and its history knows.
            return Ok(self.failed(admitted, "no server offers this tool now"));
        };
        let Some(args) = admitted.redacted().map_or(Some(wanted.args.as_str()), |left| std::str::from_utf8(left).ok()) else {
            return Ok(self.failed(admitted, "the arguments are no text"));
        };
        let sent = behind.call(args, trace).await;
        match sent {
            Ok(answer) => self.came(caller, admitted, answer),
            Err(fault) => {
                // What a server says that is no answer is nobody's to read but the operator's.
                tell(&fault.to_string());
                Ok(self.failed(admitted, fault.to_client()))
            }
        }
    }

    fn decide(&self, asked: &Asked<'_>) -> Result<Admitted, Box<Refused>> {
        if self.blocks { tokio::task::block_in_place(|| self.gate.decide(asked)) } else { self.gate.decide(asked) }
    }

    fn came(&self, caller: &Caller, admitted: Admitted, answer: Answer) -> Result<Said, Box<Refused>> {
        let (text, failed) = match &answer {
            Answer::Result(text) => (text, false),
            Answer::Error(text) => (text, true),
        };
        let complete = match Members::of(text).and_then(|members| members.text("resultType")) {
            Ok(kind) => kind.is_none_or(|kind| kind == "complete"),
            Err(_) => failed,
        };
        // An answer that is none yet, or of a kind that is not known here, is recorded as a failed one with content, and not given on.
        let given = self.record(admitted, &Came { message: text.as_bytes(), failed: failed || !complete })?;
        Ok(match (given.message, failed) {
            _ if !complete => {
                Said::Result(self.words("The server has not completed the call; what it asks for instead is not passed on.", None))
            }
            (None, _) => Said::Result(self.words("The result was withheld by policy.", None)),
            (Some(error), true) => Said::Error(error),
            (Some(text), false) => Said::Result(typed(caller, text)),
        })
    }

    fn record(&self, admitted: Admitted, came: &Came<'_>) -> Result<crate::gate::Given, Box<Refused>> {
        let record = || self.gate.record(admitted, came);
        let given = if self.blocks { tokio::task::block_in_place(record) } else { record() };
        given.map_err(|words| {
            tell(&words);
            Refused::by_gateway("state_unavailable", "the result cannot be recorded, so it is withheld")
        })
    }

    /// A call that has brought nothing.
    fn failed(&self, admitted: Admitted, words: &str) -> Said {
        let message = object([("content", "[]"), ("isError", "true")]);
        match self.record(admitted, &Came { message: message.as_bytes(), failed: false }) {
            Ok(_) => Said::Result(self.words(words, None)),
            Err(refused) => Said::Result(self.words(&refused.sentence(), None)),
        }
    }

    /// A result that says that the call has failed, and why.
    fn words(&self, words: &str, denial: Option<&str>) -> String {
        let part = object([("type", "\"text\""), ("text", &quoted(words))]);
        let content = format!("[{part}]");
        let meta = denial.map(|denial| object([(DENIAL, denial)]));
        let mut members = vec![("content", content.as_str()), ("isError", "true"), ("resultType", "\"complete\"")];
        members.extend(meta.as_deref().map(|meta| ("_meta", meta)));
        object(members)
    }

    fn denied(&self, caller: &Caller, id: Id<'_>, refused: &Refused) -> Reply {
        self.denied_text(caller, IdText(id.json()), refused)
    }

    fn denied_text(&self, _: &Caller, id: IdText<'_>, refused: &Refused) -> Reply {
        let (words, data) = (refused.sentence(), serde_json::to_string(refused).unwrap_or_else(|_| "null".to_owned()));
        let text = match self.denials {
            Denials::Error => crate::protocol::error(Some(id.0), ErrorCode::Denied, &words, Some(&data)),
            Denials::Result => {
                let result = self.words(&words, Some(&data));
                object([("jsonrpc", "\"2.0\""), ("id", id.0), ("result", &result)])
            }
        };
        Reply { text, fault: None }
    }
}

/// What is said of a call that was made.
enum Said {
    Result(String),
    Error(String),
}

#[derive(Clone, Copy)]
struct IdText<'a>(&'a str);

/// A result says its type where clients expect one.
fn typed(caller: &Caller, text: String) -> String {
    let members = Members::of(&text).unwrap_or_default();
    match (&caller.way, members.get("resultType")) {
        (Way::Modern(_), Ok(None)) => {
            object([("resultType", "\"complete\"")].into_iter().chain(members.iter().map(|(name, value)| (name, value.get()))))
        }
        _ => text,
    }
}
