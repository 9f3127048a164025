//! States as bytes, and states from bytes of another frame.
//!
//! In: a state, or bytes. Out: bytes, or a state and the rules that it does not know. Form: a version, who and when, then for each rule that is not stale
//! the seal of what it remembers and its registers. Invariants: everything is named and nothing is numbered, so that a rule's memory is only ever read by
//! a rule that remembers the same; a state of the same frame comes back exactly.
//! Source: contracts section 5; `lang-spec/frame-format.md`, [frame.state].

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::frame::{Body, Frame, Gauge, Key, LabelId, Measure, PersonaId, Rule, RuleId};
use crate::gauge;
use crate::identity::Identities;
use crate::layout::Place;
use crate::policy::Policy;
use crate::slots;
use crate::state::{Owner, SessionPart, State, StateError, UNSET};

/// The version of the serialised form.
const VERSION: u32 = 4;

/// A state that was read, and what of it the policy does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The state.
    pub state: State,
    /// The rules whose past it does not hold, in deciding order. They deny what they speak of until [`Policy::start_afresh`] is called.
    pub stale: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    key: Key,
    identity: u128,
    latest: i64,
    newest: i64,
    position: i64,
    session: Option<StoredSession>,
    rules: Vec<Section>,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    persona: Option<String>,
    identities: [Option<u128>; 3],
    labels: Vec<String>,
    ended: bool,
}

#[derive(Serialize, Deserialize)]
struct Section {
    seal: [u8; 16],
    /// The name of the state of a rule that has one of its own.
    control: i64,
    /// Without the unset ones at the end.
    registers: Vec<i64>,
}

/// For each rule what a section must be sealed with to be its own: what the rule remembers, how it lies in registers and, where it holds identities of
/// values, the deployment's key.
pub(crate) fn seals(frame: &Frame, identities: &Identities) -> Vec<[u8; 16]> {
    let open = Identities::new(&[0; 32]);
    frame.rules.iter().map(|rule| if keyed(rule) { seal(rule, identities) } else { seal(rule, &open) }).collect()
}

fn keyed(rule: &Rule) -> bool {
    rule.slots.is_some() || matches!(&rule.body, Body::Gauge(Gauge { measure: Measure::Distinct { .. }, .. }))
}

fn seal(rule: &Rule, identities: &Identities) -> [u8; 16] {
    let capacity = rule.slots.as_ref().map_or(0, |slots| slots.capacity);
    let states = match &rule.body {
        Body::Automaton(automaton) => automaton.states,
        Body::Gauge(_) => 0,
    };
    let words = slots::register_words(rule) as u64;
    identities.seal(&[&rule.digest, &capacity.to_le_bytes(), &states.to_le_bytes(), &words.to_le_bytes()])
}

impl Policy {
    /// A state as bytes that [`Policy::load_state`] reads back.
    ///
    /// # Errors
    /// [`StateError::Decode`] where it cannot be encoded or belongs to another policy.
    pub fn save_state(&self, state: &State) -> Result<Vec<u8>, StateError> {
        if !self.fits(state.key, state) {
            return Err(StateError::Decode);
        }
        let kept = self.rules_of(state.key).filter(|(id, ..)| !state.is_stale(*id));
        let rules = kept.map(|(_, rule, place, seal)| section(state, rule, place, seal)).collect();
        let session = state.session.as_ref().map(|session| self.name(session));
        let State { key, latest, newest, position, .. } = *state;
        let stored = Stored { version: VERSION, key, identity: state.identity(), latest, newest, position, session, rules };
        postcard::to_allocvec(&stored).map_err(|_| StateError::Decode)
    }

    /// A state that [`Policy::save_state`] wrote, under this frame or another. Rules that remember the same keep what they remember; the names of the
    /// others are given, and until [`Policy::start_afresh`] is called for one of them every call that it speaks of is denied.
    ///
    /// # Errors
    /// [`StateError::Decode`]: the bytes are no state of this version.
    pub fn load_state(&self, bytes: &[u8]) -> Result<Loaded, StateError> {
        let (stored, rest) = postcard::take_from_bytes::<Stored>(bytes).map_err(|_| StateError::Decode)?;
        let whole = rest.is_empty()
            && stored.session.is_some() == (stored.key == Key::Session)
            && stored.latest > UNSET
            && stored.newest >= stored.latest
            && stored.position >= 0;
        if stored.version != VERSION || !whole {
            return Err(StateError::Decode);
        }
        let mut state = self.state_of(stored.key, stored.identity);
        state.latest = stored.latest;
        state.newest = stored.newest;
        state.position = stored.position;
        state.session = stored.session.map(|session| self.unname(&session));
        let mut next = 0;
        for (id, rule, place, seal) in self.rules_of(stored.key) {
            let found = position(&stored.rules, next, seal);
            next = found.map_or(next, |at| at + 1);
            let section = found.and_then(|at| stored.rules.get(at));
            if !section.is_some_and(|section| restore(&mut state, rule, place, section)) {
                state.stale.push(id);
            }
        }
        let stale = self.stale(&state);
        Ok(Loaded { state, stale })
    }

    /// The rules whose past a state does not hold.
    #[must_use]
    pub fn stale(&self, state: &State) -> Vec<String> {
        state.stale.iter().filter_map(|id| self.frame.rules.get(id.index())).map(|rule| rule.name.clone()).collect()
    }

    /// Lets a stale rule begin anew, as if nothing had happened yet.
    ///
    /// # Errors
    /// [`StateError::NotStale`] where the rule is not stale in this state.
    pub fn start_afresh(&self, state: &mut State, rule: &str) -> Result<(), StateError> {
        let named = |id: &RuleId| self.frame.rules.get(id.index()).is_some_and(|known| known.name == rule);
        let at = state.stale.iter().position(named).ok_or(StateError::NotStale)?;
        let id = state.stale.remove(at);
        if let Some((_, place)) = self.rule(id) {
            clear(state, place);
        }
        Ok(())
    }

    fn rules_of(&self, key: Key) -> impl Iterator<Item = (RuleId, &Rule, Place, [u8; 16])> {
        let rules = self.frame.rules.iter().zip(&self.places).zip(&self.seals).enumerate();
        let of_key = rules.filter(move |(_, ((rule, _), _))| rule.key == key);
        of_key.filter_map(|(index, ((rule, place), seal))| Some((RuleId(u32::try_from(index).ok()?), rule, *place, *seal)))
    }

    fn name(&self, session: &SessionPart) -> StoredSession {
        // A persona that the policy does not know has no name; it is nobody's under any other policy either.
        let persona = |id: PersonaId| self.frame.personas.get(id.index()).map(|persona| persona.name.clone()).unwrap_or_default();
        let has = |index: usize| session.labels >> (index & 63) & 1 == 1;
        StoredSession {
            persona: session.persona.map(persona),
            identities: session.identities.map(|owner| owner.map(Owner::word)),
            labels: self.frame.labels.iter().enumerate().filter(|(index, _)| has(*index)).map(|(_, name)| name.clone()).collect(),
            ended: session.ended,
        }
    }

    fn unname(&self, stored: &StoredSession) -> SessionPart {
        let labels = stored.labels.iter().filter_map(|name| self.label(name));
        SessionPart {
            persona: stored.persona.as_ref().map(|name| self.persona(name).unwrap_or(PersonaId::UNKNOWN)),
            identities: stored.identities.map(|word| word.map(Owner::of)),
            labels: labels.fold(0, |labels, LabelId(index)| labels | 1_u64 << (index & 63)),
            ended: stored.ended,
        }
    }
}

/// Where the section of a seal stands: at `next` if the frame is the one that wrote it.
fn position(sections: &[Section], next: usize, seal: [u8; 16]) -> Option<usize> {
    let at_hand = sections.get(next).is_some_and(|section| section.seal == seal);
    if at_hand { Some(next) } else { sections.iter().position(|section| section.seal == seal) }
}

fn section(state: &State, rule: &Rule, place: Place, seal: [u8; 16]) -> Section {
    let registers = place.registers_of(state);
    let length = registers.iter().rposition(|word| *word != UNSET).map_or(0, |last| last + 1);
    let mut registers = registers.get(..length).unwrap_or(&[]).to_vec();
    let control = place.control_of(state);
    let control = name_of(rule, control).unwrap_or(0);
    slots::rename(rule, &mut registers, |number| usize::try_from(number).ok().and_then(|number| name_of(rule, number)));
    Section { seal, control, registers }
}

fn name_of(rule: &Rule, state: usize) -> Option<i64> {
    match &rule.body {
        Body::Automaton(automaton) => automaton.names.get(state).copied(),
        Body::Gauge(_) => None,
    }
}

fn number_of(rule: &Rule, name: i64) -> Option<u16> {
    match &rule.body {
        Body::Automaton(automaton) => automaton.names.iter().position(|known| *known == name).and_then(|state| u16::try_from(state).ok()),
        Body::Gauge(_) => None,
    }
}

/// Puts a section into its place; whether it is one that the rule could have written.
fn restore(state: &mut State, rule: &Rule, place: Place, section: &Section) -> bool {
    let Some(target) = place.registers_of_mut(state).get_mut(..section.registers.len()) else { return false };
    target.copy_from_slice(&section.registers);
    let known = slots::rename(rule, place.registers_of_mut(state), |name| number_of(rule, name).map(i64::from));
    let fits = match (&rule.slots, &rule.body) {
        (Some(slots), _) => known && slots::valid(rule, slots, place.registers_of(state)),
        (None, Body::Automaton(_)) => match number_of(rule, section.control) {
            Some(number) => {
                place.set_control(state, number);
                true
            }
            None => false,
        },
        (None, Body::Gauge(limit)) => gauge::valid(limit, place.registers_of(state)),
    };
    if !fits {
        clear(state, place);
    }
    fits
}

fn clear(state: &mut State, place: Place) {
    place.registers_of_mut(state).fill(UNSET);
    place.set_control(state, 0);
}
