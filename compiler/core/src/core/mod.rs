//! The core form: what a policy means once every name, glob, constant, definition and override is resolved.
//!
//! In: a typed policy. Out: [`Core`], printed by [`print`](mod@print) to the canonical text of `lang-spec/core-form.md`.
//! Invariants: every order is the canonical one; literals are in normal form; ids index the lists of the same `Core`.
//! Left out: spans (kept beside, in [`Origins`]), assertions and tests.
//! Source: `lang-spec/core-form.md`.

pub mod cond;
pub mod formula;
pub mod print;

pub use cond::{Cond, Literal, Scalar, Term, TypeTag};
pub use formula::{Binding, Case, Clause, Formula, LetterKind, Pattern, PatternCases, PatternPart, Protocol, ValuePath, ValueStep};

use leverframe_syntax::Span;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// The position in its list.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(/** A tool of [`Core::tools`]. */ ToolId);
id!(/** A host event of [`Core::events`]. */ EventId);
id!(/** A label of [`Core::labels`]. */ LabelId);
id!(/** A persona of [`Core::personas`]. */ PersonaId);

/// A whole policy in core form.
#[derive(Clone, Debug, PartialEq)]
pub struct Core {
    /// Labels, in module and source order.
    pub labels: Vec<Label>,
    /// Context fields, in module and source order.
    pub context: Vec<ContextField>,
    /// Host events, in module and source order.
    pub events: Vec<Event>,
    /// Tools by name.
    pub tools: Vec<Tool>,
    /// The members of `everyone`, by tool.
    pub everyone: Vec<ToolRules>,
    /// Personas, in module and source order.
    pub personas: Vec<Persona>,
    /// Rules over histories, in deciding order.
    pub rules: Vec<Rule>,
    /// What recognises content, in module and source order.
    pub detectors: Vec<Detector>,
    /// Scans of content, in module and source order.
    pub scans: Vec<Scan>,
}

/// Where the parts of a [`Core`] were written: rule name → span of the statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// The statement that each rule, arm and `otherwise` stands in, by the rule's full name.
    pub rules: std::collections::BTreeMap<String, Span>,
}

/// A data label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// What it says of data that carry it.
    pub kind: LabelKind,
}

/// What a label says of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Must not get out unguarded.
    Sensitive,
    /// May carry somebody's instructions.
    Untrusted,
}

/// A value that the gateway supplies with each call.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// A host event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: Record,
}

/// A tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its full name, `alias.name` or `name`.
    pub name: String,
    /// Its arguments.
    pub args: Record,
    /// What its results hold, where it is declared; always open.
    pub result: Option<Record>,
    /// The labels its results carry, by name order of the policy's label list.
    pub returns: Vec<LabelId>,
    /// The calls that move data out (`Cond::Const(false)`: none).
    pub sends: Cond,
    /// The calls that cannot be undone.
    pub destroys: Cond,
}

/// A type of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `int LO..=HI`; the full range where none is given.
    Int {
        /// Least value.
        lo: i64,
        /// Greatest value.
        hi: i64,
    },
    /// An exact decimal.
    Number,
    /// `string`
    String,
    /// One of these strings, by name, each once.
    Enum(Vec<String>),
    /// `email`
    Email,
    /// `url`
    Url,
    /// `path`
    Path,
    /// `ip`
    Ip,
    /// `timestamp`
    Timestamp,
    /// `duration`
    Duration,
    /// Opaque, and why (a reason a diagnostic can give; it is no part of the printed form and of equality of policies).
    Json(Option<String>),
    /// `list<T>`
    List(Box<Type>),
    /// An object.
    Record(Record),
}

/// An object type.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Whether undeclared members are let through.
    pub open: bool,
    /// Declared members, by name.
    pub fields: Vec<Field>,
}

/// A member of an object type.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
    /// Whether `null` counts as absent; otherwise `null` is malformed.
    pub nullable: bool,
    /// What an absent value is judged by.
    pub default: Option<Literal>,
}

/// The answer of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The call goes on.
    Allow,
    /// A human is asked.
    Ask,
    /// The call is refused.
    Deny,
}

/// One answer with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is answered.
    pub verdict: Verdict,
    /// The rule's full name.
    pub name: String,
    /// On which calls.
    pub cond: Cond,
    /// Who is asked.
    pub who: Option<String>,
    /// Why, in the author's words.
    pub why: Option<String>,
}

/// A member of the unordered set of a tool's rules.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// `allow`, `ask`, `deny`.
    Rule(Answer),
    /// `on`: the first arm that holds decides.
    On(Vec<Answer>),
}

/// The members that speak of one tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolRules {
    /// The tool.
    pub tool: ToolId,
    /// Its members, parents' first, in source order.
    pub members: Vec<Member>,
}

/// A persona.
#[derive(Clone, Debug, PartialEq)]
pub struct Persona {
    /// Its name.
    pub name: String,
    /// Its answer for everything else (`cond` is true).
    pub otherwise: Option<Answer>,
    /// Its rules, by tool name.
    pub tools: Vec<ToolRules>,
}

/// The kind of a rule over histories, in deciding order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleKind {
    /// `forbid`
    Forbid,
    /// `require`
    Require,
    /// `protocol`
    Protocol,
    /// `limit`
    Limit,
}

/// Whose history a rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Whose calls a rule judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    All,
    /// These personas', in the policy's order.
    Personas(Vec<PersonaId>),
}

/// What a rule does with a call that it judges.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A rule over histories.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its kind.
    pub kind: RuleKind,
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
    /// What it says.
    pub body: Body,
    /// How many values it keeps; none for a rule without variables.
    pub capacity: Option<u32>,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Judges the call at which the formula holds.
    Deny(Formula),
    /// Judges the call that leaves the language.
    Protocol(Protocol),
    /// Judges a call where what was counted is too much.
    Limit(Limit),
}

/// What should hold of all sessions; no part of the printed form, since no frame holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    /// What is said.
    pub claim: AssertionClaim,
    /// Of whose sessions; of everybody's where empty.
    pub personas: Vec<PersonaId>,
    /// What it speaks of, as a rule that records it: of `always` the call that lacks what should come before it.
    pub rule: Rule,
    /// The statement.
    pub span: Span,
}

/// What an assertion says of its rule's formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionClaim {
    /// It never holds.
    Never {
        /// In histories without approved calls.
        without_approval: bool,
    },
    /// The same, of a requirement's violation.
    Always,
    /// It can come to hold.
    Can,
}

/// What a limit says.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What is counted.
    pub measure: Measure,
    /// Window in milliseconds (none: the whole history).
    pub window_ms: Option<u64>,
    /// The letters that are counted.
    pub event: Pattern,
    /// The calls that are judged, where the letters are no calls.
    pub judged: Option<Pattern>,
}

/// What a limit counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Letters: so many are let through.
    Count(u32),
    /// Letters of one tool and one value of all arguments.
    Identical(u32),
    /// Different values.
    Distinct(u32, ValuePath),
    /// An amount.
    Sum(i64, ValuePath),
}

/// What recognises content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    /// Its name.
    pub name: String,
    /// What finds it, in the order written.
    pub parts: Vec<DetectorPart>,
}

/// A part of a detector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetectorPart {
    /// A built-in detector (`std.email`) or another one of the policy, by name.
    Named(String),
    /// A regular expression, searched for.
    Matches(String),
}

/// A scan of content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its full name.
    pub name: String,
    /// Whose calls and results it reads.
    pub scope: Scope,
    /// Whether it reads results; otherwise arguments.
    pub results: bool,
    /// The tools, by name.
    pub tools: Vec<ToolId>,
    /// The detectors, as written, each once.
    pub detectors: Vec<String>,
    /// Whether it refuses the call, or withholds the result.
    pub deny: bool,
    /// Whether it takes out what it finds.
    pub redact: bool,
    /// The labels that it gives, by name.
    pub labels: Vec<LabelId>,
}
