//! Replies as text.
//!
//! In: an id and what to say. Out: one JSON-RPC response in one line. Invariants: codes of the range that JSON-RPC reserves are given out only as MCP defines them.
//! Source: MCP 2026-07-28 ("Error codes").

use super::members::{object, quoted};
use super::message::Id;

/// What is wrong with a request, by the codes of JSON-RPC and MCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// No JSON.
    Parse,
    /// No request.
    InvalidRequest,
    /// No such method.
    MethodNotFound,
    /// The parameters do not fit.
    InvalidParams,
    /// The gateway or a server behind it has failed.
    Internal,
    /// A header says something else than the body.
    HeaderMismatch,
    /// The client lacks what the request needs.
    MissingCapability,
    /// The revision is not spoken here.
    UnsupportedVersion,
    /// The call is denied, where denials are given as errors.
    Denied,
}

impl ErrorCode {
    /// The number.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Parse => -32700,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::InvalidParams => -32602,
            Self::Internal => -32603,
            Self::HeaderMismatch => -32020,
            Self::MissingCapability => -32021,
            Self::UnsupportedVersion => -32022,
            // Outside of what JSON-RPC reserves.
            Self::Denied => 4030,
        }
    }
}

/// A response with a result, which is JSON.
#[must_use]
pub fn result(id: Id<'_>, result: &str) -> String {
    object([("jsonrpc", "\"2.0\""), ("id", id.json()), ("result", result)])
}

/// A response with an error; `data` is JSON.
#[must_use]
pub fn error(id: Option<&str>, code: ErrorCode, message: &str, data: Option<&str>) -> String {
    let (number, message) = (code.number().to_string(), quoted(message));
    let mut members = vec![("code", number.as_str()), ("message", message.as_str())];
    members.extend(data.map(|data| ("data", data)));
    object([("jsonrpc", "\"2.0\""), ("id", id.unwrap_or("null")), ("error", &object(members))])
}

/// The response to a method that is not offered.
#[must_use]
pub fn method_not_found(id: Id<'_>, method: &str) -> String {
    error(Some(id.json()), ErrorCode::MethodNotFound, &format!("the method `{method}` is not offered here"), None)
}
