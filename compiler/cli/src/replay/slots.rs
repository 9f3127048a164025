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

/// One name's state.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    state: Option<State>,
    /// The tickets of a session's calls that wait for their result, by the lines of the calls.
    open: HashMap<u64, Ticket>,
}

/// States by handle.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Option<Box<Slot>>>,
    /// What is lent at the moment: nothing, between two lines. A state is large, so it goes there and back and nowhere else.
    lent: States,
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
        let Self { slots, lent } = self;
        for ((handle, name), kind) in whom.iter().zip(names).zip(KINDS) {
            if let Some(slot) = handle.and_then(|handle| slot(slots, handle)) {
                let place = place(lent, kind);
                *place = slot.state.take();
                if place.is_none() {
                    *place = name.map(|name| policy.new_state(kind, name));
                }
            }
        }
        let result = act(lent);
        for (handle, kind) in whom.iter().zip(KINDS) {
            if let Some(slot) = handle.and_then(|handle| slot(slots, handle)) {
                slot.state = place(lent, kind).take();
            }
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
