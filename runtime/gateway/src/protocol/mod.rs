//! MCP's messages as raw JSON: read strictly, taken apart without a tree, put together again.
//!
//! In: bytes from a client or a server. Out: [`Message`]s, and replies as text. Invariants: what two parsers could read differently is refused: duplicate names
//! at any depth, names that differ from a known one only by case, lone surrogates, batches; what is passed on is composed of the very bytes that were read.
//! Left out: typed messages: a round trip through them drops what they do not know.
//! Source: MCP 2026-07-28 and 2025-11-25 ("Base protocol"); JSON-RPC 2.0.

mod headers;
mod members;
mod message;
mod reply;
mod strict;

pub use headers::{HeaderFault, Headers, header_values};
pub use members::{Members, object, quoted};
pub use message::{Id, Message, MessageFault, Request, Response};
pub use reply::{ErrorCode, error, method_not_found, result};
pub use strict::{Malformed, Plain};

/// The revision that needs no handshake.
pub const MODERN: &str = "2026-07-28";
/// The revisions with a handshake that are spoken, newest first.
pub const LEGACY: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];
/// The member of `_meta` that names the revision.
pub const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
/// The member of `_meta` that names what the client can do.
pub const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
