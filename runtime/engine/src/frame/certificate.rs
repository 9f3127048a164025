//! What lets a reader convince himself, without solver and without compiler, that a frame decides exactly as its policy says.
//!
//! In: nothing. Out: [`Certificate`]: plain data that `leverframe build` writes and `leverframe-verifier` checks; the runtime carries it,
//! and only sees that it is one of this policy where [`LoadOptions::require_certificate`](crate::LoadOptions) asks for one.
//! Invariants: nothing in it is believed; nothing in it nests, so that reading it needs no stack; a claim without a proof says so.
//! Source: verification section 2; `lang-spec/certificate.md`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::model::PersonaId;
use super::rule::LetterKind;

/// A certificate of one frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// SHA-256 of the policy section that it is about: a certificate of another frame is refused.
    pub policy: [u8; 32],
    /// SHA-256 of the policy's core text.
    pub core: [u8; 32],
    /// Where each rule's states come from, in the order of the frame's rules.
    pub rules: Vec<Origin>,
    /// What is claimed of the policy.
    pub claims: Vec<Claim>,
}

/// Where a rule's states come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A table.
    Table {
        /// The table's register for each register of the source.
        registers: Vec<u8>,
        /// The states of the source that can be reached, the initial one first.
        states: Vec<SourceState>,
        /// Letters that show what classes mean, ascending by class; a class may have none.
        witnesses: Vec<Witness>,
    },
    /// A limit, which is a template: its parameters are compared with the source.
    Template,
}

/// A state of a rule's source and what the table makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// What is remembered, a bit each: number N is bit N mod 8 of byte N / 8, and the bits after the last one are 0.
    pub bits: Vec<u8>,
    /// The table's state.
    pub state: u16,
}

/// A concrete letter of a class, and what its class depends on beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The class.
    pub class: u16,
    /// The letter that is made of the line.
    pub kind: LetterKind,
    /// A line of a record: a call, which has its result in it where the letter is one, or a host event.
    pub line: String,
    /// The persona of a host event's session, where a call has fixed one.
    pub persona: Option<PersonaId>,
    /// The labels that the session has before it, a bit each.
    pub labels: u64,
    /// The registers of times that are set, ascending, and by how many milliseconds each lies before the letter.
    pub ages: Vec<(u8, u64)>,
    /// The registers of places that a result's call does not lie after, ascending.
    pub passed: Vec<u8>,
    /// The value in whose history it is seen: one of the site's bindings, and which of its values in the letter; otherwise a value that the letter does not have.
    pub value: Option<(u8, u16)>,
}

/// A claim about the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What is claimed.
    pub about: About,
    /// Why it holds.
    pub proof: Proof,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum About {
    /// No call gets two answers from the persona's permissions.
    NoConflict(PersonaId),
    /// Every call gets an answer from the persona's permissions.
    NoGap(PersonaId),
    /// The assertion of this name holds.
    Assertion(String),
    /// A statement, a rule or an assertion does nothing.
    Finding(Finding),
}

/// Why a claim holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Each obligation of the claim is contradictory; a tree for each, in the order in which the claim has them.
    Cases(Vec<Tree>),
    /// No admitted session comes to it, even where time and values are left free: the rules, by their place in the frame, that are needed for that.
    Unreachable(Vec<u16>),
    /// A session that shows it, a line of a record each.
    Session(Vec<String>),
    /// It rests on the word of the checker's search or of its solver.
    Trusted,
}

/// A case distinction over the tests of an obligation, each branch of which ends in a contradiction.
///
/// Nodes are in post-order: the branches of a split stand before it, and the last node is the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// Its nodes.
    pub nodes: Vec<Case>,
}

/// A node of a [`Tree`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Case {
    /// What was decided on the way makes the obligation false, whatever the other tests say.
    False,
    /// What was decided on the way contradicts itself.
    Contradiction(Lemma),
    /// This branch rests on the word of the solver.
    Trusted,
    /// The test is decided.
    Split {
        /// Which test, in the order in which the obligation first has them.
        test: u16,
        /// Where it holds: an earlier node.
        yes: u32,
        /// Where it does not: an earlier node.
        no: u32,
    },
}

/// Decided tests that no call can have together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lemma {
    /// The tests, all decided on the way.
    pub tests: Vec<u16>,
    /// Why.
    pub rule: LemmaRule,
}

/// Why decided tests contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LemmaRule {
    /// They compare one number with literals, and no number of its type is left between these.
    Interval,
    /// One value is equal to two literals, or equal to one and not to it.
    Equality,
    /// They exclude every member of an enumeration (or both of `true` and `false`).
    Enumeration,
    /// A text that is one of some literals fails a predicate, for each of the literals.
    Literal,
    /// The languages of the tests of one text have no text in common.
    Regular,
    /// Multiples of linear comparisons add up to what no numbers fulfil: a list of multipliers, one a test, for each way in which those terms may differ that differ.
    Farkas(Vec<Vec<i64>>),
    /// The first test says that a term is one of some literals, and of each what is computed fails a test.
    Substitution,
    /// No address lies in just these networks.
    Networks,
}
