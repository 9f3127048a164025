//! The decision: one pass from a call to a verdict, and the step that an admitted call takes.
//!
//! In: a call and the states of its keys. Out: a [`Decision`]; the states after it. Invariants: a denied call changes no history (only which
//! persona and keys the session belongs to, and whether it has ended); every way out before the rules are asked is a denial.
//! Source: language sections 4, 5 and 9; contracts section 5.

use crate::decision::{Admitted, Approval, Call, CallPlace, Code, Decision, Hit, LabelSet, Scratch, Source, Ticket, pack};
use crate::evaluate::{Elements, Reader};
use crate::extract::extract;
use crate::frame::{Action, Key, Rule, Scope, Verdict};
use crate::history::{Letter, Step};
use crate::limits::CLOCK_TOLERANCE_MS;
use crate::permit::Failures;
use crate::policy::{Policy, Touch};
use crate::state::{KEYS, State, States};
use crate::values::NodeId;

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
        match self.judge(states, call, scratch) {
            Err(code) => {
                scratch.clear_hits();
                denied(code, labels)
            }
            Ok(approved) => self.conclude(states, call, scratch, labels, approved),
        }
    }

    /// Fills the scratch with hits and steps, or says why no rule is asked. The answer is whether the call counts as approved.
    fn judge(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch) -> Result<bool, Code> {
        if !KEYS.iter().all(|key| states.get(*key).is_none_or(|state| self.fits(*key, state))) {
            return Err(Code::MissingKey);
        }
        let same_keys = self.belongs(states, call)?;
        if states.session_part().is_some_and(|session| session.ended) {
            return Err(Code::SessionEnded);
        }
        if KEYS.iter().filter_map(|key| states.get(*key)).any(|state| too_early(state, call.at)) {
            return Err(Code::Clock);
        }
        let tool = self.frame.tools.get(call.tool.index()).ok_or(Code::UnknownTool)?;
        let root = extract(&self.frame, tool.args, call.args, &mut scratch.args).map_err(|_| Code::MalformedArguments)?;
        let failures = self.evaluate(states, call, scratch, root);
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

    /// Evaluates every condition that the call is judged by: the tool's guards and the permissions.
    fn evaluate(&self, states: &mut States, call: &Call<'_>, scratch: &mut Scratch, root: NodeId) -> Failures {
        let mut failures = Failures::default();
        let context_first = crate::context::read_context(&self.frame, call.context, &mut scratch.context);
        let at = states.session.as_ref().map_or(call.at, |state| state.effective(call.at));
        let labels = states.session_part().map_or(0, |session| session.labels);
        let Scratch { args, context, pool, guards, hits, .. } = scratch;
        let mut reader = Reader {
            frame: &self.frame,
            regexes: &self.regexes,
            args,
            root,
            context,
            context_first,
            at,
            labels,
            carried: 0,
            elements: Elements::NONE,
            pool,
        };
        for guard in self.frame.tools.get(call.tool.index()).into_iter().flat_map(|tool| &tool.guards) {
            let truth = reader.evaluate(*guard);
            failures.note(truth);
            guards.push(truth);
        }
        self.permit(call.persona, call.tool, &mut reader, hits, &mut failures);
        failures
    }

    fn has_keys(&self, states: &States, call: &Call<'_>) -> bool {
        self.call_touches(call).iter().filter(|touch| touch.named).all(|touch| {
            let key = self.rule(touch.rule).map(|(rule, _)| rule.key);
            key.is_some_and(|key| states.get(key).is_some())
        })
    }

    fn call_touches(&self, call: &Call<'_>) -> &[Touch] {
        self.touches.get(call.tool.index()).map_or(&[], |touches| touches.call.as_slice())
    }

    /// Asks the rules over histories. A call counts as approved only if it is asked, which is known only when all others have spoken.
    fn ask_rules(&self, states: &States, call: &Call<'_>, scratch: &mut Scratch) -> bool {
        let permissions = scratch.hits.len();
        self.ask_all(states, call, scratch, false);
        let asked = verdict(&scratch.hits) == Some(Verdict::Ask);
        let approved = asked && call.approval == Approval::Given;
        if approved {
            scratch.hits.truncate(permissions);
            scratch.observed.clear();
            scratch.steps.clear();
            scratch.ends_session = false;
            self.ask_all(states, call, scratch, true);
        }
        approved
    }

    fn ask_all(&self, states: &States, call: &Call<'_>, scratch: &mut Scratch, approved: bool) {
        for touch in self.call_touches(call) {
            let Some((rule, _)) = self.rule(touch.rule) else { continue };
            let Some(state) = states.get(rule.key) else { continue };
            let at = state.effective(call.at);
            let position = state.position.saturating_add(1);
            let letter = Letter {
                persona: Some(call.persona),
                approved,
                labels: 0,
                guards: &scratch.guards,
                at,
                call_position: position,
                call_at: at,
            };
            let step = Step { rule: touch.rule, class: self.class(touch, &letter, state) };
            scratch.steps.push(step);
            if in_scope(rule, call) && self.judges(step, state, at) {
                speak(rule, step, scratch);
            }
        }
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
            return denied(Code::NoRule, labels);
        };
        let first = scratch.hits.iter().find(|hit| hit.verdict == verdict).map(|hit| hit.source);
        let admitted = verdict == Verdict::Allow || (verdict == Verdict::Ask && approved);
        let ticket = if admitted { self.admit(states, call, scratch, approved) } else { Ticket(None) };
        Decision {
            verdict,
            code: Code::Rule,
            rule: first.and_then(|source| self.source_name(source)),
            message: first.and_then(|source| self.source_why(source)),
            admitted,
            labels_before: labels,
            ticket,
        }
    }

    fn admit(&self, states: &mut States, call: &Call<'_>, scratch: &Scratch, approved: bool) -> Ticket {
        let mut keys = [None; 4];
        for (place, key) in keys.iter_mut().zip(KEYS) {
            if let Some(state) = states.get_mut(key) {
                let (at, position) = state.advance(call.at);
                *place = Some(CallPlace { identity: state.identity, position, at });
            }
        }
        for step in &scratch.steps {
            let Some((rule, _)) = self.rule(step.rule) else { continue };
            let Some(state) = states.get_mut(rule.key) else { continue };
            let letter = Letter {
                persona: Some(call.persona),
                approved,
                labels: 0,
                guards: &scratch.guards,
                at: state.latest,
                call_position: state.position,
                call_at: state.latest,
            };
            self.step(*step, &letter, state);
        }
        let session = states.session.as_ref().map_or(0, |state| state.identity);
        Ticket(Some(Admitted { session, tool: call.tool, persona: call.persona, approved, keys, guards: pack(&scratch.guards) }))
    }
}

fn speak(rule: &Rule, step: Step, scratch: &mut Scratch) {
    let verdict = match &rule.action {
        Action::Observe => {
            scratch.observed.push(step.rule);
            return;
        }
        Action::Ask(_) => Verdict::Ask,
        Action::Deny => Verdict::Deny,
        Action::EndSession => {
            scratch.ends_session = true;
            Verdict::Deny
        }
    };
    scratch.hits.push(Hit { verdict, source: Source::Rule(step.rule) });
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
