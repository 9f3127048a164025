//! States in Redis or Valkey, for many gateways: one node, or a cluster.
//!
//! In: addresses, a space of names. Out: a [`Backend`]. Invariants: states change by one script that compares versions ([`script`]); all of a call's states lie
//! together ([`layout`]); a store that is not there is not made by opening it; parts that were emptied, set back or lost some of their states are noticed by their registers; a
//! server that may forget what it has acknowledged is refused unless the operator accepts that; where replicas are asked for, no decision is given out that they could not know of.
//! Source: `runtime/store/README.md`.

mod door;
mod layout;
mod link;
mod options;
mod order;
mod route;
mod script;
mod steady;

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use leverframe_runtime::{Key, Policy};
use redis::{Connection, ErrorKind, RedisError, RedisResult, cmd};

use self::layout::{Divided, Layout, kind_of};
pub use self::options::{RedisOptions, Tls};
use self::order::{Code, Obeyed, Order};
use self::route::Route;
use crate::backend::{Backend, Change, Committed, Found, NOTHING, Version};
use crate::error::{OpenError, Unavailable};
use crate::keys::{KeyName, Kinds, letter};
use crate::options::Options;
use crate::sessions::Sessions;

const FORMAT: &str = "2";
/// The version that no state has.
const NONE: &[u8] = b"?";

/// Makes an empty store in its space of names.
///
/// # Errors
/// [`OpenError`]: there is one, the server cannot be reached, or it may forget.
pub fn create(options: &RedisOptions, policy: &Policy) -> Result<(), OpenError> {
    let route = Route::new(options)?;
    let kinds = Kinds::of(policy);
    let layout = Layout::new(&options.space, Divided::of(kinds, options.cluster))?;
    let about = Layout::about(&options.space);
    let mark = format!("{:032x}", u128::from_le_bytes(random().map_err(OpenError::Unreachable)?));
    let present = || OpenError::Present(options.space.clone());
    if route.with(&options.space, |wire, _| cmd("EXISTS").arg(&about).query::<bool>(wire))? {
        return Err(present());
    }
    let wait = (options.replicas, options.timeout / 2);
    for bucket in 0..layout.divided.buckets() {
        let register = layout.register(bucket);
        let mut begin = redis::pipe();
        begin.cmd("DEL").arg(&register).ignore();
        begin.cmd("HSET").arg(&register).arg(&["=mark", mark.as_str(), "=count", "0"]).ignore();
        route.with(&layout.tag(bucket), |wire, _| begin.query::<()>(wire).and_then(|()| replicated(wire, wait)))?;
    }
    let text = about_text(&mark, layout.divided, kinds);
    // The last, so that what is not whole is not there.
    let mut set = cmd("SET");
    set.arg(&about).arg(&text).arg("NX");
    let made = route.with(&options.space, |wire, _| {
        let made = set.query::<Option<String>>(wire)?;
        replicated(wire, wait).map(|()| made)
    })?;
    made.map(|_| ()).ok_or_else(present)
}

/// Waits until as many replicas as are asked for have received what this connection wrote.
fn replicated(wire: &mut Connection, (replicas, wait): (u32, Duration)) -> RedisResult<()> {
    if replicas == 0 {
        return Ok(());
    }
    let have: u32 = cmd("WAIT").arg(replicas).arg(wait.as_millis().max(1).to_string()).query(wire)?;
    if have < replicas { Err(RedisError::from((ErrorKind::Client, "it was not acknowledged by enough replicas"))) } else { Ok(()) }
}

fn about_text(mark: &str, divided: Divided, kinds: Kinds) -> String {
    format!("{FORMAT} {mark} {} {}", divided.letter(), kinds.text())
}

fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
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
    route: Route,
    layout: Layout,
    kinds: Kinds,
    mark: String,
    idle: String,
    forget: String,
    replicas: u32,
    wait: Duration,
    /// The changes of each part that were acknowledged to this process; none where the operator accepts that they are lost.
    acknowledged: Option<Vec<AtomicU64>>,
    change: Code,
    home: Code,
}

impl Debug for Redis {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redis").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl Redis {
    fn open(policy: &Policy, options: &Options, redis: &RedisOptions) -> Result<Self, OpenError> {
        let route = Route::new(redis)?;
        let about = Layout::about(&redis.space);
        let about = route.with(&redis.space, |wire, _| cmd("GET").arg(&about).query::<Option<String>>(wire))?;
        let about = about.ok_or_else(|| OpenError::Absent(redis.space.clone()))?;
        let (mark, divided, kept) = read_about(&about)?;
        if let Some(lacking) = Kinds::of(policy).beyond(kept) {
            return Err(OpenError::NotKept(lacking));
        }
        let milliseconds = |time: Option<i64>| time.unwrap_or(0).max(0).to_string();
        let forget = options.forget_ms.map(|forget| forget.saturating_add(options.idle_ms.unwrap_or(0)));
        let counts = || (0..divided.buckets()).map(|_| AtomicU64::new(0)).collect();
        Ok(Self {
            route,
            layout: Layout::new(&redis.space, divided)?,
            kinds: Kinds::from_text(kept),
            mark: mark.to_owned(),
            idle: milliseconds(options.idle_ms),
            forget: milliseconds(forget),
            replicas: redis.replicas,
            wait: redis.timeout / 2,
            acknowledged: (!redis.accept_loss).then(counts),
            change: Code::new(script::CHANGE),
            home: Code::new(script::HOME),
        })
    }

    /// The changes of a part that have been acknowledged.
    fn acknowledged(&self, bucket: u16) -> Option<&AtomicU64> {
        self.acknowledged.as_ref()?.get(usize::from(bucket))
    }

    /// An order to a part, with what every script is told first.
    fn order(&self, bucket: u16) -> Order {
        let mut order = Order::new(self.replicas, self.wait);
        let least = self.acknowledged(bucket).map_or(0, |count| count.load(Ordering::Relaxed));
        order.key(self.layout.register(bucket)).arg(self.mark.as_str()).arg(least.to_string());
        order.arg(if self.replicas > 0 { "1" } else { "0" });
        order
    }

    /// Has a script run, and gives what it answered after the first word: after `done` without the count, which is noted.
    fn obey(&self, bucket: u16, order: &Order, code: &Code) -> Result<Said, Unavailable> {
        let Obeyed { answer, replicas } = self.route.with(&self.layout.tag(bucket), |wire, asking| order.send(wire, code, asking))?;
        let said = Said::read(answer)?;
        if let Said::Done(count, _) = &said {
            if replicas < self.replicas {
                return Err(Unavailable::Unreplicated);
            }
            if let Some(acknowledged) = self.acknowledged(bucket) {
                acknowledged.fetch_max(*count, Ordering::Relaxed);
            }
        }
        Ok(said)
    }

    /// Runs the script over all states of a call: what each was and becomes.
    fn run(&self, names: &[KeyName], steps: &[(Vec<u8>, Vec<u8>)]) -> Result<Said, Unavailable> {
        let bucket = self.layout.bucket(names.iter().copied()).ok_or(Unavailable::OtherKey)?;
        let session = names.first().filter(|name| name.kind == Key::Session).ok_or(Unavailable::Unknown)?;
        let mut order = self.order(bucket);
        order.arg(names.len().to_string()).arg(self.idle.as_str()).arg(self.forget.as_str());
        for (name, (from, to)) in names.iter().zip(steps) {
            order.key(self.layout.state(bucket, *name));
            order.arg(Layout::entry(letter(name.kind), name.identity)).arg(from.as_slice()).arg(to.as_slice());
        }
        order.key(self.layout.begun(bucket, *session));
        self.obey(bucket, &order, &self.change)
    }
}

/// What a script answered.
enum Said {
    /// With the count of changes.
    Done(u64, Vec<Vec<u8>>),
    Moved(Vec<Vec<u8>>),
}

impl Said {
    fn read(answer: Vec<Vec<u8>>) -> Result<Self, Unavailable> {
        let damaged = |why: &str| Err(Unavailable::Damaged(why.to_owned()));
        let mut words = answer.into_iter();
        match words.next().unwrap_or_default().as_slice() {
            b"done" => {
                let count = words.next().and_then(|count| String::from_utf8(count).ok()?.parse().ok());
                count.map_or_else(|| damaged("an answer cannot be read"), |count| Ok(Self::Done(count, words.collect())))
            }
            b"moved" => Ok(Self::Moved(words.collect())),
            b"expired" => Err(Unavailable::Expired),
            b"vanished" => damaged("a state is gone that was there"),
            b"lost" => damaged(
                "its mark is gone, or changes that were acknowledged are: it was emptied, set back to an earlier state, or is another",
            ),
            _ => damaged("an answer cannot be read"),
        }
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

impl Backend for Redis {
    fn keeps(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn kinds(&self, _: Kinds) -> Kinds {
        self.kinds
    }

    fn load(&self, names: &[KeyName]) -> Result<Vec<Found>, Unavailable> {
        let steps: Vec<_> = names.iter().map(|_| (NONE.to_vec(), Vec::new())).collect();
        match self.run(names, &steps)? {
            Said::Moved(values) => values.iter().map(|value| found(value)).collect(),
            Said::Done(..) => Err(Unavailable::Damaged("an answer cannot be read".to_owned())),
        }
    }

    fn commit(&self, changes: &[Change]) -> Result<Committed, Unavailable> {
        // Of no number that a process counts up: a process that was split off (fork) would count the same ones.
        let version: Version = random().map_err(Unavailable::Unreachable)?;
        let from = |change: &Change| if change.from == NOTHING { Vec::new() } else { change.from.to_vec() };
        let to = |change: &Change| change.to.as_ref().map_or(Vec::new(), |state| [&version[..], state].concat());
        let (names, steps): (Vec<_>, Vec<_>) = changes.iter().map(|change| (change.name, (from(change), to(change)))).unzip();
        match self.run(&names, &steps)? {
            Said::Done(..) => Ok(Committed::Done(version)),
            Said::Moved(values) => Ok(Committed::Moved(values.iter().map(|value| found(value)).collect::<Result<_, _>>()?)),
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
        let own = format!("{:032x}", by.identity).into_bytes();
        let bucket = Layout::bucket_of(*session);
        let mut order = self.order(bucket);
        order.arg(Layout::entry('h', session.identity)).arg(own.as_slice());
        match self.obey(bucket, &order, &self.home)? {
            Said::Done(_, home) if home.first() == Some(&own) => Ok(()),
            _ => Err(Unavailable::OtherKey),
        }
    }

    /// A store keeps the kinds of keys that it was made for, whatever the policy reads: so another gateway's policy that reads more misses nothing.
    fn adopt(&self, _: Kinds) -> Result<(), OpenError> {
        Ok(())
    }
}
