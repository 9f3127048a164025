//! Open sessions by number, and what is known of a session however often it is opened.
//!
//! In: names. Out: [`SessionId`]s, and the session behind one. Invariants: a number is given out once in the life of a process, so one that was closed, or is of
//! another host, never means a session here; 0 is no session's. What is known of a name lives as long as the store knows it.
//! Left out: guarding against numbers that somebody guesses: who may call the host may call for all its sessions.
//! Source: contracts sections 2 and 5; `lang-spec/traces.md`, [trace.keys].

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use leverframe_runtime::PersonaId;
use leverframe_store::{Handle, Keys};

use crate::error::HostError;
use crate::limits::OPEN;

/// The last number given out, by any host.
static LAST: AtomicU64 = AtomicU64::new(0);

/// The number of an open session.
pub type SessionId = u64;

/// Whose calls a session's are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// The session's own name.
    pub session: &'a str,
    /// Whose rules judge it; one that the policy does not know is denied.
    pub persona: &'a str,
    /// On whose behalf it acts.
    pub principal: Option<&'a str>,
    /// Which agent.
    pub agent: Option<&'a str>,
    /// Which tenant.
    pub tenant: Option<&'a str>,
}

/// Principal, agent and tenant.
pub(crate) type OtherKeys = [Option<String>; 3];

/// What is known of a session's name, by all who opened it.
#[derive(Debug, Default)]
pub(crate) struct Known {
    steps: AtomicU64,
    used: AtomicI64,
    /// Each from the first call that named one: a host event of the session is theirs too.
    keys: Mutex<OtherKeys>,
}

impl Known {
    /// A call of this session is decided: its number, from 1.
    pub(crate) fn step(&self, keys: &OtherKeys, at: i64) -> u64 {
        let mut remembered = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        for (remembered, key) in remembered.iter_mut().zip(keys) {
            if remembered.is_none() {
                remembered.clone_from(key);
            }
        }
        self.used(at);
        self.steps.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// How many calls there have been, and the keys that they named.
    pub(crate) fn saved(&self) -> (u64, OtherKeys) {
        (self.steps.load(Ordering::Relaxed), self.filled(&OtherKeys::default()))
    }

    /// Goes on from what was saved.
    pub(crate) fn restored(&self, steps: u64, keys: &OtherKeys) {
        self.steps.fetch_max(steps, Ordering::Relaxed);
        let mut remembered = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        for (remembered, key) in remembered.iter_mut().zip(keys) {
            if remembered.is_none() {
                remembered.clone_from(key);
            }
        }
    }

    pub(crate) fn used(&self, at: i64) {
        self.used.fetch_max(at, Ordering::Relaxed);
    }

    /// These keys, and those that the session's calls have named where these say nothing.
    pub(crate) fn filled(&self, keys: &OtherKeys) -> OtherKeys {
        let remembered = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filled = keys.clone();
        for (key, remembered) in filled.iter_mut().zip(remembered.iter()) {
            if key.is_none() {
                key.clone_from(remembered);
            }
        }
        filled
    }
}

/// A session that is open.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) name: Arc<str>,
    pub(crate) persona: PersonaId,
    pub(crate) keys: OtherKeys,
    pub(crate) handle: Handle,
    pub(crate) known: Arc<Known>,
}

/// The names as the store takes them.
pub(crate) fn store_keys<'a>(session: &'a str, [principal, agent, tenant]: &'a OtherKeys) -> Keys<'a> {
    Keys { session, principal: principal.as_deref(), agent: agent.as_deref(), tenant: tenant.as_deref() }
}

/// The sessions that are open, and what is known of the names.
#[derive(Debug, Default)]
pub(crate) struct Open {
    sessions: RwLock<HashMap<SessionId, Arc<Session>>>,
    known: Mutex<HashMap<Arc<str>, Arc<Known>>>,
}

impl Open {
    /// What is known of a session's name, which the store has just taken.
    pub(crate) fn known(&self, name: &str, now: i64) -> (Arc<str>, Arc<Known>) {
        let mut names = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, known)) = names.get_key_value(name) {
            known.used(now);
            return (name.clone(), known.clone());
        }
        let name: Arc<str> = Arc::from(name);
        let known = Arc::new(Known { used: AtomicI64::new(now), ..Known::default() });
        names.insert(name.clone(), known.clone());
        (name, known)
    }

    /// # Errors
    /// [`HostError::TooManyOpen`].
    pub(crate) fn enter(&self, session: Session) -> Result<SessionId, HostError> {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= OPEN {
            return Err(HostError::TooManyOpen);
        }
        let id = LAST.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        sessions.insert(id, Arc::new(session));
        Ok(id)
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<Arc<Session>> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Whether it was open.
    pub(crate) fn close(&self, id: SessionId) -> bool {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&id).is_some()
    }

    /// Forgets names that nobody has open and that have expired.
    pub(crate) fn sweep(&self, idle_ms: Option<i64>, now: i64) {
        let Some(idle) = idle_ms else { return };
        let mut names = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|_, known| Arc::strong_count(known) > 1 || now.saturating_sub(known.used.load(Ordering::Relaxed)) <= idle);
    }
}
