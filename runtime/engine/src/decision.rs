//! What goes into a decision and what comes out of it.
//!
//! Source: contracts sections 2 and 5; language section 9 ("Codes").

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::arguments::Arguments;
use crate::evaluate::{Pool, Truth};
use crate::found::Found;
use crate::frame::{AnswerId, PersonaId, RuleId, ScanId, ToolId, Verdict};
use crate::limits;
use crate::policy::Policy;
use crate::slots::Work;
use crate::state::CallPlace;
use crate::values::{NodeId, Values};

/// Labels of a policy, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelSet(pub u64);

/// A human's answer to an asked call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Nobody has answered.
    #[default]
    None,
    /// Approved, for exactly these arguments.
    Given,
    /// Refused.
    Refused,
}

/// A call to decide.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Who calls; [`PersonaId::UNKNOWN`] for a name that the policy does not know.
    pub persona: PersonaId,
    /// What is called; [`ToolId::UNKNOWN`] for a name that the policy does not know.
    pub tool: ToolId,
    /// With what.
    pub args: &'a dyn Arguments,
    /// What the gateway knows and the agent cannot choose: one object.
    pub context: &'a dyn Arguments,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Whether a human has answered.
    pub approval: Approval,
    /// The labels of its arguments, as the gateway knows or its scans have found.
    pub argument_labels: LabelSet,
}

/// Why a call was decided as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The persona is unknown, or not the session's.
    UnknownPersona,
    /// A rule has ended the session.
    SessionEnded,
    /// The clock stepped back too far.
    Clock,
    /// The tool is unknown.
    UnknownTool,
    /// The arguments do not fit the tool.
    MalformedArguments,
    /// A condition reads a context value that was not supplied.
    MissingContext,
    /// A rule needs a key that the call does not have, or the call's key is not the session's.
    MissingKey,
    /// A condition cannot be evaluated on these values.
    ConditionFailed,
    /// The state given does not hold the past of a rule that speaks of the call.
    StateUnavailable,
    /// A rule decided that could not keep all values apart any more.
    Capacity,
    /// A rule decided.
    Rule,
    /// No rule decided: a gap.
    NoRule,
}

impl Code {
    /// The code as it is written in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPersona => "unknown_persona",
            Self::SessionEnded => "session_ended",
            Self::Clock => "clock",
            Self::UnknownTool => "unknown_tool",
            Self::MalformedArguments => "malformed_arguments",
            Self::MissingContext => "missing_context",
            Self::MissingKey => "missing_key",
            Self::ConditionFailed => "condition_failed",
            Self::StateUnavailable => "state_unavailable",
            Self::Capacity => "capacity",
            Self::Rule => "rule",
            Self::NoRule => "no_rule",
        }
    }
}

/// What was decided. The lists of rules and approvers stand in the [`Scratch`].
#[derive(Debug)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub struct Decision<'p> {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub code: Code,
    /// The deciding rule, where one decided.
    pub rule: Option<&'p str>,
    /// Why, in the author's words.
    pub message: Option<&'p str>,
    /// Whether the call is part of the history now: allowed, or asked and approved.
    pub admitted: bool,
    /// The labels of the session before the call.
    pub labels_before: LabelSet,
    /// What the call's result is recorded with.
    pub ticket: Ticket,
}

/// Ties a result to its call. Neither copied nor cloned, so it is used once; that of a call that was not admitted does nothing.
#[derive(Debug)]
pub struct Ticket(pub(crate) Option<Admitted>);

impl Ticket {
    /// The ticket of a call that is part of no history.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Whose call it is of, and of what tool; nothing of a call that was not admitted, whose result nobody gets.
    #[must_use]
    pub fn call(&self) -> Option<(PersonaId, ToolId)> {
        self.0.as_ref().map(|admitted| (admitted.persona, admitted.tool))
    }
}

impl Decision<'_> {
    /// The denial of a call whose states cannot be had.
    #[inline]
    pub fn unavailable() -> Self {
        Self {
            verdict: Verdict::Deny,
            code: Code::StateUnavailable,
            rule: None,
            message: None,
            admitted: false,
            labels_before: LabelSet(0),
            ticket: Ticket::none(),
        }
    }
}

/// What a result needs to know of its call.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) tool: ToolId,
    pub(crate) persona: PersonaId,
    pub(crate) approved: bool,
    /// Where the call stands in the history of each key.
    pub(crate) places: [CallPlace; 4],
    /// Two bits a guard.
    pub(crate) guards: [u64; 2],
    /// What the call was, where rules ask for it again when its result comes.
    pub(crate) memory: Option<Box<Memory>>,
}

/// How a call's values were read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) root: NodeId,
    /// Whether the values are those that were prepared.
    pub(crate) prepared: bool,
    pub(crate) context_first: Option<NodeId>,
    pub(crate) at: i64,
    /// The session's labels.
    pub(crate) labels: u64,
    /// The labels of the arguments.
    pub(crate) carried: u64,
}

/// A call's values.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) args: Values,
    pub(crate) context: Values,
    pub(crate) reading: Reading,
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of a word")]
fn halves(word: u128) -> [u64; 2] {
    [(word >> 64) as u64, word as u64]
}

/// How a call came out.
#[derive(Clone, Copy)]
pub struct Outcome<'a> {
    /// Whether it succeeded.
    pub ok: bool,
    /// Whether it came with any content: a failed result without content carries none of its tool's labels.
    pub content: bool,
    /// Labels found in it, beside those its tool declares.
    pub labels: LabelSet,
    /// When it came, in milliseconds since 1970.
    pub at: i64,
    /// Its structured content, where it has any.
    pub structured: Option<&'a dyn Arguments>,
}

/// Why a result or host event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The states are not those of the call.
    #[error("the states are not those that the call was decided with")]
    OtherStates,
    /// The arguments of a host event do not fit its declaration.
    #[error("the host event's arguments do not fit its declaration")]
    Malformed,
    /// The host event or the session is unknown.
    #[error("the host event is unknown or has no session")]
    Unknown,
}

/// What speaks for a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Answer(AnswerId),
    Rule(RuleId),
    Scan(ScanId),
}

/// One rule's word on a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) verdict: Verdict,
    pub(crate) source: Source,
    /// Whether it is a rule's that could not keep all values apart.
    pub(crate) overflowed: bool,
}

/// The call's touch, its class and what it binds, for the step to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) touch: usize,
    pub(crate) class: u16,
    pub(crate) bound: Option<usize>,
}

/// Memory that decisions reuse; one for each thread that decides.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) args: Values,
    pub(crate) context: Values,
    /// What reading arguments needs.
    pub(crate) desk: crate::extract::Desk,
    pub(crate) pool: Pool,
    pub(crate) guards: Vec<Truth>,
    pub(crate) hits: Vec<Hit>,
    pub(crate) observed: Vec<RuleId>,
    pub(crate) steps: Vec<Step>,
    pub(crate) ends_session: bool,
    pub(crate) found: Found,
    pub(crate) work: Work,
    /// How the call's values were read; none where they were not, or could not be.
    pub(crate) reading: Option<Reading>,
    /// Whether it was tried to read them.
    pub(crate) tried: bool,
    /// What scanning content needs.
    pub(crate) content: crate::content::Memory,
    /// The scans that refuse the call.
    pub(crate) refusals: Vec<ScanId>,
}

impl Scratch {
    pub(crate) fn clear(&mut self) {
        self.args.clear();
        self.context.clear();
        self.guards.clear();
        self.pool.clear();
        self.found.clear();
        self.reading = None;
        self.tried = false;
        self.refusals.clear();
        self.clear_hits();
    }

    pub(crate) fn clear_hits(&mut self) {
        self.hits.clear();
        self.observed.clear();
        self.steps.clear();
        self.ends_session = false;
    }
}

/// Two bits a guard: 0 no, 1 yes, 2 failed.
pub(crate) fn pack(guards: &[Truth]) -> [u64; 2] {
    let bits = |truth: &Truth| match truth {
        Truth::No => 0_u128,
        Truth::Yes => 1,
        Truth::Failed(_) => 2,
    };
    if guards.is_empty() {
        return [0, 0];
    }
    halves(guards.iter().take(limits::GUARDS_PER_TOOL).enumerate().fold(0, |word, (index, truth)| word | (bits(truth) << (2 * index))))
}

pub(crate) fn unpack([high, low]: [u64; 2], count: usize, guards: &mut Vec<Truth>) {
    let word = (u128::from(high) << 64) | u128::from(low);
    guards.clear();
    guards.extend((0..count.min(limits::GUARDS_PER_TOOL)).map(|index| match (word >> (2 * index)) & 3 {
        0 => Truth::No,
        1 => Truth::Yes,
        _ => Truth::Failed(crate::evaluate::Failure::Value),
    }));
}

impl Policy {
    /// All rules that had the winning verdict of the last decision made with `scratch`, in deciding order.
    pub fn rules<'p>(&'p self, scratch: &Scratch) -> impl Iterator<Item = &'p str> {
        let most = scratch.hits.iter().map(|hit| hit.verdict).max();
        scratch.hits.iter().filter(move |hit| Some(hit.verdict) == most).filter_map(|hit| self.source_name(hit.source))
    }

    /// The `observe` rules that would have judged the last call decided with `scratch`.
    pub fn observed<'p>(&'p self, scratch: &Scratch) -> impl Iterator<Item = &'p str> {
        scratch.observed.iter().filter_map(|id| self.source_name(Source::Rule(*id)))
    }

    /// Whom the last decision made with `scratch` asks, each once; empty unless it is an `ask` that names somebody.
    #[must_use]
    pub fn who(&self, scratch: &Scratch) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if scratch.hits.iter().any(|hit| hit.verdict == Verdict::Deny) {
            return names;
        }
        for hit in scratch.hits.iter().filter(|hit| hit.verdict == Verdict::Ask) {
            if let Some(who) = self.source_who(hit.source)
                && !names.iter().any(|name| name == who)
            {
                names.push(String::from(who));
            }
        }
        names
    }

    pub(crate) fn source_name(&self, source: Source) -> Option<&str> {
        match source {
            Source::Answer(id) => self.frame.answers.get(id.index()).map(|answer| answer.name.as_str()),
            Source::Rule(id) => self.frame.rules.get(id.index()).map(|rule| rule.name.as_str()),
            Source::Scan(id) => self.frame.scans.get(id.index()).map(|scan| scan.name.as_str()),
        }
    }

    /// What a source is called, and why it says so in its author's words.
    pub(crate) fn source_words(&self, source: Source) -> (Option<&str>, Option<&str>) {
        match source {
            Source::Answer(id) => {
                let answer = self.frame.answers.get(id.index());
                (answer.map(|answer| answer.name.as_str()), answer.and_then(|answer| answer.why.as_deref()))
            }
            source => (self.source_name(source), self.source_why(source)),
        }
    }

    pub(crate) fn source_why(&self, source: Source) -> Option<&str> {
        match source {
            Source::Answer(id) => self.frame.answers.get(id.index()).and_then(|answer| answer.why.as_deref()),
            Source::Rule(id) => self.frame.rules.get(id.index()).and_then(|rule| rule.why.as_deref()),
            Source::Scan(_) => None,
        }
    }

    fn source_who(&self, source: Source) -> Option<&str> {
        match source {
            Source::Answer(id) => self.frame.answers.get(id.index()).and_then(|answer| answer.who.as_deref()),
            Source::Rule(id) => match self.frame.rules.get(id.index()).map(|rule| &rule.action) {
                Some(crate::frame::Action::Ask(who)) => who.as_deref(),
                _ => None,
            },
            Source::Scan(_) => None,
        }
    }
}
