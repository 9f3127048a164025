//! A gateway, a Redis node or an embedded store is killed at a random moment, again and again: no admitted call may be forgotten.
//!
//! In: how many kills. Out: how many admitted calls were remembered. A child process admits first halves of forbidden pairs and says so on a pipe, one line each, after the
//! decision; for each line the second half must be denied by the rule afterwards.
//! Source: `runtime/store/README.md`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use leverframe_runtime::{Code, Policy, Verdict};
use leverframe_store::{Durability, Options, RedisOptions, Sessions, create_in_redis, create_on_disk};

use crate::policy::{HALVES, admitted, compile, decide, open};
use crate::servers::{Folder, Kind, Server};

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The process with the embedded store.
    Disk,
    /// A gateway that uses Redis.
    Gateway,
    /// The Redis node that a gateway uses.
    Node,
}

/// Admitted calls, and how many of them were forgotten.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kills {
    pub kills: usize,
    pub admitted: usize,
    pub forgotten: usize,
}

/// Where a child finds the store.
enum Store {
    Disk(Folder),
    Redis(Box<Server>),
}

impl Store {
    fn make(victim: Victim, policy: &Policy) -> Self {
        if victim == Victim::Disk {
            let folder = Folder::new();
            let path = folder.0.join("store");
            create_on_disk(&path, policy).expect("a store");
            return Self::Disk(folder);
        }
        let server = Server::start(Kind::Redis, Some("no"), &[]);
        create_in_redis(&redis(&server.address()), policy).expect("a store");
        Self::Redis(Box::new(server))
    }

    fn place(&self) -> String {
        match self {
            Self::Disk(folder) => folder.0.join("store").display().to_string(),
            Self::Redis(server) => server.address(),
        }
    }
}

fn redis(address: &str) -> RedisOptions {
    RedisOptions { addresses: vec![address.to_owned()], ..RedisOptions::default() }
}

fn sessions(place: &str, policy: Arc<Policy>) -> Sessions {
    if place.starts_with("redis:") {
        Sessions::in_redis(policy, Options::default(), &redis(place)).expect("the store")
    } else {
        Sessions::on_disk(policy, Options::default(), Path::new(place), Durability::Process).expect("the store")
    }
}

/// What the child does: admits first halves until it is killed. Calls that are denied because the store is away are not said.
pub fn child(place: &str, run: &str) {
    let sessions = sessions(place, compile(HALVES));
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready").and_then(|()| out.flush()).expect("a pipe");
    for number in 0.. {
        let session = format!("{run}-{number}");
        let Ok(handle) = open(&sessions, &session, Some(&session), 0) else { continue };
        let tool = if number % 2 == 0 { "s.a" } else { "p.a" };
        if admitted(&sessions, &handle, tool, 0) && writeln!(out, "{number}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// Runs a number of kills; `program` is this program, whose first argument makes it the child.
pub fn run(victim: Victim, kills: usize, program: &PathBuf) -> Kills {
    let policy = compile(HALVES);
    let mut store = Store::make(victim, &policy);
    let mut sum = Kills::default();
    let mut moment = 0x9E37_79B9_u64;
    for kill in 0..kills {
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wait = Duration::from_millis(2 + (moment >> 33) % 150);
        let run = format!("{victim:?}-{kill}");
        let numbers = one(&mut store, victim, &run, wait, program);
        let sessions = sessions(&store.place(), policy.clone());
        sum.kills += 1;
        sum.admitted += numbers.len();
        sum.forgotten += numbers.iter().filter(|number| !remembered(&sessions, &run, **number)).count();
    }
    sum
}

/// Lets a child run, kills, and gives what it said. One in eight is killed without waiting until it has opened the store.
fn one(store: &mut Store, victim: Victim, run: &str, wait: Duration, program: &PathBuf) -> Vec<u64> {
    let mut child: Child = Command::new(program).args(["child", &store.place(), run]).stdout(Stdio::piped()).spawn().expect("a child");
    let pipe = child.stdout.take().expect("a pipe");
    let (say, hear) = channel();
    let read = std::thread::spawn(move || {
        let lines = BufReader::new(pipe).lines().map_while(Result::ok);
        let numbers = lines.inspect(|_| drop(say.send(()))).filter_map(|line| line.parse().ok());
        numbers.collect::<Vec<u64>>()
    });
    if wait.as_millis() % 8 != 0 {
        hear.recv_timeout(Duration::from_secs(60)).expect("the child opens the store");
    }
    std::thread::sleep(wait);
    if let (Victim::Node, Store::Redis(server)) = (victim, &mut *store) {
        server.kill();
        server.restart();
        std::thread::sleep(wait);
    }
    child.kill().expect("a running child");
    child.wait().expect("an end");
    read.join().expect("what it said")
}

/// Whether the second half is denied because of the first.
fn remembered(sessions: &Sessions, run: &str, number: u64) -> bool {
    let session = format!("{run}-{number}");
    let handle = open(sessions, &session, Some(&session), 1).expect("a session");
    let tool = if number % 2 == 0 { "s.b" } else { "p.b" };
    decide(sessions, &handle, tool, 1) == (Verdict::Deny, Code::Rule)
}
