//! Sessions in memory: histories, bounds, expiry, packing.

use std::sync::atomic::{AtomicUsize, Ordering};

use leverframe_runtime::{Code, Verdict};
use leverframe_store::{Keys, Opening, Options, Sessions, Swept, Unavailable};

use crate::policy::{HALVES, admitted, call, compile, complete, decide, open};

const RULED: (Verdict, Code) = (Verdict::Deny, Code::Rule);
const AWAY: (Verdict, Code) = (Verdict::Deny, Code::StateUnavailable);

fn in_memory(options: Options) -> Sessions {
    Sessions::in_memory(compile(HALVES), options)
}

#[test]
fn a_history_is_its_keys_own() {
    let sessions = in_memory(Options::default());
    let one = open(&sessions, "one", Some("u"), 0).unwrap();
    assert!(admitted(&sessions, &one, "s.a", 1) && admitted(&sessions, &one, "p.a", 1));
    let again = open(&sessions, "one", Some("u"), 2).unwrap();
    assert_eq!((decide(&sessions, &again, "s.b", 2), decide(&sessions, &again, "p.b", 2)), (RULED, RULED));
    let two = open(&sessions, "two", Some("u"), 3).unwrap();
    assert_eq!(decide(&sessions, &two, "p.b", 3), RULED, "a principal's history is of all its sessions");
    assert!(admitted(&sessions, &two, "s.b", 3), "a session's is its own");
    let other = open(&sessions, "three", Some("v"), 3).unwrap();
    assert!(admitted(&sessions, &other, "p.b", 3));
}

#[test]
fn a_result_counts_when_it_is_recorded() {
    let sessions = in_memory(Options::default());
    let handle = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &handle, "t.leak", 1));
    complete(&sessions, &handle, "t.label", 2).unwrap();
    assert_eq!(decide(&sessions, &handle, "t.leak", 3), RULED);
}

#[test]
fn keys_come_late_and_never_change() {
    let sessions = in_memory(Options::default());
    let first = open(&sessions, "one", None, 0).unwrap();
    assert!(admitted(&sessions, &first, "s.a", 0));
    let late = open(&sessions, "one", Some("u"), 0).unwrap();
    assert!(admitted(&sessions, &late, "p.a", 0));
    let other = open(&sessions, "one", Some("v"), 0).unwrap();
    assert_eq!(decide(&sessions, &other, "p.a", 0).1, Code::MissingKey);
    // No rule reads tenants; the session knows all the same whose it is.
    let tenant = |tenant| sessions.open(&Keys { session: "one", tenant: Some(tenant), ..Keys::default() }, Opening::Any, 0).unwrap();
    assert!(admitted(&sessions, &tenant("t"), "t.free", 0));
    assert_eq!(decide(&sessions, &tenant("another"), "t.free", 0).1, Code::MissingKey);
    assert_eq!(sessions.counts(), (1, 4, 0), "one session, two principals and two tenants, whose clocks are kept");
}

#[test]
fn an_expired_session_does_not_begin_anew() {
    let sessions = in_memory(Options { idle_ms: Some(100), forget_ms: Some(1_000), ..Options::default() });
    let handle = open(&sessions, "one", Some("u"), 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 50));
    assert_eq!(decide(&sessions, &handle, "s.b", 150), RULED, "it was used at 50");
    assert_eq!(decide(&sessions, &handle, "t.free", 251), AWAY);
    assert_eq!(open(&sessions, "one", None, 251).unwrap_err(), Unavailable::Expired);
    assert_eq!(sessions.sweep(251), Ok(Swept { expired: 1, forgotten: 0 }));
    assert_eq!(sessions.counts(), (0, 1, 1));
    assert_eq!(decide(&sessions, &handle, "t.free", 251), AWAY, "nor under its handle");
    assert_eq!(open(&sessions, "one", None, 1_000).unwrap_err(), Unavailable::Expired);
    assert_eq!(sessions.sweep(1_250), Ok(Swept::default()));
    assert_eq!(sessions.sweep(1_251), Ok(Swept { expired: 0, forgotten: 1 }));
    assert!(open(&sessions, "one", None, 1_251).is_ok(), "the operator's time is over");
}

#[test]
fn names_of_expired_sessions_are_bounded_and_none_is_lost() {
    let sessions = in_memory(Options { idle_ms: Some(10), expired: 1, ..Options::default() });
    let opened = ["one", "two"].map(|name| open(&sessions, name, None, 0).unwrap());
    assert!(admitted(&sessions, &opened[0], "s.a", 0));
    assert_eq!(sessions.sweep(100), Ok(Swept { expired: 1, forgotten: 0 }));
    assert_eq!(sessions.counts(), (1, 0, 1));
    ["one", "two"].iter().for_each(|name| assert_eq!(open(&sessions, name, None, 100).unwrap_err(), Unavailable::Expired));
}

#[test]
fn a_full_store_refuses_and_forgets_nobody() {
    let sessions = in_memory(Options { sessions: 2, keys: 1, idle_ms: Some(10_000), ..Options::default() });
    let one = open(&sessions, "one", Some("u"), 0).unwrap();
    let two = open(&sessions, "two", None, 5_000).unwrap();
    assert!(admitted(&sessions, &one, "s.a", 0) && admitted(&sessions, &two, "s.a", 5_000));
    assert_eq!(open(&sessions, "three", None, 9_000).unwrap_err(), Unavailable::Full);
    assert_eq!(open(&sessions, "two", Some("v"), 9_000).unwrap_err(), Unavailable::Full, "a principal does not expire");
    assert_eq!(decide(&sessions, &one, "s.b", 9_000), RULED);
    let later = (0..200).filter(|number| open(&sessions, &format!("n{number}"), None, 16_000 + number * 2_000).is_ok()).count();
    assert!(later > 0, "there is room when sessions have expired");
    assert!(sessions.counts().0 <= 2);
}

#[test]
fn what_is_packed_is_not_forgotten() {
    let sessions = in_memory(Options { warm_bytes: 2_000, ..Options::default() });
    let name = |number: usize| format!("s{number}");
    let handles: Vec<_> = (0..200).map(|number| open(&sessions, &name(number), Some(&name(number)), 0).unwrap()).collect();
    for (number, handle) in handles.iter().enumerate() {
        assert!(admitted(&sessions, handle, if number % 2 == 0 { "s.a" } else { "p.a" }, 0));
    }
    for (number, handle) in handles.iter().enumerate() {
        let [second, other] = if number % 2 == 0 { ["s.b", "p.b"] } else { ["p.b", "s.b"] };
        assert_eq!(decide(&sessions, handle, second, 1), RULED);
        assert!(admitted(&sessions, handle, other, 1));
    }
}

#[test]
fn bytes_are_bounded() {
    let sessions = in_memory(Options { bytes: 3_000, ..Options::default() });
    let taken = (0..100).map_while(|number| open(&sessions, &format!("s{number}"), None, 0).ok());
    let taken = taken.inspect(|handle| assert!(admitted(&sessions, handle, "s.a", 0))).collect::<Vec<_>>();
    assert!((2..20).contains(&taken.len()), "{}", taken.len());
    assert_eq!(open(&sessions, "another", None, 0).unwrap_err(), Unavailable::Full);
    taken.iter().for_each(|handle| assert_eq!(decide(&sessions, handle, "s.b", 0), RULED));
}

#[test]
fn a_session_that_must_be_known() {
    let sessions = in_memory(Options::default());
    let known = |name| sessions.open(&Keys { session: name, ..Keys::default() }, Opening::Known, 0).map(|_| ());
    assert_eq!(known("one"), Err(Unavailable::Unknown));
    open(&sessions, "one", None, 0).unwrap();
    assert_eq!(known("one"), Ok(()));
}

#[test]
fn another_stores_handle_is_refused() {
    let (sessions, other) = (in_memory(Options::default()), in_memory(Options::default()));
    let handle = open(&sessions, "one", None, 0).unwrap();
    let answer = call(&other, &handle, "t.free", 0, &mut leverframe_runtime::Scratch::default());
    assert_eq!((answer.decision.code, answer.unavailable), (Code::StateUnavailable, Some(Unavailable::ForeignHandle)));
}

#[test]
fn threads_never_admit_both_halves() {
    let sessions = in_memory(Options { warm_bytes: 4_000, ..Options::default() });
    let both = AtomicUsize::new(0);
    for round in 0..500 {
        let admissions = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for tool in ["p.a", "p.b"] {
                let (sessions, admissions) = (&sessions, &admissions);
                scope.spawn(move || {
                    let handle = open(sessions, &format!("{tool}{round}"), Some(&format!("u{round}")), 0).unwrap();
                    admissions.fetch_add(usize::from(admitted(sessions, &handle, tool, 0)), Ordering::Relaxed);
                });
            }
        });
        assert!(admissions.load(Ordering::Relaxed) > 0);
        both.fetch_add(admissions.into_inner() - 1, Ordering::Relaxed);
    }
    assert_eq!(both.into_inner(), 0);
}
