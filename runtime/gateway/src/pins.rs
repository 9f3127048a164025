//! Whether a server's tool is still the one that was looked at.
//!
//! In: the file of pinned tools; tools as servers offer them. Out: yes, or why not. Invariant: where there is a lock, what it does not know is not called.
//! Source: `lang-spec/lock.md`.

use std::path::Path;

use leverframe_trust::lock::Lock;

use crate::upstream::Listed;

/// The pins; without a lock every tool is taken as it is.
#[derive(Debug, Default)]
pub struct Pins(Option<Lock>);

/// A lock that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lock {path} cannot be used: {words}")]
pub struct PinsFault {
    path: String,
    words: String,
}

impl Pins {
    /// Those of a file.
    ///
    /// # Errors
    /// [`PinsFault`].
    pub fn open(path: Option<&Path>) -> Result<Self, PinsFault> {
        let Some(path) = path else { return Ok(Self(None)) };
        let fault = |words: String| PinsFault { path: path.display().to_string(), words };
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        Lock::read(&text).map(|lock| Self(Some(lock))).map_err(|error| fault(error.to_string()))
    }

    /// Whether a tool of a server is the one that is pinned.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self, alias: &str, tool: &Listed) -> Result<(), String> {
        let Some(lock) = &self.0 else { return Ok(()) };
        lock.check(&format!("{alias}.{}", tool.name), &tool.raw).map_err(|differs| differs.to_string())
    }
}
