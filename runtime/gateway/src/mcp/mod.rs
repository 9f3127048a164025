//! The gateway as clients see it: one MCP server that offers the tools of all servers behind it, to each persona those that it may ever call.
//!
//! In: requests of clients whose identity is known. Out: replies. Invariants: a tool call goes through the gate, and what it brings back, too; a list shows nothing that
//! the persona may never call, and is never marked as public; methods that are not known here are not passed on.
//! Left out: resources, prompts, sampling and completion: they are answered as methods that are not offered.
//! Source: MCP 2026-07-28 and 2025-11-25.

mod call;
mod exposed;
pub mod http;
mod sessions;
pub mod stdio;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub use exposed::Exposed;
pub use sessions::{LegacySession, LegacySessions};

use crate::config::{Config, Denials, Scope, State, Survives};
use crate::gate::{SharedGate, key_of, session_name};
use crate::identity::{Identities, Identity};
use crate::pins::Pins;
use crate::protocol::{
    CAPABILITIES_KEY, ErrorCode, Id, LEGACY, MODERN, Members, Request, VERSION_KEY, error, method_not_found, object, quoted, result,
};
use crate::upstream::Servers;

/// How a client speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Each request stands alone; what the client can do, raw JSON.
    Modern(String),
    /// After a handshake that agreed on this revision.
    Legacy(String),
}

/// Whose request it is.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub who: Arc<Identity>,
    /// In which session.
    pub session: String,
    /// How it speaks.
    pub way: Way,
}

/// A reply, and what the transport has to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The message.
    pub text: String,
    /// What kind of fault it tells of; none: it is a result, or the fault is the call's.
    pub fault: Option<ErrorCode>,
}

/// The server that clients see.
#[derive(Debug)]
pub struct Mcp {
    /// Where calls are decided.
    pub gate: SharedGate,
    /// Who is known.
    pub identities: Identities,
    /// Sessions of earlier revisions.
    pub legacy: LegacySessions,
    /// Calls that are being made, so that an end waits for them.
    pub tasks: TaskTracker,
    servers: Servers,
    exposed: Exposed,
    pins: Pins,
    denials: Denials,
    calls: Arc<Semaphore>,
    /// Whether deciding may wait for a disk or a network.
    blocks: bool,
}

impl Mcp {
    /// A server over a gate and the servers behind it.
    #[must_use]
    pub fn new(config: &Config, gate: SharedGate, identities: Identities, (servers, pins): (Servers, Pins)) -> Self {
        let blocks = !matches!(config.state, State::Memory) || config.audit.survives == Survives::Power;
        Self {
            gate,
            identities,
            legacy: LegacySessions::new(config.sessions.idle_ms),
            tasks: TaskTracker::new(),
            servers,
            exposed: Exposed::new(&config.separator),
            pins,
            denials: config.denials,
            calls: Arc::new(Semaphore::new(config.limits.calls)),
            blocks,
        }
    }

    /// The servers behind it.
    #[must_use]
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// The name of the session of a caller; `handle` names the connection.
    #[must_use]
    pub fn session_of(&self, who: &Identity, handle: Option<&str>) -> String {
        session_name(key_of(who), handle.filter(|_| self.gate.scope() == Scope::Connection))
    }

    /// How a request without a session speaks: modern, if it says so.
    ///
    /// # Errors
    /// What to reply: its revision is not spoken, or what it must say is missing.
    pub fn way(&self, request: &Request<'_>) -> Result<Option<Way>, Reply> {
        let id = request.id.map(Id::json);
        let wrong = |words: &str| Reply::fault(id, ErrorCode::InvalidParams, words, None);
        let meta = request.params.object("_meta").map_err(|error| wrong(&error.to_string()))?;
        let version = meta.text(VERSION_KEY).map_err(|error| wrong(&error.to_string()))?;
        let Some(version) = version else { return Ok(None) };
        if version != MODERN {
            let data = object([("supported", supported().as_str()), ("requested", &quoted(&version))]);
            return Err(Reply::fault(id, ErrorCode::UnsupportedVersion, "unsupported protocol version", Some(&data)));
        }
        let capabilities = meta.get(CAPABILITIES_KEY).map_err(|error| wrong(&error.to_string()))?;
        let capabilities = capabilities.filter(|value| Members::of(value.get()).is_ok());
        let capabilities = capabilities.ok_or_else(|| wrong("`_meta` does not say what the client can do"))?;
        Ok(Some(Way::Modern(capabilities.get().to_owned())))
    }

    /// Serves a request. A notification has no reply.
    pub async fn serve(self: &Arc<Self>, caller: Caller, request: &Request<'_>) -> Option<Reply> {
        let id = request.id?;
        Some(match request.method.as_str() {
            "server/discover" if matches!(caller.way, Way::Modern(_)) => Reply::result(id, &discovered()),
            "ping" if matches!(caller.way, Way::Legacy(_)) => Reply::result(id, "{}"),
            "tools/list" => {
                futures_util::future::join_all(self.servers.iter().map(crate::upstream::Server::first_asked)).await;
                Reply::result(id, &self.listed(&caller))
            }
            "tools/call" => self.call(caller, id, &request.params).await,
            method => Reply { text: method_not_found(id, method), fault: Some(ErrorCode::MethodNotFound) },
        })
    }

    fn listed(&self, caller: &Caller) -> String {
        let tools = self.exposed.list(&self.servers, &self.pins, self.gate.host().policy(), &caller.who.persona);
        match caller.way {
            Way::Legacy(_) => object([("tools", tools.as_str())]),
            // What one persona sees is not to be shown to another.
            Way::Modern(_) => complete(&[("tools", &tools), ("ttlMs", "0"), ("cacheScope", "\"private\"")]),
        }
    }
}

impl Reply {
    fn result(id: Id<'_>, text: &str) -> Self {
        Self { text: result(id, text), fault: None }
    }

    /// A fault of the request.
    #[must_use]
    pub fn fault(id: Option<&str>, code: ErrorCode, words: &str, data: Option<&str>) -> Self {
        Self { text: error(id, code, words, data), fault: Some(code) }
    }
}

/// The revision that a handshake agrees on.
#[must_use]
pub fn agreed(wanted: &str) -> &'static str {
    let [newest, ..] = LEGACY;
    LEGACY.into_iter().find(|version| *version == wanted).unwrap_or(newest)
}

/// The result of a handshake.
#[must_use]
pub fn greeting(version: &str) -> String {
    let (version, info) = (quoted(version), crate::upstream::implementation());
    object([("protocolVersion", version.as_str()), ("capabilities", CAPABILITIES), ("serverInfo", &info)])
}

const CAPABILITIES: &str = r#"{"tools":{}}"#;

fn supported() -> String {
    let versions: Vec<String> = [MODERN].into_iter().chain(LEGACY).map(quoted).collect();
    format!("[{}]", versions.join(","))
}

fn discovered() -> String {
    let versions = format!("[{}]", quoted(MODERN));
    complete(&[("supportedVersions", &versions), ("capabilities", CAPABILITIES), ("ttlMs", "0"), ("cacheScope", "\"private\"")])
}

/// A result of the revision without handshakes.
fn complete(members: &[(&str, &str)]) -> String {
    let meta = object([("io.modelcontextprotocol/serverInfo", crate::upstream::implementation().as_str())]);
    let mut all = vec![("resultType", "\"complete\""), ("_meta", &meta)];
    all.extend_from_slice(members);
    object(all)
}
