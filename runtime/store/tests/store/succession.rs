//! Another policy over the same histories: rules that did not change keep what they know, others deny until they are started afresh.

use std::sync::Arc;

use leverframe_runtime::{Code, Key, Policy, Verdict};
use leverframe_store::{Durability, Keys, OpenError, Opening, Options, Sessions, Unavailable, create_on_disk};

use crate::policy::{HALVES, SESSIONS_ONLY, admitted, compile, decide, open};
use crate::servers::Folder;

const RULED: (Verdict, Code) = (Verdict::Deny, Code::Rule);
const AWAY: (Verdict, Code) = (Verdict::Deny, Code::StateUnavailable);

/// One rule changed: it asks for one call more.
fn changed() -> Arc<Policy> {
    compile(&HALVES.replace("forbid s_ba { s.b then s.a }", "forbid s_ba { s.b then t.free then s.a }"))
}

/// What must hold of a session that made `s.a` under the first policy, now under the changed one.
fn goes_on(sessions: &Sessions) {
    let handle = open(sessions, "one", Some("u"), 10).unwrap();
    assert_eq!(sessions.stale(&handle, 10), Ok(vec![(Key::Session, "s_ba".to_owned())]));
    assert_eq!(decide(sessions, &handle, "s.b", 10), AWAY, "the changed rule speaks of it");
    assert_eq!(decide(sessions, &handle, "p.b", 10), RULED, "the unchanged one knows what it knew");
    sessions.start_afresh(&handle, "s_ba", 10).unwrap();
    assert_eq!(decide(sessions, &handle, "s.b", 10), RULED);
    assert!(sessions.start_afresh(&handle, "s_ba", 10).is_err(), "it is stale no more");
    let new = open(sessions, "two", None, 10).unwrap();
    assert_eq!(sessions.stale(&new, 10), Ok(vec![]));
    assert!(admitted(sessions, &new, "s.b", 10));
}

fn begin(sessions: &Sessions) -> leverframe_store::Handle {
    let handle = open(sessions, "one", Some("u"), 0).unwrap();
    assert!(admitted(sessions, &handle, "s.a", 0) && admitted(sessions, &handle, "p.a", 0));
    handle
}

#[test]
fn in_memory() {
    let sessions = Sessions::in_memory(compile(HALVES), Options::default());
    let handle = begin(&sessions);
    let next = sessions.under(changed()).unwrap();
    assert_eq!(decide(&sessions, &handle, "t.free", 5), AWAY, "the old store is closed");
    assert!(matches!(sessions.under(changed()), Err(OpenError::Options(_))), "it cannot go on twice");
    goes_on(&next);
}

/// Whether a store that goes on elsewhere opens nothing, neither what it had nor what is new, whoever asks for it.
fn is_closed(sessions: &Sessions) -> bool {
    let known = |session| Keys { session, principal: Some("u"), ..Keys::default() };
    let opened = |session, opening| sessions.open(&known(session), opening, 5).map(|_| ());
    ["one", "another"]
        .into_iter()
        .all(|name| [Opening::Any, Opening::Known].into_iter().all(|opening| opened(name, opening) == Err(Unavailable::ForeignHandle)))
}

#[test]
fn what_has_gone_on_opens_nothing() {
    let sessions = Sessions::in_memory(compile(HALVES), Options::default());
    let _handle = begin(&sessions);
    assert!(!is_closed(&sessions));
    let _next = sessions.under(changed()).unwrap();
    assert!(is_closed(&sessions), "a call would be split over two stores");

    let folder = Folder::new();
    let path = folder.0.join("store");
    create_on_disk(&path, &compile(HALVES)).unwrap();
    let sessions = Sessions::on_disk(compile(HALVES), Options::default(), &path, Durability::Process).unwrap();
    let _handle = begin(&sessions);
    let _next = sessions.under(changed()).unwrap();
    assert!(is_closed(&sessions), "an empty history would be written over the old one");
}

#[test]
fn nothing_slips_in_while_a_store_goes_on() {
    for round in 0..50 {
        let sessions = Sessions::in_memory(compile(HALVES), Options::default());
        let next = std::thread::scope(|scope| {
            let old = &sessions;
            let halves = scope.spawn(move || {
                let admits =
                    |number: &usize| open(old, &format!("n{number}"), None, 0).is_ok_and(|handle| admitted(old, &handle, "s.a", 0));
                (0..200).filter(admits).collect::<Vec<_>>()
            });
            std::thread::sleep(std::time::Duration::from_micros(50 * round));
            let next = old.under(compile(HALVES)).unwrap();
            for number in halves.join().unwrap() {
                let handle = open(&next, &format!("n{number}"), None, 1).unwrap();
                assert_eq!(decide(&next, &handle, "s.b", 1), RULED, "round {round}, session {number}");
            }
            next
        });
        drop(next);
    }
}

#[test]
fn on_disk_under_way_and_opened_again() {
    let folder = Folder::new();
    let path = folder.0.join("store");
    create_on_disk(&path, &compile(HALVES)).unwrap();
    let at = |policy| Sessions::on_disk(policy, Options::default(), &path, Durability::Process);
    let sessions = at(compile(HALVES)).unwrap();
    let handle = begin(&sessions);
    drop((sessions, handle));
    let sessions = at(compile(HALVES)).unwrap();
    let next = sessions.under(changed()).unwrap();
    drop(sessions);
    goes_on(&next);
    drop(next);
    let again = at(changed()).unwrap();
    let handle = open(&again, "one", Some("u"), 20).unwrap();
    assert_eq!(decide(&again, &handle, "s.b", 20), RULED, "what was started afresh is no longer stale");
}

#[test]
fn in_memory_all_kinds_of_keys_are_kept() {
    let sessions = Sessions::in_memory(compile(SESSIONS_ONLY), Options::default());
    assert!(sessions.under(compile(HALVES)).is_ok());
}
