//! The run-time half of Leverframe: loads a frame, decides calls.
//!
//! In: the bytes of a frame; calls, results and host events. Out: verdicts. No IO, no clock, no solver, no compiler; `no_std` with `alloc`.
//! Invariants: a frame is validated once, at [`Policy::load`]; after that nothing can fail late, and whatever cannot be judged is denied.
//! Source: contracts section 5.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod arguments;
pub mod content;
pub mod domain;
pub mod frame;
#[cfg(feature = "json")]
pub mod json;
pub mod limits;

mod accounts;
mod ask;
mod attempt;
mod canonical;
mod context;
mod decide;
mod decision;
mod evaluate;
mod extract;
mod flat;
mod found;
mod gauge;
mod history;
mod identity;
mod layout;
mod may;
mod names;
mod permit;
mod policy;
mod prepared;
mod record;
mod regex;
mod result;
mod rows;
mod sets;
mod slots;
mod state;
mod stored;
mod values;

pub use arguments::{ArgumentError, Arguments, Token, TokenSink};
pub use decision::{Approval, Call, Code, Decision, LabelSet, Outcome, RecordError, Scratch, Ticket};
pub use frame::{EventId, Key, LabelId, PersonaId, SignatureError, ToolId, TrustedKey, Verdict};
#[cfg(feature = "json")]
pub use json::RawJson;
pub use layout::state_bytes;
pub use policy::{LoadError, LoadOptions, Policy, StateBytes};
pub use prepared::Prepared;
pub use state::{State, StateError, States, identity};
pub use stored::Loaded;
