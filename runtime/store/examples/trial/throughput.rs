//! Decisions a second: two gateways, each a process of 64 connections, on the loopback; and of one process, what the embedded stores do.
//!
//! In: seconds. Out: a table. Each thread decides calls of sessions of its own, a hundred in turn, of a policy whose principals have histories too; each call changes both states. Keys of
//! their own: each session has its principal. Shared keys: one principal for all sessions of both gateways, so that all decisions wait for one state.
//! Source: `runtime/store/README.md`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use leverframe_runtime::Scratch;
use leverframe_store::{Durability, OpenError, Options, RedisOptions, Sessions, Unavailable, create_in_redis, create_on_disk};

use crate::policy::{HALVES, call, compile, open};
use crate::servers::{Folder, Kind, Server, cluster};

const THREADS: usize = 64;
const SESSIONS: usize = 100;

fn options(addresses: Vec<String>) -> RedisOptions {
    let cluster = addresses.len() > 1;
    RedisOptions { addresses, cluster, timeout: Duration::from_secs(5), ..RedisOptions::default() }
}

/// Which principals the sessions have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Principals {
    Own,
    Shared,
}

/// Decides for some seconds with some threads, and gives how many calls were admitted and how many were not, for want of a turn.
fn load(sessions: &Sessions, run: &str, threads: usize, seconds: u64, principals: Principals) -> (u64, u64) {
    let (decided, denied) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (decided, denied) = (&decided, &denied);
            scope.spawn(move || {
                let name = |index: usize| format!("{run}-{thread}-{index}");
                let principal = |index: usize| if principals == Principals::Own { name(index) } else { "all".to_owned() };
                let handles: Vec<_> =
                    (0..SESSIONS).map(|index| open(sessions, &name(index), Some(&principal(index)), 0).expect("a session")).collect();
                let mut scratch = Scratch::default();
                let end = Instant::now() + Duration::from_secs(seconds);
                for (at, handle) in (0..).zip(handles.iter().cycle()) {
                    if Instant::now() >= end {
                        break;
                    }
                    // One clock for all where they share a key, and each call changes it.
                    let at = if principals == Principals::Own { at } else { milliseconds() };
                    let answer = call(sessions, handle, "p.a", at, &mut scratch);
                    let contended = principals == Principals::Shared && answer.unavailable == Some(Unavailable::Contended);
                    assert!(answer.decision.admitted || contended, "{:?}", answer.unavailable);
                    let count = if contended { denied } else { decided };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (decided.into_inner(), denied.into_inner())
}

fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    i64::try_from(since.as_millis()).expect("not so late")
}

/// What a child does: it is one gateway.
pub fn gateway(addresses: &str, run: &str, seconds: u64, replicas: u32, principals: &str) {
    let addresses = addresses.split(',').map(str::to_owned).collect();
    let redis = RedisOptions { replicas, ..options(addresses) };
    let sessions = Sessions::in_redis(compile(HALVES), Options::default(), &redis).expect("the store");
    let principals = if principals == "shared" { Principals::Shared } else { Principals::Own };
    let (decided, denied) = load(&sessions, run, THREADS, seconds, principals);
    println!("{decided} {denied}");
}

/// What two gateways are tried with.
struct Trial<'t> {
    what: String,
    nodes: &'t [Server],
    replicas: u32,
    principals: &'t str,
}

fn two_gateways(trial: &Trial<'_>, seconds: u64, program: &PathBuf) {
    let addresses: Vec<String> = trial.nodes.iter().map(Server::address).collect();
    let scripts = || trial.nodes.iter().map(scripts).sum::<u64>();
    // The second of two trials of one server finds the store.
    match create_in_redis(&options(addresses.clone()), &compile(HALVES)) {
        Ok(()) | Err(OpenError::Present(_)) => {}
        Err(error) => panic!("{error}"),
    }
    let before = scripts();
    let run = |name: &str| {
        let run = format!("{name}-{}", trial.principals);
        let arguments = ["gateway", &addresses.join(","), &run, &seconds.to_string(), &trial.replicas.to_string(), trial.principals];
        Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().expect("a gateway")
    };
    let children = [run("g0"), run("g1")];
    let said = children.map(|child| String::from_utf8(child.wait_with_output().expect("an end").stdout).expect("text"));
    let sum = |place: usize| {
        let number = |text: &String| text.split_whitespace().nth(place).and_then(|word| word.parse::<u64>().ok()).expect("a number");
        said.iter().map(number).sum::<u64>()
    };
    let (decided, denied) = (sum(0), sum(1));
    let asked = (scripts() - before) as f64 / (decided + denied).max(1) as f64;
    println!("{:<66} {:>8} decisions/s, {asked:.2} scripts each, {denied} denied for want of a turn", trial.what, decided / seconds);
}

/// Scripts that a server has run.
fn scripts(node: &Server) -> u64 {
    let info: String = node.ask(redis::cmd("INFO").arg("commandstats")).expect("what it has done");
    let calls = |line: &str| line.strip_prefix("cmdstat_evalsha:calls=")?.split(',').next()?.parse().ok();
    info.lines().find_map(calls).unwrap_or(0)
}

fn embedded(what: &str, sessions: &Sessions, threads: usize, seconds: u64) {
    println!(
        "{:<58} {:>10} decisions/s",
        format!("{what}, {threads} threads"),
        load(sessions, &format!("{what}-{threads}"), threads, seconds, Principals::Own).0 / seconds
    );
}

fn on_disk(folder: &Path, durability: Durability) -> Sessions {
    let path = folder.join(format!("{durability:?}"));
    create_on_disk(&path, &compile(HALVES)).expect("a store");
    Sessions::on_disk(compile(HALVES), Options::default(), &path, durability).expect("the store")
}

/// Prints the table.
pub fn table(seconds: u64, program: &PathBuf) {
    let memory = Sessions::in_memory(compile(HALVES), Options::default());
    let folder = Folder::new();
    let (process, power) = (on_disk(&folder.0, Durability::Process), on_disk(&folder.0, Durability::Power));
    for threads in [1, 2] {
        embedded("in memory", &memory, threads, seconds);
        embedded("on disk, survives kill -9", &process, threads, seconds);
    }
    embedded("on disk, survives power loss", &power, 1, seconds);
    embedded("on disk, survives power loss", &power, THREADS, seconds);
    for kind in [Kind::Redis, Kind::Valkey] {
        for (fsync, survives) in [("no", "survives kill -9"), ("always", "survives power loss")] {
            let nodes = [Server::start(kind, Some(fsync), &[])];
            for principals in ["own", "shared"] {
                let what = format!("{kind:?}, 2 gateways × {THREADS}, {survives}, {principals} keys");
                two_gateways(&Trial { what, nodes: &nodes, replicas: 0, principals }, seconds, program);
            }
        }
    }
    let nodes = cluster(Kind::Redis, 0);
    let what = format!("Redis Cluster of 3, 2 gateways × {THREADS}, survives kill -9, own keys");
    two_gateways(&Trial { what, nodes: &nodes, replicas: 0, principals: "own" }, seconds, program);
    drop(nodes);
    let nodes = cluster(Kind::Redis, 1);
    let what = "the same, each node with a replica that is waited for".to_owned();
    two_gateways(&Trial { what, nodes: &nodes, replicas: 1, principals: "own" }, seconds, program);
}
