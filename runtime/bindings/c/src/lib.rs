//! The runtime for C, and for whatever calls C: WebAssembly among it.
//!
//! In: pointers, lengths, numbers. Out: decisions behind opaque pointers; a status of every function. Invariants: nothing fails open: a null pointer, text that is
//! not UTF-8, a number that is no open session's, a panic, each gives an error or a denial; an output is null or zero before anything can fail; a decision that is
//! zero or null is a denial; no panic leaves a function. What a caller promises is what every interface to C takes on trust: that a pointer that is not null leads
//! to as much as it says, and that nothing is used after it was freed.
//! Source: contracts section 5; `runtime/bindings/c/README.md`.
#![allow(non_camel_case_types, reason = "the names are C's")]

mod answer;
mod bytes;
mod decide;
mod error;
mod load;
#[cfg(target_family = "wasm")]
mod memory;
mod record;
mod types;

pub use answer::*;
pub use bytes::lf_bytes;
pub use decide::*;
pub use error::*;
pub use load::*;
#[cfg(target_family = "wasm")]
pub use memory::*;
pub use record::*;
pub use types::*;
