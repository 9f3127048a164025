//! The decision: one pass from a call to a verdict, and the step that an admitted call takes.
//!
//! In: a call and the states of its keys. Out: a [`Decision`]; the states after it. Invariants: a denied call changes no history (only which
//! persona and keys the session belongs to, and whether it has ended); every way out before the rules are asked is a denial.
//! Source: language sections 4, 5 and 9; contracts section 5.

use alloc::boxed::Box;

use crate::ask::call_letter;
use crate::context::read_context;
use crate::decision::{Admitted, Approval, Call, CallPlace, Code, Decision, Hit, LabelSet, Memory, Reading, Scratch, Source, Ticket, pack};
use crate::evaluate::{Pool, Reader};
use crate::extract::extract;
use crate::frame::{Tool, Verdict};
use crate::history::Seen;
use crate::limits::CLOCK_TOLERANCE_MS;
use crate::permit::Failures;
use crate::policy::Policy;
use crate::prepared::values;
use crate::state::{KEYS, State, States, key_index};
use crate::values::Values;

impl Policy {
    /// Decides a call and, if it is admitted, takes it into the histories.
    ///
    /// # Limits
    /// Linear in the call's argument bytes and in the rules that speak of its tool; independent of the length of history, of other tools' rules and of the
    /// number of sessions. No lock, no recursion, and no allocation once the scratch has grown, but for: a URL's normal form; the digest of what no
    /// condition reads, where whole calls are compared; a ticket that has to keep the call's values for its result; a rule with variables of whose values
    /// in the call some are kept and others are not, or that binds more than eight; arguments of another form than raw JSON, as far as they allocate.
    pub fn decide<'p>(&'p self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch) -> Decision<'p> {
        scratch.clear();
        let labels = LabelSet(states.session_part().map_or(0, |session| session.labels));
        if !KEYS.iter().all(|key| states.get(*key).is_none_or(|state| self.fits(*key, state))) {
            return denied(Code::MissingKey, labels);
        }
        match self.judge(states, call, scratch) {
            Err(code) => {
                scratch.clear_hits();
                self.attempt(states, call, scratch);
                denied(code, labels)
            }
            Ok(approved) => self.conclude(states, call, scratch, labels, approved),
        }
    }

    /// Fills the scratch with hits and steps, or says why no rule is asked. The answer is whether the call counts as approved.
    fn judge(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch) -> Result<bool, Code> {
        let same_keys = self.belongs(states, call)?;
        if states.session_part().is_some_and(|session| session.ended) {
            return Err(Code::SessionEnded);
        }
        if KEYS.iter().filter_map(|key| states.get(*key)).any(|state| too_early(state, call.at)) {
            return Err(Code::Clock);
        }
        let tool = self.frame.tools.get(call.tool.index()).ok_or(Code::UnknownTool)?;
        let reading = self.read(states, tool, call, scratch).ok_or(Code::MalformedArguments)?;
        let failures = self.evaluate(call, scratch, reading);
        let keyed = same_keys && self.has_keys(states, call.tool);
        if failures.context {
            return Err(Code::MissingContext);
        }
        if !keyed {
            return Err(Code::MissingKey);
        }
        if failures.value {
            return Err(Code::ConditionFailed);
        }
        if self.needs_stale(states, call) {
            return Err(Code::StateUnavailable);
        }
        Ok(self.ask_rules(states, call, scratch))
    }

    /// Whether the call's keys are the session's; fixes those that were open.
    fn belongs(&self, states: &mut States, call: &Call<'_>) -> Result<bool, Code> {
        let States { session, principal, agent, tenant } = states;
        let session = session.as_mut().and_then(|state| state.session.as_mut()).ok_or(Code::MissingKey)?;
        let persona = *session.persona.get_or_insert(call.persona);
        let mut same = true;
        for (known, given) in session.identities.iter_mut().zip([principal, agent, tenant]) {
            if let Some(given) = given {
                same &= *known.get_or_insert(given.identity) == given.identity;
            }
        }
        // The keys are fixed by a call that is denied, too.
        if persona != call.persona || self.frame.personas.get(persona.index()).is_none() {
            return Err(Code::UnknownPersona);
        }
        Ok(same)
    }

    /// Reads the call's values and evaluates the tool's guards; none where the arguments do not fit.
    pub(crate) fn read(&self, states: &States, tool: &Tool, call: &Call<'_>, scratch: &mut Scratch) -> Option<Reading> {
        scratch.tried = true;
        let before = self.prepared(call).map(|prepared| prepared.root);
        let root = match before {
            Some(root) => root,
            None => {
                let undeclared = self.undeclared(call.tool);
                extract(&self.frame, tool.args, call.args, undeclared, &mut scratch.args, &mut scratch.desk).ok()?
            }
        };
        let context_first = read_context(&self.frame, call.context, &mut scratch.context, &mut scratch.desk);
        let at = states.session.as_ref().map_or(call.at, |state| state.effective(call.at));
        let labels = states.session.as_ref().and_then(|state| state.session.as_ref()).map_or(0, |session| session.labels);
        let carried = call.argument_labels.0 | self.scan(call, scratch);
        let reading = Reading { root, prepared: before.is_some(), context_first, at, labels, carried };
        let Scratch { args, context, pool, guards, .. } = &mut *scratch;
        if !tool.guards.is_empty() {
            let mut reader = self.reader(reading, values(call, reading.prepared, args), context, pool);
            guards.extend(tool.guards.iter().map(|guard| reader.evaluate(*guard)));
        }
        scratch.reading = Some(reading);
        Some(reading)
    }

    /// Keeps which scans refuse the call, and gives the labels that its arguments carry.
    fn scan(&self, call: &Call<'_>, scratch: &mut Scratch) -> u64 {
        let Scratch { content, refusals, .. } = scratch;
        let inspection = self.inspect(call.persona, call.tool, call.args, content);
        refusals.extend_from_slice(inspection.hits);
        inspection.labels.0
    }

    /// What conditions read a call by.
    pub(crate) fn reader<'a>(&'a self, reading: Reading, args: &'a Values, context: &'a Values, pool: &'a mut Pool) -> Reader<'a> {
        let Reading { root, context_first, at, labels, carried, .. } = reading;
        let (frame, regexes) = (&self.frame, self.regexes.as_slice());
        Reader { frame, regexes, args, root, context, context_first, result: None, at, labels, carried, pool }
    }

    /// Evaluates the permissions, and says which of the call's conditions could not be evaluated.
    fn evaluate(&self, call: &Call<'_>, scratch: &mut Scratch, reading: Reading) -> Failures {
        let mut failures = Failures::default();
        let Scratch { args, context, pool, guards, hits, .. } = scratch;
        guards.iter().for_each(|truth| failures.note(*truth));
        let mut reader = self.reader(reading, values(call, reading.prepared, args), context, pool);
        self.permit(call.persona, call.tool, &mut reader, hits, &mut failures);
        failures
    }

    fn conclude<'p>(
        &'p self,
        states: &mut States,
        call: &Call<'_>,
        scratch: &mut Scratch,
        labels: LabelSet,
        approved: bool,
    ) -> Decision<'p> {
        if scratch.ends_session
            && let Some(session) = states.session_part()
        {
            session.ended = true;
        }
        let answered = scratch.hits.iter().any(|hit| matches!(hit.source, Source::Answer(_)));
        let found = verdict(&scratch.hits).filter(|verdict| answered || *verdict == Verdict::Deny);
        let Some(verdict) = found else {
            // Rules in shadow have spoken of the call all the same.
            scratch.hits.clear();
            self.attempt(states, call, scratch);
            return denied(Code::NoRule, labels);
        };
        let overflowed = scratch.hits.iter().any(|hit| hit.verdict == verdict && hit.overflowed);
        let first = scratch.hits.iter().find(|hit| hit.verdict == verdict).map(|hit| hit.source);
        let admitted = verdict == Verdict::Allow || (verdict == Verdict::Ask && approved);
        let ticket = if admitted { self.admit(states, call, scratch, approved) } else { Ticket(None) };
        if verdict == Verdict::Deny || (verdict == Verdict::Ask && call.approval == Approval::Refused) {
            self.attempt(states, call, scratch);
        }
        let first = first.filter(|_| !overflowed);
        Decision {
            verdict,
            code: if overflowed { Code::Capacity } else { Code::Rule },
            rule: first.and_then(|source| self.source_name(source)),
            message: first.and_then(|source| self.source_why(source)),
            admitted,
            labels_before: labels,
            ticket,
        }
    }

    fn admit(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch, approved: bool) -> Ticket {
        let mut places = [CallPlace::default(); 4];
        for (place, key) in places.iter_mut().zip(KEYS) {
            if let Some(state) = states.get_mut(key) {
                let (at, _) = state.advance(call.at);
                *place = CallPlace::last(state, at);
            }
        }
        let Scratch { guards, found, steps, work, .. } = &mut *scratch;
        let touches = self.call_touches(call.tool);
        for step in steps.iter() {
            let Some(touch) = touches.get(step.touch) else { continue };
            let place = places.get(key_index(touch.key)).and_then(CallPlace::get);
            let (Some(state), Some((at, position))) = (states.get_mut(touch.key), place) else { continue };
            let letter = call_letter(call, approved, guards, (at.of(touch.hears_attempts), position));
            let seen = Seen { touch, letter: &letter, bound: found.bound(step.bound), found };
            self.step(&seen, Some(step.class), state, work);
        }
        let (guards, memory) = (pack(&scratch.guards), self.remember(call, scratch));
        Ticket(Some(Admitted { tool: call.tool, persona: call.persona, approved, places, guards, memory }))
    }

    /// What the call was, where its result is judged by it.
    fn remember(&self, call: &Call<'_>, scratch: &Scratch) -> Option<Box<Memory>> {
        let reach = self.reaches.tools.get(call.tool.index()).filter(|reach| reach.remembers);
        let reading = reach.and(scratch.reading)?;
        let args = values(call, reading.prepared, &scratch.args).clone();
        Some(Box::new(Memory { args, context: scratch.context.clone(), reading }))
    }
}

fn too_early(state: &State, at: i64) -> bool {
    at.saturating_add(CLOCK_TOLERANCE_MS) < state.latest
}

pub(crate) fn verdict(hits: &[Hit]) -> Option<Verdict> {
    hits.iter().map(|hit| hit.verdict).max()
}

fn denied<'p>(code: Code, labels_before: LabelSet) -> Decision<'p> {
    Decision { verdict: Verdict::Deny, code, rule: None, message: None, admitted: false, labels_before, ticket: Ticket(None) }
}
