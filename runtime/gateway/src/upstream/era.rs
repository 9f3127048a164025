//! Which of MCP's two ways a server speaks, and what that makes of a request.
//!
//! In: a request; the era. Out: its message. Invariant: what a client says of protocol and capabilities is never passed on as it came: the gateway is the client.
//! Source: MCP 2026-07-28 ("Versioning and Compatibility").

use super::Ask;
use crate::protocol::{CAPABILITIES_KEY, MODERN, VERSION_KEY, object, quoted};

/// The way a server speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Era {
    /// Each request stands alone.
    Modern,
    /// After a handshake that agreed on this revision.
    Legacy(String),
}

/// What this program is called by the protocol.
pub(crate) fn implementation() -> String {
    object([("name", "\"leverframe-gateway\""), ("version", &quoted(env!("CARGO_PKG_VERSION")))])
}

/// The parameters of a request.
pub(super) fn params(ask: &Ask<'_>, era: &Era) -> String {
    let (version, implementation) = (quoted(MODERN), implementation());
    let mut meta = ask.meta.to_vec();
    if *era == Era::Modern {
        meta.push((VERSION_KEY, &version));
        meta.push(("io.modelcontextprotocol/clientInfo", &implementation));
        // What a server might ask of a client is answered by nobody, so it is told that nothing can be.
        meta.push((CAPABILITIES_KEY, "{}"));
    }
    let meta = object(meta.iter().copied());
    let mut params = ask.params.to_vec();
    if meta != "{}" {
        params.push(("_meta", &meta));
    }
    object(params.iter().copied())
}

/// The message of a request.
pub(super) fn message(id: u64, ask: &Ask<'_>, era: &Era) -> String {
    let (id, method, params) = (id.to_string(), quoted(ask.method), params(ask, era));
    object([("jsonrpc", "\"2.0\""), ("id", &id), ("method", &method), ("params", &params)])
}

/// The message of a notification.
pub(super) fn notification(method: &str) -> String {
    object([("jsonrpc", "\"2.0\""), ("method", &quoted(method))])
}

/// The parameters of a handshake.
pub(super) fn handshake(version: &str) -> [(&'static str, String); 3] {
    [("protocolVersion", quoted(version)), ("capabilities", "{}".to_owned()), ("clientInfo", implementation())]
}
