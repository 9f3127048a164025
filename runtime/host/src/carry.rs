//! Sessions as bytes, for a batch that goes on where the one before it ended.
//!
//! In: an open session; bytes. Out: bytes; an open session. Invariants: what was saved is put only where there is no history or the same one; bytes that are
//! none of these are an error.
//! Left out: calls that still await their results: their tickets end with the process, so record them before.
//! Source: contracts section 5; `runtime/host/README.md`.

use serde::{Deserialize, Serialize};

use crate::error::HostError;
use crate::host::Host;
use crate::session::{Names, OtherKeys, SessionId};
use leverframe_store::Unavailable;

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    version: u32,
    steps: u64,
    keys: OtherKeys,
    states: Vec<Vec<u8>>,
}

impl Host {
    /// The histories of a session and of the keys that it was opened with, as bytes.
    ///
    /// # Errors
    /// [`HostError::UnknownSession`], [`HostError::Unavailable`].
    pub fn save(&self, session: SessionId, at: i64) -> Result<Vec<u8>, HostError> {
        let session = self.session(session).ok_or(HostError::UnknownSession)?;
        let states = self.sessions().save(&session.handle, at)?;
        let (steps, keys) = session.known.saved();
        serde_json::to_vec(&Saved { version: VERSION, steps, keys, states }).map_err(|error| damaged(&error.to_string()))
    }

    /// Opens a session with what was saved of it, and says which rules' past that does not hold: those deny what they speak of.
    ///
    /// # Errors
    /// That of [`Host::open`]; [`HostError::Refused`]: the names are others, or have another history here; [`HostError::Unavailable`]: the bytes are none
    /// that were saved.
    pub fn restore(&self, names: &Names<'_>, saved: &[u8], at: i64) -> Result<(SessionId, Vec<String>), HostError> {
        let saved: Saved = serde_json::from_slice(saved).map_err(|_| damaged("the bytes are no saved session"))?;
        if saved.version != VERSION {
            return Err(damaged("the bytes are a saved session of another version"));
        }
        let id = self.open(names, at)?;
        let session = self.session(id).ok_or(HostError::UnknownSession)?;
        match self.sessions().restore(&session.handle, &saved.states, at) {
            Ok(stale) => {
                session.known.restored(saved.steps, &saved.keys);
                Ok((id, stale))
            }
            Err(error) => {
                self.close(id)?;
                Err(error.into())
            }
        }
    }
}

fn damaged(words: &str) -> HostError {
    HostError::Unavailable(Unavailable::Damaged(words.to_owned()))
}
