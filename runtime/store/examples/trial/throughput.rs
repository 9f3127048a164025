//! Decisions a second: two gateways, each a process of 64 connections, on the loopback; and of one process, what the embedded stores do.
//!
//! In: seconds. Out: a table. Each thread decides calls of sessions of its own, a hundred in turn, of a policy whose principals have histories too.
//! Source: `runtime/store/README.md`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leverframe_runtime::Scratch;
use leverframe_store::{Durability, Options, RedisOptions, Sessions, create_in_redis, create_on_disk};

use crate::policy::{HALVES, call, compile, open};
use crate::servers::{Folder, Kind, Server, cluster};

const THREADS: usize = 64;
const SESSIONS: usize = 100;

fn options(addresses: Vec<String>) -> RedisOptions {
    let cluster = addresses.len() > 1;
    RedisOptions { addresses, cluster, timeout: Duration::from_secs(5), ..RedisOptions::default() }
}

/// Decides for some seconds with some threads, and gives how many decisions there were; all must be admitted.
fn load(sessions: &Sessions, run: &str, threads: usize, seconds: u64) -> u64 {
    let decided = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let decided = &decided;
            scope.spawn(move || {
                let name = |index: usize| format!("{run}-{thread}-{index}");
                let handles: Vec<_> =
                    (0..SESSIONS).map(|index| open(sessions, &name(index), Some(&name(index)), 0).expect("a session")).collect();
                let mut scratch = Scratch::default();
                let end = Instant::now() + Duration::from_secs(seconds);
                for (at, handle) in (0..).zip(handles.iter().cycle()) {
                    if Instant::now() >= end {
                        break;
                    }
                    let answer = call(sessions, handle, "p.a", at, &mut scratch);
                    assert!(answer.decision.admitted, "{:?}", answer.unavailable);
                    decided.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    decided.into_inner()
}

/// What a child does: it is one gateway.
pub fn gateway(addresses: &str, run: &str, seconds: u64) {
    let addresses = addresses.split(',').map(str::to_owned).collect();
    let sessions = Sessions::in_redis(compile(HALVES), Options::default(), &options(addresses)).expect("the store");
    println!("{}", load(&sessions, run, THREADS, seconds));
}

fn two_gateways(what: &str, addresses: &[String], seconds: u64, program: &PathBuf) {
    create_in_redis(&options(addresses.to_vec()), &compile(HALVES)).expect("a store");
    let child = |run: &str| {
        let arguments = ["gateway", &addresses.join(","), run, &seconds.to_string()];
        Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().expect("a gateway")
    };
    let children = [child("g0"), child("g1")];
    let said = children.map(|child| String::from_utf8(child.wait_with_output().expect("an end").stdout).expect("text"));
    let sum: u64 = said.iter().map(|text| text.trim().parse::<u64>().expect("a number")).sum();
    println!("{what:<58} {:>10} decisions/s", sum / seconds);
}

fn embedded(what: &str, sessions: &Sessions, threads: usize, seconds: u64) {
    println!(
        "{:<58} {:>10} decisions/s",
        format!("{what}, {threads} threads"),
        load(sessions, &format!("{what}-{threads}"), threads, seconds) / seconds
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
            let server = Server::start(kind, Some(fsync), &[]);
            two_gateways(&format!("{kind:?}, 2 gateways × {THREADS}, {survives}"), &[server.address()], seconds, program);
        }
    }
    let nodes = cluster(Kind::Redis, 0);
    let addresses: Vec<String> = nodes.iter().map(Server::address).collect();
    two_gateways("Redis Cluster of 3, 2 gateways × 64, survives kill -9", &addresses, seconds, program);
}
