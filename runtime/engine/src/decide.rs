//! The decision: one pass from a call to a verdict, and the step that an admitted call takes.
//!
//! In: a call and the states of its keys. Out: a [`Decision`]; the states after it. Invariants: a denied call changes no history (only which
//! persona and keys the session belongs to, and whether it has ended); every way out before the rules are asked is a denial. A [`Decision`] holds a ticket and
//! is large, so it is made where it is returned.
//! Source: language sections 4, 5 and 9; contracts section 5.

use alloc::boxed::Box;

use crate::ask::{Tally, call_letter, times};
use crate::context::read_context;
use crate::decision::{Admitted, Approval, Call, Code, Decision, LabelSet, Memory, Reading, Scratch, Source, Ticket, pack};
use crate::evaluate::{Pool, Reader};
use crate::extract::extract;
use crate::frame::{Tool, Verdict};
use crate::history::Seen;
use crate::layout::ToolReach;
use crate::limits::CLOCK_TOLERANCE_MS;
use crate::permit::Failures;
use crate::policy::Policy;
use crate::prepared::{Prepared, values};
use crate::state::{CallPlace, Standing, State, States};
use crate::values::{NodeId, Values};

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
        let labels_before = LabelSet(states.session_part().map_or(0, |session| session.labels));
        let Settled { verdict, code, first, admitted, approved } = self.settle(states, call, scratch);
        let (rule, message) = first.map_or((None, None), |first| self.source_words(first));
        let ticket = if admitted { self.ticket(states, call, scratch, approved) } else { Ticket(None) };
        Decision { verdict, code, rule, message, admitted, labels_before, ticket }
    }

    /// Puts an admitted call into the histories, whose rules have taken it, and gives what it is known by there.
    #[inline]
    fn ticket(&self, states: &mut States, call: &Call<'_>, scratch: &Scratch, approved: bool) -> Ticket {
        let States { session, principal, agent, tenant } = states;
        let place = |state: &mut Option<State>| state.as_mut().map_or(CallPlace::default(), |state| state.advance(call.at));
        // In the order of the keys.
        let places = [place(session), place(principal), place(agent), place(tenant)];
        let remembers = self.reaches.tools.get(call.tool.index()).is_some_and(|reach| reach.remembers);
        let memory = if remembers { remember(call, scratch) } else { None };
        Ticket(Some(Admitted { tool: call.tool, persona: call.persona, approved, places, guards: pack(&scratch.guards), memory }))
    }

    /// Decides a call; if it is admitted, the rules take it. Its place in the histories it gets after them.
    fn settle(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch) -> Settled {
        let standing = self.standing(states);
        if standing.strange {
            return Settled::denied(Code::MissingKey);
        }
        match self.judge(states, standing, call, scratch) {
            Err(code) => {
                scratch.clear_hits();
                self.attempt(states, call, scratch);
                Settled::denied(code)
            }
            Ok(said) => self.conclude(states, call, scratch, said),
        }
    }

    /// Fills the scratch with hits and steps, or says why no rule is asked. The answer is what the hits come to, and whether the call counts as approved.
    fn judge<'p>(&'p self, states: &mut States, standing: Standing, call: &Call<'_>, scratch: &mut Scratch) -> Result<Judgement<'p>, Code> {
        let same_keys = self.belongs(states, call)?;
        if states.session_part().is_some_and(|session| session.ended) {
            return Err(Code::SessionEnded);
        }
        if call.at.saturating_add(CLOCK_TOLERANCE_MS) < standing.latest {
            return Err(Code::Clock);
        }
        let index = call.tool.index();
        let (tool, reach) = self.frame.tools.get(index).zip(self.reaches.tools.get(index)).ok_or(Code::UnknownTool)?;
        let before = self.prepared(call);
        let reading = self.read(states, tool, call, before, scratch).ok_or(Code::MalformedArguments)?;
        let failures = self.evaluate(tool, call, before, reading, scratch);
        if failures.context {
            return Err(Code::MissingContext);
        }
        if !same_keys || reach.call.needs & !standing.given != 0 {
            return Err(Code::MissingKey);
        }
        if failures.value {
            return Err(Code::ConditionFailed);
        }
        if standing.stale && self.needs_stale(states, call) {
            return Err(Code::StateUnavailable);
        }
        let (tally, approved) = self.ask_rules(states, standing, call, (tool, reach), scratch);
        Ok(Judgement { tally, approved, reach })
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

    /// Reads the call's values, or takes those that were read before; none where the arguments do not fit.
    #[inline]
    pub(crate) fn read(
        &self,
        states: &States,
        tool: &Tool,
        call: &Call<'_>,
        before: Option<&Prepared<'_>>,
        scratch: &mut Scratch,
    ) -> Option<Reading> {
        scratch.tried = true;
        let root = match before {
            Some(before) => before.root,
            None => self.extract(tool, call, scratch)?,
        };
        let context_first = if self.has_context {
            read_context(&self.frame, call.context, &mut scratch.context, &mut scratch.desk)
        } else {
            // A record without members.
            Some(NodeId(0))
        };
        let (at, labels) = match &states.session {
            Some(state) => (state.effective(call.at), state.session.as_ref().map_or(0, |session| session.labels)),
            None => (call.at, 0),
        };
        let carried = call.argument_labels.0 | if self.content.scans_arguments(call.tool) { self.scan(call, scratch) } else { 0 };
        let reading = Reading { root, prepared: before.is_some(), context_first, at, labels, carried };
        scratch.reading = Some(reading);
        Some(reading)
    }

    #[inline(never)]
    fn extract(&self, tool: &Tool, call: &Call<'_>, scratch: &mut Scratch) -> Option<NodeId> {
        let undeclared = self.undeclared(call.tool);
        extract(&self.frame, tool.args, call.args, undeclared, &mut scratch.args, &mut scratch.desk).ok()
    }

    /// Keeps which scans refuse the call, and gives the labels that its arguments carry.
    #[inline(never)]
    fn scan(&self, call: &Call<'_>, scratch: &mut Scratch) -> u64 {
        let Scratch { content, refusals, .. } = scratch;
        let inspection = self.inspect(call.persona, call.tool, call.args, content);
        refusals.extend_from_slice(inspection.hits);
        inspection.labels.0
    }

    /// What conditions read a call by.
    pub(crate) fn reader<'a>(&'a self, reading: Reading, args: &'a Values, context: &'a Values, pool: &'a mut Pool) -> Reader<'a> {
        let Reading { root, context_first, at, labels, carried, .. } = reading;
        let (frame, code, regexes, fields) = (&self.frame, &self.code, self.regexes.as_slice(), args.members(root));
        let policy = self.digest();
        Reader { frame, code, regexes, policy, args, root, fields, context, context_first, result: None, at, labels, carried, pool }
    }

    /// Evaluates the tool's guards and the permissions, and says which of the call's conditions could not be evaluated.
    fn evaluate(&self, tool: &Tool, call: &Call<'_>, before: Option<&Prepared<'_>>, reading: Reading, scratch: &mut Scratch) -> Failures {
        let mut failures = Failures::default();
        let Scratch { args, context, pool, guards, hits, .. } = scratch;
        let mut reader = self.reader(reading, before.map_or(&*args, |before| &before.values), context, pool);
        for guard in &tool.guards {
            let truth = reader.evaluate(*guard);
            failures.note(truth);
            guards.push(truth);
        }
        self.permit(call.persona, call.tool, &mut reader, hits, &mut failures);
        failures
    }

    fn conclude(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch, said: Judgement<'_>) -> Settled {
        if scratch.ends_session
            && let Some(session) = states.session_part()
        {
            session.ended = true;
        }
        let Judgement { tally, approved, reach } = said;
        let Some(verdict) = tally.verdict.filter(|verdict| tally.answered || *verdict == Verdict::Deny) else {
            // Rules in shadow have spoken of the call all the same.
            scratch.hits.clear();
            self.attempt(states, call, scratch);
            return Settled::denied(Code::NoRule);
        };
        let admitted = verdict == Verdict::Allow || (verdict == Verdict::Ask && approved);
        if admitted {
            if !scratch.steps.is_empty() {
                self.take_steps(states, call, scratch, (reach, approved));
            }
        } else if verdict == Verdict::Deny || call.approval == Approval::Refused {
            self.attempt(states, call, scratch);
        }
        let (code, first) = if tally.overflowed { (Code::Capacity, None) } else { (Code::Rule, tally.first) };
        Settled { verdict, code, first, admitted, approved }
    }

    /// Takes an admitted call into the rules that it changes.
    #[inline(never)]
    fn take_steps(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch, (reach, approved): (&ToolReach, bool)) {
        let Scratch { guards, found, steps, work, .. } = scratch;
        for step in steps.iter() {
            let Some(touch) = reach.call.touches.get(step.touch) else { continue };
            let Some(state) = states.get_mut(touch.key) else { continue };
            let letter = call_letter(call, approved, guards, times(state, call, touch));
            let seen = Seen { touch, letter: &letter, bound: found.bound(step.bound), found };
            self.step(&seen, Some(step.class), state, work);
        }
    }
}

/// What was said of a call that was judged.
struct Judgement<'p> {
    tally: Tally,
    approved: bool,
    reach: &'p ToolReach,
}

/// How a call was decided.
struct Settled {
    verdict: Verdict,
    code: Code,
    first: Option<Source>,
    admitted: bool,
    approved: bool,
}

impl Settled {
    fn denied(code: Code) -> Self {
        Self { verdict: Verdict::Deny, code, first: None, admitted: false, approved: false }
    }
}

/// What the call was, where its result is judged by it.
#[inline(never)]
fn remember(call: &Call<'_>, scratch: &Scratch) -> Option<Box<Memory>> {
    let reading = scratch.reading?;
    let args = values(call, reading.prepared, &scratch.args).clone();
    Some(Box::new(Memory { args, context: scratch.context.clone(), reading }))
}
