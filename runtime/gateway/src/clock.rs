//! The time, in milliseconds since 1970.
//!
//! In: the machine's clock. Out: a number. Invariant: a clock that steps back is told as it is: what that does to a session is the engine's to say
//! (`clock` beyond five seconds).
//! Source: language section 5 ("Times").

use std::time::{SystemTime, UNIX_EPOCH};

/// Now.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
