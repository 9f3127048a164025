//! Decides a record: line in, decision out.
//!
//! In: lines of one file in their order. Out: a [`Step`] a line, or the reason why the line is none ([`RecordError`]). A line in error
//! changes nothing.
//! Invariants: the file's order is the order of decision; a result is given to the runtime once, with the ticket of its call; a call
//! whose result no line holds has succeeded where it stands, with its tool's declared labels and no content.
//! Source: `lang-spec/traces.md`.

use leverframe_runtime::content;
use leverframe_runtime::frame::{PersonaId, ToolId};
use leverframe_runtime::json::RawJson;
use leverframe_runtime::{Approval, Arguments, Call, LabelSet, Outcome, Policy, Scratch, Ticket, Verdict};

use super::histories::{Concerned, Histories};
use crate::trace::line::{self, CallLine, EventLine, LineError, Record, ResultLine};
use crate::trace::references::{ReferenceError, References};
use crate::trace::time::Clock;

/// What a call leaves for its result.
pub(crate) type Open = (Ticket, Concerned);

/// A record that is being decided.
pub(crate) struct Recording<'p> {
    policy: &'p Policy,
    histories: Histories<'p>,
    references: References<Open>,
    clock: Clock,
    scratch: Scratch,
    content: content::Memory,
}

/// What a line came to.
pub(crate) enum Step<'l> {
    /// A call was decided.
    Call(Box<Decided<'l>>),
    /// The result of an earlier call of this session came.
    Result(ResultLine<'l>, String),
    /// A host event came.
    Event(EventLine<'l>),
}

/// A decided call.
pub(crate) struct Decided<'l> {
    /// Its line.
    pub(crate) call: CallLine<'l>,
    /// Its number in its session, from 1.
    pub(crate) step: u64,
    /// Its time in milliseconds.
    pub(crate) at: i64,
    pub(crate) verdict: Verdict,
    pub(crate) code: &'static str,
    /// The deciding rule.
    pub(crate) rule: Option<String>,
    /// All rules with the winning verdict.
    pub(crate) rules: Vec<String>,
    /// Rules in shadow that would have judged it.
    pub(crate) observed: Vec<String>,
    /// The deciding rule's why.
    pub(crate) message: Option<String>,
    /// Who is asked.
    pub(crate) who: Vec<String>,
    /// The session's labels before the call.
    pub(crate) labels: Vec<String>,
    /// Whether the call went on.
    pub(crate) admitted: bool,
}

/// Why a line cannot be taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// It is no line of a record.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Its id or reference does not fit the lines before.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It is too long.
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
    /// A result carries a label that the policy does not declare.
    #[error("the policy declares no label `{0}`")]
    Label(String),
    /// A host event that the policy does not declare.
    #[error("the policy declares no event `{0}`")]
    Event(String),
    /// A host event whose arguments do not fit its declaration.
    #[error("the event `{0}` cannot be taken: {1}")]
    Report(String, leverframe_runtime::RecordError),
    /// A result that the runtime does not take.
    #[error("the result cannot be taken: {0}")]
    Result(leverframe_runtime::RecordError),
}

impl<'p> Recording<'p> {
    /// A record of which nothing is decided yet.
    pub(crate) fn new(policy: &'p Policy, references: References<Open>) -> Self {
        Self {
            policy,
            histories: Histories::new(policy),
            references,
            clock: Clock::default(),
            scratch: Scratch::default(),
            content: content::Memory::default(),
        }
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// [`RecordError`]; the line has then changed nothing.
    pub(crate) fn take<'l>(&mut self, bytes: &'l [u8]) -> Result<Step<'l>, RecordError> {
        match line::read(bytes)? {
            Record::Call(line) => self.call(line).map(|decided| Step::Call(Box::new(decided))),
            Record::Result(line) => self.result(line).map(|(line, session)| Step::Result(line, session)),
            Record::Event(line) => self.event(line).map(Step::Event),
        }
    }

    fn call<'l>(&mut self, line: CallLine<'l>) -> Result<Decided<'l>, RecordError> {
        let awaited = line.id.as_deref().map(|id| self.references.awaits(id)).transpose()?.unwrap_or(false);
        let inline = line.result.as_ref().map(|result| self.labels(result)).transpose()?;
        let at = self.clock.next(line.at);
        self.clock.taken(at);
        let (concerned, step) = self.histories.call(&line.session, &line.keys);
        let (decided, ticket) = self.decide(&concerned, line, at, step);
        let open = match (&decided.call.result, inline) {
            (Some(result), Some(labels)) => {
                self.came(&concerned, ticket, result, (labels, at))?;
                None
            }
            _ if awaited => Some((ticket, concerned)),
            _ => {
                let outcome = Outcome { ok: true, content: false, labels: LabelSet::default(), at, structured: None };
                self.record(&concerned, ticket, &outcome)?;
                None
            }
        };
        if let (true, Some(id)) = (awaited, decided.call.id.as_deref()) {
            self.references.keep(id, open);
        }
        Ok(decided)
    }

    fn decide<'l>(&mut self, concerned: &Concerned, line: CallLine<'l>, at: i64, step: u64) -> (Decided<'l>, Ticket) {
        let policy = self.policy;
        let scratch = &mut self.scratch;
        let persona = policy.persona(&line.persona).unwrap_or(PersonaId::UNKNOWN);
        let tool = policy.tool(&line.tool).unwrap_or(ToolId::UNKNOWN);
        // What a scan takes out is gone before the decision; what it found is known to it all the same.
        let scanned = policy.scan_arguments(persona, tool, line.args.as_bytes(), &mut self.content);
        let args = scanned.redacted.as_deref().unwrap_or(line.args.as_bytes());
        let call = Call {
            persona,
            tool,
            args: &RawJson(args),
            context: &RawJson(line.context.unwrap_or("{}").as_bytes()),
            at,
            approval: match line.approved {
                None => Approval::None,
                Some(true) => Approval::Given,
                Some(false) => Approval::Refused,
            },
            argument_labels: scanned.labels,
        };
        let decision = self.histories.with(concerned, |states| policy.decide(states, &call, scratch));
        let decided = Decided {
            step,
            at,
            verdict: decision.verdict,
            code: decision.code.as_str(),
            rule: decision.rule.map(str::to_owned),
            rules: policy.rules(scratch).map(str::to_owned).collect(),
            observed: policy.observed(scratch).map(str::to_owned).collect(),
            message: decision.message.map(str::to_owned),
            who: policy.who(scratch),
            labels: label_names(policy, decision.labels_before),
            admitted: decision.admitted,
            call: line,
        };
        (decided, decision.ticket)
    }

    fn result<'l>(&mut self, line: ResultLine<'l>) -> Result<(ResultLine<'l>, String), RecordError> {
        let labels = self.labels(&line.result)?;
        let (ticket, concerned) = self.references.result(&line.of)?;
        let at = self.clock.next(line.at);
        self.clock.taken(at);
        self.came(&concerned, ticket, &line.result, (labels, at))?;
        Ok((line, concerned.into_session()))
    }

    /// A result that came: scanned, and recorded as the gateway would give it on.
    fn came(
        &mut self,
        concerned: &Concerned,
        ticket: Ticket,
        result: &line::Outcome<'_>,
        (labels, at): (LabelSet, i64),
    ) -> Result<(), RecordError> {
        let policy = self.policy;
        let Some((persona, tool)) = ticket.call() else { return Ok(()) };
        let scanned = policy.scan_result(persona, tool, result.message().as_bytes(), &mut self.content);
        let labels = LabelSet(labels.0 | scanned.labels.0);
        let structured = result.structured.map(|text| RawJson(text.as_bytes()));
        let structured = structured.as_ref().map(|content| content as &dyn Arguments);
        let outcome = Outcome { ok: result.ok && !scanned.withheld, content: result.content || scanned.withheld, labels, at, structured };
        self.record(concerned, ticket, &outcome)
    }

    fn record(&mut self, concerned: &Concerned, ticket: Ticket, outcome: &Outcome<'_>) -> Result<(), RecordError> {
        let policy = self.policy;
        self.histories.with(concerned, |states| policy.record(states, ticket, outcome)).map_err(RecordError::Result)
    }

    fn event<'l>(&mut self, line: EventLine<'l>) -> Result<EventLine<'l>, RecordError> {
        let event = self.policy.event(&line.event).ok_or_else(|| RecordError::Event(line.event.to_string()))?;
        let at = self.clock.next(line.at);
        let concerned = self.histories.event(&line.session, &line.keys);
        let (policy, scratch) = (self.policy, &mut self.scratch);
        let args = RawJson(line.args.as_bytes());
        let reported = self.histories.with(&concerned, |states| policy.report(states, event, &args, at, scratch));
        match reported {
            Ok(()) => {
                self.clock.taken(at);
                Ok(line)
            }
            Err(error) => Err(RecordError::Report(line.event.into_owned(), error)),
        }
    }

    fn labels(&self, outcome: &line::Outcome<'_>) -> Result<LabelSet, RecordError> {
        let mut set = 0;
        for name in &outcome.labels {
            let label = self.policy.label(name).ok_or_else(|| RecordError::Label(name.to_string()))?;
            set |= 1_u64.checked_shl(label.0).unwrap_or(0);
        }
        Ok(LabelSet(set))
    }
}

fn label_names(policy: &Policy, set: LabelSet) -> Vec<String> {
    let has = |index: &usize| u32::try_from(*index).ok().and_then(|index| set.0.checked_shr(index)).is_some_and(|bits| bits & 1 == 1);
    policy.frame().labels.iter().enumerate().filter(|(index, _)| has(index)).map(|(_, name)| name.clone()).collect()
}
