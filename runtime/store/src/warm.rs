//! Which states lie unpacked in memory: those that were used lately, as far as the bound goes.
//!
//! In: slots that were just unpacked. Out: others, packed. Invariants: packing loses nothing; a slot that is locked is left alone, so nobody waits here.
//! Source: `runtime/store/README.md`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use leverframe_runtime::Policy;

use crate::limits::LOOKS;
use crate::slot::{Held, Kept, Slot, weight};

/// The queue of unpacked states, in the order of their unpacking; those used meanwhile go to its end once more.
#[derive(Debug, Default)]
pub(crate) struct Warm {
    /// With the bytes that each counts for.
    queue: Mutex<VecDeque<(Weak<Slot>, usize)>>,
    bytes: AtomicUsize,
}

/// What is packed into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing<'a> {
    pub(crate) policy: &'a Policy,
    /// Whether the backend has the state, so that memory need not.
    pub(crate) elsewhere: bool,
    pub(crate) most: usize,
    /// Counts the bytes of all states in memory.
    pub(crate) total: &'a AtomicUsize,
}

impl Warm {
    /// Enters a slot that is unpacked now, and packs others where there are too many.
    pub(crate) fn enter(&self, slot: &Arc<Slot>, held: &mut Held, packing: Packing<'_>) {
        held.recent = true;
        if held.queued {
            return;
        }
        held.queued = true;
        let own = held.warm().map_or(0, weight);
        if self.push(Arc::downgrade(slot), own) > packing.most {
            self.make_room(packing);
        }
    }

    fn push(&self, slot: Weak<Slot>, bytes: usize) -> usize {
        if let Ok(mut queue) = self.queue.lock() {
            queue.push_back((slot, bytes));
        }
        self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    fn make_room(&self, packing: Packing<'_>) {
        for _ in 0..LOOKS {
            let front = self.queue.lock().ok().and_then(|mut queue| queue.pop_front());
            let Some((weak, bytes)) = front else { return };
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            if weak.upgrade().is_some_and(|slot| !pack(&slot, packing)) {
                self.push(weak, bytes);
            }
            if self.bytes.load(Ordering::Relaxed) <= packing.most {
                return;
            }
        }
    }
}

/// Packs a slot that was not used since it was last looked at; whether it is out of the queue.
fn pack(slot: &Slot, packing: Packing<'_>) -> bool {
    let Some(mut held) = slot.try_lock() else { return false };
    let before = held.weight();
    let recent = std::mem::take(&mut held.recent);
    let Kept::Warm(state) = &held.kept else {
        held.queued = false;
        return true;
    };
    if recent {
        return false;
    }
    let packed = if packing.elsewhere {
        Kept::Elsewhere
    } else {
        match packing.policy.save_state(state) {
            Ok(bytes) => Kept::Packed(bytes.into_boxed_slice()),
            Err(_) => return false,
        }
    };
    held.kept = packed;
    held.queued = false;
    packing.total.fetch_sub(before.saturating_sub(held.weight()), Ordering::Relaxed);
    true
}
