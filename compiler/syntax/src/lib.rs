//! Tokens, grammar, tree, diagnostics and canonical layout of Leverframe policies.
pub mod span;
pub mod tree;
mod grammar;
pub use span::{FileId, Span};
#[cfg(test)] mod probe_tests;
