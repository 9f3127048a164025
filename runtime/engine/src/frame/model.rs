//! What a frame holds: plain data that the compiler writes and the runtime loads.
//!
//! In: nothing. Out: [`Frame`]. Invariants are those that [`validate`](super::validate) checks once at load: every id is in range, every
//! table has the size that its header says, every program's jumps go forward.
//! Left out: certificates (a section of their own).
//! Source: `lang-spec/frame-format.md`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::content::{Detector, Scan};
use super::program::{Kind, Program, Scalar};
use super::rule::Rule;

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
id!(/** A scan of the frame. */ ScanId);

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
    /// What recognises content.
    pub detectors: Vec<Detector>,
    /// Scans of content, in deciding order; they decide after all rules.
    pub scans: Vec<Scan>,
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
    /// What its results hold, where it is declared: a record type, always open.
    pub result: Option<TypeId>,
    /// The labels that its results carry, a bit each.
    pub returns: u64,
    /// The conditions that every call of it is judged by, whatever rule they stand in: effects first, then guards of patterns. At most
    /// [`crate::limits::GUARDS_PER_TOOL`]; their values travel in the ticket for the letters of the result.
    pub guards: Vec<ProgramId>,
    /// The guards that read the result, judged when it comes, with everything else as it was at the call. [`Test::Guard`](crate::frame::Test::Guard) counts them after `guards`.
    pub result_guards: Vec<ProgramId>,
    /// What rules take from its letters: values of variables, measured amounts.
    pub values: Vec<ValueSource>,
}

/// Values that a rule takes from a letter: the identities of one or more, or amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSource {
    /// Where they stand.
    pub origin: ValueOrigin,
    /// The way to them.
    pub path: Vec<ValueStep>,
    /// What they compare as.
    pub kind: Kind,
}

/// Where values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValueOrigin {
    /// In the arguments of the call or host event.
    Arguments,
    /// In the result's structured content.
    Result,
    /// The tool and all its arguments, as one value; the path is empty.
    Whole,
}

/// A step of the way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValueStep {
    /// Into a field, by its position.
    Field(u16),
    /// Into each element of a list.
    Each,
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
    /// What rules take from it.
    pub values: Vec<ValueSource>,
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
