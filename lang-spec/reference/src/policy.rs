//! A policy after elaboration.
//!
//! In and out: plain data. Invariants: every order is that of the core form; a sequence keeps the shape that its author gave it, because the judge reads it
//! by the pair semantics and only the printer turns it into a formula.
//! Source: `lang-spec/core-form.md`; language sections 3 to 5.

use crate::types::{Record, Type};

mod condition;

pub use condition::{Arith, Cond, Function, Op, Tag, Term, TextOp};

/// A whole policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Labels, in module and source order.
    pub labels: Vec<Label>,
    /// Context fields, in module and source order.
    pub context: Vec<(String, Type)>,
    /// Host events, in module and source order.
    pub events: Vec<Event>,
    /// Tools, by name.
    pub tools: Vec<Tool>,
    /// Detectors, in module and source order.
    pub detectors: Vec<Detector>,
    /// The members of `everyone`, by tool.
    pub everyone: Vec<ToolRules>,
    /// Personas, in module and source order.
    pub personas: Vec<Persona>,
    /// Rules over histories, in deciding order.
    pub rules: Vec<Rule>,
    /// Scans, in module and source order.
    pub scans: Vec<Scan>,
    /// What should hold of all sessions, in module and source order; no part of the core form.
    pub assertions: Vec<Assertion>,
}

/// What an author says of all sessions, or of some.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// What is said.
    pub says: Says,
    /// Of whose sessions; of everybody's, where none are named.
    pub personas: Vec<String>,
    /// What it speaks of, as a rule that would note it: of `always` the call that lacks what should come before it.
    pub rule: Rule,
}

/// What an assertion says of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// No admitted letter is noted; in sessions without approved calls, where it says so.
    Never {
        /// Whether it says so.
        without_approval: bool,
    },
    /// The same, of a requirement.
    Always,
    /// Some admitted letter is noted.
    Can,
}

/// What recognises content.
#[derive(Clone, Debug)]
pub struct Detector {
    /// Its name.
    pub name: String,
    /// In the order written.
    pub parts: Vec<DetectorPart>,
}

/// A part of a detector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetectorPart {
    /// A built-in detector (`std.…`), or another one.
    Named(String),
    /// What a regular expression finds.
    Matches(String),
}

/// A scan of what calls carry.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Its name.
    pub name: String,
    /// Whose calls it is about; all, where none are named.
    pub scope: Option<Vec<String>>,
    /// Whether it reads results; otherwise arguments.
    pub results: bool,
    /// By name.
    pub tools: Vec<String>,
    /// As written, each once.
    pub detectors: Vec<String>,
    /// Whether what is found denies.
    pub deny: bool,
    /// Whether what is found is taken out.
    pub redact: bool,
    /// What is found gives these labels, by name.
    pub labels: Vec<String>,
}

/// A data label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Whether it marks data that must not get out; otherwise, text that may carry somebody's instructions.
    pub sensitive: bool,
}

/// A declared host event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What it carries.
    pub args: Record,
}

/// A tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its full name.
    pub name: String,
    /// What it takes.
    pub args: Record,
    /// What its results hold, where it is declared.
    pub result: Option<Record>,
    /// The labels of its results, by name.
    pub returns: Vec<String>,
    /// When a call moves data out.
    pub sends: Cond,
    /// When a call cannot be undone.
    pub destroys: Cond,
}

/// What a persona, or everyone, says of one tool.
#[derive(Clone, Debug)]
pub struct ToolRules {
    /// The tool.
    pub tool: String,
    /// Unordered as to meaning; ancestors' first, then in source order.
    pub members: Vec<Member>,
}

/// One of the unordered members.
#[derive(Clone, Debug)]
pub enum Member {
    /// A single rule.
    Rule(Answer),
    /// Arms, of which the first that holds decides.
    On(Vec<Answer>),
}

/// A verdict, under a condition.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it says.
    pub verdict: Verdict,
    /// The name that decisions give.
    pub name: String,
    /// When.
    pub cond: Cond,
    /// Who is asked.
    pub who: Option<String>,
    /// Why.
    pub why: Option<String>,
}

/// In the order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Verdict {
    Allow,
    Ask,
    Deny,
}

/// A persona with everything it inherits.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Its name.
    pub name: String,
    /// Its answer for everything else.
    pub otherwise: Option<Answer>,
    /// By tool.
    pub tools: Vec<ToolRules>,
}

/// A rule over histories.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Whose histories it is about.
    pub key: Key,
    /// Whose calls it judges; all, where none are named.
    pub scope: Option<Vec<String>>,
    /// What it does.
    pub action: Action,
    /// Why.
    pub why: Option<String>,
    /// When.
    pub body: Body,
    /// How many values it keeps apart, where it has variables or counts what is identical.
    pub capacity: Option<u64>,
}

/// What a history belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Key {
    Session,
    Principal,
    Agent,
    Tenant,
}

/// What a rule does with a call that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Denies it.
    Deny,
    /// Asks somebody.
    Ask(Option<String>),
    /// Denies it and every call of the session after it.
    EndSession,
    /// Notes it and lets it pass.
    Observe,
}

/// The four kinds of rule.
#[derive(Clone, Debug)]
pub enum Body {
    /// Speaks of the call that completes the sequence.
    Forbid(Sequence),
    /// Speaks of the target unless each prerequisite has been met.
    Require {
        /// All of them.
        prerequisites: Vec<Pattern>,
        /// The call that needs them.
        target: Pattern,
        /// How long ago each may be, in milliseconds.
        within: Option<i64>,
        /// What makes them forgotten.
        reset: Option<Pattern>,
    },
    /// Speaks of a call that would leave the language.
    Protocol(Expression),
    /// Speaks of a call when so much has been.
    Limit {
        /// How much of what.
        measure: Measure,
        /// In the last milliseconds; otherwise in the whole session.
        window: Option<i64>,
        /// What is counted.
        event: Pattern,
        /// The calls that are judged, where they are not what is counted.
        judged: Option<Pattern>,
    },
}

/// What a limit counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Events.
    Count(u64),
    /// Events of one tool with the same arguments.
    Identical(u64),
    /// Different values of a field.
    Distinct(u64, Tag, FieldPath),
    /// The sum of a field.
    Sum(u64, FieldPath),
}

/// A regular expression over events.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Expression {
    Event(Pattern),
    Then(Vec<Expression>),
    Or(Vec<Expression>),
    Many(Box<Expression>),
    Some(Box<Expression>),
    Maybe(Box<Expression>),
}

/// A sequence as language section 5 has it.
#[derive(Clone, Debug)]
pub enum Sequence {
    /// The beginning of the history.
    Start,
    /// One event.
    Event(Pattern),
    /// One after the other.
    Then(Box<Sequence>, Gap, Box<Sequence>),
    /// Any of them.
    Or(Vec<Sequence>),
    /// All of them, in any order.
    And(Vec<Sequence>),
    /// So many matches one after the other.
    Times(u64, Box<Sequence>),
    /// From its start to its end at most so many milliseconds.
    Within(i64, Box<Sequence>),
}

/// What must hold between the end of one part and the start of the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gap {
    /// At most so many milliseconds.
    pub within: Option<i64>,
    /// None of these wholly inside.
    pub unless: Vec<Pattern>,
    /// No admitted call inside.
    pub next: bool,
}

/// What an event pattern matches: one part, or tools and host events.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Its number among the patterns of its rule.
    pub id: usize,
    /// Tools first.
    pub parts: Vec<Part>,
}

impl PartialEq for Pattern {
    /// Whether they match the same, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

/// A pattern of one kind of letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The letter.
    pub kind: Kind,
    /// Only calls that were asked and approved.
    pub approved: bool,
    /// Also attempts on tools that the policy does not know.
    pub unknown: bool,
    /// Only this persona's.
    pub by: Option<String>,
    /// Only results that carry it.
    pub label: Option<String>,
    /// What it takes for the rule's variables, by their names.
    pub binds: Vec<Bind>,
    /// In the order of each case's first name.
    pub cases: Vec<Case>,
}

/// A variable and where its values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// The variable.
    pub variable: String,
    /// What its values compare as.
    pub tag: Tag,
    /// Where they are.
    pub path: FieldPath,
}

/// A path of fields, of which one may stand for each element of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    /// Whether it begins in the result; otherwise in the arguments.
    pub of_result: bool,
    /// From the outside in.
    pub steps: Vec<Step>,
}

/// A field of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Whether the path goes on in each of its elements.
    pub each: bool,
}

/// The kinds of letter that patterns ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Call,
    Ok,
    Failed,
    Result,
    Event,
    Denied,
}

/// Names that share one guard.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Tools, or host events, by name.
    pub names: Vec<String>,
    /// What must hold of the arguments.
    pub guard: Cond,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

impl Key {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Session, Self::Principal, Self::Agent, Self::Tenant];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Principal => "principal",
            Self::Agent => "agent",
            Self::Tenant => "tenant",
        }
    }
}

impl Policy {
    /// The tool of that name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// The persona of that name.
    #[must_use]
    pub fn persona(&self, name: &str) -> Option<&Persona> {
        self.personas.iter().find(|persona| persona.name == name)
    }
}

impl Rule {
    /// Every pattern that stands in the rule.
    #[must_use]
    pub fn patterns(&self) -> Vec<&Pattern> {
        match &self.body {
            Body::Forbid(sequence) => sequence.patterns(),
            Body::Protocol(expression) => expression.patterns(),
            Body::Limit { event, judged, .. } => [event].into_iter().chain(judged).collect(),
            Body::Require { prerequisites, target, reset, .. } => prerequisites.iter().chain([target]).chain(reset).collect(),
        }
    }

    /// Gives every pattern its number, in the order of [`Rule::patterns`].
    pub(crate) fn number_patterns(&mut self) {
        let patterns = match &mut self.body {
            Body::Forbid(sequence) => sequence.patterns_mut(),
            Body::Protocol(expression) => expression.patterns_mut(),
            Body::Limit { event, judged, .. } => [event].into_iter().chain(judged).collect(),
            Body::Require { prerequisites, target, reset, .. } => prerequisites.iter_mut().chain([target]).chain(reset).collect(),
        };
        patterns.into_iter().enumerate().for_each(|(id, pattern)| pattern.id = id);
    }

    /// Whether a pattern of the rule speaks of refused attempts, be it on one tool.
    #[must_use]
    pub fn hears_attempts(&self) -> bool {
        let hears = |part: &Part| part.kind == Kind::Denied && (part.unknown || !part.cases.is_empty());
        self.patterns().iter().flat_map(|pattern| &pattern.parts).any(hears)
    }

    /// Whether the rule keeps values apart.
    #[must_use]
    pub fn has_values(&self) -> bool {
        self.capacity.is_some()
    }
}

impl Pattern {
    /// The variables that it has.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        self.parts.first().into_iter().flat_map(|part| part.binds.iter().map(|bind| bind.variable.as_str())).collect()
    }
}

impl Expression {
    /// Every pattern that stands in the expression.
    #[must_use]
    pub fn patterns(&self) -> Vec<&Pattern> {
        match self {
            Self::Event(pattern) => vec![pattern],
            Self::Then(parts) | Self::Or(parts) => parts.iter().flat_map(Self::patterns).collect(),
            Self::Many(part) | Self::Some(part) | Self::Maybe(part) => part.patterns(),
        }
    }

    fn patterns_mut(&mut self) -> Vec<&mut Pattern> {
        match self {
            Self::Event(pattern) => vec![pattern],
            Self::Then(parts) | Self::Or(parts) => parts.iter_mut().flat_map(Self::patterns_mut).collect(),
            Self::Many(part) | Self::Some(part) | Self::Maybe(part) => part.patterns_mut(),
        }
    }
}

impl Sequence {
    /// Every pattern that stands in the sequence, those of gaps too.
    #[must_use]
    pub fn patterns(&self) -> Vec<&Pattern> {
        match self {
            Self::Start => Vec::new(),
            Self::Event(pattern) => vec![pattern],
            Self::Then(first, gap, second) => [first.patterns(), gap.unless.iter().collect(), second.patterns()].concat(),
            Self::Or(parts) | Self::And(parts) => parts.iter().flat_map(Self::patterns).collect(),
            Self::Times(_, part) | Self::Within(_, part) => part.patterns(),
        }
    }

    /// The patterns that are steps of the sequence.
    #[must_use]
    pub fn steps(&self) -> Vec<&Pattern> {
        match self {
            Self::Start => Vec::new(),
            Self::Event(pattern) => vec![pattern],
            Self::Then(first, _, second) => [first.steps(), second.steps()].concat(),
            Self::Or(parts) | Self::And(parts) => parts.iter().flat_map(Self::steps).collect(),
            Self::Times(_, part) | Self::Within(_, part) => part.steps(),
        }
    }

    fn patterns_mut(&mut self) -> Vec<&mut Pattern> {
        match self {
            Self::Start => Vec::new(),
            Self::Event(pattern) => vec![pattern],
            Self::Then(first, gap, second) => {
                let (first, second) = (first.patterns_mut(), second.patterns_mut());
                first.into_iter().chain(&mut gap.unless).chain(second).collect()
            }
            Self::Or(parts) | Self::And(parts) => parts.iter_mut().flat_map(Self::patterns_mut).collect(),
            Self::Times(_, part) | Self::Within(_, part) => part.patterns_mut(),
        }
    }

    /// The events that can be last; nothing stands for `start`.
    #[must_use]
    pub fn last(&self) -> Vec<Option<&Pattern>> {
        match self {
            Self::Start => vec![None],
            Self::Event(pattern) => vec![Some(pattern)],
            Self::Then(_, _, second) => second.last(),
            Self::Or(parts) | Self::And(parts) => parts.iter().flat_map(Self::last).collect(),
            Self::Times(_, part) | Self::Within(_, part) => part.last(),
        }
    }
}
