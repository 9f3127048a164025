//! What could make one gateway admit what another's history forbids: lost and foreign states, other settings, other clocks, other choices of expiry.

use std::time::Duration;

use leverframe_runtime::{Code, Scratch, Verdict};
use leverframe_store::{Handle, Options, RedisOptions, Sessions, Unavailable, create_in_redis};
use redis::cmd;

use crate::policy::{HALVES, admitted, call, compile, decide, open};
use crate::servers::{Kind, Server, until};

const RULED: (Verdict, Code) = (Verdict::Deny, Code::Rule);
const KINDS: [Kind; 2] = [Kind::Redis, Kind::Valkey];

fn served(kind: Kind) -> (Server, RedisOptions) {
    let server = Server::start(kind, Some("no"), &[]);
    let redis = RedisOptions { addresses: vec![server.address()], timeout: Duration::from_secs(3), ..RedisOptions::default() };
    create_in_redis(&redis, &compile(HALVES)).unwrap();
    (server, redis)
}

fn gateway(redis: &RedisOptions) -> Sessions {
    Sessions::in_redis(compile(HALVES), Options::default(), redis).unwrap()
}

fn reason(sessions: &Sessions, handle: &Handle, tool: &str) -> Option<Unavailable> {
    let answer = call(sessions, handle, tool, 5, &mut Scratch::default());
    assert_eq!(answer.decision.code, Code::StateUnavailable, "{tool}");
    answer.unavailable
}

fn is_damaged(sessions: &Sessions, session: &str, principal: &str, tool: &str) -> bool {
    let handle = open(sessions, session, Some(principal), 5).unwrap();
    matches!(reason(sessions, &handle, tool), Some(Unavailable::Damaged(_)))
}

/// All keys of the server like this one.
fn keys(server: &Server, like: &str) -> Vec<String> {
    server.ask(cmd("KEYS").arg(like)).unwrap()
}

#[test]
fn a_state_that_vanished_is_not_one_without_history() {
    for kind in KINDS {
        let (server, redis) = served(kind);
        let sessions = gateway(&redis);
        let handle = open(&sessions, "one", Some("u"), 0).unwrap();
        assert!(admitted(&sessions, &handle, "p.a", 0) && admitted(&sessions, &handle, "s.a", 0));
        // As a server does that evicts keys.
        server.ask::<()>(cmd("DEL").arg(keys(&server, "lf:*:p:*"))).unwrap();
        assert!(is_damaged(&gateway(&redis), "two", "u", "p.b"), "a gateway without copies");
        assert!(is_damaged(&sessions, "three", "u", "p.b"), "the one that has a copy");
        server.ask::<()>(cmd("DEL").arg(keys(&server, "lf:*:s:*"))).unwrap();
        let another = gateway(&redis);
        let handle = open(&another, "one", Some("v"), 0).unwrap();
        assert_eq!(reason(&another, &handle, "s.b"), Some(Unavailable::Expired));
        let (new, free) = (open(&another, "four", Some("w"), 0).unwrap(), gateway(&redis));
        assert!(admitted(&another, &new, "p.b", 5) && admitted(&free, &open(&free, "five", None, 5).unwrap(), "s.b", 5), "others go on");
    }
}

#[test]
fn a_server_that_was_set_back_is_noticed_by_all() {
    for kind in KINDS {
        let (mut server, redis) = served(kind);
        let (sessions, lenient) = (gateway(&redis), gateway(&RedisOptions { accept_loss: true, ..redis.clone() }));
        let handle = open(&sessions, "one", Some("u"), 0).unwrap();
        assert!(admitted(&sessions, &handle, "p.a", 0));
        server.kill();
        let earlier = server.files();
        server.restart();
        assert_eq!(decide(&sessions, &handle, "p.b", 1), RULED, "an end of the server forgets nothing");
        assert!(admitted(&sessions, &handle, "s.a", 1));
        server.kill();
        server.set_back(&earlier);
        server.restart();
        assert!(admitted(&lenient, &open(&lenient, "one", Some("u"), 2).unwrap(), "t.free", 2), "the operator accepts it");
        assert!(is_damaged(&sessions, "one", "u", "s.b"));
        // One gateway has noticed it; the others believe it.
        assert!(is_damaged(&gateway(&redis), "another", "v", "t.free"));
        let other = open(&lenient, "other", None, 3).unwrap();
        assert!(matches!(reason(&lenient, &other, "t.free"), Some(Unavailable::Damaged(_))));
    }
}

#[test]
fn a_server_that_has_lost_its_scripts_gets_them_again() {
    for kind in KINDS {
        let (server, redis) = served(kind);
        let sessions = gateway(&redis);
        let handle = open(&sessions, "one", None, 0).unwrap();
        assert!(admitted(&sessions, &handle, "s.a", 0));
        server.ask::<()>(cmd("SCRIPT").arg("FLUSH")).unwrap();
        assert_eq!(decide(&sessions, &handle, "s.b", 1), RULED);
        assert!(admitted(&sessions, &handle, "t.free", 1));
    }
}

#[test]
fn each_connection_asks_whether_the_server_may_forget() {
    let (server, redis) = served(Kind::Redis);
    let sessions = gateway(&redis);
    let handle = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 0));
    for (name, bad, good) in [("appendfsync", "everysec", "no"), ("appendonly", "no", "yes")] {
        server.ask::<()>(cmd("CONFIG").arg("SET").arg(name).arg(bad)).unwrap();
        server.ask::<()>(cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal")).unwrap();
        assert!(matches!(reason(&sessions, &handle, "t.free"), Some(Unavailable::Forgetful(_))), "{name}");
        server.ask::<()>(cmd("CONFIG").arg("SET").arg(name).arg(good)).unwrap();
        assert_eq!(decide(&sessions, &handle, "s.b", 1), RULED);
    }
}

#[test]
fn gateways_that_disagree_on_expiry() {
    let (server, redis) = served(Kind::Redis);
    let with =
        |idle_ms, forget_ms| Sessions::in_redis(compile(HALVES), Options { idle_ms, forget_ms, ..Options::default() }, &redis).unwrap();
    let (short, never, remembering) = (with(Some(100), Some(100)), with(None, None), with(Some(100), None));
    let gone = |kind: &str| until("it has gone", || keys(&server, &format!("lf:*:{kind}:*")).is_empty());
    let begin = |sessions: &Sessions, name| assert!(admitted(sessions, &open(sessions, name, None, 0).unwrap(), "s.a", 0));
    let expired =
        |sessions: &Sessions, name| reason(sessions, &open(sessions, name, None, 0).unwrap(), "s.b") == Some(Unavailable::Expired);
    begin(&remembering, "one");
    gone("s");
    assert!(expired(&never, "one"), "where sessions do not expire one that has is not taken for a new one");
    begin(&short, "two");
    begin(&remembering, "three");
    // The one that never forgets has seen it.
    assert!(admitted(&remembering, &open(&remembering, "two", None, 0).unwrap(), "t.free", 0));
    gone("s");
    gone("b");
    for sessions in [&short, &never, &remembering] {
        assert!(expired(sessions, "two") && expired(sessions, "three"));
    }
}

#[test]
fn gateways_whose_clocks_differ() {
    let (_server, redis) = served(Kind::Redis);
    let (ahead, behind) = (gateway(&redis), gateway(&redis));
    assert!(admitted(&ahead, &open(&ahead, "one", Some("u"), 0).unwrap(), "p.a", 100_000));
    let handle = open(&behind, "two", Some("u"), 0).unwrap();
    assert_eq!(decide(&behind, &handle, "t.free", 90_000).1, Code::Clock, "more than five seconds behind");
    assert_eq!(decide(&behind, &handle, "p.b", 96_000), RULED, "within, it counts as the latest");
}

#[test]
fn names_that_look_alike_are_different() {
    let (server, redis) = served(Kind::Redis);
    let sessions = gateway(&redis);
    let names = ["a", "a:b", "a:b:", "a}b", "{a}", "a\0", "A", " a", "a ", "", "\u{e9}", "e\u{301}"];
    for name in names {
        let handle = open(&sessions, name, Some(&format!("p{name}")), 0).unwrap();
        assert!(admitted(&sessions, &handle, "s.a", 0), "{name:?}");
    }
    // One name as a session and as a principal, and two of which the one begins with the other.
    let handle = open(&sessions, "pa", Some("a"), 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.b", 0) && admitted(&sessions, &handle, "p.b", 0));
    assert_eq!(keys(&server, "lf:{leverframe.0}:s:*").len(), names.len() + 1);
    let next = RedisOptions { space: "leverframe-0".to_owned(), ..redis };
    create_in_redis(&next, &compile(HALVES)).unwrap();
    let other = gateway(&next);
    assert!(admitted(&other, &open(&other, "a", Some("pa"), 0).unwrap(), "s.b", 0), "another space is another store");
}
