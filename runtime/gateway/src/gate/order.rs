//! The log's order is the order of decision.
//!
//! In: whose histories a call reads and changes. Out: a guard. Invariants: of two calls that share a history the one that is decided first is logged first, so that the
//! log, replayed, is decided as it was; calls that share none do not wait for each other but by chance.
//! Left out: other gateways on the same store, each of which has a log of its own.
//! Source: contracts section 2 ("the file's order is the order of decision").

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use leverframe_runtime::{Key, Policy};

use super::Asked;

const STRIPES: usize = 256;

/// Locks of histories.
#[derive(Debug)]
pub(super) struct Order {
    stripes: Vec<Mutex<()>>,
    hasher: RandomState,
}

/// Which locks a call needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Stripes(Vec<usize>);

/// Holds the histories of a call.
pub(super) struct Turn<'o> {
    _held: Vec<MutexGuard<'o, ()>>,
}

impl Default for Order {
    fn default() -> Self {
        Self { stripes: (0..STRIPES).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }
}

impl Order {
    /// The locks of the histories that a call reads and changes.
    pub(super) fn stripes(&self, policy: &Policy, asked: &Asked<'_>) -> Stripes {
        let read = |key: Key| policy.frame().rules.iter().any(|rule| rule.key == key);
        let names = [
            Some(("session", asked.session)),
            asked.who.principal.as_deref().filter(|_| read(Key::Principal)).map(|name| ("principal", name)),
            Some(("agent", asked.who.agent.as_str())).filter(|_| read(Key::Agent)),
            asked.who.tenant.as_deref().filter(|_| read(Key::Tenant)).map(|name| ("tenant", name)),
        ];
        let stripe = |name: (&str, &str)| usize::try_from(self.hasher.hash_one(name) % STRIPES as u64).unwrap_or(0);
        let mut stripes: Vec<usize> = names.into_iter().flatten().map(stripe).collect();
        stripes.sort_unstable();
        stripes.dedup();
        Stripes(stripes)
    }

    /// Waits for a call's turn. Locks are taken in one order, so nobody waits in a circle.
    pub(super) fn turn(&self, stripes: &Stripes) -> Turn<'_> {
        let held = stripes.0.iter().filter_map(|stripe| self.stripes.get(*stripe));
        Turn { _held: held.map(|stripe| stripe.lock().unwrap_or_else(PoisonError::into_inner)).collect() }
    }
}
