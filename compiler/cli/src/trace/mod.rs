//! Recorded sessions: JSON Lines, plain or compressed, or Parquet.
//!
//! In: a file. Out: its lines one by one, each read as a [`line::Line`] with its time. Memory is bounded by the longest line, and by the
//! ids that lines of results refer to.
//! Left out: what the lines mean to a policy; that is `replay`.
//! Source: `lang-spec/traces.md`.

pub(crate) mod line;
mod plain;
pub(crate) mod references;
#[cfg_attr(not(feature = "parquet"), path = "no_rows.rs")]
pub(crate) mod rows;
pub(crate) mod source;
pub(crate) mod time;
