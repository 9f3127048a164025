//! Decisions over a record.
//!
//! In: records in their order. Out: a decision for each call. Invariants: a refused call is a letter of its own kind and advances no clock; an asked call is admitted only if it was approved and is
//! still only asked when it is decided again as approved; every way out before the rules is a denial.
//! Source: language section 4 ("The verdict of a call"), section 5 ("Asking") and section 9; `lang-spec/traces.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::content;
use super::evaluate::Moment;
use super::history::{Attempt, Call, CameOut, Event, History, What};
use super::permit::permit;
use super::record::{CallRecord, EventRecord, Keys, Outcome, Record, RecordError, Recorded, ResultRecord};
use super::rules::{Evaluator, Judgement};
use super::values::{self, Fields};
use crate::json::Json;
use crate::limits::CLOCK_TOLERANCE_MS;
use crate::policy::{Action, Key, Policy, Rule, Scan, Tool, Verdict};

/// What a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Code {
    UnknownPersona,
    SessionEnded,
    Clock,
    UnknownTool,
    MalformedArguments,
    MissingContext,
    MissingKey,
    ConditionFailed,
    Capacity,
    NoRule,
    Rule,
}

/// A decision on one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The line's number, from 1.
    pub line: usize,
    /// The call's id.
    pub id: Option<String>,
    /// Its session.
    pub session: String,
    /// The number of the call in its session, from 1.
    pub step: usize,
    /// The tool as the record names it.
    pub tool: String,
    /// What is to be done with the call.
    pub verdict: Verdict,
    /// The deciding rule, where one decided.
    pub rule: Option<String>,
    /// All rules that had the winning verdict, in deciding order.
    pub rules: Vec<String>,
    /// The `observe` rules that spoke of the call.
    pub observed: Vec<String>,
    /// What it rests on.
    pub code: Code,
    /// The deciding rule's why.
    pub message: Option<String>,
    /// Who is asked.
    pub who: Vec<String>,
    /// The session's labels before the call, in the order of their declaration.
    pub labels: Vec<String>,
    /// The call's time.
    pub at: i64,
}

/// Decides a whole record.
///
/// # Errors
/// The first line that is in error.
pub fn decide(policy: &Policy, records: &[Record]) -> Result<Vec<Decision>, RecordError> {
    let mut judge = Judge::new(policy, records);
    let mut decisions = Vec::new();
    for record in records {
        decisions.extend(judge.take(record)?);
    }
    Ok(decisions)
}

/// Takes the lines of a record one after the other.
#[derive(Debug)]
pub struct Judge<'p> {
    policy: &'p Policy,
    histories: BTreeMap<(Key, String), History>,
    sessions: BTreeMap<String, Session>,
    /// The time of the line before.
    clock: Option<i64>,
    /// How many calls of the record have each id.
    ids: BTreeMap<String, usize>,
    /// The ids whose results stand in lines of their own.
    awaited: BTreeSet<String>,
    /// Calls that had an id, and what their result would be of; nothing once it has come.
    calls: BTreeMap<String, Option<Pending>>,
    evaluator: Evaluator,
}

#[derive(Debug, Default)]
struct Session {
    persona: Option<String>,
    keys: Keys,
    ended: bool,
    labels: BTreeSet<String>,
    steps: usize,
}

/// A call that may still have a result.
#[derive(Clone, Debug)]
enum Pending {
    Admitted(Ticket),
    /// Denied, or asked and not approved: its result is ignored.
    Not,
}

/// Where an admitted call stands in each of its histories.
#[derive(Clone, Debug)]
struct Ticket {
    call: Rc<Call>,
    session: String,
    places: Vec<((Key, String), usize)>,
}

/// Somebody who speaks of a call.
struct Voice {
    verdict: Verdict,
    name: String,
    who: Option<String>,
    why: Option<String>,
    permission: bool,
}

/// What the rules say of a call.
#[derive(Default)]
struct Hearing {
    voices: Vec<Voice>,
    observed: Vec<String>,
    ends_session: bool,
    overflowed: bool,
}

/// A call as it is judged.
struct Reading<'p> {
    /// Nothing where the policy does not know the tool.
    tool: Option<&'p Tool>,
    /// Nothing where its arguments are malformed.
    moment: Option<Moment>,
    /// The scans that deny what they found.
    scans: Vec<&'p Scan>,
}

impl Hearing {
    fn verdict(&self) -> Option<Verdict> {
        self.voices.iter().map(|voice| voice.verdict).max()
    }
}

impl<'p> Judge<'p> {
    /// A judge of this record; it looks ahead only for which calls have results in lines of their own.
    #[must_use]
    pub fn new(policy: &'p Policy, records: &[Record]) -> Self {
        let mut ids = BTreeMap::new();
        let mut awaited = BTreeSet::new();
        for record in records {
            match &record.what {
                Recorded::Call(call) => call.id.iter().for_each(|id| *ids.entry(id.clone()).or_default() += 1),
                Recorded::Result(result) => {
                    awaited.insert(result.of.clone());
                }
                Recorded::Event(_) => {}
            }
        }
        Self {
            policy,
            histories: BTreeMap::new(),
            sessions: BTreeMap::new(),
            clock: None,
            ids,
            awaited,
            calls: BTreeMap::new(),
            evaluator: Evaluator::Pairs,
        }
    }

    /// The same judge, by another evaluator.
    #[must_use]
    pub fn by(self, evaluator: Evaluator) -> Self {
        Self { evaluator, ..self }
    }

    /// Takes one line; a call is decided.
    ///
    /// # Errors
    /// Where the line is in error; nothing has changed then.
    pub fn take(&mut self, record: &Record) -> Result<Option<Decision>, RecordError> {
        let at = record.at.unwrap_or_else(|| self.clock.map_or(0, |before| before.saturating_add(1)));
        let error = |what: String| RecordError { line: record.line, what };
        let decision = match &record.what {
            Recorded::Call(call) => {
                self.declared_labels(call.result.as_ref()).map_err(error)?;
                Some(self.call(record.line, at, call))
            }
            Recorded::Result(result) => {
                self.result(at, result).map_err(error)?;
                None
            }
            Recorded::Event(event) => {
                self.event(at, event).map_err(error)?;
                None
            }
        };
        self.clock = Some(at);
        Ok(decision)
    }

    /// A judge of a session of which only the labels are known.
    pub(super) fn of_session(policy: &'p Policy, session: &str, labels: BTreeSet<String>) -> Self {
        let mut judge = Self::new(policy, &[]);
        judge.sessions.insert(session.to_owned(), Session { labels, ..Session::default() });
        judge
    }

    /// The call as rules are asked about it; or why none is.
    pub(super) fn asked(&mut self, at: i64, call: &CallRecord) -> Result<Call, Code> {
        let reading = self.read(at, call);
        let (asked, ..) = self.judged(at, call, &reading)?;
        Ok(Call { approved: call.approved == Some(true), ..asked })
    }

    /// The call as an attempt that is refused.
    pub(super) fn attempted(&self, at: i64, call: &CallRecord) -> Attempt {
        attempt(call, self.read(at, call))
    }

    /// The host event as a letter of a session of that persona; an error where the policy has no such event, or its arguments do not fit.
    pub(super) fn reported(&self, at: i64, event: &EventRecord, persona: Option<String>) -> Result<Event, String> {
        let declared = self.policy.events.iter().find(|declared| declared.name == event.event);
        let declared = declared.ok_or_else(|| format!("no event is called `{}`", event.event))?;
        let args = values::arguments(&event.args.0, &declared.args).ok_or("the event's arguments do not fit")?;
        let moment = Moment { context: Fields::new(), ..self.moment(at, &event.session, args, &Json::Null) };
        Ok(Event { name: event.event.clone(), persona, moment })
    }

    pub(super) fn declared_labels(&self, outcome: Option<&Outcome>) -> Result<(), String> {
        let declared = |name: &str| self.policy.labels.iter().any(|label| label.name == name);
        let unknown = outcome.and_then(|outcome| outcome.labels.iter().find(|label| !declared(label)));
        unknown.map_or(Ok(()), |label| Err(format!("no label is called `{label}`")))
    }

    fn call(&mut self, line: usize, at: i64, call: &CallRecord) -> Decision {
        let session = self.sessions.entry(call.session.clone()).or_default();
        session.steps += 1;
        let decision = Decision {
            line,
            id: call.id.clone(),
            session: call.session.clone(),
            step: session.steps,
            tool: call.tool.clone(),
            verdict: Verdict::Deny,
            rule: None,
            rules: Vec::new(),
            observed: Vec::new(),
            code: Code::NoRule,
            message: None,
            who: Vec::new(),
            labels: self
                .policy
                .labels
                .iter()
                .filter(|label| session.labels.contains(&label.name))
                .map(|label| label.name.clone())
                .collect(),
            at,
        };
        let reading = self.read(at, call);
        let (decision, ticket) = match self.judged(at, call, &reading) {
            Ok(judged) => self.conclude(at, call, judged, decision),
            Err(code) => (Decision { code, ..decision }, None),
        };
        if decision.verdict == Verdict::Deny || (decision.verdict == Verdict::Ask && call.approved == Some(false)) {
            self.refuse(at, call, reading);
        }
        self.settle(at, call, ticket);
        decision
    }

    /// What can be read of a call, after what scans take out of it.
    fn read(&self, at: i64, call: &CallRecord) -> Reading<'p> {
        let policy = self.policy;
        let Some(tool) = policy.tool(&call.tool) else { return Reading { tool: None, moment: None, scans: Vec::new() } };
        let scanned = content::arguments(policy, &call.persona, &tool.name, &call.args.0);
        let args = values::arguments(&scanned.args, &tool.args);
        let moment = args.map(|args| Moment { carried: scanned.labels, ..self.moment(at, &call.session, args, &call.context.0) });
        Reading { tool: Some(tool), moment, scans: scanned.denied_by }
    }

    /// A refused attempt is a letter in the histories of the keys that the call has.
    fn refuse(&mut self, at: i64, record: &CallRecord, reading: Reading<'_>) {
        let attempt = Rc::new(attempt(record, reading));
        for (kind, name) in keys_of(&record.session, &record.keys) {
            let what = What::Denied(Rc::clone(&attempt));
            self.histories.entry((kind, name)).or_default().add(self.policy, kind, at, what);
        }
    }

    /// The call as it would stand in a history, and what permissions say; or why no rule is asked.
    fn judged(&mut self, at: i64, call: &CallRecord, reading: &Reading<'p>) -> Result<(Call, Vec<Voice>, Vec<Voice>), Code> {
        let policy = self.policy;
        let same_keys = self.belongs(call)?;
        if self.sessions.get(&call.session).is_some_and(|session| session.ended) {
            return Err(Code::SessionEnded);
        }
        let too_early = |history: &History| history.latest.is_some_and(|latest| at.saturating_add(CLOCK_TOLERANCE_MS) < latest);
        if keys_of(&call.session, &call.keys).iter().filter_map(|key| self.histories.get(key)).any(too_early) {
            return Err(Code::Clock);
        }
        let tool = reading.tool.ok_or(Code::UnknownTool)?;
        let moment = reading.moment.clone().ok_or(Code::MalformedArguments)?;
        let said = permit(policy, tool, &call.persona, &moment);
        if said.missing_context {
            return Err(Code::MissingContext);
        }
        if !same_keys || !has_keys(policy, tool, &call.keys) {
            return Err(Code::MissingKey);
        }
        if said.failed {
            return Err(Code::ConditionFailed);
        }
        let voice = |answer: &&crate::policy::Answer| Voice {
            verdict: answer.verdict,
            name: answer.name.clone(),
            who: answer.who.clone(),
            why: answer.why.clone(),
            permission: true,
        };
        let voices = said.answers.iter().map(voice).collect();
        let scan = |scan: &&Scan| Voice { verdict: Verdict::Deny, name: scan.name.clone(), who: None, why: None, permission: false };
        let scans = reading.scans.iter().map(scan).collect();
        Ok((Call { tool: call.tool.clone(), persona: call.persona.clone(), approved: false, moment }, voices, scans))
    }

    /// Fixes what the session has not yet; whether the call's keys are the session's.
    fn belongs(&mut self, call: &CallRecord) -> Result<bool, Code> {
        let session = self.sessions.entry(call.session.clone()).or_default();
        let mut same = true;
        for (known, given) in [
            (&mut session.keys.principal, &call.keys.principal),
            (&mut session.keys.agent, &call.keys.agent),
            (&mut session.keys.tenant, &call.keys.tenant),
        ] {
            match (&known, given) {
                (Some(known), Some(given)) => same &= known == given,
                (None, Some(given)) => *known = Some(given.clone()),
                (_, None) => {}
            }
        }
        let persona = session.persona.get_or_insert_with(|| call.persona.clone());
        if *persona != call.persona || self.policy.persona(&call.persona).is_none() {
            return Err(Code::UnknownPersona);
        }
        Ok(same)
    }

    /// What conditions may read; the time is the session's.
    fn moment(&self, at: i64, session: &str, args: Fields, context: &Json) -> Moment {
        let supplied = |(name, ty): &(String, crate::types::Type)| values::supplied(context, name, ty).map(|value| (name.clone(), value));
        let history = self.histories.get(&(Key::Session, session.to_owned()));
        Moment {
            args,
            context: self.policy.context.iter().filter_map(supplied).collect(),
            at: history.map_or(at.max(i64::MIN + 1), |history| history.effective(at)),
            labels: self.sessions.get(session).map(|session| session.labels.clone()).unwrap_or_default(),
            carried: BTreeSet::new(),
        }
    }

    /// All rules over histories, with the call taken for approved or not.
    fn hear(&mut self, at: i64, record: &CallRecord, call: &Call) -> Hearing {
        let mut hearing = Hearing::default();
        let keys = keys_of(&record.session, &record.keys);
        let what = What::Call(Rc::new(call.clone()));
        for (index, rule) in self.policy.rules.iter().enumerate() {
            if rule.scope.as_ref().is_some_and(|scope| !scope.contains(&call.persona)) {
                continue;
            }
            let Some(key) = keys.iter().find(|(kind, _)| *kind == rule.key) else { continue };
            let history = self.histories.entry(key.clone()).or_default();
            hearing.take(rule, history.ask(self.policy, index, at, what.clone(), self.evaluator));
        }
        hearing
    }

    fn conclude(
        &mut self,
        at: i64,
        record: &CallRecord,
        judged: (Call, Vec<Voice>, Vec<Voice>),
        decision: Decision,
    ) -> (Decision, Option<Ticket>) {
        let (mut call, permissions, scans) = judged;
        let mut hearing = self.hear(at, record, &call);
        let loudest = permissions.iter().chain(&scans).map(|voice| voice.verdict).max().max(hearing.verdict());
        let asked = loudest == Some(Verdict::Ask);
        if asked && record.approved == Some(true) {
            // Decided again, this time as a call that was approved.
            call.approved = true;
            hearing = self.hear(at, record, &call);
        }
        if hearing.ends_session {
            self.sessions.entry(record.session.clone()).or_default().ended = true;
        }
        let observed = std::mem::take(&mut hearing.observed);
        let overflowed = hearing.overflowed;
        let voices: Vec<Voice> = permissions.into_iter().chain(hearing.voices).chain(scans).collect();
        let verdict = voices.iter().map(|voice| voice.verdict).max();
        // Without a permission's answer there is a gap, which only a denial closes.
        let answered = voices.iter().any(|voice| voice.permission);
        let Some(verdict) = verdict.filter(|verdict| answered || *verdict == Verdict::Deny) else {
            return (Decision { observed, ..decision }, None);
        };
        let winning: Vec<&Voice> = voices.iter().filter(|voice| voice.verdict == verdict).collect();
        let mut who: Vec<String> = Vec::new();
        for asked in winning.iter().filter(|voice| voice.verdict == Verdict::Ask).filter_map(|voice| voice.who.clone()) {
            if !who.contains(&asked) {
                who.push(asked);
            }
        }
        let decision = Decision {
            verdict,
            rule: winning.first().filter(|_| !overflowed).map(|voice| voice.name.clone()),
            rules: winning.iter().map(|voice| voice.name.clone()).collect(),
            observed,
            code: if overflowed { Code::Capacity } else { Code::Rule },
            message: winning.first().filter(|_| !overflowed).and_then(|voice| voice.why.clone()),
            who,
            ..decision
        };
        let admitted = verdict == Verdict::Allow || (verdict == Verdict::Ask && call.approved);
        let ticket = admitted.then(|| self.admit(at, record, call));
        (decision, ticket)
    }

    fn admit(&mut self, at: i64, record: &CallRecord, call: Call) -> Ticket {
        let call = Rc::new(call);
        let mut places = Vec::new();
        for key in keys_of(&record.session, &record.keys) {
            let place = self.histories.entry(key.clone()).or_default().add(self.policy, key.0, at, What::Call(Rc::clone(&call)));
            places.push((key, place));
        }
        Ticket { call, session: record.session.clone(), places }
    }

    /// The result that comes with the call, or none, or one that is awaited.
    fn settle(&mut self, at: i64, call: &CallRecord, ticket: Option<Ticket>) {
        let awaited = call.id.as_ref().filter(|id| self.awaited.contains(*id));
        let pending = ticket.map_or(Pending::Not, Pending::Admitted);
        match (&call.result, awaited) {
            (None, Some(id)) => {
                self.calls.insert(id.clone(), Some(pending));
            }
            (Some(outcome), id) => {
                self.outcome(at, &pending, outcome);
                // It has had its result; another one is an error.
                id.map(|id| self.calls.insert(id.clone(), None));
            }
            (None, None) => self.outcome(at, &pending, &Outcome { ok: true, ..Outcome::default() }),
        }
    }

    fn outcome(&mut self, at: i64, pending: &Pending, outcome: &Outcome) {
        let Pending::Admitted(ticket) = pending else { return };
        let outcome = Rc::new(came_out(self.policy, &ticket.call, outcome));
        self.sessions.entry(ticket.session.clone()).or_default().labels.extend(outcome.labels.iter().cloned());
        for (key, position) in &ticket.places {
            let what = What::Result { call: Rc::clone(&ticket.call), position: *position, outcome: Rc::clone(&outcome) };
            self.histories.entry(key.clone()).or_default().add(self.policy, key.0, at, what);
        }
    }

    fn result(&mut self, at: i64, result: &ResultRecord) -> Result<(), String> {
        self.declared_labels(Some(&result.outcome))?;
        if self.ids.get(&result.of).is_some_and(|calls| *calls > 1) {
            return Err(format!("two calls have the id `{}`", result.of));
        }
        let call = self.calls.get_mut(&result.of).ok_or_else(|| format!("no call before has the id `{}`", result.of))?;
        let pending = call.take().ok_or_else(|| format!("the call `{}` has had its result", result.of))?;
        self.outcome(at, &pending, &result.outcome);
        Ok(())
    }

    fn event(&mut self, at: i64, event: &EventRecord) -> Result<(), String> {
        let persona = self.sessions.get(&event.session).and_then(|session| session.persona.clone());
        let happened = Rc::new(self.reported(at, event, persona)?);
        let session = self.sessions.entry(event.session.clone()).or_default();
        // An event that does not name a key belongs to its session's.
        let keys = Keys {
            principal: event.keys.principal.clone().or_else(|| session.keys.principal.clone()),
            agent: event.keys.agent.clone().or_else(|| session.keys.agent.clone()),
            tenant: event.keys.tenant.clone().or_else(|| session.keys.tenant.clone()),
        };
        for key in keys_of(&event.session, &keys) {
            let kind = key.0;
            self.histories.entry(key).or_default().add(self.policy, kind, at, What::Event(Rc::clone(&happened)));
        }
        Ok(())
    }
}

impl Hearing {
    fn take(&mut self, rule: &Rule, judgement: Judgement) {
        if judgement == Judgement::Silent {
            return;
        }
        if rule.action == Action::Observe {
            self.observed.push(rule.name.clone());
            return;
        }
        self.overflowed |= judgement == Judgement::Overflowed;
        let (verdict, who) = match &rule.action {
            Action::Observe => return,
            // It knows of no call what it would have asked about.
            Action::Ask(_) if judgement == Judgement::Overflowed => (Verdict::Deny, None),
            Action::Ask(who) => (Verdict::Ask, who.clone()),
            Action::Deny => (Verdict::Deny, None),
            Action::EndSession => {
                self.ends_session = true;
                (Verdict::Deny, None)
            }
        };
        self.voices.push(Voice { verdict, name: rule.name.clone(), who, why: rule.why.clone(), permission: false });
    }
}

fn attempt(record: &CallRecord, reading: Reading<'_>) -> Attempt {
    Attempt { tool: record.tool.clone(), persona: record.persona.clone(), known: reading.tool.is_some(), moment: reading.moment }
}

/// How a call came out, after what scans of the result say.
pub(super) fn came_out(policy: &Policy, call: &Call, outcome: &Outcome) -> CameOut {
    let tool = policy.tool(&call.tool);
    let declared = tool.map(|tool| tool.returns.as_slice()).unwrap_or_default();
    let carried = if outcome.ok || outcome.has_content() { declared } else { &[] };
    let scanned = content::results(policy, &call.persona, &call.tool, outcome);
    let labels: BTreeSet<String> = carried.iter().chain(&outcome.labels).chain(&scanned.labels).cloned().collect();
    let structured = outcome.structured.as_ref().map(|structured| &structured.0);
    let result = tool.and_then(|tool| tool.result.as_ref()).map(|record| values::result(structured, record)).unwrap_or_default();
    // What a scan withholds has failed, and carries its labels all the same.
    CameOut { ok: outcome.ok && !scanned.withheld, labels, result }
}

/// The histories that a line belongs to.
fn keys_of(session: &str, keys: &Keys) -> Vec<(Key, String)> {
    let others = [(Key::Principal, &keys.principal), (Key::Agent, &keys.agent), (Key::Tenant, &keys.tenant)];
    let others = others.into_iter().filter_map(|(kind, name)| name.clone().map(|name| (kind, name)));
    std::iter::once((Key::Session, session.to_owned())).chain(others).collect()
}

/// Whether the call has the key of every rule that has a pattern on its tool.
fn has_keys(policy: &Policy, tool: &Tool, keys: &Keys) -> bool {
    let given = keys_of("", keys);
    let names_tool = |rule: &&Rule| {
        let mut parts = rule.patterns().into_iter().flat_map(|pattern| &pattern.parts);
        parts.any(|part| part.kind != crate::policy::Kind::Event && part.cases.iter().any(|case| case.names.contains(&tool.name)))
    };
    policy.rules.iter().filter(names_tool).all(|rule| given.iter().any(|(kind, _)| *kind == rule.key))
}

impl Code {
    /// Its word in a decision.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownPersona => "unknown_persona",
            Self::SessionEnded => "session_ended",
            Self::Clock => "clock",
            Self::UnknownTool => "unknown_tool",
            Self::MalformedArguments => "malformed_arguments",
            Self::MissingContext => "missing_context",
            Self::MissingKey => "missing_key",
            Self::ConditionFailed => "condition_failed",
            Self::Capacity => "capacity",
            Self::NoRule => "no_rule",
            Self::Rule => "rule",
        }
    }
}
