//! Trials of the store that take long: `cargo run --release -p leverframe-store --example trial -- races 100000 | kills 200 | failovers 20 | throughput 10 | million coding-agent 1000000`.
//!
//! In: which trial, and how much of it. Out: figures; it fails where a race admits both or a kill forgets a call. `child` and `gateway` are what it calls itself as.
//! Source: `runtime/store/README.md`.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    unreachable_pub,
    dead_code,
    reason = "a trial that breaks should break"
)]

mod failovers;
mod kills;
mod million;
mod policy;
mod races;
mod servers;
mod throughput;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use leverframe_store::{Options, RedisOptions, Sessions, create_in_redis};

use kills::Victim;
use policy::{HALVES, compile};
use races::Plan;
use servers::{Kind, Server};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let program = std::env::current_exe().expect("this program");
    match words.get(1..).unwrap_or_default() {
        ["child", place, run] => kills::child(place, run),
        ["gateway", addresses, run, seconds, replicas, principals] => {
            throughput::gateway(addresses, run, number(seconds) as u64, number(replicas) as u32, principals);
        }
        ["races", count] => race(number(count)),
        ["kills", count] => kill(number(count), &program),
        ["failovers", count] => failover(number(count)),
        ["throughput", seconds] => throughput::table(number(seconds) as u64, &program),
        ["million", example, count] => {
            million::run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example), number(count))
        }
        _ => panic!("races COUNT | kills COUNT | failovers COUNT | throughput SECONDS | million EXAMPLE COUNT"),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn race(count: usize) {
    for kind in [Kind::Redis, Kind::Valkey] {
        let server = Server::start(kind, Some("no"), &[]);
        let redis = RedisOptions { addresses: vec![server.address()], timeout: Duration::from_secs(5), ..RedisOptions::default() };
        let policy = compile(HALVES);
        create_in_redis(&redis, &policy).expect("a store");
        let gateway = || Sessions::in_redis(policy.clone(), Options::default(), &redis).expect("the store");
        let (start, gateways) = (Instant::now(), [gateway(), gateway()]);
        let ends = races::run([&gateways[0], &gateways[1]], Plan { races: count, pairs: 8, principals: true }, "race");
        println!("{kind:?}: {count} races in {:.0} s: {ends:?}", start.elapsed().as_secs_f64());
        assert_eq!(ends.both, 0, "a forbidden pair was admitted");
    }
}

fn failover(count: usize) {
    for kind in [Kind::Redis, Kind::Valkey] {
        let start = Instant::now();
        let ends = failovers::run(kind, count);
        println!("{kind:?}: {ends:?} in {:.0} s", start.elapsed().as_secs_f64());
        assert!(ends.admitted > 0, "nothing was admitted, so nothing was tried");
        assert_eq!(ends.forgotten, 0, "an acknowledged call was forgotten");
    }
}

fn kill(count: usize, program: &PathBuf) {
    for victim in [Victim::Disk, Victim::Gateway, Victim::Node] {
        let start = Instant::now();
        let kills = kills::run(victim, count, program);
        println!("{victim:?}: {kills:?} in {:.0} s", start.elapsed().as_secs_f64());
        assert!(kills.admitted > 0, "nothing was admitted, so nothing was tried");
        assert_eq!(kills.forgotten, 0, "an admitted call was forgotten");
    }
}
