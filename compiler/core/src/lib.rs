//! Names, catalogs, types, permissions, core form, automata and frame emission of Leverframe policies.
//!
//! In: the path of a policy and a [`Loader`](modules::Loader) that reads files. Out: what each stage makes, and its diagnostics.
//! Invariants: no input, no output, no clock, no solver; no text of a policy or a catalog panics, overflows the stack or takes more time than
//! [`limits`] allow; a later stage never meets what an earlier one refused. Left out: proofs, which need a solver, and drawing.
//! Source: `lang-spec/`.

pub mod automata;
pub mod catalog;
pub mod core;
pub mod detectors;
pub mod elaborate;
pub mod emit;
pub mod graph;
pub mod limits;
pub mod modules;
pub mod names;
mod permissions;
pub mod pipeline;
pub mod planted;
mod rules;
pub mod types;
