//! Digests of content.
//!
//! In: anything that can be written. Out: half of its SHA-256. Invariant: what differs in writing differs in its digest (no collision is known, or can be looked
//! for in the time that there is). Source: FIPS 180-4.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The digest of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Digest(u128);

impl Digest {
    /// The digest of a text.
    pub(crate) fn of(text: fmt::Arguments<'_>) -> Self {
        let mut hashing = Hashing(Sha256::new());
        // Writing to it cannot fail; what is written may, and then differs from all that does not.
        if hashing.write_fmt(text).is_err() {
            hashing.0.update([0xff]);
        }
        let all = hashing.0.finalize();
        Self(all.iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte)))
    }
}

/// Text on its way into a digest.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

impl From<Digest> for String {
    fn from(Digest(digest): Digest) -> Self {
        format!("{digest:032x}")
    }
}

impl TryFrom<String> for Digest {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}
