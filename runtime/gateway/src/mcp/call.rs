//! A tool call on its way: through the gate, to its server, and back through the gate.
//!
//! In: the parameters of `tools/call`. Out: a reply. Invariants: the arguments that are sent are those that were decided, byte for byte; the call is seen through and
//! its result recorded whether or not the client still waits; a result of which nothing could be recorded is not given on.
//! Source: MCP 2026-07-28, Tools; contracts section 2.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::waiting::Held;
use super::{Caller, Mcp, Reply, Way};
use crate::config::Denials;
use crate::gate::{Admitted, Asked, Came, Refused};
use crate::protocol::{ErrorCode, Id, Malformed, Members, object, quoted};
use crate::upstream::{Answer, Ask, Fault, Marked};

/// Members of `_meta` that are between this client and this gateway.
const OWN: &str = "io.modelcontextprotocol/";
/// The member of `_meta` that says why a call was denied.
const DENIAL: &str = "dev.leverframe/denial";

/// The parameters of a call, taken out of their message so that the call can outlive it.
struct Wanted {
    exposed: String,
    args: String,
    /// Members that are passed on as they are.
    others: Vec<(String, String)>,
    meta: Vec<(String, String)>,
    trace: Option<String>,
    /// What a retry brings.
    state: Option<String>,
    responses: Option<String>,
}

impl Wanted {
    fn of(params: &Members<'_>) -> Result<Self, Malformed> {
        let exposed = params.text("name")?.ok_or_else(|| Malformed("`name` is missing".to_owned()))?;
        let args = params.get("arguments")?.map_or("{}", RawValue::get);
        Members::of(args).map_err(|_| Malformed("`arguments` is no object".to_owned()))?;
        let meta = params.object("_meta")?;
        let known = ["name", "arguments", "_meta", "requestState", "inputResponses"];
        let own = |(name, value): (&str, &RawValue)| (name.to_owned(), value.get().to_owned());
        Ok(Self {
            exposed,
            args: args.to_owned(),
            others: params.iter().filter(|(name, _)| !known.contains(name)).map(own).collect(),
            trace: meta.text("traceparent")?,
            meta: meta.iter().filter(|(name, _)| !name.starts_with(OWN) && *name != "progressToken").map(own).collect(),
            state: params.text("requestState")?,
            responses: params.get("inputResponses")?.map(|value| value.get().to_owned()),
        })
    }
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
        let held = match &wanted.state {
            Some(state) => Some(self.resumed(caller, &tool, wanted, state)?),
            None => None,
        };
        let behind = self.exposed.behind(&self.servers, &wanted.exposed);
        let pinned = behind.as_ref().map(|behind| self.pins.check(behind.server.alias(), &behind.tool));
        let refused_before = match &pinned {
            Some(Err(words)) => Some(("pin_mismatch", words.as_str())),
            _ => None,
        };
        let asked = Asked {
            who: &caller.who,
            session: &caller.session,
            tool: &tool,
            args: wanted.args.as_bytes(),
            trace: wanted.trace.as_deref(),
            refused_before,
        };
        let (admitted, state) = match held {
            Some(Held { admitted, state, .. }) => (admitted, state),
            None => (self.decide(&asked)?, None),
        };
        let Some(behind) = behind else {
            // Permitted by the policy and offered by nobody: it fails, and its history knows.
            return Ok(self.failed(admitted, "no server offers this tool"));
        };
        let args = admitted.redacted().map_or(wanted.args.as_str(), |left| std::str::from_utf8(left).unwrap_or("{}")).to_owned();
        let answer = self.sent(caller, wanted, (&behind.tool.name, behind.server, &behind.tool.marked), (&args, state.as_deref())).await;
        match answer {
            Ok(answer) => self.came(caller, (&tool, wanted), admitted, answer),
            Err(fault) => Ok(self.failed(admitted, &fault.to_string())),
        }
    }

    /// The call that a retry is of; who has been stopped meanwhile does not go on.
    fn resumed(&self, caller: &Caller, tool: &str, wanted: &Wanted, state: &str) -> Result<Held, Box<Refused>> {
        let held = self.waiting.take(state, caller, tool, wanted.args.as_bytes());
        let held = held.ok_or_else(|| Refused::by_gateway("unknown_retry", "this is no retry of a call that waits for input"))?;
        match self.gate.resume(&held.admitted, &caller.who) {
            Ok(()) => Ok(held),
            Err(refused) => {
                self.failed(held.admitted, "the call was stopped");
                Err(refused)
            }
        }
    }

    fn decide(&self, asked: &Asked<'_>) -> Result<Admitted, Box<Refused>> {
        if self.blocks { tokio::task::block_in_place(|| self.gate.decide(asked)) } else { self.gate.decide(asked) }
    }

    async fn sent(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        (name, server, marked): (&str, &crate::upstream::Server, &[Marked]),
        (args, state): (&str, Option<&str>),
    ) -> Result<Answer, Fault> {
        let quoted_name = quoted(name);
        let mut params = vec![("name", quoted_name.as_str()), ("arguments", args)];
        params.extend(wanted.others.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        params.extend(state.map(|state| ("requestState", state)));
        params.extend(wanted.responses.as_deref().filter(|_| wanted.state.is_some()).map(|responses| ("inputResponses", responses)));
        let meta: Vec<(&str, &str)> = wanted.meta.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let capabilities = match &caller.way {
            Way::Modern(capabilities) => capabilities.as_str(),
            Way::Legacy(_) => "{}",
        };
        let headers = crate::protocol::header_values(marked.iter().map(|mark| (mark.header.as_str(), mark.way.as_slice())), args);
        server.ask(&Ask { method: "tools/call", params: &params, meta: &meta, capabilities, name: Some(name), headers: &headers }).await
    }

    fn came(&self, caller: &Caller, (tool, wanted): (&str, &Wanted), admitted: Admitted, answer: Answer) -> Result<Said, Box<Refused>> {
        let (text, failed) = match &answer {
            Answer::Result(text) => (text, false),
            Answer::Error(text) => (text, true),
        };
        let members = Members::of(text).unwrap_or_default();
        let more = members.text("resultType").ok().flatten().is_some_and(|kind| kind == "input_required");
        if more && !failed && matches!(caller.way, Way::Modern(_)) {
            return self.held(caller, (tool, wanted), admitted, &members);
        }
        if more {
            return Ok(self.failed(admitted, "the server asks for input that this client cannot give"));
        }
        let given = self.record(admitted, &Came { message: text.as_bytes(), failed })?;
        Ok(match (given.message, failed) {
            (None, _) => Said::Result(self.words("The result was withheld by policy.", None)),
            (Some(error), true) => Said::Error(error),
            (Some(text), false) => Said::Result(typed(caller, text)),
        })
    }

    /// A server wants input first: its question goes to the client, scanned, and its state stays here.
    fn held(
        &self,
        caller: &Caller,
        (tool, wanted): (&str, &Wanted),
        admitted: Admitted,
        members: &Members<'_>,
    ) -> Result<Said, Box<Refused>> {
        let state = members.get("requestState").ok().flatten().map(|state| state.get().to_owned());
        let asked = object(members.iter().filter(|(name, _)| *name != "requestState").map(|(name, value)| (name, value.get())));
        let Some(asked) = self.gate.question(&caller.who, tool, &asked) else {
            return Ok(self.failed(admitted, "what the server asks was withheld by policy"));
        };
        match self.waiting.hold((caller, tool, wanted.args.as_bytes()), admitted, state) {
            Err(admitted) => Ok(self.failed(*admitted, "too many calls wait for input")),
            Ok(id) => {
                let (id, members) = (quoted(&id), Members::of(&asked).unwrap_or_default());
                let all = members.iter().map(|(name, value)| (name, value.get())).chain([("requestState", id.as_str())]);
                Ok(Said::Result(object(all)))
            }
        }
    }

    fn record(&self, admitted: Admitted, came: &Came<'_>) -> Result<crate::gate::Given, Box<Refused>> {
        let record = || self.gate.record(admitted, came);
        let given = if self.blocks { tokio::task::block_in_place(record) } else { record() };
        given.map_err(|words| {
            Refused::by_gateway("state_unavailable", &format!("the result cannot be recorded, so it is withheld: {words}"))
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

    /// Calls that nobody came back for have brought nothing.
    pub fn sweep(&self, now: i64) {
        for admitted in self.waiting.late(now) {
            self.failed(admitted, "nobody came back for it");
        }
        self.legacy.sweep(now);
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
