//! Detectors and scans, as a frame holds them.
//!
//! In: nothing. Out: [`Detector`], [`Scan`]. Invariants are those that [`validate`](super::validate) checks once at load.
//! Source: language section 6; `lang-spec/content.md`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::model::ToolId;
use super::rule::Scope;

/// What recognises content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    /// Its name: `std.NAME`, or the policy's.
    pub name: String,
    /// Any of these finds it.
    pub parts: Vec<Recogniser>,
}

/// A regular expression and what confirms its matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recogniser {
    /// A sparse DFA that reports where a match ends.
    pub forward: Vec<u8>,
    /// A sparse DFA of the reverse, anchored, that reports where it began.
    pub reverse: Vec<u8>,
    /// What a match must be beside.
    pub check: Check,
}

/// What confirms a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Check {
    /// Nothing.
    None,
    /// It stands by itself: no letter or digit touches it.
    Bounded,
    /// A payment card's number: 12 to 19 digits by whole groups, a known issuer's range, Luhn's check digit.
    Card,
    /// An IBAN: its country's length, and 97.
    Iban,
    /// Much entropy for its length: a generated secret.
    Entropy,
    /// An Internet address in canonical form.
    Ip,
}

/// A scan of content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// Its full name.
    pub name: String,
    /// Whose calls and results it reads.
    pub scope: Scope,
    /// Whether it reads results; otherwise arguments.
    pub results: bool,
    /// The tools, ascending.
    pub tools: Vec<ToolId>,
    /// The detectors' positions.
    pub detectors: Vec<u16>,
    /// Whether it refuses the call, or withholds the result.
    pub deny: bool,
    /// Whether it takes out what it finds.
    pub redact: bool,
    /// The labels that it gives, a bit each.
    pub labels: u64,
}
