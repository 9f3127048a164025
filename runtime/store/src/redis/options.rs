//! Where a store in Redis is, how it is reached, and what is asked of it.
//!
//! In: nothing. Out: [`RedisOptions`], [`Tls`]. Invariants: what is not said is the strict choice; no password, and nothing in which one may stand, is ever shown.
//! Source: `runtime/store/README.md`.

use std::fmt::{self, Debug, Formatter};
use std::path::PathBuf;
use std::time::Duration;

/// Where the store is and how long it is waited for.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://[user:password@]host:port[/database]`, with TLS `rediss://`; of a cluster some of its nodes. With TLS all of them, or none.
    pub addresses: Vec<String>,
    /// Whether it is a cluster.
    pub cluster: bool,
    /// A file whose first line is `user:password` (or `:password`), read for each connection; the addresses have none then.
    pub credentials: Option<PathBuf>,
    /// What TLS goes by. Where it is given, an address without TLS is refused.
    pub tls: Option<Tls>,
    /// The name under which all keys lie: one for each store.
    pub space: String,
    /// Connections at most, to each node.
    pub connections: usize,
    /// How long a connection, an answer and a free connection are waited for, each.
    pub timeout: Duration,
    /// Replicas that must have received everything up to a decision before it is given out, so that none is lost when one of them takes over; 0: none.
    pub replicas: u32,
    /// Accepts a server that may forget what it has acknowledged: without an append-only file, with one that is written each second, or one that evicts keys.
    /// That fewer changes are there than were acknowledged is then not noticed.
    pub accept_loss: bool,
}

/// Certificates.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// A file (PEM) with the certificates of the authorities that are trusted, and no others; none: those that the system trusts.
    pub authorities: Option<PathBuf>,
    /// This program's own certificate and its key (PEM), where the server asks for one.
    pub own: Option<(PathBuf, PathBuf)>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            addresses: vec!["redis://127.0.0.1:6379".to_owned()],
            cluster: false,
            credentials: None,
            tls: None,
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
