//! Event patterns, sequences, and the rules made of them, as written (language.md sections 5 and 6).

use super::{Duration, Expr, Literal, Name, Number, Path, Text, Tools};
use crate::span::Span;

/// A rule that may stand at top level, in `everyone` or in a persona.
#[derive(Clone, PartialEq, Debug)]
pub enum Rule {
    /// `forbid`
    Forbid(Forbid),
    /// `require`
    Require(Require),
    /// `protocol`
    Protocol(Protocol),
    /// `limit`
    Limit(Limit),
    /// `scan`
    Scan(Scan),
}

/// `NAME ["why"] [per KEY [capacity N]]`
#[derive(Clone, PartialEq, Debug)]
pub struct RuleHead {
    /// The rule.
    pub name: Name,
    /// Why it stands.
    pub why: Option<Text>,
    /// Whose history it reads; the session's where absent.
    pub key: Option<Key>,
    /// How many values it keeps.
    pub capacity: Option<Number>,
}

/// A KEY with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    /// Which one.
    pub kind: KeyKind,
    /// Where it stands.
    pub span: Span,
}

/// The keys of a history.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyKind {
    /// `session`
    Session,
    /// `principal`
    Principal,
    /// `agent`
    Agent,
    /// `tenant`
    Tenant,
}

/// What a rule does when it bites.
#[derive(Clone, PartialEq, Debug)]
pub struct Action {
    /// Which action.
    pub kind: ActionKind,
    /// Where it stands.
    pub span: Span,
}

/// The actions of a rule.
#[derive(Clone, PartialEq, Debug)]
pub enum ActionKind {
    /// `deny`
    Deny,
    /// `ask [by "who"]`
    Ask(Option<Text>),
    /// `end session`
    EndSession,
    /// `observe`
    Observe,
}

/// `forbid HEAD { sequence } [=> ACTION]`
#[derive(Clone, PartialEq, Debug)]
pub struct Forbid {
    /// Its name, reason and key.
    pub head: RuleHead,
    /// What may not happen.
    pub sequence: Sequence,
    /// What it does; denies where absent.
    pub action: Option<Action>,
}

/// `require HEAD { requirement } [=> ACTION]`
#[derive(Clone, PartialEq, Debug)]
pub struct Require {
    /// Its name, reason and key.
    pub head: RuleHead,
    /// What must come first.
    pub requirement: Requirement,
    /// What it does; denies where absent.
    pub action: Option<Action>,
}

/// `EVENT {and EVENT} before EVENT [within D] [reset by EVENT]`
#[derive(Clone, PartialEq, Debug)]
pub struct Requirement {
    /// What must have happened: one or more.
    pub prerequisites: Vec<EventPattern>,
    /// Before what.
    pub target: EventPattern,
    /// How long ago at most.
    pub within: Option<Duration>,
    /// What undoes it.
    pub reset: Option<EventPattern>,
    /// The whole of it.
    pub span: Span,
}

/// `protocol HEAD { regular expression } [=> ACTION]`
#[derive(Clone, PartialEq, Debug)]
pub struct Protocol {
    /// Its name, reason and key.
    pub head: RuleHead,
    /// The expression.
    pub body: ProtocolNode,
    /// What it does; denies where absent.
    pub action: Option<Action>,
}

/// A regular expression over events, or a part of one.
#[derive(Clone, PartialEq, Debug)]
pub struct ProtocolNode {
    /// What it is.
    pub kind: ProtocolKind,
    /// Where it stands, without parentheses around it.
    pub span: Span,
}

/// The forms of a protocol.
#[derive(Clone, PartialEq, Debug)]
pub enum ProtocolKind {
    /// One event.
    Event(Box<EventPattern>),
    /// `P then P …`: two or more.
    Then(Vec<ProtocolNode>),
    /// `P or P …`: two or more.
    Or(Vec<ProtocolNode>),
    /// `many (P)`, `some (P)` or `maybe (P)`
    Repeat(ProtocolItem),
}

/// A repeated part of a protocol.
#[derive(Clone, PartialEq, Debug)]
pub struct ProtocolItem {
    /// How often.
    pub repeat: Repeat,
    /// Of what.
    pub body: Box<ProtocolNode>,
}

/// How often a part of a protocol happens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repeat {
    /// `many`: zero times or more.
    Many,
    /// `some`: once or more.
    Some,
    /// `maybe`: at most once.
    Maybe,
}

/// `limit [NAME:] … per PERIOD [per KEY] [capacity N] [=> ACTION]`
#[derive(Clone, PartialEq, Debug)]
pub struct Limit {
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// What is counted.
    pub kind: LimitKind,
    /// Of which events.
    pub event: EventPattern,
    /// Over what time.
    pub period: Period,
    /// Whose history it reads; the session's where absent.
    pub key: Option<Key>,
    /// How many values it counts exactly.
    pub capacity: Option<Number>,
    /// What it does; denies where absent.
    pub action: Option<Action>,
}

/// What a limit counts.
#[derive(Clone, PartialEq, Debug)]
pub enum LimitKind {
    /// `N EVENT`
    Count {
        /// At most so many.
        most: Number,
    },
    /// `N identical EVENT`
    Identical {
        /// At most so many.
        most: Number,
    },
    /// `N distinct(FIELD) of EVENT`
    Distinct {
        /// At most so many values.
        most: Number,
        /// Of this field.
        field: ArgumentField,
    },
    /// `sum(FIELD) of EVENT to N`
    Sum {
        /// Of this field.
        field: ArgumentField,
        /// At most so much.
        most: Number,
    },
}

/// The period of a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Period {
    /// A sliding window.
    Duration(Duration),
    /// `session`: the whole history of the session.
    Session(Span),
}

/// `scan TOOLS arguments|results for DETECTOR, … => ACTION, …`
#[derive(Clone, PartialEq, Debug)]
pub struct Scan {
    /// The tools.
    pub tools: Tools,
    /// What of them is read.
    pub place: ScanPlace,
    /// For what: one or more.
    pub detectors: Vec<Path>,
    /// What is done about it: one or more.
    pub actions: Vec<ScanAction>,
}

/// What a scan reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ScanPlace {
    /// `arguments`
    Arguments,
    /// `results`
    Results,
}

/// What a scan does when it finds something.
#[derive(Clone, PartialEq, Debug)]
pub enum ScanAction {
    /// `deny`
    Deny(Span),
    /// `redact`
    Redact(Span),
    /// `label L`
    Label(Name),
}

/// A sequence, or a part of one.
#[derive(Clone, PartialEq, Debug)]
pub struct Sequence {
    /// What it is.
    pub kind: SequenceKind,
    /// Where it stands, without parentheses around it (but with those of `within D ( … )`).
    pub span: Span,
}

/// The forms of a sequence.
#[derive(Clone, PartialEq, Debug)]
pub enum SequenceKind {
    /// One event.
    Event(Box<EventPattern>),
    /// `a then b …`
    Then {
        /// The first part.
        first: Box<Sequence>,
        /// The others, each with the gap before it: one or more.
        rest: Vec<ThenStep>,
    },
    /// `a or b …`: two or more.
    Or(Vec<Sequence>),
    /// `a and b …`: two or more.
    And(Vec<Sequence>),
    /// `N times a`
    Times {
        /// How often.
        count: Number,
        /// What.
        body: Box<Sequence>,
    },
    /// `within D ( a )`
    Within {
        /// How long at most, from its start to its end.
        duration: Duration,
        /// What.
        body: Box<Sequence>,
    },
}

/// `then [gap] a`
#[derive(Clone, PartialEq, Debug)]
pub struct ThenStep {
    /// The gap before it; no clauses where no brackets stand.
    pub gap: Gap,
    /// What follows.
    pub sequence: Sequence,
}

/// The gap between two parts.
#[derive(Clone, PartialEq, Debug)]
pub struct Gap {
    /// Its clauses, in source order; kinds may repeat.
    pub clauses: Vec<GapClause>,
    /// From `then` to the end of the brackets.
    pub span: Span,
}

/// A clause of a gap.
#[derive(Clone, PartialEq, Debug)]
pub struct GapClause {
    /// Which one.
    pub kind: GapClauseKind,
    /// Where it stands.
    pub span: Span,
}

/// The clauses of a gap.
#[derive(Clone, PartialEq, Debug)]
pub enum GapClauseKind {
    /// `within D`
    Within(Duration),
    /// `unless EVENT`
    Unless(Box<EventPattern>),
    /// `next`
    Next,
}

/// `[approved|denied] TARGET[(…)] [OUTCOME] [by PERSONA] [when (COND)]`
#[derive(Clone, PartialEq, Debug)]
pub struct EventPattern {
    /// `approved` or `denied`, if it stands there.
    pub mode: Option<Mode>,
    /// What it speaks of. Beside [`TargetKind::Start`] everything else is absent.
    pub target: Target,
    /// What the arguments must be.
    pub arguments: Vec<Argument>,
    /// Which result or effect; the plain call where absent.
    pub outcome: Option<Outcome>,
    /// Whose.
    pub by: Option<Name>,
    /// On which condition.
    pub when: Option<Expr>,
    /// The whole pattern.
    pub span: Span,
}

/// `approved` or `denied` with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mode {
    /// Which one.
    pub kind: ModeKind,
    /// Where it stands.
    pub span: Span,
}

/// How a call must have been answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ModeKind {
    /// Asked and approved.
    Approved,
    /// Refused.
    Denied,
}

/// The TARGET of a pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// Which one.
    pub kind: TargetKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a TARGET.
#[derive(Clone, PartialEq, Debug)]
pub enum TargetKind {
    /// `any`: any tool call.
    Any,
    /// `start`: the beginning of the history.
    Start,
    /// A tool, a group or a host event.
    One(Path),
    /// A list in parentheses: two or more.
    List(Vec<Path>),
}

/// `field: value` in a pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Argument {
    /// The field.
    pub field: ArgumentField,
    /// What it must be.
    pub value: ArgumentValue,
    /// Both.
    pub span: Span,
}

/// The field of a pattern or a limit: `to`, `to[]`, `items[].id`.
#[derive(Clone, PartialEq, Debug)]
pub struct ArgumentField {
    /// The argument.
    pub name: Name,
    /// What is taken of it, from left to right.
    pub steps: Vec<ArgumentStep>,
    /// Where it stands.
    pub span: Span,
}

/// A step into a field.
#[derive(Clone, PartialEq, Debug)]
pub enum ArgumentStep {
    /// `[]`: each element.
    Each(Span),
    /// `.name`
    Field(Name),
}

/// What a field of a pattern must be.
#[derive(Clone, PartialEq, Debug)]
pub enum ArgumentValue {
    /// This value.
    Literal(Literal),
    /// The value of a constant.
    Const(Name),
    /// `?v`: the value of a variable. The name is without its `?`, the span with it.
    Variable(Name),
}

/// An OUTCOME.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// Which one.
    pub kind: OutcomeKind,
    /// `with (…)`: what fields of the result must be; only with `returns`, `succeeds` and `fails`.
    pub with: Vec<Argument>,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an OUTCOME.
#[derive(Clone, PartialEq, Debug)]
pub enum OutcomeKind {
    /// `returns LABEL`
    Returns(Name),
    /// `succeeds`
    Succeeds,
    /// `fails`
    Fails,
    /// `sends`
    Sends,
    /// `destroys`
    Destroys,
}
