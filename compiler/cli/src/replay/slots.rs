//! The states of a record's sessions, principals, agents and tenants.
//!
//! In: handles. Out: the states that a line concerns, lent to the runtime together and taken back; the tickets of calls that wait for their result. What was
//! not seen before gets a state without history.
//! Invariants: memory grows with the number of names and of waiting calls, never with the number of events; a state is in one place at a time, so what is lent
//! to a thread is nowhere else.
//! Source: the contract of embedding (README, "Embedding"); `lang-spec/traces.md`, [trace.keys].

use hashbrown::HashMap;
use leverframe_runtime::frame::Key;
use leverframe_runtime::{Policy, State, States, Ticket};

use super::names::Handle;
use super::sequence::Whom;

/// What stands at one name.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// The name's state, in the place of its kind. A session lends its own, with the states of others moved in beside it.
    states: States,
    /// The tickets of a session's calls that wait for their result, by the lines of the calls.
    open: HashMap<u64, Ticket>,
}

/// States by handle.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Option<Box<Slot>>>,
}

/// The kinds of key, in the order of [`Whom`].
const KINDS: [Key; 4] = [Key::Session, Key::Principal, Key::Agent, Key::Tenant];

impl Slots {
    /// Makes room for so many handles.
    pub(crate) fn reserve(&mut self, count: usize) {
        if self.slots.len() < count {
            self.slots.resize_with(count, || None);
        }
    }

    /// For how many handles there is room.
    pub(crate) fn count(&self) -> usize {
        self.slots.len()
    }

    /// What stands at a handle, gone from here.
    pub(crate) fn take(&mut self, handle: Handle) -> Option<Box<Slot>> {
        self.slots.get_mut(handle)?.take()
    }

    /// Puts a slot in its place.
    pub(crate) fn put(&mut self, handle: Handle, slot: Box<Slot>) {
        if let Some(place) = self.slots.get_mut(handle) {
            *place = Some(slot);
        }
    }

    /// Lends the states of those concerned, whose names are given as far as the line has them.
    pub(crate) fn with<R>(&mut self, policy: &Policy, whom: &Whom, names: [Option<&str>; 4], act: impl FnOnce(&mut States) -> R) -> R {
        let [session, ..] = *whom;
        // A state is large: the session's stays where it is, and its box goes there and back.
        let mut own = session.and_then(|handle| self.take(handle)).unwrap_or_default();
        for ((handle, name), kind) in whom.iter().zip(names).zip(KINDS) {
            let Some(handle) = *handle else { continue };
            let lent = place(&mut own.states, kind);
            if kind != Key::Session
                && let Some(slot) = slot(&mut self.slots, handle)
            {
                *lent = place(&mut slot.states, kind).take();
            }
            if lent.is_none() {
                *lent = name.map(|name| policy.new_state(kind, name));
            }
        }
        let result = act(&mut own.states);
        for (handle, kind) in whom.iter().zip(KINDS).skip(1) {
            if let Some(slot) = handle.and_then(|handle| slot(&mut self.slots, handle)) {
                *place(&mut slot.states, kind) = place(&mut own.states, kind).take();
            }
        }
        if let Some(handle) = session {
            self.put(handle, own);
        }
        result
    }

    /// Keeps the ticket of a session's call for its result.
    pub(crate) fn keep(&mut self, [session, ..]: &Whom, call: u64, ticket: Ticket) {
        if let Some(slot) = session.and_then(|handle| slot(&mut self.slots, handle)) {
            slot.open.insert(call, ticket);
        }
    }

    /// The ticket that was kept for the result of a session's call.
    pub(crate) fn ticket(&mut self, [session, ..]: &Whom, call: u64) -> Option<Ticket> {
        session.and_then(|handle| slot(&mut self.slots, handle)).and_then(|slot| slot.open.remove(&call))
    }
}

fn slot(slots: &mut [Option<Box<Slot>>], handle: Handle) -> Option<&mut Slot> {
    slots.get_mut(handle).map(|slot| &mut **slot.get_or_insert_default())
}

fn place(states: &mut States, kind: Key) -> &mut Option<State> {
    match kind {
        Key::Session => &mut states.session,
        Key::Principal => &mut states.principal,
        Key::Agent => &mut states.agent,
        Key::Tenant => &mut states.tenant,
    }
}
