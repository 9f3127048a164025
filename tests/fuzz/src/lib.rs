//! What the fuzzer runs, and what the tests run on the corpus that it left.
//!
//! In: bytes. Out: nothing; what must not happen panics. Invariants: the same bytes do the same.
//! Left out: a structure-aware mutator; frames of wrong meaning are what `mutants` makes.

mod container;
mod drive;
mod fitting;
mod targets;

pub use container::{in_section, is_frame, resealed};
pub use targets::{load, verify};
