//! Which names have a place, and how many may.
//!
//! In: names and times. Out: slots. Invariants: a name has one slot at most, so that one process has one copy of a state; a session's slot goes only when the
//! session has expired, and its name stays, as expired, until the operator's time for forgetting is over; the slot of another key never goes, unless others
//! keep its state too; no more names than the bounds; a table whose names went to another has no more of its own.
//! Source: `runtime/store/README.md`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use leverframe_runtime::Key;

use crate::backend::Backend;
use crate::error::Unavailable;
use crate::keys::KeyName;
use crate::limits::{LOOK_MS, SHARDS};
use crate::options::Options;
use crate::sessions::Swept;
use crate::slot::{Held, Kept, Slot, Standing};

/// What a name has.
#[derive(Debug)]
pub(crate) enum Entry {
    Live(Arc<Slot>),
    /// When it was last used.
    Expired(i64),
}

/// A part of the table: a map for each kind of key.
#[derive(Debug, Default)]
struct Shard {
    names: Mutex<Maps>,
    /// When it was last looked through for want of room.
    looked: AtomicI64,
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    shards: Vec<Shard>,
    sessions: AtomicUsize,
    keys: AtomicUsize,
    expired: AtomicUsize,
    /// Whether the names have gone to another table, for good.
    closed: AtomicBool,
    /// Bytes of states in memory.
    pub(crate) bytes: AtomicUsize,
}

/// What a look through the table goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Care<'a> {
    pub(crate) now: i64,
    pub(crate) options: &'a Options,
    pub(crate) backend: &'a dyn Backend,
}

/// The names of a part: a map for each kind of key.
type Maps = [HashMap<u128, Entry>; 4];
type Names<'t> = MutexGuard<'t, Maps>;

impl Table {
    pub(crate) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        Self { shards, sessions: 0.into(), keys: 0.into(), expired: 0.into(), closed: false.into(), bytes: 0.into() }
    }

    /// Names with a place, sessions and others, and names that have expired.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (read(&self.sessions), read(&self.keys), read(&self.expired))
    }

    /// The slot of a name; none where it has none.
    pub(crate) fn find(&self, name: KeyName) -> Result<Option<Arc<Slot>>, Unavailable> {
        let names = self.lock(self.shard(name)?)?;
        match names.get(index(name.kind)).and_then(|map| map.get(&name.identity)) {
            None => Ok(None),
            Some(Entry::Live(slot)) => Ok(Some(slot.clone())),
            Some(Entry::Expired(_)) => Err(Unavailable::Expired),
        }
    }

    /// The slot of a name, made where there is none.
    pub(crate) fn place(&self, name: KeyName, care: Care<'_>) -> Result<Arc<Slot>, Unavailable> {
        if let Some(slot) = self.find(name)? {
            return Ok(slot);
        }
        let shard = self.shard(name)?;
        if !self.has_room(name.kind, care.options) && care.now.saturating_sub(shard.looked.load(Ordering::Relaxed)) >= LOOK_MS {
            shard.looked.store(care.now, Ordering::Relaxed);
            self.sweep_shard(shard, care, true)?;
        }
        let mut names = self.lock(shard)?;
        let map = names.get_mut(index(name.kind)).ok_or(Unavailable::Full)?;
        match map.get(&name.identity) {
            Some(Entry::Live(slot)) => return Ok(slot.clone()),
            Some(Entry::Expired(_)) => return Err(Unavailable::Expired),
            None => {}
        }
        self.take_room(name.kind, care.options)?;
        // Where others may have begun it, the first decision is made as if nobody had, and again if somebody has: so a new name costs one round trip.
        let slot = Arc::new(Slot::new(name, Kept::Fresh, care.now));
        map.insert(name.identity, Entry::Live(slot.clone()));
        Ok(slot)
    }

    /// Enters a slot that was there before, without asking for room.
    pub(crate) fn enter(&self, slot: Slot) -> Result<(), Unavailable> {
        let name = slot.name;
        let mut names = lock(self.shard(name)?)?;
        self.count(name.kind).fetch_add(1, Ordering::Relaxed);
        if let Some(map) = names.get_mut(index(name.kind)) {
            map.insert(name.identity, Entry::Live(Arc::new(slot)));
        }
        Ok(())
    }

    /// Enters a name that had expired before.
    pub(crate) fn enter_expired(&self, name: KeyName, used: i64) -> Result<(), Unavailable> {
        let mut names = lock(self.shard(name)?)?;
        self.expired.fetch_add(1, Ordering::Relaxed);
        if let Some(map) = names.get_mut(index(name.kind)) {
            map.insert(name.identity, Entry::Expired(used));
        }
        Ok(())
    }

    /// Lets go what is over.
    pub(crate) fn sweep(&self, care: Care<'_>) -> Result<Swept, Unavailable> {
        let mut swept = Swept::default();
        for shard in &self.shards {
            let part = self.sweep_shard(shard, care, false)?;
            swept.expired += part.expired;
            swept.forgotten += part.forgotten;
        }
        Ok(swept)
    }

    /// Takes every slot and expired name out of the table, which takes no others from then on: what began here would be missing there.
    pub(crate) fn drain(&self) -> Result<Vec<(KeyName, Entry)>, Unavailable> {
        if self.closed.swap(true, Ordering::SeqCst) {
            return Err(Unavailable::ForeignHandle);
        }
        let mut found = Vec::new();
        for shard in &self.shards {
            let mut names = lock(shard)?;
            for (map, kind) in names.iter_mut().zip(crate::keys::ORDER) {
                found.extend(map.drain().map(|(identity, entry)| (KeyName { kind, identity }, entry)));
            }
        }
        Ok(found)
    }

    /// Lets go what is over in a part; `pressed`: room is wanted.
    fn sweep_shard(&self, shard: &Shard, care: Care<'_>, pressed: bool) -> Result<Swept, Unavailable> {
        let mut names = lock(shard)?;
        if care.backend.is_shared() {
            return Ok(self.drop_copies(&mut names, care, pressed));
        }
        let mut swept = Swept::default();
        let [sessions, ..] = &mut *names;
        let mut failed = None;
        sessions.retain(|identity, entry| {
            let name = KeyName { kind: Key::Session, identity: *identity };
            let outcome = match entry {
                Entry::Live(slot) => self.expire(slot, care).map(|over| {
                    if let Some(used) = over {
                        *entry = Entry::Expired(used);
                        swept.expired += 1;
                    }
                    true
                }),
                Entry::Expired(used) => self.forget(name, *used, care).map(|gone| {
                    swept.forgotten += usize::from(gone);
                    !gone
                }),
            };
            outcome.unwrap_or_else(|error| {
                failed = Some(error);
                true
            })
        });
        failed.map_or(Ok(swept), Err)
    }

    /// When a session was last used that expires now; none where it does not, or its name could not be remembered.
    fn expire(&self, slot: &Slot, care: Care<'_>) -> Result<Option<i64>, Unavailable> {
        let Care { now, options, backend } = care;
        let Some(mut held) = slot.try_lock().filter(|held| held.is_over(options.idle_ms, now)) else { return Ok(None) };
        held.standing = Standing::Expired;
        if self.expired.load(Ordering::Relaxed) >= options.expired {
            return Ok(None);
        }
        backend.expire(slot.name, held.used)?;
        self.expired.fetch_add(1, Ordering::Relaxed);
        self.sessions.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(held.weight(), Ordering::Relaxed);
        held.kept = Kept::Elsewhere;
        Ok(Some(held.used))
    }

    fn forget(&self, name: KeyName, used: i64, care: Care<'_>) -> Result<bool, Unavailable> {
        let Care { now, options, backend } = care;
        let after = options.idle_ms.unwrap_or(0).saturating_add(options.forget_ms.unwrap_or(i64::MAX));
        if now.saturating_sub(used) <= after {
            return Ok(false);
        }
        backend.forget(name)?;
        self.expired.fetch_sub(1, Ordering::Relaxed);
        Ok(true)
    }

    /// Drops what nobody here uses and others keep: what was long not used, or all of it where room is wanted.
    fn drop_copies(&self, names: &mut Names<'_>, care: Care<'_>, pressed: bool) -> Swept {
        let mut swept = Swept::default();
        for (map, kind) in names.iter_mut().zip(crate::keys::ORDER) {
            map.retain(|_, entry| {
                let Entry::Live(slot) = entry else { return false };
                let over = |held: &Held| pressed || held.is_over(care.options.idle_ms, care.now);
                let Some(held) = slot.try_lock().filter(|held| Arc::strong_count(slot) == 1 && over(held)) else { return true };
                self.bytes.fetch_sub(held.weight(), Ordering::Relaxed);
                self.count(kind).fetch_sub(1, Ordering::Relaxed);
                swept.expired += usize::from(kind == Key::Session);
                false
            });
        }
        swept
    }

    /// A part, while the table is not closed.
    fn lock<'t>(&self, shard: &'t Shard) -> Result<Names<'t>, Unavailable> {
        let names = lock(shard)?;
        // Asked under the lock, which draining takes after closing.
        if self.closed.load(Ordering::SeqCst) { Err(Unavailable::ForeignHandle) } else { Ok(names) }
    }

    fn has_room(&self, kind: Key, options: &Options) -> bool {
        let most = if kind == Key::Session { options.sessions } else { options.keys };
        self.count(kind).load(Ordering::Relaxed) < most && self.bytes.load(Ordering::Relaxed) < options.bytes
    }

    fn take_room(&self, kind: Key, options: &Options) -> Result<(), Unavailable> {
        let most = if kind == Key::Session { options.sessions } else { options.keys };
        let one_more = |count: usize| (count < most).then_some(count + 1);
        if self.bytes.load(Ordering::Relaxed) >= options.bytes {
            return Err(Unavailable::Full);
        }
        self.count(kind).fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).map(|_| ()).map_err(|_| Unavailable::Full)
    }

    fn count(&self, kind: Key) -> &AtomicUsize {
        if kind == Key::Session { &self.sessions } else { &self.keys }
    }

    fn shard(&self, name: KeyName) -> Result<&Shard, Unavailable> {
        // The identity is a hash already.
        let low = u64::try_from(name.identity & u128::from(u64::MAX)).unwrap_or(0);
        let at = usize::try_from(low).unwrap_or(0) % SHARDS;
        self.shards.get(at).ok_or(Unavailable::Full)
    }
}

fn lock(shard: &Shard) -> Result<Names<'_>, Unavailable> {
    shard.names.lock().map_err(|_| Unavailable::Damaged("the table of names".to_owned()))
}

fn index(kind: Key) -> usize {
    crate::keys::ORDER.iter().position(|known| *known == kind).unwrap_or(0)
}
