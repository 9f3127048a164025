//! The gateway: every call of an agent decided, logged and protected on its way to a tool.
//!
//! In: messages of clients and servers, a frame, a configuration. Out: what of them may go on. Invariants: nothing is forwarded that was not decided admitted and
//! written to the log first; who calls is known from credentials alone; what is forwarded is what was decided, byte for byte; whatever fails denies.
//! Source: contracts sections 1, 2 and 5; `runtime/gateway/README.md`.

pub mod admin;
pub mod audit;
pub mod clock;
pub mod config;
pub mod gate;
pub mod identity;
pub mod limits;
mod lines;
pub mod mcp;
pub mod pins;
pub mod protocol;
pub mod serve;
pub mod upstream;
