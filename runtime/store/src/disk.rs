//! States on disk, of one process: a key-value store (fjall) whose journal is in the operating system's hands before a decision is given out.
//!
//! In: a folder. Out: a [`Backend`]. Form: keyspace `states`, by the letter of the kind of key and the identity, the time of the last use and the saved state
//! (of an expired session the time alone); keyspace `about`, the version, the kinds of keys, and how many commits there were. Invariants: the folder is one
//! process's; a store that is not there is not made by opening it; one that holds fewer commits than were acknowledged is refused. fjall cuts off the journal
//! where it cannot be read, as it has to after a crash; so the file `acknowledged` counts the commits beside it, and what was cut off is noticed.
//! Source: `runtime/store/README.md`.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode};
use leverframe_runtime::Policy;

use crate::backend::{Backend, Change, Committed, Found, NOTHING};
use crate::error::{OpenError, Unavailable};
use crate::keys::{KeyName, Kinds, ORDER, letter};
use crate::options::Options;
use crate::sessions::Sessions;
use crate::slot::{Kept, Slot};

const FORMAT: &[u8] = b"1";
const TIME: usize = 8;

/// What an acknowledged decision survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process, however it comes. A loss of power may cost the last decisions; the store then refuses to open.
    #[default]
    Process,
    /// A loss of power, too, as far as the disk keeps what it says it has kept. Decisions that wait together are synchronised together.
    Power,
}

/// Makes an empty store in a folder.
///
/// # Errors
/// [`OpenError`]: there is something in the folder, or it cannot be written.
pub fn create(path: &Path, policy: &Policy) -> Result<(), OpenError> {
    let used = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Err(OpenError::Present(path.display().to_string()));
    }
    fs::create_dir_all(path).map_err(unreachable)?;
    let (database, _, about) = keyspaces(path)?;
    about.insert("commits", 0_u64.to_le_bytes()).map_err(unreachable)?;
    about.insert("kinds", Kinds::of(policy).text()).map_err(unreachable)?;
    about.insert("format", FORMAT).map_err(unreachable)?;
    database.persist(PersistMode::SyncAll).map_err(unreachable)?;
    let mut mark = File::create(path.join("acknowledged")).map_err(unreachable)?;
    write_mark(&mut mark, 0).and_then(|()| mark.sync_all()).map_err(unreachable)
}

fn keyspaces(path: &Path) -> Result<(Database, Keyspace, Keyspace), OpenError> {
    // fjall asserts, here and there, what a damaged file does not hold.
    let opened = catch_unwind(|| Database::builder(path.join("states")).open());
    let database = opened.map_err(|_| OpenError::Damaged("its files do not fit together".to_owned()))?.map_err(unreachable)?;
    let states = database.keyspace("states", KeyspaceCreateOptions::default).map_err(unreachable)?;
    let about = database.keyspace("about", KeyspaceCreateOptions::default).map_err(unreachable)?;
    Ok((database, states, about))
}

fn unreachable(error: impl std::fmt::Display) -> OpenError {
    OpenError::Unreachable(error.to_string())
}

fn failed(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::Unreachable(error.to_string())
}

fn broken_off<T>(_: PoisonError<T>) -> Unavailable {
    Unavailable::Damaged("a commit broke off".to_owned())
}

/// The number of commits that were acknowledged, and its complement.
fn write_mark(mark: &mut File, commits: u64) -> std::io::Result<()> {
    mark.seek(SeekFrom::Start(0))?;
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(commits.to_le_bytes().into_iter().chain((!commits).to_le_bytes())).for_each(|(place, byte)| *place = byte);
    mark.write_all(&bytes)
}

fn read_mark(mark: &mut File) -> Option<u64> {
    let mut bytes = Vec::new();
    mark.read_to_end(&mut bytes).ok()?;
    let (commits, complement) = (number(bytes.get(..8)?)?, number(bytes.get(8..)?)?);
    (commits == !complement).then_some(commits)
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}

impl Sessions {
    /// Keeps states in a folder that [`crate::create_on_disk`] has made. They are read when they are first used.
    ///
    /// # Errors
    /// [`OpenError`]: the store is absent, damaged, of another version, another process's, or has not kept what the policy reads.
    pub fn on_disk(policy: Arc<Policy>, options: Options, path: &Path, durability: Durability) -> Result<Self, OpenError> {
        let disk = Disk::open(path, durability)?;
        let kept = disk.about("kinds")?;
        let kinds = Kinds::of(&policy);
        if let Some(lacking) = kinds.beyond(&String::from_utf8_lossy(&kept)) {
            return Err(OpenError::NotKept(lacking));
        }
        disk.adopt(kinds)?;
        let disk = Arc::new(disk);
        let sessions = Self::new(policy, options, disk.clone());
        disk.enter(&sessions)?;
        Ok(sessions)
    }
}

/// The folder.
pub(crate) struct Disk {
    database: Database,
    states: Keyspace,
    about: Keyspace,
    durability: Durability,
    /// The process that opened it; one that is split off from it (fork) would write over its journal.
    process: u32,
    commits: Mutex<u64>,
    acknowledged: Mutex<Mark>,
}

struct Mark {
    file: File,
    commits: u64,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Disk").field("durability", &self.durability).finish_non_exhaustive()
    }
}

impl Disk {
    fn open(path: &Path, durability: Durability) -> Result<Self, OpenError> {
        let absent = || OpenError::Absent(path.display().to_string());
        if !path.join("states").is_dir() {
            return Err(absent());
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path.join("acknowledged")).map_err(|_| absent())?;
        let acknowledged = read_mark(&mut file).ok_or_else(|| OpenError::Damaged("the file `acknowledged` cannot be read".to_owned()))?;
        let (database, states, about) = keyspaces(path)?;
        let mark = Mark { file, commits: acknowledged };
        let process = std::process::id();
        let disk = Self { database, states, about, durability, process, commits: Mutex::new(0), acknowledged: Mutex::new(mark) };
        let format = disk.about("format")?;
        if format != FORMAT {
            return Err(OpenError::Version(String::from_utf8_lossy(&format).into_owned()));
        }
        let commits = number(&disk.about("commits")?).unwrap_or(0);
        if commits < acknowledged {
            return Err(OpenError::Damaged(format!("{acknowledged} changes were acknowledged, and {commits} are there")));
        }
        if let Ok(mut counted) = disk.commits.lock() {
            *counted = commits;
        }
        Ok(disk)
    }

    fn about(&self, what: &str) -> Result<Vec<u8>, OpenError> {
        let found = self.about.get(what).map_err(|error| OpenError::Damaged(error.to_string()))?;
        found.map(|bytes| bytes.to_vec()).ok_or_else(|| OpenError::Damaged(format!("`{what}` is missing")))
    }

    /// Enters all names into the table, without their states.
    fn enter(&self, sessions: &Sessions) -> Result<(), OpenError> {
        let damaged = |why: String| OpenError::Damaged(why);
        for item in self.states.iter() {
            let (key, value) = item.into_inner().map_err(|error| damaged(error.to_string()))?;
            let (name, (used, state)) =
                name_of(&key).zip(parts(&value)).ok_or_else(|| damaged("an entry is neither a state nor a name".to_owned()))?;
            let entered = match state {
                [] => sessions.table.enter_expired(name, used),
                _ => sessions.table.enter(Slot::new(name, Kept::Elsewhere, used)),
            };
            entered.map_err(|error| damaged(error.to_string()))?;
        }
        Ok(())
    }

    /// Whether this is the process that opened it.
    fn own(&self) -> Result<(), Unavailable> {
        if self.process == std::process::id() { Ok(()) } else { Err(Unavailable::ForeignHandle) }
    }

    /// Commits what `fill` enters, and returns when it is as durable as it is to be.
    fn keep(&self, fill: impl FnOnce(&mut OwnedWriteBatch, &Keyspace)) -> Result<(), Unavailable> {
        self.own()?;
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        fill(&mut batch, &self.states);
        let mut commits = self.commits.lock().map_err(broken_off)?;
        let number = *commits + 1;
        batch.insert(&self.about, "commits", number.to_le_bytes());
        batch.commit().map_err(failed)?;
        *commits = number;
        if self.durability == Durability::Process {
            return acknowledge(&mut *self.acknowledged.lock().map_err(broken_off)?, number);
        }
        drop(commits);
        self.synchronise(number, self.acknowledged.lock().map_err(broken_off)?)
    }

    /// Waits until a commit is on the disk. Whoever has the lock synchronises for all that wait for it.
    fn synchronise(&self, number: u64, mut acknowledged: MutexGuard<'_, Mark>) -> Result<(), Unavailable> {
        if acknowledged.commits >= number {
            return Ok(());
        }
        let all = self.commits.lock().map_or(number, |commits| *commits);
        self.database.persist(PersistMode::SyncData).map_err(failed)?;
        acknowledge(&mut acknowledged, all)
    }
}

fn acknowledge(mark: &mut Mark, commits: u64) -> Result<(), Unavailable> {
    write_mark(&mut mark.file, commits).map_err(failed)?;
    mark.commits = commits;
    Ok(())
}

fn key_of(name: KeyName) -> Vec<u8> {
    let kind = u8::try_from(letter(name.kind)).unwrap_or(b'?');
    std::iter::once(kind).chain(name.identity.to_be_bytes()).collect()
}

fn name_of(key: &[u8]) -> Option<KeyName> {
    let (kind, identity) = key.split_first()?;
    let kind = ORDER.into_iter().find(|known| u8::try_from(letter(*known)) == Ok(*kind))?;
    Some(KeyName { kind, identity: u128::from_be_bytes(identity.try_into().ok()?) })
}

/// When a state was last used, and the state.
fn parts(value: &[u8]) -> Option<(i64, &[u8])> {
    let (used, state) = value.split_at_checked(TIME)?;
    Some((i64::from_le_bytes(used.try_into().ok()?), state))
}

impl Backend for Disk {
    fn keeps(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn kinds(&self, read: Kinds) -> Kinds {
        read
    }

    fn load(&self, names: &[KeyName]) -> Result<Vec<Found>, Unavailable> {
        self.own()?;
        let load = |name: &KeyName| {
            let found = self.states.get(key_of(*name)).map_err(|error| Unavailable::Damaged(error.to_string()))?;
            Ok(match found.as_deref().map(parts) {
                None => Found::Nothing,
                Some(None) => return Err(Unavailable::Damaged("an entry is no state".to_owned())),
                Some(Some((_, []))) => Found::Expired,
                Some(Some((_, state))) => Found::Kept(NOTHING, state.to_vec()),
            })
        };
        names.iter().map(load).collect()
    }

    fn commit(&self, changes: &[Change]) -> Result<Committed, Unavailable> {
        self.keep(|batch, states| {
            for change in changes {
                if let Some(state) = &change.to {
                    let value: Vec<u8> = change.used.to_le_bytes().iter().chain(state).copied().collect();
                    batch.insert(states, key_of(change.name), value);
                }
            }
        })?;
        Ok(Committed::Done(NOTHING))
    }

    fn expire(&self, name: KeyName, used: i64) -> Result<(), Unavailable> {
        self.keep(|batch, states| batch.insert(states, key_of(name), used.to_le_bytes()))
    }

    fn forget(&self, name: KeyName) -> Result<(), Unavailable> {
        self.keep(|batch, states| batch.remove(states, key_of(name)))
    }

    fn admit(&self, _: &[Option<KeyName>; 4]) -> Result<(), Unavailable> {
        Ok(())
    }

    fn adopt(&self, kinds: Kinds) -> Result<(), OpenError> {
        self.about.insert("kinds", kinds.text()).map_err(unreachable)?;
        self.database.persist(PersistMode::SyncAll).map_err(unreachable)
    }
}
