//! Sessions in Redis and Valkey: two gateways, servers that go away, forget or hang, clusters, replicas.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use leverframe_runtime::{Code, Policy, Verdict};
use leverframe_store::{Keys, OnUnavailable, OpenError, Opening, Options, RedisOptions, Sessions, Unavailable, create_in_redis};
use redis::cmd;

use crate::kills::{Victim, run as kill};
use crate::policy::{HALVES, SESSIONS_AND_PRINCIPALS_TOOLS, SESSIONS_ONLY, admitted, call, compile, complete, decide, open};
use crate::races::{Plan, Races, run};
use crate::servers::{Kind, Server, cluster, until};

const RULED: (Verdict, Code) = (Verdict::Deny, Code::Rule);
const AWAY: (Verdict, Code) = (Verdict::Deny, Code::StateUnavailable);
const KINDS: [Kind; 2] = [Kind::Redis, Kind::Valkey];

fn at(addresses: Vec<String>) -> RedisOptions {
    let cluster = addresses.len() > 1;
    RedisOptions {
        addresses,
        cluster,
        space: "trial".to_owned(),
        connections: 16,
        timeout: Duration::from_secs(3),
        ..RedisOptions::default()
    }
}

fn gateway(policy: &Arc<Policy>, redis: &RedisOptions) -> Sessions {
    Sessions::in_redis(policy.clone(), Options::default(), redis).unwrap()
}

/// A server with a store.
fn served(kind: Kind) -> (Server, RedisOptions, Arc<Policy>) {
    let (server, policy) = (Server::start(kind, Some("no"), &[]), compile(HALVES));
    let redis = at(vec![server.address()]);
    create_in_redis(&redis, &policy).unwrap();
    (server, redis, policy)
}

/// Why a call was not decided with its states; it must be denied so.
fn reason(sessions: &Sessions, handle: &leverframe_store::Handle, tool: &str) -> Option<Unavailable> {
    let answer = call(sessions, handle, tool, 5, &mut leverframe_runtime::Scratch::default());
    assert_eq!((answer.decision.verdict, answer.decision.code), AWAY);
    answer.unavailable
}

#[test]
fn gateways_share_histories() {
    for kind in KINDS {
        let (_server, redis, policy) = served(kind);
        let gateways = [gateway(&policy, &redis), gateway(&policy, &redis)];
        let handles = gateways.each_ref().map(|gateway| open(gateway, "one", Some("u"), 0).unwrap());
        assert!(admitted(&gateways[0], &handles[0], "s.a", 0));
        assert_eq!(decide(&gateways[1], &handles[1], "s.b", 1), RULED);
        assert!(admitted(&gateways[1], &handles[1], "p.a", 1));
        let other = open(&gateways[0], "two", Some("u"), 1).unwrap();
        assert_eq!(decide(&gateways[0], &other, "p.b", 2), RULED);
        complete(&gateways[0], &handles[0], "t.label", 3).unwrap();
        assert_eq!(decide(&gateways[1], &handles[1], "t.leak", 4), RULED);
        let known =
            |name| gateways[1].open(&Keys { session: name, principal: Some("u"), ..Keys::default() }, Opening::Known, 4).map(|_| ());
        assert_eq!((known("two"), known("three")), (Ok(()), Err(Unavailable::Unknown)));
    }
}

#[test]
fn a_race_admits_one_half() {
    for kind in KINDS {
        let (_server, redis, policy) = served(kind);
        let gateways = [gateway(&policy, &redis), gateway(&policy, &redis)];
        let ends = run([&gateways[0], &gateways[1]], Plan { races: 300, pairs: 4, principals: true }, "race");
        assert_eq!(ends, Races { both: 0, one: 300, none: 0 });
    }
}

#[test]
fn killed_gateways_and_nodes_forget_nothing() {
    for victim in [Victim::Gateway, Victim::Node] {
        let kills = kill(victim, 4, &crate::trial());
        assert!(kills.admitted > 0 && kills.forgotten == 0, "{kills:?}");
    }
}

#[test]
fn without_the_server_calls_are_denied() {
    let (mut server, redis, policy) = served(Kind::Redis);
    let sessions = gateway(&policy, &redis);
    let lenient = Options { on_unavailable: OnUnavailable::PermissionsOnly, ..Options::default() };
    let lenient = Sessions::in_redis(policy.clone(), lenient, &redis).unwrap();
    let handles = [&sessions, &lenient].map(|sessions| open(sessions, "one", Some("u"), 0).unwrap());
    assert!(admitted(&sessions, &handles[0], "s.a", 0));
    server.kill();
    for tool in ["t.free", "s.a", "s.b", "nothing"] {
        assert!(matches!(reason(&sessions, &handles[0], tool), Some(Unavailable::Unreachable(_))));
    }
    assert!(complete(&sessions, &handles[0], "t.label", 1).is_ok(), "a denied call has no result");
    for tool in ["s.a", "s.b", "p.a", "t.label", "t.leak", "nothing"] {
        assert!(matches!(reason(&lenient, &handles[1], tool), Some(Unavailable::Unreachable(_))), "{tool}");
    }
    let answer = call(&lenient, &handles[1], "t.free", 1, &mut leverframe_runtime::Scratch::default());
    assert!(answer.decision.admitted && answer.unavailable.is_some(), "no history concerns it, and the operator chose so");
    assert!(answer.decision.ticket.call().is_none());
    server.restart();
    assert_eq!(decide(&sessions, &handles[0], "s.b", 2), RULED);
    assert_eq!(decide(&lenient, &handles[1], "s.b", 2), RULED);
}

#[test]
fn a_result_that_cannot_be_recorded_is_an_error() {
    let (mut server, redis, policy) = served(Kind::Redis);
    let sessions = gateway(&policy, &redis);
    let handle = open(&sessions, "one", None, 0).unwrap();
    let decision = call(&sessions, &handle, "t.label", 0, &mut leverframe_runtime::Scratch::default()).decision;
    server.kill();
    let outcome = leverframe_runtime::Outcome { ok: true, content: true, labels: leverframe_runtime::LabelSet(0), at: 0, structured: None };
    assert!(sessions.record(&handle, decision.ticket, &outcome).is_err());
}

#[test]
fn a_server_that_hangs_is_not_waited_for() {
    let (server, redis, policy) = served(Kind::Redis);
    let sessions = gateway(&policy, &RedisOptions { timeout: Duration::from_millis(200), ..redis });
    let handle = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 0));
    let pid: u32 = server
        .ask::<String>(cmd("INFO").arg("server"))
        .unwrap()
        .lines()
        .find_map(|line| line.strip_prefix("process_id:"))
        .unwrap()
        .parse()
        .unwrap();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
    signal("-STOP");
    let start = Instant::now();
    assert!(matches!(reason(&sessions, &handle, "t.free"), Some(Unavailable::Unreachable(_))));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    signal("-CONT");
    until("it answers again", || decide(&sessions, &handle, "s.b", 6) == RULED);
}

#[test]
fn an_emptied_server_is_noticed() {
    let (server, redis, policy) = served(Kind::Redis);
    let sessions = gateway(&policy, &redis);
    let handle = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 0));
    server.ask::<()>(&cmd("FLUSHALL")).unwrap();
    assert!(matches!(reason(&sessions, &handle, "s.b"), Some(Unavailable::Damaged(_))));
    let another = open(&sessions, "two", None, 0).unwrap();
    assert!(matches!(reason(&sessions, &another, "t.free"), Some(Unavailable::Damaged(_))), "nor does anything begin anew");
    assert_eq!(Sessions::in_redis(policy, Options::default(), &redis).unwrap_err(), OpenError::Absent("trial".to_owned()));
}

#[test]
fn a_foreign_value_is_no_state() {
    let (server, redis, policy) = served(Kind::Redis);
    let sessions = gateway(&policy, &redis);
    let handles = ["one", "two"].map(|name| open(&sessions, name, None, 0).unwrap());
    assert!(handles.iter().all(|handle| admitted(&sessions, handle, "s.a", 0)));
    let mut keys: Vec<String> = server.ask(cmd("KEYS").arg("lf:{trial.0}:s:*")).unwrap();
    keys.sort();
    let value: Vec<u8> = server.ask(cmd("GET").arg(&keys[0])).unwrap();
    server.ask::<()>(cmd("SET").arg(&keys[1]).arg(value)).unwrap();
    server.ask::<()>(cmd("SET").arg(&keys[0]).arg("short")).unwrap();
    handles.iter().for_each(|handle| assert!(matches!(reason(&sessions, handle, "t.free"), Some(Unavailable::Damaged(_)))));
}

#[test]
fn sessions_expire_by_the_servers_clock() {
    for kind in KINDS {
        let (server, redis, policy) = served(kind);
        let options = Options { idle_ms: Some(300), ..Options::default() };
        let at = |forget_ms| Sessions::in_redis(policy.clone(), Options { forget_ms, ..options.clone() }, &redis).unwrap();
        let (sessions, other, forgetting) = (at(None), at(None), at(Some(300)));
        let handle = open(&sessions, "one", None, 0).unwrap();
        let forgotten = open(&forgetting, "two", None, 0).unwrap();
        assert!(admitted(&sessions, &handle, "s.a", 0) && admitted(&forgetting, &forgotten, "s.a", 0));
        until("it has expired", || server.ask::<Vec<String>>(cmd("KEYS").arg("lf:*:s:*")).unwrap().is_empty());
        assert_eq!(reason(&sessions, &handle, "t.free"), Some(Unavailable::Expired));
        let again = open(&other, "one", None, 0).unwrap();
        assert_eq!(reason(&other, &again, "t.free"), Some(Unavailable::Expired), "nor at another gateway");
        until("it is forgotten", || server.ask::<Vec<String>>(cmd("KEYS").arg("lf:*:b:*")).unwrap().is_empty());
        let anew = open(&other, "two", None, 0).unwrap();
        assert!(admitted(&other, &anew, "s.b", 0), "the operator's time is over");
    }
}

#[test]
fn servers_that_may_forget_are_refused() {
    for (fsync, more, word) in [
        (None, &[][..], "append-only"),
        (Some("everysec"), &[][..], "late"),
        (Some("always"), &["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"][..], "evicts"),
    ] {
        let server = Server::start(Kind::Redis, fsync, more);
        let redis = at(vec![server.address()]);
        let policy = compile(HALVES);
        let Err(OpenError::Forgetful(why)) = create_in_redis(&redis, &policy) else { panic!("{fsync:?} {more:?}") };
        assert!(why.contains(word), "{why}");
        let accepting = RedisOptions { accept_loss: true, ..redis.clone() };
        create_in_redis(&accepting, &policy).unwrap();
        assert!(matches!(Sessions::in_redis(policy.clone(), Options::default(), &redis), Err(OpenError::Forgetful(_))));
        assert!(Sessions::in_redis(policy, Options::default(), &accepting).is_ok());
    }
}

#[test]
fn a_store_is_made_once_and_never_by_opening() {
    let (server, redis, policy) = served(Kind::Valkey);
    assert_eq!(create_in_redis(&redis, &policy), Err(OpenError::Present("trial".to_owned())));
    let elsewhere = RedisOptions { space: "another".to_owned(), ..redis.clone() };
    assert_eq!(Sessions::in_redis(policy.clone(), Options::default(), &elsewhere).unwrap_err(), OpenError::Absent("another".to_owned()));
    let odd = RedisOptions { space: "a}b".to_owned(), ..redis.clone() };
    assert!(matches!(create_in_redis(&odd, &policy), Err(OpenError::Options(_))));
    let narrow = RedisOptions { space: "narrow".to_owned(), ..redis.clone() };
    create_in_redis(&narrow, &compile(SESSIONS_ONLY)).unwrap();
    assert_eq!(Sessions::in_redis(policy.clone(), Options::default(), &narrow).unwrap_err(), OpenError::NotKept("principals".to_owned()));
    server.ask::<()>(cmd("SET").arg("lf:{trial}:about").arg("9 x - s")).unwrap();
    assert_eq!(Sessions::in_redis(policy, Options::default(), &redis).unwrap_err(), OpenError::Version("9".to_owned()));
}

#[test]
fn states_of_another_frame() {
    let (_server, redis, policy) = served(Kind::Redis);
    let sessions = gateway(&policy, &redis);
    let handle = open(&sessions, "one", Some("u"), 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 0) && admitted(&sessions, &handle, "p.a", 0));
    let changed = compile(&HALVES.replace("forbid s_ba { s.b then s.a }", "forbid s_ba { s.b then t.free then s.a }"));
    let next = gateway(&changed, &redis);
    let handle = open(&next, "one", Some("u"), 1).unwrap();
    assert_eq!((decide(&next, &handle, "s.b", 1), decide(&next, &handle, "p.b", 1)), (AWAY, RULED));
    next.start_afresh(&handle, "s_ba", 1).unwrap();
    assert_eq!(decide(&next, &handle, "s.b", 2), RULED);
}

#[test]
fn a_change_counts_when_replicas_have_it() {
    let server = Server::start(Kind::Redis, Some("no"), &[]);
    let port = server.address().rsplit(':').next().unwrap().to_owned();
    let mut replica = Server::start(Kind::Redis, Some("no"), &["--replicaof", "127.0.0.1", &port]);
    until("the replica has caught up", || server.ask::<String>(cmd("INFO").arg("replication")).unwrap().contains("state=online"));
    let redis = RedisOptions { replicas: 1, ..at(vec![server.address()]) };
    let policy = compile(HALVES);
    create_in_redis(&redis, &policy).unwrap();
    let sessions = gateway(&policy, &redis);
    let handle = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 0));
    let there: Vec<String> = replica.ask(cmd("KEYS").arg("lf:*:s:*")).unwrap();
    assert_eq!(there.len(), 1);
    replica.kill();
    assert_eq!(reason(&sessions, &handle, "t.free"), Some(Unavailable::Unreplicated));
}

#[test]
fn a_cluster_divided_by_sessions() {
    let (nodes, policy) = (cluster(Kind::Redis, 0), compile(SESSIONS_ONLY));
    let redis = at(nodes.iter().map(Server::address).collect());
    create_in_redis(&redis, &policy).unwrap();
    let gateways = [gateway(&policy, &redis), gateway(&policy, &redis)];
    let ends = run([&gateways[0], &gateways[1]], Plan { races: 100, pairs: 4, principals: false }, "race");
    assert_eq!(ends, Races { both: 0, one: 100, none: 0 });
    for node in &nodes {
        assert!(!node.ask::<Vec<String>>(cmd("KEYS").arg("lf:*:s:*")).unwrap().is_empty(), "each node has some");
    }
    let wider = Sessions::in_redis(compile(HALVES), Options::default(), &redis);
    assert_eq!(wider.unwrap_err(), OpenError::NotKept("principals".to_owned()));
}

#[test]
fn a_cluster_divided_by_principals() {
    let (mut nodes, policy) = (cluster(Kind::Valkey, 0), compile(HALVES));
    let redis = RedisOptions { timeout: Duration::from_secs(1), ..at(nodes.iter().map(Server::address).collect()) };
    create_in_redis(&redis, &policy).unwrap();
    let gateways = [gateway(&policy, &redis), gateway(&policy, &redis)];
    let ends = run([&gateways[0], &gateways[1]], Plan { races: 100, pairs: 4, principals: true }, "race");
    assert_eq!(ends, Races { both: 0, one: 100, none: 0 });
    let handle = open(&gateways[0], "one", Some("u"), 0).unwrap();
    assert!(admitted(&gateways[0], &handle, "s.a", 0));
    // Under another principal the session would have another history.
    assert_eq!(open(&gateways[1], "one", Some("v"), 0).unwrap_err(), Unavailable::OtherKey);
    assert_eq!(open(&gateways[1], "one", None, 0).unwrap_err(), Unavailable::OtherKey);
    // A session and principal on the node that goes away, and others.
    nodes[0].kill();
    let denied = (0..24).filter(|number| {
        let name = format!("n{number}");
        let opened = open(&gateways[0], &name, Some(&name), 0);
        !opened.is_ok_and(|handle| admitted(&gateways[0], &handle, "s.a", 0))
    });
    assert!(denied.count() > 0, "what lies on the node that is away is denied");
    nodes[0].restart();
    until("the cluster is whole again", || decide(&gateways[0], &handle, "s.b", 1) == RULED);
}

#[test]
fn a_policy_that_reads_less_keeps_all_the_same() {
    let (nodes, policy) = (cluster(Kind::Redis, 0), compile(HALVES));
    let redis = at(nodes.iter().map(Server::address).collect());
    create_in_redis(&redis, &policy).unwrap();
    let (wide, narrow) = (gateway(&policy, &redis), gateway(&compile(SESSIONS_AND_PRINCIPALS_TOOLS), &redis));
    let handles = [&wide, &narrow].map(|sessions| open(sessions, "one", Some("u"), 0).unwrap());
    assert!(admitted(&narrow, &handles[1], "p.a", 0));
    assert_eq!(decide(&wide, &handles[0], "p.b", 1), AWAY, "the other policy has no rule of it, so nobody knows");
    assert!(admitted(&wide, &open(&wide, "two", Some("v"), 0).unwrap(), "p.b", 1));
    assert_eq!(open(&narrow, "three", None, 0).unwrap_err(), Unavailable::OtherKey, "the store is divided by principals");
}
