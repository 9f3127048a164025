//! Connections to Redis: a bounded number of them, each with time-outs, thrown away after any error.
//!
//! In: addresses and bounds. Out: [`Link`]. Invariants: no answer is ever read for another question, since a connection that failed in any way is not used again; nobody waits
//! longer for a connection than the time-out.
//! Source: `runtime/store/README.md`.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use redis::cluster::{ClusterClient, ClusterConnection};
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{Client, Cmd, Connection, ConnectionLike, FromRedisValue, RedisResult, ScriptInvocation};

use crate::error::{OpenError, Unavailable};
use crate::redis::RedisOptions;

/// How often a command of a cluster is sent again while its nodes change.
const CLUSTER_RETRIES: u32 = 3;
/// Parts by which a cluster divides keys.
const SLOTS: u16 = 16_384;

/// Where connections lead.
enum Server {
    Node(Client),
    Cluster(ClusterClient),
}

/// One connection.
pub(crate) enum Wire {
    Node(Box<Connection>),
    Cluster(Box<ClusterConnection>),
}

impl Wire {
    fn commands(&mut self) -> &mut dyn ConnectionLike {
        match self {
            Self::Node(wire) => wire.as_mut(),
            Self::Cluster(wire) => wire.as_mut(),
        }
    }

    /// Runs a script.
    pub(crate) fn run<T: FromRedisValue>(&mut self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        script.invoke(self.commands())
    }

    /// Sends a command.
    pub(crate) fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        command.query(self.commands())
    }

    /// How many replicas have what this connection wrote at keys with a hash tag.
    pub(crate) fn wait(&mut self, tag: &str, replicas: u32, for_at_most: Duration) -> RedisResult<u32> {
        let mut wait = redis::cmd("WAIT");
        wait.arg(replicas).arg(for_at_most.as_millis().max(1).to_string());
        match self {
            Self::Node(wire) => wait.query(wire.as_mut()),
            Self::Cluster(wire) => {
                // The node that the keys were written to.
                let slot = crc16::State::<crc16::XMODEM>::calculate(tag.as_bytes()) % SLOTS;
                let node = SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master));
                Ok(redis::from_redis_value(wire.route_command(&wait, RoutingInfo::SingleNode(node))?)?)
            }
        }
    }
}

/// Connections that are open and idle, and how many there are in all.
#[derive(Default)]
struct Pool {
    idle: Vec<Wire>,
    open: usize,
}

/// A server and the connections to it.
pub(crate) struct Link {
    server: Server,
    most: usize,
    timeout: Duration,
    pool: Mutex<Pool>,
    freed: Condvar,
}

impl Link {
    /// # Errors
    /// [`OpenError::Options`] where an address cannot be read.
    pub(crate) fn new(options: &RedisOptions) -> Result<Self, OpenError> {
        let bad = |error: redis::RedisError| OpenError::Options(error.to_string());
        let server = if options.cluster {
            let client = ClusterClient::builder(options.addresses.iter().map(String::as_str));
            let client = client.connection_timeout(options.timeout).response_timeout(options.timeout).retries(CLUSTER_RETRIES);
            Server::Cluster(client.build().map_err(bad)?)
        } else {
            let [address] = options.addresses.as_slice() else {
                return Err(OpenError::Options("a store that is no cluster has one address".to_owned()));
            };
            Server::Node(Client::open(address.as_str()).map_err(bad)?)
        };
        let most = options.connections.max(1);
        Ok(Self { server, most, timeout: options.timeout, pool: Mutex::default(), freed: Condvar::new() })
    }

    /// Does something with a connection, which is kept only if that succeeds. It is done again with a new connection where an idle one turns out to be
    /// closed, so it has to be such that twice is as good as once.
    ///
    /// # Errors
    /// [`Unavailable::Unreachable`] where no connection was free in time, or could be made, or what was done with it failed.
    pub(crate) fn with<T>(&self, mut act: impl FnMut(&mut Wire) -> RedisResult<T>) -> Result<T, Unavailable> {
        let unreachable = |error: redis::RedisError| Unavailable::Unreachable(error.to_string());
        let idle = self.take()?;
        let mut taken = Taken { link: self, wire: None };
        if let Some(mut wire) = idle {
            match act(&mut wire) {
                Ok(done) => {
                    taken.wire = Some(wire);
                    return Ok(done);
                }
                Err(error) if !error.is_connection_dropped() => return Err(unreachable(error)),
                Err(_) => {}
            }
        }
        let mut wire = self.connect().map_err(unreachable)?;
        let done = act(&mut wire).map_err(unreachable)?;
        taken.wire = Some(wire);
        Ok(done)
    }

    /// An idle connection, or none where another may be made.
    fn take(&self) -> Result<Option<Wire>, Unavailable> {
        let broken = || Unavailable::Unreachable("the connections cannot be had".to_owned());
        let until = Instant::now() + self.timeout;
        let mut pool = self.pool.lock().map_err(|_| broken())?;
        loop {
            if let Some(wire) = pool.idle.pop() {
                return Ok(Some(wire));
            }
            if pool.open < self.most {
                pool.open += 1;
                return Ok(None);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Unavailable::Unreachable("no connection was free in time".to_owned()));
            }
            pool = self.freed.wait_timeout(pool, left).map_err(|_| broken())?.0;
        }
    }

    fn connect(&self) -> RedisResult<Wire> {
        match &self.server {
            Server::Node(client) => {
                let wire = client.get_connection_with_timeout(self.timeout)?;
                wire.set_read_timeout(Some(self.timeout))?;
                wire.set_write_timeout(Some(self.timeout))?;
                Ok(Wire::Node(Box::new(wire)))
            }
            Server::Cluster(client) => client.get_connection().map(|wire| Wire::Cluster(Box::new(wire))),
        }
    }
}

/// A place among the open connections, given back whatever happens.
struct Taken<'l> {
    link: &'l Link,
    wire: Option<Wire>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Ok(mut pool) = self.link.pool.lock() {
            match self.wire.take() {
                Some(wire) => pool.idle.push(wire),
                None => pool.open = pool.open.saturating_sub(1),
            }
        }
        self.link.freed.notify_one();
    }
}
