//! Scans: what detectors find, held to their definition and to another implementation's check digits; what redaction changes, read by another
//! parser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bounds;
mod corpus;
mod finds;
mod independent;
mod judged;
mod mutated;
mod oracle;
mod policy;
mod random;
mod redacted;
mod search;
