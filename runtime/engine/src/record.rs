//! Letters that cannot be denied: results of admitted calls, and host events.
//!
//! In: a ticket and how the call came out, or a host event. Out: the states after it. Invariants: a ticket is consumed; one of a call that was not
//! admitted does nothing; nothing changes where an error is returned.
//! Source: language sections 5 and 9; contracts section 5.

use crate::arguments::Arguments;
use crate::decision::{Admitted, Outcome, RecordError, Scratch, Ticket, unpack};
use crate::evaluate::{Elements, Reader, Truth};
use crate::extract::extract;
use crate::frame::{EventId, PersonaId};
use crate::history::{Letter, Step};
use crate::policy::{Policy, Touch};
use crate::state::{KEYS, States, key_index};

/// A letter before it has a key's time and place.
struct Happening<'a> {
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
    pub fn record(&self, states: &mut States, ticket: Ticket, outcome: &Outcome) -> Result<(), RecordError> {
        let Some(admitted) = ticket.0 else { return Ok(()) };
        self.same_states(states, &admitted)?;
        let tool = self.frame.tools.get(admitted.tool.index()).ok_or(RecordError::OtherStates)?;
        let declared = if outcome.ok || outcome.content { tool.returns } else { 0 };
        let labels = declared | outcome.labels.0;
        let touches = self.touches.get(admitted.tool.index()).ok_or(RecordError::OtherStates)?;
        let touches = if outcome.ok { &touches.ok } else { &touches.failed };
        let mut guards = alloc::vec::Vec::new();
        unpack(admitted.guards, tool.guards.len(), &mut guards);
        if let Some(session) = states.session_part() {
            session.labels |= labels;
        }
        let persona = Some(admitted.persona);
        self.happen(states, &Happening { touches, persona, labels, guards: &guards, at: outcome.at, call: Some(&admitted) });
        Ok(())
    }

    fn same_states(&self, states: &States, admitted: &Admitted) -> Result<(), RecordError> {
        let session = states.session.as_ref().is_some_and(|state| state.identity == admitted.session);
        let keys = KEYS.iter().zip(&admitted.keys).all(|(key, place)| match (place, states.get(*key)) {
            (Some(place), Some(state)) => state.identity == place.identity && self.fits(*key, state),
            (Some(_), None) => false,
            (None, _) => true,
        });
        if session && keys { Ok(()) } else { Err(RecordError::OtherStates) }
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
        let touches = self.events.get(event.index()).ok_or(RecordError::Unknown)?;
        if !KEYS.iter().all(|key| states.get(*key).is_none_or(|state| self.fits(*key, state))) {
            return Err(RecordError::OtherStates);
        }
        let root = extract(&self.frame, declared.args, args, &mut scratch.args).map_err(|_| RecordError::Malformed)?;
        let (persona, labels) = states.session_part().map(|session| (session.persona, session.labels)).ok_or(RecordError::Unknown)?;
        let effective = states.session.as_ref().map_or(at, |state| state.effective(at));
        let Scratch { args, context, pool, guards, .. } = scratch;
        let mut reader = Reader {
            frame: &self.frame,
            regexes: &self.regexes,
            args,
            root,
            context,
            context_first: None,
            at: effective,
            labels,
            carried: 0,
            elements: Elements::NONE,
            pool,
        };
        guards.extend(declared.guards.iter().map(|guard| reader.evaluate(*guard)));
        self.happen(states, &Happening { touches, persona, labels: 0, guards, at, call: None });
        Ok(())
    }

    fn happen(&self, states: &mut States, happening: &Happening<'_>) {
        for key in KEYS {
            // A result whose call was not in this key's history is not either.
            let place = happening.call.map(|call| call.keys.get(key_index(key)).copied().flatten());
            let Some(state) = states.get_mut(key).filter(|_| !matches!(place, Some(None))) else { continue };
            let (at, position) = state.advance(happening.at);
            let place = place.flatten();
            let letter = Letter {
                persona: happening.persona,
                approved: happening.call.is_some_and(|call| call.approved),
                labels: happening.labels,
                guards: happening.guards,
                at,
                call_position: place.map_or(position, |place| place.position),
                call_at: place.map_or(at, |place| place.at),
            };
            for touch in happening.touches {
                if self.rule(touch.rule).is_some_and(|(rule, _)| rule.key == key) {
                    let step = Step { rule: touch.rule, class: self.class(touch, &letter, state) };
                    self.step(step, &letter, state);
                }
            }
        }
    }
}
