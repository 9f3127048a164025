//! Rules over histories in frames by hand: values apart, limits, attempts, results, states that outlive their frame.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod attempts;
mod build;
mod lies;
mod limits;
mod results;
mod states;
mod values;
