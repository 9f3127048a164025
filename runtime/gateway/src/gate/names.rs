//! Names of sessions, and the numbers under which they are open.
//!
//! In: who calls; perhaps a handle. Out: names; numbers. Invariants: two callers who differ in anything never have one session; a number that has expired is given back
//! and its session opened again, if the store lets it.
//! Source: language section 9 ("Personas and sessions").

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use leverframe_host::{Host, HostError, Names, SessionId};

use crate::protocol::quoted;

/// Whose a session is.
#[derive(Clone, Copy, Debug)]
pub struct SessionKey<'a> {
    /// Whose rules judge it.
    pub persona: &'a str,
    /// Which agent.
    pub agent: &'a str,
    /// On whose behalf.
    pub principal: Option<&'a str>,
    /// Of which tenant.
    pub tenant: Option<&'a str>,
}

/// The name of the session of a caller; `handle` tells apart those of one caller.
#[must_use]
pub fn session_name(key: SessionKey<'_>, handle: Option<&str>) -> String {
    let word = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quoted);
    format!("[{},{},{},{},{}]", quoted(key.agent), quoted(key.persona), word(key.principal), word(key.tenant), word(handle))
}

/// The sessions that are open.
#[derive(Debug, Default)]
pub(super) struct Open(RwLock<HashMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    id: SessionId,
    used: AtomicI64,
}

impl Open {
    /// The number of a session.
    ///
    /// # Errors
    /// [`HostError`]: it has expired, or there is no room.
    pub(super) fn id(&self, host: &Host, names: &Names<'_>, now: i64) -> Result<SessionId, HostError> {
        if let Some(entry) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(names.session) {
            entry.used.fetch_max(now, Ordering::Relaxed);
            return Ok(entry.id);
        }
        let id = host.open(names, now)?;
        let mut open = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another may have been faster: one number is enough.
        if let Some(entry) = open.get(names.session) {
            let first = entry.id;
            drop(open);
            host.close(id)?;
            return Ok(first);
        }
        open.insert(names.session.to_owned(), Entry { id, used: AtomicI64::new(now) });
        Ok(id)
    }

    /// Closes one that has expired.
    pub(super) fn forget(&self, host: &Host, session: &str) {
        if let Some(entry) = self.0.write().unwrap_or_else(PoisonError::into_inner).remove(session) {
            // It is not open any more where its store has let it go.
            drop(host.close(entry.id));
        }
    }

    /// Closes what has been idle.
    pub(super) fn sweep(&self, host: &Host, now: i64, idle_ms: i64) {
        let mut open = self.0.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, entry| {
            let stays = now.saturating_sub(entry.used.load(Ordering::Relaxed)) <= idle_ms;
            if !stays {
                // One that is not open any more is closed all the same.
                drop(host.close(entry.id));
            }
            stays
        });
    }
}
