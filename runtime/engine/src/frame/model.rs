//! What a frame holds: plain data that the compiler writes and the runtime loads.
//!
//! In: nothing. Out: [`Frame`]. Invariants are those that [`validate`](super::validate) checks once at load: every id is in range, every
//! table has the size that its header says, every program's jumps go forward.
//! Left out: certificates (a section of their own).
//! Source: `lang-spec/frame-format.md`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::program::{Program, Scalar};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// A handle that stands for a name the policy does not know.
            pub const UNKNOWN: Self = Self(u32::MAX);
            /// The position in its list.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(/** A tool of the frame. */ ToolId);
id!(/** A host event of the frame. */ EventId);
id!(/** A persona of the frame. */ PersonaId);
id!(/** A label of the frame; less than [`crate::limits::LABELS`]. */ LabelId);
id!(/** A rule over histories of the frame. */ RuleId);
id!(/** A type of the frame. */ TypeId);
id!(/** A condition of the frame. */ ProgramId);
id!(/** An answer (a named verdict) of the frame. */ AnswerId);
id!(/** A compiled regular expression of the frame. */ RegexId);

/// A whole policy, compiled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The version of the language it was written in.
    pub language: u32,
    /// Whether the checker has not proved the policy.
    pub unproven: bool,
    /// Label names.
    pub labels: Vec<String>,
    /// Types; an id inside a type is less than the type's own.
    pub types: Vec<Type>,
    /// The record type of what the gateway supplies with each call.
    pub context: TypeId,
    /// Tools, by name.
    pub tools: Vec<Tool>,
    /// Host events.
    pub events: Vec<Event>,
    /// Personas.
    pub personas: Vec<Persona>,
    /// What `everyone` says, by tool.
    pub everyone: Vec<ToolRules>,
    /// Named verdicts.
    pub answers: Vec<Answer>,
    /// Rules over histories, in deciding order.
    pub rules: Vec<Rule>,
    /// Conditions.
    pub programs: Vec<Program>,
    /// Serialised sparse DFAs, anchored at the start, that report the longest match: the whole text matches where that one ends with it.
    pub regexes: Vec<Vec<u8>>,
}

/// A type of arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    /// `true`, `false`
    Bool,
    /// A 64-bit integer in a range.
    Int {
        /// Least value.
        lo: i64,
        /// Greatest value.
        hi: i64,
    },
    /// An exact decimal.
    Number,
    /// Text.
    String,
    /// One of these texts, sorted.
    Enum(Vec<String>),
    /// One plain address, kept in normal form.
    Email,
    /// A URL, kept in normal form.
    Url,
    /// An absolute path, kept in normal form.
    Path,
    /// An address, kept in normal form.
    Ip,
    /// RFC 3339 text, kept as milliseconds.
    Timestamp,
    /// A duration, kept as milliseconds.
    Duration,
    /// Opaque.
    Json,
    /// Elements of one type.
    List(TypeId),
    /// An object.
    Record {
        /// Whether undeclared members are let through.
        open: bool,
        /// Declared members, sorted by name.
        fields: Vec<Field>,
    },
}

/// A member of an object type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Whether it must be there.
    pub required: bool,
    /// Whether `null` counts as absent.
    pub nullable: bool,
    /// What an absent value is judged by.
    pub default: Option<Scalar>,
}

/// A tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its full name.
    pub name: String,
    /// Its arguments: a record type.
    pub args: TypeId,
    /// The labels that its results carry, a bit each.
    pub returns: u64,
    /// The conditions that every call of it is judged by, whatever rule they stand in: effects first, then guards of patterns. At most
    /// [`crate::limits::GUARDS_PER_TOOL`]; their values travel in the ticket for the letters of the result.
    pub guards: Vec<ProgramId>,
}

/// A host event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its arguments: a record type.
    pub args: TypeId,
    /// The guards of patterns on it.
    pub guards: Vec<ProgramId>,
}

/// The answer of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The call goes on.
    Allow,
    /// A human is asked.
    Ask,
    /// The call is refused.
    Deny,
}

/// A named verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The rule's full name.
    pub name: String,
    /// The verdict.
    pub verdict: Verdict,
    /// On which calls; none: on all.
    pub condition: Option<ProgramId>,
    /// Who is asked.
    pub who: Option<String>,
    /// Why, in the author's words.
    pub why: Option<String>,
}

/// A member of the unordered set of a tool's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Member {
    /// One answer.
    Rule(AnswerId),
    /// The first of these that holds.
    On(Vec<AnswerId>),
}

/// The members that speak of one tool, in source order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolRules {
    /// The tool.
    pub tool: ToolId,
    /// Its members.
    pub members: Vec<Member>,
}

/// A persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Its name.
    pub name: String,
    /// Its answer for everything else.
    pub otherwise: Option<AnswerId>,
    /// Its rules, sorted by tool.
    pub tools: Vec<ToolRules>,
}

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
}

/// A rule over histories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its full name.
    pub name: String,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The kind of letter.
    pub kind: LetterKind,
    /// The tool, or for [`LetterKind::Event`] the host event.
    pub subject: u32,
    /// Where it enters.
    pub root: Target,
    /// Whether a pattern of the rule speaks of it. (`next` reads every call without speaking of it: such a site is no reason to miss a key.)
    pub named: bool,
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
}

/// What classes do to a rule's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A table.
    Automaton(Automaton),
    /// Class 1 counts and is judged, class 0 is not; so many are let through in the whole history. State: one register.
    Counter {
        /// How many.
        count: u32,
    },
    /// The same in a sliding window. State: a ring of `count` times.
    Ring {
        /// How many.
        count: u32,
        /// Milliseconds.
        window_ms: u64,
    },
}

/// A minimal Mealy table with registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automaton {
    /// How many states; they are numbered breadth first from the initial one, 0.
    pub states: u16,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Update {
    /// Which.
    pub register: u8,
    /// What.
    pub operation: Operation,
}

/// What happens to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operation {
    /// It takes the letter's time (or position).
    Now,
    /// It takes the greater of its value and the time of the letter's call (of the letter itself, if it is no result).
    MaxCall,
    /// It is unset.
    Clear,
}
