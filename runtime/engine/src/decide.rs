//! The decision: one pass from a call to a verdict, and the step that an admitted call takes.
//!
//! In: a call and the states of its keys. Out: a [`Decision`]; the states after it. Invariants: a denied call changes no history (only which
//! persona and keys the session belongs to, and whether it has ended); every way out before the rules are asked is a denial.
//! Source: language sections 4, 5 and 9; contracts section 5.

use alloc::boxed::Box;

use crate::context::read_context;
use crate::decision::{
    Admitted, Approval, Call, CallPlace, Code, Decision, Hit, LabelSet, Memory, Reading, Scratch, Source, Step, Ticket, pack,
};
use crate::evaluate::{Elements, Pool, Reader, Truth};
use crate::extract::{Undeclared, extract};
use crate::found::{Found, Places};
use crate::frame::{Action, Key, LetterKind, Rule, Scope, Tool, Verdict};
use crate::history::{Letter, Seen, Word};
use crate::layout::Touch;
use crate::limits::CLOCK_TOLERANCE_MS;
use crate::permit::Failures;
use crate::policy::Policy;
use crate::state::{KEYS, State, States, key_index};
use crate::values::Values;

impl Policy {
    /// Decides a call and, if it is admitted, takes it into the histories.
    ///
    /// # Limits
    /// Linear in the call's argument bytes and in the rules that speak of its tool; independent of the length of history, of other tools' rules and of the
    /// number of sessions. The arenas of values, guards and steps are the scratch's and reused; reading arguments still allocates (its stack of open objects,
    /// normal forms, undeclared and opaque keys, URLs), no more than in proportion to the arguments.
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
        let keyed = same_keys && self.has_keys(states, call);
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
        let given = [Key::Principal, Key::Agent, Key::Tenant].map(|key| states.get(key).map(|state| state.identity));
        let session = states.session_part().ok_or(Code::MissingKey)?;
        let persona = *session.persona.get_or_insert(call.persona);
        let mut same = true;
        for (known, given) in session.identities.iter_mut().zip(given) {
            match (*known, given) {
                (Some(known), Some(given)) => same &= known == given,
                (None, given) => *known = given,
                (Some(_), None) => {}
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
        let undeclared = self.reaches.tools.get(call.tool.index()).map_or(Undeclared::PassOver, |reach| reach.undeclared);
        let root = extract(&self.frame, tool.args, call.args, undeclared, &mut scratch.args).ok()?;
        let context_first = read_context(&self.frame, call.context, &mut scratch.context);
        let at = states.session.as_ref().map_or(call.at, |state| state.effective(call.at));
        let labels = states.session.as_ref().and_then(|state| state.session.as_ref()).map_or(0, |session| session.labels);
        let carried = call.argument_labels.0 | self.scan(call, scratch);
        let reading = Reading { root, context_first, at, labels, carried };
        let Scratch { args, context, pool, guards, .. } = &mut *scratch;
        let mut reader = self.reader(reading, args, context, pool);
        guards.extend(tool.guards.iter().map(|guard| reader.evaluate(*guard)));
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
        let Reading { root, context_first, at, labels, carried } = reading;
        let (frame, regexes) = (&self.frame, self.regexes.as_slice());
        Reader { frame, regexes, args, root, context, context_first, result: None, at, labels, carried, elements: Elements::NONE, pool }
    }

    /// Evaluates the permissions, and says which of the call's conditions could not be evaluated.
    fn evaluate(&self, call: &Call<'_>, scratch: &mut Scratch, reading: Reading) -> Failures {
        let mut failures = Failures::default();
        let Scratch { args, context, pool, guards, hits, .. } = scratch;
        guards.iter().for_each(|truth| failures.note(*truth));
        let mut reader = self.reader(reading, args, context, pool);
        self.permit(call.persona, call.tool, &mut reader, hits, &mut failures);
        failures
    }

    /// Whether a rule speaks of the call whose past a state does not hold. One that only observes keeps nobody from anything.
    fn needs_stale(&self, states: &States, call: &Call<'_>) -> bool {
        let unknown = |rule: &Rule, touch: &Touch| states.get(rule.key).is_some_and(|state| state.is_stale(touch.rule));
        self.call_touches(call).iter().filter(|touch| touch.named).any(|touch| {
            self.rule(touch.rule).is_some_and(|(rule, _)| rule.action != Action::Observe && in_scope(rule, call) && unknown(rule, touch))
        })
    }

    fn has_keys(&self, states: &States, call: &Call<'_>) -> bool {
        self.call_touches(call).iter().filter(|touch| touch.named).all(|touch| {
            let key = self.rule(touch.rule).map(|(rule, _)| rule.key);
            key.is_some_and(|key| states.get(key).is_some())
        })
    }

    fn call_touches(&self, call: &Call<'_>) -> &[Touch] {
        self.reaches.tools.get(call.tool.index()).map_or(&[], |reach| reach.call.touches.as_slice())
    }

    /// Asks the rules over histories. A call counts as approved only if it is asked, which is known only when all others have spoken.
    fn ask_rules(&self, states: &States, call: &Call<'_>, scratch: &mut Scratch) -> bool {
        let permissions = scratch.hits.len();
        self.collect(call, scratch);
        self.ask_all(states, call, scratch, false);
        let Scratch { refusals, hits, .. } = &mut *scratch;
        hits.extend(refusals.iter().map(|scan| Hit { verdict: Verdict::Deny, source: Source::Scan(*scan), overflowed: false }));
        let asked = verdict(&scratch.hits) == Some(Verdict::Ask);
        let approved = asked && call.approval == Approval::Given;
        if approved {
            scratch.hits.truncate(permissions);
            scratch.observed.clear();
            scratch.steps.clear();
            scratch.found.unbind();
            scratch.ends_session = false;
            self.ask_all(states, call, scratch, true);
        }
        approved
    }

    /// Finds the values that rules take from the call.
    fn collect(&self, call: &Call<'_>, scratch: &mut Scratch) {
        let (Some(tool), Some(reach)) = (self.frame.tools.get(call.tool.index()), self.reaches.tools.get(call.tool.index())) else {
            return;
        };
        if !reach.call.wants.is_empty() {
            let args = scratch.reading.map(|reading| (&scratch.args, reading.root));
            let places = Places { frame: &self.frame, tool: Some(tool), args, result: None };
            scratch.found.collect(&self.identities, &tool.values, &reach.call.wants, places);
        }
    }

    fn ask_all(&self, states: &States, call: &Call<'_>, scratch: &mut Scratch, approved: bool) {
        let Scratch { guards, found, steps, hits, observed, ends_session, .. } = scratch;
        for (index, touch) in self.call_touches(call).iter().enumerate() {
            let Some((rule, _)) = self.rule(touch.rule) else { continue };
            let Some(state) = states.get(rule.key) else { continue };
            let speaks = in_scope(rule, call);
            if state.is_stale(touch.rule) {
                observed.extend((speaks && touch.named).then_some(touch.rule));
                continue;
            }
            let letter =
                call_letter(call, approved, guards, state.times(call.at).of(touch.hears_attempts), state.position.saturating_add(1));
            let bound = self.bind(touch, found);
            let seen = Seen { touch, letter: &letter, bound: found.bound(bound), found };
            let (class, word) = self.judge_call(&seen, state);
            steps.push(Step { touch: index, class, bound });
            if speaks && word != Word::Silent {
                match verdict_of(&rule.action, word) {
                    None => observed.push(touch.rule),
                    Some(verdict) => hits.push(Hit { verdict, source: Source::Rule(touch.rule), overflowed: word == Word::Overflowed }),
                }
                *ends_session |= rule.action == Action::EndSession;
            }
        }
    }

    /// Finds what a rule's site binds of a letter.
    pub(crate) fn bind(&self, touch: &Touch, found: &mut Found) -> Option<usize> {
        if touch.plain {
            return None;
        }
        let (rule, _) = self.rule(touch.rule)?;
        let site = rule.alphabet.sites.get(touch.site)?;
        Some(found.bind(&self.identities, site))
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
        let mut keys = [None; 4];
        for (place, key) in keys.iter_mut().zip(KEYS) {
            if let Some(state) = states.get_mut(key) {
                let (at, position) = state.advance(call.at);
                *place = Some(CallPlace { identity: state.identity, position, at });
            }
        }
        let Scratch { guards, found, steps, work, .. } = &mut *scratch;
        for step in steps.iter() {
            let Some(touch) = self.call_touches(call).get(step.touch) else { continue };
            let Some((rule, _)) = self.rule(touch.rule) else { continue };
            let (Some(state), Some(Some(place))) = (states.get_mut(rule.key), keys.get(key_index(rule.key))) else { continue };
            let letter = call_letter(call, approved, guards, place.at.of(touch.hears_attempts), place.position);
            let seen = Seen { touch, letter: &letter, bound: found.bound(step.bound), found };
            self.step(&seen, Some(step.class), state, work);
        }
        let session = states.session.as_ref().map_or(0, |state| state.identity);
        let (guards, memory) = (pack(&scratch.guards), self.remember(call, scratch));
        Ticket(Some(Admitted { session, tool: call.tool, persona: call.persona, approved, keys, guards, memory }))
    }

    /// What the call was, where its result is judged by it.
    fn remember(&self, call: &Call<'_>, scratch: &Scratch) -> Option<Box<Memory>> {
        let reach = self.reaches.tools.get(call.tool.index()).filter(|reach| reach.remembers);
        let reading = reach.and(scratch.reading)?;
        Some(Box::new(Memory { args: scratch.args.clone(), context: scratch.context.clone(), reading }))
    }
}

fn call_letter<'a>(call: &Call<'_>, approved: bool, guards: &'a [Truth], at: i64, position: i64) -> Letter<'a> {
    let (kind, persona) = (LetterKind::Call, Some(call.persona));
    Letter { kind, persona, approved, labels: 0, guards, at, position, call_position: position, call_at: at }
}

/// The verdict of a rule that judges a call; none for one that only records it. A rule that cannot keep its values apart knows of no call what it
/// would have asked about.
fn verdict_of(action: &Action, word: Word) -> Option<Verdict> {
    match action {
        Action::Observe => None,
        _ if word == Word::Overflowed => Some(Verdict::Deny),
        Action::Ask(_) => Some(Verdict::Ask),
        Action::Deny | Action::EndSession => Some(Verdict::Deny),
    }
}

fn in_scope(rule: &Rule, call: &Call<'_>) -> bool {
    match &rule.scope {
        Scope::All => true,
        Scope::Personas(personas) => personas.binary_search(&call.persona).is_ok(),
    }
}

fn too_early(state: &State, at: i64) -> bool {
    at.saturating_add(CLOCK_TOLERANCE_MS) < state.latest
}

fn verdict(hits: &[Hit]) -> Option<Verdict> {
    hits.iter().map(|hit| hit.verdict).max()
}

fn denied<'p>(code: Code, labels_before: LabelSet) -> Decision<'p> {
    Decision { verdict: Verdict::Deny, code, rule: None, message: None, admitted: false, labels_before, ticket: Ticket(None) }
}
