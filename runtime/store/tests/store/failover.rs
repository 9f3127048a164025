//! Replicas that take over: nothing that was acknowledged is forgotten, and a primary that has been replaced decides nothing any more.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leverframe_runtime::{Code, Scratch, Verdict};
use leverframe_store::{Handle, Options, RedisOptions, Sessions, Unavailable, create_in_redis};
use redis::cmd;

use crate::failovers::{Failovers, run};
use crate::policy::{HALVES, SESSIONS_ONLY, admitted, call, compile, decide, open};
use crate::servers::{Kind, Server, cluster, until};

const RULED: (Verdict, Code) = (Verdict::Deny, Code::Rule);

fn at(nodes: &[&Server], replicas: u32) -> RedisOptions {
    let addresses = nodes.iter().map(|node| node.address()).collect();
    RedisOptions { addresses, cluster: nodes.len() > 1, replicas, timeout: Duration::from_secs(2), ..RedisOptions::default() }
}

fn gateway(redis: &RedisOptions) -> Sessions {
    // Without an end of sessions a call that changes nothing would write nothing by itself.
    Sessions::in_redis(compile(HALVES), Options { idle_ms: None, ..Options::default() }, redis).unwrap()
}

fn reason(sessions: &Sessions, handle: &Handle, tool: &str) -> Option<Unavailable> {
    let answer = call(sessions, handle, tool, 5, &mut Scratch::default());
    assert_eq!(answer.decision.code, Code::StateUnavailable, "{tool}");
    answer.unavailable
}

/// A primary with a replica that has caught up.
fn pair() -> (Server, Server) {
    let primary = Server::start(Kind::Redis, Some("no"), &["--repl-diskless-sync-delay", "0"]);
    let port = primary.address().rsplit(':').next().unwrap().to_owned();
    let replica = Server::start(Kind::Redis, Some("no"), &["--replicaof", "127.0.0.1", &port]);
    until("the replica has caught up", || replica.follows() && primary.replicas() == 1);
    (primary, replica)
}

fn signal(server: &Server, name: &str) {
    assert!(Command::new("kill").args([name, &server.process().to_string()]).status().unwrap().success());
}

#[test]
fn killed_primaries_of_a_cluster_forget_nothing() {
    let ends = run(Kind::Redis, 1);
    assert!(ends.failovers == 1 && ends.admitted > 0 && ends.forgotten == 0, "{ends:?}");
    let _: Failovers = ends;
}

#[test]
fn what_no_replica_has_is_denied() {
    let (mut primary, replica) = pair();
    let redis = at(&[&primary], 1);
    create_in_redis(&redis, &compile(HALVES)).unwrap();
    let sessions = gateway(&redis);
    let handles = ["one", "two"].map(|name| open(&sessions, name, None, 0).unwrap());
    assert!(admitted(&sessions, &handles[0], "s.a", 0));
    signal(&replica, "-STOP");
    assert_eq!(reason(&sessions, &handles[1], "s.a"), Some(Unavailable::Unreplicated));
    // A decision that changes nothing rests on what the primary has, so it waits, too.
    assert_eq!(reason(&sessions, &handles[0], "t.free"), Some(Unavailable::Unreplicated));
    primary.kill();
    signal(&replica, "-CONT");
    replica.ask::<()>(cmd("REPLICAOF").arg("NO").arg("ONE")).unwrap();
    let next = gateway(&at(&[&replica], 0));
    let decided = |name| decide(&next, &open(&next, name, None, 1).unwrap(), "s.b", 1);
    assert_eq!(decided("one"), RULED, "it was acknowledged");
}

#[test]
fn a_primary_that_was_replaced_decides_nothing() {
    let (primary, replica) = pair();
    let redis = at(&[&primary], 1);
    create_in_redis(&redis, &compile(HALVES)).unwrap();
    let old = gateway(&redis);
    let handle = open(&old, "one", None, 0).unwrap();
    assert!(admitted(&old, &handle, "t.free", 0));
    replica.ask::<()>(cmd("REPLICAOF").arg("NO").arg("ONE")).unwrap();
    let new = gateway(&at(&[&replica], 0));
    assert!(admitted(&new, &open(&new, "one", None, 1).unwrap(), "s.a", 1));
    for tool in ["s.b", "t.free"] {
        assert_eq!(reason(&old, &handle, tool), Some(Unavailable::Unreplicated), "the other half was admitted elsewhere");
    }
}

#[test]
fn a_replica_decides_nothing() {
    let (primary, replica) = pair();
    create_in_redis(&at(&[&primary], 1), &compile(HALVES)).unwrap();
    let sessions = gateway(&at(&[&primary], 1));
    let handle = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &handle, "t.free", 0));
    let stale = gateway(&at(&[&replica], 0));
    let handle = open(&stale, "one", None, 0).unwrap();
    for tool in ["t.free", "s.a", "nothing"] {
        assert!(matches!(reason(&stale, &handle, tool), Some(Unavailable::Unreachable(why)) if why.to_lowercase().contains("read")));
    }
}

#[test]
fn parts_that_move_to_another_node_are_found_there() {
    let nodes = cluster(Kind::Redis, 0);
    let redis = at(&nodes.iter().collect::<Vec<_>>(), 0);
    let policy = compile(SESSIONS_ONLY);
    create_in_redis(&redis, &policy).unwrap();
    let sessions = Sessions::in_redis(policy, Options::default(), &redis).unwrap();
    let handles: Vec<_> = (0..20).map(|number| open(&sessions, &format!("s{number}"), None, 0).unwrap()).collect();
    assert!(handles.iter().all(|handle| admitted(&sessions, handle, "s.a", 0)));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sessions, done, handles) = (&sessions, &done, &handles);
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                handles.iter().for_each(|handle| assert!(!admitted(sessions, handle, "s.b", 1), "in the midst of moving"));
            }
        });
        move_slots(&nodes[0], &nodes[1]);
        done.store(true, Ordering::Relaxed);
    });
    let left: Vec<String> = nodes[0].ask(cmd("KEYS").arg("lf:*:s:*")).unwrap();
    assert_eq!(left.len(), 0);
    handles.iter().for_each(|handle| assert_eq!(decide(&sessions, handle, "s.b", 2), RULED));
}

/// Moves every slot that has keys from one node to another, key by key, as the documentation of the cluster says.
fn move_slots(from: &Server, to: &Server) {
    let id = |node: &Server| node.ask::<String>(cmd("CLUSTER").arg("MYID")).unwrap();
    let port = to.address().rsplit(':').next().unwrap().to_owned();
    for slot in 0..5_461 {
        let keys: Vec<String> = from.ask(cmd("CLUSTER").arg("GETKEYSINSLOT").arg(slot).arg(100)).unwrap();
        if keys.is_empty() {
            continue;
        }
        let set = |node: &Server, words: &[&str]| node.ask::<()>(cmd("CLUSTER").arg("SETSLOT").arg(slot).arg(words)).unwrap();
        set(to, &["IMPORTING", &id(from)]);
        set(from, &["MIGRATING", &id(to)]);
        for key in keys {
            from.ask::<()>(cmd("MIGRATE").arg("127.0.0.1").arg(&port).arg(key).arg(0).arg(2_000)).unwrap();
        }
        set(to, &["NODE", &id(to)]);
        set(from, &["NODE", &id(to)]);
    }
}
