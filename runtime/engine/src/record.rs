//! Letters that cannot be denied: results of admitted calls, and host events.
//!
//! In: a ticket and how the call came out, or a host event. Out: the states after it. Invariants: a ticket is consumed; one of a call that was not
//! admitted does nothing; nothing changes where an error is returned.
//! Source: language sections 5 and 9; contracts section 5.

use alloc::vec::Vec;

use crate::arguments::Arguments;
use crate::decision::{Admitted, Memory, Outcome, Reading, RecordError, Scratch, Ticket, unpack};
use crate::evaluate::{Pool, Truth};
use crate::extract::{Undeclared, extract};
use crate::found::{Found, Places};
use crate::frame::{EventId, Key, LetterKind, PersonaId, Tool};
use crate::history::{Letter, Seen};
use crate::layout::{Reach, Touch};
use crate::policy::Policy;
use crate::result::read_result;
use crate::slots::Work;
use crate::state::{CallPlace, KEYS, States, key_index};
use crate::values::Values;

/// A letter before it has a key's time and place.
struct Happening<'a> {
    kind: LetterKind,
    touches: &'a [Touch],
    persona: Option<PersonaId>,
    labels: u64,
    guards: &'a [Truth],
    at: i64,
    call: Option<&'a Admitted>,
}

impl Policy {
    /// Records the result of an admitted call.
    ///
    /// # Errors
    /// [`RecordError::OtherStates`] where the states are not those that the call was decided with.
    pub fn record(&self, states: &mut States, ticket: Ticket, outcome: &Outcome<'_>) -> Result<(), RecordError> {
        self.record_from(states, &ticket, outcome)
    }

    /// Records the result of an admitted call in states that may come to nothing, such as copies that another process has overtaken. The ticket stays, so
    /// that it can be done again: the caller sees to it that one of these counts.
    ///
    /// # Errors
    /// [`RecordError::OtherStates`] where the states are not those that the call was decided with; then nothing changes.
    pub fn record_from(&self, states: &mut States, ticket: &Ticket, outcome: &Outcome<'_>) -> Result<(), RecordError> {
        let Some(admitted) = &ticket.0 else { return Ok(()) };
        self.same_states(states, admitted)?;
        let tool = self.frame.tools.get(admitted.tool.index()).ok_or(RecordError::OtherStates)?;
        let declared = if outcome.ok || outcome.content { tool.returns } else { 0 };
        let labels = declared | outcome.labels.0;
        let reach = self.reaches.tools.get(admitted.tool.index()).ok_or(RecordError::OtherStates)?;
        let (kind, reach) = if outcome.ok { (LetterKind::Ok, &reach.ok) } else { (LetterKind::Failed, &reach.failed) };
        let mut guards = Vec::new();
        unpack(admitted.guards, tool.guards.len(), &mut guards);
        let mut found = Found::default();
        if let Some(memory) = &admitted.memory {
            self.read_outcome(tool, reach, memory, outcome, &mut guards, &mut found);
        }
        if let Some(session) = states.session_part() {
            session.labels |= labels;
        }
        let (touches, persona, at) = (reach.touches.as_slice(), Some(admitted.persona), outcome.at);
        let happening = Happening { kind, touches, persona, labels, guards: &guards, at, call: Some(admitted) };
        self.happen(states, &happening, &mut found, &mut Work::default());
        Ok(())
    }

    /// Judges the guards that read the result, and finds the values that rules take from it and from its call.
    fn read_outcome(&self, tool: &Tool, reach: &Reach, memory: &Memory, outcome: &Outcome<'_>, guards: &mut Vec<Truth>, found: &mut Found) {
        let (mut values, mut pool) = (Values::default(), Pool::default());
        let root = tool.result.and_then(|ty| read_result(&self.frame, ty, outcome.structured, &mut values));
        let result = root.map(|root| (&values, root));
        let mut reader = self.reader(memory.reading, &memory.args, &memory.context, &mut pool);
        reader.result = result;
        guards.extend(tool.result_guards.iter().map(|guard| reader.evaluate(*guard)));
        let places = Places { frame: &self.frame, tool: Some(tool), args: Some((&memory.args, memory.reading.root)), result };
        found.collect(&self.identities, &tool.values, &reach.wants, places);
    }

    fn same_states(&self, states: &States, admitted: &Admitted) -> Result<(), RecordError> {
        let same = |key: &Key, place: &CallPlace| states.get(*key).is_some_and(|state| place.is_of(state) && self.fits(*key, state));
        let [session, ..] = &admitted.places;
        let all = KEYS.iter().zip(&admitted.places).all(|(key, place)| !place.is_some() || same(key, place));
        if session.is_some() && all { Ok(()) } else { Err(RecordError::OtherStates) }
    }

    /// Reports a host event.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] where the arguments do not fit its declaration, [`RecordError::Unknown`] where it or the session is unknown.
    pub fn report(
        &self,
        states: &mut States,
        event: EventId,
        args: &dyn Arguments,
        at: i64,
        scratch: &mut Scratch,
    ) -> Result<(), RecordError> {
        scratch.clear();
        let declared = self.frame.events.get(event.index()).ok_or(RecordError::Unknown)?;
        let reach = self.reaches.events.get(event.index()).ok_or(RecordError::Unknown)?;
        if !KEYS.iter().all(|key| states.get(*key).is_none_or(|state| self.fits(*key, state))) {
            return Err(RecordError::OtherStates);
        }
        let root = extract(&self.frame, declared.args, args, Undeclared::PassOver, &mut scratch.args, &mut scratch.desk)
            .map_err(|_| RecordError::Malformed)?;
        let (persona, labels) = states.session_part().map(|session| (session.persona, session.labels)).ok_or(RecordError::Unknown)?;
        let effective = states.session.as_ref().map_or(at, |state| state.effective(at));
        let Scratch { args, context, pool, guards, found, work, .. } = scratch;
        let reading = Reading { root, prepared: false, context_first: None, at: effective, labels, carried: 0 };
        let mut reader = self.reader(reading, args, context, pool);
        guards.extend(declared.guards.iter().map(|guard| reader.evaluate(*guard)));
        let places = Places { frame: &self.frame, tool: None, args: Some((args, root)), result: None };
        found.collect(&self.identities, &declared.values, &reach.wants, places);
        let touches = reach.touches.as_slice();
        let happening = Happening { kind: LetterKind::Event, touches, persona, labels: 0, guards, at, call: None };
        self.happen(states, &happening, found, work);
        Ok(())
    }

    fn happen(&self, states: &mut States, happening: &Happening<'_>, found: &mut Found, work: &mut Work) {
        for key in KEYS {
            // A result whose call was not in this key's history is not either.
            let place = happening.call.map(|call| call.places.get(key_index(key)).and_then(CallPlace::get));
            let Some(state) = states.get_mut(key).filter(|_| !matches!(place, Some(None))) else { continue };
            let CallPlace { position, at: times, .. } = state.advance(happening.at);
            let (call_times, call_position) = place.flatten().unwrap_or((times, position));
            for touch in happening.touches {
                if self.rule(touch.rule).is_some_and(|(rule, _)| rule.key == key) && !state.is_stale(touch.rule) {
                    let letter = Letter {
                        kind: happening.kind,
                        persona: happening.persona,
                        approved: happening.call.is_some_and(|call| call.approved),
                        labels: happening.labels,
                        guards: happening.guards,
                        at: times.of(touch.hears_attempts),
                        position,
                        call_position,
                        call_at: call_times.of(touch.hears_attempts),
                    };
                    found.unbind();
                    let bound = self.bind(touch, found);
                    let seen = Seen { touch, letter: &letter, bound: found.bound(bound), found };
                    self.step(&seen, None, state, work);
                }
            }
        }
    }
}
