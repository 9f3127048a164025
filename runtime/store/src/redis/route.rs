//! Which node has a part of the store, and what to do when another has it.
//!
//! In: hash tags. Out: the [`Link`] to the node. Invariants: what is done for a tag is done on one connection, to a node that itself says that the tag is its own (a node refuses keys
//! that are not); a cluster is asked anew whenever a node says otherwise, or is away, for as long as an answer is waited for.
//! Left out: the cluster connection of the crate `redis`: it sends each command where it finds the node at that moment, so that after a failover `WAIT` could go to another node
//! than the script before it.
//! Source: `runtime/store/README.md`; the cluster specification of Redis.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use redis::{Connection, ConnectionAddr, ErrorKind, RedisResult, ServerErrorKind, Value, cmd};

use crate::error::OpenError;
use crate::redis::door::{Door, Failure};
use crate::redis::link::Link;
use crate::redis::options::RedisOptions;

/// Parts by which a cluster divides keys.
const SLOTS: u16 = 16_384;
/// Between two attempts while the nodes of a cluster change.
const PAUSE: Duration = Duration::from_millis(20);

/// Slots up to this one, and where they are, in order.
type Owners = Vec<(u16, Arc<Link>)>;

/// The nodes.
pub(crate) struct Route {
    door: Door,
    seeds: Vec<Arc<Link>>,
    cluster: bool,
    most: usize,
    timeout: Duration,
    /// All nodes that were ever heard of.
    nodes: Mutex<HashMap<String, Arc<Link>>>,
    owners: RwLock<Owners>,
    /// Held while a node is asked which has what.
    asking: Mutex<()>,
}

/// What a failure says about where to go.
enum Next {
    Moved(String),
    Asking(String),
    Later,
    Nowhere,
}

impl Route {
    /// # Errors
    /// [`OpenError::Options`] where an address cannot be read.
    pub(crate) fn new(options: &RedisOptions) -> Result<Self, OpenError> {
        let (door, addresses) = Door::new(options)?;
        if !options.cluster && addresses.len() != 1 {
            return Err(OpenError::Options("a store that is no cluster has one address".to_owned()));
        }
        let (most, timeout) = (options.connections, options.timeout);
        let link = |address: ConnectionAddr| (address.to_string(), Arc::new(Link::new(address, most, timeout)));
        let nodes: HashMap<_, _> = addresses.into_iter().map(link).collect();
        let seeds = nodes.values().cloned().collect();
        Ok(Self {
            door,
            seeds,
            cluster: options.cluster,
            most,
            timeout,
            nodes: Mutex::new(nodes),
            owners: RwLock::default(),
            asking: Mutex::default(),
        })
    }

    /// Does something on the node that has the keys with a hash tag; perhaps more than once, so twice has to be as good as once. The second argument: whether
    /// the node is about to get them and has to be told so (`ASKING`).
    ///
    /// # Errors
    /// [`Failure`] where it was not done.
    pub(crate) fn with<T>(&self, tag: &str, mut act: impl FnMut(&mut Connection, bool) -> RedisResult<T>) -> Result<T, Failure> {
        if !self.cluster {
            let node = self.seeds.first().ok_or(Failure::Here("a store has an address"))?;
            return node.with(&self.door, |wire| act(wire, false));
        }
        let slot = crc16::State::<crc16::XMODEM>::calculate(tag.as_bytes()) % SLOTS;
        let until = Instant::now() + self.timeout;
        let (mut node, mut asking) = (self.owner(slot)?, false);
        loop {
            let failure = match node.with(&self.door, |wire| act(wire, asking)) {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            if Instant::now() >= until {
                return Err(failure);
            }
            (node, asking) = match next(&failure, node.host()) {
                Next::Nowhere => {
                    // If the node is gone, another may have its parts by the next time.
                    self.owners.write().map_err(|_| broken())?.clear();
                    return Err(failure);
                }
                Next::Asking(address) => (self.node(&address)?, true),
                Next::Moved(address) => {
                    let named = self.node(&address)?;
                    self.ask(Some(&named))?;
                    (named, false)
                }
                Next::Later => {
                    sleep(PAUSE);
                    self.ask(None)?;
                    (self.owner(slot)?, false)
                }
            };
        }
    }

    /// The node that has a slot, as far as is known.
    fn owner(&self, slot: u16) -> Result<Arc<Link>, Failure> {
        let known = || -> Result<Option<Arc<Link>>, Failure> {
            let owners = self.owners.read().map_err(|_| broken())?;
            let at = owners.partition_point(|(last, _)| *last < slot);
            Ok(owners.get(at).map(|(_, node)| node.clone()))
        };
        if let Some(node) = known()? {
            return Ok(node);
        }
        self.ask(None)?;
        known()?.ok_or(Failure::Here("no node of the cluster says that it has the part"))
    }

    /// Asks which node has what: one that is named, else all in turn until one answers.
    fn ask(&self, named: Option<&Arc<Link>>) -> Result<(), Failure> {
        let _asking = match self.asking.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::WouldBlock) => {
                // Another is doing it.
                sleep(PAUSE);
                return Ok(());
            }
            Err(TryLockError::Poisoned(_)) => return Err(broken()),
        };
        let all: Vec<Arc<Link>> = self.nodes.lock().map_err(|_| broken())?.values().cloned().collect();
        let mut failed = Failure::Here("no node of the cluster answers");
        for node in named.into_iter().chain(&all) {
            match node.with(&self.door, |wire| cmd("CLUSTER").arg("SLOTS").query::<Value>(wire)) {
                Ok(answer) => {
                    let owners = self.owners_of(&answer, node.host())?;
                    *self.owners.write().map_err(|_| broken())? = owners;
                    return Ok(());
                }
                Err(failure) => failed = failure,
            }
        }
        Err(failed)
    }

    fn owners_of(&self, answer: &Value, asked: &str) -> Result<Owners, Failure> {
        let Value::Array(ranges) = answer else { return Err(Failure::Here("the cluster's answer cannot be read")) };
        let mut owners = Owners::new();
        for (last, address) in ranges.iter().filter_map(|range| range_of(range, asked)) {
            owners.push((last, self.node(&address)?));
        }
        owners.sort_by_key(|(last, _)| *last);
        Ok(owners)
    }

    fn node(&self, address: &str) -> Result<Arc<Link>, Failure> {
        let mut nodes = self.nodes.lock().map_err(|_| broken())?;
        if let Some(node) = nodes.get(address) {
            return Ok(node.clone());
        }
        let parts = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = parts.ok_or(Failure::Here("the cluster's answer cannot be read"))?;
        let node = Arc::new(Link::new(self.door.node(host, port), self.most, self.timeout));
        nodes.insert(address.to_owned(), node.clone());
        Ok(node)
    }
}

fn broken() -> Failure {
    Failure::Here("the nodes of the cluster are not known any more")
}

/// The last slot of a range and where it is; a node that does not say where it is, is where it was asked.
fn range_of(range: &Value, asked: &str) -> Option<(u16, String)> {
    let Value::Array(parts) = range else { return None };
    let [_, Value::Int(last), Value::Array(primary), ..] = parts.as_slice() else { return None };
    let [host, Value::Int(port), ..] = primary.as_slice() else { return None };
    let host = match host {
        Value::BulkString(bytes) if !bytes.is_empty() => std::str::from_utf8(bytes).ok()?,
        Value::Nil | Value::BulkString(_) => asked,
        _ => return None,
    };
    Some((u16::try_from(*last).ok()?, format!("{host}:{port}")))
}

/// What a failure says about where to go; `asked` is the host that said it.
fn next(failure: &Failure, asked: &str) -> Next {
    let Failure::Server(error) = failure else { return Next::Nowhere };
    let address = || {
        let (address, _) = error.redirect_node()?;
        Some(if address.starts_with(':') { format!("{asked}{address}") } else { address.to_owned() })
    };
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::Moved) => address().map_or(Next::Later, Next::Moved),
        ErrorKind::Server(ServerErrorKind::Ask) => address().map_or(Next::Later, Next::Asking),
        ErrorKind::Server(
            ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::BusyLoading,
        ) => Next::Later,
        // One that was waited for in vain has taken the time that there was.
        ErrorKind::Io if error.is_connection_dropped() => Next::Later,
        _ => Next::Nowhere,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use redis::Value;

    use super::range_of;

    #[test]
    fn a_range_says_where_it_is() {
        let range = |host: Value| Value::Array(vec![Value::Int(0), Value::Int(99), Value::Array(vec![host, Value::Int(7000)])]);
        let named = range(Value::BulkString(b"10.0.0.1".to_vec()));
        assert_eq!(range_of(&named, "10.0.0.9"), Some((99, "10.0.0.1:7000".to_owned())));
        assert_eq!(range_of(&range(Value::Nil), "10.0.0.9"), Some((99, "10.0.0.9:7000".to_owned())));
        assert_eq!(range_of(&Value::Nil, "10.0.0.9"), None);
    }
}
