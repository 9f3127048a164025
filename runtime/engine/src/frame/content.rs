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
    /// A sparse DFA, anchored at the start, that reports where matches end (all of them).
    pub forward: Vec<u8>,
    /// A sparse DFA of the reverse, not anchored, that reports where matches begin (all of them).
    pub reverse: Vec<u8>,
    /// What a match must be beside.
    pub check: Check,
}

/// What confirms a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Check {
    /// Anything.
    None,
    /// It stands by itself: no letter or digit touches it.
    Bounded,
    /// A payment card's number, by itself: a known issuer's beginning and length, Luhn's check digit.
    Card,
    /// An IBAN, by itself: its country's length, and the check digits modulo 97.
    Iban,
    /// A whole token that looks generated: characters of several kinds, evenly used.
    Entropy,
    /// An Internet address, by itself.
    Ip,
    /// A social security number of the United States, by itself: area, group and serial that are given out.
    Ssn,
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
