//! Tests across crates, and what they are made with: random policies and sessions, both sides of the differential test, the shrinker.
//!
//! In: seeds. Out: disagreements, small enough to read, and how often each construct of the language decided something.
//! Source: language sections 4, 5 and 9; `lang-spec/core-form.md`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "nothing here is part of the product: a test that breaks should break"
)]

pub mod brute;
pub mod catalogs;
pub mod certified;
pub mod compare;
pub mod coverage;
pub mod decided;
pub mod differential;
pub mod engine;
pub mod mutate;
pub mod oracle;
pub mod policy;
pub mod random;
pub mod reference;
pub mod sessions;
pub mod shrink;
pub mod specimen;
pub mod spellings;
pub mod trace;
pub mod tree;
pub mod witnessed;
