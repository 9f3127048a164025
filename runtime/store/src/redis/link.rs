//! Connections to one node: a bounded number of them, each with time-outs, thrown away after any error.
//!
//! In: where the node is, and bounds. Out: [`Link`]. Invariants: no answer is ever read for another question, since a connection that failed in any way is not used
//! again, nor one that was made before this process was split off from another (fork); nobody waits longer for a connection than the time-out.
//! Source: `runtime/store/README.md`.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use redis::{Connection, ConnectionAddr, RedisResult};

use crate::redis::door::{Door, Failure};

/// Connections that are open and idle, and how many there are in all.
struct Pool {
    idle: Vec<Connection>,
    open: usize,
    /// The process that made them.
    process: u32,
}

/// A node and the connections to it.
pub(crate) struct Link {
    address: ConnectionAddr,
    most: usize,
    timeout: Duration,
    pool: Mutex<Pool>,
    freed: Condvar,
}

impl Link {
    pub(crate) fn new(address: ConnectionAddr, most: usize, timeout: Duration) -> Self {
        let pool = Pool { idle: Vec::new(), open: 0, process: std::process::id() };
        Self { address, most: most.max(1), timeout, pool: Mutex::new(pool), freed: Condvar::new() }
    }

    /// Where the node is, as a cluster names it.
    pub(crate) fn host(&self) -> &str {
        match &self.address {
            ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host,
            _ => "",
        }
    }

    /// Does something with a connection, which is kept only if that succeeds. It is done again with a new connection where an idle one turns out to be
    /// closed, so it has to be such that twice is as good as once.
    ///
    /// # Errors
    /// [`Failure`] where no connection was free in time, or could be made, or what was done with it failed.
    pub(crate) fn with<T>(&self, door: &Door, mut act: impl FnMut(&mut Connection) -> RedisResult<T>) -> Result<T, Failure> {
        let idle = self.take()?;
        let mut taken = Taken { link: self, wire: None };
        if let Some(mut wire) = idle {
            match act(&mut wire) {
                Ok(done) => {
                    taken.wire = Some(wire);
                    return Ok(done);
                }
                Err(error) if !error.is_connection_dropped() => return Err(error.into()),
                Err(_) => {}
            }
        }
        let mut wire = door.connect(&self.address)?;
        let done = act(&mut wire)?;
        taken.wire = Some(wire);
        Ok(done)
    }

    /// An idle connection, or none where another may be made.
    fn take(&self) -> Result<Option<Connection>, Failure> {
        let broken = || Failure::Here("the connections cannot be had");
        let until = Instant::now() + self.timeout;
        let mut pool = self.pool.lock().map_err(|_| broken())?;
        pool.of_this_process();
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
                return Err(Failure::Here("no connection was free in time"));
            }
            pool = self.freed.wait_timeout(pool, left).map_err(|_| broken())?.0;
        }
    }
}

impl Pool {
    /// Lets go of what another process made and may still use. It is not closed: what closing says on the wire would be the other's word.
    fn of_this_process(&mut self) {
        let process = std::process::id();
        if self.process != process {
            self.idle.drain(..).for_each(std::mem::forget);
            (self.open, self.process) = (0, process);
        }
    }
}

/// A place among the open connections, given back whatever happens.
struct Taken<'l> {
    link: &'l Link,
    wire: Option<Connection>,
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
