//! Calls whose server has asked for more input before it answers.
//!
//! In: admitted calls; a client's retry. Out: the call that goes on. Invariants: a retry goes on with the one call that it is a retry of, by the same caller, with the
//! same tool and arguments, once; it is no new call, so it is decided once and counted once; what the server keeps with the client stays here.
//! Source: MCP 2026-07-28 ("Multi Round-Trip Requests").

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Caller;
use super::sessions::random_id;
use crate::audit::sha256_hex;
use crate::clock;
use crate::gate::Admitted;
use crate::limits;

/// A call that waits.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) admitted: Admitted,
    /// What the server wants back, raw JSON of a string; none: it gave nothing.
    pub(super) state: Option<String>,
    bound: Bound,
    ends: i64,
}

/// What a retry must be of.
#[derive(Debug, PartialEq, Eq)]
struct Bound {
    session: String,
    tool: String,
    args: String,
}

impl Bound {
    fn of(caller: &Caller, tool: &str, args: &[u8]) -> Self {
        Self { session: caller.session.clone(), tool: tool.to_owned(), args: sha256_hex(args) }
    }
}

/// All that wait.
#[derive(Debug)]
pub(super) struct Waiting {
    held: Mutex<HashMap<String, Held>>,
    ms: i64,
}

impl Waiting {
    pub(super) fn new(ms: u64) -> Self {
        Self { held: Mutex::default(), ms: i64::try_from(ms).unwrap_or(i64::MAX) }
    }

    /// Holds a call; the state to be given to the client. The call comes back where it cannot be held, as do those whose time has come.
    pub(super) fn hold(
        &self,
        (caller, tool, args): (&Caller, &str, &[u8]),
        admitted: Admitted,
        state: Option<String>,
    ) -> Result<String, Box<Admitted>> {
        let Some(id) = random_id() else { return Err(Box::new(admitted)) };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= limits::PENDING {
            return Err(Box::new(admitted));
        }
        let ends = clock::now().saturating_add(self.ms);
        held.insert(id.clone(), Held { admitted, state, bound: Bound::of(caller, tool, args), ends });
        Ok(id)
    }

    /// The call that a retry is of.
    pub(super) fn take(&self, id: &str, caller: &Caller, tool: &str, args: &[u8]) -> Option<Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let bound = Bound::of(caller, tool, args);
        let fits = held.get(id).is_some_and(|held| held.bound == bound && held.ends > clock::now());
        if fits { held.remove(id) } else { None }
    }

    /// Those that nobody came back for.
    pub(super) fn late(&self, now: i64) -> Vec<Admitted> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.extract_if(|_, held| held.ends <= now).map(|(_, held)| held.admitted).collect()
    }
}
