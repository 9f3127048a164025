//! A gateway from its configuration to its end.
//!
//! In: a [`Config`]. Out: a gateway that serves until it is told to end. Invariants: everything that can be wrong is found before the first request is taken; on the
//! way down no new call is taken, those that are on their way are seen through, and the log is closed last.
//! Source: `runtime/gateway/README.md` ("Operation").

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use leverframe_host::Host;
use leverframe_runtime::{LoadOptions, Policy};
use leverframe_store::{Durability, Options, RedisOptions, Sessions};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::admin::{self, Admin};
use crate::audit::{Body, Log};
use crate::clock;
use crate::config::{Config, Redis, Scope, State, Survives};
use crate::gate::{Gate, SharedGate, Stops};
use crate::identity::Identities;
use crate::limits;
use crate::mcp::{Mcp, http, stdio};
use crate::pins::Pins;
use crate::upstream::{Server, Servers};

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Something that it needs cannot be used.
    #[error("{0}")]
    Cannot(String),
}

fn cannot(error: impl ToString) -> StartFault {
    StartFault::Cannot(error.to_string())
}

/// A gateway that is ready to serve.
#[derive(Debug)]
pub struct Gateway {
    config: Config,
    mcp: Arc<Mcp>,
    changed: mpsc::Receiver<usize>,
}

impl Gateway {
    /// Gets everything ready.
    ///
    /// # Errors
    /// [`StartFault`].
    pub fn new(config: Config) -> Result<Self, StartFault> {
        // One library for all that is encrypted; it is there already where this process has made a gateway before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let policy = Arc::new(policy(&config)?);
        let identities = Identities::of(&config).map_err(cannot)?;
        known_personas(&config, &policy)?;
        let gate = gate(&config, policy)?;
        let pins = Pins::open(config.lock.as_deref()).map_err(cannot)?;
        let (changes, changed) = mpsc::channel(64);
        let servers: Servers = Arc::new(
            config
                .upstreams
                .iter()
                .enumerate()
                .map(|(index, upstream)| Server::new(upstream, &config.limits, (index, changes.clone())))
                .collect(),
        );
        let mcp = Arc::new(Mcp::new(&config, gate, identities, (servers, pins)));
        Ok(Self { config, mcp, changed })
    }

    /// Serves until `end` is done.
    ///
    /// # Errors
    /// [`StartFault`]: the address cannot be listened on.
    pub async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), StartFault> {
        let Self { config, mcp, changed } = self;
        let listener = match config.listen {
            Some(address) => Some(TcpListener::bind(address).await.map_err(|error| cannot(format!("{address}: {error}")))?),
            None => None,
        };
        tokio::spawn(relist(mcp.clone(), changed));
        for index in 0..mcp.servers().len() {
            tokio::spawn(list_first(mcp.clone(), index));
        }
        tokio::spawn(sweep(mcp.clone()));
        let by_input = mcp.identities.by_input();
        match (listener, by_input) {
            (Some(listener), who) => {
                if let Ok(address) = listener.local_addr() {
                    tell(&format!("serves http://{address}/mcp"));
                }
                if let Some(who) = who {
                    tokio::spawn(stdio::serve(mcp.clone(), who, tokio::io::stdin(), tokio::io::stdout(), config.limits.message_bytes));
                }
                let (told, mut ending) = watch::channel(false);
                let end = async move {
                    end.await;
                    told.send_replace(true);
                };
                let served = axum::serve(listener, router(&config, &mcp)).with_graceful_shutdown(end);
                // A request that never ends does not keep a gateway from ending.
                let late = async {
                    drop(ending.wait_for(|ending| *ending).await);
                    tokio::time::sleep(limits::END).await;
                };
                tokio::select! {
                    served = served => served.map_err(cannot)?,
                    () = late => tell("requests that have not ended are cut off"),
                }
            }
            (None, Some(who)) => {
                let served = stdio::serve(mcp.clone(), who, tokio::io::stdin(), tokio::io::stdout(), config.limits.message_bytes);
                tokio::select! {
                    () = served => {}
                    () = end => {}
                }
            }
            (None, None) => return Err(cannot("nobody can reach this gateway")),
        }
        mcp.tasks.close();
        mcp.tasks.wait().await;
        mcp.gate.log().close(clock::now()).map_err(cannot)
    }
}

/// Looks at everything that a configuration names, and starts nothing: neither states nor the log are opened.
///
/// # Errors
/// [`StartFault`].
pub fn check(config: &Config) -> Result<(), StartFault> {
    known_personas(config, &policy(config)?)?;
    Identities::of(config).map_err(cannot)?;
    Pins::open(config.lock.as_deref()).map_err(cannot)?;
    Stops::open(&stops_path(&config.audit.path)).map_err(cannot)?;
    Ok(())
}

/// What an operator may want to see, on the standard error.
pub fn tell(words: &str) {
    eprintln!("leverframe-gateway: {words}");
}

fn router(config: &Config, mcp: &Arc<Mcp>) -> Router {
    let served = http::Served { mcp: mcp.clone(), origins: config.origins.clone().into(), bytes: config.limits.message_bytes };
    let admin = Admin { gate: mcp.gate.clone(), approvers: config.approvers.clone().into(), operator: config.operator };
    http::routes(served).merge(admin::routes(admin))
}

fn policy(config: &Config) -> Result<Policy, StartFault> {
    let named = |error: &dyn std::fmt::Display| cannot(format!("the frame {} cannot be used: {error}", config.frame.display()));
    let bytes = std::fs::read(&config.frame).map_err(|error| named(&error))?;
    let keys = leverframe_trust::keys::trusted(&config.trusted_keys).map_err(cannot)?;
    let options = LoadOptions { keys, now_ms: Some(clock::now()), ..LoadOptions::default() };
    Policy::load(&bytes, &options).map_err(|error| named(&format!("{}: {error}", error.code())))
}

/// An agent whose persona the policy does not know could do nothing at all.
fn known_personas(config: &Config, policy: &Policy) -> Result<(), StartFault> {
    match config.agents.iter().find(|agent| policy.persona(&agent.persona).is_none()) {
        None => Ok(()),
        Some(agent) => {
            Err(cannot(format!("the agent `{}` has the persona `{}`, which the policy does not know", agent.name, agent.persona)))
        }
    }
}

fn gate(config: &Config, policy: Arc<Policy>) -> Result<SharedGate, StartFault> {
    let idle_ms = i64::try_from(config.sessions.idle_ms).ok();
    // A session of an agent begins anew once it has ended; the name of a connection's never does.
    let forget_ms = match config.sessions.scope {
        Scope::Agent => Some(0),
        Scope::Connection => idle_ms,
    };
    let options = Options { idle_ms, forget_ms, ..Options::default() };
    let host = Host::over(sessions(&config.state, policy, options)?, idle_ms);
    let (log, torn) = Log::open(&config.name, &config.audit).map_err(cannot)?;
    let torn = torn.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let start = Body::Start { at: clock::now(), program: env!("CARGO_PKG_VERSION"), frame: host.digest(), torn };
    log.write(&start).map_err(cannot)?;
    let stops = Stops::open(&stops_path(&config.audit.path)).map_err(cannot)?;
    Ok(Arc::new(Gate::new(host, log, stops, config)))
}

/// Who is stopped stands beside the log.
fn stops_path(log: &Path) -> std::path::PathBuf {
    let mut name = log.file_name().unwrap_or_default().to_owned();
    name.push(".stops.json");
    log.with_file_name(name)
}

fn sessions(state: &State, policy: Arc<Policy>, options: Options) -> Result<Sessions, StartFault> {
    match state {
        State::Memory => Ok(Sessions::in_memory(policy, options)),
        State::Disk(path, survives) => {
            let durability = match survives {
                Survives::Process => Durability::Process,
                Survives::Power => Durability::Power,
            };
            Sessions::on_disk(policy, options, path, durability).map_err(cannot)
        }
        State::Redis(redis) => Sessions::in_redis(policy, options, &redis_options(redis)).map_err(cannot),
    }
}

fn redis_options(redis: &Redis) -> RedisOptions {
    RedisOptions {
        addresses: redis.nodes.clone(),
        cluster: redis.cluster,
        space: redis.prefix.clone(),
        replicas: redis.replicas,
        ..RedisOptions::default()
    }
}

/// Makes the store of states that a configuration names, empty.
///
/// # Errors
/// [`StartFault`]: it is there already, or cannot be made.
pub fn create(config: &Config) -> Result<(), StartFault> {
    let policy = policy(config)?;
    match &config.state {
        State::Memory => Err(cannot("the configuration keeps states in memory: there is nothing to be made")),
        State::Disk(path, _) => leverframe_store::create_on_disk(path, &policy).map_err(cannot),
        State::Redis(redis) => leverframe_store::create_in_redis(&redis_options(redis), &policy).map_err(cannot),
    }
}

async fn list_first(mcp: Arc<Mcp>, index: usize) {
    let Some(server) = mcp.servers().get(index) else { return };
    if let Err(fault) = server.list().await {
        tell(&format!("{fault}; its tools are not offered until it can be"));
    }
    server.asked_first();
}

/// Lists the tools of a server anew when it says that they have changed, at most once a second; those of servers that were not there; and now and then those of all,
/// since over HTTP nobody says anything.
async fn relist(mcp: Arc<Mcp>, mut changed: mpsc::Receiver<usize>) {
    let mut again = interval(Duration::from_secs(5));
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ticks = 0_u64;
    loop {
        let told = tokio::select! {
            told = changed.recv() => told,
            _ = again.tick() => None,
        };
        match told.and_then(|index| mcp.servers().get(index)) {
            Some(server) => {
                // Whoever calls it is told what is wrong.
                drop(server.list().await);
                tokio::time::sleep(Duration::from_secs(1)).await;
                while changed.try_recv().is_ok() {}
            }
            None => {
                ticks = ticks.wrapping_add(1);
                let all = ticks.is_multiple_of(limits::RELIST.as_secs() / 5);
                for (index, _) in mcp.servers().iter().enumerate().filter(|(_, server)| all || server.tools().is_empty()) {
                    tokio::spawn(list_again(mcp.clone(), index));
                }
            }
        }
    }
}

async fn list_again(mcp: Arc<Mcp>, index: usize) {
    if let Some(server) = mcp.servers().get(index) {
        drop(server.list().await);
    }
}

async fn sweep(mcp: Arc<Mcp>) {
    let mut each = interval(Duration::from_secs(1));
    each.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        each.tick().await;
        let swept = mcp.clone();
        let done = tokio::task::spawn_blocking(move || {
            swept.legacy.sweep(clock::now());
            swept.gate.sweep()
        });
        if let Ok(Err(error)) = done.await {
            tell(&error.to_string());
        }
    }
}
