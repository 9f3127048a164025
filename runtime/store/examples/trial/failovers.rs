//! A primary of a cluster is killed while gateways decide, and its replica takes over, again and again: no admitted call may be forgotten.
//!
//! In: how many failovers. Out: how many admitted calls were remembered. Each round has a cluster of its own, of three primaries with a replica each; the store asks for one replica
//! (all there are). Afterwards the second half of each admitted first half must be denied by the rule, by a gateway that asks for no replica, since none is left.
//! Source: `runtime/store/README.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leverframe_runtime::{Code, Policy, Verdict};
use leverframe_store::{Options, RedisOptions, Sessions, create_in_redis};
use redis::cmd;

use crate::policy::{HALVES, admitted, compile, decide, open};
use crate::servers::{Kind, Server, cluster, until};

const THREADS: usize = 8;

/// How they ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failovers {
    pub failovers: usize,
    pub admitted: usize,
    /// Of these on the node whose primary was killed, before and after.
    pub forgotten: usize,
    /// Calls that were denied because too few replicas had them, or the node was away.
    pub denied: usize,
}

fn at(nodes: &[Server], replicas: u32) -> RedisOptions {
    let addresses = nodes.iter().map(Server::address).collect();
    RedisOptions { addresses, cluster: true, replicas, timeout: Duration::from_secs(1), ..RedisOptions::default() }
}

pub fn run(kind: Kind, count: usize) -> Failovers {
    let policy = compile(HALVES);
    let mut sum = Failovers::default();
    for round in 0..count {
        one(kind, &policy, round, &mut sum);
    }
    sum
}

fn one(kind: Kind, policy: &Arc<Policy>, round: usize, sum: &mut Failovers) {
    let mut nodes = cluster(kind, 1);
    // Replicas that have just come may be slow to say that they have something.
    create_in_redis(&RedisOptions { timeout: Duration::from_secs(10), ..at(&nodes, 1) }, policy).expect("a store");
    let sessions = Sessions::in_redis(policy.clone(), Options::default(), &at(&nodes, 1)).expect("the store");
    let over = AtomicBool::new(false);
    let said: Vec<(Vec<String>, usize)> = std::thread::scope(|scope| {
        let (sessions, over) = (&sessions, &over);
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || admit(sessions, &format!("r{round}-{thread}"), over))).collect();
        std::thread::sleep(Duration::from_millis(400 + (round as u64 * 37) % 300));
        nodes[0].kill();
        until("the replica takes over", || role(&nodes[3]) == "master");
        std::thread::sleep(Duration::from_millis(500));
        over.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().expect("a gateway")).collect()
    });
    let next = Sessions::in_redis(policy.clone(), Options::default(), &at(&nodes[1..], 0)).expect("the store");
    let remembered = |name: &String| {
        let handle = open(&next, name, Some(name), 1).expect("a session");
        until("the cluster is whole", || decide(&next, &handle, "t.free", 1).1 != Code::StateUnavailable);
        decide(&next, &handle, "s.b", 1) == (Verdict::Deny, Code::Rule)
    };
    sum.failovers += 1;
    for (names, denied) in said {
        sum.admitted += names.len();
        sum.denied += denied;
        sum.forgotten += names.iter().filter(|name| !remembered(name)).count();
    }
}

/// The names of the sessions whose first half was admitted, and how many were not.
fn admit(sessions: &Sessions, run: &str, over: &AtomicBool) -> (Vec<String>, usize) {
    let (mut names, mut denied) = (Vec::new(), 0);
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{run}-{number}");
        if open(sessions, &name, Some(&name), 0).is_ok_and(|handle| admitted(sessions, &handle, "s.a", 0)) {
            names.push(name);
        } else {
            denied += 1;
        }
    }
    (names, denied)
}

fn role(node: &Server) -> String {
    let info: String = node.ask(cmd("INFO").arg("replication")).unwrap_or_default();
    info.lines().find_map(|line| line.strip_prefix("role:")).unwrap_or_default().to_owned()
}
