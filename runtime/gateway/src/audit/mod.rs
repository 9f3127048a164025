//! The log: every decision, result and intervention, each line bound to the one before it.
//!
//! In: what happened. Out: lines of a file that is only appended to. Invariants: a line is in the operating system's hands (or on the disk, where that was asked
//! for) before what it speaks of goes on; each line holds the SHA-256 of the line before; where a line cannot be written, nothing goes on.
//! Left out: cutting the log into several files, and keeping it away from whoever owns the machine: checkpoints that are copied elsewhere bind it.
//! Source: `runtime/gateway/README.md` ("The log").

mod line;
mod log;
mod verify;

pub use line::{Body, Decision, Line, ResultLine, sha256_hex};
pub use log::{Log, LogError, Logged};
pub use verify::{Broken, Head, verify};

/// The version of a line's form.
pub const VERSION: u32 = 1;
/// What the first line has for the hash of the line before it.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
