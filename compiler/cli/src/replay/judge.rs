//! Decides lines: the part of a replay that the policy does.
//!
//! In: lines in their places, the states of those whom they concern. Out: a [`Ruling`]: an answer for each line, and for each call its decision as JSON where
//! that is asked for. One judge works on one thread; its memory is used again from line to line.
//! Invariants: a result is given to the runtime once, with the ticket of its call; a call whose result no line holds has succeeded where it stands, with its
//! tool's declared labels and no content.
//! Source: `lang-spec/traces.md`.

use std::ops::Range;

use leverframe_runtime::content;
use leverframe_runtime::json::RawJson;
use leverframe_runtime::{Approval, Arguments, Call, Decision, LabelSet, Outcome, Policy, Scratch, States, Ticket, Verdict};

use super::decision::Writer;
use super::error::RecordError;
use super::reading::Reading;
use super::sequence::{Coming, Placed};
use super::slots::Slots;
use crate::exit::Failure;
use crate::trace::line::{Keys, Kind, Line, Outcome as Came};

/// A decided call.
pub(crate) struct Decided<'p, 'l> {
    /// Its line.
    pub(crate) call: &'l Line<'l>,
    /// Its number in its session, from 1.
    pub(crate) step: u64,
    /// Its time in milliseconds.
    pub(crate) at: i64,
    pub(crate) verdict: Verdict,
    pub(crate) code: &'static str,
    /// The deciding rule.
    pub(crate) rule: Option<&'p str>,
    /// All rules with the winning verdict.
    pub(crate) rules: &'l [&'p str],
    /// Rules in shadow that would have judged it.
    pub(crate) observed: &'l [&'p str],
    /// The deciding rule's why.
    pub(crate) message: Option<&'p str>,
    /// Who is asked.
    pub(crate) who: &'l [String],
    /// The session's labels before the call.
    pub(crate) labels: &'l [&'p str],
    /// Whether the call went on.
    pub(crate) admitted: bool,
}

/// What was decided of a call.
struct Answer<'p> {
    verdict: Verdict,
    admitted: bool,
    code: &'static str,
    rule: Option<&'p str>,
    message: Option<&'p str>,
    /// Where what is more of it stands in the ruling, if it was wanted.
    more: Option<u32>,
}

/// What more was decided of a call; its lists are ranges of the ruling's words.
#[derive(Default)]
struct More {
    rules: Range<usize>,
    observed: Range<usize>,
    labels: Range<usize>,
    who: Vec<String>,
    json: Range<usize>,
}

/// What was decided of some lines, in their order.
#[derive(Default)]
pub(crate) struct Ruling<'p> {
    /// An answer for a call, nothing for another line, or what the runtime does not take.
    answers: Vec<Result<Option<Answer<'p>>, Box<RecordError>>>,
    more: Vec<More>,
    words: Vec<&'p str>,
    json: Vec<u8>,
    /// What more is decided of a call of which no more is wanted.
    nothing: More,
}

/// Decides lines on one thread.
pub(crate) struct Judge<'p> {
    policy: &'p Policy,
    scratch: Scratch,
    content: content::Memory,
    /// Whether results are scanned at all.
    scans_results: bool,
    /// A result as scans read it.
    message: String,
    manner: Manner,
}

/// What is wanted of decisions.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// The verdict and the rule that decided.
    Verdicts,
    /// Everything.
    Whole,
    /// Everything, and the decision as JSON.
    Written(Box<Writer>),
}

impl Manner {
    /// Decisions by the frame of this digest as JSON; `file` where several are replayed.
    ///
    /// # Errors
    /// What the JSON's writer says.
    pub(crate) fn written(frame: &str, file: Option<&str>) -> Result<Self, Failure> {
        let writer = Writer::new(frame, file).map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(Self::Written(Box::new(writer)))
    }
}

impl<'p> Ruling<'p> {
    /// What the line at `index` came to, and its decision as JSON.
    ///
    /// # Errors
    /// What the runtime does not take.
    pub(crate) fn decided<'l>(
        &'l self,
        index: usize,
        reading: &'l Reading<'_>,
        placed: &Placed,
    ) -> Result<Option<(Decided<'p, 'l>, &'l [u8])>, RecordError> {
        match self.answers.get(index) {
            Some(Ok(Some(answer))) => {
                Ok(Some((self.shown(answer, &reading.line, placed), self.json.get(self.more(answer).json.clone()).unwrap_or_default())))
            }
            Some(Err(error)) => Err(RecordError::clone(error)),
            Some(Ok(None)) | None => Ok(None),
        }
    }

    fn more(&self, answer: &Answer<'_>) -> &More {
        let more = answer.more.and_then(|more| self.more.get(usize::try_from(more).ok()?));
        more.unwrap_or(&self.nothing)
    }

    fn shown<'l>(&'l self, answer: &Answer<'p>, call: &'l Line<'l>, placed: &Placed) -> Decided<'p, 'l> {
        let more = self.more(answer);
        let list = |range: &Range<usize>| self.words.get(range.clone()).unwrap_or_default();
        Decided {
            call,
            step: placed.step,
            at: placed.at,
            verdict: answer.verdict,
            code: answer.code,
            rule: answer.rule,
            rules: list(&more.rules),
            observed: list(&more.observed),
            message: answer.message,
            who: &more.who,
            labels: list(&more.labels),
            admitted: answer.admitted,
        }
    }

    /// Forgets what was decided.
    fn clear(&mut self) {
        self.answers.clear();
        self.more.clear();
        self.words.clear();
        self.json.clear();
    }

    fn take(&mut self, words: impl Iterator<Item = &'p str>) -> Range<usize> {
        let start = self.words.len();
        self.words.extend(words);
        start..self.words.len()
    }
}

impl<'p> Judge<'p> {
    /// A judge by this policy.
    pub(crate) fn new(policy: &'p Policy, manner: Manner) -> Self {
        let scans_results = policy.frame().scans.iter().any(|scan| scan.results);
        let (scratch, content) = (Scratch::default(), content::Memory::default());
        Self { policy, scratch, content, scans_results, message: String::new(), manner }
    }

    /// Decides these lines, in their order.
    pub(crate) fn decide<'l>(
        &mut self,
        lines: impl Iterator<Item = (&'l Reading<'l>, &'l Placed)>,
        slots: &mut Slots,
        ruling: &mut Ruling<'p>,
    ) {
        ruling.clear();
        for (reading, placed) in lines {
            let answer = match reading.line.kind {
                Kind::Call => self.call(reading, placed, slots, ruling).map(Some),
                Kind::Result => self.result(reading, placed, slots).map(|()| None),
                Kind::Event => self.event(reading, placed, slots).map(|()| None),
            };
            ruling.answers.push(answer.map_err(Box::new));
        }
    }

    fn call(
        &mut self,
        reading: &Reading<'_>,
        placed: &Placed,
        slots: &mut Slots,
        ruling: &mut Ruling<'p>,
    ) -> Result<Answer<'p>, RecordError> {
        let (policy, line, persona, tool) = (self.policy, &reading.line, reading.persona, reading.tool);
        // What a scan takes out is gone before the decision; what it found is known to it all the same.
        let scanned = policy.scan_arguments(persona, tool, line.args.as_bytes(), &mut self.content);
        let call = Call {
            persona,
            tool,
            args: &RawJson(scanned.redacted.as_deref().unwrap_or(line.args.as_bytes())),
            context: &RawJson(line.context.unwrap_or("{}").as_bytes()),
            at: placed.at,
            approval: match line.approved {
                None => Approval::None,
                Some(true) => Approval::Given,
                Some(false) => Approval::Refused,
            },
            argument_labels: scanned.labels,
        };
        let mut waiting = None;
        // The call and the result in its line lend the states once.
        let mut answer = slots.with(policy, &placed.whom, names(&line.session, &line.keys), |states| {
            let decision = policy.decide(states, &call, &mut self.scratch);
            let answer = self.answer(&decision, ruling);
            match (placed.coming, &line.result) {
                (Coming::Later, _) => waiting = Some(decision.ticket),
                (Coming::Here, Some(result)) => self.came(states, decision.ticket, (result, reading.labels), placed.at)?,
                _ => succeeded(policy, states, decision.ticket, placed.at)?,
            }
            Ok::<_, RecordError>(answer)
        })?;
        if let Some(ticket) = waiting {
            slots.keep(&placed.whom, reading.number, ticket);
        }
        self.write(&mut answer, reading, placed, ruling)?;
        Ok(answer)
    }

    /// Writes the decision as JSON, where that is wanted.
    fn write(
        &mut self,
        answer: &mut Answer<'p>,
        reading: &Reading<'_>,
        placed: &Placed,
        ruling: &mut Ruling<'p>,
    ) -> Result<(), RecordError> {
        let Manner::Written(writer) = &mut self.manner else { return Ok(()) };
        let start = ruling.json.len();
        let mut json = std::mem::take(&mut ruling.json);
        let written = writer.write(&mut json, &ruling.shown(answer, &reading.line, placed), reading.number);
        ruling.json = json;
        if let Some(more) = ruling.more.last_mut() {
            more.json = start..ruling.json.len();
        }
        written.map_err(|error| RecordError::Decision(error.to_string()))
    }

    fn answer(&self, decision: &Decision<'p>, ruling: &mut Ruling<'p>) -> Answer<'p> {
        let (policy, scratch) = (self.policy, &self.scratch);
        let Decision { verdict, admitted, rule, message, .. } = *decision;
        let mut answer = Answer { verdict, admitted, code: decision.code.as_str(), rule, message, more: None };
        if !matches!(self.manner, Manner::Verdicts) {
            let more = More {
                rules: ruling.take(policy.rules(scratch)),
                observed: ruling.take(policy.observed(scratch)),
                labels: ruling.take(label_names(policy, decision.labels_before)),
                who: if verdict == Verdict::Ask { policy.who(scratch) } else { Vec::new() },
                json: 0..0,
            };
            // A chunk has fewer lines than that.
            answer.more = u32::try_from(ruling.more.len()).ok();
            ruling.more.push(more);
        }
        answer
    }

    fn result(&mut self, reading: &Reading<'_>, placed: &Placed, slots: &mut Slots) -> Result<(), RecordError> {
        let Coming::Of(call) = placed.coming else { return Ok(()) };
        let Some(ticket) = slots.ticket(&placed.whom, call) else { return Ok(()) };
        let (policy, Some(result)) = (self.policy, &reading.line.result) else { return Ok(()) };
        slots.with(policy, &placed.whom, [None; 4], |states| self.came(states, ticket, (result, reading.labels), placed.at))
    }

    /// A result that came: scanned, and recorded as the gateway would give it on.
    fn came(&mut self, states: &mut States, ticket: Ticket, (result, labels): (&Came<'_>, LabelSet), at: i64) -> Result<(), RecordError> {
        let Some((persona, tool)) = ticket.call() else { return Ok(()) };
        let scanned = if self.scans_results {
            self.policy.scan_result(persona, tool, result.message(&mut self.message), &mut self.content)
        } else {
            content::Scanned::default()
        };
        let labels = LabelSet(labels.0 | scanned.labels.0);
        let structured = result.structured.map(|text| RawJson(text.as_bytes()));
        let structured = structured.as_ref().map(|content| content as &dyn Arguments);
        let (ok, content) = (result.ok && !scanned.withheld, result.content || scanned.withheld);
        self.policy.record(states, ticket, &Outcome { ok, content, labels, at, structured }).map_err(RecordError::Result)
    }

    fn event(&mut self, reading: &Reading<'_>, placed: &Placed, slots: &mut Slots) -> Result<(), RecordError> {
        let (policy, scratch, line) = (self.policy, &mut self.scratch, &reading.line);
        let args = RawJson(line.args.as_bytes());
        let act = |states: &mut _| policy.report(states, reading.event, &args, placed.at, scratch);
        let reported = slots.with(policy, &placed.whom, names(&line.session, &line.keys), act);
        reported.map_err(|error| RecordError::Report(line.event.to_string(), error))
    }
}

/// A call whose result no line holds succeeded where it stands.
fn succeeded(policy: &Policy, states: &mut States, ticket: Ticket, at: i64) -> Result<(), RecordError> {
    let outcome = Outcome { ok: true, content: false, labels: LabelSet::default(), at, structured: None };
    policy.record(states, ticket, &outcome).map_err(RecordError::Result)
}

fn names<'l>(session: &'l str, keys: &'l Keys<'_>) -> [Option<&'l str>; 4] {
    [Some(session), keys.principal.as_deref(), keys.agent.as_deref(), keys.tenant.as_deref()]
}

fn label_names(policy: &Policy, set: LabelSet) -> impl Iterator<Item = &str> {
    let mut rest = set.0;
    let next = move || {
        if rest == 0 {
            return None;
        }
        let index = usize::try_from(rest.trailing_zeros()).ok()?;
        rest &= rest.wrapping_sub(1);
        policy.frame().labels.get(index).map(String::as_str)
    };
    std::iter::from_fn(next)
}
