//! The engine beside other systems: what their processes share.
//!
//! In: folders of cases and commands. Out: verdicts and times. Each system is a process of its own (`src/bin`), so that none warms another's memory.
//! Left out: making the cases, comparing and printing, which `bench.py` does.
#![allow(missing_docs, reason = "a measurement, not a library")]

pub mod engine;
pub mod peer;
