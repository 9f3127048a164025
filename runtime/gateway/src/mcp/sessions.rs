//! Sessions of the revisions with a handshake, over HTTP.
//!
//! In: handshakes; ids. Out: sessions. Invariants: an id is 128 random bits that this process gave out; it is good for whoever it was given to and nobody else.
//! Source: MCP 2025-11-25 ("Session Management").

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::clock;
use crate::identity::Identity;
use crate::limits;

/// A session.
#[derive(Debug)]
pub struct LegacySession {
    /// Whose it is.
    pub who: Arc<Identity>,
    /// The revision that was agreed on.
    pub version: String,
    used: AtomicI64,
}

/// All of them.
#[derive(Debug)]
pub struct LegacySessions {
    open: RwLock<HashMap<String, Arc<LegacySession>>>,
    idle_ms: i64,
}

impl LegacySessions {
    /// None yet; each ends after being idle for so long.
    #[must_use]
    pub fn new(idle_ms: u64) -> Self {
        Self { open: RwLock::default(), idle_ms: i64::try_from(idle_ms).unwrap_or(i64::MAX) }
    }

    /// Opens one; none: there is no room, or no chance to make an id.
    #[must_use]
    pub fn open(&self, who: Arc<Identity>, version: &str) -> Option<String> {
        let id = random_id()?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= limits::LEGACY_SESSIONS {
            return None;
        }
        let session = LegacySession { who, version: version.to_owned(), used: AtomicI64::new(clock::now()) };
        open.insert(id.clone(), Arc::new(session));
        Some(id)
    }

    /// The session of an id, if it is this caller's.
    #[must_use]
    pub fn get(&self, id: &str, who: &Identity) -> Option<Arc<LegacySession>> {
        let session = self.open.read().unwrap_or_else(PoisonError::into_inner).get(id)?.clone();
        session.used.fetch_max(clock::now(), Ordering::Relaxed);
        (*session.who == *who).then_some(session)
    }

    /// Ends one.
    pub fn close(&self, id: &str) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Ends those that are idle.
    pub fn sweep(&self, now: i64) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| now.saturating_sub(session.used.load(Ordering::Relaxed)) <= self.idle_ms);
    }
}

/// 128 random bits in hexadecimal digits.
fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(base16ct::lower::encode_string(&bytes))
}
