//! Entries by digest, the ones that nobody needs any more left behind.
//!
//! In: values. Out: values. Invariant: an entry is kept for as many runs as the bound says after the last that needed it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::limits::CACHE_RUNS;

/// Values by digest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Table<T>(BTreeMap<Digest, Entry<T>>);

/// How many runs ago a value was needed, and the value.
#[derive(Debug, Serialize, Deserialize)]
struct Entry<T>(u8, T);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Clone> Table<T> {
    /// The value of a digest.
    pub(crate) fn get(&mut self, digest: Digest) -> Option<T> {
        let Entry(age, value) = self.0.get_mut(&digest)?;
        *age = 0;
        Some(value.clone())
    }

    /// Takes a value in.
    pub(crate) fn insert(&mut self, digest: Digest, value: T) {
        self.0.insert(digest, Entry(0, value));
    }

    /// One run later.
    pub(crate) fn aged(mut self) -> Self {
        self.0.retain(|_, Entry(age, _)| {
            *age = age.saturating_add(1);
            *age <= CACHE_RUNS
        });
        self
    }
}
