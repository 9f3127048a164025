//! Changing the states of a call: load, act, keep.
//!
//! In: a handle, and what is to be done with its states. Out: what came of it. Invariants: nothing is given out that was not kept; where this process alone
//! changes the states they are changed in place, and read again from what was kept if that failed; where others do, copies are changed and kept only if no
//! state has moved on, else all is done again with what the states are now.
//! Source: `runtime/store/README.md`.

use std::sync::atomic::Ordering;

use leverframe_runtime::{Key, Policy, State, States};

use crate::backend::{Change, Committed, Found, NOTHING, Version};
use crate::error::Unavailable;
use crate::keys::KeyName;
use crate::sessions::Sessions;
use crate::slot::{Handle, Held, Kept, Locked, Slot, Standing};
use crate::warm::Packing;

impl Sessions {
    /// Changes the states of a handle, and keeps what they become.
    pub(crate) fn change<'s, T>(
        &'s self,
        handle: &Handle,
        at: i64,
        mut act: impl FnMut(&'s Policy, &mut States) -> T,
    ) -> Result<T, Unavailable> {
        if handle.store != self.id {
            return Err(Unavailable::ForeignHandle);
        }
        let mut locked = handle.lock()?;
        for (slot, held) in &locked {
            self.stands(slot, held, at)?;
        }
        for _ in 0..self.options.attempts.max(1) {
            self.fill(&mut locked)?;
            let mut states = States::default();
            handle.passing(&self.policy).for_each(|state| put(&mut states, state));
            let kept = if self.backend.is_shared() {
                self.change_shared(&mut locked, states, at, &mut act)?
            } else {
                Some(self.change_own(&mut locked, states, at, &mut act)?)
            };
            if let Some(kept) = kept {
                locked.iter_mut().for_each(|(_, held)| held.used = held.used.max(at));
                return Ok(kept);
            }
        }
        Err(Unavailable::Contended)
    }

    /// Whether a slot may be used at a time.
    pub(crate) fn stands(&self, slot: &Slot, held: &Held, at: i64) -> Result<(), Unavailable> {
        match held.standing {
            Standing::Closed => Err(Unavailable::ForeignHandle),
            Standing::Expired => Err(Unavailable::Expired),
            // What others keep, too, expires by their clock.
            Standing::Live if self.backend.is_shared() || slot.name.kind != Key::Session => Ok(()),
            Standing::Live if held.is_over(self.options.idle_ms, at) => Err(Unavailable::Expired),
            Standing::Live => Ok(()),
        }
    }

    /// Unpacks all states, and loads those that are not in memory.
    pub(crate) fn fill(&self, locked: &mut [Locked<'_>]) -> Result<(), Unavailable> {
        let away = |held: &Held| matches!(held.kept, Kept::Elsewhere);
        if self.backend.is_shared() && locked.iter().any(|(_, held)| away(held)) {
            // Where states lie is known of a call's states together.
            locked.iter_mut().for_each(|(_, held)| self.put_away(held));
        }
        let away: Vec<KeyName> = locked.iter().filter(|(_, held)| away(held)).map(|(slot, _)| slot.name).collect();
        let mut loaded = if away.is_empty() { Vec::new() } else { self.backend.load(&away)? }.into_iter();
        for (slot, held) in locked {
            match std::mem::replace(&mut held.kept, Kept::Elsewhere) {
                Kept::Elsewhere => {
                    let found = loaded.next().ok_or_else(|| Unavailable::Damaged("an answer is too short".to_owned()))?;
                    self.take_in(slot.name, held, found)?;
                }
                Kept::Fresh => self.unpacked(held, self.policy.state_of(slot.name.kind, slot.name.identity)),
                Kept::Packed(bytes) => {
                    self.table.bytes.fetch_sub(bytes.len(), Ordering::Relaxed);
                    self.unpacked(held, self.loaded(slot.name, &bytes)?);
                }
                Kept::Warm(state) => held.kept = Kept::Warm(state),
            }
            let (elsewhere, most) = (self.backend.keeps(), self.options.warm_bytes);
            self.warm.enter(slot, held, Packing { policy: &self.policy, elsewhere, most, total: &self.table.bytes });
        }
        Ok(())
    }

    fn unpacked(&self, held: &mut Held, state: State) {
        held.kept = Kept::Warm(Box::new(state));
        self.table.bytes.fetch_add(held.weight(), Ordering::Relaxed);
    }

    /// Lets go of a state in memory, so that it is read again from where it is kept.
    pub(crate) fn put_away(&self, held: &mut Held) {
        self.table.bytes.fetch_sub(held.weight(), Ordering::Relaxed);
        held.kept = Kept::Elsewhere;
    }

    /// Takes what the backend has as the state.
    fn take_in(&self, name: KeyName, held: &mut Held, found: Found) -> Result<(), Unavailable> {
        self.put_away(held);
        match found {
            Found::Expired => {
                held.standing = Standing::Expired;
                return Err(Unavailable::Expired);
            }
            Found::Nothing => {
                held.version = NOTHING;
                self.unpacked(held, self.policy.state_of(name.kind, name.identity));
            }
            Found::Kept(version, bytes) => {
                let state = self.loaded(name, &bytes)?;
                held.version = version;
                self.unpacked(held, state);
            }
        }
        Ok(())
    }

    fn loaded(&self, name: KeyName, bytes: &[u8]) -> Result<State, Unavailable> {
        let damaged = || Unavailable::Damaged("a state cannot be read".to_owned());
        let state = self.policy.load_state(bytes).map_err(|_| damaged())?.state;
        if state.key() == name.kind && state.identity() == name.identity { Ok(state) } else { Err(damaged()) }
    }

    pub(crate) fn saved(&self, state: &State) -> Result<Vec<u8>, Unavailable> {
        self.policy.save_state(state).map_err(|_| Unavailable::Damaged("a state cannot be written".to_owned()))
    }

    /// Changes states that only this process changes, in place.
    fn change_own<'s, T>(
        &'s self,
        locked: &mut [Locked<'_>],
        mut states: States,
        at: i64,
        act: &mut impl FnMut(&'s Policy, &mut States) -> T,
    ) -> Result<T, Unavailable> {
        let weight: usize = locked.iter().map(|(_, held)| held.weight()).sum();
        for (_, held) in locked.iter_mut() {
            // Where the decision breaks off, the lock is poisoned and nobody goes on from what is left.
            if let Kept::Warm(state) = std::mem::replace(&mut held.kept, Kept::Elsewhere) {
                put(&mut states, *state);
            }
        }
        let outcome = act(&self.policy, &mut states);
        if self.backend.keeps()
            && let Err(error) = self.write(locked, &states, at)
        {
            self.table.bytes.fetch_sub(weight, Ordering::Relaxed);
            return Err(error);
        }
        for (slot, held) in locked.iter_mut() {
            if let Some(state) = take(&mut states, slot.name.kind) {
                held.kept = Kept::Warm(Box::new(state));
            }
        }
        Ok(outcome)
    }

    fn write(&self, locked: &[Locked<'_>], states: &States, at: i64) -> Result<(), Unavailable> {
        let mut changes = Vec::with_capacity(locked.len());
        for (slot, held) in locked {
            let state = get(states, slot.name.kind).ok_or_else(|| Unavailable::Damaged("a state is missing".to_owned()))?;
            changes.push(Change { name: slot.name, from: NOTHING, to: Some(self.saved(state)?), used: held.used.max(at) });
        }
        self.backend.commit(&changes).map(|_| ())
    }

    /// Changes copies of states that others change, too; nothing where they had moved on.
    fn change_shared<'s, T>(
        &'s self,
        locked: &mut [Locked<'_>],
        mut states: States,
        at: i64,
        act: &mut impl FnMut(&'s Policy, &mut States) -> T,
    ) -> Result<Option<T>, Unavailable> {
        locked.iter().filter_map(|(_, held)| held.warm()).for_each(|state| put(&mut states, state.clone()));
        let outcome = act(&self.policy, &mut states);
        let mut changes = Vec::with_capacity(locked.len());
        for (slot, held) in locked.iter() {
            let state = get(&states, slot.name.kind).filter(|state| held.warm() != Some(state));
            let to = state.map(|state| self.saved(state)).transpose()?;
            changes.push(Change { name: slot.name, from: held.version, to, used: held.used.max(at) });
        }
        match self.backend.commit(&changes) {
            Ok(Committed::Done(version)) => {
                adopt(locked, states, &changes, version);
                Ok(Some(outcome))
            }
            Ok(Committed::Moved(found)) => {
                for ((slot, held), found) in locked.iter_mut().zip(found) {
                    self.take_in(slot.name, held, found)?;
                }
                Ok(None)
            }
            Err(error) => {
                // Nobody knows whether they were changed.
                locked.iter_mut().for_each(|(_, held)| self.put_away(held));
                Err(error)
            }
        }
    }
}

/// Takes the copies that were kept as the states.
fn adopt(locked: &mut [Locked<'_>], mut states: States, changes: &[Change], version: Version) {
    for ((slot, held), change) in locked.iter_mut().zip(changes) {
        if change.to.is_some()
            && let Some(state) = take(&mut states, slot.name.kind)
        {
            held.kept = Kept::Warm(Box::new(state));
            held.version = version;
        }
    }
}

fn place(states: &mut States, kind: Key) -> &mut Option<State> {
    match kind {
        Key::Session => &mut states.session,
        Key::Principal => &mut states.principal,
        Key::Agent => &mut states.agent,
        Key::Tenant => &mut states.tenant,
    }
}

pub(crate) fn put(states: &mut States, state: State) {
    let kind = state.key();
    *place(states, kind) = Some(state);
}

fn take(states: &mut States, kind: Key) -> Option<State> {
    place(states, kind).take()
}

fn get(states: &States, kind: Key) -> Option<&State> {
    all(states).find(|state| state.key() == kind)
}

/// The states that there are.
pub(crate) fn all(states: &States) -> impl Iterator<Item = &State> {
    [&states.session, &states.principal, &states.agent, &states.tenant].into_iter().flatten()
}

/// The same, to change.
pub(crate) fn all_mut(states: &mut States) -> impl Iterator<Item = &mut State> {
    [&mut states.session, &mut states.principal, &mut states.agent, &mut states.tenant].into_iter().flatten()
}
