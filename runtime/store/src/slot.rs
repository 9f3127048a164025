//! The place of one state in memory, and the handle of a call's places.
//!
//! In: what the table and the decisions do with it. Out: [`Slot`], [`Handle`]. Invariants: a state is changed only under its slot's lock; a call locks its
//! slots in the order of [`ORDER`](crate::keys::ORDER), one of a kind, so that no two calls wait for each other; a slot that has expired stays so.
//! Left out: numbers for handles. A handle holds its slots, so that nothing is looked up for a decision and no other session can come by its number.
//! Source: contracts section 5.

use std::sync::{Arc, Mutex, MutexGuard};

use leverframe_runtime::{Policy, State};

use crate::backend::{NOTHING, Version};
use crate::error::Unavailable;
use crate::keys::KeyName;

/// What a state takes beside its rules' bytes, roughly.
const STATE_OVERHEAD: usize = 288;

/// Where a state is.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It has no history yet.
    Fresh,
    /// Unpacked.
    Warm(Box<State>),
    /// Saved, in memory.
    Packed(Box<[u8]>),
    /// Only in the backend.
    Elsewhere,
}

/// Whether decisions may be made with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    Expired,
    /// The store goes on under another policy.
    Closed,
}

/// What a slot's lock guards.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) kept: Kept,
    /// Which value it is, where others change it too.
    pub(crate) version: Version,
    /// When it was last used, in milliseconds.
    pub(crate) used: i64,
    pub(crate) standing: Standing,
    /// Whether it was used since it was last looked at for packing.
    pub(crate) recent: bool,
    /// Whether it stands in the queue of unpacked states.
    pub(crate) queued: bool,
}

impl Held {
    /// Bytes of the state in memory.
    pub(crate) fn weight(&self) -> usize {
        match &self.kept {
            Kept::Fresh | Kept::Elsewhere => 0,
            Kept::Warm(state) => weight(state),
            Kept::Packed(bytes) => bytes.len(),
        }
    }

    pub(crate) fn warm(&self) -> Option<&State> {
        match &self.kept {
            Kept::Warm(state) => Some(state),
            _ => None,
        }
    }

    /// Whether its session has expired at a time.
    pub(crate) fn is_over(&self, idle_ms: Option<i64>, now: i64) -> bool {
        self.standing == Standing::Expired || idle_ms.is_some_and(|idle| now.saturating_sub(self.used) > idle)
    }
}

/// Bytes of an unpacked state.
pub(crate) fn weight(state: &State) -> usize {
    state.bytes() + STATE_OVERHEAD
}

/// The place of one state.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) name: KeyName,
    held: Mutex<Held>,
}

impl Slot {
    pub(crate) fn new(name: KeyName, kept: Kept, used: i64) -> Self {
        let held = Held { kept, version: NOTHING, used, standing: Standing::Live, recent: false, queued: false };
        Self { name, held: Mutex::new(held) }
    }

    /// # Errors
    /// [`Unavailable::Damaged`] where a decision broke off in the middle.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, Held>, Unavailable> {
        self.held.lock().map_err(|_| Unavailable::Damaged("a decision broke off".to_owned()))
    }

    /// The lock, where nobody has it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, Held>> {
        self.held.try_lock().ok()
    }
}

/// One of a call's keys.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The call does not have it.
    None,
    /// A state that is kept.
    Kept(Arc<Slot>),
    /// No rule reads its history; only who it is matters, to the session that it belongs to.
    Passing(KeyName),
}

/// What decisions on one session's calls are made by: the places of its keys, so that nothing is looked up any more.
#[derive(Clone, Debug)]
pub struct Handle {
    /// Which store it is of.
    pub(crate) store: u64,
    pub(crate) places: [Place; 4],
}

/// A slot under its lock.
pub(crate) type Locked<'h> = (&'h Arc<Slot>, MutexGuard<'h, Held>);

impl Handle {
    /// Locks all slots.
    ///
    /// # Errors
    /// [`Unavailable::Damaged`] where a decision broke off in the middle with one of them.
    pub(crate) fn lock(&self) -> Result<Vec<Locked<'_>>, Unavailable> {
        let mut locked = Vec::with_capacity(self.places.len());
        for place in &self.places {
            if let Place::Kept(slot) = place {
                locked.push((slot, slot.lock()?));
            }
        }
        Ok(locked)
    }

    /// The states of the keys whose histories nobody reads.
    pub(crate) fn passing(&self, policy: &Policy) -> impl Iterator<Item = State> {
        self.places.iter().filter_map(|place| match place {
            Place::Passing(name) => Some(policy.state_of(name.kind, name.identity)),
            _ => None,
        })
    }
}
