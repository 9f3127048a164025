//! States in Redis or Valkey, for many gateways: one node, or a cluster.
//!
//! In: addresses, a space of names. Out: a [`Backend`]. Invariants: states change by one script that compares versions ([`script`]); all of a call's states lie
//! together ([`layout`]); a store that is not there is not made by opening it, and parts that were emptied are noticed by their marks; a server that may forget
//! what it has acknowledged is refused unless the operator accepts that.
//! Left out: TLS; a tunnel does it.
//! Source: `runtime/store/README.md`.

mod layout;
mod link;
mod script;

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use leverframe_runtime::Policy;
use redis::{Script, Value, cmd};

use self::layout::{Divided, Layout, kind_of};
use self::link::{Link, Wire};
use crate::backend::{Backend, Change, Committed, Found, NOTHING, Version};
use crate::error::{OpenError, Unavailable};
use crate::keys::{KeyName, Kinds};
use crate::options::Options;
use crate::sessions::Sessions;

const FORMAT: &str = "1";
/// The version that no state has.
const NONE: &[u8] = b"?";

/// Where the store is and how long it is waited for.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://[user:password@]host:port[/database]`; of a cluster some of its nodes.
    pub addresses: Vec<String>,
    /// Whether it is a cluster.
    pub cluster: bool,
    /// The name under which all keys lie: one for each store.
    pub space: String,
    /// Connections at most.
    pub connections: usize,
    /// How long a connection, an answer and a free connection are waited for, each.
    pub timeout: Duration,
    /// Replicas that must have a change before it counts, so that none is lost when one takes over; 0: none.
    pub replicas: u32,
    /// Accepts a server that may forget what it has acknowledged: without an append-only file, with one that is written each second, or one that evicts keys.
    pub accept_loss: bool,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            addresses: vec!["redis://127.0.0.1:6379".to_owned()],
            cluster: false,
            space: "leverframe".to_owned(),
            connections: 64,
            timeout: Duration::from_millis(500),
            replicas: 0,
            accept_loss: false,
        }
    }
}

impl Debug for RedisOptions {
    /// Without the addresses, in which passwords stand.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("RedisOptions");
        shown.field("cluster", &self.cluster).field("space", &self.space).field("replicas", &self.replicas).finish_non_exhaustive()
    }
}

/// Makes an empty store in its space of names.
///
/// # Errors
/// [`OpenError`]: there is one, the server cannot be reached, or it may forget.
pub fn create(options: &RedisOptions, policy: &Policy) -> Result<(), OpenError> {
    let link = Link::new(options)?;
    let kinds = Kinds::of(policy);
    let layout = Layout::new(&options.space, Divided::of(kinds, options.cluster))?;
    let about = Layout::about(&options.space);
    let mark = format!("{:032x}", u128::from_le_bytes(random()?));
    link.with(|wire| {
        if wire.ask::<bool>(cmd("EXISTS").arg(&about))? {
            return Ok(Err(OpenError::Present(options.space.clone())));
        }
        if let Err(error) = steady(wire, options.accept_loss) {
            return Ok(Err(error));
        }
        for bucket in 0..layout.divided.buckets() {
            wire.ask::<()>(cmd("SET").arg(layout.mark(bucket)).arg(&mark))?;
        }
        let text = about_text(&mark, layout.divided, kinds);
        // The last, so that what is not whole is not there.
        let made = wire.ask::<Option<String>>(cmd("SET").arg(&about).arg(text).arg("NX"))?;
        Ok(made.map(|_| ()).ok_or_else(|| OpenError::Present(options.space.clone())))
    })
    .map_err(|error| OpenError::Unreachable(error.to_string()))?
}

fn about_text(mark: &str, divided: Divided, kinds: Kinds) -> String {
    format!("{FORMAT} {mark} {} {}", divided.letter(), kinds.text())
}

fn random<const N: usize>() -> Result<[u8; N], OpenError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| OpenError::Unreachable(error.to_string()))?;
    Ok(bytes)
}

/// Whether the server keeps what it acknowledges.
fn steady(wire: &mut Wire, accept_loss: bool) -> Result<(), OpenError> {
    if accept_loss {
        return Ok(());
    }
    let mut ask = |parts: &[&str]| {
        let mut command = cmd(parts.first().unwrap_or(&"INFO"));
        parts.iter().skip(1).for_each(|part| {
            command.arg(part);
        });
        let answer = wire.ask::<Value>(&command).map_err(|error| OpenError::Forgetful(format!("it cannot be asked: {error}")))?;
        let mut found = Vec::new();
        texts(&answer, &mut found);
        Ok(found)
    };
    let forgetful = |why: &str| Err(OpenError::Forgetful(why.to_owned()));
    let persistence = ask(&["INFO", "persistence"])?;
    if persistence.iter().filter(|text| text.contains("aof_enabled:")).any(|text| !text.contains("aof_enabled:1")) {
        return forgetful("it has no append-only file (appendonly yes)");
    }
    if ask(&["CONFIG", "GET", "appendfsync"])?.iter().any(|text| text == "everysec") {
        return forgetful(
            "it writes its append-only file up to two seconds late (appendfsync always, or no where only the process may end)",
        );
    }
    let memory = ask(&["INFO", "memory"])?;
    let evicts = |text: &&String| text.contains("maxmemory_policy:") && !text.contains("maxmemory_policy:noeviction");
    if memory.iter().filter(evicts).any(|text| !text.contains("maxmemory:0\r\n")) {
        return forgetful("it evicts keys for want of memory (maxmemory-policy noeviction)");
    }
    Ok(())
}

/// All texts of an answer, of however many nodes.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::BulkString(bytes) => found.push(String::from_utf8_lossy(bytes).into_owned()),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => found.push(text.clone()),
        Value::Array(parts) | Value::Set(parts) => parts.iter().for_each(|part| texts(part, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, part)| texts(part, found)),
        _ => {}
    }
}

impl Sessions {
    /// Keeps states in a store that [`crate::create_in_redis`] has made, which other processes use, too. What lies in memory are copies.
    ///
    /// # Errors
    /// [`OpenError`]: the store is absent, cannot be reached, may forget, or has not kept what the policy reads.
    pub fn in_redis(policy: Arc<Policy>, options: Options, redis: &RedisOptions) -> Result<Self, OpenError> {
        let backend = Redis::open(&policy, &options, redis)?;
        Ok(Self::new(policy, options, Arc::new(backend)))
    }
}

/// A store in Redis.
pub(crate) struct Redis {
    link: Link,
    layout: Layout,
    mark: String,
    idle: String,
    forget: String,
    instance: [u8; 8],
    written: AtomicU64,
    replicas: u32,
    timeout: Duration,
    change: Script,
    home: Script,
}

impl Debug for Redis {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redis").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl Redis {
    fn open(policy: &Policy, options: &Options, redis: &RedisOptions) -> Result<Self, OpenError> {
        let link = Link::new(redis)?;
        let about = link.with(|wire| {
            let about = wire.ask::<Option<String>>(cmd("GET").arg(Layout::about(&redis.space)))?;
            Ok((about, steady(wire, redis.accept_loss)))
        });
        let (about, steady) = about.map_err(|error| OpenError::Unreachable(error.to_string()))?;
        let about = about.ok_or_else(|| OpenError::Absent(redis.space.clone()))?;
        steady?;
        let (mark, divided, kept) = read_about(&about)?;
        if let Some(lacking) = Kinds::of(policy).beyond(kept) {
            return Err(OpenError::NotKept(lacking));
        }
        let milliseconds = |time: Option<i64>| time.unwrap_or(0).max(0).to_string();
        let forget = options.forget_ms.map(|forget| forget.saturating_add(options.idle_ms.unwrap_or(0)));
        let opened = Self {
            link,
            layout: Layout::new(&redis.space, divided)?,
            mark: mark.to_owned(),
            idle: milliseconds(options.idle_ms),
            forget: milliseconds(forget),
            instance: random()?,
            written: AtomicU64::new(0),
            replicas: redis.replicas,
            timeout: redis.timeout,
            change: Script::new(script::CHANGE),
            home: Script::new(script::HOME),
        };
        opened.adopt(Kinds::of(policy))?;
        Ok(opened)
    }

    /// A version that no state has had.
    fn version(&self) -> Version {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let mut version = NOTHING;
        version.iter_mut().zip(self.instance.into_iter().chain(number.to_be_bytes())).for_each(|(place, byte)| *place = byte);
        version
    }

    /// Runs the script over all states of a call: what each was and becomes.
    fn run(&self, names: &[KeyName], steps: &[(Vec<u8>, Vec<u8>)]) -> Result<Vec<Vec<u8>>, Unavailable> {
        let bucket = self.layout.bucket(names.iter().copied()).ok_or(Unavailable::OtherKey)?;
        let session = names.first().ok_or(Unavailable::Unknown)?;
        let mut script = self.change.prepare_invoke();
        script.key(self.layout.mark(bucket)).arg(&self.mark).arg(names.len()).arg(&self.idle).arg(&self.forget);
        for (name, (from, to)) in names.iter().zip(steps) {
            script.key(self.layout.state(bucket, *name)).arg(from.as_slice()).arg(to.as_slice());
        }
        script.key(self.layout.begun(bucket, *session));
        let writes = steps.iter().any(|(_, to)| !to.is_empty());
        let (answer, replicas) = self.link.with(|wire| {
            let answer: Vec<Vec<u8>> = wire.run(&script)?;
            let waits = self.replicas > 0 && writes && answer.first().is_some_and(|word| word == b"done");
            let replicas = if waits { wire.wait(&self.layout.tag(bucket), self.replicas, self.timeout / 2)? } else { self.replicas };
            Ok((answer, replicas))
        })?;
        if replicas < self.replicas { Err(Unavailable::Unreplicated) } else { Ok(answer) }
    }
}

/// The mark, the division and the kinds of keys that a store says it has.
fn read_about(about: &str) -> Result<(&str, Divided, &str), OpenError> {
    let mut parts = about.split(' ');
    let format = parts.next().unwrap_or("");
    if format != FORMAT {
        return Err(OpenError::Version(format.to_owned()));
    }
    let damaged = || OpenError::Damaged("what it says of itself cannot be read".to_owned());
    let (Some(mark), Some(divided), Some(kinds)) = (parts.next(), parts.next(), parts.next()) else { return Err(damaged()) };
    let divided = match divided.chars().next() {
        Some('-') => Divided::Whole,
        Some(letter) => Divided::By(kind_of(letter).ok_or_else(damaged)?),
        None => return Err(damaged()),
    };
    Ok((mark, divided, kinds))
}

/// What stands at a key: a version and a saved state.
fn found(value: &[u8]) -> Result<Found, Unavailable> {
    if value.is_empty() {
        return Ok(Found::Nothing);
    }
    let (version, state) = value.split_first_chunk().ok_or_else(|| Unavailable::Damaged("a state is too short".to_owned()))?;
    Ok(Found::Kept(*version, state.to_vec()))
}

/// What the script answered, if it was neither that the session has expired nor that the store is another.
fn answered(answer: &[Vec<u8>]) -> Result<(&[u8], &[Vec<u8>]), Unavailable> {
    let (word, values) = answer.split_first().ok_or_else(|| Unavailable::Damaged("an empty answer".to_owned()))?;
    match word.as_slice() {
        b"expired" => Err(Unavailable::Expired),
        b"lost" => Err(Unavailable::Damaged("its mark is gone: it was emptied, or is another".to_owned())),
        word => Ok((word, values)),
    }
}

impl Backend for Redis {
    fn keeps(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn load(&self, names: &[KeyName]) -> Result<Vec<Found>, Unavailable> {
        let steps: Vec<_> = names.iter().map(|_| (NONE.to_vec(), Vec::new())).collect();
        let answer = self.run(names, &steps)?;
        answered(&answer)?.1.iter().map(|value| found(value)).collect()
    }

    fn commit(&self, changes: &[Change]) -> Result<Committed, Unavailable> {
        let version = self.version();
        let from = |change: &Change| if change.from == NOTHING { Vec::new() } else { change.from.to_vec() };
        let to = |change: &Change| change.to.as_ref().map_or(Vec::new(), |state| [&version[..], state].concat());
        let (names, steps): (Vec<_>, Vec<_>) = changes.iter().map(|change| (change.name, (from(change), to(change)))).unzip();
        let answer = self.run(&names, &steps)?;
        match answered(&answer)? {
            (b"done", _) => Ok(Committed::Done(version)),
            (_, values) => Ok(Committed::Moved(values.iter().map(|value| found(value)).collect::<Result<_, _>>()?)),
        }
    }

    fn expire(&self, _: KeyName, _: i64) -> Result<(), Unavailable> {
        Ok(())
    }

    fn forget(&self, _: KeyName) -> Result<(), Unavailable> {
        Ok(())
    }

    /// Notes, where the store is divided by another kind of key than the session, with whose states the session's lies; it never moves.
    fn admit(&self, names: &[Option<KeyName>; 4]) -> Result<(), Unavailable> {
        let Some(kind) = self.layout.divided.follows() else { return Ok(()) };
        let by = names.iter().flatten().find(|name| name.kind == kind).ok_or(Unavailable::OtherKey)?;
        let [Some(session), ..] = names else { return Err(Unavailable::Unknown) };
        let own = format!("{:032x}", by.identity);
        let mut script = self.home.prepare_invoke();
        script.key(self.layout.mark(Layout::bucket_of(*session))).key(self.layout.home(*session)).arg(&self.mark).arg(&own);
        let home: String = self.link.with(|wire| wire.run(&script))?;
        match home.as_str() {
            "lost" => Err(Unavailable::Damaged("its mark is gone: it was emptied, or is another".to_owned())),
            home if home == own => Ok(()),
            _ => Err(Unavailable::OtherKey),
        }
    }

    fn adopt(&self, kinds: Kinds) -> Result<(), OpenError> {
        if let Divided::By(_) = self.layout.divided
            && Divided::of(kinds, true) != self.layout.divided
        {
            return Err(OpenError::Options("the store is divided by other kinds of keys than the policy reads: create another".to_owned()));
        }
        let text = about_text(&self.mark, self.layout.divided, kinds);
        let noted = self.link.with(|wire| wire.ask::<()>(cmd("SET").arg(Layout::about(&self.layout.space)).arg(text).arg("XX")));
        noted.map_err(|error| OpenError::Unreachable(error.to_string()))
    }
}
