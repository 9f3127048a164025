//! Rules over histories, as a frame holds them.
//!
//! In: nothing. Out: [`Rule`]. Invariants are those that [`validate`](super::validate) checks once at load.
//! Source: `lang-spec/frame-format.md`; verification section 1.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::model::{LabelId, PersonaId};

/// Whose history a rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Key {
    /// One session's.
    Session,
    /// All sessions of a principal.
    Principal,
    /// All sessions of an agent.
    Agent,
    /// All sessions of a tenant.
    Tenant,
}

/// What a rule does with a call that it judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Refuses it.
    Deny,
    /// Asks, perhaps somebody.
    Ask(Option<String>),
    /// Refuses it and every later call of the session.
    EndSession,
    /// Records it.
    Observe,
}

/// Whose calls a rule judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Everybody's.
    All,
    /// These personas', sorted.
    Personas(Vec<PersonaId>),
}

/// The kind of letter that a history is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LetterKind {
    /// An admitted call.
    Call,
    /// A succeeded result.
    Ok,
    /// A failed result.
    Failed,
    /// A host event.
    Event,
    /// A refused attempt; the subject is the tool, or [`ToolId::UNKNOWN`](crate::frame::ToolId::UNKNOWN).
    Denied,
}

/// A rule over histories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its full name.
    pub name: String,
    /// What it remembers, as a digest of its name, key and body in core form: a state is carried over to another frame for rules of equal digest.
    pub digest: [u8; 16],
    /// Whose history it reads.
    pub key: Key,
    /// Whose calls it judges.
    pub scope: Scope,
    /// What it does.
    pub action: Action,
    /// Why, in the author's words.
    pub why: Option<String>,
    /// How letters become classes.
    pub alphabet: Alphabet,
    /// What classes do.
    pub body: Body,
    /// How values are kept apart; none for a rule without variables.
    pub slots: Option<Slots>,
}

/// The values of a rule with variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slots {
    /// How many values are kept.
    pub capacity: u32,
    /// What happens to one more.
    pub overflow: Overflow,
}

/// What happens to a value for which there is no place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overflow {
    /// A `require`: the value of the least mark is forgotten.
    Evict {
        /// Whether forgetting resets all values that are not kept (the rule has a `reset by`).
        resets: bool,
        /// `marks[state * classes + class]`: what the letter did to a value of its own.
        marks: Vec<Mark>,
    },
    /// A `forbid` or `protocol`: the rule judges every call of class 1 of this alphabet, for good. It asks no registers; a site's bindings are not asked.
    Absorb(Alphabet),
    /// A `limit`: values without a place share one account.
    Share,
}

/// What a letter did to a value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// Nothing to remember it by.
    None,
    /// It met a prerequisite.
    Met,
    /// It reset the value.
    Reset,
}

/// The ordered decision graph from letters to classes, and where each letter enters it.
///
/// A letter that has no site leaves the rule as it is. Total and disjoint by construction: a site's root leads every truth vector to one class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alphabet {
    /// Decision nodes; a node's children come before it.
    pub nodes: Vec<Node>,
    /// Entries, sorted by kind and subject.
    pub sites: Vec<Site>,
    /// How many classes there are.
    pub classes: u16,
}

/// Where letters of one kind and subject enter the decision graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The kind of letter.
    pub kind: LetterKind,
    /// The tool, or for [`LetterKind::Event`] the host event.
    pub subject: u32,
    /// Where it enters.
    pub root: Target,
    /// Whether a pattern of the rule speaks of it. (`next` reads every call without speaking of it: such a site is no reason to miss a key.)
    pub named: bool,
    /// The bindings that tests ask about: each a tuple of the subject's `values`, of which at most one has an [`ValueStep::Each`](crate::frame::ValueStep::Each).
    pub bindings: Vec<Vec<u16>>,
    /// What a gauge measures: one of the subject's `values`.
    pub measure: Option<u16>,
}

/// Where a decision leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// To another node, earlier in the list.
    Node(u16),
    /// To a class.
    Class(u16),
}

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Node {
    /// What is asked.
    pub test: Test,
    /// Where a yes leads.
    pub yes: Target,
    /// Where a no leads.
    pub no: Target,
}

/// What a decision asks of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Test {
    /// Was the call asked and approved?
    Approved,
    /// Is it this persona's?
    By(PersonaId),
    /// Does the result carry the label?
    Label(LabelId),
    /// Does the guard hold (an index into the subject's guards)?
    Guard {
        /// Which of the subject's guards.
        guard: u16,
        /// What a guard that cannot be evaluated counts as, at a letter that cannot be denied.
        failed: bool,
    },
    /// Is the register set, and at most so many milliseconds before the letter?
    Within {
        /// Which register.
        register: u8,
        /// Milliseconds.
        ms: u64,
    },
    /// Does the result's call lie after the position in the register (an unset register lies before everything)?
    CallAfter {
        /// Which register.
        register: u8,
    },
    /// Is the value at hand among those of the site's binding? (No, for values that the letter does not have.)
    Binds {
        /// Which of the site's bindings.
        binding: u8,
    },
    /// Does the site's binding lack a value (absent, an empty list, an element without it, or a broken one)?
    Lacks {
        /// Which of the site's bindings.
        binding: u8,
    },
    /// Is a value of the site's binding broken?
    Broken {
        /// Which of the site's bindings.
        binding: u8,
    },
}

/// What classes do to a rule's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A table.
    Automaton(Automaton),
    /// A limit. Classes are sets of [`gauge_class`] bits, so there are eight.
    Gauge(Gauge),
}

/// The bits of a limit's classes.
pub mod gauge_class {
    /// The letter is counted.
    pub const COUNTS: u16 = 1;
    /// The call is judged by what was counted.
    pub const JUDGED: u16 = 2;
    /// The call is judged whatever was counted: it lacks a value. On other letters: a value is broken, so that the rule overflows.
    pub const REFUSED: u16 = 4;
    /// How many classes there are.
    pub const CLASSES: u16 = 8;
}

/// The template of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gauge {
    /// What is counted.
    pub measure: Measure,
    /// In the last milliseconds; otherwise in the whole history.
    pub window_ms: Option<u64>,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Letters. State: one register; in a window, a head and a ring of so many times.
    Count {
        /// How many are let through.
        most: u32,
    },
    /// The site's measure, an amount. State: one register; in a window, the newest bucket and [`crate::limits::SUM_BUCKETS`] sums.
    Sum {
        /// How much is let through.
        most: i64,
    },
    /// Different values of the site's measure. State: one value more than that, of two registers each, with its latest time where there is a window, after their number.
    Distinct {
        /// How many are let through.
        most: u32,
    },
}

/// A minimal Mealy table with registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automaton {
    /// How many states; they are numbered breadth first from the initial one, 0.
    pub states: u16,
    /// A name for each state, made of what it remembers. Numbers follow the order of tools, labels and guards of the whole policy; names do not, so a state
    /// that is carried over to another frame is known by its name.
    pub names: Vec<i64>,
    /// `delta[state * classes + class]`: the state after an admitted letter.
    pub delta: Vec<u16>,
    /// `deny[state * classes + class]`: whether the rule judges the call.
    pub deny: Vec<bool>,
    /// `updates[state * classes + class]`: an index into `update_sets`.
    pub updates: Vec<u16>,
    /// Sets of register updates; number 0 is empty.
    pub update_sets: Vec<Vec<Update>>,
    /// What each register holds.
    pub registers: Vec<RegisterKind>,
    /// For each state what it becomes when a window closes; empty for a rule without variables. A value is forgotten when that makes it equal to one never seen.
    pub expiry: Vec<Vec<Expiry>>,
    /// `overflows[state * classes + class]`: whether the letter takes the rule to its overflow. Empty where no letter does.
    pub overflows: Vec<bool>,
}

/// A memory that ends with a window.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Expiry {
    /// The register that the window is measured from.
    pub register: u8,
    /// Its length in milliseconds.
    pub ms: u64,
    /// The state that it then is.
    pub to: u16,
    /// The registers that are then unset, that one among them (a closed window ends a whole memory: its time, its anchor, its beginnings).
    pub clears: Vec<u8>,
}

/// What a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegisterKind {
    /// A time in milliseconds.
    Time,
    /// A position in the history.
    Position,
}

/// What happens to one register; the others keep their values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Update {
    /// Which.
    pub register: u8,
    /// What.
    pub operation: Operation,
}

/// What happens to a register. All updates of a letter read the values before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operation {
    /// It takes the letter's time (or position).
    Now,
    /// It takes the greater of its value and the time of the letter's call (of the letter itself, if it is no result).
    MaxCall,
    /// It is unset.
    Clear,
    /// It takes the latest of these beginnings.
    Latest {
        /// Whether its own value is one of them.
        keep: bool,
        /// Each the earliest of these registers; the letter's time, where there are none.
        of: Vec<Vec<u8>>,
    },
}
