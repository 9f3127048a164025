//! The servers behind the gateway.
//!
//! In: their configuration; requests. Out: their answers, raw. Invariants: an answer belongs to the one request of its id, and only the first one counts; what a
//! server asks of a client is answered here, never passed on; a server that is gone, late or talks rubbish costs its calls and nobody else's.
//! Left out: a server of its own for each session: all sessions share one.
//! Source: MCP 2026-07-28 and 2025-11-25 ("Transports", "Versioning").

mod catalog;
mod era;
mod http;
mod process;
mod server;

pub use catalog::{Listed, Marked};
pub use era::Era;
pub(crate) use era::implementation;
pub use server::{Ready, Server, Servers};

/// What a server has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A result, raw.
    Result(String),
    /// An error of JSON-RPC, raw.
    Error(String),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not there, or has gone.
    #[error("the server `{0}` cannot be reached: {1}")]
    Gone(String, String),
    /// It took too long.
    #[error("the server `{0}` has not answered in time")]
    Late(String),
    /// It answered what is no answer.
    #[error("the server `{0}` has answered what is no message: {1}")]
    Rubbish(String, String),
}

impl Fault {
    /// What a client is told of it: words of this program alone, since whatever a server writes may be meant for a model to read.
    #[must_use]
    pub fn to_client(&self) -> &'static str {
        match self {
            Self::Gone(..) => "The server cannot be reached, or has ended: nobody knows whether the call was made.",
            Self::Late(_) => "The server has not answered in time: nobody knows whether the call was made.",
            Self::Rubbish(..) => "The server has answered what is no answer: nobody knows whether the call was made.",
        }
    }
}

/// A request to a server.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The method.
    pub method: &'a str,
    /// The parameters without `_meta`: raw JSON by name.
    pub params: &'a [(&'a str, &'a str)],
    /// Members of `_meta`, beside those of the protocol itself.
    pub meta: &'a [(&'a str, &'a str)],
    /// The tool's name, the prompt's or the resource's, where there is one.
    pub name: Option<&'a str>,
    /// Headers that repeat arguments.
    pub headers: &'a [(String, String)],
}

impl<'a> Ask<'a> {
    /// A request for which nothing but the method is to be said.
    #[must_use]
    pub fn plain(method: &'a str) -> Self {
        Self { method, params: &[], meta: &[], name: None, headers: &[] }
    }
}
